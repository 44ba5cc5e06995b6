//! Time of the picture: from a stream's ticks to seconds since the first picture, and where the picture ends.

use ffmpeg_next::Rational;

/// Fed with every packet and every decoded picture of one stream.
pub(super) struct Clock {
    time_base: Rational,
    /// Length of a frame at the average rate, for packets that do not say how long they last.
    frame_ticks: i64,
    first: Option<i64>,
    /// Time and end of the last picture.
    picture: Option<(i64, i64)>,
    packets_end: Option<i64>,
}

impl Clock {
    pub(super) fn new(time_base: Rational, frame_rate: (i32, i32)) -> Self {
        let (frames, seconds) = frame_rate;
        let ticks = f64::from(seconds) / f64::from(frames.max(1)) / seconds_of(time_base);
        let frame_ticks = (ticks.round() as i64).max(1);
        Self { time_base, frame_ticks, first: None, picture: None, packets_end: None }
    }

    /// A packet that carries a picture.
    pub(super) fn packet(&mut self, time: Option<i64>, duration: i64) {
        let Some(time) = time else { return };
        let end = time.saturating_add(self.lasting(duration));
        self.packets_end = Some(self.packets_end.map_or(end, |last| last.max(end)));
    }

    /// Seconds from the first picture to this one; none for a picture whose time does not go on from the last.
    pub(super) fn picture(&mut self, time: Option<i64>, duration: i64) -> Option<f64> {
        let time = time.unwrap_or_else(|| self.picture.map_or(0, |(_, end)| end));
        if self.picture.is_some_and(|(last, _)| time <= last) {
            return None;
        }
        let first = *self.first.get_or_insert(time);
        self.picture = Some((time, time.saturating_add(self.lasting(duration))));
        Some(self.seconds(time.saturating_sub(first)))
    }

    /// Presentation time of the first picture in the file's clock.
    pub(super) fn first_seconds(&self) -> Option<f64> {
        self.first.map(|first| self.seconds(first))
    }

    /// From the first picture to the end of the last packet.
    pub(super) fn picture_seconds(&self) -> f64 {
        let end = self.packets_end.max(self.picture.map(|(_, end)| end));
        end.map_or(0.0, |end| self.since_first(end))
    }

    /// From the first picture to the end of the last one that was decoded.
    pub(super) fn decoded_seconds(&self) -> f64 {
        self.picture.map_or(0.0, |(_, end)| self.since_first(end))
    }

    fn since_first(&self, ticks: i64) -> f64 {
        self.first.map_or(0.0, |first| self.seconds(ticks.saturating_sub(first)).max(0.0))
    }

    fn seconds(&self, ticks: i64) -> f64 {
        // One rounding only: times of equal pictures are then equal in every container that holds the tick exactly.
        ticks as f64 * f64::from(self.time_base.numerator()) / f64::from(self.time_base.denominator().max(1))
    }

    fn lasting(&self, duration: i64) -> i64 {
        if duration > 0 { duration } else { self.frame_ticks }
    }
}

fn seconds_of(base: Rational) -> f64 {
    (f64::from(base.numerator()) / f64::from(base.denominator().max(1))).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::new(Rational::new(1, 1000), (25, 1))
    }

    #[test]
    fn the_end_is_that_of_the_last_packet_shown_not_of_the_last_read() {
        let mut clock = clock();
        for time in [80, 200, 120, 160] {
            clock.packet(Some(time), 40);
        }
        assert_eq!(clock.picture(Some(80), 40), Some(0.0));
        assert_eq!(clock.picture(Some(120), 40), Some(0.04));
        assert!((clock.picture_seconds() - 0.16).abs() < 1e-12);
        assert!((clock.decoded_seconds() - 0.08).abs() < 1e-12);
        assert_eq!(clock.first_seconds(), Some(0.08));
    }

    #[test]
    fn a_packet_without_duration_lasts_a_frame() {
        let mut clock = clock();
        clock.picture(Some(0), 0);
        clock.packet(Some(960), 0);
        assert!((clock.picture_seconds() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn pictures_without_times_follow_each_other() {
        let mut clock = clock();
        let times: Vec<_> = (0..3).map(|_| clock.picture(None, 0)).collect();
        assert_eq!(times, [Some(0.0), Some(0.04), Some(0.08)]);
        clock.packet(None, 40);
        assert!((clock.picture_seconds() - 0.12).abs() < 1e-12);
    }

    #[test]
    fn times_that_go_back_are_passed_over() {
        let mut clock = clock();
        assert_eq!(clock.picture(Some(500), 40), Some(0.0));
        assert_eq!(clock.picture(Some(540), 40), Some(0.04));
        assert_eq!(clock.picture(Some(100), 40), None);
        assert_eq!(clock.picture(Some(580), 40), Some(0.08));
    }

    #[test]
    fn absurd_times_do_not_overflow() {
        let mut clock = Clock::new(Rational::new(1, 0), (0, 0));
        clock.packet(Some(i64::MAX), i64::MAX);
        clock.picture(Some(i64::MIN + 1), i64::MAX);
        assert!(clock.picture_seconds().is_finite());
    }
}
