//! The cue plan: key, tempo, bars, sections, end.

use serde::Deserialize;

use super::{
    KeyKnob, MoodKnob, Offset, PictureMood, TempoRange, align::align_bars, bars::fit_bars, key::choose_key,
    moment::moments, peaks::motion_peaks, sections::form_sections,
};
use crate::{
    artifact::{CuePlan, Cut, Hit, Media, Track},
    seed::Seed,
};

/// Longest picture that is scored.
const LONGEST_SECONDS: f64 = 4.0 * 3600.0 + 60.0;
const SHORTEST_SECONDS: f64 = 0.1;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CueKnobs {
    tempo: TempoRange,
    key: KeyKnob,
    mood: MoodKnob,
    valence: Offset,
    arousal: Offset,
    cuts_on_beats: f32,
    hits: Vec<Hit>,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum PlanError {
    #[error(
        "the picture lasts {seconds:.2} s; music is composed for {SHORTEST_SECONDS} s to 4 hours, so cut the video or use --preview"
    )]
    Length { seconds: f64 },
    #[error("the hit at {time:.2} s is outside of the video, which ends at {seconds:.2} s; move it or take it out")]
    HitOutside { number: usize, time: f64, seconds: f64 },
    #[error("the picture's track has no channel \"{0}\"; join feature.color and feature.motion to the plan")]
    MissingChannel(&'static str),
}

/// Plans the whole piece for a picture. The last bar belongs to the tonic.
pub(crate) fn plan_cue(
    media: &Media,
    cuts: &[Cut],
    motion: &Track,
    mood: &PictureMood,
    knobs: &CueKnobs,
    seed: Seed,
) -> Result<CuePlan, PlanError> {
    let seconds = check_length(media.scored_seconds())?;
    let valence = knobs.valence.apply(knobs.mood.valence_or(mood.valence(0.0, seconds)));
    let arousal = knobs.arousal.apply(knobs.mood.arousal_or(mood.arousal(0.0, seconds)));
    let target_bpm = target_tempo(knobs.tempo, arousal);
    let cuts: Vec<Cut> = cuts.iter().copied().filter(|cut| (0.0..seconds).contains(&cut.time)).collect();
    let hits = hits_of(media, &knobs.hits)?;
    let moments = moments(&cuts, &hits, &motion_peaks(motion, &cuts, seconds)?);
    let fit = align_bars(seconds, knobs.tempo, target_bpm, &moments, knobs.cuts_on_beats)
        .unwrap_or_else(|| fit_bars(seconds, knobs.tempo, target_bpm));
    Ok(CuePlan {
        key: choose_key(knobs.key, valence, seed),
        sections: form_sections(&fit.bars, fit.phrase_bars, seconds, &cuts),
        tempo_map: fit.tempo_map,
        bars: fit.bars,
        end_seconds: seconds,
        cuts,
        hits,
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

/// A preview leaves out what it does not show.
fn hits_of(media: &Media, hits: &[Hit]) -> Result<Vec<Hit>, PlanError> {
    if let Some((number, hit)) = hits.iter().enumerate().find(|(_, hit)| hit.time >= media.seconds) {
        return Err(PlanError::HitOutside { number, time: hit.time, seconds: media.seconds });
    }
    Ok(hits.iter().copied().filter(|hit| hit.time < media.scored_seconds()).collect())
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
        music::{ExactTempo, Mode},
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
            "cuts_on_beats": 0.0, "hits": [],
        });
        for (name, value) in changes.as_object().unwrap() {
            knobs[name] = value.clone();
        }
        serde_json::from_value(knobs).unwrap()
    }

    fn plan(seconds: f64, knobs: &CueKnobs) -> Result<CuePlan, PlanError> {
        let rows = seconds.clamp(0.0, 20_000.0).ceil() as usize;
        let cuts = [Cut { time: 3.0, strength: 0.9 }, Cut { time: 1e6, strength: 0.9 }];
        let motion = motion(&vec![4.0; rows]);
        let mood = PictureMood::read(&color(rows, 0.5, 0.3), &motion, &cuts[..1], seconds).unwrap();
        plan_cue(&media(seconds), &cuts, &motion, &mood, knobs, Seed::master(7))
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
    fn a_cut_falls_on_a_downbeat_and_a_hit_on_a_beat() {
        let near = |plan: &CuePlan, moment: f64, every: f64| {
            let tempo = ExactTempo::new(plan.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
            let beats = tempo.ticks(moment) / (480.0 * every);
            (tempo.seconds(beats.round() * 480.0 * every) - moment).abs()
        };
        let apart = plan(30.0, &knobs(&json!({}))).unwrap();
        assert!(near(&apart, 3.0, 4.0) > 0.2);
        let met = plan(30.0, &knobs(&json!({"cuts_on_beats": 1.0}))).unwrap();
        let downbeat = met.bars.iter().map(|bar| (bar.start - 3.0).abs()).fold(f64::INFINITY, f64::min);
        assert!(downbeat < 0.04, "{downbeat}");
        let hits = json!({"cuts_on_beats": 1.0, "hits": [{"time": 12.34, "kind": "accent"}]});
        let struck = plan(30.0, &knobs(&hits)).unwrap();
        assert!(near(&struck, 12.34, 1.0) < 0.04);
        assert_eq!(struck.hits.len(), 1);
    }

    #[test]
    fn a_hit_outside_of_the_video_is_refused() {
        let hits = json!({"hits": [{"time": 3.0, "kind": "stop"}, {"time": 31.5, "kind": "start"}]});
        let error = plan(30.0, &knobs(&hits)).unwrap_err();
        assert_eq!(error, PlanError::HitOutside { number: 1, time: 31.5, seconds: 30.0 });
        assert_eq!(
            error.to_string(),
            "the hit at 31.50 s is outside of the video, which ends at 30.00 s; move it or take it out"
        );
    }

    #[test]
    fn the_preview_is_what_is_planned() {
        let mood = PictureMood::read(&color(60, 0.5, 0.3), &motion(&[4.0; 60]), &[], 60.0).unwrap();
        let media = Media { preview_seconds: Some(10.0), ..media(60.0) };
        let plan = plan_cue(&media, &[], &motion(&[4.0; 60]), &mood, &knobs(&json!({})), Seed::master(7)).unwrap();
        assert!((plan.end_seconds - 10.0).abs() < 1e-9);
    }
}
