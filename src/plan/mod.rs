//! Cue planning: tempo, bars, conditions.
