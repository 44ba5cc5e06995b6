//! Color: hue histogram, saturation and brightness of each second, as means over its pictures.

use super::{
    channel,
    seconds::{MissingMeasure, Seconds, mean, measure, track},
};
use crate::artifact::{Frames, Track};

/// Channels `hue_0` to `hue_11` (weighted by saturation), `saturation`, `saturation_spread`, `value`, `value_spread`.
pub(crate) fn color(frames: &Frames, scored_seconds: f64) -> Result<Track, MissingMeasure> {
    let seconds = Seconds::new(frames, scored_seconds);
    let scalars = [channel::SATURATION, channel::SATURATION_SPREAD, channel::VALUE, channel::VALUE_SPREAD];
    let names = (0..channel::HUES).map(channel::hue).chain(scalars.map(str::to_owned));
    let column = |name: String| {
        let values = measure(frames, &name)?;
        Ok((name, seconds.summarise(|pictures| mean(pictures.iter().map(|picture| values[*picture])))))
    };
    Ok(track(names.map(column).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::video::seconds::tests::frames;

    #[test]
    fn a_second_is_the_mean_of_its_pictures() {
        let frames = frames(&[0.0, 0.5, 1.0, 1.9], |at, name| if name == "value" { at as f32 } else { 0.0 });
        let color = color(&frames, 2.0).unwrap();
        assert_eq!(color.channel("value").unwrap(), [0.5, 2.5]);
        assert_eq!(color.channels.len(), 16);
        assert_eq!((color.channels[0].as_str(), color.channels[11].as_str()), ("hue_0", "hue_11"));
    }

    #[test]
    fn seconds_without_a_picture_hold_the_last() {
        let frames = frames(&[0.0, 3.2], |at, _| at as f32 + 1.0);
        assert_eq!(color(&frames, 4.5).unwrap().channel("saturation").unwrap(), [1.0, 1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn rounding_makes_no_row_and_no_length_is_one() {
        let frames = frames(&[0.0], |_, _| 1.0);
        for (seconds, rows) in [(30.0, 30), (30.000_000_1, 30), (30.04, 31), (0.3, 1), (0.0, 1)] {
            assert_eq!(color(&frames, seconds).unwrap().rows.len(), rows, "{seconds}");
        }
    }

    #[test]
    fn a_missing_measure_is_named() {
        let frames = Frames { channels: vec![], times: vec![], values: vec![] };
        assert!(color(&frames, 1.0).unwrap_err().to_string().contains("hue_0"));
    }

    proptest! {
        #[test]
        fn rows_cover_the_scored_length_and_stay_within_the_values(
            times in prop::collection::vec(0.0_f64..20.0, 1..80), seconds in 0.1_f64..25.0,
        ) {
            let mut times = times;
            times.sort_by(f64::total_cmp);
            let frames = frames(&times, |at, _| at as f32);
            let rows = color(&frames, seconds).unwrap().channel("value").unwrap();
            prop_assert_eq!(rows.len(), seconds.ceil() as usize);
            prop_assert!(rows.iter().all(|row| (0.0..=times.len() as f32).contains(row)));
        }
    }
}
