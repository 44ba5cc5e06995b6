//! The page and the API of a running watch, over HTTP.
//!
//! One thread with a small runtime of its own serves them; it reads the board and hands wishes to the office over the
//! counter. Whoever asks is not trusted: `guard` looks at host, origin and token, `door` at how long and how many,
//! `shelf` at which files are given out.

mod api;
mod asset;
mod body;
mod door;
mod error;
mod files;
mod guard;
mod hosts;
mod metrics;
mod options;
mod patient;
mod policy;
mod room;
mod router;
mod shelf;
mod start;
mod token;

#[cfg(test)]
mod tests;

#[cfg(test)]
use self::options::Limits;
pub(crate) use self::{
    options::ServeOptions,
    start::{Served, serve},
};
