//! What the picture shows over a bar, as models that were trained on pairs of video and music see it.

use super::{
    PlanError,
    mood::{Curve, channel},
};
use crate::artifact::{BarPicture, Track};

const COLOR_SCALARS: [&str; 4] = ["saturation", "saturation_spread", "value", "value_spread"];
const HUES: [&str; 12] =
    ["hue_0", "hue_1", "hue_2", "hue_3", "hue_4", "hue_5", "hue_6", "hue_7", "hue_8", "hue_9", "hue_10", "hue_11"];
const MOTION: [&str; 2] = ["motion", "peak"];

/// Color and motion by time.
pub(crate) struct BarPictures {
    color: Vec<Curve>,
    motion: Vec<Curve>,
}

impl BarPictures {
    /// Channels that a track lacks show nothing, as long as it has those that plans are made from.
    pub(crate) fn read(color: &Track, motion: &Track) -> Result<Self, PlanError> {
        channel(color, "value")?;
        channel(motion, "motion")?;
        let curve = |track: &Track, name| Curve {
            rows_per_second: track.rows_per_second,
            rows: channel(track, name).unwrap_or_default(),
        };
        Ok(Self {
            color: HUES.iter().chain(&COLOR_SCALARS).map(|name| curve(color, name)).collect(),
            motion: MOTION.iter().map(|name| curve(motion, name)).collect(),
        })
    }

    /// Means over a span of seconds.
    pub(crate) fn over(&self, from: f64, to: f64) -> BarPicture {
        let color = std::array::from_fn(|index| self.color[index].mean(from, to).clamp(0.0, 1.0));
        let motion = std::array::from_fn(|index| motion_level(self.motion[index].mean(from, to)));
        BarPicture { color, motion }
    }
}

/// 0..1: differences of pictures lie mostly below 10 of 255.
fn motion_level(difference: f32) -> f32 {
    (1.0 + difference.clamp(0.0, 255.0)).ln() / 256_f32.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::example::{color, motion};

    #[test]
    fn a_bar_shows_the_mean_of_its_seconds() {
        let pictures = BarPictures::read(&color(4, 0.5, 0.3), &motion(&[0.0, 0.0, 15.0, 255.0])).unwrap();
        let (still, moving) = (pictures.over(0.0, 2.0), pictures.over(2.0, 3.0));
        assert!((still.color[12] - 0.3).abs() < 1e-6 && (still.color[14] - 0.5).abs() < 1e-6, "{still:?}");
        assert!(still.motion[0].abs() < 1e-6 && (moving.motion[0] - 0.5).abs() < 1e-6);
        assert!((pictures.over(3.0, 9.0).motion[0] - 1.0).abs() < 1e-6, "the last second holds");
        assert!(BarPictures::read(&motion(&[1.0]), &motion(&[1.0])).is_err());
    }
}
