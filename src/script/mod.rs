//! Scripts: Rhai in three places (graphs, styles, nodes), each time in a child process of the front program.
//!
//! | what | file |
//! |---|---|
//! | the engine with every limit on | `engine`, `guard`, `bounded` |
//! | a script with the modules that it imports, and its digest | `bundle`, `modules` |
//! | what a script defines, and what is wrong before it runs | `survey`, `known` |
//! | the child: one question in, one answer out | `host`, `ask` |
//! | who asks: starts the child, waits, tells its death | `client` |
//! | what can go wrong | `error` |
//! | graph scripts: every node as a function | `graph` |
//! | values and helpers of the music | `music` |
//! | a hook called by a stage, artifacts handed through hooks | `call`, `through` |
//!
//! Rhai's own limits do not hold by themselves (see `bounded`), so three walls stand behind one another: the engine's
//! limits, a guard that looks at time and memory every few operations and knows the line, and the child's address
//! space with a kill at the deadline.

mod ask;
mod bounded;
mod bundle;
mod call;
mod client;
mod engine;
mod error;
mod graph;
mod guard;
mod host;
mod known;
mod limits;
mod modules;
pub(crate) mod music;
mod shipped;
mod survey;
mod through;
mod working;

pub(crate) use self::{
    ask::{Answer, Ask, Manuscript},
    bundle::Bundle,
    call::call_hook,
    client::ask,
    error::{ScriptError, Spot},
    graph::{ClipFacts, Draft, Line},
    host::main as host_main,
    limits::ScriptLimits,
    music::{ArrangeCall, Candidate, HookCall, HookReply, NodeCall},
    shipped::{shipped, shipped_styles},
    survey::{Survey, unreadable},
    through::{chords_through, chosen_by, conditions_through, told},
};
