//! What can go wrong when results are put in place.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    digest::Digest,
    error::{FailureClass, StageError},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error("{doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is damaged in the store (blob {}): it was dropped, run again and it will be made anew", path.display(), digest.short())]
    Damaged { path: PathBuf, digest: Digest },
}

impl ExportError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn class(&self) -> FailureClass {
        match self {
            Self::Io { source, .. } if is_refused(source.kind()) => FailureClass::Usage,
            Self::Io { source, .. } => StageError::from(io::Error::from(source.kind())).class,
            Self::Damaged { .. } => FailureClass::Temporary,
        }
    }
}

/// The place was chosen by the user and cannot take a result.
fn is_refused(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, NotADirectory, PermissionDenied, ReadOnlyFilesystem};
    matches!(kind, AlreadyExists | InvalidFilename | NotADirectory | PermissionDenied | ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_worth_another_try_and_a_forbidden_place_is_not() {
        let class = |kind: io::ErrorKind| ExportError::io("copying", Path::new("out"))(kind.into()).class();
        assert_eq!(class(io::ErrorKind::StorageFull), FailureClass::Temporary);
        assert_eq!(class(io::ErrorKind::PermissionDenied), FailureClass::Usage);
        assert_eq!(class(io::ErrorKind::BrokenPipe), FailureClass::Internal);
    }
}
