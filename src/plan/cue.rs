//! The cue plan: key, tempo, bars, sections, end.

use serde::Deserialize;

use super::{
    KeyKnob, MoodKnob, Offset, PictureMood, TempoRange, bars::fit_bars, key::choose_key, sections::form_sections,
};
use crate::{
    artifact::{CuePlan, Cut, Media, TempoMark},
    seed::Seed,
};

/// Longest picture that is scored.
const LONGEST_SECONDS: f64 = 4.0 * 3600.0 + 60.0;
const SHORTEST_SECONDS: f64 = 0.1;

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct CueKnobs {
    tempo: TempoRange,
    key: KeyKnob,
    mood: MoodKnob,
    valence: Offset,
    arousal: Offset,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum PlanError {
    #[error(
        "the picture lasts {seconds:.2} s; music is composed for {SHORTEST_SECONDS} s to 4 hours, so cut the video or use --preview"
    )]
    Length { seconds: f64 },
    #[error("the picture's track has no channel \"{0}\"; join feature.color and feature.motion to the plan")]
    MissingChannel(&'static str),
}

/// Plans the whole piece for a picture. The last bar belongs to the tonic.
pub(crate) fn plan_cue(
    media: &Media,
    cuts: &[Cut],
    mood: &PictureMood,
    knobs: &CueKnobs,
    seed: Seed,
) -> Result<CuePlan, PlanError> {
    let seconds = check_length(media.scored_seconds())?;
    let valence = knobs.valence.apply(knobs.mood.valence_or(mood.valence(0.0, seconds)));
    let arousal = knobs.arousal.apply(knobs.mood.arousal_or(mood.arousal(0.0, seconds)));
    let fit = fit_bars(seconds, knobs.tempo, target_tempo(knobs.tempo, arousal));
    let cuts: Vec<Cut> = cuts.iter().copied().filter(|cut| (0.0..seconds).contains(&cut.time)).collect();
    Ok(CuePlan {
        key: choose_key(knobs.key, valence, seed),
        tempo_map: vec![TempoMark { time: 0.0, bpm: fit.bpm }],
        sections: form_sections(&fit.bars, seconds, &cuts),
        bars: fit.bars,
        end_seconds: seconds,
        cuts,
        notes: fit.note.into_iter().collect(),
    })
}

pub(super) fn check_length(seconds: f64) -> Result<f64, PlanError> {
    if (SHORTEST_SECONDS..=LONGEST_SECONDS).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(PlanError::Length { seconds })
    }
}

/// Arousal -1..1 spans the range by ratio, as tempo is heard.
fn target_tempo(range: TempoRange, arousal: f32) -> f64 {
    let place = f64::from(arousal + 1.0) / 2.0;
    range.min * (range.max / range.min).powf(place)
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        artifact::{Track, VideoStream},
        digest::Digest,
        music::Mode,
    };

    pub(crate) fn color(seconds: usize, value: f32, saturation: f32) -> Track {
        let channels = ["saturation", "saturation_spread", "value", "value_spread"].map(str::to_owned).to_vec();
        Track { channels, rows_per_second: 1.0, rows: vec![vec![saturation, 0.17, value, 0.21]; seconds] }
    }

    pub(crate) fn motion(rows: &[f32]) -> Track {
        let rows = rows.iter().map(|value| vec![*value]).collect();
        Track { channels: vec!["motion".to_owned()], rows_per_second: 1.0, rows }
    }

    pub(crate) fn media(seconds: f64) -> Media {
        let video = VideoStream {
            index: 0,
            codec: "h264".to_owned(),
            width: 640,
            height: 360,
            rotation_degrees: 0,
            frame_rate: (25, 1),
            first_picture_seconds: 0.0,
            frames: (25.0 * seconds) as u64,
        };
        let digest = Digest::of(b"clip");
        Media { digest, bytes: 1, container: "mp4".to_owned(), video, audio: None, seconds, preview_seconds: None }
    }

    fn knobs(changes: &serde_json::Value) -> CueKnobs {
        let mut knobs = json!({
            "tempo": {"min": 76, "max": 124}, "key": "auto", "mood": "auto", "valence": "auto", "arousal": "auto",
        });
        for (name, value) in changes.as_object().unwrap() {
            knobs[name] = value.clone();
        }
        serde_json::from_value(knobs).unwrap()
    }

    fn plan(seconds: f64, knobs: &CueKnobs) -> Result<CuePlan, PlanError> {
        let rows = seconds.clamp(0.0, 20_000.0).ceil() as usize;
        let cuts = [Cut { time: 3.0, strength: 0.9 }, Cut { time: 1e6, strength: 0.9 }];
        let mood = PictureMood::read(&color(rows, 0.5, 0.3), &motion(&vec![4.0; rows]), &cuts[..1], seconds).unwrap();
        plan_cue(&media(seconds), &cuts, &mood, knobs, Seed::master(7))
    }

    #[test]
    fn a_mood_sets_mode_and_tempo() {
        let of = |changes| plan(30.0, &knobs(&changes)).unwrap();
        let (mournful, elated) = (of(json!({"mood": "mournful"})), of(json!({"mood": "elated"})));
        assert_eq!((mournful.key.mode, elated.key.mode), (Mode::Minor, Mode::Major));
        assert!(mournful.tempo_map[0].bpm < 95.0 && elated.tempo_map[0].bpm > 105.0);
        assert_eq!(
            of(json!({"mood": "mournful", "valence": 0.5})).key.mode,
            Mode::Major,
            "a number goes before a word"
        );
    }

    #[test]
    fn a_plain_half_minute() {
        let plan = plan(30.0, &knobs(&json!({}))).unwrap();
        assert_eq!(plan.bars.len(), 12);
        assert!((plan.tempo_map[0].bpm - 96.0).abs() < 1e-9);
        assert_eq!(plan.key.mode, Mode::Major);
        assert_eq!(plan.cuts.len(), 1, "a cut after the end is none");
        assert_eq!(plan.sections.iter().map(|section| section.bars).sum::<usize>(), 12);
        assert!(plan.notes.is_empty());
    }

    #[test]
    fn knobs_turn_what_they_say() {
        let auto = plan(60.0, &knobs(&json!({}))).unwrap();
        let calm = plan(60.0, &knobs(&json!({"arousal": -0.9}))).unwrap();
        let wild = plan(60.0, &knobs(&json!({"arousal": "+0.9"}))).unwrap();
        assert!(calm.tempo_map[0].bpm < auto.tempo_map[0].bpm && auto.tempo_map[0].bpm < wild.tempo_map[0].bpm);
        assert_eq!(plan(60.0, &knobs(&json!({"valence": -0.8}))).unwrap().key.mode, Mode::Minor);
        assert_eq!(plan(60.0, &knobs(&json!({"key": "Eb minor"}))).unwrap().key.tonic, 3);
        let fixed = plan(60.0, &knobs(&json!({"tempo": 90}))).unwrap();
        assert!((fixed.tempo_map[0].bpm - 90.0).abs() < 1e-9);
    }

    #[test]
    fn from_a_second_to_four_hours() {
        for seconds in [1.0, 1.7, 2.5, 5.0, 14_400.0] {
            let plan = plan(seconds, &knobs(&json!({}))).unwrap();
            let last = plan.bars.last().unwrap();
            let end = last.start + f64::from(last.beats) * 60.0 / plan.tempo_map[0].bpm;
            assert!((end - seconds).abs() < 1e-6, "{seconds}: {end}");
        }
    }

    #[test]
    fn lengths_without_music_are_refused() {
        for seconds in [0.0, -1.0, 20_000.0, f64::NAN] {
            assert!(matches!(plan(seconds, &knobs(&json!({}))), Err(PlanError::Length { .. })), "{seconds}");
        }
    }

    #[test]
    fn the_preview_is_what_is_planned() {
        let mood = PictureMood::read(&color(60, 0.5, 0.3), &motion(&[4.0; 60]), &[], 60.0).unwrap();
        let media = Media { preview_seconds: Some(10.0), ..media(60.0) };
        let plan = plan_cue(&media, &[], &mood, &knobs(&json!({})), Seed::master(7)).unwrap();
        assert!((plan.end_seconds - 10.0).abs() < 1e-9);
    }
}
