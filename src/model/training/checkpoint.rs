//! Checkpoints: everything a training needs to go on, in one file that is there whole or not at all.
//!
//! A safetensors file with the weights, both moments, the average, the best weights so far, and the trainer's own state
//! as JSON text. Written beside, synced, renamed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};
use tch::{Tensor, nn::VarStore};

use super::{TrainingError, adamw::AdamW, average::Average};

const STATE: &str = "state";

/// Where a training leaves its checkpoint.
pub(crate) struct Checkpoint {
    path: PathBuf,
}

/// The tensors of a training; all of them are filled in place when a checkpoint is read.
pub(super) struct Holdings<'a> {
    pub(super) store: &'a VarStore,
    pub(super) adamw: &'a AdamW,
    pub(super) average: &'a Average,
    pub(super) best: &'a [(String, Tensor)],
}

impl Holdings<'_> {
    fn named(&self) -> BTreeMap<String, Tensor> {
        let own = |kind: &str, name: &str, tensor: &Tensor| (format!("{kind}.{name}"), tensor.detach());
        let slots = self.adamw.slots();
        let weights = self.store.variables();
        (weights.iter().map(|(name, weight)| own("weight", name, weight)))
            .chain(slots.iter().map(|slot| own("mean", &slot.name, &slot.mean)))
            .chain(slots.iter().map(|slot| own("square", &slot.name, &slot.square)))
            .chain(self.average.tensors().map(|(name, tensor)| own("average", name, tensor)))
            .chain(self.best.iter().map(|(name, tensor)| own("best", name, tensor)))
            .collect()
    }
}

impl Checkpoint {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn save(&self, holdings: &Holdings, state: &impl Serialize) -> Result<(), TrainingError> {
        let state = serde_json::to_vec(state).map_err(|error| self.unfit(error))?;
        let mut tensors: Vec<(String, Tensor)> =
            holdings.named().into_iter().map(|(name, tensor)| (name, tensor.contiguous())).collect();
        tensors.push((STATE.to_owned(), Tensor::from_slice(&state)));
        let partial = self.path.with_extension("partial");
        Tensor::write_safetensors(&tensors, &partial).map_err(|error| self.unwritable(io::Error::other(error)))?;
        put(&partial, &self.path).map_err(|source| self.unwritable(source))
    }

    /// Fills the holdings and gives the state; none where nothing was saved.
    pub(super) fn load<S: DeserializeOwned>(&self, holdings: &Holdings) -> Result<Option<S>, TrainingError> {
        if !self.path.exists() {
            return Ok(None);
        }
        let saved = Tensor::read_safetensors(&self.path).map_err(|error| self.unfit(error))?;
        let saved: BTreeMap<String, Tensor> = saved.into_iter().collect();
        let mut own = holdings.named();
        for (name, tensor) in &mut own {
            let from = saved.get(name).ok_or_else(|| self.unfit(format!("{name} is missing")))?;
            tch::no_grad(|| tensor.f_copy_(from)).map_err(|error| self.unfit(format!("{name}: {error}")))?;
        }
        let state = saved.get(STATE).ok_or_else(|| self.unfit("it has no state"))?;
        let state = Vec::<u8>::try_from(state).map_err(|error| self.unfit(error))?;
        serde_json::from_slice(&state).map(Some).map_err(|error| self.unfit(error))
    }

    fn unfit(&self, reason: impl ToString) -> TrainingError {
        TrainingError::Checkpoint { path: self.path.clone(), reason: reason.to_string() }
    }

    fn unwritable(&self, source: io::Error) -> TrainingError {
        TrainingError::Unwritable { path: self.path.clone(), source }
    }
}

/// Makes a written file safe under its name.
fn put(partial: &Path, path: &Path) -> io::Result<()> {
    fs::File::open(partial)?.sync_all()?;
    fs::rename(partial, path)?;
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}
