//! Nodes of the family `script`: a script of one's own in any place of a graph. In recipes they are written
//! `node = "script"` with `output = "score"`, or by their full name.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

/// All that a script may read; what is joined is there as `inputs.plan` and so on.
const INPUTS: &[Port] = &[
    Port::one("media", Kind::Media, "What the video is").arity(Arity::Optional),
    Port::one("cuts", Kind::Cuts, "Cuts of the picture").arity(Arity::Optional),
    Port::one("color", Kind::Track, "Color a second").arity(Arity::Optional),
    Port::one("motion", Kind::Track, "Motion a second").arity(Arity::Optional),
    Port::one("affect", Kind::Track, "How the picture feels, a second").arity(Arity::Optional),
    Port::one("plan", Kind::CuePlan, "The cue plan").arity(Arity::Optional),
    Port::one("conditions", Kind::Conditions, "What is asked of each bar").arity(Arity::Optional),
    Port::one("chords", Kind::Chords, "Chords").arity(Arity::Optional),
    Port::one("melody", Kind::Notes, "Melody").arity(Arity::Optional),
    Port::one("accompaniment", Kind::Notes, "Accompaniment").arity(Arity::Optional),
    Port::one("score", Kind::Score, "A score").arity(Arity::Optional),
];

const PARAMS: &[Param] = &[Param {
    name: "script",
    about: "A script with a function `node(inputs)`, which gives the output",
    unit: "",
    domain: Domain::Script,
    default: None,
}];

const fn script(name: &'static str, about: &'static str, outputs: &'static [Port]) -> NodeSpec {
    NodeSpec {
        name,
        version: 1,
        about,
        inputs: INPUTS,
        outputs,
        params: PARAMS,
        knobs: &[],
        seeded: true,
        lane: Lane::Cpu,
        limits: Limits::new(120, 1536),
    }
}

pub(super) const NODES: &[NodeSpec] = &[
    script(
        "script.conditions",
        "A script of one's own that gives what is asked of each bar",
        &[Port::one("conditions", Kind::Conditions, "What is asked of each bar")],
    ),
    script(
        "script.chords",
        "A script of one's own that gives chords",
        &[Port::one("chords", Kind::Chords, "Chords, for each take that came in")],
    ),
    script(
        "script.notes",
        "A script of one's own that gives notes of a part",
        &[Port::one("notes", Kind::Notes, "Notes, for each take that came in")],
    ),
    script(
        "script.score",
        "A script of one's own that gives a score",
        &[Port::one("score", Kind::Score, "Tracks with instruments, in the key that is heard")],
    ),
    script(
        "script.report",
        "A script of one's own that measures and tells",
        &[Port::one("report", Kind::Report, "What it found").export("{name}.json")],
    ),
];
