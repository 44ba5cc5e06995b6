//! Nodes of the family `generate`: the three transformers.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port, version};
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
    default: Some("1"),
};
pub(super) const VARIETY: Param = Param {
    name: "variety",
    about: "How far candidates differ in temperature: some plain, some rich, as songs are",
    unit: "0..1",
    domain: Domain::Float { min: 0.0, max: 0.9 },
    default: Some("0.25"),
};
pub(super) const GUIDANCE: Param = Param {
    name: "guidance",
    about: "How far what is asked is overdone: 1 takes the model at its word, more obeys more and costs twice the time",
    unit: "",
    domain: Domain::Float { min: 1.0, max: 5.0 },
    default: Some("1"),
};
/// Chords are cheap, and which of them are glad is hard to hear: it is overdone a little.
pub(super) const CHORDS_GUIDANCE: Param = Param { default: Some("1.5"), ..GUIDANCE };

const fn weights(default: &'static str) -> Param {
    Param { name: "weights", about: "Trained weights", unit: "", domain: Domain::File, default: Some(default) }
}

const LOCK: Param = Param {
    name: "lock",
    about: "A run.json of the same plan whose chords are kept; empty composes new ones",
    unit: "",
    domain: Domain::File,
    default: Some(r#""""#),
};
pub(super) const RECALL: Param = Param {
    name: "recall",
    about: "Chance that a phrase comes back where the form says so: in sections that return, and in answers",
    unit: "0..1",
    domain: Domain::Float { min: 0.0, max: 1.0 },
    default: Some("1"),
};
pub(super) const STEERING: Param = Param {
    name: "steering",
    about: "How firmly each bar is led to what is asked of it; 0 leaves it to the model",
    unit: "0..1",
    domain: Domain::Float { min: 0.0, max: 1.0 },
    default: Some("0.5"),
};
pub(super) const DRAFTS: Param = Param {
    name: "drafts",
    about: "Most drafts of a bar; the one nearest to what is asked stays. 1 takes what comes and is fastest",
    unit: "",
    domain: Domain::Int { min: 1, max: 16 },
    default: Some("12"),
};
pub(super) const ORIGINAL: Param = Param {
    name: "original",
    about: "Index of the training songs; a bar that takes a long passage from one is drafted anew",
    unit: "",
    domain: Domain::File,
    default: Some(r#""store/models/original.safetensors""#),
};
pub(super) const MOOD_METER: Param = Param {
    name: "mood_meter",
    about: "Music meter that hears which drafts turn glad or sad as asked; empty leaves ratings out of composing",
    unit: "",
    domain: Domain::File,
    default: Some(r#""store/models/music_affect.safetensors""#),
};
const MELODY_REROLL: &str =
    "Sections to compose anew, with their accompaniment, while the rest stays: \"b:2\" is the second roll of section b";
const ACCOMPANIMENT_REROLL: &str =
    "Sections to compose anew while the rest stays, melody and all: \"3:1, b:2\" rolls the third section, then b";

const fn reroll(about: &'static str) -> Param {
    Param { name: "reroll", about, unit: "", domain: Domain::Text, default: Some(r#""""#) }
}

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "generate.chords",
        version: version::CHORDS,
        about: "Composes chords, two a bar, that follow the sections and close on the tonic",
        inputs: &[PLAN, CONDITIONS],
        outputs: &[Port::one("chords", Kind::Chords, "Chords of each take")],
        params: &[weights(r#""store/models/chords.safetensors""#), TEMPERATURE, TOP_P, VARIETY, CHORDS_GUIDANCE, LOCK],
        knobs: &["candidates"],
        seeded: true,
        lane: Lane::Device,
        limits: LIMITS,
    },
    NodeSpec {
        name: "generate.melody",
        version: version::MELODY,
        about: "Composes a melody over the chords of each take",
        inputs: &[PLAN, CONDITIONS, CHORDS],
        outputs: &[Port::one("melody", Kind::Notes, "One voice for each take; empty where no melody is wanted")],
        params: &[
            weights(r#""store/models/melody.safetensors""#),
            TEMPERATURE,
            TOP_P,
            VARIETY,
            GUIDANCE,
            RECALL,
            STEERING,
            DRAFTS,
            ORIGINAL,
            reroll(MELODY_REROLL),
        ],
        knobs: &[],
        seeded: true,
        lane: Lane::Device,
        limits: LIMITS,
    },
    NodeSpec {
        name: "generate.accompaniment",
        version: version::ACCOMPANIMENT,
        about: "Composes the accompaniment under chords and melody of each take",
        inputs: &[PLAN, CONDITIONS, CHORDS, Port::one("melody", Kind::Notes, "The melody of each take")],
        outputs: &[Port::one("accompaniment", Kind::Notes, "Notes of each take")],
        params: &[
            weights(r#""store/models/accompaniment.safetensors""#),
            TEMPERATURE,
            TOP_P,
            VARIETY,
            GUIDANCE,
            RECALL,
            STEERING,
            DRAFTS,
            ORIGINAL,
            MOOD_METER,
            reroll(ACCOMPANIMENT_REROLL),
        ],
        knobs: &[],
        seeded: true,
        lane: Lane::Device,
        limits: LIMITS,
    },
];
