//! How well the loaded songs hang together: the figures that would show a wrong bar line, key or chord.

use serde_json::{Value, json};

use super::{Corpus, Song, report::rounded};
use crate::music::{Chord, Note, STEPS_PER_BAR};

/// Shares 0..1 over all songs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    /// Chord changes from bar to bar, not within one.
    pub(super) changes_on_downbeats: f64,
    /// Note time on tones of the chord that sounds, where one does.
    pub(super) melody_on_chord: f64,
    pub(super) accompaniment_on_chord: f64,
    /// Onsets in the scale of C major.
    pub(super) melody_in_scale: f64,
    pub(super) accompaniment_in_scale: f64,
}

impl Fit {
    pub(super) fn of(corpus: &Corpus) -> Self {
        let share = |count: fn(&Song) -> (u64, u64)| {
            let (part, whole) = corpus.songs.iter().map(count).fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
            part as f64 / whole.max(1) as f64
        };
        Self {
            changes_on_downbeats: share(|song| changes_on_downbeats(&song.chords)),
            melody_on_chord: share(|song| on_chord(&song.melody, &song.chords)),
            accompaniment_on_chord: share(|song| on_chord(&song.accompaniment, &song.chords)),
            melody_in_scale: share(|song| in_scale(&song.melody)),
            accompaniment_in_scale: share(|song| in_scale(&song.accompaniment)),
        }
    }
}

impl Fit {
    /// For reports.
    pub(super) fn values(self) -> Value {
        json!({
            "chord_changes_on_downbeats": rounded(self.changes_on_downbeats),
            "melody_time_on_chord_tones": rounded(self.melody_on_chord),
            "accompaniment_time_on_chord_tones": rounded(self.accompaniment_on_chord),
            "melody_onsets_in_scale": rounded(self.melody_in_scale),
            "accompaniment_onsets_in_scale": rounded(self.accompaniment_in_scale),
        })
    }
}

fn changes_on_downbeats(chords: &[Chord]) -> (u64, u64) {
    let changes = (1..chords.len()).filter(|slot| chords[*slot] != chords[slot - 1]);
    changes.fold((0, 0), |(on, all), slot| (on + u64::from(slot % 2 == 0), all + 1))
}

fn on_chord(notes: &[Note], chords: &[Chord]) -> (u64, u64) {
    let sounding = notes.iter().filter_map(|note| match chords.get((note.start / (STEPS_PER_BAR / 2)) as usize) {
        None | Some(Chord::None) => None,
        Some(chord) => Some((chord.contains(note.pitch), u64::from(note.duration))),
    });
    sounding.fold((0, 0), |(on, all), (tone, steps)| (on + if tone { steps } else { 0 }, all + steps))
}

fn in_scale(notes: &[Note]) -> (u64, u64) {
    const C_MAJOR: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];
    (notes.iter().filter(|note| C_MAJOR.contains(&(note.pitch % 12))).count() as u64, notes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        let note = |start, pitch, duration| Note { start, pitch, duration, velocity: 80 };
        let chords: Vec<Chord> = ["C", "C", "G", "Am", "N"].map(|text| text.parse().unwrap()).into();
        assert_eq!(changes_on_downbeats(&chords), (2, 3));
        assert_eq!(on_chord(&[note(0, 60, 6), note(6, 62, 2), note(16, 62, 4), note(33, 60, 4)], &chords), (10, 12));
        assert_eq!(in_scale(&[note(0, 60, 1), note(0, 61, 1)]), (1, 2));
    }
}
