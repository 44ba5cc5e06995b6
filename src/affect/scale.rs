//! The knobs' scale, for what the labelling meter measures: where the training songs' bars lie.

use super::{Affect, calibration::Calibration};

/// What `music_affect` measures at 5, 50 and 95 % of the 73,523 training bars of POP909, as the report of `data.affect`
/// says: the songs that the shipped weights were trained on. They were placed at -0.8, 0 and 0.8.
const VALENCE: Calibration = Calibration { values: [0.005_205, 0.226_879, 0.411_354] };
const AROUSAL: Calibration = Calibration { values: [-0.279_838, -0.080_331, 0.098_320] };

pub(crate) struct Scale;

impl Scale {
    /// From the scale of people's ratings, as the meter of the kind ridge measures it, to the knobs' -1..1.
    pub(crate) fn of_knobs(measured: Affect) -> Affect {
        Affect { valence: VALENCE.apply(measured.valence), arousal: AROUSAL.apply(measured.arousal) }
    }
}
