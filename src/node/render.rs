//! Nodes of the family `render`.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

pub(super) const NODES: &[NodeSpec] = &[MIDI, AUDIO];

const MIDI: NodeSpec = NodeSpec {
    name: "render.midi",
    version: 1,
    about: "Writes a score as a MIDI file: tempo map, key, pedal, markers for cuts and sections",
    inputs: &[Port::one("score", Kind::Score, "What is played")],
    outputs: &[Port::one("midi", Kind::Midi, "Type 1, 480 ticks a quarter").export("score.mid")],
    params: &[],
    knobs: &[],
    seeded: false,
    lane: Lane::Cpu,
    limits: Limits::new(60, 512),
};

const AUDIO: NodeSpec = NodeSpec {
    name: "render.audio",
    version: 1,
    about: "Plays each track of a score with a SoundFont into a dry stem of its own, with its gain and pan",
    inputs: &[Port::one("score", Kind::Score, "What is played")],
    outputs: &[Port::one(
        "stems",
        Kind::Audio,
        "One 48 kHz stereo file a track, as long as the score; their sum is the dry mix",
    )
    .arity(Arity::Many)
    .export("stems/{name}.wav")],
    params: &[Param {
        name: "soundfont",
        about: "The instruments: an uncompressed SoundFont 2 file",
        unit: "",
        domain: Domain::File,
        default: Some(r#""/usr/share/sounds/sf2/FluidR3_GM.sf2""#),
    }],
    knobs: &[],
    seeded: false,
    lane: Lane::Cpu,
    limits: Limits::new(1800, 1024),
};
