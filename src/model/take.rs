//! One take on its way: what it has written, what its decoder has been told of it, and the token that is being chosen.

use rand_chacha::ChaCha8Rng;

use super::{
    Part,
    composing::Composing,
    editor::Editor,
    line::{heard, opening},
    piece::Piece,
    prompter::{Kept, Prompt, Prompter, SILENT},
    rules::{Rules, untangle},
    sampler::Sampling,
    steering::Steering,
    taste,
    token::{END, REST, Token},
};
use crate::music::{Note, STEPS_PER_BEAT};

/// Notes of melody and accompaniment in a bar at most: no test song's bar has more than 58.
const FULL_BAR: usize = 56;
/// Bars before the present one that a new window begins with.
const KEPT_BARS: usize = 8;

/// A token as the decoder hears it, and the step at which it began.
pub(super) type Heard = ([i64; 5], u32);

/// The factors of a token, in the order in which they are chosen.
#[derive(Clone, Copy)]
pub(super) enum Factor {
    Step,
    Pitch,
    Duration,
    Velocity,
}

pub(super) struct Take {
    part: Part,
    rng: ChaCha8Rng,
    sampling: Sampling,
    at: Draft,
    /// Step at which its window began.
    window: u32,
    /// The token that is being chosen, and those of its factors that are not drawn.
    token: Token,
    prompt: Prompt,
    /// No note is drawn before this step: the bar is full.
    full_until: u32,
    /// Whether it has a part in what happens now.
    pub(super) is_writing: bool,
}

/// A take as far as it is written, to come back to.
#[derive(Clone)]
pub(super) struct Draft {
    rules: Rules,
    notes: Vec<Note>,
    heard: Vec<Heard>,
    prompter: Prompter,
    steering: Steering,
    editor: Editor,
    /// How many of `heard` the decoder has been told, and how many tokens there are in its window.
    told_of_heard: usize,
    told: usize,
}

impl Take {
    /// Rows that no piece is left for are done before they begin.
    pub(super) fn new(part: Part, pieces: &[Piece], row: usize, kept: Option<&Kept>, how: &Composing) -> Self {
        let piece = pieces.get(row);
        let at = Draft {
            rules: piece.map_or_else(|| Rules::none(part), |piece| Rules::new(part, piece)),
            notes: vec![],
            heard: vec![(opening(part, 0), 0)],
            prompter: Prompter::new(part, piece.unwrap_or(&pieces[0]), row, kept, how),
            steering: Steering::new(part, how.shaping.steering),
            editor: Editor::new(part),
            told_of_heard: 0,
            told: 0,
        };
        let (rng, sampling) = (how.rng(row), how.sampling_of(row));
        Self { part, rng, sampling, at, window: 0, token: Token::END, prompt: SILENT, full_until: 0, is_writing: false }
    }

    /// Whether it has not gone past a bar.
    pub(super) fn writes(&self, piece: &Piece, bar: usize) -> bool {
        !self.at.rules.is_done() && piece.bar_at(self.at.rules.at()) <= bar
    }

    pub(super) fn draft(&self) -> Draft {
        self.at.clone()
    }

    /// Back to `start`, where the decoder has forgotten what came after, and on to another draft that it has not been told of.
    pub(super) fn go_back(&mut self, start: &Draft, to: Option<Draft>) {
        self.at = to.unwrap_or_else(|| start.clone());
        (self.at.told_of_heard, self.at.told) = (start.told_of_heard, start.told);
    }

    /// How far a bar is from what is asked of it.
    pub(super) fn error(&self, piece: &Piece, bar: usize) -> f32 {
        self.at.editor.error(piece, bar, &self.at.notes)
    }

    /// Less than this a bar that is being written cannot be from what is asked of it.
    pub(super) fn least_error(&self, piece: &Piece, bar: usize) -> f32 {
        self.at.editor.least_error(piece, bar, &self.at.notes)
    }

    pub(super) fn part(&self) -> Part {
        self.part
    }

    pub(super) fn notes(&self) -> &[Note] {
        &self.at.notes
    }

    /// Leaves a bar as it is.
    pub(super) fn settle(&mut self, piece: &Piece, bar: usize) {
        let owed = self.at.editor.settle(piece, bar, &self.at.notes);
        self.at.steering.owe(owed);
    }

    /// Tokens of its window, with those that its decoder is told next.
    pub(super) fn fills(&self) -> usize {
        self.at.told + self.at.heard.len() - self.at.told_of_heard
    }

    /// Step at which its window began.
    pub(super) fn window(&self) -> u32 {
        self.window
    }

    /// What a new window begins with: an opening at a bar line and the tokens since, as many as there is room for, but the last.
    pub(super) fn begin_window(&mut self, part: Part, piece: &Piece, kept: usize) -> Vec<Heard> {
        let heard = &mut self.at.heard;
        let bar = piece.bar_at(self.at.rules.at()).saturating_sub(KEPT_BARS);
        let recent = heard.iter().rposition(|(_, at)| *at < piece.bars[bar].first_step).map_or(1, |last| last + 1);
        let last = heard.len() - 1;
        let first = recent.max((heard.len() + 1).saturating_sub(kept)).clamp(1, last.max(1));
        self.window = piece.bars[piece.bar_at(heard[first.min(last)].1)].first_step;
        if let Some((input, at)) = heard.get_mut(first) {
            input[0] = i64::from(*at - self.window).min(i64::from(REST) - 1);
        }
        let mut said = vec![(opening(part, 0), self.window)];
        said.extend_from_slice(&heard[first..last.max(first)]);
        (self.at.told_of_heard, self.at.told) = (last, said.len());
        said
    }

    /// What it has said that its decoder has not been told.
    pub(super) fn tell(&mut self) -> Vec<Heard> {
        let said = self.at.heard[self.at.told_of_heard..].to_vec();
        self.at.told_of_heard = self.at.heard.len();
        self.at.told += said.len();
        said
    }

    /// Hears what the next token is, where it is not to be drawn.
    pub(super) fn listen(&mut self, piece: &Piece) {
        self.full_until = full_until(piece, self.at.rules.at(), &self.at.notes);
        self.prompt = self.at.prompter.next(piece, self.at.rules.at(), &self.at.notes).unwrap_or(SILENT);
    }

    /// Draws one factor of the next token.
    pub(super) fn draw(
        &mut self,
        factor: Factor,
        piece: &Piece,
        mut logits: Vec<f32>,
        allowed: fn(&Self, usize) -> bool,
    ) -> Option<usize> {
        if let Some(prompted) = self.prompt[factor as usize] {
            return Some(usize::from(prompted));
        }
        self.lean(factor, piece, &mut logits);
        let mut rng = self.rng.clone();
        let drawn = self.sampling.draw(&mut rng, &logits, |choice| allowed(self, choice));
        self.rng = rng;
        drawn
    }

    /// A take that nothing is allowed to ends. A step that leaves its bar may be one that is whispered instead.
    pub(super) fn choose_step(&mut self, step: Option<usize>, piece: &Piece) {
        if !self.is_writing {
            return;
        }
        self.token = Token { step: step.map_or(END, |step| step as u16), ..Token::END };
        if self.prompt[0].is_some() {
            return;
        }
        let start = if self.token.step == END { piece.end_step() } else { self.start() };
        if let Some(prompt) = self.at.prompter.instead(piece, self.at.rules.at(), start, &self.at.notes) {
            self.token.step = prompt[0].unwrap_or(END);
            self.prompt = prompt;
        }
    }

    pub(super) fn allows_step(&self, step: usize) -> bool {
        let step = step as u16;
        let start = self.at.rules.at() + Token { step, ..Token::END }.distance();
        self.at.rules.allows_step(step) && (step >= REST || self.at.prompter.allows(start) && start >= self.full_until)
    }

    pub(super) fn allows_pitch(&self, pitch: usize) -> bool {
        self.token.is_note() && self.at.rules.allows_pitch(self.token.step, pitch)
    }

    pub(super) fn allows_duration(&self, duration: usize) -> bool {
        self.token.is_note() && self.at.rules.allows_duration(self.token.step, self.token.pitch, duration)
    }

    pub(super) fn allows_velocity(&self, _: usize) -> bool {
        self.token.is_note()
    }

    pub(super) fn token(&self) -> Token {
        self.token
    }

    pub(super) fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }

    /// Where the token that is being chosen begins.
    pub(super) fn start(&self) -> u32 {
        self.at.rules.at() + self.token.distance()
    }

    /// Tilts the odds of a factor towards what is asked and what ears want.
    fn lean(&self, factor: Factor, piece: &Piece, logits: &mut [f32]) {
        let Draft { rules, notes, steering, .. } = &self.at;
        match factor {
            Factor::Step => {
                steering.lean_on_steps(piece, rules.at(), logits);
                taste::lean_on_steps(self.part, notes, logits);
            }
            Factor::Pitch => {
                steering.lean_on_pitches(piece, self.start(), logits);
                taste::lean(self.part, piece, self.start(), notes, logits);
                taste::forget_slips(logits);
            }
            Factor::Duration => {}
            Factor::Velocity => steering.lean_on_velocities(piece, self.start(), logits),
        }
    }

    /// Says the token that was chosen.
    pub(super) fn say(&mut self, piece: &Piece) {
        let Draft { rules, notes, heard: said, steering, .. } = &mut self.at;
        if let Some(note) = rules.follow(self.token) {
            if self.part == Part::Melody {
                end_before(notes, note.start);
            }
            steering.hear(piece, note);
            notes.push(note);
        }
        let at = rules.at();
        said.push((heard(self.part, self.token, piece.place_in_bar(at)), at));
    }

    pub(super) fn finish(self) -> Vec<Note> {
        let mut notes = self.at.notes;
        notes.sort_unstable();
        untangle(&mut notes);
        notes
    }
}

impl Draft {
    /// Tokens of its window that its decoder has been told.
    pub(super) fn told(&self) -> usize {
        self.told
    }

    /// Its decoder has been told of it by now, and hears anew only the last token, after which each draft goes on.
    pub(super) fn be_told(&mut self) {
        let told_of_heard = (self.heard.len() - 1).max(self.told_of_heard);
        self.told += told_of_heard - self.told_of_heard;
        self.told_of_heard = told_of_heard;
    }

    /// How far the velocities of a bar are from what is asked.
    pub(super) fn velocity_error(&self, piece: &Piece, bar: usize) -> f32 {
        self.editor.velocity_error(piece, bar, &self.notes)
    }

    /// Whether the bar that it is in is drawn.
    pub(super) fn is_drawn(&self) -> bool {
        self.prompter.is_drawing()
    }

    /// Whether the bar that it is in is an earlier take's, note for note.
    pub(super) fn is_kept(&self) -> bool {
        self.prompter.is_keeping()
    }
}

/// The end of the bar that `at` is in where it has all the notes that a bar may have, else 0.
fn full_until(piece: &Piece, at: u32, notes: &[Note]) -> u32 {
    let bar = &piece.bars[piece.bar_at(at)];
    let end = bar.first_step + bar.beats * STEPS_PER_BEAT;
    let within = |notes: &[Note]| {
        notes.partition_point(|note| note.start < end) - notes.partition_point(|note| note.start < bar.first_step)
    };
    if within(notes) + within(&piece.melody) >= FULL_BAR { end } else { 0 }
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
            let step = (start - take.at.rules.at()) as u16;
            take.token = Token { step, pitch: 40, duration: 0, velocity: 8 };
            take.say(piece);
        }
        take
    }

    #[test]
    fn a_new_window_begins_at_a_bar_line_with_the_last_bars() {
        let piece = piece(20);
        let starts: Vec<u32> = (0..72).map(|beat| 4 * beat).collect();
        let mut take = take(&piece, &starts);
        assert_eq!(take.fills(), 73);
        let said = take.begin_window(Part::Melody, &piece, 64);
        assert_eq!(said.len(), 36);
        assert_eq!(take.window, 16 * 9, "eight bars before the bar of step 284");
        assert_eq!(said[0], (opening(Part::Melody, 0), take.window));
        assert_eq!((said[1].1, said[35].1), (16 * 9, 280));
        assert_eq!(said[1].0[0], 0, "its distance is from the window's start");
        let last = take.tell();
        assert_eq!((last.len(), last[0].1), (1, 284));
        assert_eq!((take.fills(), take.tell().len()), (37, 0));
    }

    #[test]
    fn a_new_window_keeps_no_more_than_it_has_room_for() {
        let piece = piece(20);
        let starts: Vec<u32> = (0..200).collect();
        let mut take = take(&piece, &starts);
        let said = take.begin_window(Part::Melody, &piece, 64);
        assert_eq!((said.len(), said[1].1), (63, 137));
        assert_eq!((take.window, said[1].0[0]), (128, 9));
    }

    #[test]
    fn a_full_bar_takes_no_more_notes() {
        let piece = Piece { melody: vec![], ..piece(4) };
        let notes = |count: u32| {
            (0..count)
                .map(|index| Note { start: 16 + index / 4, pitch: 60, duration: 1, velocity: 60 })
                .collect::<Vec<_>>()
        };
        assert_eq!(full_until(&piece, 30, &notes(55)), 0);
        assert_eq!(full_until(&piece, 30, &notes(56)), 32);
        assert_eq!(full_until(&piece, 32, &notes(56)), 0);
    }

    #[test]
    fn takes_that_have_said_little_get_a_window_too() {
        let piece = piece(20);
        for starts in [&[][..], &[0], &[0, 20], &[200]] {
            let mut take = take(&piece, starts);
            let said = take.begin_window(Part::Melody, &piece, 64).len() + take.tell().len();
            assert_eq!(said, 1 + starts.len().max(1), "{starts:?}");
        }
    }

    #[test]
    fn a_take_comes_back_to_its_start_and_goes_on_to_a_draft_that_is_told_anew() {
        let piece = piece(20);
        let mut take = take(&piece, &[0, 4, 8]);
        assert_eq!(take.tell().len(), 4);
        let start = take.draft();
        let write = |take: &mut Take, step: u16| {
            take.token = Token { step, pitch: 40, duration: 0, velocity: 8 };
            take.say(&piece);
            let _ = take.tell();
        };
        for step in [2, 2, 4] {
            write(&mut take, step);
        }
        let first = take.draft();
        take.go_back(&start, None);
        assert_eq!((take.at.notes.len(), take.start(), take.fills()), (3, 8 + 4, 4));
        write(&mut take, 8);
        take.go_back(&start, Some(first));
        let told = take.tell();
        assert_eq!((take.at.notes.len(), told.len(), told[2].1), (6, 3, 16));
        assert!(take.writes(&piece, 1) && !take.writes(&piece, 0));
    }
}
