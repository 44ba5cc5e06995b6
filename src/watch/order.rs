//! A wish on its way to the office, with a way back for the answer.

use crossbeam_channel::Sender;

use super::{JobId, Wish};

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) wish: Wish,
    /// The job that the wish is about, or that it made; or why it can't be granted, in one line.
    pub(crate) answer: Sender<Result<JobId, String>>,
}
