//! The two encoders: a picture and a piece of music as codes whose likeness says how well they go together.
//!
//! A code has two parts. Its place is what the whole is like, along canonical directions of pictures and their music; its
//! curves say what happens when. Curves of two codes are multiplied over the seconds that both have, from the first on.

use super::{
    Channels, MusicSeconds, PictureSeconds,
    alignment::likeness,
    cca::Cca,
    curves::{deviations, spread},
    features::Side,
    linear::dot,
    mixing::Mixing,
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Encoder {
    pub(super) channels: Channels,
    pub(super) cca: Cca,
    pub(super) mixing: Mixing,
    /// What the places count beside the curves.
    pub(super) place_weight: f64,
    /// Valence and arousal that 5, 50 and 95 % of the seconds it learned from lie below.
    pub(super) moods: [[f32; 3]; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Code {
    /// Of length 1.
    pub(super) place: Vec<f64>,
    /// `RANK` mixtures, a value a second.
    pub(super) curves: Vec<Vec<f32>>,
}

impl Code {
    /// The same of the first `seconds` alone: short pictures are compared with as much of any music. Each mixture keeps the
    /// spread of its whole, since a piece's curves are deviations in units of their own spread, whatever its length.
    pub(super) fn first(&self, seconds: usize) -> Self {
        let first = |curve: &Vec<f32>| {
            let spread = spread(curve);
            let mut first = deviations(curve[..seconds.min(curve.len())].to_vec());
            for value in &mut first {
                *value *= spread;
            }
            first
        };
        Self { place: self.place.clone(), curves: self.curves.iter().map(first).collect() }
    }
}

impl Encoder {
    pub(crate) fn channels(&self) -> Channels {
        self.channels
    }

    pub(crate) fn picture(&self, picture: &PictureSeconds) -> Code {
        self.picture_side(&Side::of_picture(picture, self.channels))
    }

    pub(crate) fn music(&self, music: &MusicSeconds) -> Code {
        self.music_side(&Side::of_music(music))
    }

    /// The larger, the better they go together; in the scale of logarithmic odds, as far as the curves go.
    pub(crate) fn likeness(&self, picture: &Code, music: &Code) -> f64 {
        self.place_weight * dot(&picture.place, &music.place) + likeness(&picture.curves, &music.curves)
    }

    pub(super) fn picture_side(&self, side: &Side) -> Code {
        Code { place: self.cca.picture.place(&side.pooled), curves: self.mixing.of_picture(&side.curves) }
    }

    pub(super) fn music_side(&self, side: &Side) -> Code {
        Code { place: self.cca.music.place(&side.pooled), curves: self.mixing.of_music(&side.curves) }
    }

    /// Valence or arousal of other pictures, of which 5, 50 and 95 % lie below `known`, on the scale that was learned from.
    pub(crate) fn mood(&self, side: usize, known: [f32; 3], value: f32) -> f32 {
        let learned = self.moods[side];
        let (low, high) = if value < known[1] { (0, 1) } else { (1, 2) };
        let place = (value - known[low]) / (known[high] - known[low]);
        (learned[low] + place * (learned[high] - learned[low])).clamp(-1.0, 1.0)
    }
}
