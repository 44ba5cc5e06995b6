//! Bass lines over chords, in five kinds.

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    chance::share,
    chord::ChordValue,
    notes::{MOST_NOTES, listed},
    number::Checked,
    pitch, stand,
};
use crate::{
    arrange::Piece,
    artifact::ScoreNote,
    music::{PitchClass, TICKS_PER_QUARTER, TICKS_PER_STEP},
};

const BEAT: u32 = TICKS_PER_QUARTER;
const VELOCITY: u8 = 80;
const KINDS: &str = "roots, root_fifth, pulse, octaves or walking";

pub(super) fn register(api: &mut Api) {
    api.group("Bass lines");
    api.function(
        "bass_line(chords: array, kind: text) -> array",
        "A bass under chords: roots (held), root_fifth (in halves), pulse (eighths), octaves (eighths up \
         and down) or walking (quarters on the way to the next chord). It rests on the last chord.",
        |chords: Array, kind: &str| bass_line(&chords, kind, &Dynamic::from(28_i64), &Dynamic::from(48_i64)),
    );
    api.function(
        "bass_line(chords: array, kind: text, low: number, high: number) -> array",
        "The same in a register of an octave at least.",
        |chords: Array, kind: &str, low: Dynamic, high: Dynamic| bass_line(&chords, kind, &low, &high),
    );
}

struct Line<'a> {
    piece: &'a Piece,
    low: u8,
    high: u8,
    /// The pitch before.
    last: u8,
    notes: Vec<ScoreNote>,
}

fn bass_line(chords: &Array, kind: &str, low: &Dynamic, high: &Dynamic) -> Checked<Array> {
    let (low, high) = (pitch::pitch(low, "low")?, pitch::pitch(high, "high")?);
    if high < low || high - low < 11 {
        return Err(format!("the register {low} to {high} is too narrow for a bass; an octave is needed").into());
    }
    if !["roots", "root_fifth", "pulse", "octaves", "walking"].contains(&kind) {
        return Err(format!("the kind of bass \"{kind}\" is unknown; write {KINDS}").into());
    }
    let chords: Vec<ChordValue> = chords
        .iter()
        .map(|value| {
            let chord = value
                .clone()
                .try_cast::<ChordValue>()
                .ok_or("bass_line takes a list of chords, such as score.chords or bar.chords")?;
            chord.placed()
        })
        .collect::<Checked<_>>()?;
    let piece = stand::piece()?;
    let mut line = Line { piece: &piece, low, high, last: low + (high - low) / 3, notes: Vec::new() };
    for (place, chord) in chords.iter().enumerate() {
        let Some(root) = chord.bass_class() else { continue };
        // Without a next one in the list, the piece knows what comes.
        let after = chord.start_ticks + chord.length_ticks;
        let next =
            chords.get(place + 1).map_or_else(|| piece.chord_at(after / TICKS_PER_STEP).root(), ChordValue::bass_class);
        super::note::place(chord.start_ticks);
        line.play(chord, kind, root, next)?;
    }
    Ok(listed(line.notes))
}

impl Line<'_> {
    fn play(&mut self, chord: &ChordValue, kind: &str, root: PitchClass, next: Option<PitchClass>) -> Checked<()> {
        let (start, length) = (chord.start_ticks, chord.length_ticks);
        if self.notes.len() + (length / (BEAT / 2)) as usize > MOST_NOTES {
            return Err(format!("a bass of more than {MOST_NOTES} notes would come").into());
        }
        let tones = chord.chord.pitch_classes();
        let fifth = tones.get(2).copied().unwrap_or(root);
        let low_root = self.near(root);
        match kind {
            _ if chord.is_last()? => self.push(start, length, low_root),
            "roots" => self.push(start, length, low_root),
            "root_fifth" => {
                for (place, at) in (0..length).step_by(2 * BEAT as usize).enumerate() {
                    let class = if place % 2 == 0 && (start + at) % (4 * BEAT) == 0 || length <= 2 * BEAT && place == 0
                    {
                        root
                    } else {
                        fifth
                    };
                    let pitch = self.near(class);
                    self.push(start + at, (2 * BEAT).min(length - at), pitch);
                }
            }
            "pulse" => (0..length).step_by(BEAT as usize / 2).for_each(|at| self.push(start + at, BEAT / 2, low_root)),
            "octaves" => {
                let base = if low_root + 12 > self.high { low_root.saturating_sub(12).max(self.low) } else { low_root };
                let base = if base % 12 == root { base } else { low_root };
                for (place, at) in (0..length).step_by(BEAT as usize / 2).enumerate() {
                    let up = if place % 2 == 1 && base + 12 <= self.high + 12 { 12 } else { 0 };
                    self.push(start + at, BEAT / 2, base + up);
                }
                self.last = base;
            }
            _ => self.walk(chord, root, &tones, next)?,
        }
        Ok(())
    }

    /// The root, tones of the chord between, and a step on the way to the next root.
    fn walk(
        &mut self,
        chord: &ChordValue,
        root: PitchClass,
        tones: &[PitchClass],
        next: Option<PitchClass>,
    ) -> Checked<()> {
        let beats = (chord.length_ticks / BEAT).max(1);
        for beat in 0..beats {
            let start = chord.start_ticks + beat * BEAT;
            let pitch = if beat == 0 {
                self.near(root)
            } else if beat + 1 == beats {
                let target = self.near(next.unwrap_or(root));
                self.approach(target, start)
            } else {
                let other = tones[1 + (share()? * (tones.len() - 1) as f64) as usize];
                let pitch = self.near(other);
                if pitch == self.last { self.near(root) } else { pitch }
            };
            self.push(start, BEAT, pitch);
        }
        Ok(())
    }

    /// A step of the scale beside a pitch, rather from the side the line comes from, that does not rub.
    fn approach(&self, target: u8, start_ticks: u32) -> u8 {
        let scale = |pitch: &u8| self.piece.key.degree(*pitch).is_some();
        let below = (1..=2).map(|far| target.saturating_sub(far)).find(scale);
        let above = (1..=2).map(|far| target + far).find(scale);
        let ways = if self.last < target { [below, above] } else { [above, below] };
        let calm = |pitch: &u8| self.piece.rub(*pitch, start_ticks / TICKS_PER_STEP, 4) < 2 && *pitch != self.last;
        let inside: Vec<u8> =
            ways.into_iter().flatten().filter(|pitch| (self.low..=self.high).contains(pitch)).collect();
        inside.iter().copied().find(calm).or(inside.first().copied()).unwrap_or(target)
    }

    /// The place of a pitch class in the register that is nearest to the note before.
    fn near(&self, class: PitchClass) -> u8 {
        let places = (self.low..=self.high).filter(|pitch| pitch % 12 == class % 12);
        places.min_by_key(|pitch| (pitch.abs_diff(self.last), *pitch)).unwrap_or(self.low)
    }

    fn push(&mut self, start_ticks: u32, duration_ticks: u32, pitch: u8) {
        self.last = pitch.min(self.high);
        self.notes.push(ScoreNote { start_ticks, pitch, duration_ticks, velocity: VELOCITY });
    }
}
