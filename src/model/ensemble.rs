//! Rows of takes around one decoder, which compose side by side.
//!
//! A bar that does not turn out as it was asked is drafted again, and the nearest of its drafts stays. Takes do not wait for each
//! other: while one drafts a bar again, others go on, so that every step of the decoder has a row for each take that still writes.
//! The decoder remembers a window, as it has learned from windows: a take whose window is full starts anew with its last
//! bars, so that memory stays bounded.

use super::{
    Part,
    composing::OnProgress,
    decoder::{Decoder, Placed, Spoken},
    desk::{Desk, Page},
    piece::Piece,
    prompter::Kept,
    take::{Factor, Heard, Take},
    token::Token,
};
use crate::music::{Note, STEPS_PER_BEAT};

/// Most tokens of a bar that is drawn: a handful on each step, and rests.
const FULLEST_BAR: usize = 132;

/// Tokens of windows.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// That a new window begins with at most.
    pub(super) kept: usize,
    /// From which on a window is full when a bar begins.
    full: usize,
    pub(super) all: usize,
}

pub(super) struct Ensemble<'a> {
    pub(super) decoder: Box<dyn Decoder + 'a>,
    pub(super) part: Part,
    /// Of the first rows; a device may have more rows, which stay idle.
    pub(super) pieces: &'a [Piece],
    pub(super) desks: Vec<Desk<'a>>,
    pub(super) room: Room,
}

impl Room {
    /// Windows in training had up to 16 bars; a full one here has about 14, and 8 are kept.
    pub(super) fn of(part: Part, piece: &Piece, kept: Option<&Kept>) -> Self {
        let (least, full) = if part == Part::Melody { (64, 112) } else { (112, 208) };
        let fullest = kept.map_or(0, |kept| kept.fullest_bar(piece)).max(FULLEST_BAR);
        Self { kept: least, full, all: full + fullest }
    }
}

impl Ensemble<'_> {
    /// The notes of each piece.
    pub(super) fn compose(mut self, on_progress: OnProgress) -> Vec<Vec<Note>> {
        let mut progress = 0.0;
        while self.turn_pages() {
            self.listen();
            self.speak();
            if self.progress() > progress {
                progress = self.progress();
                on_progress(progress);
            }
        }
        self.desks.into_iter().take(self.pieces.len()).map(Desk::finish).collect()
    }

    /// Any take's piece: bars are the same in all.
    fn piece(&self) -> &Piece {
        &self.pieces[0]
    }

    /// Brings every take to where it writes: back to the start of its bar for another draft, or on to the next bar, in a new window
    /// where its window is full. Says whether any take writes on.
    fn turn_pages(&mut self) -> bool {
        let windows: Vec<Vec<Heard>> = (0..self.desks.len()).map(|row| self.turn_page(row)).collect();
        if windows.iter().any(|said| !said.is_empty()) {
            let windows = self.spoken(windows);
            self.decoder.begin_window(&windows);
        }
        self.desks.iter().any(|desk| desk.take.is_writing)
    }

    /// What a new window of this take begins with, if it begins one.
    fn turn_page(&mut self, row: usize) -> Vec<Heard> {
        let Some(piece) = self.pieces.get(row) else { return vec![] };
        let desk = &mut self.desks[row];
        loop {
            match desk.turn(piece) {
                Page::Same => return vec![],
                Page::Back { told } => self.decoder.forget(row, told),
                Page::Next if desk.take.fills() > self.room.full => {
                    let said = desk.take.begin_window(self.part, piece, self.room.kept);
                    desk.open();
                    return said;
                }
                Page::Next => {
                    desk.open();
                    return vec![];
                }
            }
        }
    }

    /// Share of all takes' bars that are written.
    fn progress(&self) -> f32 {
        let written: usize = self.desks.iter().take(self.pieces.len()).map(Desk::bar).sum();
        written as f32 / (self.pieces.len() * self.piece().bars.len()) as f32
    }

    fn takes(&self) -> impl Iterator<Item = &Take> {
        self.desks.iter().map(|desk| &desk.take)
    }

    fn takes_mut(&mut self) -> impl Iterator<Item = &mut Take> {
        self.desks.iter_mut().map(|desk| &mut desk.take)
    }

    /// Tells the decoder what each take has said since it last listened.
    fn listen(&mut self) {
        let said = self.desks.iter_mut().map(Desk::tell).collect();
        let said = self.spoken(said);
        self.decoder.listen(&said);
    }

    fn spoken(&self, said: Vec<Vec<Heard>>) -> Vec<Vec<Spoken>> {
        let last_beat = self.piece().beats() - 1;
        let spoken = |take: &Take, said: Vec<Heard>| -> Vec<Spoken> {
            let spoken = |(input, at): Heard| Spoken {
                input,
                step: at - take.window(),
                beat: ((at / STEPS_PER_BEAT) as usize).min(last_beat),
            };
            said.into_iter().map(spoken).collect()
        };
        self.takes().zip(said).map(|(take, said)| spoken(take, said)).collect()
    }

    /// Draws each take's next token, factor by factor.
    fn speak(&mut self) {
        let pieces = self.pieces;
        self.each(Take::listen);
        let logits = self.decoder.steps();
        let steps = self.draw(Factor::Step, logits, Take::allows_step);
        for ((take, step), piece) in self.takes_mut().zip(steps).zip(pieces) {
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
        let pieces = self.pieces;
        for (take, piece) in self.takes_mut().zip(pieces).filter(|(take, _)| take.is_writing) {
            act(take, piece);
        }
    }

    /// Where each take's new token begins.
    fn placed(&self) -> Vec<Placed> {
        let last_beat = self.piece().beats() - 1;
        let placed = |take: &Take| Placed {
            step: take.token().step,
            place: self.piece().place_in_bar(take.start()),
            beat: ((take.start() / STEPS_PER_BEAT) as usize).min(last_beat),
        };
        self.takes().map(placed).collect()
    }

    /// Takes over one factor of each take's token; gives it back as the decoder wants to hear it.
    fn choose(&mut self, drawn: Vec<Option<usize>>, factor: fn(&mut Token) -> &mut u16) -> Vec<usize> {
        let take_over = |(take, drawn): (&mut Take, Option<usize>)| {
            let chosen = drawn.unwrap_or(0);
            *factor(take.token_mut()) = chosen as u16;
            chosen
        };
        self.takes_mut().zip(drawn).map(take_over).collect()
    }

    /// One choice for each take that is writing; none where nothing is allowed.
    fn draw(&mut self, factor: Factor, logits: Vec<Vec<f32>>, allowed: fn(&Take, usize) -> bool) -> Vec<Option<usize>> {
        let pieces = self.pieces;
        let draw = |(row, (take, logits)): (usize, (&mut Take, Vec<f32>))| {
            let piece = pieces.get(row).filter(|_| take.is_writing)?;
            take.draw(factor, piece, logits, allowed)
        };
        self.takes_mut().zip(logits).enumerate().map(draw).collect()
    }
}
