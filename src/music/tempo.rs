//! The tempo map of MIDI: ticks to seconds and back, piecewise constant.

/// From `ticks` on, a quarter lasts `micros_per_quarter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tempo {
    pub(crate) ticks: u32,
    pub(crate) micros_per_quarter: u32,
}

/// Segments of constant tempo. Seconds are summed as whole numbers (microseconds times ticks a quarter), so nothing drifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TempoMap {
    ticks_per_quarter: u32,
    segments: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    tempo: Tempo,
    /// Microseconds times ticks a quarter at the segment's start.
    start: u64,
}

impl TempoMap {
    const DEFAULT_MICROS: u32 = 500_000;

    /// Changes in any order; of several at one tick the last holds; 120 beats a minute before the first, as MIDI has it.
    pub(crate) fn new(ticks_per_quarter: u32, mut changes: Vec<Tempo>) -> Self {
        changes.sort_by_key(|tempo| tempo.ticks);
        changes.retain(|tempo| tempo.micros_per_quarter > 0);
        let mut segments =
            vec![Segment { tempo: Tempo { ticks: 0, micros_per_quarter: Self::DEFAULT_MICROS }, start: 0 }];
        for tempo in changes {
            let last = segments[segments.len() - 1];
            let ticks = u64::from(tempo.ticks - last.tempo.ticks);
            let start = last.start + ticks * u64::from(last.tempo.micros_per_quarter);
            if ticks == 0 {
                segments.pop();
            }
            segments.push(Segment { tempo, start });
        }
        Self { ticks_per_quarter, segments }
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = Tempo> {
        self.segments.iter().map(|segment| segment.tempo)
    }

    pub(crate) fn seconds(&self, ticks: f64) -> f64 {
        let later = self.segments.partition_point(|segment| f64::from(segment.tempo.ticks) <= ticks);
        let segment = self.segments[later.saturating_sub(1)];
        let since = (ticks - f64::from(segment.tempo.ticks)) * f64::from(segment.tempo.micros_per_quarter);
        (segment.start as f64 + since) / (1e6 * f64::from(self.ticks_per_quarter))
    }

    pub(crate) fn ticks(&self, seconds: f64) -> f64 {
        let place = seconds * 1e6 * f64::from(self.ticks_per_quarter);
        let later = self.segments.partition_point(|segment| segment.start as f64 <= place);
        let segment = self.segments[later.saturating_sub(1)];
        let since = (place - segment.start as f64) / f64::from(segment.tempo.micros_per_quarter);
        f64::from(segment.tempo.ticks) + since
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tempo(ticks: u32, micros_per_quarter: u32) -> Tempo {
        Tempo { ticks, micros_per_quarter }
    }

    #[test]
    fn seconds_by_hand() {
        let map = TempoMap::new(480, vec![tempo(960, 250_000), tempo(0, 1_000_000)]);
        for (ticks, seconds) in [(0.0, 0.0), (480.0, 1.0), (960.0, 2.0), (1440.0, 2.25), (-480.0, -1.0)] {
            assert!((map.seconds(ticks) - seconds).abs() < 1e-12, "{ticks}");
            assert!((map.ticks(seconds) - ticks).abs() < 1e-9, "{seconds}");
        }
    }

    #[test]
    fn default_tempo_and_the_last_of_equal_ticks() {
        assert!((TempoMap::new(96, vec![]).seconds(96.0) - 0.5).abs() < 1e-12);
        let map = TempoMap::new(96, vec![tempo(0, 1), tempo(0, 600_000), tempo(0, 0)]);
        assert_eq!(map.changes().collect::<Vec<_>>(), [tempo(0, 600_000)]);
    }

    proptest! {
        #[test]
        fn every_tick_comes_back(
            changes in prop::collection::vec((0_u32..1_000_000, 100_000_u32..3_000_000), 0..20),
            ticks in 0_u32..2_000_000,
        ) {
            let map = TempoMap::new(480, changes.into_iter().map(|(ticks, micros)| tempo(ticks, micros)).collect());
            let back = map.ticks(map.seconds(f64::from(ticks)));
            prop_assert!((back - f64::from(ticks)).abs() < 1e-5);
        }
    }
}
