//! Keeps the network that was used last: a worker composes many pieces with one set of weights.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use tch::{Device, Kind, nn};

use super::{
    Config, Part,
    layers::fast_kind,
    weights::{self, WeightsError},
};
use crate::digest::Digest;

pub(crate) struct KeptNetwork<N> {
    last: Mutex<Option<Loaded<N>>>,
}

struct Loaded<N> {
    weights: Digest,
    device: Device,
    network: N,
}

impl<N> KeptNetwork<N> {
    pub(crate) const fn new() -> Self {
        Self { last: Mutex::new(None) }
    }

    /// Works with the network of these weights; `path` is read only when another one was used last.
    pub(crate) fn with<T>(
        &self,
        weights: Digest,
        path: &Path,
        part: Part,
        device: Device,
        build: impl FnOnce(&nn::Path, &Config) -> N,
        work: impl FnOnce(&N) -> T,
    ) -> Result<T, WeightsError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let same = last.take().filter(|loaded| loaded.weights == weights && loaded.device == device);
        let loaded = match same {
            Some(loaded) => loaded,
            None => Loaded { weights, device, network: load(path, part, device, build)? },
        };
        Ok(work(&last.insert(loaded).network))
    }
}

/// In the kind that the device is fast at.
fn load<N>(
    path: &Path,
    part: Part,
    device: Device,
    build: impl FnOnce(&nn::Path, &Config) -> N,
) -> Result<N, WeightsError> {
    let (_, mut store, network) = weights::load(path, part, device, build)?;
    if fast_kind(device) == Kind::BFloat16 {
        store.bfloat16();
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChordNetwork, testing::SMALL};

    #[test]
    fn a_network_is_loaded_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("chords.safetensors");
        let store = nn::VarStore::new(Device::Cpu);
        ChordNetwork::new(&store.root(), &SMALL);
        weights::save(&path, Part::Chords, &SMALL, &store).unwrap();
        let kept = KeptNetwork::new();
        let digest = Digest::of(b"these");
        let load = |digest, path: &Path| kept.with(digest, path, Part::Chords, Device::Cpu, ChordNetwork::new, |_| ());
        load(digest, &path).unwrap();
        load(digest, Path::new("/nowhere")).unwrap();
        assert!(load(Digest::of(b"others"), Path::new("/nowhere")).is_err());
        assert!(load(digest, Path::new("/nowhere")).is_err(), "what could not be replaced is gone");
    }
}
