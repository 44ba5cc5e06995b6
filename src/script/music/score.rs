//! The score as scripts see it: tracks to change, and the piece that they play.

use std::{cell::RefCell, rc::Rc};

use rhai::{Array, Dynamic, Map};

use super::{
    api::Api,
    bar::BarValue,
    chord::ChordValue,
    note::beats,
    notes::listed,
    number::{Checked, article, number, whole},
    pitch, stand,
    track::TrackValue,
};
use crate::{
    arrange::{BUILT_IN_PARTS, Part, Piece, built_in_part, in_ticks, melody_within},
    artifact::{CuePlan, ScoreNote},
    music::Mode,
    recipe::nearest,
};

pub(super) const MOST_TRACKS: usize = 32;

/// A thing, not a value: what is set is set for everybody who holds it.
#[derive(Clone)]
pub(super) struct ScoreValue {
    tracks: Rc<RefCell<Vec<TrackValue>>>,
    pub(super) piece: Rc<Piece>,
    bars: Rc<Vec<BarValue>>,
    chords: Rc<Vec<ChordValue>>,
    plan: Rc<CuePlan>,
}

pub(super) fn register(api: &mut Api) {
    api.kind::<ScoreValue>("Score", |score| format!("a score of {} tracks", score.tracks.borrow().len()));
    facts(api);
    music(api);
    api.no_others::<ScoreValue>();
    tracks(api);
}

fn facts(api: &mut Api) {
    api.property("key: text", "The key that is heard: \"D minor\".", |score: &mut ScoreValue| {
        score.piece.key.to_string()
    });
    api.property("tonic: number", "The pitch of the key's tonic from C4 (60) to B4 (71).", |score: &mut ScoreValue| {
        60 + i64::from(score.piece.key.tonic)
    });
    api.property("is_minor: bool", "Whether the key is minor.", |score: &mut ScoreValue| {
        score.piece.key.mode == Mode::Minor
    });
    api.property("tempo: number", "Beats a minute at the start.", |score: &mut ScoreValue| {
        score.plan.tempo_map.first().map_or(120.0, |mark| mark.bpm)
    });
    api.property("end: number", "Where the piece ends, in beats.", |score: &mut ScoreValue| {
        beats(score.piece.metre.end_ticks())
    });
    api.property("seconds: number", "How long the piece is.", |score: &mut ScoreValue| score.plan.end_seconds);
    api.property("valence: number", "Sad to glad, -1 to 1, over the whole piece.", |score: &mut ScoreValue| {
        f64::from(score.piece.mood().valence)
    });
    api.property("arousal: number", "Calm to excited, -1 to 1, over the whole piece.", |score: &mut ScoreValue| {
        f64::from(score.piece.mood().arousal)
    });
    api.property(
        "sections: array",
        "The sections in order, each a map of name, first_bar and bars.",
        |score: &mut ScoreValue| {
            let section = |section: &crate::artifact::Section| {
                let map = Map::from([
                    ("name".into(), Dynamic::from(section.name.clone())),
                    ("first_bar".into(), Dynamic::from(section.first_bar as i64 + 1)),
                    ("bars".into(), Dynamic::from(section.bars as i64)),
                ]);
                Dynamic::from(map)
            };
            score.plan.sections.iter().map(section).collect::<Array>()
        },
    );
}

fn music(api: &mut Api) {
    api.property("bars: array", "All bars in order.", |score: &mut ScoreValue| {
        score.bars.iter().cloned().map(Dynamic::from).collect::<Array>()
    });
    api.property(
        "chords: array",
        "All chords in order; none reaches over a bar line, and stretches without a chord are left out. \
         The last bar holds the tonic.",
        |score: &mut ScoreValue| score.chords.iter().copied().map(Dynamic::from).collect::<Array>(),
    );
    api.property(
        "melody: array",
        "The melody as composed, in the heard key, closed on the tonic. Empty where none is wanted.",
        |score: &mut ScoreValue| listed(score.piece.melody.iter().copied().map(in_ticks)),
    );
    api.property(
        "accompaniment: array",
        "The accompaniment as composed, in the heard key, closed on the tonic.",
        |score: &mut ScoreValue| listed(score.piece.accompaniment.iter().copied().map(in_ticks)),
    );
    api.property("tracks: array", "The tracks in order.", |score: &mut ScoreValue| {
        score.tracks.borrow().iter().cloned().map(Dynamic::from).collect::<Array>()
    });
    api.function(
        "bar(score: Score, number: number) -> Bar",
        "A bar by number, from 1.",
        |score: &mut ScoreValue, number: Dynamic| -> Checked<BarValue> {
            let number = whole(&number, "bar", 1, score.bars.len() as i64)?;
            Ok(score.bars[number as usize - 1].clone())
        },
    );
    api.function(
        "chord_at(score: Score, at: number) -> Chord",
        "The chord that sounds at a place, in beats from the start.",
        |_: &mut ScoreValue, at: Dynamic| -> Checked<ChordValue> {
            ChordValue::at(super::note::ticks(number(&at, "at")?))
        },
    );
    api.function(
        "melody_within(score: Score, low: number, high: number) -> array",
        "The melody where an instrument plays it well: the whole line by octaves, then stray notes.",
        |score: &mut ScoreValue, low: Dynamic, high: Dynamic| -> Checked<Array> {
            let (low, high) = (pitch::pitch(&low, "low")?, pitch::pitch(&high, "high")?);
            if high < low || high - low < 11 {
                return Err(format!("the register {low} to {high} is too narrow; an octave is needed").into());
            }
            Ok(listed(melody_within(&score.piece, low, high).iter().copied().map(in_ticks)))
        },
    );
}

fn tracks(api: &mut Api) {
    api.function(
        "track(score: Score, name: text) -> Track",
        "A track by name.",
        |score: &mut ScoreValue, name: &str| score.track(name),
    );
    api.function(
        "has(score: Score, name: text) -> bool",
        "Whether there is a track of that name.",
        |score: &mut ScoreValue, name: &str| score.place(name).is_some(),
    );
    api.function(
        "part(score: Score, name: text) -> Track",
        "A part that cuesmith writes itself: melody, piano, bass, pad, drums, piano_melody or solo_piano, \
         with instruments by mood. It is added only by score.add.",
        |score: &mut ScoreValue, name: &str| score.part(name),
    );
    api.function(
        "add(score: Score, track: Track) -> Track",
        "Adds a track; its name must be new. Gives the track.",
        |score: &mut ScoreValue, track: TrackValue| score.add(track),
    );
    api.function(
        "remove(score: Score, name: text)",
        "Takes a track away.",
        |score: &mut ScoreValue, name: &str| -> Checked<()> {
            score.track(name)?;
            score.tracks.borrow_mut().retain(|track| track.0.borrow().name != name);
            Ok(())
        },
    );
    api.function(
        "close(score: Score)",
        "Closes every track: see close of a track.",
        |context: rhai::NativeCallContext, score: &mut ScoreValue| -> Checked<()> {
            let tracks = score.tracks.borrow().clone();
            tracks.into_iter().try_for_each(|track| context.call_native_fn::<()>("close", (track,)))
        },
    );
}

impl ScoreValue {
    pub(super) fn new(
        piece: Rc<Piece>,
        plan: CuePlan,
        bars: Vec<BarValue>,
        chords: Vec<ChordValue>,
        parts: Vec<Part>,
    ) -> Self {
        Self {
            tracks: Rc::new(RefCell::new(parts.into_iter().map(TrackValue::new).collect())),
            piece,
            bars: Rc::new(bars),
            chords: Rc::new(chords),
            plan: Rc::new(plan),
        }
    }

    pub(super) fn tracks(&self) -> Vec<TrackValue> {
        self.tracks.borrow().clone()
    }

    /// What the score came to.
    pub(super) fn parts(&self) -> Checked<Vec<Part>> {
        let parts: Vec<Part> = self.tracks.borrow().iter().map(|track| track.0.borrow().clone()).collect();
        for (place, part) in parts.iter().enumerate() {
            if parts[..place].iter().any(|before| before.name == part.name) {
                return Err(format!("two tracks have the name `{}`; each needs its own", part.name).into());
            }
        }
        Ok(parts)
    }

    pub(super) fn count_notes(&self) -> usize {
        self.tracks.borrow().iter().map(|track| track.0.borrow().notes.len()).sum()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.tracks.borrow().iter().position(|track| track.0.borrow().name == name)
    }

    fn track(&self, name: &str) -> Checked<TrackValue> {
        if let Some(place) = self.place(name) {
            return Ok(self.tracks.borrow()[place].clone());
        }
        let names: Vec<String> = self.tracks.borrow().iter().map(|track| track.0.borrow().name.clone()).collect();
        let help = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "the score has no tracks yet; score.add adds one".to_owned(),
            None => format!("there are {}", names.join(", ")),
        };
        Err(format!("there is no track `{name}`; {help}").into())
    }

    fn part(&self, name: &str) -> Checked<TrackValue> {
        let seed = stand::with(|stand| stand.seed)?;
        built_in_part(&self.piece, name, seed).map(TrackValue::new).ok_or_else(|| {
            let near = nearest(name, BUILT_IN_PARTS.into_iter());
            let help = near
                .map_or(format!("there are {}", BUILT_IN_PARTS.join(", ")), |near| format!("did you mean `{near}`?"));
            format!("there is no part `{name}`; {help}").into()
        })
    }

    fn add(&self, track: TrackValue) -> Checked<TrackValue> {
        let name = track.0.borrow().name.clone();
        if self.place(&name).is_some() {
            return Err(format!("there is a track `{name}` already; set another `name`").into());
        }
        if self.tracks.borrow().len() >= MOST_TRACKS {
            return Err(format!("the score has {MOST_TRACKS} tracks, more are not allowed; put some together").into());
        }
        self.tracks.borrow_mut().push(track.clone());
        Ok(track)
    }
}

/// What a hook gave back, which may be nothing: the score that it was given is the one that it changed.
pub(super) fn returned(value: Dynamic, given: &ScoreValue) -> Checked<ScoreValue> {
    let value = value.flatten();
    if value.is_unit() {
        return Ok(given.clone());
    }
    let kind = article(value.type_name());
    value.try_cast::<ScoreValue>().ok_or_else(|| format!("`arrange` gives the score back, not {kind}").into())
}

/// All notes of parts, for counting.
pub(super) fn all_notes(parts: &[Part]) -> impl Iterator<Item = &ScoreNote> {
    parts.iter().flat_map(|part| &part.notes)
}
