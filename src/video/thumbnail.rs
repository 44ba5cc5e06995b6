//! Small pictures: what all measures are taken on.

use ffmpeg_next::{frame, software::scaling::Flags};

use super::{VideoError, scaler::Scaler};

/// Pixels of a thumbnail's longer side: enough for colour, motion and cuts, and cheap beside decoding.
const LONGER_SIDE: u32 = 160;

/// A picture in RGB, three bytes a pixel, rows without gaps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thumbnail {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rgb: Vec<u8>,
}

/// Makes thumbnails of one stream's pictures.
pub(super) struct Thumbnailer(Scaler);

impl Thumbnailer {
    pub(super) fn new() -> Self {
        Self(Scaler::new(|picture| small_size(picture.width(), picture.height()), Flags::AREA))
    }

    pub(super) fn shrink(&mut self, picture: &frame::Video) -> Result<Thumbnail, VideoError> {
        Ok(Thumbnail::from_rgb(self.0.scale(picture)?))
    }
}

impl Thumbnail {
    fn from_rgb(picture: &frame::Video) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut rgb = Vec::with_capacity(width * height * 3);
        for row in picture.data(0).chunks(picture.stride(0)).take(height) {
            rgb.extend_from_slice(&row[..width * 3]);
        }
        Self { width, height, rgb }
    }

    /// One colour all over, for tests and as the black before the first picture.
    #[cfg(test)]
    pub(super) fn plain(width: usize, height: usize, color: [u8; 3]) -> Self {
        Self { width, height, rgb: color.repeat(width * height) }
    }

    pub(super) fn pixels(&self) -> impl ExactSizeIterator<Item = [u8; 3]> {
        self.rgb.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]])
    }
}

fn small_size(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height).max(1);
    if longer <= LONGER_SIDE {
        return (width, height);
    }
    let small = |side: u32| (side * LONGER_SIDE).div_ceil(longer);
    (small(width), small(height))
}

#[cfg(test)]
mod tests {
    use ffmpeg_next::format::Pixel;

    use super::*;

    #[test]
    fn sizes_keep_their_shape_and_never_vanish() {
        assert_eq!(small_size(640, 360), (160, 90));
        assert_eq!(small_size(2160, 3840), (90, 160));
        assert_eq!(small_size(2, 2), (2, 2));
        assert_eq!(small_size(8192, 1), (160, 1));
    }

    #[test]
    fn a_change_of_size_on_the_way_is_followed() {
        let mut thumbnailer = Thumbnailer::new();
        for (width, height, small) in [(320, 160, (160, 80)), (640, 640, (160, 160)), (2, 2, (2, 2))] {
            let mut picture = frame::Video::new(Pixel::YUV420P, width, height);
            picture.data_mut(0).fill(235);
            picture.data_mut(1).fill(128);
            picture.data_mut(2).fill(128);
            let thumbnail = thumbnailer.shrink(&picture).unwrap();
            assert_eq!((thumbnail.width, thumbnail.height), small);
            assert!(thumbnail.rgb.iter().all(|value| *value >= 253), "{:?}", &thumbnail.rgb[..6]);
        }
    }
}
