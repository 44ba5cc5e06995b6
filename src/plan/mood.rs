//! What the picture shows as valence and arousal, second by second: what the picture meter makes of it, motion and cuts; where
//! there is no meter's track, a rule on color in its place.
//!
//! The weights of brightness and saturation are those of Valdez and Mehrabian, "Effects of color on emotions" (1994):
//! pleasure = 0.69 brightness + 0.22 saturation, arousal = 0.60 saturation - 0.31 brightness. The spread of saturation
//! and of brightness within the picture is added, since it helps on the 802 photographs of OASIS that people rated: r = 0.28
//! instead of 0.18 for valence, 0.22 instead of 0.13 for arousal. Warm hues are left out: there they tell nothing (r = 0.04).

use super::{
    PlanError,
    typical::{CUTS_A_MINUTE, MOTION, PLEASANT_COLOR, Quantiles, STIRRING_COLOR},
};
use crate::artifact::{Cut, Track};

/// So weak a relation must not claim the ends of the scale.
const TRUST_IN_COLOR: f32 = 0.7;
const MOTION_WEIGHT: f32 = 0.6;
const CUTS_WEIGHT: f32 = 0.25;
const COLOR_WEIGHT: f32 = 0.15;
/// What the meter says counts more than color: r = 0.58 with people's ratings of valence, 0.66 of arousal. It has learned from
/// photographs, which do not move, so that motion and cuts stay most of arousal.
const MOTION_WEIGHT_METERED: f32 = 0.45;
const METER_WEIGHT: f32 = 0.3;

/// Levels -1..1 by time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PictureMood {
    valence: Curve,
    /// How stirring still pictures are.
    still_arousal: Curve,
    motion: Curve,
    cuts: f32,
    /// What still pictures and motion count in arousal.
    weights: [f32; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) rows_per_second: f64,
    pub(super) rows: Vec<f32>,
}

impl PictureMood {
    pub(crate) fn read(color: &Track, motion: &Track, cuts: &[Cut], seconds: f64) -> Result<Self, PlanError> {
        let brightness = channel(color, "value")?;
        let brightness_spread = channel(color, "value_spread")?;
        let saturation = channel(color, "saturation")?;
        let saturation_spread = channel(color, "saturation_spread")?;
        let pleasant = weigh(&[(0.69, &brightness), (0.22, &saturation), (1.0, &saturation_spread)]);
        let stirring = weigh(&[(0.60, &saturation), (-0.31, &brightness), (1.0, &brightness_spread)]);
        Ok(Self {
            valence: Curve::levels(color, &pleasant, PLEASANT_COLOR).scaled(TRUST_IN_COLOR),
            still_arousal: Curve::levels(color, &stirring, STIRRING_COLOR),
            motion: Curve::levels(motion, &channel(motion, "motion")?, MOTION),
            cuts: cutting(cuts, seconds),
            weights: [COLOR_WEIGHT, MOTION_WEIGHT],
        })
    }

    /// Of a picture whose valence and arousal are known, -1..1, as from the picture meter.
    pub(crate) fn felt(affect: &Track, motion: &Track, cuts: &[Cut], seconds: f64) -> Result<Self, PlanError> {
        let curve = |name| {
            let rows = channel(affect, name)?.into_iter().map(|level| level.clamp(-1.0, 1.0)).collect();
            Ok(Curve { rows_per_second: affect.rows_per_second, rows })
        };
        Ok(Self {
            valence: curve("valence")?,
            still_arousal: curve("arousal")?,
            motion: Curve::levels(motion, &channel(motion, "motion")?, MOTION),
            cuts: cutting(cuts, seconds),
            weights: [METER_WEIGHT, MOTION_WEIGHT_METERED],
        })
    }

    pub(crate) fn valence(&self, from: f64, to: f64) -> f32 {
        self.valence.mean(from, to)
    }

    pub(crate) fn arousal(&self, from: f64, to: f64) -> f32 {
        let [still, motion] = self.weights;
        motion * self.motion.mean(from, to) + CUTS_WEIGHT * self.cuts + still * self.still_arousal.mean(from, to)
    }

    /// Valence and arousal of each second, for people to look at.
    pub(crate) fn track(&self, seconds: f64) -> Track {
        let row = |at: u32| {
            let (from, to) = (f64::from(at), (f64::from(at) + 1.0).min(seconds));
            vec![self.valence(from, to), self.arousal(from, to)]
        };
        let channels = ["valence", "arousal"].map(str::to_owned).to_vec();
        Track { channels, rows_per_second: 1.0, rows: (0..seconds.ceil() as u32).map(row).collect() }
    }

    /// Arousal of what is seen, without motion and cuts.
    pub(crate) fn stirring(&self, from: f64, to: f64) -> f32 {
        self.still_arousal.mean(from, to)
    }

    pub(crate) fn motion(&self, from: f64, to: f64) -> f32 {
        self.motion.mean(from, to)
    }
}

impl Curve {
    fn levels(track: &Track, values: &[f32], typical: Quantiles) -> Self {
        let rows = values.iter().map(|value| typical.level(*value)).collect();
        Self { rows_per_second: track.rows_per_second, rows }
    }

    fn scaled(mut self, factor: f32) -> Self {
        self.rows.iter_mut().for_each(|row| *row *= factor);
        self
    }

    /// Mean over a span of seconds, rows weighted by how much of them lies inside; past the end the last row holds.
    pub(super) fn mean(&self, from: f64, to: f64) -> f32 {
        let Some(last) = self.rows.len().checked_sub(1) else { return 0.0 };
        let (from, to) = (from * self.rows_per_second, to * self.rows_per_second);
        let first_row = (from.max(0.0) as usize).min(last);
        let last_row = ((to.ceil() as usize).saturating_sub(1)).clamp(first_row, last);
        let mut sum = 0.0;
        let mut weight = 0.0;
        for row in first_row..=last_row {
            let inside = (to.min(row as f64 + 1.0) - from.max(row as f64)).max(1e-9);
            sum += inside * f64::from(self.rows[row]);
            weight += inside;
        }
        (sum / weight) as f32
    }
}

pub(super) fn channel(track: &Track, name: &'static str) -> Result<Vec<f32>, PlanError> {
    let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
    let values = track.channel(name).ok_or(PlanError::MissingChannel(name))?;
    Ok(values.into_iter().map(finite).collect())
}

/// How often pictures change, as a level.
fn cutting(cuts: &[Cut], seconds: f64) -> f32 {
    let cuts_a_minute = cuts.iter().filter(|cut| cut.time < seconds).count() as f64 * 60.0 / seconds;
    CUTS_A_MINUTE.level(cuts_a_minute as f32)
}

fn weigh(parts: &[(f32, &[f32])]) -> Vec<f32> {
    let rows = parts.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
    (0..rows).map(|row| parts.iter().map(|(weight, values)| weight * values[row]).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::example::{color, motion};

    fn mood(value: f32, saturation: f32, moves: &[f32]) -> PictureMood {
        PictureMood::read(&color(moves.len(), value, saturation), &motion(moves), &[], moves.len() as f64).unwrap()
    }

    #[test]
    fn bright_pictures_are_glad_and_dark_ones_sad() {
        assert!(mood(0.9, 0.6, &[5.0; 4]).valence(0.0, 4.0) > 0.5);
        assert!(mood(0.2, 0.1, &[5.0; 4]).valence(0.0, 4.0) < -0.5);
    }

    #[test]
    fn motion_and_cuts_excite() {
        let still = mood(0.5, 0.3, &[0.2; 10]);
        let wild = mood(0.5, 0.3, &[40.0; 10]);
        assert!(wild.arousal(0.0, 10.0) > still.arousal(0.0, 10.0) + 1.0);
        let cuts = vec![Cut { time: 1.0, strength: 1.0 }; 4];
        let cutty = PictureMood::read(&color(10, 0.5, 0.3), &motion(&[0.2; 10]), &cuts, 10.0).unwrap();
        assert!(cutty.arousal(0.0, 10.0) > still.arousal(0.0, 10.0) + 0.4);
    }

    #[test]
    fn the_meter_is_heard_instead_of_color() {
        let track = |valence: f32, arousal: f32| Track {
            channels: vec!["valence".to_owned(), "arousal".to_owned()],
            rows_per_second: 1.0,
            rows: vec![vec![valence, arousal]; 4],
        };
        let felt =
            |valence, arousal| PictureMood::felt(&track(valence, arousal), &motion(&[5.0; 4]), &[], 4.0).unwrap();
        assert!((felt(-0.5, 0.0).valence(0.0, 4.0) + 0.5).abs() < 1e-6);
        let lift = felt(0.0, 0.8).arousal(0.0, 4.0) - felt(0.0, -0.8).arousal(0.0, 4.0);
        assert!((lift - 0.48).abs() < 1e-6);
        let error = PictureMood::felt(&motion(&[1.0]), &motion(&[1.0]), &[], 1.0).unwrap_err();
        assert_eq!(error, PlanError::MissingChannel("valence"));
    }

    #[test]
    fn means_weigh_rows_by_what_lies_inside() {
        let curve = Curve { rows_per_second: 1.0, rows: vec![0.0, 1.0, 0.5] };
        assert!((curve.mean(0.0, 2.0) - 0.5).abs() < 1e-6);
        assert!((curve.mean(0.5, 1.25) - 1.0 / 3.0).abs() < 1e-6);
        assert!((curve.mean(7.0, 9.0) - 0.5).abs() < 1e-6);
        assert!(Curve { rows_per_second: 1.0, rows: vec![] }.mean(0.0, 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_track_without_the_channel_is_an_error() {
        let error = PictureMood::read(&motion(&[1.0]), &motion(&[1.0]), &[], 1.0).unwrap_err();
        assert_eq!(error, PlanError::MissingChannel("value"));
    }
}
