//! One photograph from a file, as a still.

use std::path::Path;

use ffmpeg_next::{Packet, frame};

use super::{
    VideoError, VideoLimits,
    decoder::{Decoder, Pace},
    input,
    observer::check_size,
    still::Stiller,
    streams,
};

/// The first picture of a file, as in `Stills`.
pub(crate) fn photo(path: &Path) -> Result<Vec<u8>, VideoError> {
    let limits = VideoLimits::default();
    let mut input = input::open(path, limits.max_bytes)?;
    let index = streams::video(&input)?;
    let stream = input.stream(index).expect("the index was just chosen from this file's streams");
    let mut decoder = Decoder::open(&stream, Pace::Repeatable, limits)?;
    let mut first = None;
    let mut each = |picture: &frame::Video| {
        check_size(picture.width(), picture.height(), limits.max_side)?;
        if first.is_none() {
            first = Some(Stiller::new(0).take(picture)?);
        }
        Ok(())
    };
    let mut packet = Packet::empty();
    while packet.read(&mut input).is_ok() {
        if packet.stream() == index {
            decoder.decode(&packet, &mut each)?;
        }
    }
    decoder.finish(&mut each)?;
    first.ok_or(VideoError::NoPicture { packets: decoder.packets })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{artifact::Stills, testing};

    #[test]
    fn photographs_are_read_and_other_files_are_not() {
        let Some(data) = testing::data() else { return };
        let photo = photo(&data.join("oasis/images/I1.jpg")).unwrap();
        assert_eq!(photo.len(), Stills::SIDE * Stills::SIDE * 3);
        assert!(super::photo(&data.join("oasis/OASIS.csv")).is_err());
    }
}
