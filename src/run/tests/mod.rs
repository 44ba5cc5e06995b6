//! The runner with hands that are slow, fail or die on demand, and with real workers.

mod explaining;
mod fake;
mod healing;
mod scheduling;
mod stopping;
mod workers;
