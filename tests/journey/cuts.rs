//! Cuts of real clips on the beats of `score.mid`, by the file's own tempo map.

use std::{fs, path::Path};

use midly::{MetaMessage, Smf, Timing, TrackEventKind};

use super::Scored;
use crate::support::{COMPOSE, Project, data};

/// Cuts this near a beat are heard as on it.
const TOGETHER_SECONDS: f64 = 0.04;
/// Cuts of `montage_speech.mp4`, from its notes.
const MONTAGE: [f64; 11] = [7.28, 11.36, 17.04, 22.24, 26.16, 32.56, 35.84, 38.28, 43.92, 47.60, 51.40];
const CLIPS_WITH_CUTS: [&str; 7] = [
    "montage_speech.mp4",
    "bbb_opening.mp4",
    "bikes_city.mp4",
    "city_night.mpg",
    "nasa_telescope.mp4",
    "nature_shots.mp4",
    "steam_train.mp4",
];
/// One draft a bar is quick, and bars lie where they lie.
const QUICK: &str = "\n[knobs]\ntempo = { min = 70, max = 140 }\n";

/// Beats, downbeats and tempi of a MIDI file, read by midly alone.
struct Beats {
    quarters: Vec<f64>,
    downbeats: Vec<f64>,
    /// Beats a minute of each bar.
    bars: Vec<f64>,
    end: f64,
}

impl Beats {
    fn read(file: &Path) -> Self {
        let bytes = fs::read(file).unwrap();
        let smf = Smf::parse(&bytes).unwrap();
        let Timing::Metrical(quarter) = smf.header.timing else { panic!("no metrical time") };
        let quarter = u32::from(quarter.as_int());
        let (mut tempi, mut meters, mut end) = (Vec::new(), Vec::new(), 0);
        for track in &smf.tracks {
            let mut tick = 0;
            for event in track {
                tick += event.delta.as_int();
                match event.kind {
                    TrackEventKind::Meta(MetaMessage::Tempo(micros)) => tempi.push((tick, f64::from(micros.as_int()))),
                    TrackEventKind::Meta(MetaMessage::TimeSignature(beats, ..)) => {
                        meters.push((tick, u32::from(beats)));
                    }
                    _ => {}
                }
            }
            end = end.max(tick);
        }
        let seconds = |tick: u32| {
            let spans = tempi.iter().enumerate().map(|(place, (first, micros))| {
                let until = tempi.get(place + 1).map_or(u32::MAX, |next| next.0).min(tick);
                f64::from(until.saturating_sub(*first)) * micros / 1e6 / f64::from(quarter)
            });
            spans.sum::<f64>()
        };
        let mut read = Self { quarters: Vec::new(), downbeats: Vec::new(), bars: Vec::new(), end: seconds(end) };
        let mut tick = 0;
        while tick < end {
            let beats = meters.iter().rev().find(|meter| meter.0 <= tick).unwrap().1;
            read.downbeats.push(seconds(tick));
            read.quarters.extend((0..beats).map(|beat| seconds(tick + beat * quarter)));
            read.bars.push(f64::from(beats) * 60.0 / (seconds(tick + beats * quarter) - seconds(tick)));
            tick += beats * quarter;
        }
        read
    }
}

fn near(times: &[f64], cuts: &[f64]) -> usize {
    cuts.iter().filter(|cut| times.iter().any(|time| (time - **cut).abs() <= TOGETHER_SECONDS)).count()
}

/// Composes for a clip; its cuts as found, and its beats as written.
fn composed(clip: &Path, knobs: &str) -> (Vec<f64>, f64, Beats) {
    let recipe =
        format!("{}{knobs}", COMPOSE.replace("node = \"generate.melody\"", "node = \"generate.melody\"\ndrafts = 1"));
    let project = Project::new().file("compose.toml", recipe);
    project.run(&["run", "compose.toml", "--input", clip.to_str().unwrap()]).code(0);
    let folder = project.path().join("out").join(clip.file_stem().unwrap());
    let run = Scored::at(&folder).run_json();
    let times = run["cuts"].as_array().unwrap().iter().map(|cut| cut["time"].as_f64().unwrap()).collect();
    (times, run["plan"]["end"].as_f64().unwrap(), Beats::read(&folder.join("score.mid")))
}

fn keeps_limits(beats: &Beats, seconds: f64) {
    // MIDI rounds tempi to microseconds a quarter and lets bars be a quarter of a millisecond off.
    assert!((beats.end - seconds).abs() < 0.001, "{} of {seconds}", beats.end);
    assert!(beats.bars.iter().all(|bpm| (69.9..=140.1).contains(bpm)), "{:?}", beats.bars);
    let (low, high) = beats.bars.iter().fold((f64::MAX, 0.0_f64), |(low, high), bpm| (low.min(*bpm), high.max(*bpm)));
    assert!(high / low <= 1.061 * 1.061, "{low} to {high}");
    assert!(beats.bars.windows(2).all(|pair| (pair[1] / pair[0] - 1.0).abs() <= 0.0205), "{:?}", beats.bars);
}

#[test]
fn cuts_of_the_montage_lie_on_beats_of_the_midi_file() {
    let Some(data) = data() else { return };
    let (found, seconds, beats) = composed(&data.join("videos/montage_speech.mp4"), QUICK);
    assert_eq!(found.len(), MONTAGE.len());
    keeps_limits(&beats, seconds);
    let (on_beats, on_downbeats) = (near(&beats.quarters, &MONTAGE), near(&beats.downbeats, &MONTAGE));
    assert!(on_beats >= 10 && on_downbeats >= 7, "{on_beats} on beats, {on_downbeats} on downbeats");
}

/// The table of docs/correspondence.md.
#[test]
#[ignore = "figures for people: run with --release --nocapture"]
#[expect(clippy::print_stderr, reason = "figures for people")]
fn figures_of_all_clips_with_cuts() {
    let Some(data) = data() else { return };
    for clip in CLIPS_WITH_CUTS {
        for (name, knobs) in [
            ("70..140", QUICK),
            ("default", ""),
            ("96..100", "\n[knobs]\ntempo = { min = 96, max = 100 }\n"),
            ("equal bars", "\n[knobs]\ncuts_on_beats = 0\n"),
        ] {
            let (cuts, seconds, beats) = composed(&data.join("videos").join(clip), knobs);
            eprintln!(
                "{clip}, {name}: {} cuts, {} on beats, {} on downbeats, {} bars, {} changes of tempo, end {:+.4} s, {:.1} to {:.1}",
                cuts.len(),
                near(&beats.quarters, &cuts),
                near(&beats.downbeats, &cuts),
                beats.bars.len(),
                beats.bars.windows(2).filter(|pair| (pair[1] / pair[0] - 1.0).abs() > 0.001).count(),
                beats.end - seconds,
                beats.bars.iter().copied().fold(f64::MAX, f64::min),
                beats.bars.iter().copied().fold(0.0, f64::max),
            );
        }
    }
}
