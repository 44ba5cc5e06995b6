//! Rows of notes on a device, by libtorch. Every pass has the same shape, whatever its rows do: other shapes give other bits.

use tch::{Device, Kind, Tensor};

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
    /// Tokens that the beginning of a window is padded to.
    kept: usize,
    /// Tokens that each row has been told in its window: the slots that they are in.
    told: Vec<usize>,
    /// What the next head starts from, `[rows, 1, width]`.
    state: Tensor,
}

impl<'a> TensorDecoder<'a> {
    /// As many rows as the encoding has, each with room for so many tokens; `kept` is the most that a window begins with.
    pub(super) fn new(network: &'a NoteNetwork, encoding: Encoding, room: usize, kept: usize) -> Self {
        let size = encoding.here.size();
        // One slot more, for what stands for nothing.
        let cache = network.cache(size[0], room as i64 + 1, &encoding);
        let (device, kind) = (encoding.here.device(), encoding.here.kind());
        let state = Tensor::zeros([size[0], 1, size[2]], (kind, device));
        Self { network, encoding, cache, device, kept, told: vec![0; size[0] as usize], state }
    }

    /// Numbers of all rows, `[rows, ..]`.
    fn column<T, const N: usize>(&self, given: &[T], shape: &[i64], of: impl Fn(&T) -> [i64; N]) -> Tensor {
        let flat: Vec<i64> = given.iter().flat_map(of).collect();
        numbers(&flat, &[&[given.len() as i64], shape].concat(), self.device)
    }

    /// States after tokens, at most `tokens` in a row; rows with fewer are padded with what goes to the slot for nothing.
    fn hear(&mut self, said: &[&[Spoken]], tokens: usize) -> Tensor {
        let nowhere = self.cache.room() as usize - 1;
        let slots: Vec<Vec<usize>> = said
            .iter()
            .zip(&mut self.told)
            .map(|(said, told)| {
                let first = *told;
                *told += said.len();
                (0..tokens).map(|token| if token < said.len() { first + token } else { nowhere }).collect()
            })
            .collect();
        let padded: Vec<Spoken> =
            said.iter().flat_map(|said| (0..tokens).map(|token| said.get(token).copied().unwrap_or(NOTHING))).collect();
        let seen: Vec<bool> = slots
            .iter()
            .flatten()
            .flat_map(|slot| (0..=nowhere).map(|other| other == *slot || *slot < nowhere && other < *slot))
            .collect();
        let shape = [said.len() as i64, tokens as i64];
        let column = |values: Vec<i64>| numbers(&values, &shape, self.device);
        let inputs: Vec<i64> = padded.iter().flat_map(|token| token.input).collect();
        let said = Said {
            inputs: numbers(&inputs, &[shape[0], shape[1], 5], self.device),
            steps: column(padded.iter().map(|token| i64::from(token.step)).collect()),
            beats: column(padded.iter().map(|token| token.beat as i64).collect()),
            numbers: column(slots.iter().flatten().map(|slot| *slot as i64).collect()),
            slots: column(slots.iter().flatten().map(|slot| *slot as i64).collect()),
            seen: Tensor::from_slice(&seen).view([shape[0], 1, shape[1], nowhere as i64 + 1]).to_device(self.device),
        };
        self.network.advance(&self.encoding, &said, &self.cache)
    }
}

impl Decoder for TensorDecoder<'_> {
    fn begin_window(&mut self, said: &[Vec<Spoken>]) {
        for (told, said) in self.told.iter_mut().zip(said) {
            if !said.is_empty() {
                *told = 0;
            }
        }
        let said: Vec<&[Spoken]> = said.iter().map(Vec::as_slice).collect();
        let _ = self.hear(&said, self.kept);
    }

    /// Token by token: how many there are in other rows must not matter.
    fn listen(&mut self, said: &[Vec<Spoken>]) {
        for token in 0..said.iter().map(Vec::len).max().unwrap_or(0) {
            let one: Vec<&[Spoken]> =
                said.iter().map(|row| if token < row.len() { &row[token..=token] } else { &[] }).collect();
            let is_told: Vec<bool> = one.iter().map(|row| !row.is_empty()).collect();
            let is_told = Tensor::from_slice(&is_told).view([-1, 1, 1]).to_kind(Kind::Bool).to_device(self.device);
            self.state = self.hear(&one, 1).where_self(&is_told, &self.state);
        }
    }

    fn forget(&mut self, row: usize, told: usize) {
        self.told[row] = self.told[row].min(told);
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
