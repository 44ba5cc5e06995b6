//! Executors of the family `feature`.

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
    artifact::{Cuts, Frames, Media},
    error::StageError,
    video::{self, MissingMeasure},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "feature.color" => Some(color),
        "feature.motion" => Some(motion),
        "feature.shots" => Some(shots),
        "feature.affect" => Some(super::picture::affect),
        "feature.semantic" => Some(super::picture::semantic),
        _ => None,
    }
}

fn color(context: &mut StageContext) -> Result<(), StageError> {
    let (media, frames) = pictures(context)?;
    context.output("color", &video::color(&frames, media.scored_seconds())?)
}

fn motion(context: &mut StageContext) -> Result<(), StageError> {
    let (media, frames) = pictures(context)?;
    context.output("motion", &video::motion(&frames, media.scored_seconds())?)
}

fn pictures(context: &StageContext) -> Result<(Media, Frames), StageError> {
    Ok((context.input("media")?, context.input("frames")?))
}

#[derive(Deserialize)]
struct ShotsParams {
    sensitivity: f64,
}

fn shots(context: &mut StageContext) -> Result<(), StageError> {
    let ShotsParams { sensitivity } = context.params()?;
    let cuts = video::shots(&context.input("frames")?, sensitivity)?;
    context.output("cuts", &Cuts { cuts })
}

impl From<MissingMeasure> for StageError {
    fn from(error: MissingMeasure) -> Self {
        Self::internal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::{
        artifact::Track,
        testing::{self, Bench},
    };

    fn decoded(clip: &Path) -> (Media, Frames) {
        let outputs = Bench::new("source.video").file("file", clip).run().unwrap();
        (outputs.get("media"), outputs.get("frames"))
    }

    fn track(feature: &str, media: &Media, frames: &Frames) -> Track {
        let bench = Bench::new(&format!("feature.{feature}")).input("media", media).input("frames", frames);
        bench.run().unwrap().get(feature)
    }

    fn cuts(frames: &Frames) -> Vec<f64> {
        let Cuts { cuts } = Bench::new("feature.shots").input("frames", frames).run().unwrap().get("cuts");
        assert!(cuts.iter().all(|cut| (0.0..=1.0).contains(&cut.strength)));
        cuts.iter().map(|cut| cut.time).collect()
    }

    fn demo() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo/big-buck-bunny.mp4")
    }

    #[test]
    fn the_demo_has_four_shots_and_a_row_a_second() {
        let (media, frames) = decoded(&demo());
        let found = cuts(&frames);
        assert_eq!(found.len(), 3);
        for (found, known) in found.iter().zip([11.875, 15.75, 23.042]) {
            assert!((found - known).abs() < 0.001, "{found}");
        }
        for feature in ["color", "motion"] {
            assert_eq!(track(feature, &media, &frames).rows.len(), 30);
        }
        // The sky behind the title is light, the opening fades in from black.
        let value = track("color", &media, &frames).channel("value").unwrap();
        assert!(value[0] < 0.3 && value[5] > 0.5, "{value:?}");
        let motion = track("motion", &media, &frames).channel("motion").unwrap();
        assert!(motion.iter().all(|level| (0.0..30.0).contains(level)), "{motion:?}");
    }

    /// Hard cuts of the shared clips, seen by eye. `bikes_city` has one at 9.68 s that its notes take for a passer-by; in
    /// `arm_wrestling` the picture jumps at 9.57 s, where baked-in damage ends, which nobody would call a cut.
    const KNOWN: &[(&str, &[f64])] = &[
        ("arm_wrestling.mp4", &[]),
        ("bikes_city.mp4", &[1.20, 3.04, 5.48, 7.48, 9.68]),
        ("city_night.mpg", &[4.64]),
        ("cockatoo.mp4", &[]),
        ("film_dialogue.mp4", &[]),
        ("montage_speech.mp4", &[7.28, 11.36, 17.04, 22.24, 26.16, 32.56, 35.84, 38.28, 43.92, 47.60, 51.40]),
        ("nasa_telescope.mp4", &[8.008]),
        ("nature_shots.mp4", &[1.001, 6.006]),
        ("silent_film.mp4", &[]),
        // Its first picture is at 0.24 s.
        ("steam_train.mp4", &[4.80, 23.64, 32.28, 51.24]),
    ];

    #[test]
    fn cuts_of_real_clips_are_found_to_the_picture_and_nothing_else() {
        let Some(data) = testing::data() else { return };
        for (clip, known) in KNOWN {
            let found = cuts(&decoded(&data.join("videos").join(clip)).1);
            let strange: Vec<&f64> =
                found.iter().filter(|found| !known.iter().any(|known| (*found - known).abs() < 0.005)).collect();
            let allowed: &[f64] = if *clip == "arm_wrestling.mp4" { &[9.571] } else { &[] };
            assert!(
                strange.iter().all(|found| allowed.iter().any(|at| (*found - at).abs() < 0.005)),
                "{clip}: {strange:?}"
            );
            assert_eq!(found.len() - strange.len(), known.len(), "{clip}: {found:?}");
        }
    }

    #[test]
    fn frames_without_measures_are_our_own_fault() {
        let frames = Frames { channels: vec![], times: vec![0.0], values: vec![vec![]] };
        let error = Bench::new("feature.shots").input("frames", &frames).run().err().unwrap();
        assert_eq!(error.class, crate::error::FailureClass::Internal);
    }
}
