//! The file that is written: its streams, its header, what its muxer is asked for.

use std::path::Path;

use ffmpeg_next::{
    Dictionary, Error, Stream,
    format::{
        self,
        context::{Input, Output},
    },
    media,
};

use super::{Container, MuxError, lane::Lane, libav, sound::Sound};
use crate::{audio::RATE, video::libav_path::LibavPath};

/// Ticks a second in which MP4 counts edits: more are not asked for.
const MAX_MOVIE_TICKS: u64 = 20_000_000;

/// What starting an output gives.
pub(super) struct Started {
    pub(super) output: Output,
    /// By the input's streams; none for what does not come along.
    pub(super) lanes: Vec<Option<Lane>>,
    pub(super) warnings: Vec<String>,
    /// Keeps the file's number good.
    _file: LibavPath,
}

/// Opens the file and writes its header. With `extras`, subtitles and data come along where the container holds them.
pub(super) fn start(
    path: &Path,
    container: Container,
    extras: bool,
    input: &Input,
    sound: &mut Sound,
    replaced: Option<usize>,
) -> Result<Started, MuxError> {
    let refused = |source| MuxError::Header { container, source };
    let file = LibavPath::open_to_write(path)?;
    let mut output = format::output_as(&file.path(), container.muxer()).map_err(refused)?;
    let mut started = Started {
        lanes: Vec::new(),
        warnings: Vec::new(),
        _file: file,
        output: {
            libav::make_repeatable(&mut output);
            libav::copy_metadata(input, &mut output);
            output
        },
    };
    let mut joined = false;
    for stream in input.streams() {
        // The programme takes the place of the sound that it replaces.
        if Some(stream.index()) == replaced {
            sound.join(&mut started.output, container).map_err(refused)?;
            joined = true;
        }
        started.add(&stream, container, extras).map_err(refused)?;
    }
    if !joined {
        sound.join(&mut started.output, container).map_err(refused)?;
    }
    copy_chapters(input, &mut started.output);
    let options = options(container, input);
    started.output.write_header_with(options).map_err(refused)?;
    started.set_clocks(sound);
    Ok(started)
}

impl Started {
    fn add(&mut self, stream: &Stream, container: Container, extras: bool) -> Result<(), Error> {
        let medium = stream.parameters().medium();
        let is_picture = libav::is_picture(stream);
        let tag = match libav::tag_in(&self.output, stream) {
            // Matroska holds any picture, if need be under its QuickTime or Windows name.
            None if is_picture && container == Container::Matroska => Some(0),
            None if is_picture => return Err(Error::InvalidData),
            tag => tag.filter(|_| is_picture || extras),
        };
        let lane = match tag {
            _ if medium == media::Type::Audio => None,
            Some(tag) => {
                let mut copy = self.output.add_stream(ffmpeg_next::codec::Id::None)?;
                libav::describe_as(stream, &mut copy, tag)?;
                Some(Lane::new(stream, copy.index()))
            }
            None => {
                let (codec, index) = (stream.parameters().id().name(), stream.index());
                self.warnings.push(format!("stream {index} ({medium:?}, {codec}) does not fit into {container}"));
                None
            }
        };
        self.lanes.push(lane);
        Ok(())
    }

    fn set_clocks(&mut self, sound: &mut Sound) {
        for lane in self.lanes.iter_mut().flatten() {
            if let Some(stream) = self.output.stream(lane.output) {
                lane.set_clock(stream.time_base());
            }
        }
        if let Some(stream) = self.output.stream(sound.output()) {
            sound.set_clock(stream.time_base());
        }
    }
}

fn copy_chapters(input: &Input, output: &mut Output) {
    for chapter in input.chapters() {
        let title = chapter.metadata().get("title").unwrap_or_default().to_owned();
        // A chapter that ends before it starts is not taken over.
        let _refused =
            output.add_chapter(chapter.id(), chapter.time_base(), chapter.start(), chapter.end(), &title).is_err();
    }
}

fn options(container: Container, input: &Input) -> Dictionary<'static> {
    let mut options = Dictionary::new();
    if container.has_edit_lists() {
        // QuickTime's own names of places, cameras and dates are kept only when asked for.
        let names = input.metadata().iter().any(|(key, _)| key.starts_with("com."));
        options.set("movflags", if names { "+faststart+use_metadata_tags" } else { "+faststart" });
        options.set("movie_timescale", &movie_ticks(input).to_string());
        options.set("use_editlist", "1");
        options.set("avoid_negative_ts", "disabled");
    } else {
        // A name gives way to the delay after a checksum would have been taken.
        options.set("write_crc32", "0");
        if container == Container::WebM {
            // The lead-in of Opus has a place of its own: nothing else has to move for it.
            options.set("avoid_negative_ts", "disabled");
        }
    }
    options
}

/// A clock in which edits of pictures and sound are exact, where there is one.
fn movie_ticks(input: &Input) -> u64 {
    let pictures = input.streams().filter(libav::is_picture).map(|stream| stream.time_base());
    pictures.fold(u64::from(RATE), |ticks, base| {
        let both = common_multiple(ticks, base.denominator().max(1).unsigned_abs().into());
        if both <= MAX_MOVIE_TICKS { both } else { ticks }
    })
}

fn common_multiple(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    a / x.max(1) * b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_meet_in_their_common_multiple() {
        assert_eq!(common_multiple(48_000, 12_800), 192_000);
        assert_eq!(common_multiple(48_000, 90_000), 720_000);
        assert_eq!(common_multiple(48_000, 1), 48_000);
    }
}
