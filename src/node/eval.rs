//! Nodes of the family `eval`: how good composed music is, against real songs.

use super::{
    Arity, Domain, Lane, Limits, NodeSpec, Param, Port,
    generate::{DRAFTS, GUIDANCE, MOOD_METER, ORIGINAL, RECALL, STEERING, VARIETY},
    version,
};
use crate::artifact::Kind;

const CORPUS: Port = Port::one("corpus", Kind::Dataset, "Songs with their split; test songs are what is compared with");

const PIECES_OUT: Port = Port::one("pieces", Kind::Pieces, "Composed pieces and what was asked of each");

const CHORDS: Param = weights("chords", r#""store/models/chords.safetensors""#);
const MELODY: Param = weights("melody", r#""store/models/melody.safetensors""#);
const ACCOMPANIMENT: Param = weights("accompaniment", r#""store/models/accompaniment.safetensors""#);
const METER: Param = Param {
    name: "meter",
    about: "Measures valence and arousal; another one than the one that labelled the training songs",
    unit: "",
    domain: Domain::File,
    default: Some(r#""store/models/music_affect_check.safetensors""#),
};
const LABEL: Param = Param {
    name: "label",
    about: "What the set is called in tables",
    unit: "",
    domain: Domain::Text,
    default: Some(r#""composed""#),
};
const PIECES: Param = Param {
    name: "pieces",
    about: "How many pieces",
    unit: "pieces",
    domain: Domain::Int { min: 1, max: 10_000 },
    default: Some("100"),
};
const BARS: Param = Param {
    name: "bars",
    about: "Length of each piece",
    unit: "bars",
    domain: Domain::Int { min: 8, max: 256 },
    default: Some("32"),
};
const GIVEN: Param = Param {
    name: "given",
    about: "What is taken from the song and not composed",
    unit: "",
    domain: Domain::Choice(&["nothing", "chords_and_melody"]),
    default: Some(r#""nothing""#),
};
const CONDITIONS: Param = Param {
    name: "conditions",
    about: "Whether the models are told what is asked, or mode, tempo and form alone",
    unit: "",
    domain: Domain::Bool,
    default: Some("true"),
};
const TEMPERATURE: Param = Param {
    name: "temperature",
    about: "Below 1 composes what is likely, above 1 what is rare",
    unit: "",
    domain: Domain::Float { min: 0.1, max: 2.0 },
    default: Some("1"),
};
const CHORDS_TOP_P: Param = Param {
    name: "chords_top_p",
    about: "The same for chords",
    unit: "0..1",
    domain: Domain::Float { min: 0.05, max: 1.0 },
    default: Some("1"),
};
const CHORDS_GUIDANCE: Param = Param {
    name: "chords_guidance",
    about: "How far what is asked of chords is overdone",
    unit: "",
    domain: Domain::Float { min: 1.0, max: 5.0 },
    default: Some("1.5"),
};
const TOP_P: Param = Param {
    name: "top_p",
    about: "Draws from the likeliest choices that together have this probability",
    unit: "0..1",
    domain: Domain::Float { min: 0.05, max: 1.0 },
    default: Some("1"),
};

const fn weights(name: &'static str, default: &'static str) -> Param {
    Param { name, about: "Trained weights", unit: "", domain: Domain::File, default: Some(default) }
}

pub(super) const NODES: &[NodeSpec] = &[COMPOSE, NGRAM, KNOBS, MUSIC, RETRIEVAL, VMCP];

const COMPOSE: NodeSpec = NodeSpec {
    name: "eval.compose",
    version: version::COMPOSING,
    about: "Composes pieces to what stretches of held-out songs would have been asked for",
    inputs: &[CORPUS],
    outputs: &[PIECES_OUT],
    params: &[
        CHORDS,
        MELODY,
        ACCOMPANIMENT,
        LABEL,
        PIECES,
        BARS,
        GIVEN,
        CONDITIONS,
        TEMPERATURE,
        TOP_P,
        CHORDS_TOP_P,
        VARIETY,
        CHORDS_GUIDANCE,
        GUIDANCE,
        RECALL,
        STEERING,
        DRAFTS,
        ORIGINAL,
        MOOD_METER,
    ],
    knobs: &[],
    seeded: true,
    lane: Lane::Device,
    limits: Limits::new(7200, 4096),
};

const NGRAM: NodeSpec = NodeSpec {
    name: "eval.ngram",
    version: 1,
    about: "Composes pieces by interpolated 5-grams of the training songs: a baseline",
    inputs: &[CORPUS],
    outputs: &[PIECES_OUT],
    params: &[LABEL, PIECES, BARS, TEMPERATURE, TOP_P],
    knobs: &[],
    seeded: true,
    lane: Lane::Cpu,
    limits: Limits::new(3600, 4096),
};

const KNOBS: NodeSpec = NodeSpec {
    name: "eval.knobs",
    version: version::COMPOSING + version::PLAYING,
    about: "Turns each knob alone in five steps and measures what is heard",
    inputs: &[CORPUS],
    outputs: &[Port::one("report", Kind::Report, "What was asked and heard at each step")],
    params: &[
        CHORDS,
        MELODY,
        ACCOMPANIMENT,
        METER,
        PIECES,
        BARS,
        TEMPERATURE,
        TOP_P,
        CHORDS_TOP_P,
        VARIETY,
        CHORDS_GUIDANCE,
        GUIDANCE,
        RECALL,
        STEERING,
        DRAFTS,
        ORIGINAL,
        MOOD_METER,
    ],
    knobs: &[],
    seeded: true,
    lane: Lane::Device,
    limits: Limits::new(7200, 4096),
};

const MUSIC: NodeSpec = NodeSpec {
    name: "eval.music",
    version: version::PLAYING,
    about: "Measures composed pieces beside real songs: distributions, structure, obedience, degenerate takes",
    inputs: &[
        CORPUS,
        Port::one("pieces", Kind::Pieces, "The pieces that are judged"),
        Port::one("baselines", Kind::Pieces, "Other sets for the same table").arity(Arity::Many),
        Port::one("knobs", Kind::Report, "What eval.knobs found").arity(Arity::Optional),
    ],
    outputs: &[
        Port::one("report", Kind::Report, "The main figures"),
        Port::one("metrics", Kind::Metrics, "All figures as JSON").export("metrics.json"),
        Port::one("page", Kind::Page, "One HTML file: tables and pictures").export("music.html"),
        Port::one("distributions", Kind::Picture, "Each measure over composed pieces and real songs")
            .export("distributions.png"),
        Port::one("midi", Kind::Midi, "The judged pieces as the product writes them")
            .arity(Arity::Many)
            .export("midi/{name}.mid"),
    ],
    params: &[
        METER,
        Param { about: "Index of the training songs, to find copied passages", ..ORIGINAL },
        Param {
            name: "overlap_pieces",
            about: "How many pieces of each set are compared with as many real stretches",
            unit: "pieces",
            domain: Domain::Int { min: 2, max: 10_000 },
            default: Some("100"),
        },
    ],
    knobs: &[],
    seeded: true,
    lane: Lane::Cpu,
    limits: Limits::new(3600, 4096),
};

const CLIPS: Port = Port::one("clips", Kind::Clips, "Videos with their music, second by second");

const RETRIEVAL: NodeSpec = NodeSpec {
    name: "eval.retrieval",
    version: 2,
    about: "Cross-validates the encoders of train.vmcp and the linear reference over all videos",
    inputs: &[CLIPS],
    outputs: &[Port::one("report", Kind::Report, "Where the own music of held-out videos stands among 64")],
    params: &[Param {
        name: "channels",
        about: "What of the picture is seen: valence, arousal, motion and cuts, or CLIP's features too",
        unit: "",
        domain: Domain::Choice(&["default", "clip"]),
        default: Some(r#""default""#),
    }],
    knobs: &[],
    seeded: true,
    lane: Lane::Cpu,
    limits: Limits::new(7200, 3072),
};

const VMCP: NodeSpec = NodeSpec {
    name: "eval.vmcp",
    version: version::COMPOSING + version::PLAYING,
    about: "Composes to test videos with and without what they ask, and scores how well each piece goes with its video",
    inputs: &[CLIPS, Port::one("retrieval", Kind::Report, "What eval.retrieval found").arity(Arity::Many)],
    outputs: &[
        Port::one("report", Kind::Report, "The main figures"),
        Port::one("metrics", Kind::Metrics, "All figures as JSON").export("metrics.json"),
        Port::one("page", Kind::Page, "One HTML file: tables").export("vmcp.html"),
    ],
    params: &[
        CHORDS,
        MELODY,
        ACCOMPANIMENT,
        weights("picks", r#""store/models/vmcp.safetensors""#),
        weights("scores", r#""store/models/vmcp_score.safetensors""#),
        Param {
            name: "videos",
            about: "How many test videos",
            unit: "videos",
            domain: Domain::Int { min: 2, max: 10_000 },
            default: Some("75"),
        },
        Param {
            name: "seconds",
            about: "How much of each video's inside is scored",
            unit: "seconds",
            domain: Domain::Int { min: 16, max: 89 },
            default: Some("60"),
        },
        Param {
            name: "most_candidates",
            about: "Pieces composed to each video; 1, 4 and 16 of them are picked from",
            unit: "pieces",
            domain: Domain::Int { min: 1, max: 16 },
            default: Some("16"),
        },
        TEMPERATURE,
        TOP_P,
        CHORDS_TOP_P,
        VARIETY,
        CHORDS_GUIDANCE,
        GUIDANCE,
        RECALL,
        STEERING,
        DRAFTS,
        ORIGINAL,
        MOOD_METER,
    ],
    knobs: &[
        "tempo",
        "key",
        "mood",
        "valence",
        "arousal",
        "energy_follows_motion",
        "cuts_on_beats",
        "hits",
        "density",
        "dynamics",
        "register",
        "style",
    ],
    seeded: true,
    lane: Lane::Device,
    limits: Limits::new(14_400, 4096),
};
