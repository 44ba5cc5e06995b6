//! Limits that every plan keeps, and how many cuts it meets.

use proptest::prelude::*;
use rand_chacha::rand_core::Rng;

use super::*;
use crate::{
    artifact::Cut,
    music::{ExactTempo, TICKS_PER_QUARTER},
    plan::{bars::fit_bars, moment::moments},
    seed::Seed,
};

/// Cuts this near a beat are heard as on it.
const TOGETHER_SECONDS: f64 = 0.04;
const FREE: TempoRange = TempoRange { min: 70.0, max: 140.0 };
const HELD: TempoRange = TempoRange { min: 96.0, max: 100.0 };

fn cuts(times: impl IntoIterator<Item = f64>) -> Vec<Cut> {
    times.into_iter().map(|time| Cut { time, strength: 0.8 }).collect()
}

fn aligned(seconds: f64, range: TempoRange, cuts: &[Cut]) -> Option<BarFit> {
    align_bars(seconds, range, (range.min * range.max).sqrt(), &moments(cuts, &[], &[]), 1.0)
}

fn ends(fit: &BarFit, seconds: f64) -> Vec<f64> {
    fit.bars.iter().skip(1).map(|bar| bar.start).chain([seconds]).collect()
}

fn tempi(fit: &BarFit, seconds: f64) -> Vec<f64> {
    let bars = fit.bars.iter().zip(ends(fit, seconds));
    bars.map(|(bar, end)| f64::from(bar.beats) * 60.0 / (end - bar.start)).collect()
}

/// What every plan keeps, whatever it meets.
fn keeps_limits(fit: &BarFit, seconds: f64, range: TempoRange) -> Result<(), TestCaseError> {
    let tempi = tempi(fit, seconds);
    prop_assert!(fit.bars[0].start.abs() < 1e-12);
    for bpm in &tempi {
        prop_assert!(range.contains(*bpm), "{bpm}");
        prop_assert!((bpm / fit.base_bpm - 1.0).abs() <= 0.0601, "{bpm} of {}", fit.base_bpm);
    }
    for pair in tempi.windows(2) {
        prop_assert!((pair[1] / pair[0] - 1.0).abs() <= 0.02, "{pair:?}");
    }
    for phrase in fit.bars.chunks(fit.phrase_bars) {
        prop_assert!(phrase.iter().filter(|bar| bar.beats == 2).count() <= 1);
    }
    prop_assert!(fit.bars.iter().all(|bar| bar.beats == 4 || bar.beats == 2));
    prop_assert_eq!(fit.bars.last().map(|bar| bar.beats), Some(4));
    let tempo = ExactTempo::new(fit.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let beats: u32 = fit.bars.iter().map(|bar| u32::from(bar.beats)).sum();
    let end = tempo.seconds(f64::from(beats * TICKS_PER_QUARTER));
    prop_assert!((end - seconds).abs() < 1e-6, "the tempo map ends at {} of {}", end, seconds);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn limits_are_kept_and_bars_fill_the_time(
        seconds in 6.0_f64..75.0, min in 60.0_f64..120.0, width in 2.0_f64..60.0,
        times in prop::collection::vec(0.0_f64..75.0, 1..14),
    ) {
        let range = TempoRange { min, max: min + width };
        let cuts = cuts(times.into_iter().filter(|time| *time < seconds));
        if let Some(fit) = aligned(seconds, range, &cuts) {
            keeps_limits(&fit, seconds, range)?;
            prop_assert_eq!(aligned(seconds, range, &cuts), Some(fit));
        }
    }
}

#[test]
fn a_long_video_is_planned_in_stretches() {
    let times = (1..100).map(|cut| 7.0 * f64::from(cut) + f64::from(cut * cut % 17) / 10.0);
    let cuts = cuts(times);
    let range = TempoRange { min: 84.0, max: 96.0 };
    let fit = aligned(720.0, range, &cuts).unwrap();
    keeps_limits(&fit, 720.0, range).unwrap();
    assert_eq!(fit.phrase_bars, 8);
    let met = met(&fit, 720.0, &cuts);
    assert!(met.on_beats * 10 >= cuts.len() * 9, "{met:?} of {}", cuts.len());
}

#[test]
fn nothing_to_meet_or_no_way_to_it_is_none() {
    assert_eq!(aligned(60.0, FREE, &[]), None);
    let one = moments(&cuts([20.0]), &[], &[]);
    assert_eq!(align_bars(60.0, FREE, 99.0, &one, 0.0), None);
    assert_eq!(
        aligned(31.0, TempoRange { min: 100.0, max: 100.0 }, &cuts([20.0])),
        None,
        "one tempo leaves no freedom"
    );
    assert_eq!(aligned(0.5, FREE, &cuts([0.2])), None);
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Met {
    on_beats: usize,
    on_downbeats: usize,
}

fn met(fit: &BarFit, seconds: f64, cuts: &[Cut]) -> Met {
    let mut beats = vec![seconds];
    for (bar, end) in fit.bars.iter().zip(ends(fit, seconds)) {
        let beat = (end - bar.start) / f64::from(bar.beats);
        beats.extend((0..bar.beats).map(|number| bar.start + f64::from(number) * beat));
    }
    let downbeats: Vec<f64> = fit.bars.iter().map(|bar| bar.start).chain([seconds]).collect();
    Met { on_beats: near(&beats, cuts), on_downbeats: near(&downbeats, cuts) }
}

fn near(beats: &[f64], cuts: &[Cut]) -> usize {
    let is_near = |cut: &&Cut| beats.iter().any(|beat| (beat - cut.time).abs() <= TOGETHER_SECONDS);
    cuts.iter().filter(is_near).count()
}

/// Shots of at least `least` seconds, longer ones by an exponential of mean `more`, in a minute.
fn random_cuts(list: u64, least: f64, more: f64) -> Vec<Cut> {
    let mut rng = Seed::master(list).derive("cuts").rng();
    let mut times = Vec::new();
    let mut time = 0.0;
    loop {
        let uniform = (f64::from(rng.next_u32()) + 0.5) / 4_294_967_296.0;
        time += least - more * uniform.ln();
        if time >= 60.0 {
            return cuts(times);
        }
        times.push(time);
    }
}

/// Shares of cuts of 200 random lists on beats and downbeats: aligned, then of equal bars.
fn shares(least: f64, more: f64, range: TempoRange) -> [f64; 4] {
    let lanes = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let lane = |first: u64| {
        let mut sums = [0; 5];
        for list in (first..200).step_by(lanes as usize) {
            let cuts = random_cuts(list, least, more);
            let equal = fit_bars(60.0, range, (range.min * range.max).sqrt());
            let fit = aligned(60.0, range, &cuts).unwrap_or_else(|| equal.clone());
            let (fit, equal) = (met(&fit, 60.0, &cuts), met(&equal, 60.0, &cuts));
            let counts = [fit.on_beats, fit.on_downbeats, equal.on_beats, equal.on_downbeats, cuts.len()];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        sums
    };
    let sums = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|first| scope.spawn(move || lane(first))).collect();
        lanes
            .into_iter()
            .map(|lane| lane.join().unwrap())
            .fold([0; 5], |sums, more| std::array::from_fn(|at| sums[at] + more[at]))
    });
    std::array::from_fn(|at| sums[at] as f64 / sums[4] as f64)
}

/// Minutes without optimisation; `make test` runs it.
#[test]
#[cfg_attr(debug_assertions, ignore = "too slow without optimisation")]
fn random_cuts_fall_on_beats() {
    // A little under what docs/correspondence.md says was measured; a shot lasts twice its least in the mean.
    for (least, floor) in [(1.3, 0.73), (2.0, 0.84), (4.0, 0.97)] {
        let [on_beats, _, by_chance, _] = shares(least, least, FREE);
        assert!(on_beats >= floor, "at least {least} s apart: {on_beats:.3} of {floor}");
        assert!(by_chance < 0.3, "equal bars: {by_chance:.3}");
    }
}

/// The table of docs/correspondence.md.
#[test]
#[ignore = "figures for people: run with --release --nocapture"]
#[expect(clippy::print_stderr, reason = "figures for people")]
fn figures_of_random_cuts() {
    for (name, range) in [("70..140", FREE), ("96..100", HELD)] {
        for (least, more) in [(1.3, 1.3), (2.0, 2.0), (4.0, 4.0), (1.3, 3.0), (2.0, 3.0), (4.0, 3.0)] {
            let [beats, downbeats, equal_beats, equal_downbeats] = shares(least, more, range);
            eprintln!(
                "{name}, {least} s + {more} s: beats {beats:.3}, downbeats {downbeats:.3}; equal bars {equal_beats:.3}, {equal_downbeats:.3}"
            );
        }
    }
}
