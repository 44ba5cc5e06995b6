//! Nodes of the family `report`: what people look at.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const LIMITS: Limits = Limits::new(120, 1024);
const SCORE: Port = Port::one("score", Kind::Score, "What is played");

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "report.roll",
        version: 1,
        about: "Draws the score as a piano roll with bars, chords and cuts",
        inputs: &[
            Port::one("plan", Kind::CuePlan, "The cue plan"),
            Port::one("chords", Kind::Chords, "Chords; those of take 1 are written above"),
            SCORE,
        ],
        outputs: &[Port::one("roll", Kind::Picture, "A PNG").export("piano-roll.png")],
        params: &[],
        knobs: &["take"],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "report.page",
        version: 3,
        about: "One page without network: picture curves above music, bars and cuts, loudness, checks, knobs",
        inputs: &[
            Port::one("media", Kind::Media, "The video"),
            Port::one("plan", Kind::CuePlan, "The cue plan"),
            Port::one("conditions", Kind::Conditions, "What was asked of each bar"),
            SCORE,
            Port::one("color", Kind::Track, "Color a second"),
            Port::one("motion", Kind::Track, "Motion a second"),
            Port::one("affect", Kind::Track, "Mood of the picture a second; without it the rule's is drawn")
                .arity(Arity::Optional),
            Port::one("sound", Kind::Report, "What mix.bed measured"),
            Port::one("roll", Kind::Picture, "The piano roll").arity(Arity::Optional),
            Port::one("checks", Kind::Report, "What the checks say").arity(Arity::Many),
        ],
        outputs: &[Port::one("page", Kind::Page, "One HTML file").export("report.html")],
        params: &[Param {
            name: "refused",
            about: "Attempts that checks refused before; a run that composes anew fills it in",
            unit: "",
            domain: Domain::Text,
            default: Some("\"\""),
        }],
        knobs: &[
            "tempo",
            "key",
            "mood",
            "valence",
            "arousal",
            "energy_follows_motion",
            "density",
            "dynamics",
            "register",
            "melody",
            "style",
            "candidates",
            "take",
            "loudness",
            "original_sound",
            "mix",
            "music_gain",
        ],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
];
