//! Which pitches a piece is made of.

use crate::{
    corpus::Song,
    metric::statistics::entropy_bits,
    music::{Mode, Note, STEPS_PER_BAR},
};

const WINDOW_BARS: u32 = 4;

pub(super) fn notes(song: &Song) -> impl Iterator<Item = &Note> {
    song.melody.iter().chain(&song.accompaniment)
}

/// Share of notes in the major or natural minor scale that holds most of them (`MusPy`).
pub(super) fn scale_consistency(song: &Song) -> Option<f64> {
    let classes = classes(notes(song));
    let all: f64 = classes.iter().sum();
    // The scale of a minor key is that of its relative major.
    let inside =
        |tonic: u8| Mode::Major.scale().iter().map(|step| classes[usize::from((tonic + step) % 12)]).sum::<f64>();
    (all > 0.0).then(|| (0..12).map(inside).fold(0.0, f64::max) / all)
}

pub(super) fn pitch_entropy(song: &Song) -> Option<f64> {
    let mut pitches = [0.0; 128];
    notes(song).for_each(|note| pitches[usize::from(note.pitch)] += 1.0);
    entropy_bits(&pitches)
}

pub(super) fn pitch_class_entropy(song: &Song) -> Option<f64> {
    entropy_bits(&classes(notes(song)))
}

/// Mean over windows of four bars that hold notes (H4 of Wu & Yang 2020).
pub(super) fn entropy_of_4_bars(song: &Song) -> Option<f64> {
    let windows = (song.bars as u32).div_ceil(WINDOW_BARS);
    let entropy = |window: u32| {
        let first = window * WINDOW_BARS * STEPS_PER_BAR;
        let steps = first..first + WINDOW_BARS * STEPS_PER_BAR;
        entropy_bits(&classes(notes(song).filter(|note| steps.contains(&note.start))))
    };
    let entropies: Vec<f64> = (0..windows).filter_map(entropy).collect();
    (!entropies.is_empty()).then(|| entropies.iter().sum::<f64>() / entropies.len() as f64)
}

pub(super) fn pitch_range(song: &Song) -> Option<f64> {
    let lowest = notes(song).map(|note| note.pitch).min()?;
    let highest = notes(song).map(|note| note.pitch).max()?;
    Some(f64::from(highest - lowest))
}

fn classes<'a>(notes: impl Iterator<Item = &'a Note>) -> [f64; 12] {
    let mut classes = [0.0; 12];
    notes.for_each(|note| classes[usize::from(note.pitch % 12)] += 1.0);
    classes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    fn song(pitches: &[u8]) -> Song {
        let mut song = testing::song("1", 4, Split::Test);
        song.melody.clear();
        let note =
            |(place, pitch): (usize, &u8)| Note { start: 4 * place as u32, pitch: *pitch, duration: 4, velocity: 70 };
        song.accompaniment = pitches.iter().enumerate().map(note).collect();
        song
    }

    #[test]
    fn a_scale_of_any_key_is_consistent() {
        let minor = song(&[57, 59, 60, 62, 64, 65, 67]);
        assert_eq!(scale_consistency(&minor), Some(1.0));
        assert_eq!(scale_consistency(&song(&[60, 61, 62, 63])), Some(0.75));
        assert_eq!((scale_consistency(&song(&[])), pitch_range(&song(&[]))), (None, None));
    }

    #[test]
    fn entropies_are_in_bits() {
        let octaves = song(&[48, 60, 50, 62]);
        assert!((pitch_entropy(&octaves).unwrap() - 2.0).abs() < 1e-9);
        assert!((pitch_class_entropy(&octaves).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(pitch_range(&octaves), Some(14.0));
    }

    #[test]
    fn windows_of_four_bars_are_looked_at_one_by_one() {
        let mut song = song(&[60; 16]);
        song.bars = 8;
        song.accompaniment.extend((16..32).map(|beat| Note { start: 4 * beat, pitch: 62, duration: 4, velocity: 70 }));
        assert!((pitch_class_entropy(&song).unwrap() - 1.0).abs() < 1e-9);
        assert!(entropy_of_4_bars(&song).unwrap().abs() < 1e-9);
    }
}
