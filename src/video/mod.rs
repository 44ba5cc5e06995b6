//! Pictures in: probe, the one decode pass, features; pictures out: mux.

pub(crate) mod libav_path;
