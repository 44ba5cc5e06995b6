//! Measures of one picture against the ones before it, on thumbnails.

use super::{channel::HUES, sketch::Sketch, thumbnail::Thumbnail};

/// Darker pixels have no colour to speak of: their hue and saturation are noise of the codec.
const DARKEST_COLOR: u8 = 16;
const ROW_BYTES: usize = 4096;

/// Takes pictures in order; remembers the last two.
#[derive(Default)]
pub(super) struct Measurer {
    previous: Option<(Thumbnail, Sketch)>,
    before: Option<Sketch>,
}

impl Measurer {
    /// One row of `Frames`, in the order of `channel::all`. Differences of the first picture are 0.
    pub(super) fn measure(&mut self, picture: Thumbnail) -> Vec<f32> {
        let sketch = Sketch::of(&picture);
        let mut row = self.differences(&picture, &sketch).to_vec();
        row.push(sketch.luma());
        row.extend(Color::of(&picture).row());
        let previous = self.previous.replace((picture, sketch));
        self.before = previous.map(|(_, sketch)| sketch);
        // Digits beyond these are noise, and a film has millions of them.
        row.iter().map(|value| (value * 1e4).round() / 1e4).collect()
    }

    fn differences(&self, picture: &Thumbnail, sketch: &Sketch) -> [f32; 4] {
        let Some((last, last_sketch)) = &self.previous else { return [0.0; 4] };
        let before = self.before.as_ref().unwrap_or(last_sketch);
        [
            difference(last, picture),
            last_sketch.shifted_difference(sketch),
            before.difference(sketch),
            last_sketch.histogram_distance(sketch),
        ]
    }
}

/// Mean absolute difference over all pixels and RGB, 0..255; pictures of other size are wholly different.
fn difference(a: &Thumbnail, b: &Thumbnail) -> f32 {
    if (a.width, a.height) != (b.width, b.height) {
        return 255.0;
    }
    // Rows that 32 bits can sum: the compiler then takes sixteen bytes at a time.
    let rows = a.rgb.chunks(ROW_BYTES).zip(b.rgb.chunks(ROW_BYTES));
    let row_sum = |(a, b): (&[u8], &[u8])| -> u32 { a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum() };
    let sum: u64 = rows.map(|rows| u64::from(row_sum(rows))).sum();
    sum as f32 / a.rgb.len().max(1) as f32
}

/// Colour of one picture as HSV.
#[derive(Default)]
struct Color {
    /// Saturation summed by hue.
    hues: [f32; HUES],
    saturation: Moments<f32>,
    /// Of the largest of red, green and blue, 0..255.
    value: Moments<u64>,
    pixels: f64,
}

#[derive(Default)]
struct Moments<T> {
    sum: T,
    squares: T,
}

impl Color {
    fn of(picture: &Thumbnail) -> Self {
        let mut color = Self { pixels: picture.pixels().len().max(1) as f64, ..Self::default() };
        for pixel in picture.pixels() {
            color.add(pixel);
        }
        color
    }

    fn add(&mut self, [r, g, b]: [u8; 3]) {
        let (high, low) = (r.max(g).max(b), r.min(g).min(b));
        self.value.add(u64::from(high));
        if high >= DARKEST_COLOR && high > low {
            let saturation = f32::from(high - low) / f32::from(high);
            self.saturation.add(saturation);
            self.hues[hue_bin(r, g, b, high, low)] += saturation;
        }
    }

    fn row(&self) -> impl Iterator<Item = f32> {
        let Moments { sum, squares } = self.saturation;
        let saturation = mean_and_spread(sum.into(), squares.into(), self.pixels);
        let Moments { sum, squares } = self.value;
        let value = mean_and_spread(sum as f64, squares as f64, self.pixels).map(|value| value / 255.0);
        let hues = self.hues.map(|sum| f64::from(sum) / self.pixels);
        [saturation, value].into_iter().flatten().chain(hues).map(|value| value as f32)
    }
}

impl<T: Copy + std::ops::AddAssign + std::ops::Mul<Output = T>> Moments<T> {
    fn add(&mut self, value: T) {
        self.sum += value;
        self.squares += value * value;
    }
}

fn mean_and_spread(sum: f64, squares: f64, count: f64) -> [f64; 2] {
    let mean = sum / count;
    [mean, (squares / count - mean * mean).max(0.0).sqrt()]
}

/// The 30-degree bin of a hue; `high > low`.
fn hue_bin(r: u8, g: u8, b: u8, high: u8, low: u8) -> usize {
    let span = i32::from(high - low);
    let [r, g, b] = [r, g, b].map(i32::from);
    let (sector, lead) = if i32::from(high) == r {
        (0, g - b)
    } else if i32::from(high) == g {
        (4, b - r)
    } else {
        (8, r - g)
    };
    // The floor of `2 lead / span + 0.5`, which lies in -2..=2: comparisons are cheaper than a division a pixel.
    let place = 4 * lead + span;
    let above = usize::from(place >= 2 * span) + usize::from(place >= 4 * span);
    let below = usize::from(place < 0) + usize::from(place < -2 * span);
    (sector + HUES + above - below) % HUES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::channel;

    fn row_of(pictures: Vec<Thumbnail>, name: &str) -> Vec<f32> {
        let column = channel::all().iter().position(|channel| channel == name).unwrap();
        let mut measurer = Measurer::default();
        pictures.into_iter().map(|picture| measurer.measure(picture)[column]).collect()
    }

    fn plain(color: [u8; 3]) -> Thumbnail {
        Thumbnail::plain(16, 9, color)
    }

    #[test]
    fn difference_is_the_mean_over_pixels_and_colors() {
        let pictures = vec![plain([0, 0, 0]), plain([30, 60, 90]), plain([30, 60, 90])];
        assert_eq!(row_of(pictures, channel::DIFFERENCE), [0.0, 60.0, 0.0]);
    }

    #[test]
    fn a_flash_is_gone_two_pictures_later() {
        let pictures = vec![plain([50; 3]), plain([50; 3]), plain([250; 3]), plain([50; 3])];
        assert_eq!(row_of(pictures, channel::SKIPPED), [0.0, 0.0, 200.0, 0.0]);
    }

    #[test]
    fn a_change_of_size_is_a_change_of_picture() {
        let pictures = vec![plain([50; 3]), Thumbnail::plain(8, 8, [50; 3])];
        assert_eq!(row_of(pictures, channel::DIFFERENCE), [0.0, 255.0]);
    }

    #[test]
    fn hues_fall_into_their_bins_weighted_by_saturation() {
        let wheel = [
            [255, 0, 0],
            [255, 128, 0],
            [255, 255, 0],
            [128, 255, 0],
            [0, 255, 0],
            [0, 255, 128],
            [0, 255, 255],
            [0, 128, 255],
            [0, 0, 255],
            [128, 0, 255],
            [255, 0, 255],
            [255, 0, 128],
        ];
        for (bin, color) in wheel.into_iter().enumerate() {
            assert_eq!(row_of(vec![plain(color)], &channel::hue(bin)), [1.0], "{color:?}");
        }
        assert_eq!(row_of(vec![plain([200, 100, 100])], &channel::hue(0)), [0.5]);
        assert_eq!(row_of(vec![plain([255, 0, 10])], &channel::hue(0)), [1.0]);
    }

    #[test]
    fn grey_and_near_black_have_no_color() {
        for color in [[128; 3], [3, 0, 0], [0; 3]] {
            assert_eq!(row_of(vec![plain(color)], channel::SATURATION), [0.0]);
            assert_eq!(row_of(vec![plain(color)], &channel::hue(0)), [0.0]);
        }
    }

    #[test]
    fn spread_is_the_standard_deviation_over_the_picture() {
        let half = Thumbnail { width: 2, height: 1, rgb: vec![0, 0, 0, 255, 255, 255] };
        assert_eq!(row_of(vec![half.clone()], channel::VALUE), [0.5]);
        assert_eq!(row_of(vec![half], channel::VALUE_SPREAD), [0.5]);
    }
}
