//! One stream on its way from the input to the output: times from clock to clock, and in an order that muxers take.

use ffmpeg_next::{Packet, Rational, Stream};

use super::libav;

pub(super) struct Lane {
    /// Where its packets go.
    pub(super) output: usize,
    pub(super) is_picture: bool,
    from: Rational,
    to: Rational,
    /// Pictures held back by the decoder.
    reordering: i64,
    last_dts: Option<i64>,
    /// A stream that the muxer refused: it is left out from there on.
    pub(super) refused: bool,
}

impl Lane {
    pub(super) fn new(stream: &Stream, output: usize) -> Self {
        Self {
            output,
            is_picture: libav::is_picture(stream),
            from: stream.time_base(),
            to: stream.time_base(),
            reordering: libav::reordering(stream),
            last_dts: None,
            refused: false,
        }
    }

    /// The clock that the muxer chose when its header was written.
    pub(super) fn set_clock(&mut self, to: Rational) {
        self.to = to;
    }

    /// When the packet is decoded (or else shown), in seconds of the input's clock.
    pub(super) fn seconds(&self, packet: &Packet) -> Option<f64> {
        packet.dts().or(packet.pts()).map(|ticks| self.to_seconds(ticks))
    }

    /// When the packet is shown.
    pub(super) fn shown_seconds(&self, packet: &Packet) -> Option<f64> {
        packet.pts().or(packet.dts()).map(|ticks| self.to_seconds(ticks))
    }

    fn to_seconds(&self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.from.numerator()) / f64::from(self.from.denominator().max(1))
    }

    /// Readies a packet for the output.
    pub(super) fn carry(&mut self, packet: &mut Packet) {
        self.fill_in(packet);
        packet.rescale_ts(self.from, self.to);
        self.order(packet);
        packet.set_stream(self.output);
        packet.set_position(-1);
    }

    /// Matroska does not say when packets are decoded: a picture's time less what the decoder holds back.
    fn fill_in(&self, packet: &mut Packet) {
        if packet.dts().is_some() {
            return;
        }
        let lasting = packet.duration().max(1);
        let guess = match self.last_dts.map(|last| libav::rescale(last, self.to, self.from)) {
            Some(last) => packet.pts().map_or(last + lasting, |pts| pts.min(last + lasting)),
            None => packet.pts().unwrap_or(0) - self.reordering * lasting,
        };
        packet.set_dts(Some(guess));
        if packet.pts().is_none() {
            packet.set_pts(Some(guess));
        }
    }

    /// Decoding times rise, and no picture is shown before it is decoded: moves what breaks that by as little as can be.
    fn order(&mut self, packet: &mut Packet) {
        let (Some(dts), pts) = (packet.dts(), packet.pts()) else { return };
        let wanted = pts.map_or(dts, |pts| dts.min(pts));
        let dts = self.last_dts.map_or(wanted, |last| wanted.max(last + 1));
        packet.set_dts(Some(dts));
        packet.set_pts(pts.map(|pts| pts.max(dts)));
        self.last_dts = Some(dts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(reordering: i64) -> Lane {
        let (from, to) = (Rational::new(1, 1000), Rational::new(1, 12_000));
        Lane { output: 2, is_picture: true, from, to, reordering, last_dts: None, refused: false }
    }

    fn carried(lane: &mut Lane, pts: Option<i64>, dts: Option<i64>) -> (Option<i64>, Option<i64>) {
        let mut packet = Packet::copy(b"x");
        packet.set_pts(pts);
        packet.set_dts(dts);
        packet.set_duration(40);
        lane.carry(&mut packet);
        assert_eq!(packet.stream(), 2);
        (packet.pts(), packet.dts())
    }

    #[test]
    fn good_times_only_change_their_clock() {
        let mut lane = lane(2);
        assert_eq!(carried(&mut lane, Some(0), Some(-80)), (Some(0), Some(-960)));
        assert_eq!(carried(&mut lane, Some(160), Some(-40)), (Some(1920), Some(-480)));
        assert_eq!(carried(&mut lane, Some(80), Some(0)), (Some(960), Some(0)));
    }

    #[test]
    fn decoding_times_that_are_missing_are_filled_in_and_shown_times_stay() {
        let mut lane = lane(2);
        let times = [(0, None), (80, None), (40, Some(0)), (160, Some(40))];
        let carried = times.map(|(pts, dts)| carried(&mut lane, Some(pts), dts));
        assert_eq!(carried.map(|(pts, _)| pts), [Some(0), Some(960), Some(480), Some(1920)]);
        assert_eq!(carried.map(|(_, dts)| dts), [Some(-960), Some(-480), Some(0), Some(480)]);
    }

    #[test]
    fn times_that_stand_still_or_are_missing_go_on() {
        let mut lane = lane(0);
        assert_eq!(carried(&mut lane, Some(40), Some(40)), (Some(480), Some(480)));
        assert_eq!(carried(&mut lane, Some(40), Some(40)), (Some(481), Some(481)));
        let (pts, dts) = carried(&mut lane, None, None);
        assert!(pts == dts && dts > Some(481), "{dts:?}");
    }
}
