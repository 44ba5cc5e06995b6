//! Which bars of which pieces a lesson looks at: even windows for judging, random ones with their openings and endings
//! oversampled for training.

use std::ops::Range;

use rand_chacha::{ChaCha8Rng, rand_core::Rng};

use super::piece::Piece;

/// Share of drawn windows that begin with their piece, and share that end with it.
const EDGE_SHARE: f64 = 0.15;

/// Bars of one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) piece: usize,
    pub(super) bars: Range<usize>,
}

/// Windows of at most `longest` bars that cover all bars of the pieces once, as even as can be.
pub(super) fn cover(pieces: &[usize], longest: usize) -> Vec<Window> {
    let windows = pieces.iter().enumerate().flat_map(|(piece, &bars)| {
        let count = bars.div_ceil(longest);
        (0..count).map(move |index| Window { piece, bars: index * bars / count..(index + 1) * bars / count })
    });
    windows.collect()
}

/// A random window of `bars` bars, or a whole piece that is shorter.
pub(super) fn draw(rng: &mut ChaCha8Rng, pieces: &[Piece], among: &[usize], bars: usize) -> Window {
    let piece = among[below(rng, among.len())];
    let last = pieces[piece].bars.len().saturating_sub(bars);
    let first = match unit(rng) {
        place if place < EDGE_SHARE => 0,
        place if place < 2.0 * EDGE_SHARE => last,
        _ => below(rng, last + 1),
    };
    Window { piece, bars: first..(first + bars).min(pieces[piece].bars.len()) }
}

/// 0..1.
pub(super) fn unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// 0..count.
pub(super) fn below(rng: &mut ChaCha8Rng, count: usize) -> usize {
    (unit(rng) * count as f64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{corpus::Split, model::testing, seed::Seed};

    proptest! {
        #[test]
        fn every_bar_is_covered_once(pieces in prop::collection::vec(0_usize..200, 0..6), longest in 1_usize..70) {
            let windows = cover(&pieces, longest);
            for (piece, bars) in pieces.iter().enumerate() {
                let own: Vec<_> = windows.iter().filter(|window| window.piece == piece).collect();
                let all: Vec<usize> = own.iter().flat_map(|window| window.bars.clone()).collect();
                prop_assert_eq!(all, (0..*bars).collect::<Vec<_>>());
                let lengths = || own.iter().map(|window| window.bars.len());
                prop_assert!(lengths().all(|length| length <= longest));
                prop_assert!(lengths().max().unwrap_or(0) - lengths().min().unwrap_or(0) <= 1);
            }
        }
    }

    #[test]
    fn openings_and_endings_are_drawn_more_often() {
        let pieces = [Piece::of_song(&testing::song("1", 40, Split::Train))];
        let mut rng = Seed::master(3).rng();
        let drawn: Vec<Window> = (0..2000).map(|_| draw(&mut rng, &pieces, &[0], 16)).collect();
        let share = |first: usize| drawn.iter().filter(|window| window.bars.start == first).count() as f64 / 2000.0;
        assert!((0.13..0.24).contains(&share(0)) && (0.13..0.24).contains(&share(24)) && share(12) < 0.06);
        assert!(drawn.iter().all(|window| window.bars.len() == 16 && window.bars.end <= 40));
        assert_eq!(draw(&mut rng, &pieces, &[0], 64).bars, 0..40, "a shorter piece is taken whole");
    }
}
