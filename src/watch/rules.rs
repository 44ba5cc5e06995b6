//! How long a file has to stand still, how often a job is tried, how long the pauses are.

use super::{JobId, Reason};
use crate::{digest::Digest, error::FailureClass};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// A file is taken when nothing about it changed for so long.
    pub(crate) settle_ms: i64,
    /// Jobs that run at once.
    pub(crate) lanes: usize,
    /// Tries after the first one, where trouble may pass.
    pub(crate) retries: u32,
    /// Before the second try; each further pause is twice as long.
    pub(crate) pause_ms: i64,
    pub(crate) longest_pause_ms: i64,
    /// A broken file is moved to quarantine when it stood still for so long: a copy that stalls is broken, too.
    pub(crate) broken_after_ms: i64,
    /// Jobs that are open at once; more files than that are looked at later.
    pub(crate) queue: usize,
}

/// Our own fault is seldom another's luck: it is tried again, but not for hours.
const INTERNAL_RETRIES: u32 = 2;

impl Default for Rules {
    fn default() -> Self {
        Self {
            settle_ms: 5_000,
            lanes: 1,
            retries: 8,
            pause_ms: 10_000,
            longest_pause_ms: 15 * 60_000,
            broken_after_ms: 60_000,
            queue: 20_000,
        }
    }
}

impl Rules {
    /// The pause after so many tries, or none where another try makes no sense.
    pub(super) fn pause_ms(&self, id: &JobId, reason: &Reason, attempts: u32) -> Option<i64> {
        let retries = match reason.class {
            FailureClass::Temporary => self.retries,
            FailureClass::Internal => self.retries.min(INTERNAL_RETRIES),
            FailureClass::Usage | FailureClass::Media | FailureClass::Check => 0,
        };
        if attempts > retries {
            return None;
        }
        let doubled = self.pause_ms.saturating_mul(1 << attempts.saturating_sub(1).min(30));
        Some(jittered(doubled.min(self.longest_pause_ms), id, attempts))
    }
}

/// Between three quarters and five quarters of `ms`: what failed together does not come back together.
fn jittered(ms: i64, id: &JobId, attempts: u32) -> i64 {
    let drawn = Digest::of(format!("{id} {attempts}").as_bytes()).to_string();
    let share = u8::from_str_radix(&drawn[..2], 16).unwrap_or(128);
    ms * 3 / 4 + ms * i64::from(share) / 510
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn pauses(class: FailureClass) -> Vec<i64> {
        let (rules, id) = (Rules::default(), JobId::new("in", Path::new("/in/a.mp4"), 1));
        let reason = Reason { class, message: "x".into() };
        (1..).map_while(|attempts| rules.pause_ms(&id, &reason, attempts)).collect()
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end() {
        let pauses = pauses(FailureClass::Temporary);
        let ideal = [10, 20, 40, 80, 160, 320, 640, 900].map(|seconds| seconds * 1000);
        assert_eq!(pauses.len(), ideal.len());
        for (pause, ideal) in pauses.iter().zip(ideal) {
            assert!((ideal * 3 / 4..=ideal * 5 / 4).contains(pause), "{pause} for {ideal}");
        }
    }

    #[test]
    fn what_cannot_get_better_is_not_tried_again() {
        let counts = [FailureClass::Media, FailureClass::Usage, FailureClass::Check].map(|class| pauses(class).len());
        assert_eq!((counts, pauses(FailureClass::Internal).len()), ([0, 0, 0], 2));
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let reason = Reason { class: FailureClass::Temporary, message: "x".into() };
        let pause = |name: &str| Rules::default().pause_ms(&JobId::new("in", Path::new(name), 1), &reason, 3).unwrap();
        let pauses: std::collections::BTreeSet<_> = ["a", "b", "c", "d", "e", "f"].map(pause).into();
        assert!(pauses.len() > 3, "{pauses:?}");
    }
}
