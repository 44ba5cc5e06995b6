//! Moments of the picture that bars should meet: cuts, hits that people wrote, motion peaks, each with its weight.

use crate::artifact::{Cut, Hit, HitKind};

/// A cut is strong from this share of the strongest one's strength on.
pub(super) const STRONG_SHARE: f32 = 0.6;
/// What the weakest cut weighs against the strongest one, which weighs 1.
const WEAKEST_CUT: f32 = 0.7;
const PEAK_WEIGHT: f32 = 0.25;
/// A hit that somebody wrote goes before any number of cuts around it.
const HIT_WEIGHT: f32 = 12.0;

/// A time in the picture, and how much it asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moment {
    pub(super) time: f64,
    pub(super) weight: f32,
    /// How much of the weight is content with a beat; the rest asks for a downbeat. 0..1.
    pub(super) content_with_beat: f32,
    /// Phrases begin here by preference.
    pub(super) is_strong: bool,
}

/// In order of time. A hit takes the place of a cut at the same picture.
pub(super) fn moments(cuts: &[Cut], hits: &[Hit], peaks: &[f64]) -> Vec<Moment> {
    let strongest = cuts.iter().map(|cut| cut.strength).fold(0.0, f32::max);
    let of_cuts = cuts.iter().map(|cut| of_cut(cut, strongest));
    let of_peaks =
        peaks.iter().map(|time| Moment { time: *time, weight: PEAK_WEIGHT, content_with_beat: 0.9, is_strong: false });
    let of_hits = hits.iter().map(of_hit);
    let mut moments: Vec<Moment> = of_cuts.chain(of_peaks).chain(of_hits).collect();
    moments.sort_by(|a, b| a.time.total_cmp(&b.time));
    moments
}

fn of_cut(cut: &Cut, strongest: f32) -> Moment {
    let share = if strongest > 0.0 { (cut.strength / strongest).clamp(0.0, 1.0) } else { 1.0 };
    let is_strong = share >= STRONG_SHARE;
    let weight = WEAKEST_CUT + (1.0 - WEAKEST_CUT) * share;
    Moment { time: cut.time, weight, content_with_beat: if is_strong { 0.8 } else { 0.9 }, is_strong }
}

fn of_hit(hit: &Hit) -> Moment {
    let content_with_beat = match hit.kind {
        HitKind::Accent | HitKind::Stop => 0.9,
        HitKind::Start => 0.6,
    };
    Moment { time: hit.time, weight: HIT_WEIGHT, content_with_beat, is_strong: hit.kind == HitKind::Start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_cuts_weigh_more_than_weak_ones_and_hits_more_than_all() {
        let cuts = [Cut { time: 4.0, strength: 0.8 }, Cut { time: 2.0, strength: 0.2 }];
        let all = moments(&cuts, &[Hit { time: 3.0, kind: HitKind::Stop }], &[1.0]);
        let times: Vec<f64> = all.iter().map(|moment| moment.time).collect();
        assert_eq!(times, [1.0, 2.0, 3.0, 4.0]);
        assert!(all[0].weight < all[1].weight && all[1].weight < all[3].weight && all[3].weight < all[2].weight);
        assert!(all[3].is_strong && !all[1].is_strong);
    }

    #[test]
    fn cuts_without_strength_are_all_alike() {
        let alike = moments(&[Cut { time: 1.0, strength: 0.0 }], &[], &[]);
        assert!((alike[0].weight - 1.0).abs() < 1e-6);
    }
}
