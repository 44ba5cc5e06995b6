//! Nodes of the family `check`: whether a result is good enough.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const LIMITS: Limits = Limits::new(120, 1024);
const REPORT: Port = Port::one("report", Kind::Report, "What was measured, and whether it passes");
const PLAN: Port = Port::one("plan", Kind::CuePlan, "The cue plan");
const SCORE: Port = Port::one("score", Kind::Score, "What is played");

/// Of check.vmcp and select.best.
pub(super) const ENCODERS: Param = Param {
    name: "weights",
    about: "Encoders and reference pool",
    unit: "",
    domain: Domain::File,
    default: Some(r#""store/models/vmcp.safetensors""#),
};
pub(super) const FELT: Port =
    Port::one("affect", Kind::Track, "Valence and arousal from feature.affect; else a rule on color tells them")
        .arity(Arity::Optional);

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "check.affect",
        version: 2,
        about: "Measures how glad and excited the music sounds, against what was asked of its bars",
        inputs: &[Port::one("conditions", Kind::Conditions, "What was asked of each bar"), SCORE],
        outputs: &[REPORT],
        params: &[
            Param {
                name: "weights",
                about: "The meter that labels training songs",
                unit: "",
                domain: Domain::File,
                default: Some(r#""store/models/music_affect.safetensors""#),
            },
            Param {
                name: "max_valence_off",
                about: "How far the music's mean valence may be from what was asked",
                unit: "of -1..1",
                domain: Domain::Float { min: 0.0, max: 2.0 },
                default: Some("0.6"),
            },
            Param {
                name: "max_arousal_off",
                about: "How far the music's mean arousal may be from what was asked",
                unit: "of -1..1",
                domain: Domain::Float { min: 0.0, max: 2.0 },
                default: Some("0.6"),
            },
        ],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "check.music",
        version: 3,
        about: "Refuses degenerate music: silence, stuck notes, wrong key, no cadence",
        inputs: &[PLAN, SCORE],
        outputs: &[REPORT],
        params: &[
            Param {
                name: "min_scale_consistency",
                about: "Share of pitched notes that lie in the key's scale",
                unit: "0..1",
                domain: Domain::Float { min: 0.0, max: 1.0 },
                default: Some("0.8"),
            },
            Param {
                name: "max_empty_beats",
                about: "Share of beats in which nothing sounds",
                unit: "0..1",
                domain: Domain::Float { min: 0.0, max: 1.0 },
                default: Some("0.3"),
            },
            Param {
                name: "max_repeated_pitch",
                about: "Longest run of one pitch struck again and again by one part",
                unit: "notes",
                domain: Domain::Int { min: 1, max: 1000 },
                default: Some("24"),
            },
        ],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "check.original",
        version: 2,
        about: "Refuses takes that hold a passage of a training song",
        inputs: &[
            Port::one("melody", Kind::Notes, "Melody of each take"),
            Port::one("accompaniment", Kind::Notes, "Accompaniment of each take"),
        ],
        outputs: &[REPORT],
        params: &[
            Param {
                name: "weights",
                about: "Index of the training songs",
                unit: "",
                domain: Domain::File,
                default: Some(r#""store/models/original.safetensors""#),
            },
            Param {
                name: "max_copied_beats",
                about: "The longest run that a training song has too must be shorter than this",
                unit: "beats",
                domain: Domain::Float { min: 1.0, max: 1000.0 },
                default: Some("8"),
            },
        ],
        knobs: &["take"],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "check.sync",
        version: 4,
        about: "Compares the music's bars, end and sound with the picture",
        inputs: &[
            PLAN,
            SCORE,
            Port::one("media", Kind::Media, "The video"),
            Port::one("sound", Kind::Report, "What mix.bed measured"),
        ],
        outputs: &[REPORT],
        params: &[
            Param {
                name: "loudness_tolerance",
                about: "How far the music may be from the loudness asked for",
                unit: "LU",
                domain: Domain::Float { min: 0.1, max: 20.0 },
                default: Some("1"),
            },
            Param {
                name: "max_silent_end",
                about: "How long before the picture's end the last note may end",
                unit: "seconds",
                domain: Domain::Float { min: 0.0, max: 86400.0 },
                default: Some("4"),
            },
            Param {
                name: "min_cuts_on_beats",
                about: "Share of strong cuts that must lie on beats; 0 only reports",
                unit: "0..1",
                domain: Domain::Float { min: 0.0, max: 1.0 },
                default: Some("0"),
            },
            Param {
                name: "max_hit_distance",
                about: "How far a hit may be from the nearest beat",
                unit: "seconds",
                domain: Domain::Float { min: 0.0, max: 10.0 },
                default: Some("0.08"),
            },
        ],
        knobs: &["loudness"],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "check.vmcp",
        version: 3,
        about: "Compares how well the music goes with the picture with how well other music would",
        inputs: &[
            PLAN,
            SCORE,
            Port::one("chords", Kind::Chords, "The chords of each take"),
            Port::one("color", Kind::Track, "Color a second"),
            Port::one("motion", Kind::Track, "Motion a second"),
            FELT,
            Port::one("picked", Kind::Report, "What select.best says, where it picked the take").arity(Arity::Optional),
        ],
        outputs: &[REPORT],
        params: &[
            ENCODERS,
            Param {
                name: "min_percentile",
                about: "Least share of the pool's music that fits less well, corrected for the best of all candidates",
                unit: "0..100",
                domain: Domain::Float { min: 0.0, max: 100.0 },
                default: Some("20"),
            },
        ],
        knobs: &["take"],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
];
