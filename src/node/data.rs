//! Nodes of the family `data`: from files of music to songs on one grid and to rated pieces, each with a report.

use super::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port};
use crate::artifact::Kind;

const CORPUS: Port = Port::one("corpus", Kind::Dataset, "Songs with split, chords, melody and accompaniment");
const REPORT: Port =
    Port::one("report", Kind::Report, "Counts, quality figures, what was left out and why").export("{name}.json");
const OUTPUTS: &[Port] = &[CORPUS, REPORT];

const fn folder(about: &'static str) -> Param {
    Param { name: "folder", about, unit: "", domain: Domain::Folder, default: None }
}

const NAME: Param = Param {
    name: "name",
    about: "What the data are called on cards and in reports",
    unit: "",
    domain: Domain::Text,
    default: Some(r#""own MIDI files""#),
};
const LICENCE: Param = Param {
    name: "licence",
    about: "Terms of the data; they go into reports and onto the cards of weights",
    unit: "",
    domain: Domain::Text,
    default: Some(r#""unknown""#),
};
const MIN_BARS: Param = Param {
    name: "min_bars",
    about: "Leave out shorter pieces",
    unit: "bars",
    domain: Domain::Int { min: 2, max: 256 },
    default: Some("8"),
};

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        name: "data.pop909",
        version: 2,
        about: "Loads POP909: plain 4/4 songs on a grid of sixteenths, in C major or A minor, 70..140 beats a minute",
        inputs: &[],
        outputs: OUTPUTS,
        params: &[folder("Folder of POP909: index.csv and the songs' folders 001 to 909")],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "data.symmv",
        version: 1,
        about: "Loads SymMV (non-commercial): finds the beats of its transcriptions and brings them onto the same grid",
        inputs: &[],
        outputs: OUTPUTS,
        params: &[folder("Folder of SymMV: SymMV.csv, midi/ and chord/")],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(3600, 3072),
    },
    NodeSpec {
        name: "data.midi",
        version: 1,
        about: "Loads a folder of MIDI files: finds beats where none are written, melody, chords and key",
        inputs: &[],
        outputs: OUTPUTS,
        params: &[folder("Folder of .mid and .midi files, with the folders in it"), NAME, LICENCE, MIN_BARS],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(3600, 3072),
    },
    NodeSpec {
        name: "data.pairs",
        version: 1,
        about: "Loads videos with their music: as data.midi, with the color and motion of each bar for the models to see",
        inputs: &[],
        outputs: OUTPUTS,
        params: &[
            folder("Folder of NAME.mp4 (mov, mkv, webm ...) beside NAME.mid, or with a pairs.csv of video,music"),
            NAME,
            LICENCE,
            MIN_BARS,
        ],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(86_400, 3072),
    },
    NodeSpec {
        name: "data.join",
        version: 1,
        about: "Joins data sets; splits stay as they are, and the strictest licence holds",
        inputs: &[Port::one("corpora", Kind::Dataset, "Data sets").arity(Arity::Many)],
        outputs: OUTPUTS,
        params: &[],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 6144),
    },
    NodeSpec {
        name: "data.vgmidi",
        version: 2,
        about: "Loads VGMIDI: piano pieces in real time with people's ratings of valence and arousal",
        inputs: &[],
        outputs: &[
            Port::one(
                "ratings",
                Kind::Ratings,
                "pieces with tempo, notes in real time, valence and arousal, both as curves too",
            ),
            Port::one("report", Kind::Report, "how many pieces there are, what was left out and why"),
        ],
        params: &[folder("Folder of VGMIDI: affect.csv and midi/")],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "data.oasis",
        version: 1,
        about: "Loads OASIS: photographs with people's ratings of valence and arousal",
        inputs: &[],
        outputs: &[
            Port::one("ratings", Kind::RatedPictures, "theme, valence and arousal of each photograph"),
            Port::one("stills", Kind::Stills, "the photographs, as stills of a video that shows each for a second"),
        ],
        params: &[folder("Folder of OASIS: OASIS.csv and images/")],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 2048),
    },
    NodeSpec {
        name: "data.muvisync",
        version: 1,
        about: "Loads MuVi-Sync (research data): what is seen and heard in each second of music videos",
        inputs: &[],
        outputs: &[
            Port::one("clips", Kind::Clips, "picture and music of each video, second by second"),
            Port::one("report", Kind::Report, "how many videos there are, and for what each may be used"),
        ],
        params: &[
            folder("Folder of MuVi-Sync: idlist.txt, split/ and a folder a track"),
            Param {
                name: "semantic",
                about: "Whether CLIP's features are loaded too",
                unit: "",
                domain: Domain::Bool,
                default: Some("false"),
            },
        ],
        knobs: &[],
        seeded: false,
        lane: Lane::Cpu,
        limits: Limits::new(600, 3072),
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
