//! Voicings: chord tones laid into a register, moving as little as they can.

use std::ops::RangeInclusive;

use crate::music::PitchClass;

/// What a voice may move before it costs more than a poor spread.
const CROWDED_COST: i32 = 4;
const CROWDED_SEMITONES: u8 = 2;

/// One pitch for each tone, rising, near `previous` (or near `centre` where nothing sounded before). Tones that have no
/// place in the register are left out.
pub(crate) fn voicing(tones: &[PitchClass], register: &RangeInclusive<u8>, centre: u8, previous: &[u8]) -> Vec<u8> {
    let mut ways: Vec<Vec<u8>> = vec![Vec::new()];
    for tone in tones {
        let places: Vec<u8> = register.clone().filter(|pitch| pitch % 12 == *tone % 12).collect();
        if places.is_empty() {
            continue;
        }
        ways =
            ways.iter().flat_map(|way| places.iter().map(move |place| [way.as_slice(), &[*place]].concat())).collect();
    }
    for way in &mut ways {
        way.sort_unstable();
    }
    ways.into_iter().min_by_key(|way| (cost(way, centre, previous), way.clone())).unwrap_or_default()
}

fn cost(voices: &[u8], centre: u8, previous: &[u8]) -> i32 {
    let crowded = voices.windows(2).filter(|pair| pair[1] - pair[0] <= CROWDED_SEMITONES).count() as i32;
    let from_centre: i32 = voices.iter().map(|pitch| i32::from(pitch.abs_diff(centre))).sum();
    let moved: i32 = voices.iter().zip(previous).map(|(new, old)| i32::from(new.abs_diff(*old))).sum();
    let far = if previous.is_empty() { from_centre } else { 2 * moved + from_centre / 3 };
    far + CROWDED_COST * crowded
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTER: RangeInclusive<u8> = 52..=68;

    #[test]
    fn voices_move_by_the_shortest_way() {
        let c = voicing(&[0, 4, 7], &REGISTER, 60, &[]);
        assert_eq!(c, [55, 60, 64]);
        let f = voicing(&[5, 9, 0], &REGISTER, 60, &c);
        assert_eq!(f, [57, 60, 65]);
        let g = voicing(&[7, 11, 2], &REGISTER, 60, &f);
        assert!(g.iter().zip(&f).all(|(new, old)| new.abs_diff(*old) <= 3), "{g:?}");
    }

    #[test]
    fn every_tone_is_there() {
        for root in 0..12 {
            let tones = [root, (root + 3) % 12, (root + 7) % 12, (root + 10) % 12];
            let voices = voicing(&tones, &REGISTER, 60, &[54, 57, 60, 64]);
            let mut classes: Vec<u8> = voices.iter().map(|pitch| pitch % 12).collect();
            let mut wanted = tones.to_vec();
            classes.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(classes, wanted);
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert!(voicing(&[], &REGISTER, 60, &[]).is_empty());
        assert_eq!(voicing(&[0, 1], &(60..=60), 60, &[]), [60]);
    }
}
