//! Where the bars begin: the most likely place in the bar of every beat, from chord changes and annotated downbeats.
//!
//! The flags of `beat_midi.txt` start anew up to eleven times a song and often a beat or two off, so no single source is
//! followed. Chords change on downbeats; flags and the downbeats heard in the recording only lean the choice.

/// What is known of one beat.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// Whether a new chord starts here; none where chords are not annotated.
    pub(super) change: Option<bool>,
    /// Annotated first of a bar, by `beat_midi.txt`.
    pub(super) flag: bool,
    /// Annotated first of a bar, by `beat_audio.txt`.
    pub(super) heard: bool,
}

/// Log odds: how much a flag or heard downbeat speaks for a bar line.
const FLAG: f64 = 0.4;
const HEARD: f64 = 0.4;
/// Log odds against a bar that is cut short or stretched.
const BREAK: f64 = 12.0;

/// Share of beats at which the chord changes, by place in a bar of so many annotated beats: counted over the corpus
/// for four; two and eight follow from it.
fn change_shares(beats_a_bar: usize) -> &'static [f64] {
    match beats_a_bar {
        2 => &[0.60, 0.08],
        8 => &[0.80, 0.08, 0.50, 0.08, 0.70, 0.08, 0.40, 0.08],
        _ => &[0.77, 0.09, 0.42, 0.07],
    }
}

/// As `change_shares`, for bars of three.
const THREE_SHARES: &[f64] = &[0.75, 0.12, 0.12];
const CLEARLY: f64 = 10.0;

/// Place in the bar of each beat: Viterbi's way through `places`, one on at each beat, breaks charged.
pub(super) fn places(beats: &[Evidence], beats_a_bar: usize) -> Vec<usize> {
    let shares = change_shares(beats_a_bar);
    let mut scores = vec![0.0; shares.len()];
    let mut sources: Vec<Vec<usize>> = Vec::with_capacity(beats.len());
    for beat in beats {
        let (next, source) = step(&scores, *beat, shares);
        scores = next;
        sources.push(source);
    }
    let mut place = best(&scores);
    let mut places = Vec::with_capacity(beats.len());
    for source in sources.iter().rev() {
        places.push(place);
        place = source[place];
    }
    places.reverse();
    places
}

/// Whether bars of three beats fit clearly better. Told apart where a bar is counted in four.
pub(super) fn in_threes(beats: &[Evidence], beats_a_bar: usize) -> bool {
    beats_a_bar == 4 && likelihood_of(beats, THREE_SHARES) > likelihood_of(beats, change_shares(4)) + CLEARLY
}

/// Of the best way through the places.
fn likelihood_of(beats: &[Evidence], shares: &[f64]) -> f64 {
    let scores = beats.iter().fold(vec![0.0; shares.len()], |scores, beat| step(&scores, *beat, shares).0);
    scores[best(&scores)]
}

fn step(scores: &[f64], beat: Evidence, shares: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let breaking = best(scores);
    (0..shares.len())
        .map(|place| {
            let before = (place + shares.len() - 1) % shares.len();
            let from = if scores[breaking] - BREAK > scores[before] { breaking } else { before };
            let charge = if from == before { 0.0 } else { BREAK };
            (scores[from] - charge + likelihood(beat, place, shares[place]), from)
        })
        .unzip()
}

fn likelihood(beat: Evidence, place: usize, share: f64) -> f64 {
    let change = match beat.change {
        Some(true) => share.ln(),
        Some(false) => (1.0 - share).ln(),
        None => 0.0,
    };
    let downbeat = if place == 0 { FLAG * f64::from(beat.flag) + HEARD * f64::from(beat.heard) } else { 0.0 };
    change + downbeat
}

/// The first of the highest scores.
fn best(scores: &[f64]) -> usize {
    (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(pattern: &str) -> Vec<Evidence> {
        pattern.chars().map(|c| Evidence { change: Some(c == 'x'), ..Evidence::default() }).collect()
    }

    #[test]
    fn bars_start_where_chords_change() {
        let places = places(&changes(&"..x.".repeat(8)), 4);
        assert_eq!(places[..5], [2, 3, 0, 1, 2]);
    }

    #[test]
    fn a_few_wrong_flags_do_not_move_the_bars() {
        let mut beats = changes(&"x...".repeat(16));
        for beat in &mut beats[5..40] {
            beat.flag = true;
        }
        assert!(places(&beats, 4).iter().enumerate().all(|(beat, place)| *place == beat % 4));
    }

    #[test]
    fn flags_decide_where_chords_say_nothing() {
        let mut beats = vec![Evidence::default(); 16];
        for beat in beats.iter_mut().skip(3).step_by(4) {
            beat.flag = true;
        }
        assert_eq!(places(&beats, 4)[..5], [1, 2, 3, 0, 1]);
    }

    #[test]
    fn a_lasting_shift_is_followed() {
        let pattern = format!("{}..{}", "x...".repeat(12), "x...".repeat(12));
        let places = places(&changes(&pattern), 4);
        assert_eq!(places[..4], [0, 1, 2, 3]);
        assert_eq!(places[places.len() - 4..], [0, 1, 2, 3]);
    }

    #[test]
    fn waltzes_are_told_apart() {
        assert!(in_threes(&changes(&"x..".repeat(16)), 4));
        assert!(!in_threes(&changes(&"x...".repeat(16)), 4) && !in_threes(&changes("x.."), 4));
        assert!(!in_threes(&changes(&"x..".repeat(16)), 2), "two beats a bar say too little");
    }

    #[test]
    fn two_annotated_beats_a_bar() {
        assert_eq!(places(&changes(".x.x.x.."), 2), [1, 0, 1, 0, 1, 0, 1, 0]);
        assert!(places(&[], 2).is_empty());
    }
}
