//! Executors around what pictures show and how they feel: `feature.semantic`, `feature.clip`, `feature.affect`, `data.oasis`, `train.affect`.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;
use tch::Device;

use super::{StageContext, generate::device};
use crate::{
    affect::picture::{self as affect, MissingFeatures, PictureCard, PictureMeter, TooFewPictures},
    artifact::{Kind, Stills, Track},
    corpus::{
        RatedPictures,
        oasis::{self, OasisError},
    },
    digest::Digest,
    error::StageError,
    picture::{self, Clip, EfficientNet, NetworkFileError},
    video::{self, VideoError},
};

/// The network that was used last: a worker looks at many videos with one set of weights.
static NETWORK: Mutex<Option<(Digest, Device, EfficientNet)>> = Mutex::new(None);

/// The file of the picture meter, without its ending.
const METER: &str = "picture_affect";
/// In one thread: several wait for each other after every layer, which costs more than it gives beside other work.
const LOOKING_THREADS: i32 = 1;

#[derive(Deserialize)]
struct WeightsParams {
    weights: Digest,
}

pub(super) fn semantic(context: &mut StageContext) -> Result<(), StageError> {
    let WeightsParams { weights } = context.params()?;
    let stills: Stills = context.input("stills")?;
    let device = device(context.device())?;
    tch::set_num_threads(LOOKING_THREADS);
    let path = context.file(weights)?.to_owned();
    let mut kept = NETWORK.lock().unwrap_or_else(PoisonError::into_inner);
    let network = network(kept.take(), weights, &path, device)?;
    let seen = picture::semantic(&stills, &network, |done| context.progress(done, "looking at pictures"));
    *kept = Some((weights, device, network));
    drop(kept);
    context.output("semantic", &seen.features)?;
    context.output("classes", &seen.classes)
}

#[derive(Deserialize)]
struct ClipParams {
    weights: Digest,
    config: Digest,
}

pub(super) fn clip(context: &mut StageContext) -> Result<(), StageError> {
    let ClipParams { weights, config } = context.params()?;
    let stills: Stills = context.input("stills")?;
    let device = device(context.device())?;
    tch::set_num_threads(LOOKING_THREADS);
    let clip = Clip::load(context.file(weights)?, context.file(config)?, device)?;
    let seen = picture::embeddings(&stills, &clip, |done| context.progress(done, "looking at pictures"));
    context.output("clip", &seen)
}

fn network(
    kept: Option<(Digest, Device, EfficientNet)>,
    weights: Digest,
    path: &Path,
    device: Device,
) -> Result<EfficientNet, NetworkFileError> {
    match kept {
        Some((digest, place, network)) if digest == weights && place == device => Ok(network),
        _ => EfficientNet::load(path, device),
    }
}

#[derive(Deserialize)]
struct FolderParams {
    folder: Digest,
}

pub(super) fn oasis(context: &mut StageContext) -> Result<(), StageError> {
    let FolderParams { folder } = context.params()?;
    let (ratings, files) = oasis::load(context.file(folder)?)?;
    let count = files.len();
    let times: Vec<f64> = (0..count).map(|picture| picture as f64 + 0.5).collect();
    let mut rgb = Vec::new();
    for (done, file) in files.iter().enumerate() {
        context.progress(done as f32 / count as f32, "photographs");
        rgb.push(video::photo(file).map_err(|error| unreadable(file, &error))?);
    }
    context.output("stills", &Stills { span_seconds: 1.0, seconds: count as f64, times, rgb })?;
    context.output("ratings", &ratings)
}

pub(super) fn affect(context: &mut StageContext) -> Result<(), StageError> {
    let WeightsParams { weights } = context.params()?;
    let meter = PictureMeter::load(context.file(weights)?)?;
    let semantic: Track = context.input("semantic")?;
    context.output("affect", &meter.measure(&semantic)?)
}

pub(super) fn train(context: &mut StageContext) -> Result<(), StageError> {
    let rated: RatedPictures = context.input("ratings")?;
    let semantic: Track = context.input("semantic")?;
    let seed = context.seed();
    let trained = affect::train(&rated, &semantic, seed, |done| context.progress(done, "folds of themes"))?;
    let bytes = trained.meter.to_bytes();
    let card = PictureCard { trained: &trained, rated: &rated, seed, bytes: &bytes };
    context.output_bytes("weights", Kind::Weights, Some(METER), &bytes)?;
    context.output_bytes("card", Kind::Card, Some(METER), card.markdown().as_bytes())?;
    context.output("report", &card.report())
}

fn unreadable(file: &Path, error: &VideoError) -> StageError {
    StageError::usage(format!("{}: {error}", file.display()))
}

impl From<OasisError> for StageError {
    fn from(error: OasisError) -> Self {
        match &error {
            OasisError::Unreadable { source, .. } => super::data::unreadable(source, error.to_string()),
            OasisError::Line { .. } => Self::usage(error.to_string()),
        }
    }
}

impl From<TooFewPictures> for StageError {
    fn from(error: TooFewPictures) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<MissingFeatures> for StageError {
    fn from(error: MissingFeatures) -> Self {
        Self::usage(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Bench};

    fn model(file: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models").join(file)
    }

    fn semantic_of(stills: &Stills) -> Track {
        let bench = Bench::new("feature.semantic").input("stills", stills);
        bench.file("weights", &model("efficientnet_lite0.safetensors")).run().unwrap().get("semantic")
    }

    fn affect_of(semantic: &Track) -> Track {
        let bench = Bench::new("feature.affect").input("semantic", semantic);
        bench.file("weights", &model("picture_affect.safetensors")).run().unwrap().get("affect")
    }

    fn photographs(data: &Path, names: &[&str]) -> Stills {
        let rgb: Vec<Vec<u8>> =
            names.iter().map(|name| video::photo(&data.join(format!("oasis/images/{name}.jpg"))).unwrap()).collect();
        let times = (0..rgb.len()).map(|at| at as f64 + 0.5).collect();
        Stills { span_seconds: 1.0, seconds: rgb.len() as f64, times, rgb }
    }

    #[test]
    fn a_clip_model_of_ones_own_embeds_each_second() {
        let Some(data) = testing::data() else { return };
        let folder = data.join("clip_tiny");
        let rgb: Vec<Vec<u8>> = [40, 200].map(|level| vec![level; Stills::SIDE * Stills::SIDE * 3]).to_vec();
        let stills = Stills { span_seconds: 1.0, seconds: 3.0, times: vec![0.5, 1.5], rgb };
        let bench = Bench::new("feature.clip").input("stills", &stills);
        let bench = bench.file("weights", &folder.join("model.safetensors"));
        let seen: Track = bench.file("config", &folder.join("config.json")).run().unwrap().get("clip");
        assert_eq!((seen.rows.len(), seen.channels.len(), seen.channels[31].as_str()), (3, 32, "clip_31"));
        assert!(seen.rows[0] != seen.rows[1] && seen.rows[1] == seen.rows[2]);
    }

    #[test]
    fn a_clip_has_a_row_a_second_on_the_knobs_scale() {
        let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo/big-buck-bunny.mp4");
        let outputs = Bench::new("source.video").file("file", &clip).param("preview", 5.5).run().unwrap();
        let stills: Stills = outputs.get("stills");
        assert_eq!((stills.times.len(), stills.seconds), (5, 5.5));
        let affect = affect_of(&semantic_of(&stills));
        assert_eq!((affect.rows.len(), affect.channels.join(" ")), (6, "valence arousal".to_owned()));
        assert!(affect.rows.iter().flatten().all(|value| (-1.0..=1.0).contains(value)), "{:?}", affect.rows);
    }

    /// Two lakes, a war and a fire that the meter learned from: it has to be the same meter that was trained.
    #[test]
    fn pleasant_and_dreadful_photographs_are_told_apart() {
        let Some(data) = testing::data() else { return };
        let valence =
            affect_of(&semantic_of(&photographs(&data, &["I466", "I456", "I869", "I326"]))).channel("valence").unwrap();
        assert!(
            valence[..2].iter().all(|glad| *glad > 0.4) && valence[2..].iter().all(|sad| *sad < -0.4),
            "{valence:?}"
        );
    }

    /// The whole way from photographs to weights; the reference has r = 0.57 and 0.60. Deals of this seed give 0.563 for valence.
    #[test]
    #[ignore = "looks at 802 photographs: a minute; make test-long"]
    fn valence_is_told_as_by_the_reference_and_arousal_better() {
        let Some(data) = testing::data() else { return };
        let folder = data.join("oasis");
        let loaded = Bench::new("data.oasis").outside("folder", Digest::of(b"oasis"), &folder).run().unwrap();
        let (rated, stills): (RatedPictures, Stills) = (loaded.get("ratings"), loaded.get("stills"));
        let bench = Bench::new("train.affect").input("ratings", &rated).input("semantic", &semantic_of(&stills));
        let report: crate::artifact::Report = bench.run().unwrap().get("report");
        let r = |side: &str| report.values["r_over_themes"][side].as_f64().unwrap();
        assert!(r("valence") > 0.55 && r("arousal") > 0.63, "{:#?}", report.values);
    }
}
