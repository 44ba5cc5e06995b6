//! The decoder and the heads of a note network.

use pulp::Arch;

use super::{
    matrix::{Matrix, Rows, add},
    trunk::{Gelu, Trunk},
};
use crate::model::note_network::NoteNetwork;

pub(crate) struct PlainNotes {
    pub(super) token: Rows,
    pub(super) trunk: Trunk,
    pub(super) step: Matrix,
    hidden: Matrix,
    place: Rows,
    pub(super) pitch: Matrix,
    from_pitch: (Matrix, Rows),
    pub(super) duration: Matrix,
    from_duration: (Matrix, Rows),
    pub(super) velocity: Matrix,
}

impl PlainNotes {
    pub(crate) fn new(network: &NoteNetwork) -> Self {
        let heads = &network.heads;
        Self {
            token: Rows::new(&network.token),
            trunk: Trunk::new(&network.decoder),
            step: Matrix::new(&heads.step),
            hidden: Matrix::new(&heads.hidden),
            place: Rows::new(&heads.place),
            pitch: Matrix::new(&heads.pitch),
            from_pitch: (Matrix::new(&heads.from_pitch.0), Rows::new(&heads.from_pitch.1)),
            duration: Matrix::new(&heads.duration),
            from_duration: (Matrix::new(&heads.from_duration.0), Rows::new(&heads.from_duration.1)),
            velocity: Matrix::new(&heads.velocity),
        }
    }

    /// What the heads after the first start from: states told of the chosen steps, their places in the bar and their beats.
    pub(super) fn chosen_step<'a>(&self, states: &mut Vec<f32>, chosen: impl Iterator<Item = ([usize; 2], &'a [f32])>) {
        let mut hidden = Vec::new();
        self.hidden.times(states, &mut hidden);
        for (hidden, (step_and_place, beat)) in hidden.chunks_exact_mut(self.trunk.width()).zip(chosen) {
            self.place.add(&step_and_place, hidden);
            add(hidden, beat);
        }
        Arch::new().dispatch(Gelu(&mut hidden));
        *states = hidden;
    }

    pub(super) fn chosen_pitch(&self, hidden: &mut Vec<f32>, pitches: impl Iterator<Item = usize>) {
        self.follow(&self.from_pitch, hidden, pitches);
    }

    pub(super) fn chosen_duration(&self, hidden: &mut Vec<f32>, durations: impl Iterator<Item = usize>) {
        self.follow(&self.from_duration, hidden, durations);
    }

    fn follow(&self, (matrix, table): &(Matrix, Rows), hidden: &mut Vec<f32>, chosen: impl Iterator<Item = usize>) {
        let mut next = Vec::new();
        matrix.times(hidden, &mut next);
        for (next, chosen) in next.chunks_exact_mut(self.trunk.width()).zip(chosen) {
            table.add(&[chosen], next);
        }
        Arch::new().dispatch(Gelu(&mut next));
        *hidden = next;
    }
}
