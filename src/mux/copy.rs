//! Copies the input's packets into the output, in turn with the programme.

use std::{fs::File, path::Path};

use ffmpeg_next::{Error, Packet, format::context::Input};

use super::{
    Container, MuxError, container, libav,
    output::{self, Started},
    preview::Preview,
    sound::Sound,
};
use crate::{artifact::Media, video::input};

const PROGRESS_EVERY_PACKETS: u64 = 256;

/// What is joined.
pub(crate) struct Request<'a> {
    pub(crate) video: &'a Path,
    pub(crate) media: &'a Media,
    /// 48 kHz stereo; its first sample is heard with the first picture.
    pub(crate) programme: &'a Path,
    /// Of the encoded sound, a second.
    pub(crate) bit_rate: usize,
    /// An existing file, to be overwritten.
    pub(crate) output: &'a Path,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Muxed {
    pub(crate) container: Container,
    pub(crate) warnings: Vec<String>,
}

/// Writes the scored video; tells `on_progress` the fraction done.
pub(crate) fn mux(request: &Request, mut on_progress: impl FnMut(f32)) -> Result<Muxed, MuxError> {
    let input = open(request)?;
    let brand = input.metadata().get("major_brand").map(str::to_owned);
    drop(input);
    let wanted = Container::of(&request.media.container, brand.as_deref(), container::is_webm(request.video));
    let mut error = None;
    // What the input's container does not take goes without subtitles and data, or into Matroska, which takes all.
    for (container, extras) in
        [(wanted, true), (wanted, false), (Container::Matroska, true), (Container::Matroska, false)]
    {
        match attempt(request, container, extras, &mut on_progress) {
            Err(refused) if refused.is_about_container() => error = Some(refused),
            result => return result,
        }
    }
    Err(error.expect("the loop ends early unless something was refused"))
}

fn open(request: &Request) -> Result<Input, MuxError> {
    let mut input = input::open(request.video, u64::MAX)?;
    libav::fill_in_times(&mut input);
    Ok(input)
}

fn attempt(
    request: &Request,
    container: Container,
    extras: bool,
    on_progress: &mut dyn FnMut(f32),
) -> Result<Muxed, MuxError> {
    let input = open(request)?;
    let media = request.media;
    let first_picture = media.video.first_picture_seconds;
    let mut sound = Sound::open(request.programme, container, request.bit_rate, first_picture)?;
    let replaced = media.audio.as_ref().map(|audio| audio.index);
    let started = output::start(request.output, container, extras, &input, &mut sound, replaced)?;
    let priming = sound.priming();
    let warnings = Copy::new(input, started, sound, media).run(on_progress)?;
    let mut file = File::options().read(true).write(true).open(request.output)?;
    priming.tell(container, &mut file)?;
    Ok(Muxed { container, warnings })
}

struct Copy<'a> {
    input: Input,
    started: Started,
    sound: Sound,
    media: &'a Media,
    /// By the input's streams, if less than all is wanted.
    previews: Option<Vec<Preview>>,
}

impl<'a> Copy<'a> {
    fn new(input: Input, started: Started, sound: Sound, media: &'a Media) -> Self {
        let end = media.preview_seconds.filter(|preview| *preview < media.seconds);
        let end = end.map(|preview| media.video.first_picture_seconds + preview);
        let previews = end.map(|end| started.lanes.iter().map(|_| Preview::new(end)).collect());
        Self { input, started, sound, media, previews }
    }

    fn run(mut self, on_progress: &mut dyn FnMut(f32)) -> Result<Vec<String>, MuxError> {
        let mut count: u64 = 0;
        while !self.is_done() {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => self.take(packet)?,
                Err(Error::Other { errno }) if errno == ffmpeg_next::ffi::EAGAIN => {}
                // The end, or where the file cannot be read on: what came until then is the video.
                Err(_) => break,
            }
            count += 1;
            if count.is_multiple_of(PROGRESS_EVERY_PACKETS) {
                on_progress(self.done());
            }
        }
        self.sound.finish(&mut self.started.output)?;
        self.started.output.write_trailer().map_err(MuxError::Write)?;
        Ok(self.started.warnings)
    }

    fn done(&self) -> f32 {
        let seconds = self.sound.seconds() - self.media.video.first_picture_seconds;
        (seconds / self.media.scored_seconds().max(1e-3)).clamp(0.0, 1.0) as f32
    }

    /// Whether all pictures of a preview have come.
    fn is_done(&self) -> bool {
        let lanes = self.started.lanes.iter();
        let ended = |previews: &Vec<Preview>| {
            let mut pictures =
                lanes.zip(previews).filter(|(lane, _)| lane.as_ref().is_some_and(|lane| lane.is_picture));
            pictures.all(|(_, preview)| preview.has_ended())
        };
        self.previews.as_ref().is_some_and(ended)
    }

    fn take(&mut self, packet: Packet) -> Result<(), MuxError> {
        let index = packet.stream();
        let Some(Some(lane)) = self.started.lanes.get(index) else { return Ok(()) };
        let packets = match &mut self.previews {
            Some(previews) => previews[index].pass(lane, packet),
            None => vec![packet],
        };
        packets.into_iter().try_for_each(|packet| self.write(index, packet))
    }

    fn write(&mut self, index: usize, mut packet: Packet) -> Result<(), MuxError> {
        let Some(Some(lane)) = self.started.lanes.get_mut(index) else { return Ok(()) };
        if lane.refused {
            return Ok(());
        }
        if lane.is_picture
            && let Some(seconds) = lane.seconds(&packet)
        {
            self.sound.advance(seconds, &mut self.started.output)?;
        }
        lane.carry(&mut packet);
        match libav::write(&mut packet, &mut self.started.output) {
            Err(source) if lane.is_picture => return Err(MuxError::Write(source)),
            Err(source) => {
                lane.refused = true;
                self.started
                    .warnings
                    .push(format!("stream {index} is left out from its first bad packet on: {source}"));
            }
            Ok(()) => {}
        }
        Ok(())
    }
}
