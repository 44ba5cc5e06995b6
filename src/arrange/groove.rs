//! Grooves: where kick and snare fall in a bar, for each level of fullness. Drums and bass read the same one.

use rand_chacha::rand_core::Rng;

use super::form::Level;
use crate::seed::Seed;

/// Steps of a 4/4 bar; a 2/4 bar takes its first half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Groove {
    pub(super) kick: &'static [u32],
    pub(super) snare: &'static [u32],
}

const BACKBEAT: &[u32] = &[4, 12];

const LIGHT: [Groove; 2] = [Groove { kick: &[0, 8], snare: &[12] }, Groove { kick: &[0], snare: BACKBEAT }];
const MOVING: [Groove; 3] = [
    Groove { kick: &[0, 8, 10], snare: BACKBEAT },
    Groove { kick: &[0, 6, 8], snare: BACKBEAT },
    Groove { kick: &[0, 10], snare: BACKBEAT },
];
const FULL: [Groove; 3] = [
    Groove { kick: &[0, 6, 8, 14], snare: BACKBEAT },
    Groove { kick: &[0, 6, 10], snare: BACKBEAT },
    Groove { kick: &[0, 4, 8, 12], snare: BACKBEAT },
];

/// The grooves of one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grooves {
    light: Groove,
    moving: Groove,
    full: Groove,
}

impl Grooves {
    pub(super) fn choose(seed: Seed) -> Self {
        let mut rng = seed.derive("groove").rng();
        let mut pick = |grooves: &[Groove]| grooves[rng.next_u32() as usize % grooves.len()];
        Self { light: pick(&LIGHT), moving: pick(&MOVING), full: pick(&FULL) }
    }

    /// None where it is calm.
    pub(super) fn at(&self, level: Level) -> Option<Groove> {
        match level {
            Level::Calm => None,
            Level::Light => Some(self.light),
            Level::Moving => Some(self.moving),
            Level::Full => Some(self.full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_choose_and_repeat() {
        let grooves: Vec<Grooves> = (0..30).map(|n| Grooves::choose(Seed::master(n))).collect();
        assert!(grooves.iter().any(|groove| groove.full != grooves[0].full));
        assert_eq!(grooves[3], Grooves::choose(Seed::master(3)));
        assert_eq!(grooves[0].at(Level::Calm), None);
    }

    #[test]
    fn every_groove_begins_with_a_kick() {
        for groove in LIGHT.iter().chain(&MOVING).chain(&FULL) {
            assert_eq!(groove.kick[0], 0);
            assert!(groove.kick.iter().chain(groove.snare).all(|step| *step < 16));
        }
    }
}
