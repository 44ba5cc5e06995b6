//! The tempo as it was planned, not rounded to microseconds a quarter as MIDI files have it.

use super::TICKS_PER_QUARTER;

/// Stretches of one tempo, each from an exact time on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExactTempo {
    stretches: Vec<Stretch>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    first_tick: f64,
    seconds: f64,
    bpm: f64,
}

impl ExactTempo {
    /// From seconds and beats a minute of each mark, in order of time.
    pub(crate) fn new(marks: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        for (seconds, bpm) in marks {
            let first_tick = stretches.last().map_or(0.0, |last| last.ticks(seconds));
            stretches.push(Stretch { first_tick, seconds, bpm });
        }
        Self { stretches }
    }

    pub(crate) fn seconds(&self, ticks: f64) -> f64 {
        let later = self.stretches.partition_point(|stretch| stretch.first_tick <= ticks);
        self.stretches.get(later.saturating_sub(1)).map_or(0.0, |stretch| stretch.time(ticks))
    }

    pub(crate) fn ticks(&self, seconds: f64) -> f64 {
        let later = self.stretches.partition_point(|stretch| stretch.seconds <= seconds);
        self.stretches.get(later.saturating_sub(1)).map_or(0.0, |stretch| stretch.ticks(seconds))
    }

    /// Tick and beats a minute of each mark.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (f64, f64)> {
        self.stretches.iter().map(|stretch| (stretch.first_tick, stretch.bpm))
    }
}

impl Stretch {
    fn ticks_a_second(&self) -> f64 {
        self.bpm * f64::from(TICKS_PER_QUARTER) / 60.0
    }

    fn ticks(&self, seconds: f64) -> f64 {
        self.first_tick + (seconds - self.seconds) * self.ticks_a_second()
    }

    fn time(&self, ticks: f64) -> f64 {
        self.seconds + (ticks - self.first_tick) / self.ticks_a_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let tempo = ExactTempo::new([(0.0, 120.0), (2.0, 60.0)]);
        for (ticks, seconds) in [(0.0, 0.0), (960.0, 1.0), (1920.0, 2.0), (2400.0, 3.0)] {
            assert!((tempo.seconds(ticks) - seconds).abs() < 1e-12, "{ticks}");
            assert!((tempo.ticks(seconds) - ticks).abs() < 1e-9, "{seconds}");
        }
        assert_eq!(tempo.marks().collect::<Vec<_>>(), [(0.0, 120.0), (1920.0, 60.0)]);
    }

    #[test]
    fn without_marks_time_stands_still() {
        assert!(ExactTempo::new([]).seconds(480.0).abs() < 1e-12);
    }
}
