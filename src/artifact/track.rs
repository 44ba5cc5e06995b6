//! A track: named channels sampled at a steady rate (color a second, motion a second).

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};

/// Rows x channels; row `i` stands for the time from `i / rows_per_second` to the next row, from the first picture on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Track {
    pub(crate) channels: Vec<String>,
    pub(crate) rows_per_second: f64,
    pub(crate) rows: Vec<Vec<f32>>,
}

impl Track {
    /// One channel over all rows, by name.
    pub(crate) fn channel(&self, name: &str) -> Option<Vec<f32>> {
        let column = self.channels.iter().position(|channel| channel == name)?;
        self.rows.iter().map(|row| row.get(column).copied()).collect()
    }
}

json_artifact!(Track, Kind::Track);
