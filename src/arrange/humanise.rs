//! Playing: from the grid to ticks, with the dynamics that a bar asks for, phrases that swell, and hands that are not machines.
//!
//! Everything is small and drawn from the seed. Downbeats are tight, notes struck together stay together but for a slight
//! roll from the lowest up.

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

use super::{piece::Piece, touch::Touch};
use crate::{
    artifact::ScoreNote,
    music::{STEPS_PER_BEAT, TICKS_PER_STEP},
    seed::Seed,
};

/// Shorter notes are no notes.
const SHORTEST_TICKS: u32 = 12;
/// Nothing is struck harder, nor softer than this share of the dynamics asked for.
const HARDEST: f32 = 120.0;
const SOFTEST_SHARE: f32 = 0.4;
/// Dynamics that parts with a balance of their own are written for.
const MIDDLING_DYNAMICS: f32 = 70.0;
/// How much of its jitter a downbeat keeps.
const TIGHT: f32 = 0.35;
/// Share of their length that notes lose where a bar is crispest, and share that they ring on where it is least: staccato and
/// legato are the second cue of arousal after tempo and loudness (Juslin 2000; Gabrielsson & Lindstrom 2010).
const DETACHED: f32 = 0.6;
const BOUND: f32 = 0.3;
/// No note rings on further than this, whatever comes after it, and none is detached to less than the other.
const MOST_BOUND_TICKS: u32 = 60;
const LEAST_DETACHED_TICKS: u32 = 72;
/// Share by which accents grow or shrink at the same ends.
const MARKED: f32 = 0.6;

/// Plays a part.
pub(super) fn perform(piece: &Piece, notes: &[ScoreNote], touch: &Touch, seed: Seed) -> Vec<ScoreNote> {
    let mut player = Player { piece, touch, rng: seed.rng() };
    let mut played = Vec::with_capacity(notes.len());
    let bars = notes.chunk_by(|a, b| bar_of(piece, a) == bar_of(piece, b));
    for bar in bars {
        let lift = player.lift(bar);
        for chord in bar.chunk_by(|a, b| a.start_ticks == b.start_ticks) {
            player.strike(chord, lift, &mut played);
        }
    }
    tidy(played, piece.metre.end_ticks())
}

fn bar_of(piece: &Piece, note: &ScoreNote) -> usize {
    piece.metre.bar_at(note.start_ticks / TICKS_PER_STEP)
}

struct Player<'a> {
    piece: &'a Piece,
    touch: &'a Touch,
    rng: ChaCha8Rng,
}

impl Player<'_> {
    /// What a bar's notes, accents counted, need to come near the dynamics asked for, with the swell of the phrase.
    fn lift(&self, notes: &[ScoreNote]) -> f32 {
        let bar = bar_of(self.piece, &notes[0]);
        let (_, accent) = self.articulation(bar);
        let struck = |note: &ScoreNote| f32::from(note.velocity) + accent * self.weight(bar, note);
        let mean = notes.iter().map(struck).sum::<f32>() / notes.len() as f32;
        let dynamics = self.piece.conditions[bar].dynamics;
        self.touch.obedience * (dynamics + self.touch.above - mean)
            + self.touch.excitement * self.piece.played_mood(bar).excitement
            + self.touch.follow * (dynamics - MIDDLING_DYNAMICS)
            + self.touch.swell * (self.piece.shapes[bar].swell - 0.5)
    }

    fn strike(&mut self, chord: &[ScoreNote], lift: f32, played: &mut Vec<ScoreNote>) {
        let end_ticks = self.piece.metre.end_ticks();
        let bar = bar_of(self.piece, &chord[0]);
        let softest = (SOFTEST_SHARE * self.piece.conditions[bar].dynamics).clamp(1.0, 40.0);
        let weight = self.weight(bar, &chord[0]);
        let tight = if weight >= 1.0 { TIGHT } else { 1.0 };
        let (length, accent) = self.articulation(bar);
        let shared = self.touch.late + tight * self.touch.jitter * self.wander();
        for (voice, note) in (0_u16..).zip(chord) {
            let late = shared + self.touch.roll * f32::from(voice) * (1.0 + 0.3 * self.wander());
            let start = note.start_ticks.saturating_add_signed(late.round() as i32);
            let written = note.duration_ticks;
            let sounding =
                ((length * written as f32) as u32).clamp(LEAST_DETACHED_TICKS.min(written), written + MOST_BOUND_TICKS);
            let end = if note.start_ticks + written >= end_ticks { end_ticks } else { start + sounding };
            let velocity = f32::from(note.velocity) + lift + accent * weight + self.touch.uneven * self.wander();
            played.push(ScoreNote {
                start_ticks: start,
                pitch: note.pitch,
                duration_ticks: end.saturating_sub(start),
                velocity: velocity.round().clamp(softest, HARDEST) as u8,
            });
        }
    }

    /// How strong a note's beat is.
    fn weight(&self, bar: usize, note: &ScoreNote) -> f32 {
        let downbeat = self.piece.metre.span(bar).start * TICKS_PER_STEP;
        weight(nearest_step(note.start_ticks.saturating_sub(downbeat)))
    }

    /// Share of its length that a note sounds, and weight of strong beats, as crisp as the bar is.
    fn articulation(&self, bar: usize) -> (f32, f32) {
        let crisp = self.touch.articulation * self.piece.played_mood(bar).crispness;
        let sounding = 1.0 - if crisp > 0.0 { DETACHED } else { BOUND } * crisp;
        (self.touch.length * sounding, self.touch.accent * (1.0 + MARKED * crisp))
    }

    /// -1..1, mostly near 0.
    fn wander(&mut self) -> f32 {
        let mut half = || (self.rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
        half() + half() - 1.0
    }
}

fn nearest_step(ticks: u32) -> u32 {
    (ticks + TICKS_PER_STEP / 2) / TICKS_PER_STEP
}

/// How strong a step is: 1 the downbeat, below 0 between the eighths.
fn weight(step: u32) -> f32 {
    match step {
        0 => 1.0,
        8 => 0.6,
        _ if step.is_multiple_of(STEPS_PER_BEAT) => 0.3,
        _ if step.is_multiple_of(2) => 0.0,
        _ => -0.4,
    }
}

/// Notes inside the piece, none longer than it, none of one pitch over another, in order.
pub(super) fn tidy(mut notes: Vec<ScoreNote>, end_ticks: u32) -> Vec<ScoreNote> {
    notes.retain(|note| note.start_ticks.saturating_add(SHORTEST_TICKS) <= end_ticks);
    notes.sort_unstable_by_key(|note| (note.pitch, note.start_ticks, note.duration_ticks));
    let mut tidied: Vec<ScoreNote> = Vec::with_capacity(notes.len());
    for mut note in notes {
        note.duration_ticks = note.duration_ticks.max(SHORTEST_TICKS).min(end_ticks - note.start_ticks);
        match tidied.last_mut().filter(|last| last.pitch == note.pitch) {
            Some(last) if note.start_ticks - last.start_ticks < SHORTEST_TICKS => {
                let end = (note.start_ticks + note.duration_ticks).max(last.start_ticks + last.duration_ticks);
                last.duration_ticks = end - last.start_ticks;
                last.velocity = last.velocity.max(note.velocity);
            }
            Some(last) => {
                last.duration_ticks = last.duration_ticks.min(note.start_ticks - last.start_ticks);
                tidied.push(note);
            }
            None => tidied.push(note),
        }
    }
    tidied.sort_unstable();
    tidied
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arrange::{
        part::in_ticks,
        testing::{Example, note},
    };

    const TOUCH: Touch = Touch {
        above: 0.0,
        obedience: 0.5,
        follow: 0.0,
        accent: 6.0,
        swell: 8.0,
        uneven: 4.0,
        jitter: 9.0,
        late: 0.0,
        roll: 3.0,
        length: 0.95,
        articulation: 1.0,
        excitement: 0.0,
    };

    fn eighths() -> Vec<ScoreNote> {
        (0..64).map(|n| in_ticks(note(2 * n, 60, 2))).collect()
    }

    #[test]
    fn onsets_stay_near_the_grid_and_downbeats_nearer() {
        let piece = Example::plain(8).piece();
        let played = perform(&piece, &eighths(), &TOUCH, Seed::master(3));
        let off: Vec<i64> = played.iter().zip(0_i64..).map(|(note, n)| i64::from(note.start_ticks) - 240 * n).collect();
        assert!(off.iter().all(|ticks| ticks.abs() <= 9), "{off:?}");
        assert!(off.iter().step_by(8).all(|ticks| ticks.abs() <= 4), "{off:?}");
        assert!(off.iter().any(|ticks| *ticks != 0));
    }

    #[test]
    fn dynamics_follow_what_is_asked() {
        let mean = |dynamics: f32| {
            let mut example = Example::plain(8);
            example.conditions.bars.iter_mut().for_each(|bar| bar.dynamics = dynamics);
            let played = perform(&example.piece(), &eighths(), &TOUCH, Seed::master(3));
            played.iter().map(|note| f32::from(note.velocity)).sum::<f32>() / played.len() as f32
        };
        assert!(mean(100.0) > mean(60.0) + 15.0);
    }

    /// Crisp bars have heavier accents, for which the rest of the bar makes room.
    #[test]
    fn a_bar_is_as_loud_as_asked_whatever_its_accents() {
        let touch = Touch { obedience: 1.0, swell: 0.0, uneven: 0.0, jitter: 0.0, roll: 0.0, ..TOUCH };
        let played = |arousal: f32| {
            let mut example = Example::plain(8);
            example.conditions.bars.iter_mut().take(4).for_each(|bar| bar.arousal = arousal);
            perform(&example.piece(), &eighths(), &touch, Seed::master(3))
        };
        let spread = |bar: &[ScoreNote]| bar[0].velocity - bar[1].velocity;
        let (calm, excited) = (played(-1.0), played(1.0));
        for bar in calm.chunks(8).chain(excited.chunks(8)) {
            let mean = bar.iter().map(|note| f32::from(note.velocity)).sum::<f32>() / 8.0;
            assert!((mean - 70.0).abs() < 0.5, "{mean}");
        }
        assert!(spread(&excited) > spread(&calm) + 2, "{} {}", spread(&excited), spread(&calm));
    }

    #[test]
    fn excitement_detaches_and_marks_and_calm_binds() {
        let played = |arousal: f32| {
            let mut example = Example::plain(8);
            example.conditions.bars.iter_mut().for_each(|bar| bar.arousal = arousal);
            let mut touch = TOUCH;
            (touch.uneven, touch.jitter) = (0.0, 0.0);
            perform(&example.piece(), &[in_ticks(note(16, 60, 4)), in_ticks(note(18, 64, 4))], &touch, Seed::master(3))
        };
        let (calm, neither, excited) = (played(-1.0), played(0.0), played(1.0));
        let lengths = [&calm, &neither, &excited].map(|notes| notes[0].duration_ticks);
        assert!(lengths[0] > lengths[1] && lengths[1] > lengths[2] && lengths[2] * 4 > lengths[1], "{lengths:?}");
        let accents = [&calm, &excited].map(|notes| notes[0].velocity - notes[1].velocity);
        assert!(accents[1] > 2 * accents[0], "{accents:?}");
    }

    #[test]
    fn downbeats_are_stronger() {
        let mut touch = TOUCH;
        touch.uneven = 0.0;
        let played = perform(&Example::plain(8).piece(), &eighths(), &touch, Seed::master(3));
        assert!(played[0].velocity > played[1].velocity && played[4].velocity > played[5].velocity);
    }

    #[test]
    fn a_chord_rolls_upwards_and_rings_to_the_end() {
        let piece = Example::plain(4).piece();
        let chord: Vec<ScoreNote> = [48, 55, 60, 64].map(|pitch| in_ticks(note(48, pitch, 16))).into();
        let played = perform(&piece, &chord, &TOUCH, Seed::master(3));
        assert!(played.windows(2).all(|pair| pair[0].start_ticks < pair[1].start_ticks));
        assert!(played.iter().all(|note| note.start_ticks + note.duration_ticks == piece.metre.end_ticks()));
    }

    proptest! {
        #[test]
        fn tidy_notes_can_be_played(
            notes in prop::collection::vec((0_u32..3000, 58_u8..62, 0_u32..900, 1_u8..128), 0..60), end in 1_u32..3000,
        ) {
            let notes = notes.into_iter().map(|(start_ticks, pitch, duration_ticks, velocity)| {
                ScoreNote { start_ticks, pitch, duration_ticks, velocity }
            });
            let tidied = tidy(notes.collect(), end);
            prop_assert!(tidied.is_sorted());
            for (place, note) in tidied.iter().enumerate() {
                prop_assert!(note.duration_ticks >= 1 && note.start_ticks + note.duration_ticks <= end);
                let again = tidied[place + 1..].iter().find(|later| later.pitch == note.pitch);
                prop_assert!(again.is_none_or(|later| later.start_ticks >= note.start_ticks + note.duration_ticks));
            }
        }
    }
}
