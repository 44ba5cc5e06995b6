//! `check.sync`: whether the music fits the picture in time and loudness.
//!
//! The bars must end with the picture to within a frame, the last note must not end long before it, the sound must be as
//! loud as asked and not silent, and hits that people wrote must lie on beats. How many cuts lie on downbeats and beats is
//! reported, and judged where a recipe asks for a share. What is measured is the score, which may have been edited since it
//! was planned.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    grid::{Grid, distance_to_nearest},
    verdict::{Verdict, rounded},
};
use crate::{
    artifact::{CuePlan, Hit, Media, Report, Score},
    music::ExactTempo,
};

/// Below this nobody hears music; EBU R128's gate for silence is 10 LU lower.
const SILENT_LUFS: f64 = -60.0;
/// Cuts this near a beat are heard as on it (ITU-R BT.1359 finds 45 ms just noticeable).
const TOGETHER_SECONDS: f64 = 0.04;
/// A cut is strong from this share of the strongest one's strength on.
const STRONG_SHARE: f32 = 0.6;

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct SyncLimits {
    loudness_tolerance: f64,
    max_silent_end: f64,
    min_cuts_on_beats: f64,
    max_hit_distance: f64,
    loudness: f64,
}

/// One cut of the picture against the bars; distances are positive when the cut comes late.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct CutDistance {
    pub(crate) time: f64,
    pub(crate) strength: f32,
    pub(crate) downbeat_seconds: Option<f64>,
    pub(crate) beat_seconds: Option<f64>,
}

pub(crate) fn check_sync(plan: &CuePlan, score: &Score, media: &Media, sound: &Report, limits: SyncLimits) -> Report {
    let mut verdict = Verdict::default();
    check_end(&mut verdict, plan, &Grid::of_plan(plan), media);
    check_last_note(&mut verdict, score, media, limits);
    let grid = Grid::of_score(score);
    check_cuts(&mut verdict, plan, &grid, limits);
    check_hits(&mut verdict, plan, &grid, limits);
    for part in ["music", "programme"] {
        check_loudness(&mut verdict, sound, part, limits);
    }
    verdict.report("")
}

fn check_end(verdict: &mut Verdict, plan: &CuePlan, grid: &Grid, media: &Media) {
    let (picture, frame) = (media.scored_seconds(), media.frame_seconds());
    let error = grid.end - picture;
    let drift = plan.bars.iter().zip(&grid.downbeats).map(|(bar, downbeat)| (bar.start - downbeat).abs());
    let drift = drift.fold((plan.end_seconds - grid.end).abs(), f64::max);
    verdict.value("bars_end_seconds", rounded(grid.end));
    verdict.value("picture_end_seconds", rounded(picture));
    verdict.value("end_error_seconds", rounded(error));
    verdict.value("frame_seconds", rounded(frame));
    verdict.value("bar_drift_seconds", rounded(drift));
    verdict.fact(format!(
        "the last bar ends {:.0} ms from the picture's end (a frame is {:.0} ms)",
        error.abs() * 1e3,
        frame * 1e3
    ));
    verdict.require(error.abs() <= frame, || {
        format!(
            "the bars end at {:.3} s and the picture at {picture:.3} s, over a frame of {frame:.3} s apart: widen the tempo knob",
            grid.end
        )
    });
    verdict.require(drift <= frame, || {
        format!("a bar lies {drift:.3} s from where the tempo map puts it, over a frame of {frame:.3} s: plan again")
    });
}

fn check_last_note(verdict: &mut Verdict, score: &Score, media: &Media, limits: SyncLimits) {
    let tempo = ExactTempo::new(score.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let notes = score.tracks.iter().flat_map(|track| &track.notes);
    let last = notes.map(|note| note.start_ticks + note.duration_ticks).max().unwrap_or(0);
    let (end, picture) = (tempo.seconds(f64::from(last)), media.scored_seconds());
    verdict.value("last_note_end_seconds", rounded(end));
    let most = limits.max_silent_end;
    verdict.require(picture - end <= most, || {
        format!(
            "the last note ends at {end:.1} s and the picture at {picture:.1} s; max_silent_end allows {most} s of silence: write on to the end, or raise it"
        )
    });
}

fn check_cuts(verdict: &mut Verdict, plan: &CuePlan, grid: &Grid, limits: SyncLimits) {
    let cuts = cut_distances(plan, grid);
    let strongest = cuts.iter().map(|cut| cut.strength).fold(0.0, f32::max);
    let is_strong = |cut: &&CutDistance| cut.strength >= STRONG_SHARE * strongest;
    let strong: Vec<CutDistance> = cuts.iter().filter(is_strong).copied().collect();
    let together = |cuts: &[CutDistance], distance: fn(&CutDistance) -> Option<f64>| {
        cuts.iter().filter_map(distance).filter(|distance| distance.abs() <= TOGETHER_SECONDS).count()
    };
    let on_downbeats = together(&cuts, |cut| cut.downbeat_seconds);
    let on_beats = together(&cuts, |cut| cut.beat_seconds);
    let strong_on_beats = together(&strong, |cut| cut.beat_seconds);
    verdict.value("cuts_on_downbeats", on_downbeats);
    verdict.value("cuts_on_beats", on_beats);
    verdict.value("strong_cuts", strong.len());
    verdict.value("strong_cuts_on_downbeats", together(&strong, |cut| cut.downbeat_seconds));
    verdict.value("strong_cuts_on_beats", strong_on_beats);
    verdict.value("median_cut_to_downbeat_seconds", median(cuts.iter().filter_map(|cut| cut.downbeat_seconds)));
    verdict.value("median_cut_to_beat_seconds", median(cuts.iter().filter_map(|cut| cut.beat_seconds)));
    verdict.fact(match cuts.len() {
        0 => "no cuts".to_owned(),
        count => format!("{on_downbeats} of {count} cuts on downbeats, {on_beats} on beats"),
    });
    verdict.value("cuts", cuts);
    let asked = limits.min_cuts_on_beats;
    verdict.require(strong_on_beats as f64 >= asked * strong.len() as f64, || {
        format!(
            "{strong_on_beats} of {} strong cuts lie on beats, min_cuts_on_beats asks for a share of {asked}: widen the tempo knob, raise cuts_on_beats, or lower the share",
            strong.len()
        )
    });
}

fn check_hits(verdict: &mut Verdict, plan: &CuePlan, grid: &Grid, limits: SyncLimits) {
    let distance = |hit: &Hit| distance_to_nearest(&grid.beats, hit.time).map(rounded);
    let hits: Vec<(&Hit, Option<f64>)> = plan.hits.iter().map(|hit| (hit, distance(hit))).collect();
    let row = |(hit, distance): &(&Hit, Option<f64>)| json!({ "time": rounded(hit.time), "kind": hit.kind, "beat_seconds": distance });
    verdict.value("hits", hits.iter().map(row).collect::<Vec<_>>());
    let most = limits.max_hit_distance;
    for (hit, distance) in &hits {
        let distance = distance.unwrap_or(f64::INFINITY);
        verdict.require(distance.abs() <= most, || {
            format!(
                "the hit at {:.2} s is {:.0} ms from the nearest beat, max_hit_distance allows {:.0}: widen the tempo knob, raise cuts_on_beats, or move the hit",
                hit.time,
                distance.abs() * 1e3,
                most * 1e3
            )
        });
    }
}

pub(crate) fn cut_distances(plan: &CuePlan, grid: &Grid) -> Vec<CutDistance> {
    let distance = |times: &[f64], moment| distance_to_nearest(times, moment).map(rounded);
    let cuts = plan.cuts.iter().map(|cut| CutDistance {
        time: rounded(cut.time),
        strength: cut.strength,
        downbeat_seconds: distance(&grid.downbeats, cut.time),
        beat_seconds: distance(&grid.beats, cut.time),
    });
    cuts.collect()
}

/// The median of the sizes, without their signs.
fn median(distances: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sizes: Vec<f64> = distances.map(f64::abs).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied()
}

/// A part whose loudness is no number is silence, or too short to be measured (0.4 s).
fn check_loudness(verdict: &mut Verdict, sound: &Report, part: &str, limits: SyncLimits) {
    let name = format!("{part}_lufs");
    let lufs = sound.values.get(&name).and_then(Value::as_f64).filter(|lufs| *lufs > SILENT_LUFS);
    verdict.value(&name, lufs.map(rounded));
    let SyncLimits { loudness, loudness_tolerance: tolerance, .. } = limits;
    let Some(lufs) = lufs else {
        verdict
            .require(false, || format!("the {part} is silent: look at check.music, then at loudness and music_gain"));
        return;
    };
    verdict.fact(format!("{part} at {lufs:.1} LUFS (asked {loudness:.1})"));
    verdict.require((lufs - loudness).abs() <= tolerance, || {
        format!(
            "the {part} has {lufs:.1} LUFS, loudness asks {loudness:.1} and loudness_tolerance allows {tolerance} LU: turn loudness, or raise true_peak of mix.bed"
        )
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        metric::example::{plan, score, sound},
        plan::example::media,
    };

    const LIMITS: SyncLimits = SyncLimits {
        loudness_tolerance: 1.0,
        max_silent_end: 4.0,
        min_cuts_on_beats: 0.0,
        max_hit_distance: 0.08,
        loudness: -16.0,
    };

    fn sound_of(music: Value) -> Report {
        let mut sound = sound();
        sound.values.insert("music_lufs".to_owned(), music);
        sound
    }

    #[test]
    fn bars_that_end_with_the_picture_pass() {
        let report = check_sync(&plan(), &score(), &media(20.0), &sound(), LIMITS);
        assert_eq!(report.passed, Some(true), "{}", report.summary);
        insta::assert_snapshot!(report.summary, @"the last bar ends 0 ms from the picture's end (a frame is 40 ms); 0 of 2 cuts on downbeats, 1 on beats; music at -16.1 LUFS (asked -16.0); programme at -16.0 LUFS (asked -16.0)");
        assert_eq!(
            report.values["cuts"][0],
            json!({"time": 4.9, "strength": 0.8_f32, "downbeat_seconds": -0.1, "beat_seconds": -0.1})
        );
        assert_eq!(report.values["cuts_on_beats"], 1);
    }

    #[test]
    fn an_end_more_than_a_frame_off_is_refused() {
        assert_eq!(check_sync(&plan(), &score(), &media(20.039), &sound(), LIMITS).passed, Some(true));
        let report = check_sync(&plan(), &score(), &media(20.05), &sound(), LIMITS);
        assert_eq!(report.passed, Some(false));
        insta::assert_snapshot!(report.summary, @"the bars end at 20.000 s and the picture at 20.050 s, over a frame of 0.040 s apart: widen the tempo knob");
    }

    #[test]
    fn bars_that_the_tempo_map_does_not_hold_up_are_refused() {
        let mut plan = plan();
        plan.bars[3].start += 0.2;
        let report = check_sync(&plan, &score(), &media(20.0), &sound(), LIMITS);
        assert!(report.summary.contains("a bar lies 0.200 s"), "{}", report.summary);
    }

    #[test]
    fn music_that_stops_before_the_picture_is_refused() {
        let mut score = score();
        score.tracks.iter_mut().for_each(|track| track.notes.retain(|note| note.start_ticks < 5 * 1920));
        let report = check_sync(&plan(), &score, &media(20.0), &sound(), LIMITS);
        assert_eq!(report.passed, Some(false));
        insta::assert_snapshot!(report.summary, @"the last note ends at 12.5 s and the picture at 20.0 s; max_silent_end allows 4 s of silence: write on to the end, or raise it");
        score.tempo_map[0].bpm = 60.0;
        assert_eq!(check_sync(&plan(), &score, &media(20.0), &sound(), LIMITS).passed, Some(true), "slower, so longer");
    }

    #[test]
    fn loudness_is_held_to_the_knob() {
        let passed =
            |lufs: f64| check_sync(&plan(), &score(), &media(20.0), &sound_of(json!(lufs)), LIMITS).passed.unwrap();
        assert!(passed(-16.9) && passed(-15.1) && !passed(-17.2) && !passed(-14.5));
        let report = check_sync(&plan(), &score(), &media(20.0), &sound_of(json!(-19.0)), LIMITS);
        insta::assert_snapshot!(report.summary, @"the music has -19.0 LUFS, loudness asks -16.0 and loudness_tolerance allows 1 LU: turn loudness, or raise true_peak of mix.bed");
    }

    #[test]
    fn silence_has_no_number() {
        for music in [Value::Null, json!(-70.0), json!("-inf")] {
            let report = check_sync(&plan(), &score(), &media(20.0), &sound_of(music), LIMITS);
            assert!(report.summary.starts_with("the music is silent"), "{}", report.summary);
            assert_eq!(report.values["music_lufs"], Value::Null);
        }
    }

    #[test]
    fn a_share_of_cuts_on_beats_can_be_asked_for() {
        let asked = SyncLimits { min_cuts_on_beats: 0.8, ..LIMITS };
        let report = check_sync(&plan(), &score(), &media(20.0), &sound(), asked);
        assert_eq!(report.passed, Some(false));
        assert!(
            report.summary.contains("strong cuts lie on beats, min_cuts_on_beats asks for a share of 0.8"),
            "{}",
            report.summary
        );
    }

    #[test]
    fn a_hit_beside_the_beat_is_refused() {
        let mut plan = plan();
        let hit = |time| Hit { time, kind: crate::artifact::HitKind::Accent };
        plan.hits = vec![hit(5.02)];
        let report = check_sync(&plan, &score(), &media(20.0), &sound(), LIMITS);
        assert_eq!(report.passed, Some(true), "{}", report.summary);
        assert_eq!(report.values["hits"][0], json!({"time": 5.02, "kind": "accent", "beat_seconds": 0.02}));
        plan.hits = vec![hit(5.2)];
        let report = check_sync(&plan, &score(), &media(20.0), &sound(), LIMITS);
        insta::assert_snapshot!(report.summary, @"the hit at 5.20 s is 200 ms from the nearest beat, max_hit_distance allows 80: widen the tempo knob, raise cuts_on_beats, or move the hit");
    }

    #[test]
    fn a_film_without_cuts_says_so() {
        let mut plan = plan();
        plan.cuts.clear();
        let report = check_sync(&plan, &score(), &media(20.0), &sound(), LIMITS);
        assert!(report.summary.contains("no cuts") && report.values["median_cut_to_beat_seconds"].is_null());
    }
}
