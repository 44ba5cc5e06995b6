//! The three transformers: configuration, layers, weights, sampling, training.
