//! Trouble that ends a command: one clear line each, and the exit code that says who has to act.

use std::{fmt::Display, io};

use crate::{
    error::{Exit, StageError},
    report::terminal,
    store::StoreError,
};

/// Says what is wrong and gives `exit`.
pub(super) fn trouble(exit: Exit, error: impl Display) -> Exit {
    terminal::note(format_args!("error: {error}"));
    exit
}

pub(super) fn usage(error: impl Display) -> Exit {
    trouble(Exit::Usage, error)
}

pub(super) fn store_trouble(error: &StoreError) -> Exit {
    trouble(store_exit(error), error)
}

/// Another run may let go of the store; a place that cannot be written is the user's to change.
fn store_exit(error: &StoreError) -> Exit {
    use io::ErrorKind::{InvalidFilename, NotADirectory, PermissionDenied, ReadOnlyFilesystem};
    match error {
        StoreError::Locked { .. } => Exit::Temporary,
        StoreError::Index { .. } => Exit::Internal,
        StoreError::Io { source, .. } => match source.kind() {
            PermissionDenied | ReadOnlyFilesystem | NotADirectory | InvalidFilename => Exit::Usage,
            kind => StageError::from(io::Error::from(kind)).class.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_says_who_has_to_act() {
        let io = |kind: io::ErrorKind| StoreError::Io { doing: "writing", path: "store".into(), source: kind.into() };
        assert_eq!(store_exit(&io(io::ErrorKind::PermissionDenied)), Exit::Usage);
        assert_eq!(store_exit(&io(io::ErrorKind::StorageFull)), Exit::Temporary);
        assert_eq!(store_exit(&io(io::ErrorKind::Other)), Exit::Internal);
    }
}
