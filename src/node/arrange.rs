//! Nodes of the family `arrange`: from composed parts to a score with instruments.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port, version};
use crate::artifact::Kind;

const LIMITS: Limits = Limits::new(120, 1024);
const SCORE: Port = Port::one("score", Kind::Score, "Tracks with instruments, in the key that is heard");

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "arrange.style",
        version: version::PLAYING,
        about: "Deals one take to instruments, adds what the style adds, plays it like people",
        inputs: &[
            Port::one("plan", Kind::CuePlan, "The cue plan"),
            Port::one("conditions", Kind::Conditions, "What is asked of each bar"),
            Port::one("chords", Kind::Chords, "Chords of each take"),
            Port::one("melody", Kind::Notes, "Melody of each take"),
            Port::one("accompaniment", Kind::Notes, "Accompaniment of each take"),
        ],
        outputs: &[SCORE],
        params: &[],
        knobs: &["style", "take"],
        seeded: true,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "arrange.edited",
        version: 1,
        about: "Takes notes, pedal and tempo from an edited MIDI file, and mix and instruments from the score it came from",
        inputs: &[Port::one("score", Kind::Score, "The score that was edited")],
        outputs: &[SCORE],
        params: &[Param { name: "file", about: "The edited MIDI file", unit: "", domain: Domain::File, default: None }],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
];
