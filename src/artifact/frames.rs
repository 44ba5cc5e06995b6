//! Frames: what the one decode pass measures on every picture, so that no feature opens the file again.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};

/// Measures of each decoded picture; `values[i]` belongs to the picture shown at `times[i]` seconds after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frames {
    pub(crate) channels: Vec<String>,
    pub(crate) times: Vec<f64>,
    pub(crate) values: Vec<Vec<f32>>,
}

json_artifact!(Frames, Kind::Frames);
