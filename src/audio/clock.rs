//! Where a score's ticks lie in time, to the sample.

use super::RATE;
use crate::{artifact::TempoMark, music::TICKS_PER_QUARTER};

/// A stretch of one tempo.
struct Stretch {
    first_tick: f64,
    start_seconds: f64,
    seconds_per_tick: f64,
}

/// Turns ticks into frames along a tempo map.
pub(crate) struct Clock {
    stretches: Vec<Stretch>,
}

impl Clock {
    pub(crate) fn new(tempo_map: &[TempoMark]) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        for mark in tempo_map {
            let first_tick = stretches.last().map_or(0.0, |last| last.tick_at(mark.time));
            let seconds_per_tick = 60.0 / (mark.bpm * f64::from(TICKS_PER_QUARTER));
            stretches.push(Stretch { first_tick, start_seconds: mark.time, seconds_per_tick });
        }
        Self { stretches }
    }

    pub(crate) fn seconds(&self, ticks: u32) -> f64 {
        let ticks = f64::from(ticks);
        let next = self.stretches.partition_point(|stretch| stretch.first_tick <= ticks);
        self.stretches.get(next.saturating_sub(1)).map_or(0.0, |stretch| stretch.time_at(ticks))
    }

    pub(crate) fn frame(&self, ticks: u32) -> u64 {
        (self.seconds(ticks) * f64::from(RATE)).round().max(0.0) as u64
    }
}

impl Stretch {
    fn tick_at(&self, seconds: f64) -> f64 {
        self.first_tick + (seconds - self.start_seconds) / self.seconds_per_tick
    }

    fn time_at(&self, ticks: f64) -> f64 {
        self.start_seconds + (ticks - self.first_tick) * self.seconds_per_tick
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_every_tempo_mark() {
        let clock = Clock::new(&[
            TempoMark { time: 0.0, bpm: 120.0 },
            TempoMark { time: 2.0, bpm: 60.0 },
            TempoMark { time: 6.0, bpm: 240.0 },
        ]);
        assert_eq!(clock.frame(480), 24_000);
        assert_eq!(clock.frame(4 * 480), 96_000);
        assert_eq!(clock.frame(6 * 480), 4 * 48_000);
        assert_eq!(clock.frame(8 * 480), 6 * 48_000);
        assert_eq!(clock.frame(10 * 480), 6 * 48_000 + 24_000);
    }

    #[test]
    fn an_empty_map_stands_still() {
        assert_eq!(Clock::new(&[]).frame(480), 0);
    }
}
