//! What mix.bed measured, as a report.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::programme::{Ducked, Together};
use crate::{
    artifact::Report,
    audio::{Levels, MOMENTARY_ROWS_PER_SECOND, SILENCE_LUFS},
};

pub(super) struct Mix {
    pub(super) alone: Levels,
    /// None where there is no original sound: the music is the programme.
    pub(super) together: Option<Together>,
    pub(super) warnings: Vec<String>,
}

impl Mix {
    pub(super) fn report(&self) -> Report {
        let programme = self.together.as_ref().map_or(&self.alone, |together| &together.levels);
        let mut values = vec![
            ("music_lufs", json!(hundredths(lufs(&self.alone)))),
            ("music_true_peak_dbtp", json!(hundredths(self.alone.true_peak_dbtp))),
            ("music_loudness_curve", curve(&self.alone.curve_lufs)),
            ("programme_lufs", json!(hundredths(lufs(programme)))),
            ("programme_true_peak_dbtp", json!(hundredths(programme.true_peak_dbtp))),
            ("programme_loudness_curve", curve(&programme.curve_lufs)),
            ("original_lufs", json!(self.together.as_ref().map(|together| hundredths(together.original_lufs)))),
            ("warnings", json!(self.warnings)),
        ];
        if let Some(together) = &self.together {
            values.push(("curves_per_second", json!(MOMENTARY_ROWS_PER_SECOND)));
            values.push(("original_curve", curve(&together.original_curve)));
            values.push(("music_under_original_curve", curve(&together.music_curve)));
            if let Some(ducked) = &together.ducked {
                values.extend(ducked_values(ducked, together));
            }
        }
        let summary = format!(
            "programme at {:.1} LUFS, true peak {:.1} dBTP, {}; knobs: loudness, original_sound, mix, music_gain",
            lufs(programme),
            programme.true_peak_dbtp,
            self.original_in_words(),
        );
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, Value>>();
        Report { passed: None, summary, values }
    }

    fn original_in_words(&self) -> String {
        let Some(together) = &self.together else { return "without original sound".to_owned() };
        let kept = format!("with the original sound, which was at {:.1} LUFS", together.original_lufs);
        match &together.ducked {
            None => kept,
            Some(ducked) => {
                let depth = depth_db(ducked, together).map_or("-".to_owned(), |depth| format!("{depth:.1}"));
                format!("{kept}; the music {depth} dB lower under {:.1} s of speech", ducked.seconds())
            }
        }
    }
}

impl Ducked {
    fn seconds(&self) -> f64 {
        self.spans.iter().map(|(from, to)| to - from).sum()
    }

    fn is_spoken(&self, seconds: f64) -> bool {
        self.spans.iter().any(|(from, to)| (*from..*to).contains(&seconds))
    }
}

fn ducked_values(ducked: &Ducked, together: &Together) -> Vec<(&'static str, Value)> {
    let lowered = lowered_db(ducked, together);
    vec![
        ("speech_seconds", json!(hundredths(ducked.seconds()))),
        ("speech_spans", json!(ducked.spans)),
        ("ducked_db", json!(depth_db(ducked, together).map(hundredths))),
        ("duck_curve_db", lowered.into_iter().map(|lowered| lowered.map(hundredths)).collect()),
    ]
}

/// How much softer the music is than it would be; none where it is silent.
fn lowered_db(ducked: &Ducked, together: &Together) -> Vec<Option<f64>> {
    let rows = ducked.unducked_curve.iter().zip(&together.music_curve);
    rows.map(|(before, after)| (*after > SILENCE_LUFS).then_some(before - after)).collect()
}

/// The median over speech.
fn depth_db(ducked: &Ducked, together: &Together) -> Option<f64> {
    let rate = f64::from(MOMENTARY_ROWS_PER_SECOND);
    let rows = lowered_db(ducked, together).into_iter().enumerate();
    let mut depths: Vec<f64> =
        rows.filter(|(at, _)| ducked.is_spoken(*at as f64 / rate)).filter_map(|(_, lowered)| lowered).collect();
    depths.sort_by(f64::total_cmp);
    depths.get(depths.len() / 2).copied()
}

fn lufs(levels: &Levels) -> f64 {
    levels.integrated_lufs.unwrap_or(SILENCE_LUFS)
}

fn curve(values: &[f64]) -> Value {
    values.iter().copied().map(hundredths).collect()
}

/// As fine as a meter shows; towards positive infinity never rounds a peak down below what it is.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).ceil() / 100.0
}
