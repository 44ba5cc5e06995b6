//! Cue planning: from what the picture shows and the knobs ask to key, tempo, bars, sections and what each bar should be like.
//!
//! All but one thing here is a documented rule; how loud bars are against each other is learned (`dynamics`):
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
//! | a bar's density, register | a level from arousal and motion, looked up in what real songs do | `conditions`, `typical` |
//! | a bar's dynamics | the same from arousal and from what the model of loudness tells | `conditions`, `typical` |

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

/// How much moves, -1..1, against music videos, from the mean difference of neighbouring pictures (0..255).
pub(crate) fn motion_level(difference: f32) -> f32 {
    typical::MOTION.level(difference)
}
