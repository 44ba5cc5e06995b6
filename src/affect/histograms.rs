//! Features of the kernel meter: histograms, each the root of its shares (so that distances are Hellinger's).

use super::{
    key_profile::KeyFit,
    texture::{Texture, shares},
};

/// Doublings of a second: a 1/11 s and shorter, ... 2 s and longer.
const LENGTH_EDGES: [f64; 7] = [-3.5, -2.75, -2.0, -1.25, -0.5, 0.25, 1.0];
const PITCH_EDGES: [f64; 8] = [36.0, 43.0, 50.0, 57.0, 64.0, 71.0, 78.0, 85.0];
const VELOCITY_EDGES: [f64; 5] = [40.0, 55.0, 70.0, 85.0, 100.0];
/// Sounds struck together: 1, 2, ... 6 and more.
const CHORD_EDGES: [f64; 5] = [2.0, 3.0, 4.0, 5.0, 6.0];
const SHORTEST_SECONDS: f64 = 0.02;

/// How many numbers `features` gives.
pub(super) const COUNT: usize = 74;

pub(super) fn features(texture: &Texture) -> Vec<f64> {
    let sounds = &texture.sounds;
    let classes = texture.pitch_classes();
    let tonic = KeyFit::of(&classes).tonic;
    let degrees: [f64; 12] = std::array::from_fn(|degree| classes[(tonic + degree) % 12]);
    let mut steps = [0.0; 13];
    for step in texture.top_steps() {
        steps[usize::from(step)] += 1.0;
    }
    let seconds = |value: f64| value.max(SHORTEST_SECONDS).log2();
    let waits = texture.waits();
    let mut features = Vec::with_capacity(COUNT);
    features.extend(degrees);
    features.extend(shares(steps));
    features.extend(texture.over_bass());
    features.extend(histogram::<8>(sounds.iter().map(|sound| seconds(sound.seconds)), &LENGTH_EDGES));
    features.extend(histogram::<8>(waits.iter().map(|wait| seconds(*wait)), &LENGTH_EDGES));
    features.extend(histogram::<9>(sounds.iter().map(|sound| f64::from(sound.pitch)), &PITCH_EDGES));
    features.extend(histogram::<6>(sounds.iter().map(|sound| f64::from(sound.velocity)), &VELOCITY_EDGES));
    features.extend(histogram::<6>(texture.onsets().map(|struck| struck.len() as f64), &CHORD_EDGES));
    features.into_iter().map(f64::sqrt).collect()
}

/// Shares below the first edge, between edges, from the last one on; `N` is one more than the edges.
fn histogram<const N: usize>(values: impl Iterator<Item = f64>, edges: &[f64]) -> [f64; N] {
    let mut counts = [0.0; N];
    for value in values {
        counts[edges.partition_point(|edge| *edge <= value)] += 1.0;
    }
    shares(counts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::affect::testing::{scale_piece, sounds};

    #[test]
    fn values_fall_between_edges() {
        let counts: [f64; 3] = histogram([0.0, 1.0, 1.5, 2.0].into_iter(), &[1.0, 2.0]);
        assert_eq!(counts.map(|share| (4.0 * share) as usize), [1, 2, 1]);
    }

    #[test]
    fn a_piece_measures_the_same_in_every_key() {
        let piece = scale_piece(0.25);
        let there = features(&Texture::of(&piece).unwrap());
        let up: Vec<_> = piece.iter().map(|sound| crate::affect::Sound { pitch: sound.pitch + 3, ..*sound }).collect();
        let here = features(&Texture::of(&up).unwrap());
        assert_eq!(there[..53], here[..53], "all but the register");
    }

    proptest! {
        #[test]
        fn each_histogram_is_whole(sounds in sounds()) {
            let features = features(&Texture::of(&sounds).unwrap());
            prop_assert_eq!(features.len(), COUNT);
            let sum: f64 = features.iter().map(|root| root * root).sum();
            prop_assert!(sum < 8.0 + 1e-9 && sum > 5.0 - 1e-9, "{}", sum);
        }
    }
}
