//! The key that is heard.

use rand_chacha::rand_core::Rng;

use super::KeyKnob;
use crate::{
    music::{Key, Mode},
    seed::Seed,
};

/// Below this valence a piece is in minor. Most background music is in major, so the border lies below the middle.
const MINOR_BELOW_VALENCE: f32 = -0.2;
/// Semitones from C major or A minor. Neither far nor to keys that guitars and winds dislike: instruments keep the
/// register that the models learned.
const SHIFTS: [i32; 6] = [-5, -3, -2, 0, 2, 3];

pub(super) fn choose_key(knob: KeyKnob, valence: f32, seed: Seed) -> Key {
    if let KeyKnob::Key(key) = knob {
        return key;
    }
    let mode = if valence < MINOR_BELOW_VALENCE { Mode::Minor } else { Mode::Major };
    let choice = seed.derive("tonic").rng().next_u32() as usize % SHIFTS.len();
    let tonic = i32::from(mode.neutral_key().tonic) + SHIFTS[choice];
    Key::new(tonic.rem_euclid(12) as u8, mode)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_given_key_is_kept() {
        let key = Key::new(6, Mode::Minor);
        assert_eq!(choose_key(KeyKnob::Key(key), 0.9, Seed::master(1)), key);
    }

    #[test]
    fn mode_follows_valence_and_tonic_the_seed() {
        let keys: BTreeSet<Key> = (0..40).map(|n| choose_key(KeyKnob::Auto, 0.5, Seed::master(n))).collect();
        assert_eq!(keys.len(), SHIFTS.len());
        assert!(keys.iter().all(|key| key.mode == Mode::Major));
        assert_eq!(choose_key(KeyKnob::Auto, -0.5, Seed::master(3)).mode, Mode::Minor);
        assert_eq!(choose_key(KeyKnob::Auto, 0.1, Seed::master(3)), choose_key(KeyKnob::Auto, 0.4, Seed::master(3)));
    }

    #[test]
    fn chosen_keys_are_near_the_composed_one() {
        for n in 0..40 {
            let key = choose_key(KeyKnob::Auto, -0.9, Seed::master(n));
            assert!(key.shift_to_neutral().abs() <= 5, "{key}");
        }
    }
}
