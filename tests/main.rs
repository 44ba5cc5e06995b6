//! One integration binary that drives the real programs in temporary projects.
