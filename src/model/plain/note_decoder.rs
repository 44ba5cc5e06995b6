//! Rows of notes on the processor: each remembers its own window, and those that are done cost nothing.

use super::{
    matrix::{Matrix, add, values},
    notes::PlainNotes,
    trunk::{Memory, Moment},
};
use crate::model::{
    decoder::{Decoder, Placed, Spoken},
    note_network::Encoding,
};

pub(crate) struct PlainDecoder<'a> {
    network: &'a PlainNotes,
    scenes: Vec<Scene>,
    memories: Vec<Memory>,
    /// Rows that were told something.
    active: Vec<usize>,
    /// What the next head starts from, for each of them.
    states: Vec<f32>,
}

/// A row's encoding: a vector a beat, for the beat itself, as the next one, as a new note's.
struct Scene {
    here: Vec<f32>,
    next: Vec<f32>,
    new: Vec<f32>,
}

impl<'a> PlainDecoder<'a> {
    /// One row an encoding, with room for so many tokens.
    pub(crate) fn new(network: &'a PlainNotes, encodings: &[Encoding], room: usize) -> Self {
        let scene = |encoding: &Encoding| Scene {
            here: values(&encoding.here),
            next: values(&encoding.next),
            new: values(&encoding.new),
        };
        Self {
            network,
            scenes: encodings.iter().map(scene).collect(),
            memories: encodings.iter().map(|_| network.trunk.memory(room)).collect(),
            active: vec![],
            states: vec![],
        }
    }

    /// The states after the last token of each row that is told any.
    fn hear(&mut self, said: &[Vec<Spoken>]) -> Vec<f32> {
        let width = self.network.trunk.width();
        let (mut x, mut moments, mut last) = (vec![], vec![], vec![]);
        for (row, said) in said.iter().enumerate().filter(|(_, said)| !said.is_empty()) {
            let scene = &self.scenes[row];
            for token in said {
                let mut sum = vec![0.0; width];
                self.network.token.add(&token.input.map(|factor| factor as usize), &mut sum);
                let following = ((token.beat + 1) * width).min(scene.next.len() - width);
                add(&mut sum, &scene.here[token.beat * width..][..width]);
                add(&mut sum, &scene.next[following..][..width]);
                x.extend_from_slice(&sum);
                moments.push(Moment { row, step: token.step });
            }
            last.push(moments.len() - 1);
        }
        self.network.trunk.advance(&mut x, &moments, &mut self.memories);
        last.into_iter().flat_map(|token| x[token * width..][..width].to_vec()).collect()
    }

    /// Logits for the active rows, nothing for the others.
    fn logits(&self, head: &Matrix) -> Vec<Vec<f32>> {
        let mut flat = Vec::new();
        head.times(&self.states, &mut flat);
        let mut rows = vec![vec![]; self.scenes.len()];
        for (row, logits) in self.active.iter().zip(flat.chunks_exact(head.outputs())) {
            rows[*row] = logits.to_vec();
        }
        rows
    }
}

impl Decoder for PlainDecoder<'_> {
    fn begin_window(&mut self, said: &[Vec<Spoken>]) {
        for (memory, said) in self.memories.iter_mut().zip(said) {
            if !said.is_empty() {
                memory.forget(0);
            }
        }
        self.hear(said);
    }

    fn listen(&mut self, said: &[Vec<Spoken>]) {
        self.states = self.hear(said);
        self.active = (0..said.len()).filter(|row| !said[*row].is_empty()).collect();
    }

    fn forget(&mut self, row: usize, told: usize) {
        self.memories[row].forget(told);
    }

    fn steps(&mut self) -> Vec<Vec<f32>> {
        self.logits(&self.network.step)
    }

    fn pitches(&mut self, placed: &[Placed]) -> Vec<Vec<f32>> {
        let width = self.network.trunk.width();
        let chosen = self.active.iter().map(|row| {
            let Placed { step, place, beat } = placed[*row];
            ([usize::from(step), place as usize], &self.scenes[*row].new[beat * width..][..width])
        });
        self.network.chosen_step(&mut self.states, chosen);
        self.logits(&self.network.pitch)
    }

    fn durations(&mut self, pitches: &[usize]) -> Vec<Vec<f32>> {
        self.network.chosen_pitch(&mut self.states, self.active.iter().map(|row| pitches[*row]));
        self.logits(&self.network.duration)
    }

    fn velocities(&mut self, durations: &[usize]) -> Vec<Vec<f32>> {
        self.network.chosen_duration(&mut self.states, self.active.iter().map(|row| durations[*row]));
        self.logits(&self.network.velocity)
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use tch::{Device, Kind, nn};

    use super::*;
    use crate::{
        corpus::Split,
        model::{
            Config, NoteNetwork, Part, Piece, encoding::encode, note_network::sizes, tensor_decoder::TensorDecoder,
            testing, window::below,
        },
        seed::Seed,
    };

    const CONFIG: Config = Config { layers: 3, width: 128, dropout: 0.0, condition_dropout: 0.0, sees: false };
    const PART: Part = Part::Accompaniment;
    const ROOM: usize = 70;
    const KEPT: usize = 20;
    const ROWS: usize = 8;

    /// Some random weights, all of them numbers of bf16.
    fn network() -> NoteNetwork {
        testing::alone();
        tch::manual_seed(2);
        let mut store = nn::VarStore::new(Device::Cpu);
        let network = NoteNetwork::new(PART, &store.root(), &CONFIG);
        tch::no_grad(|| store.trainable_variables().iter_mut().for_each(|variable| *variable *= 4.0));
        store.bfloat16();
        store.float();
        network
    }

    fn encodings(network: &NoteNetwork, rows: usize) -> Vec<Encoding> {
        let piece = Piece::of_song(&testing::song("1", 12, Split::Test));
        (0..rows).map(|_| encode(network, PART, &[&piece], &testing::how(Kind::Float))).collect()
    }

    fn below_each(rng: &mut ChaCha8Rng) -> [usize; 4] {
        sizes(PART).map(|size| below(rng, size))
    }

    fn spoken(rng: &mut ChaCha8Rng) -> Spoken {
        let [step, pitch, duration, velocity] = below_each(rng).map(|factor| factor as i64);
        let input = [step, pitch, duration, velocity, below(rng, 16) as i64];
        Spoken { input, step: below(rng, 300) as u32, beat: below(rng, 48) }
    }

    /// What a decoder answers, listening to the same random takes, `tokens` of them: one row idles at times, some tokens are
    /// taken back, and new windows begin at different times.
    fn answers(decoder: &mut dyn Decoder, rows: usize, tokens: usize) -> Vec<Vec<Vec<f32>>> {
        let mut sources: Vec<ChaCha8Rng> = (0..rows).map(|row| Seed::master(row as u64).rng()).collect();
        let mut told = vec![0; rows];
        let mut answers = Vec::new();
        for token in 0..tokens {
            let begins = |row: usize| token == 30 + 5 * (row % 3);
            let window: Vec<Vec<Spoken>> = sources
                .iter_mut()
                .enumerate()
                .map(
                    |(row, rng)| {
                        if begins(row) { (0..=below(rng, KEPT)).map(|_| spoken(rng)).collect() } else { vec![] }
                    },
                )
                .collect();
            if window.iter().any(|said| !said.is_empty()) {
                decoder.begin_window(&window);
                (0..rows).filter(|row| begins(*row)).for_each(|row| told[row] = window[row].len());
            }
            for (row, told) in told.iter_mut().enumerate().filter(|(_, told)| token % 9 == 8 && **told > 4) {
                *told -= 1 + row % 3;
                decoder.forget(row, *told);
            }
            let idles = |row: usize| row % 3 == 1 && token % 4 == 1;
            let said: Vec<Vec<Spoken>> = sources
                .iter_mut()
                .enumerate()
                .map(|(row, rng)| {
                    let count = if idles(row) { 0 } else { 1 + usize::from(token % 9 == 8) };
                    (0..count).map(|_| spoken(rng)).collect()
                })
                .collect();
            said.iter().zip(&mut told).for_each(|(said, told)| *told += said.len());
            let drawn: Vec<[usize; 4]> = sources.iter_mut().map(below_each).collect();
            let place = |drawn: &[usize; 4]| Placed { step: drawn[0] as u16, place: 4, beat: drawn[1] % 48 };
            decoder.listen(&said);
            let found = [
                decoder.steps(),
                decoder.pitches(&drawn.iter().map(place).collect::<Vec<_>>()),
                decoder.durations(&drawn.iter().map(|drawn| drawn[1]).collect::<Vec<_>>()),
                decoder.velocities(&drawn.iter().map(|drawn| drawn[2]).collect::<Vec<_>>()),
            ];
            answers.extend(found.map(|mut rows| {
                rows.iter_mut().enumerate().filter(|(row, _)| idles(*row)).for_each(|(_, row)| row.clear());
                rows
            }));
        }
        answers
    }

    /// But for keys and values, which are kept in bf16.
    #[test]
    fn answers_are_those_of_libtorch() {
        tch::no_grad(|| {
            let network = network();
            let rows = encodings(&network, ROWS);
            let ours = answers(&mut PlainDecoder::new(network.plain(), &rows, ROOM), ROWS, 50);
            let all = Encoding::stack(&rows);
            let theirs = answers(&mut TensorDecoder::new(&network, all, ROOM, KEPT), ROWS, 50);
            let flat = |answers: &[Vec<Vec<f32>>]| answers.iter().flatten().flatten().copied().collect::<Vec<f32>>();
            let (ours, theirs) = (flat(&ours), flat(&theirs));
            assert_eq!(ours.len(), theirs.len());
            let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            let spread = theirs.iter().copied().fold(0.0, f32::max);
            assert!(spread > 1.0 && apart < 5e-3 * spread, "logits up to {spread} are {apart} apart");
        });
    }

    #[test]
    fn a_take_is_the_same_bits_among_any_number() {
        tch::no_grad(|| {
            let network = network();
            let all = answers(&mut PlainDecoder::new(network.plain(), &encodings(&network, ROWS), ROOM), ROWS, 44);
            for rows in 1..ROWS {
                let some = answers(&mut PlainDecoder::new(network.plain(), &encodings(&network, rows), ROOM), rows, 44);
                assert!(some.iter().zip(&all).all(|(some, all)| some[..] == all[..rows]), "{rows} rows");
            }
        });
    }
}
