//! `check.music`: whether a score is music and not an accident.
//!
//! Scale consistency and empty beats are `MusPy`'s measures, with the planned key in place of the best one. Minor keys
//! take their raised leading note along: a dominant is no mistake.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    beats::{bar_spans, longest_run, pitched, sounding_beats},
    cadence::Cadence,
    key_finding::scale_share,
    verdict::{Verdict, rounded},
};
use crate::{
    artifact::{CuePlan, Report, Role, Score, ScoreTrack},
    music::{Key, Mode},
};

/// Pieces of at least so many bars use more than two pitch classes, else they are a stuck generator.
const BARS_FOR_PITCHES: usize = 4;
const LEAST_PITCH_CLASSES: usize = 3;
const ANOTHER: &str = "or take another take (`candidates`, `take`, --seed)";

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct MusicLimits {
    min_scale_consistency: f64,
    max_empty_beats: f64,
    max_repeated_pitch: usize,
}

/// Measures a score and judges it.
pub(crate) fn check_music(plan: &CuePlan, score: &Score, limits: MusicLimits) -> Report {
    let mut verdict = Verdict::default();
    check_notes(&mut verdict, score);
    check_scale(&mut verdict, plan.key, score, limits);
    check_silence(&mut verdict, score, limits);
    check_repetition(&mut verdict, score, limits);
    check_cadence(&mut verdict, plan.key, score);
    let tracks: BTreeMap<&str, Value> =
        score.tracks.iter().map(|track| (track.name.as_str(), describe(track, score))).collect();
    verdict.value("tracks", tracks);
    verdict.report("")
}

fn check_notes(verdict: &mut Verdict, score: &Score) {
    let notes: usize = pitched(score).map(|track| track.notes.len()).sum();
    let weights = pitch_class_counts(score);
    let classes = weights.iter().filter(|count| **count > 0).count();
    verdict.value("pitched_notes", notes);
    verdict.value("pitch_classes", classes);
    verdict.value("pitch_class_entropy_bits", rounded(entropy(&weights)));
    verdict.fact(format!("{notes} pitched notes in {} bars", score.bar_beats.len()));
    let enough = classes >= LEAST_PITCH_CLASSES || score.bar_beats.len() < BARS_FOR_PITCHES;
    verdict.require(notes > 0 && enough, || {
        format!(
            "at least {LEAST_PITCH_CLASSES} pitch classes were asked and {notes} notes of {classes} came: raise `density`, set \
             `melody` to true, {ANOTHER}"
        )
    });
}

fn check_scale(verdict: &mut Verdict, key: Key, score: &Score, limits: MusicLimits) {
    let weights = pitch_class_counts(score).map(|count| count as f64);
    let share = scale_share(&weights, key);
    let best = all_keys().max_by(|a, b| scale_share(&weights, *a).total_cmp(&scale_share(&weights, *b)));
    verdict.value("scale_consistency", rounded(share));
    verdict.value(
        "best_scale",
        best.filter(|best| scale_share(&weights, *best) > share + 0.01).unwrap_or(key).to_string(),
    );
    let asked = limits.min_scale_consistency;
    verdict.fact(format!("{:.0} % of them in {key} (asked {:.0} %)", share * 100.0, asked * 100.0));
    let is_silent = weights.iter().all(|weight| *weight <= 0.0);
    verdict.require(share >= asked || is_silent, || {
        let fits = best.map_or(String::new(), |best| format!(" (they lie best in {best})"));
        format!(
            "{:.0} % of the notes in {key} were asked (min_scale_consistency) and {:.0} % came{fits}: lower `temperature` of \
             generate.melody and generate.accompaniment, {ANOTHER}",
            asked * 100.0,
            share * 100.0
        )
    });
}

fn check_silence(verdict: &mut Verdict, score: &Score, limits: MusicLimits) {
    let sounding = sounding_beats(score);
    let empty = sounding.iter().filter(|sounds| !**sounds).count() as f64 / sounding.len().max(1) as f64;
    verdict.value("empty_beats", rounded(empty));
    verdict.value("longest_silence_beats", longest_run(sounding, |sounds| !sounds));
    let asked = limits.max_empty_beats;
    verdict.fact(format!("{:.0} % empty beats (at most {:.0} %)", empty * 100.0, asked * 100.0));
    verdict.require(empty <= asked, || {
        format!(
            "at most {:.0} % empty beats were asked (max_empty_beats) and {:.0} % came: raise `density` or `arousal`, {ANOTHER}",
            asked * 100.0,
            empty * 100.0
        )
    });
}

/// Basses and pads are written from the chords by rule: their repeats are the style's, so only composed parts are judged.
fn check_repetition(verdict: &mut Verdict, score: &Score, limits: MusicLimits) {
    let composed = score.tracks.iter().filter(|track| matches!(track.role, Role::Melody | Role::Accompaniment));
    let runs = composed.map(|track| (repeated_pitch(track), track.name.as_str()));
    let (longest, name) = runs.max_by_key(|(run, _)| *run).unwrap_or((0, "no track"));
    verdict.value("longest_repeated_pitch", longest);
    let asked = limits.max_repeated_pitch;
    verdict.fact(format!("one pitch at most {longest} times in a row (allowed {asked})"));
    verdict.require(longest <= asked, || {
        format!(
            "{name}: at most {asked} strikes of one pitch in a row were asked (max_repeated_pitch) and {longest} came: raise \
             `temperature` or `variety` of generate.melody or generate.accompaniment, {ANOTHER}",
        )
    });
}

fn check_cadence(verdict: &mut Verdict, key: Key, score: &Score) {
    let cadence = Cadence::of(score, key);
    let bass = cadence.bass.map(|pitch| key.spell(pitch % 12));
    verdict.value("final_bass", &bass);
    verdict.value("final_tonic_share", rounded(cadence.tonic_share));
    verdict.value("ends_on_tonic", cadence.is_at_rest(key));
    verdict.fact("ends on the tonic");
    verdict.require(cadence.is_at_rest(key), || {
        let came = bass.map_or("silence".to_owned(), |bass| format!("{bass} in the bass"));
        let share = cadence.tonic_share * 100.0;
        format!(
            "an end at rest on {key} was asked and {came} came, {share:.0} % of the last bar on its tonic triad: write on to the \
             tonic in score.mid (remix), {ANOTHER}"
        )
    });
}

/// The longest run of one pitch among the single notes of a part; chords between them break it.
fn repeated_pitch(track: &ScoreTrack) -> usize {
    longest_run(onsets(track), |pitches| pitches.len() == 1)
}

/// Pitches struck together, in order of time.
fn onsets(track: &ScoreTrack) -> Vec<Vec<u8>> {
    let mut by_time: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for note in &track.notes {
        by_time.entry(note.start_ticks).or_default().push(note.pitch);
    }
    by_time.into_values().map(sorted).collect()
}

fn sorted(mut pitches: Vec<u8>) -> Vec<u8> {
    pitches.sort_unstable();
    pitches
}

fn describe(track: &ScoreTrack, score: &Score) -> Value {
    let pitches = || track.notes.iter().map(|note| note.pitch);
    let bars: Vec<Vec<(u32, u8)>> = bar_spans(score).into_iter().map(|bar| bar_content(track, &bar)).collect();
    json!({
        "notes": track.notes.len(),
        "notes_per_bar": rounded(track.notes.len() as f64 / bars.len().max(1) as f64),
        "lowest_pitch": pitches().min(),
        "highest_pitch": pitches().max(),
        "longest_repeated_pitch": repeated_pitch(track),
        "longest_repeated_chord": longest_run(onsets(track), |pitches| pitches.len() > 1),
        "longest_repeated_bar": longest_run(bars, |bar| !bar.is_empty()),
    })
}

fn bar_content(track: &ScoreTrack, bar: &std::ops::Range<u32>) -> Vec<(u32, u8)> {
    let inside = track.notes.iter().filter(|note| bar.contains(&note.start_ticks));
    inside.map(|note| (note.start_ticks - bar.start, note.pitch)).collect()
}

fn pitch_class_counts(score: &Score) -> [usize; 12] {
    let mut counts = [0; 12];
    for note in pitched(score).flat_map(|track| &track.notes) {
        counts[usize::from(note.pitch % 12)] += 1;
    }
    counts
}

fn all_keys() -> impl Iterator<Item = Key> {
    // The last of equal scales is taken: major before its relative minor.
    [Mode::Minor, Mode::Major].into_iter().flat_map(|mode| (0..12).map(move |tonic| Key::new(tonic, mode)))
}

fn entropy(counts: &[usize; 12]) -> f64 {
    let notes = counts.iter().sum::<usize>().max(1) as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / notes);
    shares.map(|share| -share * share.log2()).sum::<f64>().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::{note, plan, score};

    const LIMITS: MusicLimits =
        MusicLimits { min_scale_consistency: 0.8, max_empty_beats: 0.3, max_repeated_pitch: 24 };

    fn check(change: impl FnOnce(&mut Score)) -> Report {
        let mut score = score();
        change(&mut score);
        check_music(&plan(), &score, LIMITS)
    }

    #[test]
    fn a_plain_piece_passes_and_says_what_it_is() {
        let report = check(|_| ());
        assert_eq!(report.passed, Some(true), "{}", report.summary);
        insta::assert_snapshot!(report.summary, @"88 pitched notes in 8 bars; 100 % of them in G major (asked 80 %); 0 % empty beats (at most 30 %); one pitch at most 1 times in a row (allowed 24); ends on the tonic");
        assert_eq!(report.values["tracks"]["melody"]["notes_per_bar"], 4.0);
        assert_eq!(report.values["longest_silence_beats"], 0);
    }

    #[test]
    fn silence_is_refused() {
        let report = check(|score| score.tracks.iter_mut().for_each(|track| track.notes.clear()));
        assert_eq!(report.passed, Some(false));
        assert_eq!(report.values["empty_beats"], 1.0);
        for part in ["0 notes of 0 came", "100 % came: raise `density`", "silence came"] {
            assert!(report.summary.contains(part), "{}", report.summary);
        }
    }

    #[test]
    fn the_wrong_key_is_refused_and_the_right_one_named() {
        let report = check(|score| {
            for note in score.tracks.iter_mut().flat_map(|track| &mut track.notes) {
                note.pitch += 6;
            }
        });
        assert_eq!(report.passed, Some(false));
        assert!(report.summary.contains("of the notes in G major were asked"), "{}", report.summary);
        assert_eq!(report.values["best_scale"], "Db major");
        assert!(report.summary.contains("they lie best in Db major"), "{}", report.summary);
    }

    #[test]
    fn a_stuck_note_is_refused_in_the_melody_and_let_pass_in_the_bass() {
        let stuck: Vec<_> = (0..32).map(|step| note(67, step * 240, 200)).collect();
        let melody = check(|score| score.tracks[0].notes = stuck.clone());
        assert!(melody.summary.contains("in a row were asked (max_repeated_pitch) and 32 came"), "{}", melody.summary);
        let bass = check(|score| score.tracks[2].notes = stuck.iter().map(|n| note(43, n.start_ticks, 240)).collect());
        assert_eq!(bass.passed, Some(true), "{}", bass.summary);
        assert_eq!(bass.values["tracks"]["bass"]["longest_repeated_pitch"], 32);
    }

    #[test]
    fn an_open_end_is_refused() {
        let report = check(|score| {
            let last = bar_spans(score).pop().unwrap();
            for note in score.tracks.iter_mut().flat_map(|track| &mut track.notes) {
                if last.contains(&note.start_ticks) {
                    note.pitch += 7;
                }
            }
        });
        assert!(report.summary.contains("D in the bass"), "{}", report.summary);
        assert_eq!(report.values["ends_on_tonic"], false);
    }

    #[test]
    fn entropy_is_in_bits() {
        assert!((entropy(&[5; 12]) - 12_f64.log2()).abs() < 1e-9);
        assert!(entropy(&[0; 12]).abs() < 1e-9);
    }
}
