//! Executors of the family `data`.

use std::{
    io::{self, ErrorKind},
    path::PathBuf,
};

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
    artifact::{Artifact, Kind},
    corpus::{
        Corpus, Loaded, join,
        midi::{self, MidiFolderError, Terms},
        pop909::{self, Pop909Error},
        symmv::{self, SymMvError},
    },
    digest::Digest,
    error::StageError,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "data.pop909" => Some(pop909),
        "data.symmv" => Some(symmv),
        "data.midi" => Some(own_midi),
        "data.join" => Some(joined),
        _ => None,
    }
}

#[derive(Deserialize)]
struct FolderParams {
    folder: Digest,
}

#[derive(Deserialize)]
struct MidiParams {
    name: String,
    licence: String,
    min_bars: usize,
}

fn pop909(context: &mut StageContext) -> Result<(), StageError> {
    let folder = folder(context)?;
    let loaded = pop909::loaded(&folder, |done| context.progress(done, "songs"))?;
    output(context, "pop909", &loaded)
}

fn symmv(context: &mut StageContext) -> Result<(), StageError> {
    let folder = folder(context)?;
    let loaded = symmv::load(&folder, |done| context.progress(done, "songs"))?;
    output(context, "symmv", &loaded)
}

fn own_midi(context: &mut StageContext) -> Result<(), StageError> {
    let MidiParams { name, licence, min_bars } = context.params()?;
    let folder = folder(context)?;
    let loaded = midi::load(&folder, Terms { name, licence }, min_bars, |done| context.progress(done, "files"))?;
    output(context, "midi", &loaded)
}

fn joined(context: &mut StageContext) -> Result<(), StageError> {
    let corpora = context.blobs("corpora").iter().map(|blob| context.read::<Corpus>(blob)).collect::<Result<_, _>>()?;
    output(context, "joined", &join(corpora))
}

fn folder(context: &StageContext) -> Result<PathBuf, StageError> {
    let FolderParams { folder } = context.params()?;
    Ok(context.file(folder)?.to_owned())
}

fn output(context: &mut StageContext, name: &str, loaded: &Loaded) -> Result<(), StageError> {
    context.output("corpus", &loaded.corpus)?;
    context.output_bytes("report", Kind::Report, Some(name), &loaded.report().to_bytes())
}

/// What is not there or not what it should be is the recipe's fault; what fails to be read may not be.
fn unreadable(source: &io::Error, message: String) -> StageError {
    match source.kind() {
        ErrorKind::NotFound => StageError::usage(message),
        kind => StageError::new(StageError::from(io::Error::from(kind)).class, message),
    }
}

impl From<Pop909Error> for StageError {
    fn from(error: Pop909Error) -> Self {
        match &error {
            Pop909Error::Unreadable { source, .. } => unreadable(source, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<SymMvError> for StageError {
    fn from(error: SymMvError) -> Self {
        match &error {
            SymMvError::Unreadable { source, .. } => unreadable(source, error.to_string()),
            SymMvError::Line { .. } => Self::usage(error.to_string()),
        }
    }
}

impl From<MidiFolderError> for StageError {
    fn from(error: MidiFolderError) -> Self {
        match &error {
            MidiFolderError::Unreadable { source, .. } => unreadable(source, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}
