//! How glad a song's chords alone are: what the meter says of all the music, as far as the chords around a bar tell it.
//!
//! A chord model that is asked for the meter's valence learns that chords hardly matter, because melody and texture move the
//! meter as much. Asked for what chords tell, it learns which chords to choose.

use super::{calibration::Calibration, label::HALF_WINDOW_BARS, ridge::Ridge};
use crate::{
    corpus::{Corpus, Song, Split},
    music::{Chord, Mode},
};

const ROOTS: usize = 12;
/// Chords with a major third, with a minor one, others.
const KINDS: usize = 3;
/// Shares of roots and kinds, no chord, changes, and the mode.
const FEATURES: usize = ROOTS * KINDS + 3;
const PULL: f64 = 30.0;

/// For each song the valence of its bars by their chords, -1..1; none where songs carry no labels or none is for training.
pub(crate) fn chord_valence(corpus: &Corpus) -> Option<Vec<Vec<f32>>> {
    let is_labelled = |song: &&Song| song.affect.len() == song.bars && song.bars > 0;
    let training = || corpus.songs.iter().filter(|song| song.split == Split::Train).filter(is_labelled);
    let rows: Vec<[f64; FEATURES]> = training().flat_map(features).collect();
    let rows: Vec<&[f64]> = rows.iter().map(<[f64; FEATURES]>::as_slice).collect();
    let labels: Vec<[f64; 2]> = training().flat_map(|song| &song.affect).map(|label| label.map(f64::from)).collect();
    let ridge = (!rows.is_empty()).then(|| Ridge::fit(&rows, &labels, PULL))?;
    let calibration = Calibration::of(rows.iter().map(|row| ridge.measure(row)[0]).collect())?;
    let measure = |row: [f64; FEATURES]| calibration.apply(ridge.measure(&row)[0]) as f32;
    Some(corpus.songs.iter().map(|song| features(song).into_iter().map(measure).collect()).collect())
}

fn features(song: &Song) -> Vec<[f64; FEATURES]> {
    let of_bar = |bar: usize| {
        let bars = bar.saturating_sub(HALF_WINDOW_BARS)..(bar + HALF_WINDOW_BARS).min(song.bars);
        let chords = &song.chords[2 * bars.start..2 * bars.end];
        let mut row = [0.0; FEATURES];
        for chord in chords {
            row[place(*chord)] += 1.0 / chords.len() as f64;
        }
        let changes = chords.windows(2).filter(|pair| pair[0] != pair[1]).count();
        row[FEATURES - 2] = changes as f64 / chords.len() as f64;
        row[FEATURES - 1] = if song.mode == Mode::Major { 1.0 } else { -1.0 };
        row
    };
    (0..song.bars).map(of_bar).collect()
}

fn place(chord: Chord) -> usize {
    let Some(root) = chord.root() else { return ROOTS * KINDS };
    let kind = match chord.brightness() {
        1 => 0,
        -1 => 1,
        _ => 2,
    };
    KINDS * usize::from(root) + kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::testing, music::Quality};

    /// Songs whose first half is on C major and whose second is on A minor, labelled glad and sad.
    fn corpus() -> Corpus {
        let mut corpus = testing::corpus(6);
        for song in &mut corpus.songs {
            let half = song.bars / 2;
            song.chords[..2 * half].fill(Chord::new(0, Quality::Major));
            song.chords[2 * half..].fill(Chord::new(9, Quality::Minor));
            song.affect = (0..song.bars).map(|bar| if bar < half { [0.6, 0.0] } else { [-0.6, 0.0] }).collect();
        }
        corpus
    }

    #[test]
    fn what_chords_tell_is_found_in_songs_that_were_not_learned_from() {
        let corpus = corpus();
        let valence = chord_valence(&corpus).unwrap();
        let held_out = corpus.songs.iter().position(|song| song.split != Split::Train).unwrap();
        let bars = &valence[held_out];
        assert_eq!(bars.len(), corpus.songs[held_out].bars);
        assert!(bars[1] > 0.6 && bars[bars.len() - 2] < -0.6, "{bars:?}");
    }

    #[test]
    fn songs_without_labels_tell_nothing() {
        assert!(chord_valence(&testing::corpus(4)).is_none());
    }
}
