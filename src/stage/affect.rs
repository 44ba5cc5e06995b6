//! Executors of `data.vgmidi` and `data.affect`: rated pieces, and what a meter says of songs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Execute, StageContext, data::unreadable};
use crate::{
    affect::{self, Meter, MeterKind},
    artifact::Report,
    corpus::{
        Corpus, Ratings,
        vgmidi::{self, VgmidiError},
    },
    digest::Digest,
    error::StageError,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "data.vgmidi" => Some(vgmidi),
        "data.affect" => Some(affect),
        "data.oasis" => Some(super::picture::oasis),
        _ => None,
    }
}

#[derive(Deserialize)]
struct FolderParams {
    folder: Digest,
}

fn vgmidi(context: &mut StageContext) -> Result<(), StageError> {
    let FolderParams { folder } = context.params()?;
    let folder = context.file(folder)?.to_owned();
    let ratings = vgmidi::load(&folder, |done| context.progress(done, "pieces"))?;
    context.output("report", &ratings_report(&ratings))?;
    context.output("ratings", &ratings)
}

fn ratings_report(ratings: &Ratings) -> Report {
    let (pieces, left_out) = (ratings.pieces.len(), &ratings.left_out);
    Report {
        passed: None,
        summary: format!("{pieces} rated pieces of {}, {} left out.", ratings.name, left_out.len()),
        values: BTreeMap::from([("pieces".to_owned(), json!(pieces)), ("left_out".to_owned(), json!(left_out))]),
    }
}

#[derive(Deserialize)]
struct AffectParams {
    meter: Labels,
    weights: Digest,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Labels {
    Ridge,
    Rules,
}

fn affect(context: &mut StageContext) -> Result<(), StageError> {
    let AffectParams { meter, weights } = context.params()?;
    let mut corpus: Corpus = context.input("corpus")?;
    let report = match meter {
        Labels::Ridge => {
            let path = context.file(weights)?.to_owned();
            measured(&mut corpus, &Meter::load(&path)?, context)?
        }
        Labels::Rules => by_rules(&mut corpus),
    };
    context.output("report", &report)?;
    context.output("corpus", &corpus)
}

fn measured(corpus: &mut Corpus, meter: &Meter, context: &mut StageContext) -> Result<Report, StageError> {
    if meter.kind() != MeterKind::Ridge {
        return Err(StageError::usage(
            "this meter only judges: what it has labelled it could not judge; give `weights` a meter of the kind ridge",
        ));
    }
    let report = affect::label(corpus, meter, |done| context.progress(done, "measuring songs"));
    let report =
        report.ok_or_else(|| StageError::usage("the corpus has no training songs to calibrate the meter by"))?;
    corpus.licence += "; moods of bars: by a meter learned from VGMIDI, research data without a stated licence";
    Ok(report)
}

fn by_rules(corpus: &mut Corpus) -> Report {
    corpus.songs.iter_mut().for_each(|song| song.affect.clear());
    let songs = corpus.songs.len();
    let summary = format!("The moods of {songs} songs are left to the rule of thumb.");
    Report { passed: None, summary, values: BTreeMap::from([("songs".to_owned(), json!(songs))]) }
}

impl From<VgmidiError> for StageError {
    fn from(error: VgmidiError) -> Self {
        match &error {
            VgmidiError::Unreadable { source, .. } => unreadable(source, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        error::FailureClass,
        model::testing,
        testing::{Bench, Outputs},
    };

    fn labelled(meter: &str, file: &str) -> Result<Outputs, StageError> {
        let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models").join(file);
        let corpus = testing::corpus(3);
        Bench::new("data.affect").input("corpus", &corpus).param("meter", meter).file("weights", &weights).run()
    }

    #[test]
    fn the_shipped_meter_labels_bars() {
        let outputs = labelled("ridge", "music_affect.safetensors").unwrap();
        let corpus: Corpus = outputs.get("corpus");
        assert!(corpus.songs.iter().all(|song| song.affect.len() == song.bars));
        assert!(corpus.licence.contains("VGMIDI"), "{}", corpus.licence);
        assert!(outputs.get::<Report>("report").values.contains_key("valence_calibration"));
    }

    #[test]
    fn rules_leave_songs_as_they_are() {
        let corpus: Corpus = labelled("rules", "music_affect.safetensors").unwrap().get("corpus");
        assert_eq!(corpus, testing::corpus(3));
    }

    #[test]
    fn a_meter_that_judges_labels_nothing() {
        let Err(error) = labelled("ridge", "music_affect_check.safetensors") else { panic!("labelled") };
        assert_eq!(error.class, FailureClass::Usage);
        assert!(error.message.contains("only judges"), "{error}");
    }
}
