//! Nodes of the family `select`: which of several takes is kept.

use super::{
    Domain, Lane, Limits, NodeSpec, Param, Port,
    check::{ENCODERS, FELT},
    version,
};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[NodeSpec {
    name: "select.best",
    version: version::PLAYING,
    about: "Keeps the take that is asked for; at take = \"auto\" the one that goes best with the picture and check.music would pass",
    inputs: &[
        Port::one("plan", Kind::CuePlan, "The cue plan"),
        Port::one("conditions", Kind::Conditions, "What is asked of each bar"),
        Port::one("chords", Kind::Chords, "The chords of each take"),
        Port::one("melody", Kind::Notes, "The melody of each take"),
        Port::one("accompaniment", Kind::Notes, "The accompaniment of each take"),
        Port::one("color", Kind::Track, "Color a second"),
        Port::one("motion", Kind::Track, "Motion a second"),
        FELT,
    ],
    outputs: &[
        Port::one("chords", Kind::Chords, "The chords of the take that is kept"),
        Port::one("melody", Kind::Notes, "Its melody"),
        Port::one("accompaniment", Kind::Notes, "Its accompaniment"),
        Port::one("report", Kind::Report, "How well each take goes with the picture, and which is kept"),
    ],
    params: &[
        ENCODERS,
        Param {
            name: "min_scale_consistency",
            about: "Share of pitched notes that lie in the key's scale, of takes that may be kept",
            unit: "0..1",
            domain: Domain::Float { min: 0.0, max: 1.0 },
            default: Some("0.8"),
        },
        Param {
            name: "max_empty_beats",
            about: "Share of beats in which nothing sounds, of takes that may be kept",
            unit: "0..1",
            domain: Domain::Float { min: 0.0, max: 1.0 },
            default: Some("0.3"),
        },
        Param {
            name: "max_repeated_pitch",
            about: "Longest run of one pitch struck again and again, of takes that may be kept",
            unit: "notes",
            domain: Domain::Int { min: 1, max: 1000 },
            default: Some("24"),
        },
    ],
    knobs: &["style", "take"],
    seeded: true,
    lane: Lane::Cpu,
    limits: Limits::new(600, 1024),
}];
