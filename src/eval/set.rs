//! A set of composed pieces with what was asked of each, as it passes from composing to measuring.

use serde::{Deserialize, Serialize};

use super::Brief;
use crate::{
    artifact::{Kind, json_artifact},
    corpus::Song,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pieces {
    /// What the set is called in tables.
    pub(crate) label: String,
    pub(crate) takes: Vec<Take>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Take {
    pub(crate) brief: Brief,
    /// What was composed, in C major or A minor.
    pub(crate) song: Song,
}

json_artifact!(Pieces, Kind::Pieces);
