//! How much sounds at once, and how much the melody says again.

use std::collections::HashSet;

use super::rhythm::sounding;
use crate::corpus::Song;

const FIGURE_NOTES: usize = 4;

/// Mean number of pitches over the steps at which any sounds (`MusPy`).
pub(super) fn polyphony(song: &Song) -> Option<f64> {
    let sounding: Vec<u32> = sounding(song).into_iter().filter(|count| *count > 0).collect();
    (!sounding.is_empty()).then(|| f64::from(sounding.iter().sum::<u32>()) / sounding.len() as f64)
}

/// Share of figures of four melody notes, as intervals and distances in time, that were heard before in the piece.
pub(super) fn repetition(song: &Song) -> Option<f64> {
    let moves: Vec<(i16, u32)> = song
        .melody
        .windows(2)
        .map(|pair| (i16::from(pair[1].pitch) - i16::from(pair[0].pitch), pair[1].start - pair[0].start))
        .collect();
    let figures = moves.windows(FIGURE_NOTES - 1);
    let count = figures.len();
    let mut heard = HashSet::new();
    let again = figures.filter(|figure| !heard.insert(*figure)).count();
    (count > 0).then(|| again as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing, music::Note};

    fn note(start: u32, pitch: u8, duration: u16) -> Note {
        Note { start, pitch, duration, velocity: 70 }
    }

    #[test]
    fn a_pitch_of_both_parts_sounds_once_and_rests_do_not_count() {
        let mut song = testing::song("1", 1, Split::Test);
        song.melody = vec![note(0, 60, 4)];
        song.accompaniment = vec![note(0, 60, 4), note(0, 48, 2)];
        assert_eq!(polyphony(&song), Some(1.5));
        song.melody.clear();
        song.accompaniment.clear();
        assert_eq!((polyphony(&song), repetition(&song)), (None, None));
    }

    #[test]
    fn a_figure_comes_back_at_any_pitch() {
        let mut song = testing::song("1", 2, Split::Test);
        let figure = [(0, 60), (2, 62), (4, 64), (8, 60)];
        song.melody = figure.map(|(start, pitch)| note(start, pitch, 1)).to_vec();
        assert_eq!(repetition(&song), Some(0.0));
        song.melody.extend(figure.map(|(start, pitch)| note(start + 16, pitch + 5, 1)));
        assert_eq!(repetition(&song), Some(0.2), "one of five");
    }
}
