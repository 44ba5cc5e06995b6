//! Nodes of the family `data`: songs and rated pieces, and what is known of them.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "data.pop909",
        version: 1,
        about: "Loads POP909: plain 4/4 songs on a grid of sixteenths, in C major or A minor, 70..140 beats a minute",
        inputs: &[],
        outputs: &[Port::one("corpus", Kind::Dataset, "songs with split, chords, melody and accompaniment")],
        params: &[folder("Folder of POP909: index.csv and the songs' folders 001 to 909")],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "data.vgmidi",
        version: 1,
        about: "Loads VGMIDI: piano pieces in real time with people's ratings of valence and arousal",
        inputs: &[],
        outputs: &[
            Port::one("ratings", Kind::Ratings, "pieces with tempo, notes in real time, valence and arousal"),
            Port::one("report", Kind::Report, "how many pieces there are, what was left out and why"),
        ],
        params: &[folder("Folder of VGMIDI: affect.csv and midi/")],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "data.affect",
        version: 1,
        about: "Gives the bars of songs valence and arousal, as a meter measures eight bars around each",
        inputs: &[Port::one("corpus", Kind::Dataset, "songs with their split")],
        outputs: &[
            Port::one("corpus", Kind::Dataset, "the songs with valence and arousal, -1..1, for each bar"),
            Port::one("report", Kind::Report, "how the meter's values were brought to -1..1"),
        ],
        params: &[
            Param {
                name: "meter",
                about: "ridge is learned from people's ratings (weights); rules leaves it to a rule of thumb, without research data",
                unit: "",
                domain: Domain::Choice(&["ridge", "rules"]),
                default: Some(r#""ridge""#),
            },
            Param {
                name: "weights",
                about: "The trained meter",
                unit: "",
                domain: Domain::File,
                default: Some(r#""store/models/music_affect.safetensors""#),
            },
        ],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(1800, 2048),
    },
];

const fn folder(about: &'static str) -> Param {
    Param { name: "folder", about, unit: "", domain: Domain::Folder, default: None }
}
