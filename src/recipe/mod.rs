//! Recipes: raw, resolved, with errors that point.
