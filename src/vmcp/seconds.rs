//! What is known of a picture and of music second by second: the input of the two encoders.

/// Marks a chord whose third is minor.
pub(crate) const MINOR: u16 = 1 << 12;

/// The seconds of a picture; all columns are equally long.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PictureSeconds {
    /// -1..1, on the scale of the data that the encoder learned from.
    pub(crate) valence: Vec<f32>,
    pub(crate) arousal: Vec<f32>,
    /// Mean difference of neighbouring pictures, 0..255.
    pub(crate) motion: Vec<f32>,
    /// 1 where a shot begins in the second.
    pub(crate) cuts: Vec<f32>,
    /// CLIP's features after PCA, a column a dimension; empty where they are not known.
    pub(crate) semantic: Vec<Vec<f32>>,
}

/// The seconds of a piece of music, brought to C major or A minor; all columns are equally long.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MusicSeconds {
    /// RMS amplitude, 0..1.
    pub(crate) amplitude: Vec<f32>,
    /// Notes that sound in the second.
    pub(crate) density: Vec<f32>,
    /// Pitch classes of the chord, a bit each, and `MINOR`; 0 for none.
    pub(crate) chord: Vec<u16>,
    pub(crate) minor: bool,
}

impl PictureSeconds {
    pub(crate) fn len(&self) -> usize {
        self.motion.len()
    }

    /// Seconds `from..to`, as far as there are any.
    pub(crate) fn cut(&self, from: usize, to: usize) -> Self {
        Self {
            valence: part(&self.valence, from, to),
            arousal: part(&self.arousal, from, to),
            motion: part(&self.motion, from, to),
            cuts: part(&self.cuts, from, to),
            semantic: self.semantic.iter().map(|column| part(column, from, to)).collect(),
        }
    }
}

impl MusicSeconds {
    pub(crate) fn len(&self) -> usize {
        self.amplitude.len()
    }

    /// Seconds `from..to`, as far as there are any.
    pub(crate) fn cut(&self, from: usize, to: usize) -> Self {
        Self {
            amplitude: part(&self.amplitude, from, to),
            density: part(&self.density, from, to),
            chord: part(&self.chord, from, to),
            minor: self.minor,
        }
    }

    /// The same music, later by so many seconds, its end brought to the front: a control that keeps all but the alignment.
    pub(super) fn turned(&self, seconds: usize) -> Self {
        let mut turned = self.clone();
        let by = seconds % self.len().max(1);
        turned.amplitude.rotate_right(by);
        turned.density.rotate_right(by);
        turned.chord.rotate_right(by);
        turned
    }
}

fn part<T: Clone>(column: &[T], from: usize, to: usize) -> Vec<T> {
    let to = to.min(column.len());
    column[from.min(to)..to].to_vec()
}
