//! A sketch of a picture, for telling cuts from motion: a small grey grid and a coarse histogram of colours.

use super::thumbnail::Thumbnail;

const COLUMNS: usize = 40;
const ROWS: usize = 24;
/// How far a pan may move the picture from one frame to the next, in cells: a seventh of it.
const REACH_X: isize = 6;
const REACH_Y: isize = 3;
const BINS: usize = 64;

pub(super) struct Sketch {
    /// Brightness of each cell, row by row.
    grid: [u8; COLUMNS * ROWS],
    /// Share of the pixels in each colour bin, two bits a channel.
    histogram: [f32; BINS],
}

impl Sketch {
    pub(super) fn of(picture: &Thumbnail) -> Self {
        Self { grid: grid(picture), histogram: histogram(picture) }
    }

    /// Mean brightness, 0..255.
    pub(super) fn luma(&self) -> f32 {
        self.grid.iter().map(|cell| u32::from(*cell)).sum::<u32>() as f32 / self.grid.len() as f32
    }

    /// Mean absolute difference of brightness, 0..255.
    pub(super) fn difference(&self, other: &Self) -> f32 {
        self.difference_at(other, 0, 0, f32::INFINITY)
    }

    /// The least difference over all shifts within reach.
    pub(super) fn shifted_difference(&self, other: &Self) -> f32 {
        let shifts = (-REACH_Y..=REACH_Y).flat_map(|y| (-REACH_X..=REACH_X).map(move |x| (x, y)));
        // Most pictures hardly move: what none gives is a low bar that the others miss after a row or two.
        shifts.fold(self.difference(other), |least, (x, y)| least.min(self.difference_at(other, x, y, least)))
    }

    /// Half the sum of absolute differences: the share of pixels that changed bins, 0..1.
    pub(super) fn histogram_distance(&self, other: &Self) -> f32 {
        self.histogram.iter().zip(&other.histogram).map(|(a, b)| (a - b).abs()).sum::<f32>() / 2.0
    }

    /// Difference where `other`, moved by a shift, still covers this sketch; infinite once it is over `limit`.
    fn difference_at(&self, other: &Self, x: isize, y: isize, limit: f32) -> f32 {
        let (columns, rows) = (COLUMNS - x.unsigned_abs(), ROWS - y.unsigned_abs());
        let start = |shift: isize| (shift.max(0).unsigned_abs(), (-shift).max(0).unsigned_abs());
        let ((own_x, other_x), (own_y, other_y)) = (start(x), start(y));
        let cells = (columns * rows) as f32;
        let mut sum = 0;
        for row in 0..rows {
            if sum as f32 > limit * cells {
                return f32::INFINITY;
            }
            let own = &self.grid[(own_y + row) * COLUMNS + own_x..][..columns];
            let other = &other.grid[(other_y + row) * COLUMNS + other_x..][..columns];
            sum += own.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        }
        sum as f32 / cells
    }
}

fn grid(picture: &Thumbnail) -> [u8; COLUMNS * ROWS] {
    let luma: Vec<u8> = picture.pixels().map(luma).collect();
    let line = |row: usize| &luma[row * picture.width..][..picture.width];
    std::array::from_fn(|cell| {
        let (left, right) = span(cell % COLUMNS, COLUMNS, picture.width);
        let (top, bottom) = span(cell / COLUMNS, ROWS, picture.height);
        let sum: u32 = (top..bottom).map(|row| sum(&line(row)[left..right])).sum();
        (sum / ((right - left) * (bottom - top)) as u32) as u8
    })
}

fn sum(values: &[u8]) -> u32 {
    values.iter().map(|value| u32::from(*value)).sum()
}

/// The pixels under a cell: at least one, though the picture be smaller than the grid.
fn span(cell: usize, cells: usize, pixels: usize) -> (usize, usize) {
    let start = cell * pixels / cells;
    (start, ((cell + 1) * pixels / cells).max(start + 1))
}

fn histogram(picture: &Thumbnail) -> [f32; BINS] {
    let mut counts = [0_u32; BINS];
    for [r, g, b] in picture.pixels() {
        counts[usize::from(r >> 6) << 4 | usize::from(g >> 6) << 2 | usize::from(b >> 6)] += 1;
    }
    let pixels = picture.pixels().len().max(1) as f32;
    counts.map(|count| count as f32 / pixels)
}

/// BT.601 brightness in 8-bit fixed point.
fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of stripes and spots, moved by some pixels.
    fn scene(shift: usize) -> Thumbnail {
        let (width, height) = (160, 90);
        let value = |x: usize, y: usize| ((x + shift) / 12 * 53 + y / 10 * 31) as u8;
        let rgb = (0..width * height).flat_map(|at| [value(at % width, at / width); 3]).collect();
        Thumbnail { width, height, rgb }
    }

    #[test]
    fn a_pan_vanishes_under_the_right_shift() {
        let (still, moved) = (Sketch::of(&scene(0)), Sketch::of(&scene(12)));
        assert!(still.difference(&moved) > 40.0);
        assert!(still.shifted_difference(&moved) < 1.0, "{}", still.shifted_difference(&moved));
    }

    #[test]
    fn another_scene_does_not() {
        let (scene, plain) = (Sketch::of(&scene(0)), Sketch::of(&Thumbnail::plain(160, 90, [255; 3])));
        assert!(scene.shifted_difference(&plain) > 80.0);
    }

    #[test]
    fn histograms_tell_colors_apart() {
        let [red, blue] = [[200, 0, 0], [0, 0, 200]].map(|color| Sketch::of(&Thumbnail::plain(4, 4, color)));
        assert!((red.histogram_distance(&blue) - 1.0).abs() < 1e-6);
        assert!(red.histogram_distance(&red).abs() < 1e-6);
    }

    #[test]
    fn pictures_smaller_than_the_grid_are_sketched_too() {
        for (width, height) in [(1, 1), (2, 2), (160, 1), (1, 160)] {
            let sketch = Sketch::of(&Thumbnail::plain(width, height, [100; 3]));
            assert!((sketch.luma() - 100.0).abs() < 1.5, "{width}x{height}: {}", sketch.luma());
        }
    }
}
