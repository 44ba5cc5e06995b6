//! cuesmith composes background music for videos.
//!
//! A recipe (`recipe`) resolves to a plan of stages (`graph`), each an instance of a described node (`node`).
//! The dispatcher (`run`) asks the store (`store`) for what is already there and sends the rest as jobs to
//! workers, whose executors (`stage`) turn artifacts (`artifact`) into artifacts.
//!
//! Two programs share this crate: `cuesmith`, the front, uses `cli`, `recipe`, `graph`, `node`, `store`, `run`
//! and `report`; `cuesmith-worker` adds `stage` and what it stands on: `video`, `audio`, `mux`, `music`, `corpus`,
//! `affect`, `picture`, `model`, `eval`, `original`, `vmcp`, `dynamics`, `plan`, `arrange` and `metric`. The front must never call into
//! what stands on libtorch or libav: link-time optimisation then leaves both out of it.

pub mod cli;
pub mod stage;

pub(crate) mod affect;
pub(crate) mod arrange;
pub(crate) mod artifact;
pub(crate) mod audio;
pub(crate) mod child;
pub(crate) mod corpus;
pub(crate) mod digest;
pub(crate) mod dynamics;
pub(crate) mod error;
pub(crate) mod eval;
pub(crate) mod graph;
pub(crate) mod metric;
pub(crate) mod model;
pub(crate) mod music;
pub(crate) mod mux;
pub(crate) mod node;
pub(crate) mod original;
pub(crate) mod picture;
pub(crate) mod plan;
pub(crate) mod recipe;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod script;
pub(crate) mod seed;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod tensor_file;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod video;
pub(crate) mod vmcp;
pub(crate) mod watch;
