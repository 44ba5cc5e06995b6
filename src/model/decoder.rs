//! What a note decoder does for rows of takes, whatever it computes with: it hears tokens and offers logits, factor by factor.

/// A token as a decoder hears it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spoken {
    /// Factors and place in the bar.
    pub(super) input: [i64; 5],
    /// When it began, in steps since its row's window did.
    pub(super) step: u32,
    /// In which beat of the piece.
    pub(super) beat: usize,
}

/// Where a row's new token begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) step: u16,
    /// In the bar.
    pub(super) place: u32,
    pub(super) beat: usize,
}

/// Everything is given and answered row by row. Rows that are told nothing are left as they are, and what is answered for them
/// means nothing. A row's answers do not depend on the others'.
pub(super) trait Decoder {
    /// What each row's new window begins with, without its last token.
    fn begin_window(&mut self, said: &[Vec<Spoken>]);
    /// What follows in each row; after the last of it the row is asked.
    fn listen(&mut self, said: &[Vec<Spoken>]);
    /// Forgets all that a row was told in its window but the first `told` tokens.
    fn forget(&mut self, row: usize, told: usize);
    fn steps(&mut self) -> Vec<Vec<f32>>;
    /// After the chosen steps.
    fn pitches(&mut self, placed: &[Placed]) -> Vec<Vec<f32>>;
    fn durations(&mut self, pitches: &[usize]) -> Vec<Vec<f32>>;
    fn velocities(&mut self, durations: &[usize]) -> Vec<Vec<f32>>;
}
