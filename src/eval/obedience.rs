//! Whether what was asked is heard: rank correlations of rows asked and bars played, within pieces and across them.
//!
//! Within a piece phrases of four bars are compared: that is as fast as a listener follows a turn of a knob; single bars are
//! told beside. The last bar is the arranger's (one long chord, whatever was asked) and is left out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    channels::{CHANNELS, Channel},
    played::Heard,
};
use crate::{
    artifact::BarConditions,
    metric::statistics::{mean, spearman},
};

const PHRASE_BARS: usize = 4;
/// Pieces whose phrases are asked for less than this difference say nothing on whether a turn of the knob is heard.
const LEAST_TURN: f64 = 0.05;

/// Asked and played, bar by bar, of one piece; none where a bar has nothing to measure.
type Line = Vec<(f64, Option<f64>)>;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Obedience {
    /// Mean over the pieces of Spearman's correlation over their bars.
    pub(crate) within_bars: Option<f64>,
    /// The same over phrases of four bars.
    pub(crate) within_phrases: Option<f64>,
    /// Of the pieces' means.
    pub(crate) across: Option<f64>,
    /// Mean difference of what was played from what was asked, in the channel's unit.
    pub(crate) bias: Option<f64>,
    /// Mean absolute difference over phrases.
    pub(crate) error: Option<f64>,
}

/// Every channel: rows asked, and what is heard of each piece.
pub(super) fn obediences<'a>(
    pieces: &(impl Iterator<Item = (&'a [BarConditions], &'a [Heard])> + Clone),
) -> BTreeMap<&'static str, Obedience> {
    let of_channel = |channel: &Channel| {
        let line = |(asked, heard): (&[BarConditions], &[Heard])| -> Line {
            asked.iter().zip(heard).map(|(row, bar)| (f64::from((channel.asked)(row)), (channel.heard)(bar))).collect()
        };
        (channel.name, Obedience::of(&pieces.clone().map(line).collect::<Vec<_>>(), channel.turn))
    };
    CHANNELS.iter().map(of_channel).collect()
}

impl Obedience {
    /// `full_turn` is the channel's usual range: what `LEAST_TURN` is a share of.
    fn of(lines: &[Line], full_turn: f64) -> Self {
        let bars: Vec<Vec<(f64, f64)>> = lines.iter().map(known).collect();
        let phrases: Vec<Vec<(f64, f64)>> = lines.iter().map(phrases).collect();
        let within = |pieces: &[Vec<(f64, f64)>]| {
            let turned = pieces.iter().filter(|pairs| turn(pairs) >= LEAST_TURN * full_turn);
            mean(&turned.filter_map(|pairs| spearman(pairs)).collect::<Vec<_>>())
        };
        let means: Vec<(f64, f64)> = bars.iter().filter_map(|pairs| middle(pairs)).collect();
        let differences: Vec<f64> = phrases.iter().flatten().map(|(asked, played)| played - asked).collect();
        Self {
            within_bars: within(&bars),
            within_phrases: within(&phrases),
            across: spearman(&means),
            bias: mean(&differences),
            error: mean(&differences.iter().map(|difference| difference.abs()).collect::<Vec<_>>()),
        }
    }

    /// The weaker of within and across.
    pub(super) fn weaker(&self) -> Option<f64> {
        Some(self.within_phrases?.min(self.across?))
    }
}

fn known(line: &Line) -> Vec<(f64, f64)> {
    line.iter().filter_map(|(asked, played)| Some((*asked, (*played)?))).collect()
}

fn phrases(line: &Line) -> Vec<(f64, f64)> {
    line.chunks(PHRASE_BARS).filter_map(|phrase| middle(&known(&phrase.to_vec()))).collect()
}

fn middle(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let asked = mean(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>())?;
    Some((asked, mean(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>())?))
}

/// From the least to the most that was asked.
fn turn(pairs: &[(f64, f64)]) -> f64 {
    let asked = || pairs.iter().map(|pair| pair.0);
    asked().fold(f64::NEG_INFINITY, f64::max) - asked().fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(asked: &[f64], played: impl Fn(f64) -> f64) -> Line {
        asked.iter().flat_map(|asked| vec![(*asked, Some(played(*asked))); 4]).collect()
    }

    #[test]
    fn who_follows_is_obedient_and_who_does_the_contrary_is_not() {
        let lines = |played: fn(f64) -> f64| [line(&[4.0, 8.0, 12.0], played), line(&[10.0, 20.0, 16.0], played)];
        let follows = Obedience::of(&lines(|asked| asked * asked), 10.0);
        assert_eq!((follows.within_bars, follows.within_phrases, follows.across), (Some(1.0), Some(1.0), Some(1.0)));
        let contrary = Obedience::of(&lines(|asked| -asked), 10.0);
        assert_eq!(contrary.weaker(), Some(-1.0));
        assert_eq!(Obedience::of(&lines(|asked| asked + 2.0), 10.0).bias, Some(2.0));
    }

    #[test]
    fn a_piece_that_is_asked_for_one_thing_says_nothing_within() {
        let flat = [line(&[8.0, 8.1], |asked| -asked), line(&[4.0, 9.0], |asked| asked)];
        let found = Obedience::of(&flat, 10.0);
        assert_eq!((found.within_phrases, found.across), (Some(1.0), Some(-1.0)));
    }

    #[test]
    fn silent_bars_are_left_out() {
        let mut line = line(&[4.0, 8.0], |asked| asked);
        line[0].1 = None;
        assert_eq!(Obedience::of(&[line], 10.0).within_bars, Some(1.0));
    }
}
