//! The one decode pass: opens a file, reads every packet of its video stream, decodes and measures every picture.

use std::path::Path;

use ffmpeg_next::{Packet, Rational, Stream, format::context::Input};

use super::{
    VideoError, VideoLimits,
    clock::Clock,
    decoder::{Decoder, Pace},
    input, libav,
    observer::{Observer, check_size},
    rotation::rotation_degrees,
    streams,
};
use crate::{
    artifact::{Frames, Media, Stills, VideoStream},
    digest::Digest,
};

const PROGRESS_EVERY_PACKETS: u64 = 64;
/// libav counts a file's length in these.
const TICKS_A_SECOND: f64 = 1e6;

/// What the caller wants of a file.
pub(crate) struct Request<'a> {
    pub(crate) path: &'a Path,
    pub(crate) digest: Digest,
    /// Decode no more than this.
    pub(crate) preview_seconds: Option<f64>,
    pub(crate) limits: VideoLimits,
}

/// What one pass gives.
pub(crate) struct Analysis {
    pub(crate) media: Media,
    pub(crate) frames: Frames,
    pub(crate) stills: Stills,
}

/// Probes and measures a video. `progress` hears the fraction done where the file says how long it is.
pub(crate) fn analyse(request: &Request, progress: &mut dyn FnMut(f32)) -> Result<Analysis, VideoError> {
    if let Some(done) = attempt(request, Pace::Fast, progress)? {
        return Ok(done);
    }
    Ok(attempt(request, Pace::Repeatable, progress)?.expect("only a fast pass gives up on damage"))
}

/// One pass; none if it was a fast one and met damage.
fn attempt(request: &Request, pace: Pace, progress: &mut dyn FnMut(f32)) -> Result<Option<Analysis>, VideoError> {
    let mut input = input::open(request.path, request.limits.max_bytes)?;
    let index = streams::video(&input)?;
    for mut stream in input.streams_mut().filter(|stream| stream.index() != index) {
        libav::discard(&mut stream);
    }
    let stream = input.stream(index).expect("the index was just chosen from this file's streams");
    let mut pass = Pass::new(&stream, pace, request)?;
    pass.read(&mut input, progress)?;
    if pass.gives_up() {
        return Ok(None);
    }
    pass.judge()?;
    let media = pass.media(&input);
    let Observer { frames, gallery, .. } = pass.observer;
    let stills = gallery.into_stills(media.scored_seconds());
    Ok(Some(Analysis { media, frames, stills }))
}

struct Pass<'a> {
    request: &'a Request<'a>,
    index: usize,
    pace: Pace,
    decoder: Decoder,
    observer: Observer,
    /// Packets behind the preview, which are not decoded.
    packets_left: u64,
}

impl<'a> Pass<'a> {
    fn new(stream: &Stream, pace: Pace, request: &'a Request<'a>) -> Result<Self, VideoError> {
        let facts = libav::facts(stream);
        check_size(facts.width, facts.height, request.limits.max_side)?;
        let clock = Clock::new(stream.time_base(), frame_rate(stream));
        Ok(Self {
            request,
            index: stream.index(),
            pace,
            decoder: Decoder::open(stream, pace, request.limits)?,
            observer: Observer::new(clock, request.preview_seconds, rotation_degrees(stream), request.limits),
            packets_left: 0,
        })
    }

    /// Reads to the end of the file, or to where it cannot be read on: what came until then is what there is.
    fn read(&mut self, input: &mut Input, progress: &mut dyn FnMut(f32)) -> Result<(), VideoError> {
        let expected = self.expected_seconds(input)?;
        let mut packet = Packet::empty();
        while !self.gives_up() && packet.read(input).is_ok() {
            if packet.stream() == self.index {
                self.take(&packet)?;
                if self.decoder.packets.is_multiple_of(PROGRESS_EVERY_PACKETS) {
                    progress((self.observer.clock.decoded_seconds() / expected).min(1.0) as f32);
                }
            }
        }
        let observer = &mut self.observer;
        self.decoder.finish(|picture| observer.watch(picture))
    }

    fn gives_up(&self) -> bool {
        self.pace == Pace::Fast && self.decoder.damaged
    }

    fn take(&mut self, packet: &Packet) -> Result<(), VideoError> {
        if !libav::is_cut_away(packet) {
            self.observer.clock.packet(packet.pts(), packet.duration());
        }
        if self.observer.ended {
            self.packets_left += 1;
        } else {
            let observer = &mut self.observer;
            self.decoder.decode(packet, |picture| observer.watch(picture))?;
        }
        self.check_progress()
    }

    /// Stops early where going on is of no use.
    fn check_progress(&self) -> Result<(), VideoError> {
        let clock = &self.observer.clock;
        let limits = &self.request.limits;
        if let Some(packets) = self.decoder.too_silent() {
            let seconds = clock.decoded_seconds();
            return Err(VideoError::Silent { packets, limit: limits.max_silent_packets, seconds });
        }
        check_length(clock.picture_seconds(), limits)
    }

    /// How much will be decoded, by what the file says of itself; 1e9 where it says nothing.
    fn expected_seconds(&self, input: &Input) -> Result<f64, VideoError> {
        let said = input.duration() as f64 / TICKS_A_SECOND;
        check_length(said, &self.request.limits)?;
        let whole = if said > 0.0 { said } else { 1e9 };
        Ok(self.request.preview_seconds.map_or(whole, |preview| preview.min(whole)))
    }

    /// Whether what came out is a video.
    fn judge(&self) -> Result<(), VideoError> {
        let Decoder { packets, errors, .. } = self.decoder;
        let limits = &self.request.limits;
        if self.observer.frames.times.is_empty() {
            return Err(VideoError::NoPicture { packets });
        }
        let least = self.request.preview_seconds.map_or(limits.min_seconds, |preview| preview.min(limits.min_seconds));
        let seconds = self.observer.clock.decoded_seconds();
        // A tick of rounding may be missing from a video of just that length.
        if seconds < least - 1e-6 {
            return Err(VideoError::TooShort { seconds, limit: least });
        }
        if errors as f64 > limits.max_error_share * packets as f64 {
            return Err(VideoError::Damaged { errors, packets, limit: limits.max_error_share * 100.0 });
        }
        Ok(())
    }

    fn media(&self, input: &Input) -> Media {
        let stream = input.stream(self.index).expect("the stream was decoded from this file");
        Media {
            digest: self.request.digest,
            bytes: input.io_size().unwrap_or(0).max(0).cast_unsigned(),
            container: input.format().name().to_owned(),
            video: self.video_stream(&stream),
            audio: streams::audio(input),
            seconds: self.observer.clock.picture_seconds(),
            preview_seconds: self.request.preview_seconds,
        }
    }

    fn video_stream(&self, stream: &Stream) -> VideoStream {
        let facts = libav::facts(stream);
        let rotation_degrees = rotation_degrees(stream);
        let turned = rotation_degrees % 180 == 90;
        let (width, height) = if turned { (facts.height, facts.width) } else { (facts.width, facts.height) };
        VideoStream {
            index: self.index,
            codec: stream.parameters().id().name().to_owned(),
            width,
            height,
            rotation_degrees,
            frame_rate: frame_rate(stream),
            first_picture_seconds: self.observer.clock.first_seconds().unwrap_or(0.0),
            frames: self.decoder.pictures + self.packets_left,
        }
    }
}

fn check_length(seconds: f64, limits: &VideoLimits) -> Result<(), VideoError> {
    if seconds > limits.max_seconds {
        return Err(VideoError::TooLong { seconds, limit: limits.max_seconds });
    }
    Ok(())
}

/// The average rate, else the nominal one, else 25.
fn frame_rate(stream: &Stream) -> (i32, i32) {
    let known = |rate: &Rational| rate.numerator() > 0 && rate.denominator() > 0;
    let rate = [stream.avg_frame_rate(), stream.rate()].into_iter().find(known);
    rate.map_or((25, 1), |rate| (rate.numerator(), rate.denominator()))
}
