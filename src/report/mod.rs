//! What people read: terminal, JSON lines, pages, pictures.

pub(crate) mod terminal;
