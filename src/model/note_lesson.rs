//! Lessons in melody and accompaniment: windows of 4 to 16 bars. Windows of like length share a batch, so little is padded.

use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::{
    Batch, Lesson, Part,
    condition::Telling,
    dropping::DICE,
    line::{Line, tokens},
    note_network::{NoteBatch, sizes},
    picture,
    piece::Piece,
    scene::{Scene, SceneTensors},
    token::FACTORS,
    window::{Window, below, cover, draw, unit},
};
use crate::corpus::{Corpus, Split};

const LONGEST_BARS: usize = 16;
const SHORTEST_BARS: usize = 4;
/// Share of batches with windows shorter than the longest.
const SHORT_SHARE: f64 = 0.25;
/// Windows are drawn in this many times a batch, and one batch of like lengths is kept.
const SORTED_BATCHES: usize = 4;
/// Share of windows that are told their bars steadily instead of one by one.
const SMOOTH_SHARE: f64 = 0.4;
const WIDEST_SMOOTHING: usize = 4;
/// Share of windows that are heard in another key.
const SHIFTED_SHARE: f64 = 0.5;

pub(super) struct NoteLesson {
    part: Part,
    pieces: Vec<Piece>,
    splits: Vec<Split>,
}

/// How a window is heard.
struct Hearing {
    shift: i32,
    telling: Telling,
    dice: Vec<f32>,
}

impl NoteLesson {
    pub(super) fn new(part: Part, corpus: &Corpus) -> Self {
        let pieces = picture::pieces(corpus);
        Self { part, pieces, splits: corpus.songs.iter().map(|song| song.split).collect() }
    }

    /// Pieces of a split with at least so many bars; the longest one where none has.
    fn among(&self, split: Split, bars: usize) -> Vec<usize> {
        let of_split = (0..self.pieces.len()).filter(|piece| self.splits[*piece] == split);
        let long: Vec<usize> = of_split.clone().filter(|piece| self.pieces[*piece].bars.len() >= bars).collect();
        if long.is_empty() {
            of_split.max_by_key(|piece| self.pieces[*piece].bars.len()).into_iter().collect()
        } else {
            long
        }
    }

    /// All windows of a split, those of equally many bars together.
    fn windows(&self, split: Split) -> Vec<Window> {
        let bars = |(piece, of): (&Piece, &Split)| if *of == split { piece.bars.len() } else { 0 };
        let bars: Vec<usize> = self.pieces.iter().zip(&self.splits).map(bars).collect();
        let mut windows = cover(&bars, LONGEST_BARS);
        windows.sort_by_key(|window| (window.bars.len(), window.piece, window.bars.start));
        windows
    }

    fn batch(&self, windows: &[Window], hearings: &[Hearing]) -> Batch {
        let both = || windows.iter().zip(hearings);
        let piece = |window: &Window| &self.pieces[window.piece];
        let scenes: Vec<Scene> = both()
            .map(|(window, hearing)| {
                Scene::new(self.part, piece(window), window.bars.clone(), hearing.shift, hearing.telling)
            })
            .collect();
        let lines = both().map(|(window, hearing)| Line::new(self.part, piece(window), &window.bars, hearing.shift));
        let lines = padded(self.part, lines.collect());
        let scene = SceneTensors::new(&scenes);
        let dice: Vec<f32> = hearings.iter().flat_map(|hearing| hearing.dice.iter().copied()).collect();
        NoteBatch {
            inputs: columns(&lines, |line| line.inputs.as_flattened()),
            steps: columns(&lines, |line| &line.steps).squeeze_dim(-1),
            beats: columns(&lines, |line| line.beats.as_flattened()),
            places: columns(&lines, |line| &line.places).squeeze_dim(-1),
            targets: columns(&lines, |line| line.targets.as_flattened()),
            features: scene.features.to_kind(Kind::Float),
            chords: scene.chords,
            melody: scene.melody,
            dice: Tensor::from_slice(&dice).view([hearings.len() as i64, DICE as i64]),
        }
        .into_batch()
    }
}

fn padded(part: Part, mut lines: Vec<Line>) -> Vec<Line> {
    let longest = lines.iter().map(Line::len).max().unwrap_or(0).max(1);
    for line in &mut lines {
        line.pad(part, longest);
    }
    lines
}

/// `[lines, tokens, entries]`
fn columns<'a>(lines: &'a [Line], column: impl Fn(&'a Line) -> &'a [i64]) -> Tensor {
    let all: Vec<i64> = lines.iter().flat_map(|line| column(line).iter().copied()).collect();
    let tokens = lines.first().map_or(1, Line::len) as i64;
    Tensor::from_slice(&all).view([lines.len() as i64, tokens, -1])
}

fn hearing(rng: &mut ChaCha8Rng) -> Hearing {
    let shift = if unit(rng) < SHIFTED_SHARE { below(rng, 12) as i32 - 5 } else { 0 };
    let smooth = unit(rng) < SMOOTH_SHARE;
    let telling = if smooth { Telling::Smooth(1 + below(rng, WIDEST_SMOOTHING)) } else { Telling::Bins };
    Hearing { shift, telling, dice: (0..DICE).map(|_| unit(rng) as f32).collect() }
}

impl Lesson for NoteLesson {
    fn factors(&self) -> &'static [&'static str] {
        FACTORS
    }

    fn sizes(&self) -> Vec<usize> {
        sizes(self.part).to_vec()
    }

    fn draw(&self, rng: &mut ChaCha8Rng, windows: usize) -> Batch {
        let short = unit(rng) < SHORT_SHARE;
        let bars = if short { SHORTEST_BARS + below(rng, LONGEST_BARS - SHORTEST_BARS) } else { LONGEST_BARS };
        let among = self.among(Split::Train, bars);
        let mut drawn: Vec<Window> =
            (0..SORTED_BATCHES * windows).map(|_| draw(rng, &self.pieces, &among, bars)).collect();
        drawn.sort_by_cached_key(|window| tokens(self.part, &self.pieces[window.piece], &window.bars, 0).len());
        let first = below(rng, SORTED_BATCHES) * windows;
        let chosen = &drawn[first..first + windows];
        let hearings: Vec<Hearing> = chosen.iter().map(|_| hearing(rng)).collect();
        self.batch(chosen, &hearings)
    }

    fn look(&self, split: Split, windows: usize) -> Vec<Batch> {
        let all = self.windows(split);
        let alike = all.chunk_by(|one, other| one.bars.len() == other.bars.len());
        let plain = || Hearing { shift: 0, telling: Telling::Bins, dice: vec![1.0; DICE] };
        let batch = |chunk: &[Window]| self.batch(chunk, &chunk.iter().map(|_| plain()).collect::<Vec<_>>());
        alike.flat_map(|group| group.chunks(windows)).map(batch).collect()
    }

    fn sequences(&self, split: Split) -> Vec<Vec<Vec<u16>>> {
        let sequence = |window: &Window| {
            let tokens = tokens(self.part, &self.pieces[window.piece], &window.bars, 0);
            tokens.into_iter().map(|token| token.factors().to_vec()).collect()
        };
        self.windows(split).iter().map(sequence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Network, note_network::NoteNetwork, testing},
        seed::Seed,
    };

    fn lesson(part: Part) -> NoteLesson {
        NoteLesson::new(part, &testing::corpus(9))
    }

    /// Notes, rests and ends of a batch.
    fn tokens_of(batch: &Batch) -> i64 {
        batch.tensors[4].select(2, 0).ne(super::super::note_network::IGNORED).sum(Kind::Int64).int64_value(&[])
    }

    #[test]
    fn a_look_sees_every_token_once_and_the_same_as_n_grams_do() {
        for part in [Part::Melody, Part::Accompaniment] {
            let lesson = lesson(part);
            let seen: i64 = lesson.look(Split::Validation, 4).iter().map(tokens_of).sum();
            let sequences = lesson.sequences(Split::Validation);
            assert_eq!(seen as usize, sequences.iter().map(Vec::len).sum::<usize>());
            let sizes = lesson.sizes();
            let fits = |token: &Vec<u16>| token.iter().zip(&sizes).all(|(factor, size)| usize::from(*factor) < *size);
            assert!(sequences.iter().flatten().all(fits));
        }
    }

    #[test]
    fn a_look_is_always_the_same_and_a_draw_follows_its_generator() {
        let lesson = lesson(Part::Melody);
        let equal = |one: &Batch, other: &Batch| one.tensors.iter().zip(&other.tensors).all(|(a, b)| a == b);
        let looks = [lesson.look(Split::Train, 3), lesson.look(Split::Train, 3)];
        assert!(looks[0].iter().zip(&looks[1]).all(|(one, other)| equal(one, other)));
        let draw = |seed| lesson.draw(&mut Seed::master(seed).rng(), 3);
        assert!(equal(&draw(1), &draw(1)) && !equal(&draw(1), &draw(2)));
    }

    #[test]
    fn drawn_windows_waste_little() {
        let lesson = lesson(Part::Accompaniment);
        let mut rng = Seed::master(2).rng();
        let batches: Vec<Batch> = (0..20).map(|_| lesson.draw(&mut rng, 4)).collect();
        let room: usize = batches.iter().map(|batch| batch.tensors[1].numel()).sum();
        let used: i64 = batches.iter().map(tokens_of).sum();
        assert!(used as f64 > 0.9 * room as f64, "{used} of {room}");
    }

    /// Not a test of right or wrong: nats a note of the shipped accompaniment on the test songs, told as much as the reference
    /// (chords, melody, density), and told nothing but chords and melody.
    #[test]
    #[ignore = "a measurement; run it alone"]
    #[expect(clippy::print_stderr, reason = "it prints what it measures")]
    fn nats_of_who_is_told_less() {
        use std::path::Path;

        let Some(data) = crate::testing::data() else { return };
        let corpus = crate::corpus::pop909::load(&data.join("pop909"), |_| {}).unwrap();
        let part = Part::Accompaniment;
        let path = std::env::var("WEIGHTS").unwrap_or_else(|_| "store/models/accompaniment.safetensors".to_owned());
        let build = |root: &tch::nn::Path, config: &crate::model::Config| NoteNetwork::new(part, root, config);
        let (_, _store, network) =
            crate::model::weights::load(Path::new(&path), part, tch::Device::Cpu, build).unwrap();
        for (what, told) in [("density alone", &[2][..]), ("density and register", &[2, 4]), ("nothing", &[])] {
            let mut lesson = NoteLesson::new(part, &corpus);
            for bar in lesson.pieces.iter_mut().flat_map(|piece| &mut piece.bars) {
                bar.asked = std::array::from_fn(|channel| bar.asked[channel].filter(|_| told.contains(&channel)));
            }
            let looks = lesson.look(Split::Test, 16);
            let nats = crate::model::training::nats(&network, &looks, tch::Device::Cpu);
            eprintln!("told {what}: {:.3} nats a note, by factor {nats:.3?}", nats.iter().sum::<f64>());
        }
    }

    #[test]
    fn dropping_is_for_training_only() {
        testing::alone();
        tch::manual_seed(1);
        let store = tch::nn::VarStore::new(tch::Device::Cpu);
        let config = crate::model::Config { condition_dropout: 1.0, ..testing::SMALL };
        let network = NoteNetwork::new(Part::Melody, &store.root(), &config);
        let batch = lesson(Part::Melody).draw(&mut Seed::master(1).rng(), 2);
        let nats = |train| network.nats(&batch, train).sums.sum(Kind::Float).double_value(&[]);
        assert!((nats(false) - nats(false)).abs() < 1e-9);
        assert!((nats(false) - nats(true)).abs() > 1e-6);
    }
}
