//! `report.page`: one HTML file that shows why the music is as it is. No network, no scripts, light and dark, any width.
//!
//! Everything that comes from outside is escaped; every curve has a label in words and a table beside it.

mod axis;
mod bars;
mod cuts;
mod html;
mod loudness;
mod mood;
mod panel;
mod timeline;

use serde_json::{Map, Value};

pub(crate) use self::html::base64;
pub(super) use self::html::{escape, png_uri, table};
use self::{
    axis::Axis,
    html::{clock, facts, folded_table},
    timeline::timeline,
};
use crate::{
    artifact::{Conditions, CuePlan, Media, Report, Score, Track},
    digest::Digest,
    node::KNOBS,
};

pub(super) const STYLE: &str = include_str!("style.css");

/// Files that lie beside the page.
const FILES: &[(&str, &str)] = &[
    ("music.wav", "music"),
    ("programme.wav", "music with the picture's sound"),
    ("stems/", "one dry file a track"),
    ("score.mid", "score for a DAW"),
    ("piano-roll.png", "piano roll"),
    ("run.json", "record of the run"),
];

/// All that the page tells of.
pub(crate) struct Page<'a> {
    pub(crate) media: &'a Media,
    pub(crate) plan: &'a CuePlan,
    pub(crate) conditions: &'a Conditions,
    pub(crate) score: &'a Score,
    pub(crate) color: &'a Track,
    pub(crate) motion: &'a Track,
    /// Valence and arousal of the picture.
    pub(crate) mood: &'a Track,
    /// Whether a meter measured them, not the rule.
    pub(crate) is_mood_learned: bool,
    pub(crate) sound: &'a Report,
    /// A PNG.
    pub(crate) roll: Option<&'a [u8]>,
    pub(crate) checks: &'a [Report],
    /// Attempts that were refused before this one, in words; empty where there were none.
    pub(crate) refused: &'a str,
    pub(crate) knobs: &'a Map<String, Value>,
    /// Names and digests of all that the page was made from.
    pub(crate) made_from: &'a [(String, Digest)],
}

impl Page<'_> {
    pub(crate) fn html(&self) -> String {
        let axis = Axis::of(self.plan);
        let title = escape(&self.title());
        let body = [
            self.heading(),
            self.verdicts(),
            format!("<h2>Picture and music</h2>\n{}", timeline(self, &axis)),
            cuts::section(self, &axis),
            self.roll(),
            self.checks(),
            self.knobs(),
            self.facts(),
            self.provenance(),
        ];
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"generator\" content=\"cuesmith\"><title>{title}</title>\n<style>\n{style}</style></head>\n\
             <body data-end=\"{end:.3}\"><main>\n{body}</main>\n\
             <footer>Made by cuesmith {version}. This page needs no network.</footer>\n<script>\n{script}</script></body></html>\n",
            end = self.plan.end_seconds,
            version = env!("CARGO_PKG_VERSION"),
            script = include_str!("player.js"),
            style = STYLE,
            body = body.concat(),
        )
    }

    fn title(&self) -> String {
        format!("Music for {} of picture", clock(self.plan.end_seconds))
    }

    fn heading(&self) -> String {
        let (bars, sections) = (self.plan.bars.len(), self.plan.sections.len());
        let files =
            FILES.iter().map(|(file, about)| format!("<li><a href=\"{file}\">{file}</a> <small>{about}</small></li>"));
        let preview = match self.media.preview_seconds {
            Some(seconds) => format!(" A preview: {seconds:.1} s of {}.", clock(self.media.seconds)),
            None => String::new(),
        };
        let notes = self.plan.notes.iter().chain(&self.conditions.notes).chain(&self.score.notes);
        let notes = notes.map(|note| format!("<p class=\"lead\">Note: {}</p>\n", escape(note)));
        format!(
            "<h1>{}</h1>\n<p class=\"lead\">{}, {} beats a minute, {bars} bars in {sections} sections, {} cuts in the picture.{preview}</p>\n\
             {}{player}<ul class=\"files\">{}</ul>\n",
            escape(&self.title()),
            escape(&self.plan.key.to_string()),
            self.plan.tempo_text(),
            self.plan.cuts.len(),
            notes.collect::<String>(),
            files.collect::<String>(),
            player = include_str!("player.html"),
        )
    }

    /// What the checks and the mix say, one line each.
    fn verdicts(&self) -> String {
        let checks = self.checks.iter().map(|check| {
            let (class, word) = match check.passed {
                Some(true) => ("good", "passed"),
                Some(false) => ("bad", "failed"),
                None => ("", "report"),
            };
            format!("<li class=\"{class}\"><b>{} {word}</b>: {}</li>", check_name(check), escape(&check.summary))
        });
        let sound = format!("<li><b>Sound</b>: {}</li>", escape(&self.sound.summary));
        let attempts = match self.refused {
            "" => String::new(),
            refused => format!("<li><b>Attempts</b>: {}</li>", escape(refused)),
        };
        let checks = checks.collect::<String>();
        format!("<ul class=\"verdicts\" aria-label=\"Checks\">{checks}{attempts}{sound}</ul>\n")
    }

    fn roll(&self) -> String {
        let Some(png) = self.roll else { return String::new() };
        let (notes, tracks) =
            (self.score.tracks.iter().map(|track| track.notes.len()).sum::<usize>(), self.score.tracks.len());
        format!(
            "<h2>Piano roll</h2>\n<div class=\"scroll roll\" tabindex=\"0\" role=\"region\" aria-label=\"Piano roll, scrolls sideways\">\
             <img alt=\"Piano roll of {notes} notes in {tracks} tracks with bars, sections, chords and cuts\" src=\"{}\"></div>\n",
            png_uri(png)
        )
    }

    fn checks(&self) -> String {
        let reports = self.checks.iter().map(|check| (check_name(check), check)).chain([("Sound", self.sound)]);
        let details = reports.map(|(name, report)| {
            let rows: Vec<Vec<String>> = report
                .values
                .iter()
                .filter(|(_, value)| !is_long(value))
                .map(|(name, value)| vec![name.clone(), plain(value)])
                .collect();
            folded_table(&format!("{name}: all values"), &["measure", "value"], &rows)
        });
        format!("<h2>Checks and measures</h2>\n{}", details.collect::<String>())
    }

    fn knobs(&self) -> String {
        let known = KNOBS.iter().filter_map(|knob| Some((knob, self.knobs.get(knob.name)?)));
        let rows: Vec<Vec<String>> = known
            .map(|(knob, value)| vec![knob.name.to_owned(), plain(value), knob.unit.to_owned(), knob.about.to_owned()])
            .collect();
        let table = table("Knobs used", &["knob", "value", "unit", "what it turns"], rows.iter());
        format!("<h2>Knobs</h2>\n<div class=\"wide\">{table}</div>\n")
    }

    fn facts(&self) -> String {
        let Media { video, audio, .. } = self.media;
        let sound = audio.as_ref().map_or("none".to_owned(), |audio| {
            format!("{}, {} channels, {} Hz", audio.codec, audio.channels, audio.rate)
        });
        let rate = 1.0 / self.media.frame_seconds();
        let turned = if video.rotation_degrees == 0 {
            String::new()
        } else {
            format!(", turned {} degrees", video.rotation_degrees)
        };
        let rows = [
            ("Picture", format!("{}x{}{turned}", video.width, video.height)),
            ("Codec", video.codec.clone()),
            ("Pictures", format!("{} at {rate:.3} a second", video.frames)),
            ("Length", format!("{:.3} s", self.media.seconds)),
            ("Container", self.media.container.clone()),
            ("Original sound", sound),
            ("File", format!("{} bytes", self.media.bytes)),
            ("Digest (BLAKE3)", self.media.digest.to_string()),
        ];
        format!("<h2>The video</h2>\n{}", facts(&rows))
    }
}

impl Page<'_> {
    fn provenance(&self) -> String {
        let rows: Vec<Vec<String>> =
            self.made_from.iter().map(|(name, digest)| vec![name.clone(), digest.to_string()]).collect();
        format!(
            "<h2>Provenance</h2>\n<p>Recipe, seeds, weights and every stage with its key stand in <a href=\"run.json\">run.json</a>; \
             <code>cuesmith replay</code> makes the same bits again. Version {}, MIT licence.</p>\n{}",
            env!("CARGO_PKG_VERSION"),
            folded_table("What this page was made from", &["input", "BLAKE3"], &rows)
        )
    }
}

/// Checks carry no name; their measures tell them apart.
fn check_name(check: &Report) -> &'static str {
    let has = |measure| check.values.contains_key(measure);
    match () {
        () if has("scale_consistency") => "Music",
        () if has("end_error_seconds") => "Sync",
        () if has("asked_valence") => "Mood",
        () if has("percentile") => "Fit to the picture",
        () if has("copied_beats") => "Originality",
        () => "Check",
    }
}

/// Curves have their own places on the page.
fn is_long(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.len() > 12)
}

/// A JSON value as people write it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("min") && fields.contains_key("max") => {
            format!("{} to {}", plain(&fields["min"]), plain(&fields["max"]))
        }
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
