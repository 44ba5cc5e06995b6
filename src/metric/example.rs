//! A small piece in G major for tests: eight bars of melody, chords, bass and drums under two cuts.

use crate::{
    artifact::{Bar, CuePlan, Cut, Marker, Report, Role, Score, ScoreNote, ScoreTrack, Section, TempoMark},
    music::{Key, Mode, TICKS_PER_QUARTER},
};

pub(crate) const BARS: usize = 8;
/// 96 beats a minute.
pub(crate) const BAR_SECONDS: f64 = 2.5;
/// Roots of G, C, D, Em in the bass octave; the last bar is G.
const ROOTS: [u8; BARS] = [43, 48, 50, 52, 43, 48, 50, 43];

pub(crate) fn note(pitch: u8, start_ticks: u32, duration_ticks: u32) -> ScoreNote {
    ScoreNote { start_ticks, pitch, duration_ticks, velocity: 70 }
}

pub(crate) fn plan() -> CuePlan {
    let section = |name: &str, first_bar, bars| Section { name: name.to_owned(), first_bar, bars };
    CuePlan {
        key: Key::new(7, Mode::Major),
        tempo_map: vec![TempoMark { time: 0.0, bpm: 96.0 }],
        bars: (0..BARS).map(|bar| Bar { start: BAR_SECONDS * bar as f64, beats: 4 }).collect(),
        sections: vec![section("intro", 0, 2), section("a", 2, 4), section("outro", 6, 2)],
        end_seconds: BAR_SECONDS * BARS as f64,
        cuts: vec![Cut { time: 4.9, strength: 0.8 }, Cut { time: 11.27, strength: 0.6 }],
        hits: vec![],
        notes: vec![],
    }
}

pub(crate) fn score() -> Score {
    let plan = plan();
    let bar_ticks = 4 * TICKS_PER_QUARTER;
    let per_bar = |part: fn(u32, u8) -> Vec<ScoreNote>| -> Vec<ScoreNote> {
        (0..BARS).flat_map(|bar| part(bar as u32 * 4 * TICKS_PER_QUARTER, ROOTS[bar])).collect()
    };
    let track = |name: &str, role, channel, program, notes| ScoreTrack {
        name: name.to_owned(),
        role,
        channel,
        program,
        gain_db: 0.0,
        pan: 0.0,
        room: 0.2,
        notes,
        controls: vec![],
    };
    Score {
        key: plan.key,
        tempo_map: plan.tempo_map,
        bar_beats: vec![4; BARS],
        tracks: vec![
            track("melody", Role::Melody, 0, 73, per_bar(melody)),
            track("piano", Role::Accompaniment, 1, 0, per_bar(chords)),
            track("bass", Role::Bass, 2, 33, per_bar(|start, root| vec![note(root, start, 1900)])),
            track("drums", Role::Drums, 9, 0, per_bar(drums)),
        ],
        markers: vec![Marker { ticks: 0, text: "intro".to_owned() }],
        end_seconds: plan.end_seconds,
        end_ticks: BARS as u32 * bar_ticks,
        notes: vec![],
    }
}

/// The triad of a root in G major.
fn triad(root: u8) -> [u8; 3] {
    let third = if root % 12 == 4 { 3 } else { 4 };
    [root + 12, root + 12 + third, root + 19]
}

fn melody(start: u32, root: u8) -> Vec<ScoreNote> {
    let [a, b, c] = triad(root);
    let last = if root == ROOTS[BARS - 1] { a } else { b };
    [a, b, c, last]
        .into_iter()
        .enumerate()
        .map(|(beat, pitch)| note(pitch + 12, start + 480 * beat as u32, 400))
        .collect()
}

fn chords(start: u32, root: u8) -> Vec<ScoreNote> {
    let strike = |at: u32| triad(root).map(|pitch| note(pitch, start + at, 900));
    [0, 960].into_iter().flat_map(strike).collect()
}

fn drums(start: u32, _root: u8) -> Vec<ScoreNote> {
    (0..4).map(|beat| note(if beat % 2 == 0 { 36 } else { 38 }, start + beat * 480, 120)).collect()
}

/// What mix.bed says of the piece.
pub(crate) fn sound() -> Report {
    let curve =
        |shift: f64| (0..20).map(|second| -17.0 + shift + (f64::from(second) / 3.0).sin() * 3.0).collect::<Vec<_>>();
    let values = serde_json::json!({
        "music_lufs": -16.1,
        "music_true_peak_dbtp": -1.2,
        "music_loudness_curve": curve(0.0),
        "programme_lufs": -16.0,
        "programme_true_peak_dbtp": -1.0,
        "programme_loudness_curve": curve(1.5),
        "curves_per_second": 5,
        "original_curve": vec![-24.0; 100],
        "music_under_original_curve": vec![-30.0; 100],
        "duck_curve_db": (0..100).map(|row| if (40..60).contains(&row) { 12.0 } else { 0.0 }).collect::<Vec<_>>(),
        "speech_spans": [[8.0, 12.0]],
    });
    let values = serde_json::from_value(values).unwrap();
    Report { passed: None, summary: "music at -16.1 LUFS".to_owned(), values }
}
