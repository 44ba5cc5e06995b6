//! Composes a melody or an accompaniment, note by note, under the rules of `rules`.
//!
//! The decoder remembers a window, as it has learned from windows: after a fixed number of notes all takes start anew with
//! their last bars, so that memory stays bounded.

use rand_chacha::ChaCha8Rng;
use tch::Device;

use super::{
    Part,
    composing::{Composing, OnProgress, ROWS},
    decoder::{Decoder, Placed, Spoken},
    encoding::encode,
    guidance::Guided,
    line::{heard, opening},
    note_network::NoteNetwork,
    piece::Piece,
    plain::PlainDecoder,
    prompter::{Kept, Prompt, Prompter, SILENT},
    rules::{Rules, untangle},
    steering::Steering,
    taste,
    tensor_decoder::TensorDecoder,
    token::{END, REST, Token},
};
use crate::music::{Note, STEPS_PER_BEAT};

/// Bars before the present one that a new window begins with.
const KEPT_BARS: usize = 8;

/// Tokens that a new window begins with at most, and that follow before the next one.
struct Room {
    kept: usize,
    new: usize,
}

/// A take on its way.
struct Take {
    rng: ChaCha8Rng,
    rules: Rules,
    notes: Vec<Note>,
    heard: Vec<Heard>,
    /// Step at which its window began.
    window: u32,
    /// The token that is being chosen, and those of its factors that are not drawn.
    token: Token,
    prompt: Prompt,
    prompter: Prompter,
    steering: Steering,
}

/// The factors of a token, in the order in which they are chosen.
#[derive(Clone, Copy)]
enum Factor {
    Step,
    Pitch,
    Duration,
    Velocity,
}

/// A token as the decoder hears it, and the step at which it began.
type Heard = ([i64; 5], u32);

/// Rows of takes around one network.
struct Ensemble<'a> {
    decoder: Box<dyn Decoder + 'a>,
    part: Part,
    pieces: &'a [Piece],
    /// Any take's piece: bars are the same in all.
    piece: &'a Piece,
    how: &'a Composing,
    takes: Vec<Take>,
    room: Room,
    /// Tokens that fit into the window that takes are in.
    left: usize,
}

/// Notes of each take; `pieces`, at most `ROWS`, have the same bars, each its own chords (and melody). Of takes that are kept
/// only the free bars are composed.
pub(crate) fn compose_notes(
    network: &NoteNetwork,
    part: Part,
    pieces: &[Piece],
    kept: Option<&Kept>,
    how: &Composing,
    on_progress: OnProgress,
) -> Vec<Vec<Note>> {
    let Some(piece) = pieces.first().filter(|piece| !piece.bars.is_empty()) else {
        return pieces.iter().map(|_| vec![]).collect();
    };
    tch::no_grad(|| {
        let room = Room::of(part);
        let decoder = decoder(network, part, pieces, how, &room);
        let takes = (0..rows(how, pieces)).map(|row| Take::new(part, pieces, row, kept, how)).collect();
        let left = room.kept + room.new;
        let mut ensemble = Ensemble { decoder, part, pieces, piece, how, takes, room, left };
        while ensemble.takes.iter().any(|take| !take.rules.is_done()) {
            ensemble.listen();
            ensemble.speak();
            on_progress(ensemble.done());
        }
        ensemble.takes.into_iter().take(pieces.len()).map(Take::finish).collect()
    })
}

/// On a processor a row a take; devices have always as many.
fn rows(how: &Composing, pieces: &[Piece]) -> usize {
    if how.device == Device::Cpu { pieces.len() } else { ROWS }
}

/// The decoder of the device that takes are composed on; guided, it hears each take twice.
fn decoder<'a>(
    network: &'a NoteNetwork,
    part: Part,
    pieces: &[Piece],
    how: &Composing,
    room: &Room,
) -> Box<dyn Decoder + 'a> {
    let unasked: Vec<Piece> = pieces.iter().map(Piece::unasked).collect();
    let takes = rows(how, pieces);
    let each = |pieces: &'_ [Piece]| (0..takes).map(|row| row.min(pieces.len() - 1)).collect::<Vec<_>>();
    let mut all: Vec<&Piece> = each(pieces).into_iter().map(|row| &pieces[row]).collect();
    if how.is_guided() {
        all.extend(each(pieces).into_iter().map(|row| &unasked[row]));
    }
    let tokens = room.kept + room.new;
    if how.device == Device::Cpu {
        let encodings: Vec<_> = all.iter().map(|piece| encode(network, part, &[piece], how)).collect();
        guide(PlainDecoder::new(network.plain(), &encodings, tokens), takes, how)
    } else {
        let encoding = encode(network, part, &all, how);
        guide(TensorDecoder::new(network, encoding, tokens, room.kept), takes, how)
    }
}

fn guide<'a>(decoder: impl Decoder + 'a, takes: usize, how: &Composing) -> Box<dyn Decoder + 'a> {
    if how.is_guided() { Box::new(Guided { decoder, takes, strength: how.guidance }) } else { Box::new(decoder) }
}

impl Room {
    /// About eight bars each: windows in training had up to 16.
    fn of(part: Part) -> Self {
        if part == Part::Melody { Self { kept: 64, new: 48 } } else { Self { kept: 112, new: 96 } }
    }
}

impl Take {
    /// Rows that no piece is left for are done before they begin.
    fn new(part: Part, pieces: &[Piece], row: usize, kept: Option<&Kept>, how: &Composing) -> Self {
        let piece = pieces.get(row);
        let rules = piece.map_or_else(|| Rules::none(part), |piece| Rules::new(part, piece));
        let prompter = Prompter::new(part, piece.unwrap_or(&pieces[0]), row, kept, how);
        Self {
            rng: how.rng(row),
            rules,
            notes: vec![],
            heard: vec![(opening(part, 0), 0)],
            window: 0,
            token: Token::END,
            prompt: SILENT,
            prompter,
            steering: Steering::new(part, how.shaping.steering),
        }
    }

    /// What a new window begins with: an opening at a bar line and the tokens since, as many as there is room for.
    fn begin_window(&mut self, part: Part, piece: &Piece, kept: usize) -> Vec<Heard> {
        let bar = piece.bar_at(self.rules.at()).saturating_sub(KEPT_BARS);
        let recent = self.heard.iter().rposition(|(_, at)| *at < piece.bars[bar].first_step).map_or(1, |last| last + 1);
        let first = recent.max((self.heard.len() + 1).saturating_sub(kept)).clamp(1, self.heard.len());
        self.window = match self.heard.get(first) {
            Some((_, at)) => piece.bars[piece.bar_at(*at)].first_step,
            None => piece.bars[piece.bar_at(self.rules.at())].first_step,
        };
        let mut said = vec![(opening(part, 0), self.window)];
        said.extend_from_slice(&self.heard[first..]);
        if let Some((input, at)) = said.get_mut(1) {
            input[0] = i64::from(*at - self.window).min(i64::from(REST) - 1);
        }
        said
    }

    /// Hears what the next token is, where it is not to be drawn.
    fn listen(&mut self, piece: &Piece) {
        let prompt = if self.rules.is_done() { None } else { self.prompter.next(piece, self.rules.at(), &self.notes) };
        self.prompt = prompt.unwrap_or(SILENT);
    }

    /// Takes that are done go on saying nothing; one that nothing is allowed to ends. A step that leaves its bar may be one
    /// that is whispered instead.
    fn choose_step(&mut self, step: Option<usize>, piece: &Piece) {
        self.token = Token { step: step.map_or(END, |step| step as u16), ..Token::END };
        if self.rules.is_done() || self.prompt[0].is_some() {
            return;
        }
        let start = if self.token.step == END { piece.end_step() } else { self.start() };
        if let Some(prompt) = self.prompter.instead(piece, self.rules.at(), start, &self.notes) {
            self.token.step = prompt[0].unwrap_or(END);
            self.prompt = prompt;
        }
    }

    fn allows_step(&self, step: usize) -> bool {
        let step = step as u16;
        let start = self.rules.at() + Token { step, ..Token::END }.distance();
        self.rules.allows_step(step) && (step >= REST || self.prompter.allows(start))
    }

    /// Tilts the odds of a factor towards what is asked and what ears want.
    fn lean(&self, factor: Factor, part: Part, piece: &Piece, logits: &mut [f32]) {
        match factor {
            Factor::Step => self.steering.lean_on_steps(piece, self.rules.at(), logits),
            Factor::Pitch => {
                self.steering.lean_on_pitches(piece, self.start(), logits);
                taste::lean(part, piece, self.start(), &self.notes, logits);
            }
            Factor::Duration => {}
            Factor::Velocity => self.steering.lean_on_velocities(piece, self.start(), logits),
        }
    }

    fn allows_pitch(&self, pitch: usize) -> bool {
        self.token.is_note() && self.rules.allows_pitch(self.token.step, pitch)
    }

    fn allows_duration(&self, duration: usize) -> bool {
        self.token.is_note() && self.rules.allows_duration(self.token.step, self.token.pitch, duration)
    }

    /// Where the token that is being chosen begins.
    fn start(&self) -> u32 {
        self.rules.at() + self.token.distance()
    }

    fn say(&mut self, part: Part, piece: &Piece) {
        if self.rules.is_done() {
            return;
        }
        if let Some(note) = self.rules.follow(self.token) {
            if part == Part::Melody {
                end_before(&mut self.notes, note.start);
            }
            self.steering.hear(piece, note);
            self.notes.push(note);
        }
        let at = self.rules.at();
        self.heard.push((heard(part, self.token, piece.place_in_bar(at)), at));
    }

    fn finish(mut self) -> Vec<Note> {
        self.notes.sort_unstable();
        untangle(&mut self.notes);
        self.notes
    }
}

impl Ensemble<'_> {
    /// Tells the decoder what each take has last said; takes that are done say nothing.
    fn listen(&mut self) {
        let is_new_window = self.left == 0;
        if is_new_window {
            self.left = self.room.new;
        }
        self.left -= 1;
        let last_beat = self.piece.beats() - 1;
        let (part, piece, kept) = (self.part, self.piece, self.room.kept);
        let tell = |take: &mut Take| {
            if take.rules.is_done() {
                return vec![];
            }
            let heard = match take.heard.last() {
                Some(last) if !is_new_window => vec![*last],
                _ => take.begin_window(part, piece, kept),
            };
            let window = take.window;
            let spoken = |(input, at): Heard| Spoken {
                input,
                step: at - window,
                beat: ((at / STEPS_PER_BEAT) as usize).min(last_beat),
            };
            heard.into_iter().map(spoken).collect()
        };
        let said: Vec<Vec<Spoken>> = self.takes.iter_mut().map(tell).collect();
        self.decoder.listen(&said, is_new_window);
    }

    /// Draws each take's next token, factor by factor.
    fn speak(&mut self) {
        let piece = self.piece;
        self.takes.iter_mut().for_each(|take| take.listen(piece));
        let logits = self.decoder.steps();
        let steps = self.draw(Factor::Step, logits, Take::allows_step);
        for (take, step) in self.takes.iter_mut().zip(steps) {
            take.choose_step(step, piece);
        }
        let logits = self.decoder.pitches(&self.placed());
        let pitches = self.draw(Factor::Pitch, logits, Take::allows_pitch);
        let pitches = self.choose(pitches, |token| &mut token.pitch);
        let logits = self.decoder.durations(&pitches);
        let durations = self.draw(Factor::Duration, logits, Take::allows_duration);
        let durations = self.choose(durations, |token| &mut token.duration);
        let logits = self.decoder.velocities(&durations);
        let velocities = self.draw(Factor::Velocity, logits, |take, _| take.token.is_note());
        let _ = self.choose(velocities, |token| &mut token.velocity);
        for take in &mut self.takes {
            take.say(self.part, self.piece);
        }
    }

    /// Where each take's new token begins.
    fn placed(&self) -> Vec<Placed> {
        let last_beat = self.piece.beats() - 1;
        let placed = |take: &Take| Placed {
            step: take.token.step,
            place: self.piece.place_in_bar(take.start()),
            beat: ((take.start() / STEPS_PER_BEAT) as usize).min(last_beat),
        };
        self.takes.iter().map(placed).collect()
    }

    /// Takes over one factor of each take's token; gives it back as the decoder wants to hear it.
    fn choose(&mut self, drawn: Vec<Option<usize>>, factor: fn(&mut Token) -> &mut u16) -> Vec<usize> {
        let take_over = |(take, drawn): (&mut Take, Option<usize>)| {
            let chosen = drawn.unwrap_or(0);
            *factor(&mut take.token) = chosen as u16;
            chosen
        };
        self.takes.iter_mut().zip(drawn).map(take_over).collect()
    }

    /// One choice for each take that is not done; none where nothing is allowed.
    fn draw(
        &mut self,
        factor: Factor,
        logits: Vec<Vec<f32>>,
        allowed: impl Fn(&Take, usize) -> bool,
    ) -> Vec<Option<usize>> {
        let (sampling, part, pieces) = (self.how.sampling, self.part, self.pieces);
        let draw = |((take, piece), mut logits): ((&mut Take, &Piece), Vec<f32>)| {
            if take.rules.is_done() {
                return None;
            }
            if let Some(prompted) = take.prompt[factor as usize] {
                return Some(usize::from(prompted));
            }
            take.lean(factor, part, piece, &mut logits);
            let mut rng = take.rng.clone();
            let drawn = sampling.draw(&mut rng, &logits, |choice| allowed(take, choice));
            take.rng = rng;
            drawn
        };
        let last = pieces.len() - 1;
        let pieces = (0..self.takes.len()).map(|row| &pieces[row.min(last)]);
        self.takes.iter_mut().zip(pieces).zip(logits).map(draw).collect()
    }

    /// How far the slowest take is, 0..1.
    fn done(&self) -> f32 {
        let at = self.takes.iter().filter(|take| !take.rules.is_done()).map(|take| take.rules.at()).min();
        at.map_or(1.0, |at| at as f32 / self.piece.end_step() as f32)
    }
}

/// A voice ends a note where the next one begins.
fn end_before(notes: &mut [Note], start: u32) {
    if let Some(last) = notes.last_mut() {
        last.duration = last.duration.min((start - last.start).max(1) as u16);
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;
    use crate::{corpus::Split, model::testing};

    fn piece(bars: usize) -> Piece {
        Piece::of_song(&testing::song("1", bars, Split::Test))
    }

    fn take(piece: &Piece, starts: &[u32]) -> Take {
        let mut take = Take::new(Part::Melody, std::slice::from_ref(piece), 0, None, &testing::how(Kind::Float));
        for start in starts {
            let step = (start - take.rules.at()) as u16;
            take.token = Token { step, pitch: 40, duration: 0, velocity: 8 };
            take.say(Part::Melody, piece);
        }
        take
    }

    #[test]
    fn a_new_window_begins_at_a_bar_line_with_the_last_bars() {
        let piece = piece(20);
        let starts: Vec<u32> = (0..72).map(|beat| 4 * beat).collect();
        let mut take = take(&piece, &starts);
        let said = take.begin_window(Part::Melody, &piece, 64);
        assert_eq!(said.len(), 37);
        assert_eq!(take.window, 16 * 9, "eight bars before the bar of step 284");
        let opening = said[0];
        assert_eq!(opening, (super::opening(Part::Melody, 0), take.window));
        assert_eq!((said[1].1, said[36].1), (16 * 9, 284));
        assert_eq!(said[1].0[0], 0, "its distance is from the window's start");
    }

    #[test]
    fn a_new_window_keeps_no_more_than_it_has_room_for() {
        let piece = piece(20);
        let starts: Vec<u32> = (0..200).collect();
        let mut take = take(&piece, &starts);
        let said = take.begin_window(Part::Melody, &piece, 64);
        assert_eq!((said.len(), said[1].1), (64, 137));
        assert_eq!((take.window, said[1].0[0]), (128, 9));
    }

    #[test]
    fn takes_that_ended_early_get_a_window_too() {
        let piece = piece(20);
        for starts in [&[][..], &[0], &[0, 20]] {
            let mut take = take(&piece, starts);
            let said = take.begin_window(Part::Melody, &piece, 64);
            assert_eq!(said.len(), 1 + starts.len());
        }
    }
}
