//! Composes a melody or an accompaniment, bar by bar and note by note, under the rules of `rules`: takes in groups, on a processor
//! one a core, since there a row costs the same whatever runs beside it.

use std::{
    num::NonZero,
    ops::Range,
    panic::resume_unwind,
    sync::mpsc::{self, Receiver},
    thread,
};

use tch::Device;

use super::{
    Part,
    composing::{Composing, OnProgress, ROWS},
    critic::Critic,
    decoder::Decoder,
    desk::Desk,
    encoding::encode,
    ensemble::{Ensemble, Room},
    guidance::Guided,
    note_network::NoteNetwork,
    piece::Piece,
    plain::PlainDecoder,
    prompter::Kept,
    take::Take,
    tensor_decoder::TensorDecoder,
};
use crate::music::Note;

/// What all groups of takes have in common.
struct Session<'a> {
    part: Part,
    pieces: &'a [Piece],
    kept: Option<&'a Kept>,
    critic: &'a Critic<'a>,
    how: &'a Composing,
    room: Room,
}

/// Notes of each take; `pieces`, at most `ROWS`, have the same bars, each its own chords (and melody). Of takes that are kept
/// only the free bars are composed. Of the drafts of a bar the one stays that the critic and what was asked leave.
pub(crate) fn compose_notes(
    network: &NoteNetwork,
    part: Part,
    pieces: &[Piece],
    kept: Option<&Kept>,
    critic: &Critic,
    how: &Composing,
    on_progress: OnProgress,
) -> Vec<Vec<Note>> {
    let Some(piece) = pieces.first().filter(|piece| !piece.bars.is_empty()) else {
        return pieces.iter().map(|_| vec![]).collect();
    };
    let session = Session { part, pieces, kept, critic, how, room: Room::of(part, piece, kept) };
    tch::no_grad(|| {
        if how.device == Device::Cpu {
            session.on_cores(network, on_progress)
        } else {
            session.on_device(network, on_progress)
        }
    })
}

impl Session<'_> {
    /// Takes in as many groups as there are cores. Each row's bits are its own.
    fn on_cores(&self, network: &NoteNetwork, on_progress: OnProgress) -> Vec<Vec<Note>> {
        let takes = self.pieces.len();
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let decoders: Vec<(PlainDecoder, Range<usize>)> =
            dealt(takes, cores).map(|rows| (self.plain_decoder(network, &rows), rows)).collect();
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            let compose = |(decoder, rows): (_, Range<usize>)| {
                let (tell, first, share) = (tell.clone(), rows.start, rows.len() as f32 / takes as f32);
                scope.spawn(move || {
                    // Whether anybody hears of the progress is all the same to the notes.
                    let on_progress = &mut |done| tell.send((first, share * done)).unwrap_or_default();
                    self.ensemble(self.guide(decoder, rows.len()), rows).compose(on_progress)
                })
            };
            let groups: Vec<_> = decoders.into_iter().map(compose).collect();
            drop(tell);
            sum_up(takes, &told, on_progress);
            groups.into_iter().flat_map(|group| group.join().unwrap_or_else(|cause| resume_unwind(cause))).collect()
        })
    }

    /// All takes at once, as many rows as a device always has.
    fn on_device(&self, network: &NoteNetwork, on_progress: OnProgress) -> Vec<Vec<Note>> {
        let row = |row: usize| &self.pieces[row.min(self.pieces.len() - 1)];
        let mut all: Vec<&Piece> = (0..ROWS).map(row).collect();
        let unasked: Vec<Piece> = all.iter().map(|piece| piece.unasked()).collect();
        if self.how.is_guided() {
            all.extend(&unasked);
        }
        let encoding = encode(network, self.part, &all, self.how);
        let decoder = TensorDecoder::new(network, encoding, self.room.all, self.room.kept);
        self.ensemble(self.guide(decoder, ROWS), 0..ROWS).compose(on_progress)
    }

    /// A row a take; guided, as many again, which hear the takes unasked.
    fn plain_decoder<'n>(&self, network: &'n NoteNetwork, rows: &Range<usize>) -> PlainDecoder<'n> {
        let encode = |piece: &Piece| encode(network, self.part, &[piece], self.how);
        let pieces = &self.pieces[rows.clone()];
        let mut encodings: Vec<_> = pieces.iter().map(encode).collect();
        if self.how.is_guided() {
            encodings.extend(pieces.iter().map(|piece| encode(&piece.unasked())));
        }
        PlainDecoder::new(network.plain(), &encodings, self.room.all)
    }

    fn guide<'d>(&self, decoder: impl Decoder + 'd, takes: usize) -> Box<dyn Decoder + 'd> {
        if self.how.is_guided() {
            Box::new(Guided { decoder, takes, strength: self.how.guidance })
        } else {
            Box::new(decoder)
        }
    }

    fn ensemble<'d>(&'d self, decoder: Box<dyn Decoder + 'd>, rows: Range<usize>) -> Ensemble<'d> {
        let pieces = &self.pieces[rows.start..rows.end.min(self.pieces.len())];
        let take = |row| Take::new(self.part, self.pieces, row, self.kept, self.how);
        let desks = rows.map(|row| Desk::new(take(row), self.how.shaping.drafts, *self.critic)).collect();
        Ensemble { decoder, part: self.part, pieces, desks, room: self.room }
    }
}

/// Rows of takes for each of at most so many cores, none without any.
fn dealt(takes: usize, cores: usize) -> impl Iterator<Item = Range<usize>> {
    let groups = cores.min(takes);
    (0..groups).map(move |group| group * takes / groups..(group + 1) * takes / groups)
}

/// Passes on the sum of what the groups, each told by its first row, have done of all.
fn sum_up(takes: usize, told: &Receiver<(usize, f32)>, on_progress: OnProgress) {
    let mut shares = vec![0.0; takes];
    for (first, share) in told {
        shares[first] = share;
        on_progress(shares.iter().sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_take_is_dealt_to_one_core() {
        let groups = |takes, cores| dealt(takes, cores).collect::<Vec<_>>();
        assert_eq!(groups(8, 2), [0..4, 4..8]);
        assert_eq!(groups(3, 2), [0..1, 1..3]);
        assert_eq!(groups(2, 16), [0..1, 1..2]);
        assert_eq!(groups(1, 4).len(), 1);
        assert!(groups(0, 4).is_empty());
    }

    #[test]
    fn progress_is_that_of_all_groups() {
        let (tell, told) = mpsc::channel();
        for one in [(0, 0.125), (2, 0.25), (0, 0.5), (2, 0.5)] {
            tell.send(one).unwrap();
        }
        drop(tell);
        let mut done = vec![];
        sum_up(4, &told, &mut |share| done.push(share));
        assert_eq!(done, [0.125, 0.375, 0.75, 1.0]);
    }
}
