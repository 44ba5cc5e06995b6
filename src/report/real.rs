//! The whole picture side on a real clip, under a real song: decode, features, plan, checks, roll and page.
//!
//! `CUESMITH_LOOK=folder` keeps roll and page there, for eyes.

use std::{fs, path::Path};

use crate::{
    artifact::{Chords, Conditions, CuePlan, Cuts, Frames, Media, Report, Role, Score, ScoreNote, ScoreTrack, Track},
    corpus::Song,
    metric::example,
    music::{Note, STEPS_PER_BEAT, TICKS_PER_QUARTER},
    plan::PictureMood,
    report::page::Page,
    testing::{self, Bench, shipped},
};

/// Bars of the song from `first_bar` on, as many as the plan has, in the plan's key and tempo.
fn arranged(song: &Song, first_bar: u32, plan: &CuePlan) -> Score {
    let mut score = example::score();
    score.key = plan.key;
    score.tempo_map.clone_from(&plan.tempo_map);
    score.bar_beats = plan.bars.iter().map(|bar| bar.beats).collect();
    score.end_seconds = plan.end_seconds;
    let beats: u32 = score.bar_beats.iter().map(|beats| u32::from(*beats)).sum();
    score.end_ticks = beats * TICKS_PER_QUARTER;
    let first = first_bar * 16;
    let step = TICKS_PER_QUARTER / STEPS_PER_BEAT;
    let end_ticks = score.end_ticks;
    let notes = |notes: &[Note]| -> Vec<ScoreNote> {
        let inside = notes.iter().filter(|note| note.start >= first && (note.start - first) * step < end_ticks);
        let score_note = |note: &Note| {
            let start_ticks = (note.start - first) * step;
            ScoreNote {
                start_ticks,
                pitch: (i32::from(note.pitch) - plan.key.shift_to_neutral()) as u8,
                duration_ticks: (u32::from(note.duration) * step).min(end_ticks - start_ticks),
                velocity: note.velocity,
            }
        };
        inside.map(score_note).collect()
    };
    let track = |at: usize, role, notes| ScoreTrack { role, notes, ..score.tracks[at].clone() };
    score.tracks =
        vec![track(0, Role::Melody, notes(&song.melody)), track(1, Role::Accompaniment, notes(&song.accompaniment))];
    score
}

fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("CUESMITH_LOOK") {
        fs::write(Path::new(&folder).join(name), bytes).unwrap();
    }
}

#[test]
fn a_real_clip_under_a_real_song() {
    let Some(data) = testing::data() else { return };
    let source = Bench::new("source.video").file("file", &data.join("videos/montage_speech.mp4")).run().unwrap();
    let (media, frames): (Media, Frames) = (source.get("media"), source.get("frames"));
    let feature = |name: &str| -> Track {
        let bench = Bench::new(&format!("feature.{name}")).input("media", &media).input("frames", &frames);
        bench.run().unwrap().get(name)
    };
    let (color, motion) = (feature("color"), feature("motion"));
    let cuts: Cuts = Bench::new("feature.shots").input("frames", &frames).run().unwrap().get("cuts");
    let bench = Bench::new("plan.cue").input("media", &media).input("cuts", &cuts).input("color", &color);
    let plan: CuePlan = bench.input("motion", &motion).run().unwrap().get("plan");
    let bench =
        Bench::new("plan.conditions").file("weights", &shipped("dynamics")).input("plan", &plan).input("color", &color);
    let conditions: Conditions = bench.input("motion", &motion).run().unwrap().get("conditions");
    let song = testing::songs(&data, |id| id == "001").remove(0);
    let score = arranged(&song, 8, &plan);
    let chords = Chords { takes: vec![song.chords[16..].to_vec()], notes: vec![] };

    let bench = Bench::new("report.roll").input("plan", &plan).input("chords", &chords);
    let roll = fs::read(bench.input("score", &score).run().unwrap().path("roll")).unwrap();
    keep("roll.png", &roll);
    let sound = example::sound();
    let music: Report =
        Bench::new("check.music").input("plan", &plan).input("score", &score).run().unwrap().get("report");
    let bench = Bench::new("check.sync").input("plan", &plan).input("score", &score).input("media", &media);
    let sync: Report = bench.input("sound", &sound).run().unwrap().get("report");
    assert_eq!(sync.passed, Some(true), "{}", sync.summary);
    assert!(music.values["scale_consistency"].as_f64().unwrap() > 0.85, "{}", music.summary);
    assert_eq!(sync.values["cuts"].as_array().unwrap().len(), 11);

    let knobs =
        serde_json::json!({"loudness": -16.0, "style": "band", "tempo": {"min": 76, "max": 124}, "key": "auto"});
    let page = Page {
        media: &media,
        plan: &plan,
        conditions: &conditions,
        score: &score,
        color: &color,
        motion: &motion,
        mood: &PictureMood::read(&color, &motion, &plan.cuts, plan.end_seconds).unwrap().track(plan.end_seconds),
        is_mood_learned: false,
        sound: &sound,
        roll: Some(&roll),
        checks: &[music, sync],
        refused: "",
        knobs: knobs.as_object().unwrap(),
        made_from: &[],
    };
    let html = page.html();
    keep("report.html", html.as_bytes());
    assert!(html.contains("data:image/png;base64,iVBORw0KGgo") && html.len() < 1_000_000, "{}", html.len());
    assert_eq!(html.matches("class=\"panel\"").count(), 11);
}
