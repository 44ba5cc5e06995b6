//! A piece as the models see it: bars on the step grid with what is asked of them, chords, melody and accompaniment.
//! Songs of a corpus and cue plans both become pieces, so that training and composing share every condition.

use super::{affect, form, returning};
use crate::{
    artifact::{BarConditions, BarPicture, Chords, Conditions, CuePlan, TempoMark},
    corpus::Song,
    music::{Chord, Mode, Note, STEPS_PER_BAR, STEPS_PER_BEAT},
};

/// What can be asked of a bar, in the order of `Asked`. The names travel in the weight files.
///
/// In training, valence and arousal are what the music meter says of the bars around, or the rule of thumb in `affect`;
/// the others are measured bar by bar.
pub(crate) const CHANNELS: [&str; 6] = ["valence", "arousal", "density", "dynamics", "register", "melody_density"];

/// A value a channel; none where it means nothing (the dynamics of an empty bar).
pub(crate) type Asked = [Option<f32>; CHANNELS.len()];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) mode: Mode,
    pub(crate) bars: Vec<PieceBar>,
    /// A chord each half bar; a 2/4 bar has one.
    pub(crate) chords: Vec<Chord>,
    pub(crate) melody: Vec<Note>,
    pub(crate) accompaniment: Vec<Note>,
    /// What each bar shows; empty for models that see no picture.
    pub(crate) picture: Vec<BarPicture>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PieceBar {
    pub(crate) first_step: u32,
    /// Quarter beats, 2 or 4.
    pub(crate) beats: u32,
    pub(crate) bpm: f32,
    pub(crate) asked: Asked,
    /// Bars since the section began, and until the next one begins.
    pub(crate) since_section: usize,
    pub(crate) until_section: usize,
    /// The earlier bar that this one brings back; songs tell of none.
    pub(crate) returns_to: Option<usize>,
}

impl Piece {
    pub(crate) fn of_song(song: &Song) -> Self {
        let boundaries = form::boundaries(song);
        let asked = affect::asked(song);
        let bars = (0..song.bars).zip(asked).map(|(bar, asked)| {
            let (since_section, until_section) = place(&boundaries, bar, song.bars);
            let first_step = bar as u32 * STEPS_PER_BAR;
            let bpm = song.bpm as f32;
            PieceBar { first_step, beats: 4, bpm, asked, since_section, until_section, returns_to: None }
        });
        Self {
            mode: song.mode,
            bars: bars.collect(),
            chords: song.chords.clone(),
            melody: song.melody.clone(),
            accompaniment: song.accompaniment.clone(),
            picture: song.picture.clone(),
        }
    }

    /// A plan without any notes yet.
    pub(crate) fn of_plan(plan: &CuePlan, conditions: &Conditions) -> Self {
        let boundaries: Vec<usize> = plan.sections.iter().map(|section| section.first_bar).collect();
        let shift = plan.key.shift_to_neutral() as f32;
        let models = returning::models(&plan.sections, plan.bars.len());
        let mut first_step = 0;
        let mut bars = Vec::with_capacity(plan.bars.len());
        for (index, (bar, row)) in plan.bars.iter().zip(&conditions.bars).enumerate() {
            let (since_section, until_section) = place(&boundaries, index, plan.bars.len());
            let (beats, bpm) = (u32::from(bar.beats), tempo_at(&plan.tempo_map, bar.start));
            let (asked, returns_to) = (asked_of(row, beats, shift), models[index]);
            bars.push(PieceBar { first_step, beats, bpm, asked, since_section, until_section, returns_to });
            first_step += beats * STEPS_PER_BEAT;
        }
        Self {
            mode: plan.key.mode,
            bars,
            chords: vec![],
            melody: vec![],
            accompaniment: vec![],
            picture: conditions.picture.clone(),
        }
    }

    /// The piece for a model that sees the picture, or does not; bars whose picture is not known show nothing.
    pub(crate) fn shown(mut self, sees: bool) -> Self {
        self.picture.resize(if sees { self.bars.len() } else { 0 }, BarPicture::default());
        self
    }

    /// The piece with nothing asked of its bars, as training's condition dropout leaves it.
    pub(super) fn unasked(&self) -> Self {
        let bars = self.bars.iter().map(|bar| PieceBar { asked: [None; CHANNELS.len()], ..*bar }).collect();
        Self { bars, ..self.clone() }
    }

    /// The piece with a take's chords, which must be as many as it has half bars.
    pub(crate) fn with_chords(&self, chords: &Chords, take: usize) -> Self {
        let mut piece = self.clone();
        piece.chords.clone_from(&chords.takes[take]);
        piece.chords.resize(piece.slots(), Chord::None);
        piece
    }

    pub(crate) fn end_step(&self) -> u32 {
        self.bars.last().map_or(0, |bar| bar.first_step + bar.beats * STEPS_PER_BEAT)
    }

    pub(crate) fn beats(&self) -> usize {
        (self.end_step() / STEPS_PER_BEAT) as usize
    }

    pub(crate) fn slots(&self) -> usize {
        self.beats().div_ceil(2)
    }

    /// The bar that a step lies in; the last one from the end on.
    pub(crate) fn bar_at(&self, step: u32) -> usize {
        self.bars.partition_point(|bar| bar.first_step <= step).saturating_sub(1)
    }

    /// Steps since the bar's downbeat, 0..15.
    pub(crate) fn place_in_bar(&self, step: u32) -> u32 {
        let since = step - self.bars.get(self.bar_at(step)).map_or(0, |bar| bar.first_step);
        since % STEPS_PER_BAR
    }
}

fn place(boundaries: &[usize], bar: usize, bars: usize) -> (usize, usize) {
    let begun = boundaries.iter().rev().find(|first| **first <= bar).copied().unwrap_or(0);
    let next = boundaries.iter().find(|first| **first > bar).copied().unwrap_or(bars);
    (bar - begun, next - bar)
}

fn tempo_at(map: &[TempoMark], time: f64) -> f32 {
    let mark = map.iter().rev().find(|mark| mark.time <= time + 1e-6).or(map.first());
    mark.map_or(100.0, |mark| mark.bpm as f32)
}

/// A short bar is asked for fewer notes; models know densities of whole bars. A register is asked where it is heard; models
/// know that of the neutral key, `shift` semitones away.
fn asked_of(row: &BarConditions, beats: u32, shift: f32) -> Asked {
    let whole = 4.0 / beats as f32;
    let melody_density = row.melody_density * whole;
    [row.valence, row.arousal, row.density * whole, row.dynamics, row.register + shift, melody_density].map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::{Bar, Section},
        corpus::Split,
        model::testing,
        music::Key,
    };

    fn plan(beats: &[u8]) -> (CuePlan, Conditions) {
        let section = |name: &str, first_bar, bars| Section { name: name.to_owned(), first_bar, bars };
        let row = BarConditions {
            valence: 0.1,
            arousal: 0.2,
            density: 6.0,
            dynamics: 60.0,
            register: 55.0,
            melody_density: 3.0,
        };
        let plan = CuePlan {
            key: Key::new(4, Mode::Minor),
            tempo_map: vec![TempoMark { time: 0.0, bpm: 90.0 }, TempoMark { time: 4.0, bpm: 110.0 }],
            bars: beats.iter().enumerate().map(|(bar, beats)| Bar { start: 2.0 * bar as f64, beats: *beats }).collect(),
            sections: vec![section("a", 0, 2), section("b", 2, beats.len() - 2)],
            end_seconds: 2.0 * beats.len() as f64,
            cuts: vec![],
            hits: vec![],
            notes: vec![],
        };
        (plan, Conditions { bars: vec![row; beats.len()], melody: true, picture: vec![], notes: vec![] })
    }

    #[test]
    fn short_bars_shift_what_follows() {
        let (plan, conditions) = plan(&[4, 2, 4, 4]);
        let piece = Piece::of_plan(&plan, &conditions);
        assert_eq!(piece.bars.iter().map(|bar| bar.first_step).collect::<Vec<_>>(), [0, 16, 24, 40]);
        assert_eq!((piece.end_step(), piece.beats(), piece.slots()), (56, 14, 7));
        assert_eq!((piece.bar_at(15), piece.bar_at(16), piece.bar_at(23), piece.bar_at(24)), (0, 1, 1, 2));
        assert_eq!((piece.place_in_bar(30), piece.place_in_bar(20)), (6, 4));
        assert_eq!((piece.bar_at(99), piece.place_in_bar(56)), (3, 0), "past the end is the last bar's");
        assert_eq!(piece.bars[1].asked[2], Some(12.0), "half as many notes in a half bar is the same density");
        assert_eq!(piece.bars[0].asked[4], Some(60.0), "55 in E minor is 60 in A minor");
        assert_eq!((piece.bars[1].bpm, piece.bars[2].bpm), (90.0, 110.0));
    }

    #[test]
    fn sections_are_counted_from_and_to() {
        let (plan, conditions) = plan(&[4; 5]);
        let bars = Piece::of_plan(&plan, &conditions).bars;
        let places: Vec<_> = bars.iter().map(|bar| (bar.since_section, bar.until_section)).collect();
        assert_eq!(places, [(0, 2), (1, 1), (0, 3), (1, 2), (2, 1)]);
    }

    #[test]
    fn songs_and_plans_lie_on_one_grid() {
        let song = Piece::of_song(&testing::song("1", 20, Split::Train));
        let (plan, conditions) = plan(&[4; 20]);
        let planned = Piece::of_plan(&plan, &conditions);
        let grid = |piece: &Piece| piece.bars.iter().map(|bar| (bar.first_step, bar.beats)).collect::<Vec<_>>();
        assert_eq!(grid(&song), grid(&planned));
        assert_eq!(song.slots(), song.chords.len());
    }
}
