//! What songs would have been asked for, bar by bar, so that models can learn to do what is asked.
//!
//! Densities, dynamics and register are measured. Valence and arousal are what a meter has measured, where the songs carry
//! it (`data.affect`); else a rule of thumb: arousal grows with density, dynamics and tempo; valence with the mode, the share of
//! chords with a major third and the register. Both are averaged over five bars: a mood does not jump.

use super::piece::Asked;
use crate::{
    corpus::Song,
    music::{Chord, Mode, Note, STEPS_PER_BAR},
};

const SMOOTHING_BARS: usize = 2;
/// Values at 5, 50 and 95 % of songs' bars; the same as plans use.
const DENSITY: [f32; 3] = [4.0, 12.0, 22.0];
const DYNAMICS: [f32; 3] = [48.0, 70.0, 95.0];
const REGISTER: [f32; 3] = [48.0, 57.0, 66.0];
const TEMPO: [f32; 3] = [70.0, 95.0, 135.0];

/// What each bar of a song is.
pub(super) fn asked(song: &Song) -> Vec<Asked> {
    let accompaniment = notes_by_bar(&song.accompaniment, song.bars);
    let melody = notes_by_bar(&song.melody, song.bars);
    let energy: Vec<f32> = accompaniment.iter().map(|notes| energy(notes)).collect();
    let brightness: Vec<f32> =
        (0..song.bars).map(|bar| brightness(&song.chords[2 * bar..2 * bar + 2], accompaniment[bar])).collect();
    let tempo = level(song.bpm as f32, TEMPO);
    let mode = if song.mode == Mode::Major { 0.35 } else { -0.35 };
    let bars = smooth(&energy).into_iter().zip(smooth(&brightness)).enumerate();
    let row = |(bar, (energy, brightness)): (usize, (f32, f32))| {
        let notes: &[Note] = accompaniment[bar];
        let rule = [mode + brightness, 0.8 * energy + 0.2 * tempo].map(|value| value.clamp(-1.0, 1.0));
        let [valence, arousal] = song.affect.get(bar).copied().unwrap_or(rule);
        [
            Some(valence),
            Some(arousal),
            Some(notes.len() as f32),
            mean(notes, |note| note.velocity),
            mean(notes, |note| note.pitch),
            Some(melody[bar].len() as f32),
        ]
    };
    bars.map(row).collect()
}

fn energy(notes: &[Note]) -> f32 {
    let dynamics = mean(notes, |note| note.velocity).map_or(-1.0, |velocity| level(velocity, DYNAMICS));
    0.5 * level(notes.len() as f32, DENSITY) + 0.5 * dynamics
}

/// -0.65..0.65, from chords with a major third (up), with a minor one (down) and the register.
fn brightness(chords: &[Chord], notes: &[Note]) -> f32 {
    let thirds: f32 =
        chords.iter().map(|chord| f32::from(chord.brightness())).sum::<f32>() / chords.len().max(1) as f32;
    let register = mean(notes, |note| note.pitch).map_or(0.0, |pitch| level(pitch, REGISTER));
    0.35 * thirds + 0.3 * register
}

/// -1 at the first value, 0 at the second, 1 at the third; no further.
fn level(value: f32, [low, middle, high]: [f32; 3]) -> f32 {
    let reach = if value < middle { middle - low } else { high - middle };
    ((value - middle) / reach).clamp(-1.0, 1.0)
}

fn mean(notes: &[Note], value: impl Fn(&Note) -> u8) -> Option<f32> {
    let sum: f32 = notes.iter().map(|note| f32::from(value(note))).sum();
    (!notes.is_empty()).then(|| sum / notes.len() as f32)
}

fn smooth(rows: &[f32]) -> Vec<f32> {
    let around = |row: usize| {
        let window = &rows[row.saturating_sub(SMOOTHING_BARS)..(row + SMOOTHING_BARS + 1).min(rows.len())];
        window.iter().sum::<f32>() / window.len() as f32
    };
    (0..rows.len()).map(around).collect()
}

/// Notes that begin in each bar.
pub(super) fn notes_by_bar(notes: &[Note], bars: usize) -> Vec<&[Note]> {
    let first_of = |bar: usize| notes.partition_point(|note| note.start < bar as u32 * STEPS_PER_BAR);
    (0..bars).map(|bar| &notes[first_of(bar)..first_of(bar + 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    fn song() -> Song {
        testing::song("1", 12, Split::Train)
    }

    fn mean_of(song: &Song, channel: usize) -> f32 {
        let rows = asked(song);
        rows.iter().map(|row| row[channel].unwrap()).sum::<f32>() / rows.len() as f32
    }

    #[test]
    fn what_can_be_counted_is_counted() {
        let rows = asked(&song());
        assert_eq!(rows.len(), 12);
        assert_eq!((rows[0][2], rows[0][3], rows[0][5]), (Some(8.0), Some(60.0), Some(4.0)));
        assert_eq!(rows[3][5], Some(0.0), "the melody rests every fourth bar");
        let mut silent = song();
        silent.accompaniment.retain(|note| note.start >= 16);
        assert_eq!((asked(&silent)[0][2], asked(&silent)[0][3], asked(&silent)[0][4]), (Some(0.0), None, None));
    }

    #[test]
    fn louder_denser_faster_is_more_excited() {
        let calm = mean_of(&song(), 1);
        let mut loud = song();
        loud.accompaniment.iter_mut().for_each(|note| note.velocity += 20);
        let mut fast = song();
        fast.bpm = 135.0;
        let mut sparse = song();
        sparse.accompaniment.retain(|note| note.start % 8 == 0);
        assert!(mean_of(&loud, 1) > calm && mean_of(&fast, 1) > calm && mean_of(&sparse, 1) < calm);
    }

    #[test]
    fn minor_and_low_is_sadder() {
        let glad = mean_of(&song(), 0);
        let mut minor = song();
        minor.mode = Mode::Minor;
        let mut low = song();
        low.accompaniment.iter_mut().for_each(|note| note.pitch -= 8);
        assert!(mean_of(&minor, 0) < glad && mean_of(&low, 0) < glad);
    }

    #[test]
    fn what_a_meter_measured_goes_before_the_rule() {
        let measured = Song { affect: (0..12).map(|bar| [bar as f32 / 20.0, -0.5]).collect(), ..song() };
        let (rows, ruled) = (asked(&measured), asked(&song()));
        assert_eq!(rows[7][..2], [Some(0.35), Some(-0.5)]);
        assert_eq!(rows[7][2..], ruled[7][2..]);
        assert_ne!(rows[7][..2], ruled[7][..2]);
    }

    #[test]
    fn values_stay_in_their_range() {
        for bpm in [70.0, 140.0] {
            let rows = asked(&Song { bpm, ..song() });
            assert!(rows.iter().all(|row| row[..2].iter().all(|value| value.unwrap().abs() <= 1.0)));
        }
    }
}
