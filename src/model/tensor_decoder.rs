//! Rows of notes on a device, by libtorch: always as many rows, all in step, since other shapes give other bits.

use tch::{Device, Tensor};

use super::{
    composing::{numbers, rows},
    decoder::{Decoder, Placed, Spoken},
    note_network::{Encoding, NoteNetwork, Said},
    trunk::Cache,
};

/// What rows hear that have nothing to hear.
const NOTHING: Spoken = Spoken { input: [0; 5], step: 0, beat: 0 };

pub(super) struct TensorDecoder<'a> {
    network: &'a NoteNetwork,
    encoding: Encoding,
    cache: Cache,
    device: Device,
    /// Tokens that a window after the first is padded to.
    kept: usize,
    /// Tokens at each row's start that stand for nothing.
    padding: Vec<usize>,
    /// In the first window nothing is padded. Later ones are masked whether they need it or not: one way, one result.
    is_first_window: bool,
    /// What the next head starts from.
    state: Tensor,
}

impl<'a> TensorDecoder<'a> {
    /// As many rows as the encoding has; `kept` is the most that a window after the first begins with.
    pub(super) fn new(network: &'a NoteNetwork, encoding: Encoding, room: usize, kept: usize) -> Self {
        let rows = encoding.here.size()[0];
        let cache = network.cache(rows, room as i64, &encoding);
        let (device, state) = (encoding.here.device(), Tensor::new());
        Self { network, encoding, cache, device, kept, padding: vec![0; rows as usize], is_first_window: true, state }
    }

    /// Numbers of all rows, `[rows, ..]`.
    fn column<T, const N: usize>(&self, given: &[T], shape: &[i64], of: impl Fn(&T) -> [i64; N]) -> Tensor {
        let flat: Vec<i64> = given.iter().flat_map(of).collect();
        numbers(&flat, &[&[given.len() as i64], shape].concat(), self.device)
    }

    /// Each row's tokens, padded before to one length.
    fn padded(&self, said: &[Vec<Spoken>], is_new_window: bool) -> Vec<Vec<Spoken>> {
        let tokens = if is_new_window { self.kept } else { 1 };
        let pad = |row: &Vec<Spoken>| {
            let fill = row.first().copied().unwrap_or(NOTHING);
            [vec![fill; tokens - row.len()], row.clone()].concat()
        };
        said.iter().map(pad).collect()
    }

    /// What each new token sees, `[rows, 1, tokens, all]`: all before it but padding, and itself always.
    fn seen(&self, tokens: i64) -> Tensor {
        let all = self.cache.filled() + tokens;
        let mut seen = Vec::with_capacity(self.padding.len() * (tokens * all) as usize);
        for padding in &self.padding {
            for token in self.cache.filled()..all {
                seen.extend((0..all).map(|other| other == token || (*padding as i64..token).contains(&other)));
            }
        }
        Tensor::from_slice(&seen).view([self.padding.len() as i64, 1, tokens, all]).to_device(self.device)
    }
}

impl Decoder for TensorDecoder<'_> {
    fn listen(&mut self, said: &[Vec<Spoken>], is_new_window: bool) {
        let padded = self.padded(said, is_new_window);
        if is_new_window {
            self.cache.clear();
            self.is_first_window = false;
            self.padding = said.iter().map(|row| self.kept - row.len()).collect();
        }
        let tokens = padded[0].len() as i64;
        let shape = [padded.len() as i64, tokens];
        let column = |of: fn(&Spoken) -> i64| -> Tensor {
            numbers(&padded.iter().flatten().map(of).collect::<Vec<_>>(), &shape, self.device)
        };
        let inputs: Vec<i64> = padded.iter().flatten().flat_map(|token| token.input).collect();
        let said = Said {
            inputs: numbers(&inputs, &[shape[0], tokens, 5], self.device),
            steps: column(|token| i64::from(token.step)),
            beats: column(|token| token.beat as i64),
            seen: (!self.is_first_window).then(|| self.seen(tokens)),
        };
        self.state = self.network.advance(&self.encoding, &said, &mut self.cache).narrow(1, tokens - 1, 1);
    }

    fn steps(&mut self) -> Vec<Vec<f32>> {
        rows(&self.network.step_logits(&self.state))
    }

    fn pitches(&mut self, placed: &[Placed]) -> Vec<Vec<f32>> {
        let places = self.column(placed, &[1, 2], |placed| [i64::from(placed.step), i64::from(placed.place)]);
        let beats = self.column(placed, &[1], |placed| [placed.beat as i64]);
        self.state = self.network.chosen_step(&self.encoding, &self.state, &places, &beats);
        rows(&self.network.pitch_logits(&self.state))
    }

    fn durations(&mut self, pitches: &[usize]) -> Vec<Vec<f32>> {
        let pitches = self.column(pitches, &[1], |pitch| [*pitch as i64]);
        self.state = self.network.chosen_pitch(&self.state, &pitches);
        rows(&self.network.duration_logits(&self.state))
    }

    fn velocities(&mut self, durations: &[usize]) -> Vec<Vec<f32>> {
        let durations = self.column(durations, &[1], |duration| [*duration as i64]);
        self.state = self.network.chosen_duration(&self.state, &durations);
        rows(&self.network.velocity_logits(&self.state))
    }
}
