//! Executors of `train.original` and `check.original`: the index of the training songs, and the search in it.

use serde::Deserialize;

use super::{StageContext, take::TakeKnob};
use crate::{
    artifact::{Kind, Notes},
    corpus::{Corpus, Split},
    digest::Digest,
    error::StageError,
    metric::{OriginalLimits, check_original},
    original::{Card, Index, Survey},
};

const NAME: Option<&str> = Some("original");

#[derive(Deserialize)]
struct TrainParams {
    common_songs: usize,
}

pub(super) fn train(context: &mut StageContext) -> Result<(), StageError> {
    let TrainParams { common_songs } = context.params()?;
    let corpus: Corpus = context.input("corpus")?;
    if !corpus.songs.iter().any(|song| song.split == Split::Train) {
        return Err(StageError::usage(format!("{} has no training songs; there is nothing to index", corpus.name)));
    }
    let index = Index::of(&corpus, common_songs);
    let survey = Survey::of(&index, &corpus, |done| context.progress(done, "songs against songs"));
    let bytes = index.to_bytes();
    let card = Card { index: &index, survey: &survey, digest: Digest::of(&bytes), bytes: bytes.len() };
    context.output_bytes("weights", Kind::Weights, NAME, &bytes)?;
    context.output_bytes("card", Kind::Card, NAME, card.markdown().as_bytes())?;
    context.output("report", &card.report())
}

#[derive(Deserialize)]
struct CheckParams {
    weights: Digest,
    take: TakeKnob,
    #[serde(flatten)]
    limits: OriginalLimits,
}

pub(super) fn check(context: &mut StageContext) -> Result<(), StageError> {
    let CheckParams { weights, take, limits } = context.params()?;
    let melody: Notes = context.input("melody")?;
    let accompaniment: Notes = context.input("accompaniment")?;
    let index = Index::load(context.file(weights)?)?;
    let report = check_original(&index, chosen(&melody, take)?, chosen(&accompaniment, take)?, limits);
    context.output("report", &report)
}

fn chosen(notes: &Notes, take: TakeKnob) -> Result<&[crate::music::Note], StageError> {
    Ok(&notes.takes[take.among(notes.takes.len())?])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        artifact::Report,
        error::FailureClass,
        original::testing::{corpus, phrase},
        testing::Bench,
    };

    #[test]
    fn what_train_indexes_check_finds_in_the_take_that_is_played() {
        let corpus = corpus(6);
        let trained = Bench::new("train.original").input("corpus", &corpus).run().unwrap();
        assert_eq!(trained.blobs("weights")[0].name, NAME.map(str::to_owned));
        let card = fs::read_to_string(trained.path("card")).unwrap();
        assert!(card.contains(&trained.blobs("weights")[0].digest.to_string()), "{card}");
        let own = vec![];
        let copied = phrase(&corpus.songs[0].accompaniment, 2..10, 0, -2);
        let check = |take: usize| {
            Bench::new("check.original")
                .file("weights", &trained.path("weights"))
                .input("melody", &Notes::new(vec![own.clone(); 2]))
                .input("accompaniment", &Notes::new(vec![own.clone(), copied.clone()]))
                .param("take", take)
                .run()
        };
        let report = |take| check(take).unwrap().get::<Report>("report");
        assert_eq!(report(1).passed, Some(true));
        assert_eq!(report(2).passed, Some(false));
        assert_eq!(report(2).values["accompaniment"]["song"], "000");
        assert_eq!(check(3).err().unwrap().class, FailureClass::Usage);
    }

    #[test]
    fn a_corpus_without_training_songs_is_refused() {
        let mut corpus = corpus(3);
        corpus.songs.retain(|song| song.split != Split::Train);
        let error = Bench::new("train.original").input("corpus", &corpus).run().err().unwrap();
        assert_eq!(error.class, FailureClass::Usage);
    }
}
