//! Nodes of the family `data`.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[NodeSpec {
    name: "data.pop909",
    version: 1,
    about: "Loads POP909: plain 4/4 songs on a grid of sixteenths, in C major or A minor, 70..140 beats a minute",
    inputs: &[],
    outputs: &[Port::one("corpus", Kind::Dataset, "songs with split, chords, melody and accompaniment")],
    params: &[Param {
        name: "folder",
        about: "Folder of POP909: index.csv and the songs' folders 001 to 909",
        unit: "",
        domain: Domain::Folder,
        default: None,
    }],
    knobs: &[],
    seeded: false,
    lane: Lane::Cpu,
    limits: Limits::new(600, 2048),
}];
