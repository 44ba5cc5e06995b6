//! Executors of the family `report`.

#[cfg(test)]
mod browser;

use std::fs;

use serde::Deserialize;

use super::{Execute, StageContext, take::TakeKnob};
use crate::{
    artifact::{Chords, Conditions, CuePlan, Kind, Media, Report, Score, Track},
    digest::Digest,
    error::StageError,
    node::{self, Port},
    plan::PictureMood,
    report::{
        page::Page,
        roll::{Roll, RollError},
    },
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "report.page" => Some(page),
        "report.roll" => Some(roll),
        _ => None,
    }
}

#[derive(Deserialize)]
struct RollParams {
    take: TakeKnob,
}

fn roll(context: &mut StageContext) -> Result<(), StageError> {
    let RollParams { take } = context.params()?;
    let plan: CuePlan = context.input("plan")?;
    let chords: Chords = context.input("chords")?;
    let score: Score = context.input("score")?;
    // The encoder goes by the ending of the name, which the store's own files lack.
    let folder = tempfile::tempdir_in(context.scratch()?)?;
    let picture = folder.path().join("roll.png");
    let take = take.among(chords.takes.len())? + 1;
    Roll::new(&plan, &chords, &score, take).paint(&picture)?;
    context.output_bytes("roll", Kind::Picture, None, &fs::read(&picture)?)
}

#[derive(Deserialize)]
struct PageParams {
    refused: String,
}

fn page(context: &mut StageContext) -> Result<(), StageError> {
    let media: Media = context.input("media")?;
    let plan: CuePlan = context.input("plan")?;
    let conditions: Conditions = context.input("conditions")?;
    let score: Score = context.input("score")?;
    let color: Track = context.input("color")?;
    let motion: Track = context.input("motion")?;
    let measured: Option<Track> = context.optional_input("affect")?;
    let mood = match &measured {
        Some(measured) => measured.clone(),
        None => PictureMood::read(&color, &motion, &plan.cuts, plan.end_seconds)?.track(plan.end_seconds),
    };
    let sound: Report = context.input("sound")?;
    let roll = match context.blobs("roll").first() {
        Some(blob) => Some(fs::read(context.blob_file(blob)?)?),
        None => None,
    };
    let checks = context.blobs("checks").iter().map(|blob| context.read(blob)).collect::<Result<Vec<Report>, _>>()?;
    let PageParams { refused } = context.params()?;
    let page = Page {
        media: &media,
        plan: &plan,
        conditions: &conditions,
        score: &score,
        color: &color,
        motion: &motion,
        mood: &mood,
        is_mood_learned: measured.is_some(),
        sound: &sound,
        roll: roll.as_deref(),
        checks: &checks,
        refused: &refused,
        knobs: &context.params()?,
        made_from: &made_from(context),
    };
    let html = page.html();
    context.output_bytes("page", Kind::Page, None, html.as_bytes())
}

/// All inputs with their digests, in the order of the ports.
fn made_from(context: &StageContext) -> Vec<(String, Digest)> {
    let ports = node::find("report.page").map_or(&[][..], |page| page.inputs).iter();
    let of = |port: &Port| context.blobs(port.name).iter().map(|blob| (port.name.to_owned(), blob.digest));
    ports.flat_map(|port| of(port).collect::<Vec<_>>()).collect()
}

impl From<RollError> for StageError {
    fn from(error: RollError) -> Self {
        Self::internal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        metric::example::{plan, score, sound},
        plan::example::{color, media, motion},
        testing::{Bench, Outputs, shipped},
    };

    fn chords() -> Chords {
        let names = ["C", "C", "F", "F", "G7", "G", "Am", "Am", "C", "C", "F", "Dm7", "G", "Gsus4", "C", "C"];
        Chords { takes: vec![names.iter().map(|name| name.parse().unwrap()).collect()], notes: vec![] }
    }

    fn draw(score: &Score) -> Outputs {
        Bench::new("report.roll").input("plan", &plan()).input("chords", &chords()).input("score", score).run().unwrap()
    }

    #[test]
    fn the_roll_is_a_png_with_color_and_the_same_every_time() {
        let outputs = draw(&score());
        let bytes = fs::read(outputs.path("roll")).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 10_000, "{}", bytes.len());
        assert_eq!(draw(&score()).blobs("roll")[0].digest, outputs.blobs("roll")[0].digest);
        if let Ok(folder) = std::env::var("CUESMITH_LOOK") {
            fs::write(std::path::Path::new(&folder).join("roll.png"), &bytes).unwrap();
        }
    }

    fn page_of(change: impl FnOnce(&mut CuePlan)) -> String {
        page_after("", change)
    }

    /// A page of the example piece; real checks, a made-up picture.
    fn page_after(refused: &str, change: impl FnOnce(&mut CuePlan)) -> String {
        let mut plan = plan();
        change(&mut plan);
        let seconds = 20;
        let moves: Vec<f32> = (0..seconds).map(|at| 4.0 + 3.0 * (at as f32 / 2.0).sin()).collect();
        let music: Report = check("check.music", &plan).input("score", &score()).run().unwrap().get("report");
        let bench =
            check("check.sync", &plan).input("score", &score()).input("media", &media(20.0)).input("sound", &sound());
        let sync: Report = bench.run().unwrap().get("report");
        let (color, motion) = (color(seconds, 0.5, 0.3), motion(&moves));
        let conditions: Conditions = Bench::new("plan.conditions")
            .file("weights", &shipped("dynamics"))
            .input("plan", &plan)
            .input("color", &color)
            .input("motion", &motion)
            .run()
            .unwrap()
            .get("conditions");
        let bench = Bench::new("report.page").input("media", &media(20.0)).input("plan", &plan);
        let told = Score { notes: vec!["mine.rhai prints: a < b".to_owned()], ..score() };
        let bench = bench.input("conditions", &conditions).input("score", &told).input("color", &color);
        let bench =
            bench.input("motion", &motion).input("sound", &sound()).input("checks", &music).input("checks", &sync);
        let outputs = bench.param("refused", refused).run().unwrap();
        fs::read_to_string(outputs.path("page")).unwrap()
    }

    fn check(node: &str, plan: &CuePlan) -> Bench {
        Bench::new(node).input("plan", plan)
    }

    #[test]
    fn the_page_tells_all_and_asks_for_nothing() {
        let html = page_of(|_| ());
        for part in [
            "G major, 96.0 beats a minute",
            "Mood of the picture",
            "Valence of the music",
            "Ducking under speech",
            "Distance to the nearest beat",
            "Provenance",
            "Music passed",
            "Sync passed",
            "Accompaniment density",
            "Loudness",
            "Knobs",
            "BLAKE3",
            "Note: mine.rhai prints: a &lt; b",
        ] {
            assert!(html.contains(part), "{part}");
        }
        for outside in ["http:", "https:", "@import", "url(", "fetch(", "XMLHttp", "WebSocket"] {
            assert!(!html.contains(outside), "{outside}");
        }
        assert_eq!(html.matches("<script").count(), 1, "our own");
        assert_eq!(html.matches("<svg").count(), html.matches("role=\"img\" aria-label=\"").count());
        let mut open = Vec::new();
        for tag in html.split('<').skip(1) {
            let name: String = tag.chars().take_while(|sign| sign.is_ascii_alphanumeric() || *sign == '/').collect();
            let alone = matches!(name.as_str(), "" | "meta" | "img") || tag.split('>').next().unwrap().ends_with('/');
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                None if !alone => open.push(name),
                None => {}
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn attempts_that_were_refused_are_told_of() {
        let html = page_after("attempt 2 of 2 is kept, it passed; attempt 1: vmcp: <too little>", |_| ());
        assert!(
            html.contains("<li><b>Attempts</b>: attempt 2 of 2 is kept, it passed; attempt 1: vmcp: &lt;too little")
        );
        assert!(!page_of(|_| ()).contains("<b>Attempts</b>"));
    }

    #[test]
    fn the_page_is_sound_in_a_browser() {
        let faults = browser::faults(&page_of(|_| ()));
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let html = page_of(|plan| {
            plan.sections[1].name = "<script>alert(1)</script>".to_owned();
            plan.notes = vec!["\"><img src=x onerror=y>".to_owned()];
        });
        assert!(!html.contains("<script>alert") && !html.contains("<img"));
        assert_eq!(html.matches("<script").count(), 1);
    }

    #[test]
    fn no_notes_and_four_hours_are_drawn_too() {
        let mut empty = score();
        empty.tracks.clear();
        assert!(draw(&empty).blobs("roll")[0].bytes > 5_000);
        let mut long = plan();
        long.end_seconds = 14_400.0;
        let bench = Bench::new("report.roll").input("plan", &long).input("chords", &chords());
        assert!(bench.input("score", &score()).run().is_ok());
    }
}
