//! One integration binary that drives the real programs in temporary projects.

mod support;

mod cache;
mod doctor;
mod journey;
mod replay;
mod run;
mod status;
mod usage;
