//! Nodes of the family `feature`: what is read off the measured pictures.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const LIMITS: Limits = Limits::new(120, 1024);
const MEDIA: Port = Port::one("media", Kind::Media, "The video");
const FRAMES: Port = Port::one("frames", Kind::Frames, "Measures of its pictures, from source.video");

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "feature.color",
        version: 1,
        about: "Hue histogram, saturation and brightness of each second",
        inputs: &[MEDIA, FRAMES],
        outputs: &[Port::one("color", Kind::Track, "One row a second: hue_0 to hue_11, mean and spread")],
        params: &[],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "feature.motion",
        version: 2,
        about: "Mean absolute RGB difference of neighbouring pictures, mean and peak of each second",
        inputs: &[MEDIA, FRAMES],
        outputs: &[Port::one("motion", Kind::Track, "One row a second: motion, peak, peak_at")],
        params: &[],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "feature.semantic",
        version: 1,
        about: "What each second shows, as EfficientNet-Lite0 sees it",
        inputs: &[Port::one("stills", Kind::Stills, "A picture a second, from source.video")],
        outputs: &[
            Port::one("semantic", Kind::Track, "One row a second: feature_0 to feature_1279"),
            Port::one("classes", Kind::Track, "One row a second: class_0 to class_999, ImageNet's, probabilities"),
        ],
        params: &[Param {
            name: "weights",
            about: "The trained network",
            unit: "",
            domain: Domain::File,
            default: Some(r#""store/models/efficientnet_lite0.safetensors""#),
        }],
        knobs: &[],
        seeded: false,
        lane: Lane::Device,
        limits: Limits::new(600, 3072),
    },
    NodeSpec {
        name: "feature.affect",
        version: 1,
        about: "How pleasant and how exciting the picture of each second is, learned from people's ratings",
        inputs: &[Port::one("semantic", Kind::Track, "What each second shows, from feature.semantic")],
        outputs: &[Port::one("affect", Kind::Track, "One row a second: valence, arousal, -1..1")],
        params: &[Param {
            name: "weights",
            about: "The trained picture meter",
            unit: "",
            domain: Domain::File,
            default: Some(r#""store/models/picture_affect.safetensors""#),
        }],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
    NodeSpec {
        name: "feature.speech",
        version: 1,
        about: "Where the video's own sound has speech or singing: level, rhythm of syllables, voice",
        inputs: &[MEDIA],
        outputs: &[Port::one(
            "speech",
            Kind::Track,
            "Ten rows a second: speech 0 or 1, level of the speech band in dB",
        )],
        params: &[],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(900, 1024),
    },
    NodeSpec {
        name: "feature.shots",
        version: 1,
        about: "Finds hard cuts, told apart from motion, pans and flashes",
        inputs: &[FRAMES],
        outputs: &[Port::one("cuts", Kind::Cuts, "Hard cuts with time and strength")],
        params: &[Param {
            name: "sensitivity",
            about: "Higher finds more cuts",
            unit: "0..1",
            domain: Domain::Float { min: 0.0, max: 1.0 },
            default: Some("0.5"),
        }],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: LIMITS,
    },
];
