//! Composes a melody or an accompaniment, note by note, under the rules of `rules`.
//!
//! The decoder remembers a window, as it has learned from windows: after a fixed number of notes all rows start anew with
//! their last bars, so that memory stays bounded and shapes never depend on what other takes do.

use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use super::{
    Part,
    composing::{Composing, OnProgress, ROWS, numbers, rows},
    condition::Telling,
    line::{heard, opening},
    note_network::{Encoding, NoteNetwork, Said},
    piece::Piece,
    prompter::{Kept, Prompt, Prompter, SILENT},
    rules::{Rules, untangle},
    scene::{Scene, SceneTensors},
    steering::Steering,
    taste,
    token::{END, REST, Token},
    trunk::Cache,
};
use crate::music::{Note, STEPS_PER_BEAT};

/// Bars that the encoder reads at once, and how many of them, in the middle, it is believed.
const ENCODED_BARS: usize = 16;
const BELIEVED_BARS: usize = 8;
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
    /// Tokens before the window's own that stand for nothing.
    padding: usize,
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

/// Eight rows of takes around one network.
struct Ensemble<'a> {
    network: &'a NoteNetwork,
    part: Part,
    pieces: &'a [Piece],
    /// Any take's piece: bars are the same in all.
    piece: &'a Piece,
    encoding: Encoding,
    how: &'a Composing,
    takes: Vec<Take>,
    cache: Cache,
    room: Room,
    /// In the first window nothing is padded. Later ones are masked whether they need it or not: one way, one result.
    is_first_window: bool,
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
        let encoding = encode(network, part, pieces, how);
        let room = Room::of(part);
        let cache = network.cache(ROWS as i64, (room.kept + room.new) as i64, &encoding);
        let takes = (0..ROWS).map(|row| Take::new(part, pieces, row, kept, how)).collect();
        let mut ensemble =
            Ensemble { network, part, pieces, piece, encoding, how, takes, cache, room, is_first_window: true };
        while ensemble.takes.iter().any(|take| !take.rules.is_done()) {
            let state = ensemble.listen();
            ensemble.speak(&state);
            on_progress(ensemble.done());
        }
        ensemble.takes.into_iter().take(pieces.len()).map(Take::finish).collect()
    })
}

/// The encoder over the whole piece, by overlapping windows as long as those it has learned from.
fn encode(network: &NoteNetwork, part: Part, pieces: &[Piece], how: &Composing) -> Encoding {
    let bars = pieces[0].bars.len();
    let beats_before =
        |bar: usize| pieces[0].bars.get(bar).map_or(pieces[0].beats(), |bar| bar.first_step as usize / 4);
    let window = |first: usize| {
        let earliest = first.saturating_sub((ENCODED_BARS - BELIEVED_BARS) / 2).min(bars.saturating_sub(ENCODED_BARS));
        let read = earliest..(earliest + ENCODED_BARS).min(bars);
        let scene = |row: usize| {
            let piece = &pieces[row.min(pieces.len() - 1)];
            Scene::new(part, piece, read.clone(), 0, Telling::AsAsked)
        };
        let scenes: Vec<Scene> = (0..ROWS).map(scene).collect();
        let encoding = network.encode(&SceneTensors::new(&scenes).to(how.device, how.kind), false);
        let believed = beats_before(first)..beats_before((first + BELIEVED_BARS).min(bars));
        encoding.narrow(believed.start - beats_before(read.start), believed.len())
    };
    Encoding::join(&(0..bars).step_by(BELIEVED_BARS).map(window).collect::<Vec<_>>())
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
            padding: 0,
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
        self.padding = kept - said.len();
        let mut padded = vec![(opening(part, 0), self.window); self.padding];
        padded.extend(said);
        padded
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
    /// Tells the decoder what each take has last said and brings back its state, `[ROWS, 1, width]`.
    fn listen(&mut self) -> Tensor {
        let said = self.said();
        let tokens = said.first().map_or(1, Vec::len) as i64;
        let shape = [ROWS as i64, tokens];
        let last_beat = self.piece.beats() as i64 - 1;
        let (mut inputs, mut steps, mut beats) = (Vec::new(), Vec::new(), Vec::new());
        for (take, row) in self.takes.iter().zip(&said) {
            for (input, at) in row {
                inputs.extend_from_slice(input);
                steps.push(i64::from(at - take.window));
                beats.push(i64::from(at / STEPS_PER_BEAT).min(last_beat));
            }
        }
        let device = self.how.device;
        let said = Said {
            inputs: numbers(&inputs, &[ROWS as i64, tokens, 5], device),
            steps: numbers(&steps, &shape, device),
            beats: numbers(&beats, &shape, device),
            seen: (!self.is_first_window).then(|| seen(&self.takes, self.cache.filled(), tokens, device)),
        };
        self.network.advance(&self.encoding, &said, &mut self.cache).narrow(1, tokens - 1, 1)
    }

    /// What the decoder is told next, for each row: the last token, or a new window.
    fn said(&mut self) -> Vec<Vec<Heard>> {
        if (self.cache.filled() as usize) < self.room.kept + self.room.new {
            return self.takes.iter().map(|take| take.heard.last().copied().into_iter().collect()).collect();
        }
        self.cache.clear();
        self.is_first_window = false;
        let (part, piece, kept) = (self.part, self.piece, self.room.kept);
        self.takes.iter_mut().map(|take| take.begin_window(part, piece, kept)).collect()
    }

    /// Draws each take's next token, factor by factor.
    fn speak(&mut self, state: &Tensor) {
        let (network, piece) = (self.network, self.piece);
        self.takes.iter_mut().for_each(|take| take.listen(piece));
        let steps = self.draw(Factor::Step, &network.step_logits(state), Take::allows_step);
        for (take, step) in self.takes.iter_mut().zip(steps) {
            take.choose_step(step, piece);
        }
        let hidden = self.at_new_note(state);
        let pitches = self.draw(Factor::Pitch, &network.pitch_logits(&hidden), Take::allows_pitch);
        let pitches = self.choose(pitches, |token| &mut token.pitch);
        let hidden = network.chosen_pitch(&hidden, &pitches);
        let durations = self.draw(Factor::Duration, &network.duration_logits(&hidden), Take::allows_duration);
        let durations = self.choose(durations, |token| &mut token.duration);
        let hidden = network.chosen_duration(&hidden, &durations);
        let is_note = |take: &Take, _| take.token.is_note();
        let velocities = self.draw(Factor::Velocity, &network.velocity_logits(&hidden), is_note);
        let _ = self.choose(velocities, |token| &mut token.velocity);
        for take in &mut self.takes {
            take.say(self.part, self.piece);
        }
    }

    /// The state, told of the steps that were chosen.
    fn at_new_note(&self, state: &Tensor) -> Tensor {
        let last_beat = self.piece.beats() as i64 - 1;
        let beat = |take: &Take| i64::from(take.start() / STEPS_PER_BEAT).min(last_beat);
        let place = |take: &Take| [i64::from(take.token.step), i64::from(self.piece.place_in_bar(take.start()))];
        let beats: Vec<i64> = self.takes.iter().map(beat).collect();
        let places: Vec<i64> = self.takes.iter().flat_map(place).collect();
        let device = self.how.device;
        let beats = numbers(&beats, &[ROWS as i64, 1], device);
        let places = numbers(&places, &[ROWS as i64, 1, 2], device);
        self.network.chosen_step(&self.encoding, state, &places, &beats)
    }

    /// Takes over one factor of each take's token; gives it back as the network wants to hear it.
    fn choose(&mut self, drawn: Vec<Option<usize>>, factor: fn(&mut Token) -> &mut u16) -> Tensor {
        let take_over = |(take, drawn): (&mut Take, Option<usize>)| {
            let chosen = drawn.unwrap_or(0);
            *factor(&mut take.token) = chosen as u16;
            chosen as i64
        };
        let chosen: Vec<i64> = self.takes.iter_mut().zip(drawn).map(take_over).collect();
        numbers(&chosen, &[ROWS as i64, 1], self.how.device)
    }

    /// One choice for each take that is not done; none where nothing is allowed.
    fn draw(&mut self, factor: Factor, logits: &Tensor, allowed: impl Fn(&Take, usize) -> bool) -> Vec<Option<usize>> {
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
        let pieces = (0..ROWS).map(|row| &pieces[row.min(last)]);
        self.takes.iter_mut().zip(pieces).zip(rows(logits)).map(draw).collect()
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

/// What each new token sees, `[ROWS, 1, tokens, all]`: all before it but padding, and itself always.
fn seen(takes: &[Take], filled: i64, tokens: i64, device: Device) -> Tensor {
    let all = filled + tokens;
    let mut seen = Vec::with_capacity(takes.len() * (tokens * all) as usize);
    for take in takes {
        let padding = take.padding as i64;
        for token in filled..all {
            seen.extend((0..all).map(|other| other == token || (padding..token).contains(&other)));
        }
    }
    Tensor::from_slice(&seen).view([takes.len() as i64, 1, tokens, all]).to_device(device)
}

#[cfg(test)]
mod tests {
    use tch::{Kind, nn};

    use super::*;
    use crate::{
        corpus::Split,
        model::{Sampling, Shaping, testing},
        seed::Seed,
    };

    fn piece(bars: usize) -> Piece {
        Piece::of_song(&testing::song("1", bars, Split::Test))
    }

    fn how() -> Composing {
        let sampling = Sampling { temperature: 1.0, top_p: 1.0 };
        let shaping = Shaping::default();
        Composing { sampling, seed: Seed::master(1), device: Device::Cpu, kind: Kind::Float, shaping }
    }

    fn take(piece: &Piece, starts: &[u32]) -> Take {
        let mut take = Take::new(Part::Melody, std::slice::from_ref(piece), 0, None, &how());
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
        assert_eq!((said.len(), take.padding), (64, 64 - 37));
        assert_eq!(take.window, 16 * 9, "eight bars before the bar of step 284");
        let opening = said[take.padding];
        assert_eq!(opening, (super::opening(Part::Melody, 0), take.window));
        assert_eq!((said[take.padding + 1].1, said[63].1), (16 * 9, 284));
        assert_eq!(said[take.padding + 1].0[0], 0, "its distance is from the window's start");
    }

    #[test]
    fn a_new_window_keeps_no_more_than_it_has_room_for() {
        let piece = piece(20);
        let starts: Vec<u32> = (0..200).collect();
        let mut take = take(&piece, &starts);
        let said = take.begin_window(Part::Melody, &piece, 64);
        assert_eq!((said.len(), take.padding, said[1].1), (64, 0, 137));
        assert_eq!((take.window, said[1].0[0]), (128, 9));
    }

    #[test]
    fn takes_that_ended_early_get_a_window_too() {
        let piece = piece(20);
        for starts in [&[][..], &[0], &[0, 20]] {
            let mut take = take(&piece, starts);
            let said = take.begin_window(Part::Melody, &piece, 64);
            assert_eq!((said.len(), take.padding), (64, 63 - starts.len()));
        }
    }

    /// Where one window holds the piece, windows are no different; where not, all beats are there.
    #[test]
    fn the_encoder_covers_every_beat() {
        testing::alone();
        tch::no_grad(|| {
            let store = nn::VarStore::new(Device::Cpu);
            let network = NoteNetwork::new(Part::Accompaniment, &store.root(), &testing::SMALL);
            for bars in [1, 8, 9, 16, 17, 30] {
                let piece = piece(bars);
                let windows = encode(&network, Part::Accompaniment, std::slice::from_ref(&piece), &how());
                assert_eq!(windows.beats(), 4 * bars);
                if bars <= ENCODED_BARS {
                    let scene = Scene::new(Part::Accompaniment, &piece, 0..bars, 0, Telling::AsAsked);
                    let whole = network.encode(&SceneTensors::new(&[scene]), false);
                    assert!(windows.apart(&whole) < 1e-5, "{bars} bars");
                }
            }
        });
    }
}
