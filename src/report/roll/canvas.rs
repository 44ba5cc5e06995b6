//! Pixels of the picture: where seconds and rows lie.

use super::Roll;

const PIXELS_A_SECOND: f64 = 40.0;
const NARROWEST: u32 = 1200;
const WIDEST: u32 = 4800;
const ROW_PIXELS: i32 = 9;

const LEFT: i32 = 44;
const RIGHT: i32 = 16;
pub(super) const TITLE_TOP: i32 = 12;
pub(super) const SECTIONS_TOP: i32 = 44;
pub(super) const CHORDS_TOP: i32 = 70;
pub(super) const TOP: i32 = 94;
const BOTTOM: i32 = 40;

pub(super) struct Canvas {
    pub(super) width: u32,
    pub(super) height: u32,
    end_seconds: f64,
    lowest_row: i32,
    highest_row: i32,
}

impl Canvas {
    pub(super) fn of(roll: &Roll) -> Self {
        let drums = if roll.drum_rows > 0 { roll.drum_rows + 2 } else { 0 };
        let (lowest_row, highest_row) = (roll.pitches.0 - drums, roll.pitches.1);
        let width = (roll.end_seconds * PIXELS_A_SECOND) as u32 + (LEFT + RIGHT) as u32;
        let height = TOP + BOTTOM + ROW_PIXELS * (highest_row - lowest_row + 1);
        Self {
            width: width.clamp(NARROWEST, WIDEST),
            height: height.cast_unsigned(),
            end_seconds: roll.end_seconds.max(1e-3),
            lowest_row,
            highest_row,
        }
    }

    pub(super) fn x(&self, seconds: f64) -> i32 {
        let inner = f64::from(self.width) - f64::from(LEFT + RIGHT);
        LEFT + (seconds.clamp(0.0, self.end_seconds) / self.end_seconds * inner).round() as i32
    }

    /// Upper and lower edge of a row.
    pub(super) fn row(&self, row: i32) -> (i32, i32) {
        let top = TOP + (self.highest_row - row.clamp(self.lowest_row, self.highest_row)) * ROW_PIXELS;
        (top, top + ROW_PIXELS)
    }

    pub(super) fn left(&self) -> i32 {
        self.x(0.0)
    }

    pub(super) fn right(&self) -> i32 {
        self.x(self.end_seconds)
    }

    pub(super) fn bottom(&self) -> i32 {
        self.row(self.lowest_row).1
    }

    /// Seconds between marks of the time axis: the finest round step that keeps them apart.
    pub(super) fn time_step(&self) -> f64 {
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
        let apart = |step: &f64| step / self.end_seconds * f64::from(self.width) >= 60.0;
        steps.into_iter().find(apart).unwrap_or(3600.0)
    }
}
