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
    rules::{Rules, untangle},
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
    /// The token that is being chosen.
    token: Token,
}

/// A token as the decoder hears it, and the step at which it began.
type Heard = ([i64; 5], u32);

/// Rows of takes around one network.
struct Ensemble<'a> {
    decoder: Box<dyn Decoder + 'a>,
    part: Part,
    /// Any take's piece: bars are the same in all.
    piece: &'a Piece,
    how: &'a Composing,
    takes: Vec<Take>,
    room: Room,
    /// Tokens that fit into the window that takes are in.
    left: usize,
}

/// Notes of each take; `pieces`, at most `ROWS`, have the same bars, each its own chords (and melody).
pub(crate) fn compose_notes(
    network: &NoteNetwork,
    part: Part,
    pieces: &[Piece],
    how: &Composing,
    on_progress: OnProgress,
) -> Vec<Vec<Note>> {
    let Some(piece) = pieces.first().filter(|piece| !piece.bars.is_empty()) else {
        return pieces.iter().map(|_| vec![]).collect();
    };
    tch::no_grad(|| {
        let room = Room::of(part);
        let decoder = decoder(network, part, pieces, how, &room);
        let takes = (0..rows(how, pieces)).map(|row| Take::new(part, pieces, row, how)).collect();
        let left = room.kept + room.new;
        let mut ensemble = Ensemble { decoder, part, piece, how, takes, room, left };
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
    fn new(part: Part, pieces: &[Piece], row: usize, how: &Composing) -> Self {
        let rules = pieces.get(row).map_or_else(|| Rules::none(part), |piece| Rules::new(part, piece));
        let heard = vec![(opening(part, 0), 0)];
        Self { rng: how.rng(row), rules, notes: vec![], heard, window: 0, token: Token::END }
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

    /// Takes that are done go on saying nothing; one that nothing is allowed to ends.
    fn choose_step(&mut self, step: Option<usize>) {
        self.token = Token { step: step.map_or(END, |step| step as u16), ..Token::END };
    }

    fn allows_pitch(&self, pitch: usize) -> bool {
        self.token.is_note() && self.rules.allows_pitch(self.token.step, pitch)
    }

    fn allows_duration(&self, duration: usize) -> bool {
        self.token.is_note() && self.rules.allows_duration(self.token.step, duration)
    }

    /// Where the token that is being chosen begins.
    fn start(&self) -> u32 {
        self.rules.at() + self.token.distance()
    }

    fn say(&mut self, part: Part, piece: &Piece) {
        if self.rules.is_done() {
            return;
        }
        self.notes.extend(self.rules.follow(self.token));
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
        let logits = self.decoder.steps();
        let steps = self.draw(logits, |take, step| take.rules.allows_step(step as u16));
        for (take, step) in self.takes.iter_mut().zip(steps) {
            take.choose_step(step);
        }
        let logits = self.decoder.pitches(&self.placed());
        let pitches = self.draw(logits, Take::allows_pitch);
        let pitches = self.choose(pitches, |token| &mut token.pitch);
        let logits = self.decoder.durations(&pitches);
        let durations = self.draw(logits, Take::allows_duration);
        let durations = self.choose(durations, |token| &mut token.duration);
        let logits = self.decoder.velocities(&durations);
        let velocities = self.draw(logits, |take, _| take.token.is_note());
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
    fn draw(&mut self, logits: Vec<Vec<f32>>, allowed: impl Fn(&Take, usize) -> bool) -> Vec<Option<usize>> {
        let sampling = self.how.sampling;
        let draw = |(take, logits): (&mut Take, Vec<f32>)| {
            if take.rules.is_done() {
                return None;
            }
            let mut rng = take.rng.clone();
            let drawn = sampling.draw(&mut rng, &logits, |choice| allowed(take, choice));
            take.rng = rng;
            drawn
        };
        self.takes.iter_mut().zip(logits).map(draw).collect()
    }

    /// How far the slowest take is, 0..1.
    fn done(&self) -> f32 {
        let at = self.takes.iter().filter(|take| !take.rules.is_done()).map(|take| take.rules.at()).min();
        at.map_or(1.0, |at| at as f32 / self.piece.end_step() as f32)
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
        let mut take = Take::new(Part::Melody, std::slice::from_ref(piece), 0, &testing::how(Kind::Float));
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
