//! Nodes of the family `generate`: the three transformers.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const LIMITS: Limits = Limits::new(1800, 3072);
const PLAN: Port = Port::one("plan", Kind::CuePlan, "The cue plan");
const CONDITIONS: Port = Port::one("conditions", Kind::Conditions, "What is asked of each bar");
const CHORDS: Port = Port::one("chords", Kind::Chords, "The chords of each take");
const TEMPERATURE: Param = Param {
    name: "temperature",
    about: "Below 1 composes what is likely, above 1 what is rare",
    unit: "",
    domain: Domain::Float { min: 0.1, max: 2.0 },
    default: Some("1"),
};
const TOP_P: Param = Param {
    name: "top_p",
    about: "Draws from the likeliest choices that together have this probability",
    unit: "0..1",
    domain: Domain::Float { min: 0.05, max: 1.0 },
    default: Some("0.95"),
};
const GUIDANCE: Param = Param {
    name: "guidance",
    about: "How far what is asked is overdone: 1 takes the model at its word, more obeys more and costs twice the time",
    unit: "",
    domain: Domain::Float { min: 1.0, max: 5.0 },
    default: Some("1"),
};

const fn weights(default: &'static str) -> Param {
    Param { name: "weights", about: "Trained weights", unit: "", domain: Domain::File, default: Some(default) }
}

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "generate.chords",
        version: 2,
        about: "Composes chords, two a bar, that follow the sections and close on the tonic",
        inputs: &[PLAN, CONDITIONS],
        outputs: &[Port::one("chords", Kind::Chords, "Chords of each take")],
        params: &[weights(r#""store/models/chords.safetensors""#), TEMPERATURE, TOP_P, GUIDANCE],
        knobs: &["candidates"],
        seeded: true,
        lane: Lane::Device,
        limits: LIMITS,
    },
    NodeSpec {
        name: "generate.melody",
        version: 2,
        about: "Composes a melody over the chords of each take",
        inputs: &[PLAN, CONDITIONS, CHORDS],
        outputs: &[Port::one("melody", Kind::Notes, "One voice for each take; empty where no melody is wanted")],
        params: &[weights(r#""store/models/melody.safetensors""#), TEMPERATURE, TOP_P, GUIDANCE],
        knobs: &[],
        seeded: true,
        lane: Lane::Device,
        limits: LIMITS,
    },
    NodeSpec {
        name: "generate.accompaniment",
        version: 2,
        about: "Composes the accompaniment under chords and melody of each take",
        inputs: &[PLAN, CONDITIONS, CHORDS, Port::one("melody", Kind::Notes, "The melody of each take")],
        outputs: &[Port::one("accompaniment", Kind::Notes, "Notes of each take")],
        params: &[weights(r#""store/models/accompaniment.safetensors""#), TEMPERATURE, TOP_P, GUIDANCE],
        knobs: &[],
        seeded: true,
        lane: Lane::Device,
        limits: LIMITS,
    },
];
