//! Photographs that people rated.

use serde::{Deserialize, Serialize};

use crate::artifact::{Kind, json_artifact};

/// Ratings of photographs; a still and a row of color a photograph go beside them, in the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RatedPictures {
    pub(crate) name: String,
    /// Under which terms the data may be used; cards repeat it.
    pub(crate) terms: String,
    pub(crate) pictures: Vec<RatedPicture>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RatedPicture {
    pub(crate) id: String,
    /// Pictures of one theme are alike beyond what they feel like.
    pub(crate) theme: String,
    /// People's mean, -1..1: unpleasant to pleasant.
    pub(crate) valence: f64,
    /// People's mean, -1..1: calm to excited.
    pub(crate) arousal: f64,
}

json_artifact!(RatedPictures, Kind::RatedPictures);
