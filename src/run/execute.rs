//! The dispatcher.

use super::{Event, InputOutcome, Options, Request};
use crate::store::Store;

/// Runs every request through its plan; outcomes come in the order of the requests.
///
/// Nothing is returned as an error: what goes wrong is in the outcomes, and one input's trouble stops no other.
/// Events come from the calling thread.
pub(crate) fn execute(
    _store: &Store,
    _requests: Vec<Request>,
    _options: &Options,
    _on_event: &mut dyn FnMut(Event),
) -> Vec<InputOutcome> {
    todo!()
}
