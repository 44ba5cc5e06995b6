//! Which streams of a file count: the ones that the ffmpeg program would take without being told.

use ffmpeg_next::{Stream, format::context::Input, format::stream::Disposition, media};

use super::{VideoError, libav};
use crate::artifact::AudioStream;

/// ffmpeg's ranks: packets seen while probing weigh most, then the default flag, then the size.
const SEEN: u64 = 100_000_000;
const DEFAULT: u64 = 5_000_000;

/// The video stream with the most pixels. Attached pictures are no video.
pub(super) fn video(input: &Input) -> Result<usize, VideoError> {
    let pixels = |stream: &Stream| {
        let facts = libav::facts(stream);
        u64::from(facts.width) * u64::from(facts.height)
    };
    best(input, media::Type::Video, pixels).ok_or_else(|| VideoError::NoVideo(kinds(input)))
}

/// The audio stream with the most channels.
pub(super) fn audio(input: &Input) -> Option<AudioStream> {
    let index = best(input, media::Type::Audio, |stream| u64::from(libav::facts(stream).channels))?;
    let stream = input.stream(index)?;
    let facts = libav::facts(&stream);
    let codec = stream.parameters().id().name().to_owned();
    Some(AudioStream { index, codec, rate: facts.rate, channels: facts.channels })
}

/// The first of the streams that rank highest; a rank of 0 is no candidate.
fn best(input: &Input, medium: media::Type, size: impl Fn(&Stream) -> u64) -> Option<usize> {
    let mut best = (0, None);
    for stream in input.streams().filter(|stream| stream.parameters().medium() == medium) {
        let disposition = stream.disposition();
        if disposition.contains(Disposition::ATTACHED_PIC) {
            continue;
        }
        let seen = u64::from(libav::facts(&stream).seen) * SEEN;
        let default = u64::from(disposition.contains(Disposition::DEFAULT)) * DEFAULT;
        let rank = size(&stream) + seen + default;
        if rank > best.0 {
            best = (rank, Some(stream.index()));
        }
    }
    best.1
}

/// What a file without video has instead, for the message.
fn kinds(input: &Input) -> String {
    let name = |stream: Stream| match stream.parameters().medium() {
        media::Type::Audio => "sound",
        media::Type::Video => "an attached picture",
        media::Type::Subtitle => "subtitles",
        _ => "data",
    };
    let mut kinds: Vec<_> = input.streams().map(name).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() { "an empty container".to_owned() } else { kinds.join(" and ") }
}
