//! A served page as clients meet it: real connections to a bound port, a board that was filled by hand.

mod access;
mod bed;
mod client;
mod events;
mod files;
mod jobs;
mod limits;
mod metrics;
mod show;
mod upload;
mod wishes;
