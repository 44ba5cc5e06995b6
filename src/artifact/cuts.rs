//! Hard cuts of the picture.

use serde::{Deserialize, Serialize};

use super::{Kind, json_artifact};

/// Cuts in order of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cuts {
    pub(crate) cuts: Vec<Cut>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cut {
    /// Seconds from the first picture to the first picture of the new shot.
    pub(crate) time: f64,
    /// 0..1, how different the shots are.
    pub(crate) strength: f32,
}

json_artifact!(Cuts, Kind::Cuts);
