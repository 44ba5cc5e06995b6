//! Composes a melody or an accompaniment, bar by bar and note by note, under the rules of `rules`.
//!
//! A bar that does not turn out as it was asked is drafted again, and the nearest of its drafts stays. The decoder remembers a
//! window, as it has learned from windows: a take whose window is full starts anew with its last bars, so that memory stays
//! bounded.

use tch::Device;

use super::{
    Part,
    composing::{Composing, OnProgress, ROWS},
    decoder::{Decoder, Placed, Spoken},
    editor::GOOD_ENOUGH,
    encoding::encode,
    guidance::Guided,
    note_network::NoteNetwork,
    piece::Piece,
    plain::PlainDecoder,
    prompter::Kept,
    take::{Draft, Factor, Heard, Take},
    tensor_decoder::TensorDecoder,
    token::Token,
};
use crate::music::{Note, STEPS_PER_BEAT};

/// Most tokens of a bar that is drawn: a handful on each step, and rests.
const FULLEST_BAR: usize = 132;

/// Tokens of windows.
struct Room {
    /// That a new window begins with at most.
    kept: usize,
    /// From which on a window is full when a bar begins.
    full: usize,
    all: usize,
}

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
}

/// Drafts of a bar in one take.
struct Desk {
    start: Draft,
    best: Option<Judged>,
    /// Whether one more is to be written.
    is_open: bool,
}

struct Judged {
    /// How far it is from what was asked.
    error: f32,
    draft: Draft,
    is_last: bool,
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
        let room = Room::of(part, piece, kept);
        let decoder = decoder(network, part, pieces, how, &room);
        let takes = (0..rows(how, pieces)).map(|row| Take::new(part, pieces, row, kept, how)).collect();
        let mut ensemble = Ensemble { decoder, part, pieces, piece, how, takes, room };
        for bar in 0..piece.bars.len() {
            ensemble.begin_windows(bar);
            ensemble.compose_bar(bar);
            on_progress((bar + 1) as f32 / piece.bars.len() as f32);
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
    if how.device == Device::Cpu {
        let encodings: Vec<_> = all.iter().map(|piece| encode(network, part, &[piece], how)).collect();
        guide(PlainDecoder::new(network.plain(), &encodings, room.all), takes, how)
    } else {
        let encoding = encode(network, part, &all, how);
        guide(TensorDecoder::new(network, encoding, room.all, room.kept), takes, how)
    }
}

fn guide<'a>(decoder: impl Decoder + 'a, takes: usize, how: &Composing) -> Box<dyn Decoder + 'a> {
    if how.is_guided() { Box::new(Guided { decoder, takes, strength: how.guidance }) } else { Box::new(decoder) }
}

impl Room {
    /// Windows in training had up to 16 bars; a full one here has about 14, and 8 are kept.
    fn of(part: Part, piece: &Piece, kept: Option<&Kept>) -> Self {
        let (least, full) = if part == Part::Melody { (64, 112) } else { (112, 208) };
        let fullest = kept.map_or(0, |kept| kept.fullest_bar(piece)).max(FULLEST_BAR);
        Self { kept: least, full, all: full + fullest }
    }
}

impl Ensemble<'_> {
    /// Starts anew where a window is full.
    fn begin_windows(&mut self, bar: usize) {
        let (part, piece, room) = (self.part, self.piece, &self.room);
        let begin = |take: &mut Take| {
            let begins = take.writes(piece, bar) && take.fills() > room.full;
            if begins { take.begin_window(part, piece, room.kept) } else { vec![] }
        };
        let said: Vec<Vec<Heard>> = self.takes.iter_mut().map(begin).collect();
        if said.iter().any(|said| !said.is_empty()) {
            let said: Vec<Vec<Spoken>> = self.spoken(said);
            self.decoder.begin_window(&said);
        }
    }

    /// Drafts a bar in each take that has not gone past it, until it is near to what was asked or drafts run out.
    fn compose_bar(&mut self, bar: usize) {
        let desk = |take: &Take| Desk { start: take.draft(), best: None, is_open: take.writes(self.piece, bar) };
        let mut desks: Vec<Desk> = self.takes.iter().map(desk).collect();
        let rows: Vec<usize> = (0..desks.len()).filter(|row| desks[*row].is_open).collect();
        for draft in 0..self.how.shaping.drafts.max(1) {
            for row in rows.iter().filter(|row| draft > 0 && desks[**row].is_open) {
                self.go_back(*row, &desks[*row].start, None);
            }
            self.write(bar, &desks);
            for row in &rows {
                self.judge(*row, bar, &mut desks[*row]);
            }
        }
        for row in rows {
            let Desk { start, best, .. } = &mut desks[row];
            if let Some(Judged { draft, is_last: false, .. }) = best.take() {
                self.go_back(row, start, Some(draft));
            }
            self.takes[row].settle(&self.pieces[row], bar);
        }
    }

    /// Keeps what was written if it is the nearest to what was asked so far.
    fn judge(&self, row: usize, bar: usize, desk: &mut Desk) {
        if !desk.is_open {
            return;
        }
        let take = &self.takes[row];
        let error = take.error(&self.pieces[row], bar);
        match &mut desk.best {
            Some(best) if best.error <= error => best.is_last = false,
            best => *best = Some(Judged { error, draft: take.draft(), is_last: true }),
        }
        desk.is_open = error > GOOD_ENOUGH && desk.start.is_drawn();
    }

    /// Takes a row back to where its bar began, and on to a draft that it may have.
    fn go_back(&mut self, row: usize, start: &Draft, to: Option<Draft>) {
        self.decoder.forget(row, start.told());
        self.takes[row].go_back(start, to);
    }

    /// Writes a bar in all takes whose desk is open.
    fn write(&mut self, bar: usize, desks: &[Desk]) {
        loop {
            for (take, desk) in self.takes.iter_mut().zip(desks) {
                take.is_writing = desk.is_open && take.writes(self.piece, bar);
            }
            if self.takes.iter().all(|take| !take.is_writing) {
                return;
            }
            self.listen();
            self.speak();
        }
    }

    /// Tells the decoder what each take has said since it last listened.
    fn listen(&mut self) {
        let said = self.takes.iter_mut().map(|take| if take.is_writing { take.tell() } else { vec![] }).collect();
        let said = self.spoken(said);
        self.decoder.listen(&said);
    }

    fn spoken(&self, said: Vec<Vec<Heard>>) -> Vec<Vec<Spoken>> {
        let last_beat = self.piece.beats() - 1;
        let spoken = |take: &Take, said: Vec<Heard>| -> Vec<Spoken> {
            let spoken = |(input, at): Heard| Spoken {
                input,
                step: at - take.window(),
                beat: ((at / STEPS_PER_BEAT) as usize).min(last_beat),
            };
            said.into_iter().map(spoken).collect()
        };
        self.takes.iter().zip(said).map(|(take, said)| spoken(take, said)).collect()
    }

    /// Draws each take's next token, factor by factor.
    fn speak(&mut self) {
        let pieces = self.pieces;
        self.each(Take::listen);
        let logits = self.decoder.steps();
        let steps = self.draw(Factor::Step, logits, Take::allows_step);
        for ((take, step), piece) in self.takes.iter_mut().zip(steps).zip(pieces) {
            take.choose_step(step, piece);
        }
        let logits = self.decoder.pitches(&self.placed());
        let pitches = self.draw(Factor::Pitch, logits, Take::allows_pitch);
        let pitches = self.choose(pitches, |token| &mut token.pitch);
        let logits = self.decoder.durations(&pitches);
        let durations = self.draw(Factor::Duration, logits, Take::allows_duration);
        let durations = self.choose(durations, |token| &mut token.duration);
        let logits = self.decoder.velocities(&durations);
        let velocities = self.draw(Factor::Velocity, logits, Take::allows_velocity);
        let _ = self.choose(velocities, |token| &mut token.velocity);
        self.each(Take::say);
    }

    /// Each take that is writing, with its piece.
    fn each(&mut self, act: fn(&mut Take, &Piece)) {
        for (take, piece) in self.takes.iter_mut().zip(self.pieces).filter(|(take, _)| take.is_writing) {
            act(take, piece);
        }
    }

    /// Where each take's new token begins.
    fn placed(&self) -> Vec<Placed> {
        let last_beat = self.piece.beats() - 1;
        let placed = |take: &Take| Placed {
            step: take.token().step,
            place: self.piece.place_in_bar(take.start()),
            beat: ((take.start() / STEPS_PER_BEAT) as usize).min(last_beat),
        };
        self.takes.iter().map(placed).collect()
    }

    /// Takes over one factor of each take's token; gives it back as the decoder wants to hear it.
    fn choose(&mut self, drawn: Vec<Option<usize>>, factor: fn(&mut Token) -> &mut u16) -> Vec<usize> {
        let take_over = |(take, drawn): (&mut Take, Option<usize>)| {
            let chosen = drawn.unwrap_or(0);
            *factor(take.token_mut()) = chosen as u16;
            chosen
        };
        self.takes.iter_mut().zip(drawn).map(take_over).collect()
    }

    /// One choice for each take that is writing; none where nothing is allowed.
    fn draw(&mut self, factor: Factor, logits: Vec<Vec<f32>>, allowed: fn(&Take, usize) -> bool) -> Vec<Option<usize>> {
        let pieces = self.pieces;
        let draw = |(row, (take, logits)): (usize, (&mut Take, Vec<f32>))| {
            let piece = pieces.get(row).filter(|_| take.is_writing)?;
            take.draw(factor, piece, logits, allowed)
        };
        self.takes.iter_mut().zip(logits).enumerate().map(draw).collect()
    }
}
