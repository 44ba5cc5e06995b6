//! Labels for the bars of training songs: what the meter says of the music around each, on the scale of the knobs.

use std::{collections::BTreeMap, ops::Range};

use serde_json::{Value, json};

use super::{Affect, Sound, calibration::Calibration, meter::Meter};
use crate::{
    artifact::Report,
    corpus::{Corpus, Song, Split},
    music::{Note, STEPS_PER_BAR, STEPS_PER_BEAT},
};

/// A window: four bars before a bar's downbeat and four from it on. Fewer at a song's ends.
pub(crate) const HALF_WINDOW_BARS: usize = 4;
const SIDES: [&str; 2] = ["valence", "arousal"];

/// Gives every song of the corpus a label a bar; tells in a report how the meter's values were brought to -1..1.
/// None if no song is for training.
pub(crate) fn label(corpus: &mut Corpus, meter: &Meter, mut on_progress: impl FnMut(f32)) -> Option<Report> {
    let count = corpus.songs.len() as f32;
    let mut measured = Vec::with_capacity(corpus.songs.len());
    for (done, song) in corpus.songs.iter().enumerate() {
        measured.push(measure_bars(song, meter));
        on_progress(done as f32 / count);
    }
    let training = |side: usize| {
        let songs = corpus.songs.iter().zip(&measured).filter(|(song, _)| song.split == Split::Train);
        songs.flat_map(|(_, bars)| bars.iter().map(|bar| bar[side])).collect::<Vec<f64>>()
    };
    let calibrations = [Calibration::of(training(0))?, Calibration::of(training(1))?];
    for (song, bars) in corpus.songs.iter_mut().zip(&measured) {
        let placed = |bar: &[f64; 2]| std::array::from_fn(|side| calibrations[side].apply(bar[side]) as f32);
        song.affect = bars.iter().map(placed).collect();
    }
    Some(report(corpus, calibrations))
}

fn measure_bars(song: &Song, meter: &Meter) -> Vec<[f64; 2]> {
    let measure = |bar: usize| {
        let bars = bar.saturating_sub(HALF_WINDOW_BARS)..(bar + HALF_WINDOW_BARS).min(song.bars);
        let Affect { valence, arousal } = meter.measure(&sounds(song, bars), song.bpm);
        [valence, arousal]
    };
    (0..song.bars).map(measure).collect()
}

/// Melody and accompaniment of some bars in real time, cut at their end.
fn sounds(song: &Song, bars: Range<usize>) -> Vec<Sound> {
    let step_seconds = 60.0 / song.bpm / f64::from(STEPS_PER_BEAT);
    let steps = bars.start as u32 * STEPS_PER_BAR..bars.end as u32 * STEPS_PER_BAR;
    let within = |notes: &[Note]| {
        let first = notes.partition_point(|note| note.start < steps.start);
        let last = notes.partition_point(|note| note.start < steps.end);
        notes[first..last].to_vec()
    };
    let sound = |note: Note| Sound {
        start_seconds: f64::from(note.start - steps.start) * step_seconds,
        seconds: f64::from(u32::from(note.duration).min(steps.end - note.start)) * step_seconds,
        pitch: note.pitch,
        velocity: note.velocity,
    };
    within(&song.melody).into_iter().chain(within(&song.accompaniment)).map(sound).collect()
}

fn report(corpus: &Corpus, calibrations: [Calibration; 2]) -> Report {
    let bars = |split: Split| corpus.songs.iter().filter(move |song| song.split == split).flat_map(|song| &song.affect);
    let mut values = BTreeMap::new();
    for (side, name) in SIDES.iter().enumerate() {
        let [low, middle, high] = calibrations[side].values;
        values.insert(
            format!("{name}_calibration"),
            json!({ "meter_at_5_50_95_percent": [low, middle, high], "placed_at": [-0.8, 0.0, 0.8] }),
        );
        for (split, split_name) in [(Split::Train, "train"), (Split::Validation, "validation"), (Split::Test, "test")] {
            let labels: Vec<f64> = bars(split).map(|bar| f64::from(bar[side])).collect();
            values.insert(format!("{name}_{split_name}"), mean_and_spread(&labels));
        }
    }
    let all: usize = corpus.songs.iter().map(|song| song.affect.len()).sum();
    values.insert("songs".to_owned(), json!(corpus.songs.len()));
    values.insert("bars".to_owned(), json!(all));
    let summary = format!("{all} bars of {} songs have valence and arousal by the meter.", corpus.songs.len());
    Report { passed: None, summary, values }
}

fn mean_and_spread(values: &[f64]) -> Value {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    json!({ "bars": values.len(), "mean": mean, "spread": spread })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        affect::{MeterKind, folds::agreement, train, training::tests::ratings},
        model::testing,
        seed::Seed,
    };

    fn meter() -> Meter {
        train(&ratings(30), MeterKind::Ridge, Seed::master(1)).unwrap().meter
    }

    #[test]
    fn every_bar_gets_a_label_within_the_plane() {
        let mut corpus = testing::corpus(6);
        let report = label(&mut corpus, &meter(), |_| {}).unwrap();
        for song in &corpus.songs {
            assert_eq!(song.affect.len(), song.bars);
            assert!(song.affect.iter().flatten().all(|value| (-1.0..=1.0).contains(value)));
        }
        assert_eq!(report.values["songs"], 6);
        let mut none = Corpus { songs: vec![], ..corpus };
        assert!(label(&mut none, &meter(), |_| {}).is_none());
    }

    /// The half of a song that is played twice as densely is the more excited one, and by the middle this has turned.
    #[test]
    fn labels_follow_the_music() {
        let mut corpus = testing::corpus(3);
        let song = &mut corpus.songs[0];
        song.accompaniment.retain(|note| note.start >= 10 * 16 || note.start % 16 == 0);
        song.melody.retain(|note| note.start >= 10 * 16);
        label(&mut corpus, &meter(), |_| {}).unwrap();
        let arousal: Vec<f32> = corpus.songs[0].affect.iter().map(|bar| bar[1]).collect();
        assert!(arousal[2] < arousal[16] - 0.3, "{arousal:?}");
        assert!(arousal[2] <= arousal[10] && arousal[10] <= arousal[16], "{arousal:?}");
    }

    /// On songs of another kind than those that were rated, the meter that labels and the one that judges hear alike.
    #[test]
    fn the_shipped_meters_agree_on_songs_that_neither_knows() {
        let Some(data) = crate::testing::data() else { return };
        let songs = crate::testing::songs(&data, |id| id.ends_with("50"));
        let measured = |file: &str| -> Vec<[f64; 2]> {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models").join(file);
            let meter = Meter::load(&path).unwrap();
            songs.iter().flat_map(|song| measure_bars(song, &meter)).collect()
        };
        let (labels, judge) = (measured("music_affect.safetensors"), measured("music_affect_check.safetensors"));
        let [valence, arousal] = agreement(&labels, &judge);
        assert!(labels.len() > 600 && valence > 0.6 && arousal > 0.7, "{} bars: {valence} {arousal}", labels.len());
    }

    #[test]
    fn a_window_is_cut_at_its_ends() {
        let song = testing::song("1", 20, Split::Train);
        let window = sounds(&song, 4..12);
        assert_eq!(window.len(), 8 * 8 + 6 * 4);
        let end = 8.0 * 4.0 * 60.0 / song.bpm;
        assert!(window.iter().all(|sound| sound.start_seconds >= 0.0 && sound.end_seconds() <= end + 1e-9));
    }
}
