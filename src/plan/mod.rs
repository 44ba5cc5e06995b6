//! Cue planning: from what the picture shows and the knobs ask to key, tempo, bars, sections and what each bar should be like.
//!
//! Everything here is a documented rule, nothing is learned:
//!
//! | what | rule | where it comes from |
//! |---|---|---|
//! | valence | bright, saturated, many-colored pictures are glad | `mood` |
//! | arousal | motion 0.6, cuts a minute 0.25, saturated, dark, contrasted pictures 0.15 | `mood` |
//! | valence, arousal by a word | the word's place on the plane, for the whole piece | `affect::moods` |
//! | mode | minor below a valence of -0.2, else major | `key` |
//! | tonic | by the seed, among keys at most five semitones from C major or A minor | `key` |
//! | tempo | arousal -1..1 spans the tempo range | `cue` |
//! | bars | a dynamic programme puts cuts on beats by small changes of tempo | `moment`, `align` |
//! | bars without cuts | whole bars at one tempo, the last ends with the picture | `bars` |
//! | sections | phrases of 8 or 4 bars, boundaries drawn to strong cuts | `sections` |
//! | a bar's density, dynamics, register | a level from arousal and motion, looked up in what real songs do | `conditions`, `typical` |

mod align;
mod bars;
mod conditions;
mod cue;
mod key;
mod knob;
mod moment;
mod mood;

mod peaks;
mod picture;
mod sections;
mod typical;

#[cfg(test)]
pub(crate) use self::cue::tests as example;
pub(crate) use self::knob::AutoFloat;
use self::knob::{KeyKnob, MoodKnob, Offset, TempoRange};
pub(crate) use self::{
    conditions::{ConditionKnobs, plan_conditions},
    cue::{CueKnobs, PlanError, plan_cue},
    mood::PictureMood,
    picture::BarPictures,
};
