//! VMCP, video-music correspondence: two encoders that learned from music videos which music goes with which picture
//! (after Zhuo et al., ICCV 2023). docs/vmcp.md has the figures.
//!
//! | step | file |
//! |---|---|
//! | what is known second by second | `seconds` |
//! | pairs to learn from | `clip` |
//! | a clip as a row and as curves | `features`, `pooled`, `curves` |
//! | what wholes are like | `cca` |
//! | what rises and falls together | `alignment`, `mixing` |
//! | both as codes, and their likeness | `encoder` |
//! | learning, in folds | `training` |
//! | where the own music stands among 64 | `retrieval`, `trial` |
//! | weights and the reference pool | `file`, `pool`, `card` |
//! | our own videos and pieces as the encoders' input | `shown`, `heard` |

mod alignment;
mod card;
mod cca;
mod clip;
mod curves;
mod encoder;
mod features;
pub(crate) mod file;
mod heard;
pub(crate) mod linear;
mod mixing;
mod pool;
mod pooled;
mod retrieval;
mod seconds;
mod shown;
mod training;
mod trial;

pub(crate) use self::{
    card::Card,
    clip::{Clip, ClipRole, Clips},
    encoder::{Code, Encoder},
    features::Channels,
    heard::heard,
    pool::{Place, Pool},
    retrieval::{AMONG, Interval, Retrieval, Standing, interval},
    seconds::{MINOR, MusicSeconds, PictureSeconds},
    shown::shown,
    training::{Choice, HEAD_SECONDS, Lesson, TAIL_SECONDS, TooFewClips, lessons, mood_quantiles, pool, train},
    trial::{FOLDS, Trial, cross_validate, held_out},
};
