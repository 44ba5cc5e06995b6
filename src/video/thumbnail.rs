//! Small pictures: what all measures are taken on.

use ffmpeg_next::{
    format::Pixel,
    frame,
    software::scaling::{Context, Flags},
};

use super::{VideoError, libav};

/// Pixels of a thumbnail's longer side: enough for colour, motion and cuts, and cheap beside decoding.
const LONGER_SIDE: u32 = 160;

/// A picture in RGB, three bytes a pixel, rows without gaps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thumbnail {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rgb: Vec<u8>,
}

/// Scales pictures of one stream, whose size and format may change on the way.
#[derive(Default)]
pub(super) struct Thumbnailer {
    scaler: Option<Scaler>,
}

struct Scaler {
    context: Context,
    /// Size and format of the pictures it takes.
    input: (Pixel, u32, u32),
    small: frame::Video,
}

impl Thumbnailer {
    pub(super) fn shrink(&mut self, picture: &frame::Video) -> Result<Thumbnail, VideoError> {
        let input = (picture.format(), picture.width(), picture.height());
        if self.scaler.as_ref().is_none_or(|scaler| scaler.input != input) {
            self.scaler = Some(Scaler::new(picture)?);
        }
        let scaler = self.scaler.as_mut().expect("made above");
        scaler.context.run(picture, &mut scaler.small).map_err(|_| unscalable(picture))?;
        Ok(Thumbnail::from_rgb(&scaler.small))
    }
}

impl Scaler {
    fn new(picture: &frame::Video) -> Result<Self, VideoError> {
        let input = (picture.format(), picture.width(), picture.height());
        let (width, height) = small_size(picture.width(), picture.height());
        let (format, from_width, from_height) = input;
        let context = Context::get(format, from_width, from_height, Pixel::RGB24, width, height, Flags::AREA);
        let mut context = context.map_err(|_| unscalable(picture))?;
        libav::match_colors(&mut context, picture);
        let small = frame::Video::new(Pixel::RGB24, width, height);
        if small.planes() == 0 {
            return Err(VideoError::Memory);
        }
        Ok(Self { context, input, small })
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

fn unscalable(picture: &frame::Video) -> VideoError {
    VideoError::PixelFormat(format!("{:?}", picture.format()).to_lowercase())
}

#[cfg(test)]
mod tests {
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
        let mut thumbnailer = Thumbnailer::default();
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
