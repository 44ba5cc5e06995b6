//! The runner with hands that are slow, fail or die on demand, and with real workers.

mod attempts;
mod explaining;
mod fake;
mod healing;
mod rerolling;
mod scheduling;
mod stopping;
mod workers;
