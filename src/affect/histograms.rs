//! Features of the kernel meter: histograms, each the root of its shares (so that distances are Hellinger's).
//!
//! They are to hold still in a few bars as in a whole piece: a value counts for the two bins that it lies between, and the
//! degrees are those of all keys that may be meant, since a few bars leave open which it is.

use super::{
    key_profile::fits,
    texture::{Texture, shares},
};

/// How many bins each histogram has, in the order of `features`.
pub(super) const WIDTHS: [usize; 9] = [12, 13, 12, LENGTHS, LENGTHS, PITCHES, VELOCITIES, CHORDS, RATES];
/// How many numbers `features` gives.
pub(super) const COUNT: usize = 12 + 13 + 12 + 2 * LENGTHS + PITCHES + VELOCITIES + CHORDS + RATES;
const LENGTHS: usize = 8;
const PITCHES: usize = 9;
const VELOCITIES: usize = 6;
const CHORDS: usize = 6;
const RATES: usize = 8;

/// Doublings of a second: a 1/15 s and shorter, ... 2.6 s and longer.
const LENGTH_BINS: Bins = Bins { first: -3.875, step: 0.75 };
const PITCH_BINS: Bins = Bins { first: 32.5, step: 7.0 };
const VELOCITY_BINS: Bins = Bins { first: 32.5, step: 15.0 };
/// Sounds struck together: 1, 2, ... 6 and more.
const CHORD_BINS: Bins = Bins { first: 1.0, step: 1.0 };
/// Doublings of sounds begun in a second, half a sound more: none, ... 20 and more.
const RATE_BINS: Bins = Bins { first: -0.875, step: 0.75 };
const SHORTEST_SECONDS: f64 = 0.02;
/// How much likelier a key is whose profile correlates more: e to so much by 1.
const KEY_SURENESS: f64 = 6.0;

/// Centres of a histogram's bins.
struct Bins {
    first: f64,
    step: f64,
}

pub(super) fn features(texture: &Texture) -> Vec<f64> {
    let sounds = &texture.sounds;
    let mut steps = [0.0; 13];
    for step in texture.top_steps() {
        steps[usize::from(step)] += 1.0;
    }
    let seconds = |value: f64| value.max(SHORTEST_SECONDS).log2();
    let mut features = Vec::with_capacity(COUNT);
    features.extend(degrees(&texture.pitch_classes()));
    features.extend(shares(steps));
    features.extend(texture.over_bass());
    features.extend(LENGTH_BINS.shares::<LENGTHS>(sounds.iter().map(|sound| seconds(sound.seconds))));
    features.extend(LENGTH_BINS.shares::<LENGTHS>(texture.waits().into_iter().map(seconds)));
    features.extend(PITCH_BINS.shares::<PITCHES>(sounds.iter().map(|sound| f64::from(sound.pitch))));
    features.extend(VELOCITY_BINS.shares::<VELOCITIES>(sounds.iter().map(|sound| f64::from(sound.velocity))));
    features.extend(CHORD_BINS.shares::<CHORDS>(texture.onsets().map(|struck| struck.len() as f64)));
    features.extend(RATE_BINS.shares::<RATES>(texture.rates().into_iter().map(|rate| (rate + 0.5).log2())));
    features.into_iter().map(f64::sqrt).collect()
}

/// Pitch classes from the tonic on: the mean over the keys, each as likely as it fits.
fn degrees(classes: &[f64; 12]) -> [f64; 12] {
    let fits = fits(classes);
    let best = fits.iter().copied().fold(f64::MIN, f64::max);
    let likely = shares(fits.map(|fit| (KEY_SURENESS * (fit - best)).exp()));
    std::array::from_fn(|degree| (0..24).map(|key| likely[key] * classes[(key + degree) % 12]).sum())
}

impl Bins {
    /// Each value counts for the bins on either side of it, the more the nearer; beyond the ends, for the last.
    fn shares<const N: usize>(&self, values: impl Iterator<Item = f64>) -> [f64; N] {
        let mut counts = [0.0; N];
        for value in values {
            let place = ((value - self.first) / self.step).clamp(0.0, (N - 1) as f64);
            let below = (place as usize).min(N - 2);
            let above = place - below as f64;
            counts[below] += 1.0 - above;
            counts[below + 1] += above;
        }
        shares(counts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::affect::testing::{scale_piece, sounds};

    #[test]
    fn values_count_for_the_bins_around_them() {
        let bins = Bins { first: 1.0, step: 2.0 };
        let counts: [f64; 3] = bins.shares([-7.0, 2.5, 5.0, 90.0].into_iter());
        assert_eq!(counts.map(|share| (16.0 * share) as usize), [5, 3, 8]);
    }

    #[test]
    fn a_piece_measures_the_same_in_every_key() {
        let piece = scale_piece(0.25);
        let there = features(&Texture::of(&piece).unwrap());
        let up: Vec<_> = piece.iter().map(|sound| crate::affect::Sound { pitch: sound.pitch + 3, ..*sound }).collect();
        let here = features(&Texture::of(&up).unwrap());
        let but_the_register: usize = WIDTHS[..5].iter().sum();
        for (one, other) in there.iter().zip(&here).take(but_the_register) {
            assert!((one - other).abs() < 1e-9, "{there:?} {here:?}");
        }
    }

    /// A note more or less of a few bars must not turn what they are.
    #[test]
    fn one_note_moves_little() {
        let piece = scale_piece(0.25);
        let whole = features(&Texture::of(&piece[..28]).unwrap());
        let less = features(&Texture::of(&piece[..27]).unwrap());
        let squares: f64 = whole.iter().zip(&less).map(|(one, other)| (one - other).powi(2)).sum();
        assert!(squares.sqrt() < 0.3, "{squares}");
    }

    proptest! {
        #[test]
        fn each_histogram_is_whole(sounds in sounds()) {
            let features = features(&Texture::of(&sounds).unwrap());
            prop_assert_eq!(features.len(), COUNT);
            prop_assert_eq!(WIDTHS.iter().sum::<usize>(), COUNT);
            let sum: f64 = features.iter().map(|root| root * root).sum();
            prop_assert!(sum < 9.0 + 1e-9 && sum > 6.0 - 1e-9, "{}", sum);
        }
    }
}
