//! The key of every bar, from the notes alone.
//!
//! A key is heard by its scale, so only the shift to C major or A minor is found here; which of the two it is says the whole
//! song's profile. A change is dear: a few borrowed notes are no new key.

use crate::music::{Chord, Mode, STEPS_PER_BAR};

/// Log likelihood of a note in the scale and of one outside, in nats.
const IN_SCALE: f64 = -1.997;
const OUTSIDE: f64 = -4.605;
const CHANGE: f64 = 30.0;

/// Semitones to the neutral key for each bar. `lean` is added to the score of a bar in a key of this shift.
pub(super) fn shifts(onsets: &[(u32, u8)], bars: usize, lean: impl Fn(i32) -> f64) -> Vec<i32> {
    let mut counts = vec![[0_u32; 12]; bars];
    for (step, pitch) in onsets {
        if let Some(bar) = counts.get_mut((step / STEPS_PER_BAR) as usize) {
            bar[usize::from(pitch % 12)] += 1;
        }
    }
    let mut scores = [0.0; 12];
    let mut sources: Vec<[usize; 12]> = Vec::with_capacity(bars);
    for bar in &counts {
        let best = best(&scores);
        let source = std::array::from_fn(|shift| if scores[best] - CHANGE > scores[shift] { best } else { shift });
        scores = std::array::from_fn(|shift| {
            let charge = if source[shift] == shift { 0.0 } else { CHANGE };
            scores[source[shift]] - charge + likelihood(bar, shift) + lean(signed(shift))
        });
        sources.push(source);
    }
    let mut shift = best(&scores);
    let mut shifts = Vec::with_capacity(bars);
    for source in sources.iter().rev() {
        shifts.push(signed(shift));
        shift = source[shift];
    }
    shifts.reverse();
    shifts
}

fn likelihood(bar: &[u32; 12], shift: usize) -> f64 {
    let scale = Mode::Major.scale();
    let score = |class: usize| if scale.contains(&(((class + shift) % 12) as u8)) { IN_SCALE } else { OUTSIDE };
    bar.iter().enumerate().map(|(class, count)| f64::from(*count) * score(class)).sum()
}

/// By the shorter way, as `Key::shift_to_neutral` counts.
fn signed(shift: usize) -> i32 {
    if shift > 6 { shift as i32 - 12 } else { shift as i32 }
}

fn best(scores: &[f64; 12]) -> usize {
    (0..12).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0)
}

/// Home is where a song ends and stays: how much its chords' time, first and last chord weigh beside its profile.
const HOME: f64 = 1.0;
const LAST: f64 = 0.25;
const FIRST: f64 = 0.1;

/// Major or minor, of notes and chords that lie in the neutral key.
pub(super) fn mode(notes: impl Iterator<Item = (u8, f64)>, chords: &[Chord]) -> Mode {
    let mut classes = [0.0; 12];
    for (pitch, length) in notes {
        classes[usize::from(pitch % 12)] += length;
    }
    let sounding: Vec<&Chord> = chords.iter().filter(|chord| **chord != Chord::None).collect();
    let score = |mode: Mode| {
        let home = mode.neutral_key().tonic;
        let at = |chord: Option<&&Chord>| f64::from(u8::from(chord.is_some_and(|chord| chord.root() == Some(home))));
        let time = sounding.iter().map(|chord| at(Some(chord))).sum::<f64>() / sounding.len().max(1) as f64;
        mode.neutral_key().profile_fit(&classes)
            + HOME * time
            + LAST * at(sounding.last())
            + FIRST * at(sounding.first())
    };
    if score(Mode::Minor) > score(Mode::Major) { Mode::Minor } else { Mode::Major }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Key;

    /// Eight onsets of a key's scale in each bar.
    fn scale(key: &str, bars: std::ops::Range<u32>) -> Vec<(u32, u8)> {
        let key: Key = key.parse().unwrap();
        bars.flat_map(|bar| (0..8).map(move |eighth| (16 * bar + 2 * eighth, 60 + key.scale()[eighth as usize % 7])))
            .collect()
    }

    #[test]
    fn a_scale_says_the_shift_and_a_lasting_one_changes_it() {
        let notes = [scale("Eb", 0..20), scale("F", 20..40)].concat();
        let found = shifts(&notes, 40, |_| 0.0);
        assert_eq!((found[0], found[19], found[20], found[39]), (-3, -3, -5, -5));
        let borrowed = [scale("C", 0..20), scale("E", 20..21), scale("C", 21..40)].concat();
        assert_eq!(shifts(&borrowed, 40, |_| 0.0), vec![0; 40]);
    }

    #[test]
    fn what_is_written_decides_where_notes_say_nothing() {
        assert_eq!(shifts(&[], 3, |shift| f64::from(u8::from(shift == 4))), [4; 3]);
    }

    #[test]
    fn a_song_that_stays_on_its_minor_chord_is_minor() {
        let chords = |names: [&str; 4]| -> Vec<Chord> { names.map(|name| name.parse().unwrap()).into() };
        let tones = |chords: &[Chord]| -> Vec<(u8, f64)> {
            chords.iter().flat_map(|chord| chord.pitch_classes()).map(|class| (60 + class, 4.0)).collect()
        };
        for (names, expected) in [(["C", "F", "G", "C"], Mode::Major), (["Am", "F", "E", "Am"], Mode::Minor)] {
            let chords = chords(names);
            assert_eq!(mode(tones(&chords).into_iter(), &chords), expected, "{names:?}");
        }
    }
}
