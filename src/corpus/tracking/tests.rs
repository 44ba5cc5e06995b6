//! The tracker on songs whose beats are known: POP909 played in real time.

use rand_chacha::rand_core::Rng;

use super::*;
use crate::{corpus::pop909, seed::Seed, testing};

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "it prints what it measures")]
fn figures_on_pop909() {
    let Some(data) = testing::data() else { return };
    let jitter: f64 = std::env::var("JITTER").map_or(0.0, |text| text.parse().unwrap());
    let songs: usize = std::env::var("SONGS").map_or(60, |text| text.parse().unwrap());
    let mut rng = Seed::master(1).rng();
    let mut uniform = move || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let (mut sum, mut good, mut all) = (0.0, 0, 0);
    for timed in pop909::timed(&data.join("pop909"), 909 / songs) {
        let notes: Vec<FreeNote> = timed
            .notes
            .iter()
            .map(|note| {
                let shift = jitter * (0..12).map(|_| uniform()).sum::<f64>() - 6.0 * jitter;
                FreeNote { start: note.start + shift, end: note.end + shift, ..*note }
            })
            .collect();
        let Some(tracked) = track(&notes) else { continue };
        let f = f_measure(tracked.pulse.beats(), &timed.beats);
        let truth = median_bpm(&timed.beats).unwrap();
        eprintln!(
            "{} F {f:.3} bpm {:.1} truth {truth:.1} ratio {:.2} off {:.3} steady {:.2} swings {}",
            timed.id,
            tracked.bpm,
            tracked.bpm / truth,
            tracked.off_sixteenths,
            tracked.steady,
            fit::swings(&onsets(&notes), &tracked.pulse)
        );
        sum += f;
        good += usize::from(f > 0.9);
        all += 1;
    }
    eprintln!("mean F {:.3}, {good} of {all} over 0.9", sum / f64::from(all as u32));
}

/// Beats within 70 ms, each counted once.
fn f_measure(found: &[f64], known: &[f64]) -> f64 {
    let mut hits = 0;
    let mut next = 0;
    for beat in known {
        while next < found.len() && found[next] < beat - 0.07 {
            next += 1;
        }
        if next < found.len() && (found[next] - beat).abs() <= 0.07 {
            hits += 1;
            next += 1;
        }
    }
    2.0 * f64::from(hits) / (found.len() + known.len()).max(1) as f64
}
