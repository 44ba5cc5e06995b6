//! Where a preview ends: packets up to a time, and those after it only where pictures before it are decoded from them.

use ffmpeg_next::Packet;

use super::lane::Lane;

/// Holds back packets that are shown after the end until an earlier one shows that it needs them.
pub(super) struct Preview {
    end_seconds: f64,
    held: Vec<Packet>,
    ended: bool,
}

impl Preview {
    pub(super) fn new(end_seconds: f64) -> Self {
        Self { end_seconds, held: Vec::new(), ended: false }
    }

    /// The packets of one stream that can be written now.
    pub(super) fn pass(&mut self, lane: &Lane, packet: Packet) -> Vec<Packet> {
        self.ended |= lane.seconds(&packet).is_some_and(|seconds| seconds >= self.end_seconds);
        if self.ended {
            self.held.clear();
        } else {
            let shown = lane.shown_seconds(&packet).is_none_or(|seconds| seconds < self.end_seconds - 1e-6);
            self.held.push(packet);
            if shown {
                return std::mem::take(&mut self.held);
            }
        }
        Vec::new()
    }

    /// Nothing of this stream will come any more.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }
}
