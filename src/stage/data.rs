//! Executors of the family `data`.

use std::io::ErrorKind;

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
    corpus::pop909::{self, Pop909Error},
    digest::Digest,
    error::StageError,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "data.pop909" => Some(pop909),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Params {
    folder: Digest,
}

fn pop909(context: &mut StageContext) -> Result<(), StageError> {
    let Params { folder } = context.params()?;
    let folder = context.file(folder)?.to_owned();
    let corpus = pop909::load(&folder, |done| context.progress(done, "songs"))?;
    context.output("corpus", &corpus)
}

impl From<Pop909Error> for StageError {
    fn from(error: Pop909Error) -> Self {
        match &error {
            Pop909Error::Unreadable { source, .. } if source.kind() != ErrorKind::NotFound => {
                Self::new(Self::from(std::io::Error::from(source.kind())).class, error.to_string())
            }
            _ => Self::usage(error.to_string()),
        }
    }
}
