//! Nodes of the family `mux`: from sound to the scored video.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[NodeSpec {
    name: "mux.video",
    version: 1,
    about: "Puts the programme under the picture; every packet of picture stays as it is",
    inputs: &[Port::one("media", Kind::Media, "The video"), Port::one("programme", Kind::Audio, "What is heard")],
    outputs: &[Port::one("video", Kind::Video, "The scored video; its name is its ending").export("{clip}.{name}")],
    params: &[Param {
        name: "bit_rate",
        about: "Of the encoded sound",
        unit: "bits per second",
        domain: Domain::Int { min: 32_000, max: 512_000 },
        default: Some("192000"),
    }],
    knobs: &[],
    seeded: false,
    lane: Lane::Cpu,
    limits: Limits::new(3600, 1024),
}];
