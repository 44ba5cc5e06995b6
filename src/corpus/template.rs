//! Chords from notes alone: every slot is matched with every chord, and the likeliest way through them is taken.

use super::free_note::FreeNote;
use crate::music::Chord;

/// What sounds in a slot, in shares of its length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sounding {
    classes: [f64; 12],
    /// Pitch class of the note that lies lowest.
    bass: Option<u8>,
}

/// Score of a slot whose notes are all chord tones.
const MATCH: f64 = 10.0;
/// The bass is the root.
const BASS: f64 = 0.12;
/// A chord tone that does not sound; more for the seventh, which otherwise would cost nothing.
const MISSING: f64 = 0.10;
/// Chords that are rare in songs need more evidence.
const RARE: f64 = 0.12;
const CHANGE: f64 = 2.0;
/// What has been held since before the slot counts half: it may be a pedal that blurs two chords.
const HELD: f64 = 0.5;
/// Less than this share of the slot is silence.
const SILENT: f64 = 0.05;

/// Notes in any unit, slots `length` of it long.
pub(super) fn soundings(notes: &[FreeNote], slots: usize, length: f64) -> Vec<Sounding> {
    let mut found = vec![Sounding::default(); slots];
    let mut lowest = vec![u8::MAX; slots];
    for note in notes {
        let first = (note.start / length).max(0.0) as usize;
        for slot in first..slots {
            let from = slot as f64 * length;
            let share = (note.end.min(from + length) - note.start.max(from)) / length;
            if share <= 0.0 {
                break;
            }
            let held = if note.start < from { HELD } else { 1.0 };
            found[slot].classes[usize::from(note.pitch % 12)] += share * held;
            if share * held > 0.2 && note.pitch < lowest[slot] {
                lowest[slot] = note.pitch;
                found[slot].bass = Some(note.pitch % 12);
            }
        }
    }
    found
}

impl Sounding {
    pub(super) fn is_silent(&self) -> bool {
        self.classes.iter().sum::<f64>() < SILENT
    }

    fn score(&self, chord: Chord) -> f64 {
        let Chord::Sounding { root, quality } = chord else {
            return if self.is_silent() { MATCH } else { -MATCH };
        };
        if self.is_silent() {
            return 0.0;
        }
        let whole: f64 = self.classes.iter().sum();
        let share = |class: u8| self.classes[usize::from(class % 12)] / whole;
        let tones = quality.intervals().iter().map(|interval| share(root + interval));
        let matched: f64 = tones.clone().sum();
        let missing: f64 = tones.map(|share| MISSING * (1.0 - share / 0.08).max(0.0)).sum();
        let bass = if self.bass == Some(root) { BASS } else { 0.0 };
        MATCH * (matched - missing + bass - rarity(chord))
    }
}

fn rarity(chord: Chord) -> f64 {
    use crate::music::Quality::{Augmented, Diminished, Major, MajorSeventh, Minor, MinorSeventh, Seventh, Suspended};
    match chord {
        Chord::None | Chord::Sounding { quality: Major | Minor, .. } => 0.0,
        Chord::Sounding { quality: MinorSeventh | MajorSeventh | Seventh, .. } => 0.4 * RARE,
        Chord::Sounding { quality: Suspended, .. } => 0.7 * RARE,
        Chord::Sounding { quality: Diminished | Augmented, .. } => RARE,
    }
}

/// The likeliest chord of each slot. `lean` is added to a chord's score in a slot: what else is known of it; minus infinity
/// forbids it.
pub(super) fn chords(slots: &[Sounding], lean: impl Fn(usize, Chord) -> f64) -> Vec<Chord> {
    let all: Vec<Chord> = (0..Chord::COUNT).filter_map(Chord::from_index).collect();
    let mut scores = vec![0.0; all.len()];
    let mut sources: Vec<Vec<usize>> = Vec::with_capacity(slots.len());
    for (index, slot) in slots.iter().enumerate() {
        let best = best(&scores);
        let from = |chord: usize| if scores[best] - CHANGE > scores[chord] { best } else { chord };
        let source: Vec<usize> = (0..all.len()).map(from).collect();
        let score = |(chord, from): (usize, &usize)| {
            let charge = if *from == chord { 0.0 } else { CHANGE };
            scores[*from] - charge + slot.score(all[chord]) + lean(index, all[chord])
        };
        scores = source.iter().enumerate().map(score).collect();
        sources.push(source);
    }
    let mut chord = best(&scores);
    let mut chords = Vec::with_capacity(slots.len());
    for source in sources.iter().rev() {
        chords.push(all[chord]);
        chord = source[chord];
    }
    chords.reverse();
    chords
}

/// Chords where notes sound and none is written; those that are written stay.
pub(super) fn filled(written: &[Chord], slots: &[Sounding]) -> Vec<Chord> {
    chords(
        slots,
        |slot, chord| if written[slot] == Chord::None || written[slot] == chord { 0.0 } else { f64::NEG_INFINITY },
    )
}

fn best(scores: &[f64]) -> usize {
    (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::pop909, testing};

    /// A bass note and the chord above it in each slot of 8.
    fn played(names: &[&str]) -> Vec<FreeNote> {
        let slot = |(index, name): (usize, &&str)| {
            let tones = name.parse::<Chord>().unwrap().pitch_classes();
            let note =
                |pitch| FreeNote { start: 8.0 * index as f64, end: 8.0 * index as f64 + 8.0, pitch, velocity: 80 };
            let low = tones.first().map(|root| note(36 + root));
            low.into_iter().chain(tones.into_iter().map(|tone| note(60 + tone))).collect::<Vec<_>>()
        };
        names.iter().enumerate().flat_map(slot).collect()
    }

    fn written(chords: &[Chord]) -> Vec<String> {
        chords.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn plain_chords_are_what_is_played() {
        let names = ["C", "Am", "F", "G7", "N", "Em", "Dm7", "Gsus4", "Bdim", "Cmaj7"];
        let found = chords(&soundings(&played(&names), names.len(), 8.0), |_, _| 0.0);
        assert_eq!(written(&found), names);
    }

    #[test]
    fn an_inversion_keeps_its_root() {
        let mut notes = played(&["C", "F", "C"]);
        notes.iter_mut().filter(|note| note.pitch == 41).for_each(|note| note.pitch = 45);
        assert_eq!(written(&chords(&soundings(&notes, 3, 8.0), |_, _| 0.0)), ["C", "F", "C"]);
    }

    #[test]
    fn written_chords_stay_and_only_holes_with_notes_are_filled() {
        let slots = soundings(&played(&["C", "Am", "N", "F"]), 4, 8.0);
        let given = ["G", "N", "N", "F"].map(|name| name.parse().unwrap());
        assert_eq!(written(&filled(&given, &slots)), ["G", "Am", "N", "F"]);
    }

    #[test]
    #[ignore = "a measurement"]
    #[expect(clippy::print_stderr, reason = "it prints what it measures")]
    fn figures_on_pop909() {
        let Some(data) = testing::data() else { return };
        let corpus = pop909::load(&data.join("pop909"), |_| {}).unwrap();
        let (mut root, mut exact, mut third, mut all, mut modes, mut none, mut none_all) = (0, 0, 0, 0, 0, 0, 0);
        for song in &corpus.songs {
            let notes: Vec<FreeNote> =
                song.melody.iter().chain(&song.accompaniment).copied().map(FreeNote::of).collect();
            let sounding = soundings(&notes, 2 * song.bars, 8.0);
            let found = chords(&sounding, |_, _| 0.0);
            for ((found, known), sounding) in found.iter().zip(&song.chords).zip(&sounding) {
                none_all += 1;
                if *known == Chord::None {
                    none += usize::from(!sounding.is_silent());
                    continue;
                }
                all += 1;
                root += usize::from(found.root() == known.root());
                exact += usize::from(found == known);
                let triad = |chord: &Chord| chord.pitch_classes().into_iter().take(3).collect::<Vec<_>>();
                third += usize::from(triad(found) == triad(known));
            }
            let mode = super::super::key_path::mode(
                notes.iter().map(|note| (note.pitch, note.end - note.start)),
                &song.chords,
            );
            modes += usize::from(mode == song.mode);
        }
        eprintln!("slots {none_all}, no chord but notes {none}");
        eprintln!(
            "root {:.3} triad {:.3} exact {:.3}",
            root as f64 / all as f64,
            third as f64 / all as f64,
            exact as f64 / all as f64
        );
        eprintln!("mode {:.3}", modes as f64 / corpus.songs.len() as f64);
    }
}
