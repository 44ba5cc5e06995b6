//! What drafts are judged by beside what their bar is asked for: whether they copy, and whether they turn the mood as asked.

use super::{
    Part,
    piece::{Piece, PieceBar},
    steering::VALENCE,
};
use crate::{
    affect::{HALF_WINDOW_BARS, Meter, Sound},
    music::{Note, STEPS_PER_BEAT},
    original::{Index, Voice},
};

/// As long a run of a training song as no draft may have that another can replace: `check.original` refuses 8.
const COPIED_BEATS: f64 = 6.0;
/// What such a draft is off by more than any other.
const COPIED: f32 = 1000.0;
/// Bars before the present one in which a run that goes on may have begun.
const COPYING_BARS: usize = 3;
/// Bars whose mood is heard: those up to the present one, as many as the meter's windows have.
const MOOD_BARS: usize = 2 * HALF_WINDOW_BARS;
/// What a draft is nearer by that is gladder by 1 on the meter's scale where a valence of 1 is asked for. Twice as much gave
/// the same (docs/evaluation.md).
const MOOD: f32 = 50.0;

/// Judges drafts by what it has; without anything all are alike to it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Critic<'a> {
    /// The training songs, from which nothing long is to be taken.
    pub(crate) original: Option<&'a Index>,
    /// Hears how glad accompanied bars are. Melodies are not judged by it: that gained nothing.
    pub(crate) meter: Option<&'a Meter>,
}

impl Critic<'_> {
    /// What a bar is worse by for a long run that a training song has too.
    pub(super) fn copied(&self, part: Part, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        let first = piece.bars[bar.saturating_sub(COPYING_BARS)].first_step;
        let notes = &notes[notes.partition_point(|note| note.start < first)..];
        let voice = if part == Part::Melody { Voice::Melody } else { Voice::Accompaniment };
        let copies = |index: &Index| index.run_of(voice, notes, None).beats >= COPIED_BEATS;
        if self.original.is_some_and(copies) { COPIED } else { 0.0 }
    }

    /// What a bar is better by, or worse below 0, for the mood that it gives the bars up to it. The gladdest is best where a
    /// valence above 0 is asked for, the saddest where one below is: what is asked of the bars around says how much that counts.
    pub(super) fn mood(&self, part: Part, piece: &Piece, bar: usize, notes: &[Note]) -> f32 {
        let Some(meter) = self.meter.filter(|_| part == Part::Accompaniment) else { return 0.0 };
        let Some(asked) = asked_around(piece, bar) else { return 0.0 };
        let bars = &piece.bars[(bar + 1).saturating_sub(MOOD_BARS)..=bar];
        let sounds = [&piece.melody[..], notes].into_iter().flat_map(|notes| sounds(bars, notes)).collect::<Vec<_>>();
        MOOD * asked * meter.measure(&sounds, f64::from(piece.bars[bar].bpm)).valence as f32
    }
}

/// The valence that is asked, in the mean, of the bars whose windows this one is in; none unless all are asked for one.
fn asked_around(piece: &Piece, bar: usize) -> Option<f32> {
    let last = (bar + HALF_WINDOW_BARS).min(piece.bars.len() - 1);
    let bars = &piece.bars[(bar + 1).saturating_sub(HALF_WINDOW_BARS)..=last];
    let asked: Option<Vec<f32>> = bars.iter().map(|bar| bar.asked[VALENCE]).collect();
    asked.map(|asked| asked.iter().sum::<f32>() / asked.len() as f32)
}

/// What begins in some bars, cut at their end, in the last one's tempo.
fn sounds<'a>(bars: &[PieceBar], notes: &'a [Note]) -> impl Iterator<Item = Sound> + use<'a> {
    let (first, last) = (bars[0].first_step, bars[bars.len() - 1]);
    let end = last.first_step + last.beats * STEPS_PER_BEAT;
    let step_seconds = 60.0 / f64::from(last.bpm) / f64::from(STEPS_PER_BEAT);
    let place = |step: u32| notes.partition_point(|note| note.start < step);
    let inside = &notes[place(first)..place(end)];
    inside.iter().map(move |note| Sound {
        start_seconds: f64::from(note.start - first) * step_seconds,
        seconds: f64::from(u32::from(note.duration).min(end - note.start)) * step_seconds,
        pitch: note.pitch,
        velocity: note.velocity,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{corpus::Split, model::testing};

    const METER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/store/models/music_affect.safetensors");

    /// Asked for this valence in every bar; no melody.
    fn piece(valence: Option<f32>) -> Piece {
        let mut piece = Piece::of_song(&testing::song("1", 24, Split::Test));
        piece.bars.iter_mut().for_each(|bar| bar.asked[VALENCE] = valence);
        Piece { melody: vec![], ..piece }
    }

    /// A triad's notes in eighths, as high and as loud whichever it is.
    fn bars(triad: [u8; 3]) -> Vec<Note> {
        let note = |step: u32| Note { start: 2 * step, pitch: triad[step as usize % 3], duration: 2, velocity: 70 };
        (0..24 * 8).map(note).collect()
    }

    fn mood(piece: &Piece, notes: &[Note]) -> f32 {
        let meter = Meter::load(Path::new(METER)).unwrap();
        Critic { original: None, meter: Some(&meter) }.mood(Part::Accompaniment, piece, 12, notes)
    }

    #[test]
    fn major_is_better_where_gladness_is_asked_and_worse_where_sadness_is() {
        let (major, minor) = (bars([60, 64, 67]), bars([60, 63, 67]));
        assert!(mood(&piece(Some(0.5)), &major) > mood(&piece(Some(0.5)), &minor) + 0.5);
        assert!(mood(&piece(Some(-0.5)), &major) < mood(&piece(Some(-0.5)), &minor) - 0.5);
        assert!(mood(&piece(Some(0.0)), &major).abs() < 1e-6 && mood(&piece(None), &major).abs() < 1e-6);
    }

    #[test]
    fn only_the_bars_up_to_this_one_are_heard_and_the_melody_with_them() {
        let glad = piece(Some(0.5));
        let steps = 16 * 5..16 * 13;
        let heard: Vec<Note> = bars([60, 64, 67]).into_iter().filter(|note| steps.contains(&note.start)).collect();
        assert_eq!(mood(&glad, &heard).to_bits(), mood(&glad, &bars([60, 64, 67])).to_bits());
        let sung = Piece { melody: bars([72, 76, 79]), ..glad.clone() };
        assert!((mood(&sung, &heard) - mood(&glad, &heard)).abs() > 1e-3);
    }

    #[test]
    fn bars_whose_windows_reach_this_one_say_what_is_asked_of_it() {
        let mut piece = piece(Some(0.0));
        piece.bars[9..17].iter_mut().for_each(|bar| bar.asked[VALENCE] = Some(0.4));
        assert!((asked_around(&piece, 12).unwrap() - 0.4).abs() < 1e-6);
        assert!((asked_around(&piece, 8).unwrap() - 0.2).abs() < 1e-6);
        assert!(asked_around(&piece, 23).unwrap().abs() < 1e-6);
    }

    #[test]
    fn melodies_have_no_mood_and_without_a_meter_nothing_has() {
        let piece = piece(Some(0.5));
        let meter = Meter::load(Path::new(METER)).unwrap();
        let critic = Critic { original: None, meter: Some(&meter) };
        assert!(critic.mood(Part::Melody, &piece, 12, &bars([60, 64, 67])).abs() < 1e-9);
        assert!(Critic::default().mood(Part::Accompaniment, &piece, 12, &bars([60, 64, 67])).abs() < 1e-9);
    }
}
