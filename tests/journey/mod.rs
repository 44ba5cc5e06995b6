//! Journeys: the real programs, real clips, whole runs, looked at as a user would.

mod attempts;
mod bad_media;
mod cache_hits;
mod clips;
mod crashes;
mod cuts;
mod demo;
mod ducking;
mod gpu;
mod kills;
mod same_bits;
mod scored;
mod scripts;
mod second_thoughts;
mod training;

pub(crate) use self::{bad_media::BAD_MEDIA, scored::Scored};
