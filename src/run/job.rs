//! From a stage of a course that has to run to the job that a worker gets.

use super::{
    Device,
    course::Course,
    outside::absolute,
    protocol::{FilePath, Job},
};
use crate::{node::Lane, store::Store};

impl Course<'_> {
    /// The job of a stage that was looked up and is not in the store.
    pub(super) fn job(&self, id: u64, stage: usize, device: Device, store: &Store) -> Job {
        let planned = self.stage(stage);
        let key = self.key_digest(stage).expect("a stage that runs was looked up");
        Job {
            id,
            stage: planned.name.clone(),
            node: planned.node.name.to_owned(),
            params: self.params(stage).expect("its key was made from them"),
            inputs: self.inputs(stage),
            files: self.outside.paths(),
            scripts: self.outside.scripts(&planned.name),
            seed: self.seed(stage),
            device: if planned.node.lane == Lane::Device { device.to_string() } else { "cpu".to_owned() },
            blobs: FilePath(absolute(store.blobs().folder())),
            scratch: FilePath(absolute(&store.scratch(key))),
        }
    }
}
