//! Nodes of the family `mix`: from dry stems to what is heard.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[NodeSpec {
    name: "mix.bed",
    version: 2,
    about: "Mixes stems in a room, ducks them under speech, sets loudness and holds the true peak",
    inputs: &[
        Port::one("media", Kind::Media, "The video, for its own sound"),
        Port::one("speech", Kind::Track, "Where that sound has speech, from feature.speech"),
        Port::one("score", Kind::Score, "How much room each track gets"),
        Port::one("stems", Kind::Audio, "Dry stems, one a track").arity(Arity::Many),
    ],
    outputs: &[
        Port::one("music", Kind::Audio, "The music alone at the target loudness").export("music.wav"),
        Port::one("ducked", Kind::Audio, "The music as it lies in the programme, where it is ducked")
            .arity(Arity::Optional)
            .export("music-ducked.wav"),
        Port::one("programme", Kind::Audio, "Music and original sound as heard").export("programme.wav"),
        Port::one("report", Kind::Report, "Loudness, true peak, ducking, and their curves"),
    ],
    params: &[
        Param {
            name: "true_peak",
            about: "No sample between samples goes over this",
            unit: "dBTP",
            domain: Domain::Float { min: -9.0, max: 0.0 },
            default: Some("-1"),
        },
        Param {
            name: "duck",
            about: "How far the music goes down under speech; auto is what `mix` says",
            unit: "dB",
            domain: Domain::AutoFloat { min: 0.0, max: 16.0 },
            default: Some(r#""auto""#),
        },
        Param {
            name: "carve",
            about: "How much further its 1 to 4 kHz go, where consonants lie; auto is what `mix` says",
            unit: "dB",
            domain: Domain::AutoFloat { min: 0.0, max: 12.0 },
            default: Some(r#""auto""#),
        },
        Param {
            name: "room",
            about: "How much of the style's room is heard; 0 is dry",
            unit: "0..2",
            domain: Domain::Float { min: 0.0, max: 2.0 },
            default: Some("1"),
        },
        Param {
            name: "fade_in",
            about: "How slowly the music comes in, at most a quarter of the whole",
            unit: "seconds",
            domain: Domain::Float { min: 0.0, max: 60.0 },
            default: Some("0"),
        },
        Param {
            name: "fade_out",
            about: "How slowly the last of the room goes, at most a quarter of the whole",
            unit: "seconds",
            domain: Domain::Float { min: 0.0, max: 60.0 },
            default: Some("0.5"),
        },
    ],
    knobs: &["loudness", "original_sound", "mix", "music_gain"],
    seeded: false,
    lane: Lane::Cpu,
    limits: Limits::new(1800, 2048),
}];
