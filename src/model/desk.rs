//! A take at its desk: the bar that it writes, and the drafts of it.

use super::{
    critic::Critic,
    editor::GOOD_ENOUGH,
    piece::Piece,
    take::{Draft, Heard, Take},
};
use crate::music::Note;

pub(super) struct Desk<'a> {
    pub(super) take: Take,
    critic: Critic<'a>,
    /// The bar that is written; those before stay as they are.
    bar: usize,
    /// Where it began.
    start: Draft,
    best: Option<Judged>,
    /// Drafts of the bar so far, and at most.
    drafts: usize,
    most_drafts: usize,
}

struct Judged {
    /// How far it is from what was asked.
    error: f32,
    /// By which drafts are compared.
    merit: f32,
    draft: Draft,
    is_last: bool,
}

/// What comes after a token.
pub(super) enum Page {
    /// The same bar is written on, or nothing is left to write.
    Same,
    /// The take went back to where its decoder had been told so many tokens.
    Back { told: usize },
    /// Another bar begins.
    Next,
}

impl<'a> Desk<'a> {
    pub(super) fn new(take: Take, most_drafts: usize, critic: Critic<'a>) -> Self {
        let start = take.draft();
        Self { take, critic, bar: 0, start, best: None, drafts: 0, most_drafts: most_drafts.max(1) }
    }

    /// The bar that is written.
    pub(super) fn bar(&self) -> usize {
        self.bar
    }

    pub(super) fn finish(self) -> Vec<Note> {
        self.take.finish()
    }

    /// Judges a bar that is written. To be asked until it says `Same`, or `Next` and the bar is opened.
    pub(super) fn turn(&mut self, piece: &Piece) -> Page {
        if self.take.is_writing {
            if self.writes(piece) && !self.is_hopeless(piece) {
                return Page::Same;
            }
            self.take.is_writing = false;
            self.judge(piece);
            if self.wants_another(piece) {
                self.take.go_back(&self.start, None);
                self.take.is_writing = true;
                return Page::Back { told: self.start.told() };
            }
            if let Some(told) = self.settle(piece) {
                return Page::Back { told };
            }
        }
        while self.bar < piece.bars.len() && !self.writes(piece) {
            self.bar += 1;
        }
        if self.bar < piece.bars.len() { Page::Next } else { Page::Same }
    }

    /// What its decoder hears next. What came before the bar it hears once, however often the bar is drafted.
    pub(super) fn tell(&mut self) -> Vec<Heard> {
        if !self.take.is_writing {
            return vec![];
        }
        self.start.be_told();
        self.take.tell()
    }

    fn writes(&self, piece: &Piece) -> bool {
        self.take.writes(piece, self.bar)
    }

    /// Whether this draft cannot become nearer than another was.
    fn is_hopeless(&self, piece: &Piece) -> bool {
        self.best.as_ref().is_some_and(|best| best.error <= self.take.least_error(piece, self.bar))
    }

    /// Keeps what was written if it is the best so far: near to what was asked, in its mood, and nobody else's.
    fn judge(&mut self, piece: &Piece) {
        self.drafts += 1;
        let draft = if self.writes(piece) { None } else { Some(self.judged(piece)) };
        let (error, merit) = draft.unwrap_or((f32::INFINITY, f32::NEG_INFINITY));
        match &mut self.best {
            Some(best) if best.merit >= merit => best.is_last = false,
            best => *best = Some(Judged { error, merit, draft: self.take.draft(), is_last: true }),
        }
    }

    /// How far the bar is from what was asked, and what it is worth.
    fn judged(&self, piece: &Piece) -> (f32, f32) {
        let (part, notes) = (self.take.part(), self.take.notes());
        let error = self.take.error(piece, self.bar) + self.critic.copied(part, piece, self.bar, notes);
        (error, self.critic.mood(part, piece, self.bar, notes) - error)
    }

    /// Whether the bar is worth another draft. Of what comes back only the velocities are drawn, and nothing of what is kept.
    fn wants_another(&self, piece: &Piece) -> bool {
        let is_poor = |best: &&Judged| best.error > GOOD_ENOUGH && self.drafts < self.most_drafts;
        let is_drawn = self.start.is_drawn();
        let is_kept = self.start.is_kept();
        let helps = |best: &Judged| is_drawn || !is_kept && best.draft.velocity_error(piece, self.bar) > GOOD_ENOUGH;
        self.best.as_ref().filter(is_poor).is_some_and(helps)
    }

    /// Leaves the bar as its best draft is; says what the decoder had been told at its start if that is not the last.
    fn settle(&mut self, piece: &Piece) -> Option<usize> {
        let told = self.start.told();
        let earlier = self.best.take().filter(|best| !best.is_last);
        let went_back = earlier.map(|best| self.take.go_back(&self.start, Some(best.draft)));
        self.take.settle(piece, self.bar);
        went_back.map(|()| told)
    }

    /// Begins the bar that comes next.
    pub(super) fn open(&mut self) {
        self.start = self.take.draft();
        (self.best, self.drafts, self.take.is_writing) = (None, 0, true);
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;
    use crate::{
        corpus::Split,
        model::{
            Part,
            testing::{self, corpus, how},
            token::Token,
        },
        original::Index,
    };

    /// Four melody notes are asked of every bar.
    fn piece() -> Piece {
        let mut piece = Piece::of_song(&testing::song("1", 8, Split::Test));
        piece.bars.iter_mut().for_each(|bar| bar.asked[5] = Some(4.0));
        piece
    }

    fn desk<'a>(piece: &Piece, drafts: usize, original: Option<&'a Index>) -> Desk<'a> {
        let critic = Critic { original, meter: None };
        let take = Take::new(Part::Melody, std::slice::from_ref(piece), 0, None, &how(Kind::Float));
        let mut desk = Desk::new(take, drafts, critic);
        assert!(matches!(desk.turn(piece), Page::Next));
        desk.open();
        desk
    }

    /// Says notes and what turning the page after the last of them gives.
    fn write(desk: &mut Desk, piece: &Piece, steps: &[(u32, u16)]) -> Page {
        let mut page = Page::Same;
        for (start, pitch) in steps {
            assert!(matches!(page, Page::Same), "written after the page was turned");
            let at = desk.take.start() - desk.take.token().distance();
            *desk.take.token_mut() = Token { step: (start - at) as u16, pitch: *pitch, duration: 0, velocity: 8 };
            desk.take.say(piece);
            *desk.take.token_mut() = Token { step: 0, ..Token::END };
            let _ = desk.tell();
            page = desk.turn(piece);
        }
        page
    }

    fn notes(starts: &[u32]) -> Vec<(u32, u16)> {
        starts.iter().map(|start| (*start, 40)).collect()
    }

    fn starts(desk: Desk) -> Vec<u32> {
        desk.finish().iter().map(|note| note.start).collect()
    }

    #[test]
    fn a_bar_as_asked_stays_and_another_is_drafted_again_until_the_nearest_is_left() {
        let piece = piece();
        let mut good = desk(&piece, 3, None);
        assert!(matches!(write(&mut good, &piece, &notes(&[0, 4, 8, 12, 16])), Page::Next));
        let mut poor = desk(&piece, 3, None);
        assert!(matches!(write(&mut poor, &piece, &notes(&[0, 20])), Page::Back { told: 0 }));
        assert!(matches!(write(&mut poor, &piece, &notes(&[0, 6, 18])), Page::Back { told: 0 }), "better, not good");
        assert!(matches!(write(&mut poor, &piece, &notes(&[2, 24])), Page::Back { told: 0 }), "the second comes back");
        assert!(matches!(poor.turn(&piece), Page::Next));
        assert_eq!(starts(poor), [0, 6, 18]);
    }

    #[test]
    fn what_came_before_a_bar_is_told_once_however_often_it_is_drafted() {
        let piece = piece();
        let mut desk = desk(&piece, 3, None);
        for draft in [&[0, 20][..], &[0, 6, 18], &[2, 24]] {
            assert!(matches!(write(&mut desk, &piece, &notes(draft)), Page::Back { told: 0 }));
        }
        assert!(matches!(desk.turn(&piece), Page::Next));
        desk.open();
        assert_eq!(desk.tell().len(), 4, "an opening and the notes of the second draft, which are told anew");
        let again = write(&mut desk, &piece, &notes(&[40]));
        assert!(matches!(again, Page::Back { told: 3 }));
        assert_eq!(desk.tell().len(), 1, "the token after which the bar begins");
    }

    #[test]
    fn a_draft_with_too_many_notes_is_given_up_at_once() {
        let piece = piece();
        let mut desk = desk(&piece, 9, None);
        assert!(matches!(write(&mut desk, &piece, &notes(&[0, 6, 18])), Page::Back { .. }));
        assert!(matches!(write(&mut desk, &piece, &notes(&[0, 1, 2, 3, 4, 5])), Page::Back { .. }), "still in its bar");
    }

    #[test]
    fn a_passage_of_a_training_song_is_drafted_again() {
        let piece = piece();
        let pitches = [40, 47, 43, 52, 41, 50, 38, 45, 53];
        let tune: Vec<(u32, u16)> = (0..9).map(|beat| (4 * beat, pitches[beat as usize])).collect();
        let mut first = desk(&piece, 2, None);
        assert!(matches!(write(&mut first, &piece, &tune[..5]), Page::Next));
        first.open();
        assert!(matches!(write(&mut first, &piece, &tune[5..]), Page::Next));
        let mut songs = corpus(6);
        songs.songs.iter_mut().find(|song| song.split == Split::Train).unwrap().melody = first.finish();
        let index = Index::of(&songs, 3);
        let mut again = desk(&piece, 2, Some(&index));
        assert!(matches!(write(&mut again, &piece, &tune[..5]), Page::Next), "one bar is no passage");
        again.open();
        assert!(matches!(write(&mut again, &piece, &tune[5..]), Page::Back { .. }));
    }
}
