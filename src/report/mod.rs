//! What people read: terminal, JSON lines, pages, pictures.

pub(crate) mod page;
pub(crate) mod roll;
pub(crate) mod terminal;

#[cfg(test)]
mod real;
