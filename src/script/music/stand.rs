//! What lies on the music stand while a hook runs: the piece that it works on, and its chance.
//!
//! One hook runs at a time, on one thread; helpers read the stand so that scripts need not hand bars and keys around.

use std::{cell::RefCell, rc::Rc};

use rand_chacha::ChaCha8Rng;

use super::number::Checked;
use crate::{
    arrange::Piece,
    music::{Key, Metre},
    seed::Seed,
};

pub(super) struct Stand {
    pub(super) metre: Metre,
    pub(super) key: Key,
    pub(super) rng: ChaCha8Rng,
    /// What is composed; none before it is.
    pub(super) piece: Option<Rc<Piece>>,
    pub(super) seed: Seed,
}

thread_local! {
    static STAND: RefCell<Option<Stand>> = const { RefCell::new(None) };
}

pub(super) fn put(stand: Stand) {
    STAND.set(Some(stand));
}

/// Reads the stand. Functions that need it can't be called outside of hooks.
pub(super) fn with<T>(read: impl FnOnce(&mut Stand) -> T) -> Checked<T> {
    STAND.with_borrow_mut(|stand| match stand {
        Some(stand) => Ok(read(stand)),
        None => Err("there is no piece yet; call this inside of a hook".into()),
    })
}

/// The piece that was composed.
pub(super) fn piece() -> Checked<Rc<Piece>> {
    with(|stand| stand.piece.clone())?.ok_or_else(|| "nothing is composed yet; use this in `notes` or `arrange`".into())
}

pub(super) fn end_ticks() -> Checked<u32> {
    with(|stand| stand.metre.end_ticks())
}
