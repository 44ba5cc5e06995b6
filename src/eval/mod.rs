//! Evaluation: sets of composed pieces against real songs, by the same measures.
//!
//! | step | file |
//! |---|---|
//! | stretches of real songs | `excerpt`, `draw` |
//! | what a stretch would have been asked for, as plan and conditions | `brief`, `letters` |
//! | pieces composed to such briefs, with the product's own functions | `compose` |
//! | the set as it passes between stages | `set` |
//! | real songs as the yardstick | `real` |
//! | pieces as people get them, and whether they do what was asked | `played`, `obedience` |
//! | what can be asked | `channels` |
//! | one knob at a time | `knobs` |
//! | all figures | `music`, `metrics` |
//! | pieces composed to videos, and how well they go with them | `vmcp`, `vmcp_figures` |
//!
//! Measures of one piece lie in `metric::song`; this module knows sets, draws and what was asked.

mod brief;
mod channels;
mod compose;
mod draw;
mod excerpt;
mod knobs;
mod letters;
mod metrics;
mod music;
mod obedience;
mod played;
mod real;
mod set;
pub(crate) mod vmcp;
pub(crate) mod vmcp_figures;

pub(crate) use self::{
    brief::Brief,
    compose::{Ensemble, Given, briefs, compose, compose_by_ngrams},
    excerpt::Excerpt,
    knobs::turn_knobs,
    metrics::{Metrics, SetFigures},
    music::{Yardsticks, evaluate},
    played::PlayedError,
    set::{Pieces, Take},
};
