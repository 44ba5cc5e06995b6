//! Nodes of the family `source`: where pictures come from.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "source.video",
        version: 2,
        about: "Probes a video and measures every picture in one decode pass",
        inputs: &[],
        outputs: &[
            Port::one("media", Kind::Media, "what the file is: streams, size, length"),
            Port::one("frames", Kind::Frames, "measures of every picture, up to 30 a second"),
            Port::one(
                "stills",
                Kind::Stills,
                "one small picture a second, one every two, four or more where there are over 900",
            ),
        ],
        params: VIDEO_PARAMS,
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(3600, 3072),
    },
    NodeSpec {
        name: "source.passage",
        version: 1,
        about: "Eight composed bars that ship with the program, without a picture: to hear styles by",
        inputs: &[],
        outputs: &[
            Port::one("media", Kind::Media, "stands for a silent video of their length"),
            Port::one("speech", Kind::Track, "no speech in it"),
            Port::one("plan", Kind::CuePlan, "eight bars of 100 beats a minute in C major, and an ending"),
            Port::one("conditions", Kind::Conditions, "what was asked of each bar"),
            Port::one("chords", Kind::Chords, "one take"),
            Port::one("melody", Kind::Notes, "one take"),
            Port::one("accompaniment", Kind::Notes, "one take"),
        ],
        params: &[],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(60, 512),
    },
];

const VIDEO_PARAMS: &[Param] = &[
    Param { name: "file", about: "The video; --input gives it", unit: "", domain: Domain::File, default: None },
    Param {
        name: "preview",
        about: "Decode and score no more than this; 0 is the whole video, --preview sets it",
        unit: "seconds",
        domain: Domain::Float { min: 0.0, max: 86400.0 },
        default: Some("0"),
    },
    Param {
        name: "max_bytes",
        about: "Refuse larger files",
        unit: "bytes",
        domain: Domain::Int { min: 1, max: 1 << 50 },
        default: Some("137438953472"),
    },
    Param {
        name: "max_seconds",
        about: "Refuse longer videos",
        unit: "seconds",
        domain: Domain::Float { min: 1.0, max: 86400.0 },
        default: Some("14400"),
    },
    Param {
        name: "max_side",
        about: "Refuse pictures whose longer side is over this",
        unit: "pixels",
        domain: Domain::Int { min: 16, max: 16384 },
        default: Some("8192"),
    },
    Param {
        name: "max_error_share",
        about: "Refuse videos of which more than this share of packets cannot be decoded",
        unit: "0..1",
        domain: Domain::Float { min: 0.0, max: 1.0 },
        default: Some("0.9"),
    },
    Param {
        name: "max_silent_packets",
        about: "Give up after this many packets in a row without a picture",
        unit: "packets",
        domain: Domain::Int { min: 1, max: 1_000_000 },
        default: Some("2000"),
    },
    Param {
        name: "min_seconds",
        about: "Refuse videos of which less than this can be decoded",
        unit: "seconds",
        domain: Domain::Float { min: 0.0, max: 3600.0 },
        default: Some("1"),
    },
];
