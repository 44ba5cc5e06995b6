//! Nodes of the family `mix`: from dry stems to what is heard.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[NodeSpec {
    name: "mix.bed",
    version: 1,
    about: "Mixes stems in a room, joins the original sound, sets loudness and holds the true peak",
    inputs: &[
        Port::one("media", Kind::Media, "The video, for its own sound"),
        Port::one("score", Kind::Score, "How much room each track gets"),
        Port::one("stems", Kind::Audio, "Dry stems, one a track").arity(Arity::Many),
    ],
    outputs: &[
        Port::one("music", Kind::Audio, "The music alone at the target loudness").export("music.wav"),
        Port::one("programme", Kind::Audio, "Music and original sound as heard").export("programme.wav"),
        Port::one("report", Kind::Report, "Loudness, true peak and loudness curve of both"),
    ],
    params: &[Param {
        name: "true_peak",
        about: "No sample between samples goes over this",
        unit: "dBTP",
        domain: Domain::Float { min: -9.0, max: 0.0 },
        default: Some("-1"),
    }],
    knobs: &["loudness", "original_sound", "music_gain"],
    seeded: false,
    lane: Lane::Cpu,
    limits: Limits::new(1800, 2048),
}];
