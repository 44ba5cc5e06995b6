//! Arranging: notes to a score with instruments, by style.
