//! Nodes of the families `train` and `eval`: from songs to weights, and how good they are.

use super::{Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const CORPUS: Port = Port::one("corpus", Kind::Dataset, "Songs with their split");

const STEPS: Param = Param {
    name: "steps",
    about: "Steps of the optimiser; the learning rate falls along a cosine over them",
    unit: "steps",
    domain: Domain::Int { min: 1, max: 1_000_000 },
    default: None,
};
const BATCH: Param = Param {
    name: "batch",
    about: "Windows a step",
    unit: "windows",
    domain: Domain::Int { min: 1, max: 512 },
    default: Some("16"),
};
const LEARNING_RATE: Param = Param {
    name: "learning_rate",
    about: "Highest learning rate of AdamW",
    unit: "",
    domain: Domain::Float { min: 1e-6, max: 0.1 },
    default: Some("0.0005"),
};
const WEIGHT_DECAY: Param = Param {
    name: "weight_decay",
    about: "How much AdamW pulls matrices to nothing, times the learning rate a step",
    unit: "",
    domain: Domain::Float { min: 0.0, max: 1.0 },
    default: Some("0.05"),
};
const LAYERS: Param = Param {
    name: "layers",
    about: "Layers of the decoder",
    unit: "layers",
    domain: Domain::Int { min: 1, max: 24 },
    default: Some("6"),
};
const WIDTH: Param = Param {
    name: "width",
    about: "Width of the model",
    unit: "",
    domain: Domain::Int { min: 32, max: 1024 },
    default: Some("256"),
};
const DROPOUT: Param = Param {
    name: "dropout",
    about: "Share of activations dropped in training",
    unit: "0..1",
    domain: Domain::Float { min: 0.0, max: 0.9 },
    default: Some("0.1"),
};
const CONDITION_DROPOUT: Param = Param {
    name: "condition_dropout",
    about: "Share of windows trained without their conditions",
    unit: "0..1",
    domain: Domain::Float { min: 0.0, max: 1.0 },
    default: Some("0.1"),
};
const VALIDATE_EVERY: Param = Param {
    name: "validate_every",
    about: "Steps between looks at the validation songs and checkpoints",
    unit: "steps",
    domain: Domain::Int { min: 1, max: 100_000 },
    default: Some("200"),
};
const PATIENCE: Param = Param {
    name: "patience",
    about: "Stops after this many looks without a better validation loss",
    unit: "looks",
    domain: Domain::Int { min: 1, max: 1000 },
    default: Some("10"),
};
const PARAMS: &[Param] =
    &[STEPS, BATCH, LEARNING_RATE, WEIGHT_DECAY, LAYERS, WIDTH, DROPOUT, CONDITION_DROPOUT, VALIDATE_EVERY, PATIENCE];

const OUTPUTS: &[Port] = &[
    Port::one("weights", Kind::Weights, "The best weights, f16 safetensors").export("{name}.safetensors"),
    Port::one("card", Kind::Card, "Data, licence, split, seed, figures, digest").export("{name}.md"),
    Port::one("curve", Kind::Picture, "Training and validation loss").export("{name}.png"),
    Port::one("report", Kind::Report, "Losses of the model and of n-grams, in nats"),
];

pub(super) const NODES: &[NodeSpec] = &[
    train("train.chords", "Trains the chord model on the corpus' training songs"),
    train("train.melody", "Trains the melody model on the corpus' training songs"),
    train("train.accompaniment", "Trains the accompaniment model on the corpus' training songs"),
    NodeSpec {
        name: "train.music_affect",
        version: 2,
        about: "Trains a meter of music's valence and arousal on pieces that people rated",
        inputs: &[Port::one("ratings", Kind::Ratings, "Pieces with people's ratings")],
        outputs: &[
            Port::one("weights", Kind::Weights, "The meter, f32 safetensors").export("{name}.safetensors"),
            Port::one("card", Kind::Card, "Data, terms, features, folds, figures, digest").export("{name}.md"),
            Port::one("report", Kind::Report, "Correlation of held-out pieces with people's ratings"),
        ],
        params: &[Param {
            name: "meter",
            about: "ridge learns from rates and means and labels songs; kernel compares histograms and only judges",
            unit: "",
            domain: Domain::Choice(&["ridge", "kernel"]),
            default: Some(r#""ridge""#),
        }],
        knobs: &[],
        seeded: true,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "train.affect",
        version: 1,
        about: "Trains a meter of pictures' valence and arousal on photographs that people rated",
        inputs: &[
            Port::one("ratings", Kind::RatedPictures, "Photographs with people's ratings"),
            Port::one("semantic", Kind::Track, "What each shows, from feature.semantic"),
        ],
        outputs: &[
            Port::one("weights", Kind::Weights, "The meter, f16 safetensors").export("{name}.safetensors"),
            Port::one("card", Kind::Card, "Data, terms, folds, figures, scale, digest").export("{name}.md"),
            Port::one("report", Kind::Report, "Correlation of held-out photographs with people's ratings"),
        ],
        params: &[],
        knobs: &[],
        seeded: true,
        lane: Lane::Cpu,
        limits: Limits::new(1800, 2048),
    },
    NodeSpec {
        name: "train.dynamics",
        version: 1,
        about: "Trains the model of how loud music is over a picture: a line on motion, cuts and the place in the video",
        inputs: &[Port::one("clips", Kind::Clips, "Videos with their music, second by second")],
        outputs: &[
            Port::one("weights", Kind::Weights, "The model, safetensors").export("{name}.safetensors"),
            Port::one("card", Kind::Card, "Data, terms, figures, digest").export("{name}.md"),
            Port::one("report", Kind::Report, "Correlation with the loudness of test videos, beside simpler models"),
        ],
        params: &[],
        knobs: &[],
        seeded: true,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "train.vmcp",
        version: 2,
        about: "Trains the two encoders that tell how well music goes with a picture",
        inputs: &[Port::one("clips", Kind::Clips, "Videos with their music, second by second")],
        outputs: &[
            Port::one("weights", Kind::Weights, "Encoders and reference pool, safetensors")
                .export("{name}.safetensors"),
            Port::one("card", Kind::Card, "Data, terms, choices, figures, digest").export("{name}.md"),
            Port::one("report", Kind::Report, "Where the own music of test videos stands among 64"),
        ],
        params: &[
            Param {
                name: "channels",
                about: "What of the picture is seen: valence, arousal, motion and cuts, or CLIP's features too",
                unit: "",
                domain: Domain::Choice(&["default", "clip"]),
                default: Some(r#""default""#),
            },
            Param {
                name: "learns_from",
                about: "The half of the training videos for what picks, or the other one, for what scores experiments",
                unit: "",
                domain: Domain::Choice(&["choosing", "scoring"]),
                default: Some(r#""choosing""#),
            },
        ],
        knobs: &[],
        seeded: true,
        lane: Lane::Cpu,
        limits: Limits::new(3600, 3072),
    },
    NodeSpec {
        name: "train.original",
        version: 1,
        about: "Indexes the corpus' training songs, so that check.original finds passages of them",
        inputs: &[CORPUS],
        outputs: &[
            Port::one("weights", Kind::Weights, "Hashed n-grams, safetensors").export("{name}.safetensors"),
            Port::one("card", Kind::Card, "Data, licence, what real songs share").export("{name}.md"),
            Port::one("report", Kind::Report, "The longest runs that test songs share with training songs, in beats"),
        ],
        params: &[Param {
            name: "common_songs",
            about: "An n-gram that stands in more songs is common property",
            unit: "songs",
            domain: Domain::Int { min: 1, max: 1_000_000 },
            default: Some("8"),
        }],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(1800, 2048),
    },
];

const fn train(name: &'static str, about: &'static str) -> NodeSpec {
    NodeSpec {
        name,
        version: 2,
        about,
        inputs: &[CORPUS],
        outputs: OUTPUTS,
        params: PARAMS,
        knobs: &[],
        seeded: true,
        lane: Lane::Device,
        limits: Limits::new(86_400, 8192),
    }
}
