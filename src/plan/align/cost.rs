//! What a bar costs: how far it leaves the moments in it, and how its tempo moves.
//!
//! The unit is one cut of weight 1 that no beat meets.

use super::super::moment::Moment;

/// A moment is met within this; listeners take sound and picture for one up to about 45 ms (ITU-R BT.1359).
pub(super) const MET_SECONDS: f64 = 0.037;
/// What a moment costs at the edge of being met.
const EDGE_COST: f64 = 0.1;
/// What it costs just beyond; from here it rises to 1 at half a beat.
const MISSED_COST: f64 = 0.9;
/// A phrase that begins on a strong cut.
const PHRASE_BONUS: f32 = 0.2;
/// A bar of two beats.
const SHORT_BAR: f32 = 0.03;
/// A piece that does not end with a whole phrase.
pub(super) const UNEVEN_PHRASE: f32 = 0.5;
/// Each percent of tempo at the beginning of a phrase.
const PERCENT_AT_PHRASE: f32 = 0.001;
/// A change inside a phrase, where drums are heard to move, and each percent of it: one large step is heard no more than
/// two small ones as long as both lie below what listeners notice.
const CHANGE_INSIDE: f32 = 0.1;
const PERCENT_INSIDE: f32 = 0.003;
/// Each bar away from the base tempo, by the square of percents.
const AWAY: f32 = 0.0003;

/// What a change of tempo costs before a bar.
pub(super) fn tempo_change(percent: f32, opens_phrase: bool) -> f32 {
    if percent <= 0.0 {
        return 0.0;
    }
    if opens_phrase { PERCENT_AT_PHRASE * percent } else { CHANGE_INSIDE + PERCENT_INSIDE * percent }
}

/// What a bar costs by itself, whatever it meets; `percent` away from the base tempo.
pub(super) fn bar(is_short: bool, percent: f32) -> f32 {
    let short = if is_short { SHORT_BAR } else { 0.0 };
    short + AWAY * percent * percent
}

/// What the moments in a bar cost, each by the beat that is nearest; the next downbeat counts as one.
pub(super) fn moments_in_bar(moments: &[Moment], start: f64, seconds: f64, beats: u32, opens_phrase: bool) -> f32 {
    let beat = seconds / f64::from(beats);
    let inside = moments.iter().skip_while(|moment| moment.time < start);
    let inside = inside.take_while(|moment| moment.time < start + seconds);
    inside.map(|moment| moment_cost(moment, moment.time - start, beat, beats, opens_phrase)).sum()
}

fn moment_cost(moment: &Moment, since_downbeat: f64, beat: f64, beats: u32, opens_phrase: bool) -> f32 {
    let nearest = (since_downbeat / beat).round();
    let distance = (since_downbeat - nearest * beat).abs();
    let missed = distance_cost(distance, beat / 2.0);
    let is_first = nearest < 0.5;
    let is_downbeat = is_first || nearest + 0.5 > f64::from(beats);
    let cost = if is_downbeat { missed } else { (1.0 - moment.content_with_beat) + moment.content_with_beat * missed };
    let bonus =
        if is_first && opens_phrase && moment.is_strong && distance <= MET_SECONDS { PHRASE_BONUS } else { 0.0 };
    moment.weight * (cost - bonus)
}

/// 0 on the beat, 1 half a beat away.
fn distance_cost(distance: f64, half_beat: f64) -> f32 {
    let cost = if distance <= MET_SECONDS {
        EDGE_COST * (distance / MET_SECONDS).powi(2)
    } else {
        MISSED_COST + (1.0 - MISSED_COST) * (distance / half_beat).min(1.0)
    };
    cost as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(time: f64) -> Moment {
        Moment { time, weight: 1.0, content_with_beat: 0.7, is_strong: true }
    }

    fn cost(time: f64) -> f32 {
        moments_in_bar(&[cut(time)], 10.0, 2.0, 4, false)
    }

    #[test]
    fn a_downbeat_is_better_than_a_beat_and_a_beat_than_nothing() {
        assert!(cost(10.0).abs() < 1e-6 && cost(11.99) < 0.1, "the next downbeat counts");
        assert!((cost(10.5) - 0.3).abs() < 1e-6, "{}", cost(10.5));
        assert!(cost(10.25) > 0.99 && cost(10.03) < cost(10.05));
        assert!(cost(9.99).abs() < 1e-6 && cost(12.0).abs() < 1e-6, "other bars pay for these");
    }

    #[test]
    fn phrases_begin_on_strong_cuts_by_preference() {
        let opened = moments_in_bar(&[cut(10.0)], 10.0, 2.0, 4, true);
        assert!(opened < cost(10.0));
    }

    #[test]
    fn tempo_moves_by_preference_where_a_phrase_begins() {
        assert!(tempo_change(0.0, false).abs() < 1e-9);
        assert!(tempo_change(2.0, true) < tempo_change(1.0, false));
        assert!(tempo_change(1.0, false) < tempo_change(2.0, false));
    }
}
