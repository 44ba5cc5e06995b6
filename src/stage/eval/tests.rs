//! From songs to figures, with random weights: machinery and promises, not music.

use tch::{Device, nn::VarStore};
use tempfile::TempDir;

use super::*;
use crate::{
    corpus::Split,
    error::FailureClass,
    model::{network_of, testing, weights},
    testing::{Bench, Outputs},
};

const INDEX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/store/models/original.safetensors");
const MOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/store/models/music_affect.safetensors");
const METER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/store/models/music_affect_check.safetensors");

fn corpus() -> Corpus {
    let mut corpus = testing::corpus(6);
    corpus.songs[3].split = Split::Test;
    corpus.songs[5].split = Split::Test;
    corpus
}

struct RandomWeights(TempDir);

impl RandomWeights {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for (part, name) in PARTS {
            tch::manual_seed(7);
            let store = VarStore::new(Device::Cpu);
            network_of(part, &store.root(), &testing::SMALL);
            weights::save(&folder.path().join(name), part, &testing::SMALL, &store).unwrap();
        }
        Self(folder)
    }

    fn bench(&self, node: &str) -> Bench {
        let bench = Bench::new(node).input("corpus", &corpus()).param("bars", 8);
        let bench = bench.file("original", Path::new(INDEX)).file("mood_meter", Path::new(MOOD));
        PARTS.into_iter().fold(bench, |bench, (_, name)| bench.file(name, &self.0.path().join(name)))
    }
}

const PARTS: [(Part, &str); 3] =
    [(Part::Chords, "chords"), (Part::Melody, "melody"), (Part::Accompaniment, "accompaniment")];

fn ngrams(pieces: usize) -> Result<Outputs, StageError> {
    Bench::new("eval.ngram").input("corpus", &corpus()).param("bars", 8).param("pieces", pieces).run()
}

#[test]
fn pieces_are_composed_to_whole_rows_of_test_songs() {
    let weights = RandomWeights::new();
    let compose = || weights.bench("eval.compose").param("pieces", 3).run().unwrap().get::<Pieces>("pieces");
    let pieces = compose();
    assert_eq!(pieces.takes.len(), 3);
    for take in &pieces.takes {
        assert!(["003@", "005@"].iter().any(|song| take.song.id.starts_with(song)), "{}", take.song.id);
        assert_eq!((take.song.bars, take.song.chords.len()), (8, 16));
        assert!(
            take.brief.conditions.bars.iter().all(|row| (row.density, row.melody_density) == (8.0, row.melody_density))
        );
        assert!(!take.song.accompaniment.is_empty());
    }
    assert_eq!(compose(), pieces, "a seed means something");
    let given = weights.bench("eval.compose").param("pieces", 3).param("given", "chords_and_melody").run().unwrap();
    let given: Pieces = given.get("pieces");
    assert!(given.takes.iter().all(|take| take.song.melody.len() == 24 && take.song.accompaniment.len() != 64));
}

#[test]
fn knobs_are_turned_one_by_one() {
    let weights = RandomWeights::new();
    let outputs = weights.bench("eval.knobs").file("meter", Path::new(METER)).param("pieces", 1).run().unwrap();
    let report: Report = outputs.get("report");
    assert_eq!(report.values.len(), 6);
    // Random weights compose whatever they are asked; the player still follows the dynamics.
    let dynamics = &report.values["dynamics"];
    assert!(dynamics["spearman"].as_f64().is_some_and(|rank| rank > 0.5), "{dynamics}");
}

#[test]
fn figures_page_and_files_of_a_set() {
    let pieces: Pieces = ngrams(4).unwrap().get("pieces");
    let outputs = Bench::new("eval.music")
        .input("corpus", &corpus())
        .input("pieces", &pieces)
        .input("baselines", &pieces)
        .file("original", Path::new(INDEX))
        .file("meter", Path::new(METER))
        .run()
        .unwrap();
    let metrics: serde_json::Value = serde_json::from_slice(&fs::read(outputs.path("metrics")).unwrap()).unwrap();
    for name in ["overlap", "ceiling", "ratio_mean", "ratio_min", "degenerate", "midi"] {
        assert!(!metrics[name].is_null(), "{name}");
    }
    for channel in ["density", "dynamics", "register", "arousal", "valence", "mode"] {
        assert!(metrics["obedience"].get(channel).is_some(), "{channel}");
    }
    assert_eq!((&metrics["pieces"], &metrics["ends_on_tonic"]), (&4.into(), &4.into()));
    assert_eq!(metrics["sets"][0]["ratio_mean"], metrics["sets"][1]["ratio_mean"]);
    assert_eq!(outputs.blobs("midi").len(), 4);
    assert!(fs::read(outputs.path("midi")).unwrap().starts_with(b"MThd"));
    let page = fs::read_to_string(outputs.path("page")).unwrap();
    assert!(page.contains("grooving_similarity") && page.contains("data:image/png"));
}

#[test]
fn stretches_longer_than_any_song_are_refused() {
    let refused = Bench::new("eval.ngram").input("corpus", &corpus()).param("bars", 200).run();
    let Err(error) = refused else { panic!("found a song of 200 bars") };
    assert_eq!(
        (error.class, error.message.as_str()),
        (FailureClass::Usage, "no test song has 200 bars; ask for fewer")
    );
}
