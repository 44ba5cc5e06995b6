//! The sustain pedal: pressed after each chord is struck, lifted as the next one sounds.

use std::ops::Range;

use rand_chacha::rand_core::Rng;

use super::piece::Piece;
use crate::{
    artifact::Control,
    music::{Chord, TICKS_PER_STEP},
    seed::Seed,
};

pub(super) const SUSTAIN: u8 = 64;
const DOWN: u8 = 127;
const UP: u8 = 0;
/// After the beat: the foot hears the new chord before it lets go of the old one.
const LIFT_TICKS: u32 = 8;
/// Before the shortest note of the grid ends, so that it is caught unless it is detached.
const PRESS_TICKS: u32 = 70;
const SPREAD_TICKS: u32 = 16;
/// Share of a chord that is dry where notes are detached most; a little of that keeps the pedal down.
const DRY: f32 = 0.6;
const LEAST_DRY: f32 = 0.1;

/// Changes with each chord and each bar, rests where there is no chord, comes up at the end; the more detached the music, the
/// earlier, so that detached notes are heard as such.
pub(super) fn pedal(piece: &Piece, seed: Seed) -> Vec<Control> {
    let mut rng = seed.derive("pedal").rng();
    let mut controls = Vec::new();
    let mut down = false;
    let mut set = |ticks, value| controls.push(Control { ticks, controller: SUSTAIN, value });
    for span in piece.harmony.spans_by_bar(&piece.metre) {
        let start = span.steps.start * TICKS_PER_STEP;
        let mut after = |ticks: u32| start + ticks + rng.next_u32() % SPREAD_TICKS;
        let (lift, press) = (after(LIFT_TICKS), after(PRESS_TICKS));
        if down {
            set(lift, UP);
        }
        down = span.chord != Chord::None;
        if down {
            set(press, DOWN);
            if let Some(end) = dry_from(piece, &span.steps).filter(|end| *end > press) {
                set(end, UP);
                down = false;
            }
        }
    }
    if down {
        set(piece.metre.end_ticks(), UP);
    }
    controls
}

/// The tick from which a chord is played dry; none where it is not, as in the last bar, which rings out.
fn dry_from(piece: &Piece, steps: &Range<u32>) -> Option<u32> {
    let bar = piece.metre.bar_at(steps.start);
    let dry = DRY * piece.played_mood(bar).crispness.max(0.0);
    let held = (1.0 - dry) * ((steps.end - steps.start) * TICKS_PER_STEP) as f32;
    (dry > LEAST_DRY && bar < piece.last_bar()).then(|| steps.start * TICKS_PER_STEP + held as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrange::testing::Example;

    fn pressed(chords: &str) -> Vec<(u32, u8)> {
        let chords: Vec<Chord> = chords.split(' ').map(|chord| chord.parse().unwrap()).collect();
        let mut example = Example::plain(chords.len() / 2);
        example.chords.takes[0] = chords;
        let controls = pedal(&example.piece(), Seed::master(1));
        controls.into_iter().map(|control| (control.ticks, control.value)).collect()
    }

    #[test]
    fn it_changes_a_little_after_each_chord() {
        let changes = pressed("C C F G C C");
        let coarse: Vec<(u32, u8)> = changes.iter().map(|(ticks, value)| (ticks / 40 * 40, *value)).collect();
        let expected = [(40, 127), (1920, 0), (1960, 127), (2880, 0), (2920, 127), (3840, 0), (3880, 127), (5760, 0)];
        assert_eq!(coarse, expected);
        assert!(changes.is_sorted());
    }

    #[test]
    fn it_comes_up_early_where_the_music_is_excited() {
        let mut example = Example::plain(4);
        example.conditions.bars.iter_mut().for_each(|bar| bar.arousal = 0.5);
        let controls = pedal(&example.piece(), Seed::master(1));
        let first: Vec<(u32, u8)> = controls.iter().take(3).map(|control| (control.ticks, control.value)).collect();
        assert!(first[0].1 == 127 && first[1].1 == 0 && first[2].1 == 127, "{first:?}");
        assert!(first[1].0 < first[2].0 - 600, "{first:?}");
    }

    #[test]
    fn it_rests_where_there_is_no_chord() {
        let changes = pressed("C C N N N N F G C C");
        assert_eq!(changes[1].1, 0);
        assert!(changes[2].0 > 5760 && changes[2].1 == 127);
    }
}
