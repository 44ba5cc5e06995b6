//! The wish to stop: Ctrl-C and SIGTERM in the program, a call in tests.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

/// Counts the wishes to stop; clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// One that Ctrl-C and SIGTERM press, from now to the end of the program.
    pub(crate) fn on_signals() -> io::Result<Self> {
        let interrupt = Self::default();
        let pressed = interrupt.clone();
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for _ in signals.forever() {
                pressed.press();
            }
        })?;
        Ok(interrupt)
    }

    pub(crate) fn press(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Pressed once: running stages finish, nothing new starts.
    pub(crate) fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Pressed twice: running stages are killed.
    pub(crate) fn is_killing(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_press_stops_and_the_second_kills() {
        let interrupt = Interrupt::default();
        let other = interrupt.clone();
        assert!(!interrupt.is_stopping() && !interrupt.is_killing());
        other.press();
        assert!(interrupt.is_stopping() && !interrupt.is_killing());
        other.press();
        assert!(interrupt.is_stopping() && interrupt.is_killing());
    }
}
