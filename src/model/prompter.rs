//! Whispers a take its notes where they are not to be drawn: bars that bring earlier ones back, and bars that are kept while
//! others are composed anew. The decoder hears them like any others, so that it goes on from them.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use rand_chacha::ChaCha8Rng;

use super::{
    Part,
    composing::Composing,
    piece::Piece,
    returning::{CLOSE_BARS, PERIOD_BARS, PHRASE_BARS, phrases},
    token::{END, LOWEST_PITCH, PITCHES, REST, REST_STEPS, Token},
    window::unit,
};
use crate::music::{Chord, Note, STEPS_PER_BEAT};

/// Factors of a token that are whispered; others are drawn.
pub(super) type Prompt = [Option<u16>; 4];

pub(super) const SILENT: Prompt = [None; 4];
/// Share of a returning melody's notes off the strong beats whose pitch is drawn anew: the return is varied.
const VARIED_SHARE: f64 = 0.03;
/// How far a bar that comes back may be off the number of notes that is asked for: some notes and a share of them. A tune
/// that is known again is worth more than its number of notes.
const OFF_NOTES: f32 = 1.0;
const OFF_SHARE: f32 = 0.1;
const OFF_MELODY_NOTES: f32 = 3.0;
const OFF_MELODY_SHARE: f32 = 0.4;
/// Share of a tune's notes on strong beats that may rub against the chords that it comes back over; these are drawn anew.
const RUBBING_SHARE: f32 = 0.5;
/// How far its mean pitch may be off the register that is asked for, in semitones.
const OFF_REGISTER: f32 = 2.5;
/// Share of phrases over which an accompaniment plays what it played a period ago where the chords are the same.
const PLAYS_ON: f64 = 0.4;
/// Semitones that an accompaniment is moved at most to follow its chords.
const MOST_SHIFT: i32 = 5;

/// Notes of each take of which all but some bars are kept.
pub(crate) struct Kept {
    pub(crate) takes: Vec<Vec<Note>>,
    /// Bars that are composed anew, and for which time.
    pub(crate) free: Range<usize>,
    pub(crate) roll: u32,
}

impl Kept {
    /// Most tokens of a bar that is kept: its notes, and rests before it.
    pub(super) fn fullest_bar(&self, piece: &Piece) -> usize {
        let bars = |take: &'_ Vec<Note>| take.iter().map(|note| piece.bar_at(note.start)).collect::<Vec<usize>>();
        let fullest = |take: &Vec<Note>| bars(take).chunk_by(|one, next| one == next).map(<[usize]>::len).max();
        self.takes.iter().filter_map(fullest).max().unwrap_or(0) + piece.bars.len()
    }
}

/// Where the notes of a bar come from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Drawn,
    /// The notes of an earlier bar, moved by semitones, if they are near to what is asked.
    Echo {
        model: usize,
        shift: i32,
    },
    Kept,
}

#[derive(Clone)]
pub(super) struct Prompter {
    part: Part,
    sources: Arc<[Source]>,
    kept: Arc<[Note]>,
    /// The bar that is being filled.
    bar: usize,
    /// Whether that bar is whispered; else drawn.
    whispers: bool,
    /// No note may begin before: the bars before are complete.
    floor: u32,
    queue: VecDeque<(Note, bool)>,
    rng: ChaCha8Rng,
}

impl Prompter {
    /// Whispers what comes back by form, or all bars but the free ones where a take is kept.
    pub(super) fn new(part: Part, piece: &Piece, take: usize, kept: Option<&Kept>, how: &Composing) -> Self {
        let mut rng = how.recall_rng(take);
        let notes = kept.and_then(|kept| Some((kept.takes.get(take)?.clone(), &kept.free)));
        let sources = match &notes {
            Some((_, free)) => kept_bars(piece.bars.len(), free),
            None => returning_bars(part, piece, how.shaping.recall, &mut rng),
        };
        let kept = notes.map(|(notes, _)| notes).unwrap_or_default();
        let (sources, kept) = (sources.into(), kept.into());
        let mut prompter = Self { part, sources, kept, bar: 0, whispers: false, floor: 0, queue: VecDeque::new(), rng };
        if prompter.sources.first() == Some(&Source::Kept) {
            prompter.enter(piece, 0, &[]);
        }
        prompter
    }

    /// What comes next for a take that is at step `at` with these notes; nothing where it is to be drawn.
    pub(super) fn next(&mut self, piece: &Piece, at: u32, notes: &[Note]) -> Option<Prompt> {
        loop {
            if let Some((note, varied)) = self.queue.front().copied() {
                if note.start - at >= REST_STEPS {
                    return Some(REST_PROMPT);
                }
                self.queue.pop_front();
                return Some(self.prompt(note, at, varied));
            }
            if !self.whispers {
                return (self.floor >= at + REST_STEPS).then_some(REST_PROMPT);
            }
            if self.bar + 1 >= self.sources.len() {
                return Some(END_PROMPT);
            }
            self.enter(piece, self.bar + 1, notes);
        }
    }

    /// What comes instead of a drawn token that would begin at `start`: where it leaves its bar for one that is whispered.
    pub(super) fn instead(&mut self, piece: &Piece, at: u32, start: u32, notes: &[Note]) -> Option<Prompt> {
        let reached = piece.bar_at(start);
        while self.bar < reached {
            let bar = self.bar + 1;
            self.enter(piece, bar, notes);
            let prompt = if self.whispers { self.next(piece, at, notes) } else { None };
            if prompt.is_some() {
                return prompt;
            }
        }
        let late = self.floor > start;
        late.then(|| [Some((self.floor - at).min(REST_STEPS) as u16), None, None, None])
    }

    /// Whether the bar that is being filled is drawn.
    pub(super) fn is_drawing(&self) -> bool {
        !self.whispers
    }

    /// Whether nothing of the bar that is being filled is drawn, not even velocities.
    pub(super) fn is_keeping(&self) -> bool {
        self.whispers && self.sources[self.bar] == Source::Kept
    }

    /// Whether a drawn note may begin here.
    pub(super) fn allows(&self, start: u32) -> bool {
        start >= self.floor
    }

    fn enter(&mut self, piece: &Piece, bar: usize, notes: &[Note]) {
        let was_whispered = self.whispers;
        self.bar = bar;
        let first = piece.bars[bar].first_step;
        let span = first..first + piece.bars[bar].beats * STEPS_PER_BEAT;
        self.whispers = match self.sources[bar] {
            Source::Drawn => false,
            Source::Kept => {
                self.queue = self.kept_in(span).collect();
                true
            }
            Source::Echo { model, shift } => self.echo(piece, bar, model, shift, notes),
        };
        if was_whispered && !self.whispers {
            self.floor = first;
        }
    }

    fn kept_in(&self, span: Range<u32>) -> impl Iterator<Item = (Note, bool)> {
        let first = self.kept.partition_point(|note| note.start < span.start);
        self.kept[first..].iter().take_while(move |note| note.start < span.end).map(|note| (*note, false))
    }

    /// Queues the notes of an earlier bar, if they are near to what is asked of this one.
    fn echo(&mut self, piece: &Piece, bar: usize, model: usize, shift: i32, notes: &[Note]) -> bool {
        let (from, to) = (piece.bars[model].first_step, piece.bars[bar].first_step);
        let end = from + piece.bars[model].beats * STEPS_PER_BEAT;
        let heard =
            &notes[notes.partition_point(|note| note.start < from)..notes.partition_point(|note| note.start < end)];
        let moved = |note: &Note| i32::from(note.pitch) + shift;
        let in_range = heard.iter().all(|note| (0..PITCHES as i32).contains(&(moved(note) - i32::from(LOWEST_PITCH))));
        if !in_range || !self.is_near(piece, bar, heard, shift) {
            return false;
        }
        // Nothing that comes back reaches into the last bar.
        let closing = piece.bars.last().map_or(0, |bar| bar.first_step);
        let returning = heard.iter().map(|note| {
            let start = note.start - from + to;
            let room = closing.saturating_sub(start).max(1);
            Note { start, pitch: moved(note) as u8, duration: u32::from(note.duration).min(room) as u16, ..*note }
        });
        let returning: Vec<Note> = returning.collect();
        if self.part == Part::Melody && !fits_chords(piece, &returning) {
            return false;
        }
        for note in returning {
            let strong = is_strong(note.start - to);
            let plays = self.part == Part::Melody && !strong && unit(&mut self.rng) < VARIED_SHARE;
            let varied = plays || self.part == Part::Melody && strong && rubs(piece, note);
            self.queue.push_back((note, varied));
        }
        true
    }

    fn is_near(&self, piece: &Piece, bar: usize, heard: &[Note], shift: i32) -> bool {
        let [_, _, density, _, register, melody_density] = piece.bars[bar].asked;
        let share = piece.bars[bar].beats as f32 / 4.0;
        let (asked, off_notes, off_share) = match self.part {
            Part::Melody => (melody_density, OFF_MELODY_NOTES, OFF_MELODY_SHARE),
            _ => (density, OFF_NOTES, OFF_SHARE),
        };
        let near_number = asked
            .is_none_or(|asked| (heard.len() as f32 - share * asked).abs() <= off_notes + off_share * share * asked);
        let sum: i32 = heard.iter().map(|note| i32::from(note.pitch) + shift).sum();
        let mean = sum as f32 / heard.len().max(1) as f32;
        let register = register.filter(|_| self.part == Part::Accompaniment && !heard.is_empty());
        near_number && register.is_none_or(|asked| (mean - asked).abs() <= OFF_REGISTER)
    }

    /// Velocities of what comes back are drawn: they follow what is asked now.
    fn prompt(&self, note: Note, at: u32, varied: bool) -> Prompt {
        let [step, pitch, duration, velocity] = Token::of(note, note.start - at).factors().map(Some);
        match self.sources[self.bar] {
            Source::Kept => [step, pitch, duration, velocity],
            _ if varied => [step, None, duration, None],
            _ => [step, pitch, duration, None],
        }
    }
}

/// All bars but `free` are kept.
fn kept_bars(bars: usize, free: &Range<usize>) -> Vec<Source> {
    (0..bars).map(|bar| if free.contains(&bar) { Source::Drawn } else { Source::Kept }).collect()
}

/// Phrase by phrase, with a chance of `recall`.
fn returning_bars(part: Part, piece: &Piece, recall: f64, rng: &mut ChaCha8Rng) -> Vec<Source> {
    let firsts = phrases(piece.bars.iter().map(|bar| bar.since_section));
    let mut chances = || piece.bars.iter().map(|_| unit(rng)).collect::<Vec<f64>>();
    let returns = chances();
    // Only accompaniments play on: a melody's other draws stay what they are.
    let plays_on = if part == Part::Accompaniment { chances() } else { vec![] };
    let by_form = |bar: usize| {
        let model = piece.bars[bar].returns_to.filter(|_| returns[firsts[bar]] < recall)?;
        if part == Part::Accompaniment && answers(piece, bar, model) {
            return None;
        }
        Some(Source::Echo { model, shift: chord_shift(part, piece, model, bar)? })
    };
    // Players who come to the chords of a period ago often play what they played then, whatever the form says.
    let by_chords = |bar: usize| {
        let model = bar.checked_sub(PERIOD_BARS).filter(|_| bar + CLOSE_BARS < piece.bars.len())?;
        let is_played = *plays_on.get(firsts[bar])? < PLAYS_ON * recall && chord_shift(part, piece, model, bar)? == 0;
        is_played.then_some(Source::Echo { model, shift: 0 })
    };
    (0..piece.bars.len()).map(|bar| by_form(bar).or_else(|| by_chords(bar)).unwrap_or(Source::Drawn)).collect()
}

/// Whether a bar says again what the phrase before it in its section said. That is a melody's way: what plays under it goes on.
fn answers(piece: &Piece, bar: usize, model: usize) -> bool {
    bar - model == PHRASE_BARS && piece.bars[bar].since_section >= PHRASE_BARS
}

const REST_PROMPT: Prompt = [Some(REST), None, None, None];
const END_PROMPT: Prompt = [Some(END), None, None, None];

fn is_strong(step_in_bar: u32) -> bool {
    step_in_bar.is_multiple_of(2 * STEPS_PER_BEAT)
}

fn fits_chords(piece: &Piece, tune: &[Note]) -> bool {
    let strong: Vec<&Note> =
        tune.iter().filter(|note| is_strong(note.start - piece.bars[piece.bar_at(note.start)].first_step)).collect();
    let rubbing = strong.iter().filter(|note| rubs(piece, ***note)).count();
    rubbing as f32 <= RUBBING_SHARE * strong.len() as f32
}

/// A semitone beside a tone of its chord, and none itself.
fn rubs(piece: &Piece, note: Note) -> bool {
    let chord = piece.chords[(note.start / 8) as usize];
    let is_tone = |pitch: u8| chord.root().is_some() && chord.contains(pitch);
    !is_tone(note.pitch) && (is_tone(note.pitch + 1) || is_tone(note.pitch.saturating_sub(1)))
}

/// Semitones that a bar's notes move to come back over other chords; none where they cannot. An accompaniment moves with its
/// chords. A melody does not, it would leave its scale: it comes back as it was, where it does not rub.
fn chord_shift(part: Part, piece: &Piece, from: usize, to: usize) -> Option<i32> {
    let (from, to) = (&piece.bars[from], &piece.bars[to]);
    if from.beats != to.beats {
        return None;
    }
    if part == Part::Melody {
        return Some(0);
    }
    let chord = |first_step: u32, half: u32| piece.chords[(first_step / 8 + half) as usize];
    let pairs: Vec<(Chord, Chord)> =
        (0..from.beats / 2).map(|half| (chord(from.first_step, half), chord(to.first_step, half))).collect();
    let up = match *pairs.first()? {
        (Chord::Sounding { root: from, .. }, Chord::Sounding { root: to, .. }) => i32::from(to) - i32::from(from),
        _ => 0,
    };
    let shift = (up + 6).rem_euclid(12) - 6;
    let same = pairs.iter().all(|(from, to)| from.transposed(shift) == *to);
    (same && shift.abs() <= MOST_SHIFT).then_some(shift)
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;
    use crate::{
        corpus::Split,
        model::{Sampling, Shaping, piece::CHANNELS, testing},
        music::Quality,
        seed::Seed,
    };

    fn how(recall: f64) -> Composing {
        Composing {
            sampling: Sampling { temperature: 1.0, top_p: 1.0 },
            variety: 0.0,
            guidance: 1.0,
            seed: Seed::master(1),
            device: Device::Cpu,
            kind: Kind::Float,
            shaping: Shaping { recall, ..Shaping::default() },
        }
    }

    /// Bars 8, 9 and 10 bring back the first three, whose four quarters are what is asked of them.
    fn piece() -> Piece {
        let mut piece = Piece::of_song(&testing::song("1", 12, Split::Test));
        (8..11).for_each(|bar| piece.bars[bar].returns_to = Some(bar - 8));
        piece
    }

    #[test]
    fn an_accompaniment_plays_on_over_the_same_chords_in_some_phrases_and_a_melody_does_not() {
        let piece = Piece::of_song(&testing::song("1", 48, Split::Test));
        let echoes = |part: Part, recall: f64, piece: &Piece| -> usize {
            let sources = returning_bars(part, piece, recall, &mut Seed::master(3).rng());
            let a_period_ago =
                |(bar, source): (usize, &Source)| *source == Source::Echo { model: bar - PERIOD_BARS, shift: 0 };
            sources.iter().enumerate().skip(PERIOD_BARS).filter(|pair| a_period_ago(*pair)).count()
        };
        let mut free = piece.clone();
        free.bars.iter_mut().for_each(|bar| bar.returns_to = None);
        let played = echoes(Part::Accompaniment, 1.0, &free);
        assert!((4..36).contains(&played), "{played} of 40");
        assert_eq!(echoes(Part::Accompaniment, 0.0, &free) + echoes(Part::Melody, 1.0, &free), 0);
        let mut moves = free.clone();
        moves.chords.iter_mut().skip(16).for_each(|chord| *chord = chord.transposed(2));
        assert!(echoes(Part::Accompaniment, 1.0, &moves) < played, "bar 8 has other chords than bar 0");
    }

    /// What a take says that goes on with quarters where it is not told anything.
    fn said(part: Part, piece: &Piece, kept: Option<&Kept>, how: &Composing) -> Vec<(u32, bool)> {
        let mut prompter = Prompter::new(part, piece, 0, kept, how);
        let mut notes = if kept.is_some() { vec![] } else { piece.melody[..12].to_vec() };
        let mut at = notes.last().map_or(0, |note: &Note| note.start);
        let mut said = vec![];
        while at + 4 < piece.end_step() {
            let prompt = prompter.next(piece, at, &notes);
            let prompt = prompt.or_else(|| prompter.instead(piece, at, at + 4, &notes));
            let step = prompt.map_or(4, |prompt| prompt[0].unwrap());
            if step == END {
                break;
            }
            at += Token { step, ..Token::END }.distance();
            if step != REST {
                said.push((at, prompt.is_some_and(|prompt| prompt[2].is_some())));
                notes.push(Note { start: at, pitch: 72, duration: 2, velocity: 80 });
            }
        }
        said
    }

    #[test]
    fn bars_come_back_note_for_note_where_they_may() {
        let piece = piece();
        let told = |recall: f64| {
            let all = said(Part::Melody, &piece, None, &how(recall)).into_iter();
            all.filter(|(_, told)| *told).map(|(start, _)| start).collect::<Vec<u32>>()
        };
        assert_eq!(told(1.0), (32..44).map(|quarter| 4 * quarter).collect::<Vec<u32>>());
        assert!(told(0.0).is_empty());
    }

    #[test]
    fn what_is_not_asked_for_does_not_come_back() {
        let mut piece = piece();
        piece.bars[9].asked[5] = Some(16.0);
        // A semitone above what comes back in bar 10.
        let tune = piece.melody.iter().find(|note| note.start == 32).unwrap().pitch;
        piece.chords[20..22].fill(Chord::new((tune + 1) % 12, Quality::Major));
        let all = said(Part::Melody, &piece, None, &how(1.0));
        assert!(all.iter().all(|(start, told)| *told == (128..144).contains(start)), "{all:?}");
    }

    #[test]
    fn a_tune_comes_back_over_other_chords_and_an_accompaniment_does_not() {
        let mut piece = piece();
        (8..11).for_each(|bar| piece.bars[bar].asked = [None; CHANNELS.len()]);
        let over = |piece: &Piece, part| {
            let all = said(part, piece, None, &how(1.0)).into_iter();
            all.filter(|(start, told)| *told && (128..176).contains(start)).count()
        };
        assert_eq!((over(&piece, Part::Melody), over(&piece, Part::Accompaniment)), (12, 12));
        let tune = piece.melody[0].pitch;
        piece.chords[16..22].fill(Chord::new(tune % 12, Quality::Suspended));
        assert_eq!((over(&piece, Part::Melody), over(&piece, Part::Accompaniment)), (12, 0));
    }

    #[test]
    fn a_melody_answers_itself_and_an_accompaniment_goes_on() {
        let mut piece = Piece::of_song(&testing::song("1", 12, Split::Test));
        for bar in 0..12 {
            piece.bars[bar].since_section = bar;
            piece.bars[bar].returns_to = (4..7).contains(&bar).then(|| bar - 4);
        }
        let told = |part| said(part, &piece, None, &how(1.0)).into_iter().filter(|(_, told)| *told).count();
        assert_eq!((told(Part::Melody), told(Part::Accompaniment)), (12, 0));
    }

    #[test]
    fn all_but_the_free_bars_are_kept() {
        let piece = piece();
        let kept = Kept { takes: vec![piece.melody.clone()], free: 4..8, roll: 1 };
        let all = said(Part::Melody, &piece, Some(&kept), &how(1.0));
        let starts = |told: bool| all.iter().filter(|note| note.1 == told).map(|note| note.0).collect::<Vec<u32>>();
        let outside = piece.melody.iter().map(|note| note.start).filter(|start| !(64..128).contains(start));
        assert_eq!(starts(true), outside.collect::<Vec<u32>>());
        assert!(starts(false).iter().all(|start| (64..128).contains(start)) && starts(false).len() >= 12);
    }
}
