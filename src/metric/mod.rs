//! Measures of music: scale, silence, repetition, cadence, and how the bars fit the picture. What the checks judge by.

mod affect;
mod beats;
mod cadence;
mod grid;
pub(crate) mod key_finding;
mod music;
mod original;
pub(crate) mod song;
pub(crate) mod statistics;
mod sync;
mod verdict;
mod vmcp;

#[cfg(test)]
pub(crate) mod example;

pub(crate) use self::{
    affect::{AffectLimits, check_affect},
    beats::bar_spans,
    cadence::ends_at_rest,
    grid::Grid,
    music::{MusicLimits, check_music},
    original::{OriginalLimits, check_original},
    sync::{CutDistance, SyncLimits, check_sync, cut_distances},
    vmcp::check_vmcp,
};
