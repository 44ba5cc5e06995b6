//! Nodes of the family `plan`.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const LIMITS: Limits = Limits::new(60, 1024);
const COLOR: Port = Port::one("color", Kind::Track, "Color a second, from feature.color");
const MOTION: Port = Port::one("motion", Kind::Track, "Motion a second, from feature.motion");
const AFFECT: Port =
    Port::one("affect", Kind::Track, "Valence and arousal a second, from feature.affect; else color tells them")
        .arity(Arity::Optional);

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "plan.cue",
        version: 6,
        about: "Chooses key and tempo and lays bars and sections that meet the cuts and end with the picture.",
        inputs: &[
            Port::one("media", Kind::Media, "The video"),
            Port::one("cuts", Kind::Cuts, "Its hard cuts; beats and sections begin on them where tempo allows"),
            COLOR,
            MOTION,
            AFFECT,
        ],
        outputs: &[Port::one("plan", Kind::CuePlan, "Bars, tempo, key, sections, end")],
        params: &[],
        knobs: &["tempo", "key", "mood", "valence", "arousal", "cuts_on_beats", "hits"],
        seeded: true,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "plan.conditions",
        version: 6,
        about: "Says for each bar how glad, excited, dense, loud and high the music should be.",
        inputs: &[Port::one("plan", Kind::CuePlan, "The cue plan"), COLOR, MOTION, AFFECT],
        outputs: &[Port::one("conditions", Kind::Conditions, "One row a bar")],
        params: &[Param {
            name: "weights",
            about: "The model of loudness over a picture",
            unit: "",
            domain: Domain::File,
            default: Some(r#""store/models/dynamics.safetensors""#),
        }],
        knobs: &["mood", "valence", "arousal", "energy_follows_motion", "density", "dynamics", "register", "melody"],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
];
