//! The bar that a script works on: music values say which bar they lie in whenever they are touched, so that an error
//! can name it.

use std::cell::Cell;

thread_local! {
    static BAR: Cell<Option<u32>> = const { Cell::new(None) };
}

/// `bar` is counted from 1.
pub(super) fn on_bar(bar: u32) {
    BAR.set(Some(bar));
}

pub(super) fn on_no_bar() {
    BAR.set(None);
}

pub(super) fn bar() -> Option<u32> {
    BAR.get()
}
