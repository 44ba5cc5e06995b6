//! The ten styles: what each score promises, and that no two are alike.

use std::collections::BTreeSet;

use super::testing::{made, style};
use crate::{
    arrange::{
        arrange,
        testing::{Example, holds, loudness, songs},
    },
    artifact::{Role, Score, ScoreNote},
    metric::{MusicLimits, check_music},
    script::{HookCall, HookReply, call_hook, shipped, shipped_styles},
    seed::Seed,
};

const STYLES: [&str; 10] = [
    "solo_piano",
    "lofi",
    "ambient_pad",
    "acoustic_band",
    "strings",
    "synthwave",
    "orchestral_trailer",
    "jazz_trio",
    "electronic",
    "childrens",
];
/// Share of a piece: a composed accompaniment over a composed melody has as much.
const MOST_RUBBING: f64 = 0.03;
const SONGS: [&str; 3] = ["001", "100", "500"];

/// Stretches of real songs, calm to lively; none without the data.
fn real() -> Vec<Example> {
    let Some(data) = crate::testing::data() else { return Vec::new() };
    songs(&data, &SONGS).iter().map(|song| Example::song(song, 8.min(song.bars - 24), 24)).collect()
}

fn examples() -> Vec<Example> {
    let mut calm = made();
    calm.energy(-0.7, 4.0);
    let mut full = made();
    full.energy(0.9, 24.0);
    full.plan.key = "F# minor".parse().unwrap();
    let mut silent = made();
    silent.conditions.melody = false;
    let short = Example::bars(&[4, 2, 4]);
    [made(), calm, full, silent, short, Example::plain(1)].into_iter().chain(real()).collect()
}

fn score(example: &Example, name: &str) -> Score {
    arrange(&example.take(), &style(name), Seed::master(1)).unwrap_or_else(|error| panic!("{error}"))
}

fn limits() -> MusicLimits {
    serde_json::from_str(r#"{ "min_scale_consistency": 0.8, "max_empty_beats": 0.3, "max_repeated_pitch": 24 }"#)
        .unwrap()
}

#[test]
fn every_style_is_shipped_and_says_what_it_is() {
    assert_eq!(shipped_styles().collect::<BTreeSet<_>>(), BTreeSet::from(STYLES));
    for name in STYLES {
        let bundle = style(name);
        assert_eq!(Some(bundle.text.as_str()), shipped(&format!("styles/{name}")));
        let lines = bundle.text.lines().count();
        assert!((20..=80).contains(&lines), "{name} has {lines} lines");
        let (HookReply::Style { about, knobs, .. }, _) = call_hook(&bundle, HookCall::Style).unwrap() else { panic!() };
        assert!((20..100).contains(&about.len()) && !knobs.is_empty(), "{name}: {about}");
        for knob in knobs {
            assert!(crate::node::KNOBS.iter().any(|known| known.name == knob), "{name}: {knob}");
        }
    }
}

#[test]
fn every_style_holds_over_every_example() {
    for (number, example) in examples().iter().enumerate() {
        for name in STYLES {
            let score = score(example, name);
            holds(&score);
            let report = check_music(&example.plan, &score, limits());
            assert_ne!(report.passed, Some(false), "{name} over example {number}: {}", report.summary);
        }
    }
}

#[test]
fn every_style_grows() {
    let notes = |score: &Score, bars: std::ops::Range<u32>| -> usize {
        let inside = |note: &&ScoreNote| (bars.start * 1920..bars.end * 1920).contains(&note.start_ticks);
        score.tracks.iter().map(|track| track.notes.iter().filter(inside).count()).sum()
    };
    let mut lively = made();
    lively.energy(0.5, 20.0);
    let mut calm = made();
    calm.energy(-0.6, 5.0);
    for name in STYLES {
        let (full, quiet) = (score(&lively, name), score(&calm, name));
        assert!(notes(&full, 0..2) < notes(&full, 6..8), "{name}: the intro is lighter");
        assert!(notes(&quiet, 0..12) < notes(&full, 0..12), "{name}: calm bars are sparser");
    }
}

/// A major seventh that is the chord's own is none. Ticks over which a note lies a semitone (or its octaves) beside the melody for more than half a beat, against all.
fn rubbing(example: &Example, score: &Score) -> f64 {
    let piece = example.piece();
    let of = |wanted: bool| {
        let tracks = score.tracks.iter().filter(move |track| (track.role == Role::Melody) == wanted);
        tracks.filter(|track| track.role != Role::Drums).flat_map(|track| &track.notes)
    };
    let together = |one: &ScoreNote, other: &ScoreNote| {
        let end = |note: &ScoreNote| note.start_ticks + note.duration_ticks;
        end(one).min(end(other)).saturating_sub(one.start_ticks.max(other.start_ticks))
    };
    let beside = |one: &ScoreNote, other: &ScoreNote| {
        let chord = piece.chord_at((one.start_ticks.max(other.start_ticks) + 30) / 120);
        let is_own = chord.contains(one.pitch) && chord.contains(other.pitch);
        matches!((one.pitch + 120 - other.pitch) % 12, 1 | 11) && !is_own
    };
    let rubs =
        of(true).flat_map(|high| of(false).filter(move |low| beside(high, low)).map(move |low| together(high, low)));
    rubs.filter(|ticks| *ticks > 260).map(f64::from).sum::<f64>() / f64::from(score.end_ticks)
}

#[test]
fn nothing_rubs_with_the_melody_for_long() {
    let mut rubs = Vec::new();
    for (number, example) in real().iter().enumerate() {
        let shares = STYLES.map(|name| (name, rubbing(example, &score(example, name))));
        rubs.extend(
            shares.into_iter().filter(|(_, share)| *share > MOST_RUBBING).map(|(name, share)| (number, name, share)),
        );
    }
    assert!(rubs.is_empty(), "{rubs:.3?}");
}

/// What is measured of a style.
#[derive(Debug)]
struct Features {
    /// Notes a bar, of all tracks.
    density: f64,
    /// Mean pitch but for drums.
    pitch: f64,
    /// Where offbeat eighths and sixteenths lie: 0.5 is straight, 0.67 a triplet.
    swing: [f64; 2],
    velocity: f64,
    /// From the 5th to the 95th of a hundred.
    range: f64,
    /// Mean length in beats but for drums.
    length: f64,
    instruments: BTreeSet<(bool, u8)>,
}

impl Features {
    fn of(scores: &[Score]) -> Self {
        let tracks = || scores.iter().flat_map(|score| &score.tracks);
        let all: Vec<&ScoreNote> = tracks().flat_map(|track| &track.notes).collect();
        let pitched: Vec<&ScoreNote> =
            tracks().filter(|track| track.role != Role::Drums).flat_map(|track| &track.notes).collect();
        let bars: usize = scores.iter().map(|score| score.bar_beats.len()).sum();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let offbeat = |unit: u32| {
            let place = |note: &&ScoreNote| f64::from(note.start_ticks % unit) / f64::from(unit);
            let places: Vec<f64> = all.iter().map(place).filter(|place| (0.4..0.76).contains(place)).collect();
            if places.is_empty() { 0.5 } else { mean(places) }
        };
        let mut velocities: Vec<u8> = all.iter().map(|note| note.velocity).collect();
        velocities.sort_unstable();
        let at = |share: f64| f64::from(velocities[(share * (velocities.len() - 1) as f64) as usize]);
        Self {
            density: all.len() as f64 / bars as f64,
            pitch: mean(pitched.iter().map(|note| f64::from(note.pitch)).collect()),
            swing: [offbeat(480), offbeat(240)],
            velocity: mean(all.iter().map(|note| f64::from(note.velocity)).collect()),
            range: at(0.95) - at(0.05),
            length: mean(pitched.iter().map(|note| f64::from(note.duration_ticks) / 480.0).collect()),
            instruments: tracks().map(|track| (track.role == Role::Drums, track.program)).collect(),
        }
    }

    /// Each difference in units that can be heard at once.
    fn distance(&self, other: &Self) -> f64 {
        let pairs = [
            (self.density / 8.0, other.density / 8.0),
            (self.pitch / 4.0, other.pitch / 4.0),
            (self.swing[0] / 0.04, other.swing[0] / 0.04),
            (self.swing[1] / 0.04, other.swing[1] / 0.04),
            (self.velocity / 8.0, other.velocity / 8.0),
            (self.range / 12.0, other.range / 12.0),
            (self.length / 0.5, other.length / 0.5),
        ];
        pairs.iter().map(|(one, two)| (one - two).powi(2)).sum::<f64>().sqrt()
    }

    /// Share of instruments that both have.
    fn likeness(&self, other: &Self) -> f64 {
        let both = self.instruments.intersection(&other.instruments).count();
        both as f64 / self.instruments.union(&other.instruments).count() as f64
    }
}

fn measured() -> Vec<(&'static str, Features)> {
    let examples = if real().is_empty() { vec![made()] } else { real() };
    let of = |name| Features::of(&examples.iter().map(|example| score(example, name)).collect::<Vec<_>>());
    STYLES.map(|name| (name, of(name))).into()
}

#[test]
fn no_two_styles_are_alike() {
    let measured = measured();
    for (place, (name, features)) in measured.iter().enumerate() {
        for (other_name, other) in &measured[..place] {
            let (distance, likeness) = (features.distance(other), features.likeness(other));
            assert!(distance > 1.0 && likeness <= 0.5, "{name} and {other_name}: {distance:.2}, {likeness:.2}");
        }
    }
}

/// The table of docs/styles.md.
#[test]
#[ignore = "figures for people: run with --nocapture"]
#[expect(clippy::print_stderr, reason = "figures for people")]
fn table_of_styles() {
    let measured = measured();
    eprintln!(
        "| style | notes a bar | mean pitch | length, beats | offbeat 8ths | offbeat 16ths | velocity | its range | instruments |"
    );
    for (name, f) in &measured {
        let [eighths, sixteenths] = f.swing;
        let names: Vec<String> = f
            .instruments
            .iter()
            .map(|(drums, program)| super::instrument::name(*program, if *drums { Role::Drums } else { Role::Pad }))
            .collect();
        eprintln!(
            "| {name} | {:.1} | {:.1} | {:.2} | {eighths:.2} | {sixteenths:.2} | {:.0} | {:.0} | {} |",
            f.density,
            f.pitch,
            f.length,
            f.velocity,
            f.range,
            names.join(", ")
        );
    }
    let pairs =
        measured.iter().enumerate().flat_map(|(place, one)| measured[..place].iter().map(move |two| (one, two)));
    let nearest = pairs.min_by(|a, b| a.0.1.distance(&a.1.1).total_cmp(&b.0.1.distance(&b.1.1)));
    if let Some((one, two)) = nearest {
        eprintln!("nearest: {} and {}, {:.2}", one.0, two.0, one.1.distance(&two.1));
    }
}

/// Loudness of every track of every style, for setting gains.
#[test]
#[ignore = "figures for people: run with --nocapture"]
#[expect(clippy::print_stderr, reason = "figures for people")]
fn levels_of_all_styles() {
    for name in STYLES.iter().filter(|name| std::env::var("STYLE").map_or(true, |wanted| wanted == **name)) {
        for example in real().iter().take(1) {
            let score = score(example, name);
            let Some(lufs) = loudness(&score) else { return };
            let whole = 10.0 * lufs.iter().map(|loud| 10_f64.powf(loud / 10.0)).sum::<f64>().log10();
            let levels = score
                .tracks
                .iter()
                .zip(&lufs)
                .map(|(track, loud)| format!("{} {:+.1} ({:+.1} dB)", track.name, loud - whole, track.gain_db));
            eprintln!("{name} {whole:.1}: {}", levels.collect::<Vec<_>>().join(", "));
        }
    }
}
