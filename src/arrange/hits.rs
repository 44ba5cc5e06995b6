//! Hits that people wrote are composed, not only met: an accent is a full chord of everybody, struck louder; a stop is such a
//! chord, then silence up to the next start or downbeat; a start is music that begins after silence.

use std::ops::Range;

use super::{drums, piece::Piece, voicing::voicing};
use crate::{
    artifact::{Control, CuePlan, Hit, HitKind, Role, ScoreNote},
    music::{Chord, ExactTempo, Metre, STEPS_PER_BEAT, TICKS_PER_STEP},
};

/// Louder than what the bar asks for.
const ACCENT_LIFT: f32 = 26.0;
const LOUDEST: f32 = 118.0;
/// How long a stop's chord rings.
const STOP_STEPS: u32 = 2;
/// Playing is off the grid by less than this.
const PLAYED_TICKS: u32 = 40;
/// What is written nearer than this to a hit is what is played on it.
const HALF_A_STEP_TICKS: u32 = TICKS_PER_STEP / 2;
/// Where a start comes this early, nothing sounds before it.
const EARLY_STEPS: u32 = 32;

/// What hits do to the grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hits {
    /// Steps at which everybody strikes a chord, and until when at most it rings.
    struck: Vec<Range<u32>>,
    /// Steps at which nobody plays, in order, none over another.
    silent: Vec<Range<u32>>,
}

impl Hits {
    pub(super) fn of(plan: &CuePlan, metre: &Metre) -> Self {
        let tempo = ExactTempo::new(plan.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
        let steps: Vec<(u32, HitKind)> = plan.hits.iter().map(|hit| (step_of(hit, &tempo, metre), hit.kind)).collect();
        let mut hits = Self::default();
        for (place, (step, kind)) in steps.iter().enumerate() {
            let stopped = place.checked_sub(1).is_some_and(|before| steps[before].1 == HitKind::Stop);
            let next = steps.get(place + 1).copied();
            match kind {
                HitKind::Accent => hits.struck.push(*step..metre.span(metre.bar_at(*step)).end),
                HitKind::Stop => {
                    let resumes = resumption(*step, next, metre);
                    hits.struck.push(*step..(step + STOP_STEPS).min(resumes));
                    hits.silent.push((step + STOP_STEPS).min(resumes)..resumes);
                }
                HitKind::Start if stopped => {}
                HitKind::Start => hits.silent.push(silence_before(*step, metre)),
            }
        }
        hits.silent.retain(|silence| !silence.is_empty());
        hits
    }

    /// A part with its hits: notes end where silence or a struck chord begins, nothing begins in silence.
    pub(super) fn compose(&self, piece: &Piece, role: Role, notes: Vec<ScoreNote>) -> Vec<ScoreNote> {
        if self.struck.is_empty() && self.silent.is_empty() || notes.is_empty() {
            return notes;
        }
        let borders: Vec<u32> = self.borders().map(|step| step * TICKS_PER_STEP).collect();
        let mut kept: Vec<ScoreNote> =
            notes.into_iter().filter(|note| !self.is_silent(note.start_ticks / TICKS_PER_STEP)).collect();
        for note in &mut kept {
            let end = note.start_ticks + note.duration_ticks;
            let border = borders.iter().copied().filter(|border| (note.start_ticks + 1..end).contains(border)).min();
            note.duration_ticks = border.unwrap_or(end) - note.start_ticks;
        }
        for chord in &self.struck {
            strike(piece, role, chord, &mut kept);
        }
        kept.sort_unstable();
        kept
    }

    /// The pedal comes up where silence begins, and stays up in it.
    pub(super) fn lift_pedal(&self, mut controls: Vec<Control>) -> Vec<Control> {
        for silence in &self.silent {
            let ticks = silence.start * TICKS_PER_STEP..silence.end * TICKS_PER_STEP;
            let Some(controller) = controls.first().map(|control| control.controller) else { break };
            controls.retain(|control| !ticks.contains(&control.ticks));
            controls.push(Control { ticks: ticks.start, controller, value: 0 });
        }
        controls.sort_unstable();
        controls
    }

    /// Playing is late and uneven by a few ticks and evens out a bar: nothing of that reaches into silence, or softens a hit.
    pub(super) fn finish(&self, piece: &Piece, mut notes: Vec<ScoreNote>) -> Vec<ScoreNote> {
        for chord in &self.struck {
            let velocity = struck_velocity(piece, chord.start);
            let is_struck =
                |note: &&mut ScoreNote| note.start_ticks.abs_diff(chord.start * TICKS_PER_STEP) <= PLAYED_TICKS;
            notes.iter_mut().filter(is_struck).for_each(|note| note.velocity = note.velocity.max(velocity));
        }
        for silence in &self.silent {
            let ticks = silence.start * TICKS_PER_STEP..silence.end * TICKS_PER_STEP;
            for note in notes.iter_mut().filter(|note| note.start_ticks < ticks.start) {
                note.duration_ticks = note.duration_ticks.min(ticks.start - note.start_ticks);
            }
            for note in notes.iter_mut().filter(|note| ticks.contains(&note.start_ticks)) {
                let late = ticks.end - note.start_ticks;
                note.start_ticks = ticks.end;
                note.duration_ticks = note.duration_ticks.saturating_sub(late).max(1);
            }
        }
        notes.sort_unstable();
        notes
    }

    fn is_silent(&self, step: u32) -> bool {
        self.silent.iter().any(|silence| silence.contains(&step))
    }

    fn borders(&self) -> impl Iterator<Item = u32> {
        self.struck.iter().map(|chord| chord.start).chain(self.silent.iter().map(|silence| silence.start))
    }
}

/// The beat nearest to a hit: where the plan put it.
fn step_of(hit: &Hit, tempo: &ExactTempo, metre: &Metre) -> u32 {
    let beat = (tempo.ticks(hit.time) / f64::from(TICKS_PER_STEP * STEPS_PER_BEAT)).round().max(0.0) as u32;
    (beat * STEPS_PER_BEAT).min(metre.end().saturating_sub(STEPS_PER_BEAT))
}

/// Where music comes back after a stop: with a start that follows, else with the next downbeat.
fn resumption(stop: u32, next: Option<(u32, HitKind)>, metre: &Metre) -> u32 {
    match next {
        Some((step, HitKind::Start)) => step,
        next => {
            let downbeat = metre.span(metre.bar_at(stop)).end;
            next.map_or(downbeat, |(step, _)| step.min(downbeat))
        }
    }
}

/// A start without a stop before it: silent from a beat before, or from the downbeat where that is earlier.
fn silence_before(start: u32, metre: &Metre) -> Range<u32> {
    if start <= EARLY_STEPS {
        return 0..start;
    }
    let downbeat = metre.span(metre.bar_at(start - STEPS_PER_BEAT)).start;
    downbeat.min(start - STEPS_PER_BEAT)..start
}

fn struck_velocity(piece: &Piece, step: u32) -> u8 {
    let bar = piece.metre.bar_at(step);
    (piece.conditions[bar].dynamics + ACCENT_LIFT).clamp(1.0, LOUDEST) as u8
}

/// Puts one part's share of a full chord in the place of what it plays there.
fn strike(piece: &Piece, role: Role, chord: &Range<u32>, notes: &mut Vec<ScoreNote>) {
    let velocity = struck_velocity(piece, chord.start);
    let start = chord.start * TICKS_PER_STEP;
    let is_here = |note: &ScoreNote| note.start_ticks.abs_diff(start) < HALF_A_STEP_TICKS;
    let next =
        notes.iter().filter(|note| note.start_ticks > start && !is_here(note)).map(|note| note.start_ticks).min();
    let end = next.unwrap_or(u32::MAX).min(chord.end.min(piece.metre.end()) * TICKS_PER_STEP);
    let pitches = match (role, piece.harmony.at(chord.start)) {
        (Role::Drums, _) => drums::HIT.to_vec(),
        (_, Chord::None) | (Role::Melody, _) => return,
        (Role::Bass, harmony) => bass(harmony, notes, start),
        (Role::Accompaniment, harmony) => {
            let low = harmony.root().map(|root| 36 + root);
            low.into_iter().chain(voicing(&harmony.pitch_classes(), &(52..=74), 62, &[])).collect()
        }
        (Role::Pad, harmony) => voicing(&harmony.pitch_classes(), &(52..=69), 60, &[]),
    };
    if role == Role::Drums {
        notes.retain(|note| !is_here(note) || !pitches.contains(&note.pitch));
    } else {
        notes.retain(|note| !is_here(note));
    }
    let duration_ticks = end - start;
    notes.extend(pitches.into_iter().map(|pitch| ScoreNote { start_ticks: start, pitch, duration_ticks, velocity }));
}

/// The root nearest to where the bass is.
fn bass(chord: Chord, notes: &[ScoreNote], start_ticks: u32) -> Vec<u8> {
    let before = notes.iter().rev().find(|note| note.start_ticks <= start_ticks).map_or(36, |note| note.pitch);
    let roots = (28..=48_u8).filter(|pitch| Some(pitch % 12) == chord.root());
    roots.min_by_key(|pitch| pitch.abs_diff(before)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arrange::{StyleName, part::in_ticks, testing::Example},
        artifact::{Score, ScoreTrack},
    };

    /// At 120 beats a minute a beat is half a second and a bar two.
    fn score(hits: &[(f64, HitKind)], style: StyleName) -> Score {
        let mut example = Example::plain(12);
        example.energy(0.4, 14.0);
        example.plan.hits = hits.iter().map(|(time, kind)| Hit { time: *time, kind: *kind }).collect();
        example.score(style)
    }

    const BEAT: u32 = 480;
    const STYLES: [StyleName; 2] = [StyleName::Piano, StyleName::Band];

    fn sounding(track: &ScoreTrack, ticks: Range<u32>) -> usize {
        let over =
            |note: &&ScoreNote| note.start_ticks < ticks.end && note.start_ticks + note.duration_ticks > ticks.start;
        track.notes.iter().filter(over).count()
    }

    fn near(track: &ScoreTrack, tick: u32) -> Vec<&ScoreNote> {
        track.notes.iter().filter(|note| note.start_ticks.abs_diff(tick) <= 30).collect()
    }

    #[test]
    fn an_accent_is_a_full_chord_struck_louder_by_everybody() {
        for style in STYLES {
            let (plain, hit) = (score(&[], style), score(&[(9.52, HitKind::Accent)], style));
            let tick = 19 * BEAT;
            for track in hit.tracks.iter().filter(|track| track.role != Role::Melody) {
                let struck = near(track, tick);
                let before = plain.tracks.iter().find(|other| other.name == track.name).unwrap();
                let loudest = near(before, tick).iter().map(|note| note.velocity).max().unwrap_or(0);
                let softest = struck.iter().map(|note| note.velocity).min().unwrap();
                assert!(softest >= loudest + 8 && softest >= 85, "{}: {softest} after {loudest}", track.name);
                if track.role == Role::Accompaniment {
                    let mut tones: Vec<u8> = struck.iter().map(|note| note.pitch % 12).collect();
                    tones.sort_unstable();
                    tones.dedup();
                    assert!(struck.len() >= 4 && tones.len() == 3, "{struck:?}");
                }
            }
            if style == StyleName::Band {
                let drums = hit.tracks.iter().find(|track| track.role == Role::Drums).unwrap();
                assert!(drums::HIT.iter().all(|drum| near(drums, tick).iter().any(|note| note.pitch == *drum)));
            }
        }
    }

    #[test]
    fn a_stop_is_silent_up_to_the_next_downbeat() {
        for style in STYLES {
            let hit = score(&[(8.98, HitKind::Stop)], style);
            for track in &hit.tracks {
                assert_eq!(sounding(track, 18 * BEAT + BEAT / 2..20 * BEAT - 12), 0, "{}", track.name);
                assert!(sounding(track, 20 * BEAT..22 * BEAT) > 0, "{} comes back", track.name);
                let pedal = track.controls.iter().rev().find(|control| control.ticks < 20 * BEAT);
                assert!(pedal.is_none_or(|pedal| pedal.value == 0), "{}", track.name);
            }
            assert!(near(&hit.tracks[1], 18 * BEAT).len() >= 4);
        }
    }

    #[test]
    fn a_stop_waits_for_the_start_that_follows() {
        let hit = score(&[(8.0, HitKind::Stop), (12.0, HitKind::Start)], StyleName::Band);
        for track in &hit.tracks {
            assert_eq!(sounding(track, 16 * BEAT + BEAT / 2..24 * BEAT - 12), 0, "{}", track.name);
            assert!(sounding(track, 24 * BEAT..25 * BEAT) > 0, "{}", track.name);
        }
    }

    #[test]
    fn a_start_comes_after_silence_and_an_early_one_is_the_beginning() {
        let late = score(&[(12.0, HitKind::Start)], StyleName::Band);
        let early = score(&[(4.0, HitKind::Start)], StyleName::Band);
        for (score, silence) in [(&late, 20 * BEAT..24 * BEAT - 12), (&early, 0..8 * BEAT - 12)] {
            for track in &score.tracks {
                assert_eq!(sounding(track, silence.clone()), 0, "{}", track.name);
            }
        }
    }

    #[test]
    fn without_hits_nothing_changes() {
        let example = Example::plain(4);
        let piece = example.piece();
        let notes: Vec<ScoreNote> = piece.accompaniment.iter().copied().map(in_ticks).collect();
        assert_eq!(Hits::default().compose(&piece, Role::Accompaniment, notes.clone()), notes);
    }
}
