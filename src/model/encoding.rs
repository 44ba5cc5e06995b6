//! What the encoder of a note model makes of a whole piece: by overlapping windows as long as those it has learned from.

use super::{
    Part,
    composing::Composing,
    condition::Telling,
    note_network::{Encoding, NoteNetwork},
    piece::Piece,
    scene::{Scene, SceneTensors},
};

/// Bars that the encoder reads at once, and how many of them, in the middle, it is believed.
const ENCODED_BARS: usize = 16;
const BELIEVED_BARS: usize = 8;

/// One row a piece; all have the same bars.
pub(super) fn encode(network: &NoteNetwork, part: Part, pieces: &[&Piece], how: &Composing) -> Encoding {
    let bars = pieces[0].bars.len();
    let beats_before =
        |bar: usize| pieces[0].bars.get(bar).map_or(pieces[0].beats(), |bar| bar.first_step as usize / 4);
    let window = |first: usize| {
        let earliest = first.saturating_sub((ENCODED_BARS - BELIEVED_BARS) / 2).min(bars.saturating_sub(ENCODED_BARS));
        let read = earliest..(earliest + ENCODED_BARS).min(bars);
        let scene = |piece: &&Piece| Scene::new(part, piece, read.clone(), 0, Telling::AsAsked);
        let scenes: Vec<Scene> = pieces.iter().map(scene).collect();
        let encoding = network.encode(&SceneTensors::new(&scenes).to(how.device, how.kind), false);
        let believed = beats_before(first)..beats_before((first + BELIEVED_BARS).min(bars));
        encoding.narrow(believed.start - beats_before(read.start), believed.len())
    };
    Encoding::join(&(0..bars).step_by(BELIEVED_BARS).map(window).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, nn};

    use super::*;
    use crate::{corpus::Split, model::testing};

    /// Where one window holds the piece, windows are no different; where not, all beats are there.
    #[test]
    fn the_encoder_covers_every_beat() {
        testing::alone();
        tch::no_grad(|| {
            let store = nn::VarStore::new(Device::Cpu);
            let network = NoteNetwork::new(Part::Accompaniment, &store.root(), &testing::SMALL);
            for bars in [1, 8, 9, 16, 17, 30] {
                let piece = Piece::of_song(&testing::song("1", bars, Split::Test));
                let windows = encode(&network, Part::Accompaniment, &[&piece], &testing::how(Kind::Float));
                assert_eq!(windows.beats(), 4 * bars);
                if bars <= ENCODED_BARS {
                    let scene = Scene::new(Part::Accompaniment, &piece, 0..bars, 0, Telling::AsAsked);
                    let whole = network.encode(&SceneTensors::new(&[scene]), false);
                    assert!(windows.apart(&whole) < 1e-5, "{bars} bars");
                }
            }
        });
    }
}
