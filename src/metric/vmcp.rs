//! `check.vmcp`: how well the music goes with the picture, beside music of the reference pool.

use super::verdict::{Verdict, rounded};
use crate::{artifact::Report, vmcp::Place};

/// `candidates` is how many takes were composed; a take that was named counts as one.
pub(crate) fn check_vmcp(place: Place, pool: usize, candidates: usize, min_percentile: f64) -> Report {
    let Place { standing, percentile, corrected } = place;
    let mut verdict = Verdict::default();
    verdict.value("rank_of_64", rounded(standing.rank()));
    verdict.value("percentile", rounded(percentile));
    verdict.value("percentile_corrected", rounded(corrected));
    verdict.value("candidates", candidates);
    verdict.value("pool", pool);
    verdict.fact(format!("goes with the picture better than {percentile:.0} % of {pool} pieces of other videos"));
    if (corrected - percentile).abs() > 0.05 {
        verdict.fact(format!("{corrected:.0} % when it counts that the best of {candidates} was picked"));
    }
    verdict.require_near(corrected >= min_percentile, (min_percentile - corrected) / 100.0, || {
        format!(
            "the music goes with the picture better than {corrected:.0} % of {pool} other pieces, at least {min_percentile:.0} % are asked \
             (checks.vmcp.min_percentile)"
        )
    });
    verdict.report(
        "raise energy_follows_motion, let `take = \"auto\"` pick among more `candidates`, or try another --seed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vmcp::Standing;

    #[test]
    fn a_percentile_is_corrected_for_the_best_of_many() {
        let place = |before: f64, candidates: i32| {
            let share: f64 = 1.0 - before / 100.0;
            let standing = Standing { before, others: 100 };
            Place { standing, percentile: 100.0 * share, corrected: 100.0 * share.powi(candidates) }
        };
        let single = check_vmcp(place(30.0, 1), 100, 1, 60.0);
        assert_eq!((single.passed, &single.values["percentile"]), (Some(true), &serde_json::json!(70.0)));
        let best = check_vmcp(place(30.0, 6), 100, 6, 60.0);
        assert_eq!(best.passed, Some(false));
        assert!(best.summary.contains("12 % of 100 other pieces"), "{}", best.summary);
    }
}
