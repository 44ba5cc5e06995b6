//! Stills: the middle of a picture as networks want it. The shorter side is scaled to 256 pixels (bicubic) and 224 x 224
//! are cut out of the middle, in the shape and the way up that a viewer sees.

use ffmpeg_next::{frame, software::scaling::Flags};

use super::{VideoError, scaler::Scaler};
use crate::artifact::Stills;

const SIDE: usize = Stills::SIDE;
const SHORTER_SIDE: f64 = 256.0;
/// Pictures longer than sixteen times their height lose their shape rather than take gigabytes.
const LONGEST_SIDE: f64 = 4096.0;
/// Pixels are not taken for longer than this, whatever a file says.
const LONGEST_PIXEL: f64 = 4.0;

/// Takes stills of one stream's pictures.
pub(super) struct Stiller {
    scaler: Scaler,
    quarters: u16,
}

impl Stiller {
    /// For pictures that a player turns clockwise.
    pub(super) fn new(rotation_degrees: u16) -> Self {
        let flags = Flags::BICUBIC | Flags::ACCURATE_RND | Flags::FULL_CHR_H_INT;
        Self { scaler: Scaler::new(scaled_size, flags), quarters: rotation_degrees / 90 }
    }

    /// `SIDE` x `SIDE` pixels in RGB.
    pub(super) fn take(&mut self, picture: &frame::Video) -> Result<Vec<u8>, VideoError> {
        let still = middle(self.scaler.scale(picture)?);
        Ok((0..self.quarters).fold(still, |still, _| turned_clockwise(&still)))
    }
}

fn scaled_size(picture: &frame::Video) -> (u32, u32) {
    let pixel = f64::from(picture.aspect_ratio());
    let pixel = if pixel.is_finite() && pixel > 0.0 { pixel } else { 1.0 };
    shown_size(picture.width(), picture.height(), pixel)
}

/// Width and height with the shorter side at 256; `pixel` is a pixel's width by its height.
fn shown_size(width: u32, height: u32, pixel: f64) -> (u32, u32) {
    let (width, height) =
        (f64::from(width.max(1)) * pixel.clamp(1.0 / LONGEST_PIXEL, LONGEST_PIXEL), f64::from(height.max(1)));
    let scale = SHORTER_SIDE / width.min(height);
    let side = |side: f64| (side * scale).round().min(LONGEST_SIDE) as u32;
    (side(width), side(height))
}

fn middle(picture: &frame::Video) -> Vec<u8> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (left, top) = ((width - SIDE) / 2, (height - SIDE) / 2);
    let rows = picture.data(0).chunks(picture.stride(0)).skip(top).take(SIDE);
    rows.flat_map(|row| &row[left * 3..(left + SIDE) * 3]).copied().collect()
}

fn turned_clockwise(still: &[u8]) -> Vec<u8> {
    let pixel = |row: usize, column: usize| &still[(row * SIDE + column) * 3..][..3];
    let places = (0..SIDE * SIDE).map(|place| (place / SIDE, place % SIDE));
    places.flat_map(|(row, column)| pixel(SIDE - 1 - column, row)).copied().collect()
}

#[cfg(test)]
mod tests {
    use ffmpeg_next::format::Pixel;

    use super::*;

    #[test]
    fn the_shorter_side_is_256_in_the_shape_that_is_seen() {
        assert_eq!(shown_size(1920, 1080, 1.0), (455, 256));
        assert_eq!(shown_size(1080, 1920, 1.0), (256, 455));
        assert_eq!(shown_size(720, 288, 0.5), (320, 256));
        assert_eq!(shown_size(2, 2, 1e9), (1024, 256));
        assert_eq!(shown_size(8192, 1, 1.0), (4096, 256));
    }

    /// A picture that is red at the left, blue at the right and white at the top.
    fn flag(width: u32, height: u32) -> frame::Video {
        let mut picture = frame::Video::new(Pixel::RGB24, width, height);
        let stride = picture.stride(0);
        for (row, line) in picture.data_mut(0).chunks_mut(stride).enumerate() {
            for (column, pixel) in line[..width as usize * 3].chunks_exact_mut(3).enumerate() {
                let colored = if column < width as usize / 2 { [255, 0, 0] } else { [0, 0, 255] };
                pixel.copy_from_slice(if row < height as usize / 4 { &[255; 3] } else { &colored });
            }
        }
        picture
    }

    fn corners(still: &[u8]) -> [[u8; 3]; 4] {
        let (first, last) = (3, SIDE - 4);
        [(first, first), (first, last), (last, first), (last, last)].map(|(row, column)| {
            let at = (row * SIDE + column) * 3;
            [still[at], still[at + 1], still[at + 2]]
        })
    }

    #[test]
    fn stills_are_turned_as_players_turn_them() {
        let (white, red, blue) = ([255; 3], [255, 0, 0], [0, 0, 255]);
        let expected = [
            (0, [white, white, red, blue]),
            (90, [red, white, blue, white]),
            (180, [blue, red, white, white]),
            (270, [white, blue, white, red]),
        ];
        for (degrees, corners_seen) in expected {
            let still = Stiller::new(degrees).take(&flag(640, 360)).unwrap();
            assert_eq!((still.len(), corners(&still)), (SIDE * SIDE * 3, corners_seen), "{degrees}");
        }
    }

    #[test]
    fn pictures_smaller_than_a_still_and_changes_of_size_are_followed() {
        let mut stiller = Stiller::new(0);
        for (width, height) in [(2, 2), (4000, 2), (640, 360), (1, 1)] {
            assert_eq!(stiller.take(&flag(width, height)).unwrap().len(), SIDE * SIDE * 3, "{width}x{height}");
        }
    }
}
