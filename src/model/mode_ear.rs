//! Hears how clearly a take is in its mode, bar by bar. Each bar may be minor or major in passing; over some bars the key that
//! was asked for has to be the one that is found, and glad music in minor easily drifts to its relative major.

use super::{Part, piece::Piece};
use crate::{
    metric::key_finding::mode_clarity,
    music::{Note, STEPS_PER_BEAT, STEPS_PER_HALF_BAR},
};

/// Bars before which nothing is judged.
const FIRST_BARS: usize = 4;
/// How much better the key must fit than any of the other mode, and what is off by 1.
const CLEAR: f64 = 0.15;
const OFF_CLARITY: f64 = 0.15;

#[derive(Clone, Debug)]
pub(super) struct ModeEar {
    part: Part,
    /// How long each pitch class has sounded, in steps.
    classes: [f64; 12],
}

impl ModeEar {
    pub(super) fn new(part: Part) -> Self {
        Self { part, classes: [0.0; 12] }
    }

    /// How far a take is from a clear mode with this bar, in widths.
    pub(super) fn off(&self, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        if bar < FIRST_BARS {
            return 0.0;
        }
        let mut classes = self.classes;
        hear(&mut classes, self.part, piece, bar, notes);
        ((CLEAR - mode_clarity(&classes, piece.mode.neutral_key())) / OFF_CLARITY).max(0.0) as f32
    }

    pub(super) fn settle(&mut self, piece: &Piece, bar: usize, notes: &[Note]) {
        hear(&mut self.classes, self.part, piece, bar, notes);
    }
}

/// Adds a bar's notes, and what sounds beside them: the melody above an accompaniment, the chords under a melody.
fn hear(classes: &mut [f64; 12], part: Part, piece: &Piece, bar: usize, notes: &[Note]) {
    let first = piece.bars[bar].first_step;
    let end = first + piece.bars[bar].beats * STEPS_PER_BEAT;
    let mut listen = |notes: &[Note]| {
        let from = notes.partition_point(|note| note.start < first);
        for note in notes[from..].iter().take_while(|note| note.start < end) {
            classes[usize::from(note.pitch % 12)] += f64::from(note.duration);
        }
    };
    listen(notes);
    if part == Part::Accompaniment {
        listen(&piece.melody);
        return;
    }
    let slots = (first / STEPS_PER_HALF_BAR) as usize..(end / STEPS_PER_HALF_BAR) as usize;
    for chord in piece.chords.get(slots).unwrap_or_default() {
        chord.pitch_classes().iter().for_each(|class| classes[usize::from(*class)] += f64::from(STEPS_PER_HALF_BAR));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing, music::Mode};

    /// A bar of the same quarters, again and again.
    fn notes(pitches: [u8; 4]) -> Vec<Note> {
        let note = |beat: u32| Note { start: 4 * beat, pitch: pitches[beat as usize % 4], duration: 4, velocity: 60 };
        (0..32).map(note).collect()
    }

    #[test]
    fn a_take_in_minor_that_sounds_like_major_is_off() {
        let mut piece = Piece::of_song(&testing::song("1", 8, Split::Test));
        (piece.mode, piece.melody) = (Mode::Minor, vec![]);
        let off = |notes: &[Note]| {
            let mut ear = ModeEar::new(Part::Accompaniment);
            (0..5).for_each(|bar| ear.settle(&piece, bar, notes));
            ear.off(&piece, 5, notes)
        };
        let (minor, major) = (notes([57, 60, 64, 69]), notes([60, 64, 67, 65]));
        assert!(off(&minor) < 0.01 && off(&major) > 1.0, "{} {}", off(&minor), off(&major));
        assert!(ModeEar::new(Part::Accompaniment).off(&piece, 3, &major).abs() < 1e-6, "too early to tell");
    }
}
