//! Wires a run together: the dispatcher in the calling thread, an opener that hashes, the crew.

use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{
    Event, InputOutcome, Options, Request,
    crew::{Crew, Hire, Message},
    dispatcher::Dispatcher,
    outside::Outside,
    worker_hand::WorkerHand,
};
use crate::{node::Lane, store::Store};

/// Runs every request through its plan; outcomes come in the order of the requests.
///
/// Nothing is returned as an error: what goes wrong is in the outcomes, and one input's trouble stops no other.
/// Events come from the calling thread.
#[expect(clippy::needless_pass_by_value, reason = "requests are used up: they are only good for one run")]
pub(crate) fn execute(
    store: &Store,
    requests: Vec<Request>,
    options: &Options,
    on_event: &mut dyn FnMut(Event),
) -> Vec<InputOutcome> {
    let hire = |lane: Lane| -> Box<dyn super::hand::Hand> { Box::new(WorkerHand::new(lane, options)) };
    execute_with(store, &requests, options, &hire, on_event)
}

/// As `execute`, with other hands.
pub(super) fn execute_with(
    store: &Store,
    requests: &[Request],
    options: &Options,
    hire: Hire,
    on_event: &mut dyn FnMut(Event),
) -> Vec<InputOutcome> {
    let (sender, messages) = unbounded();
    let (to_open, asked) = unbounded();
    thread::scope(|scope| {
        let opened = sender.clone();
        scope.spawn(move || open(store, requests, &asked, &opened));
        let crew = Crew::new(scope, hire, sender, options);
        Dispatcher::new(store, requests, options, on_event, (crew, messages, to_open)).run()
    })
}

/// Hashes the files of one input after another.
fn open(store: &Store, requests: &[Request], asked: &Receiver<usize>, opened: &Sender<Message>) {
    for input in asked {
        let Request { input: video, plan, .. } = &requests[input];
        let outside = Outside::of(plan, video.as_deref(), &|path| store.digest(path));
        let _ = opened.send(Message::Opened { input, outside });
    }
}
