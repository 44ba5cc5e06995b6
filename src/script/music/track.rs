//! A track as scripts see it: an instrument, its place in the mix, its notes.

use std::{cell::RefCell, rc::Rc};

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    close::close,
    instrument,
    notes::{MOST_NOTES, listed, read},
    number::{Checked, within},
    stand,
};
use crate::{
    arrange::{Feel, Part},
    artifact::{Role, ScoreNote},
    recipe::nearest,
};

/// A thing, not a value: what is set is set for everybody who holds it.
#[derive(Clone, Debug)]
pub(super) struct TrackValue(pub(super) Rc<RefCell<Part>>);

const LONGEST_NAME: usize = 40;
pub(super) const ROLES: [(Role, &str); 5] = [
    (Role::Melody, "melody"),
    (Role::Accompaniment, "accompaniment"),
    (Role::Bass, "bass"),
    (Role::Pad, "pad"),
    (Role::Drums, "drums"),
];
const ROOM: f32 = 0.25;

pub(super) fn register(api: &mut Api) {
    api.kind::<TrackValue>("Track", |track| {
        let part = track.0.borrow();
        format!("{} ({}, {} notes)", part.name, instrument::name(part.program, part.role), part.notes.len())
    });
    api.function(
        "track(name: text, role: text, instrument: text) -> Track",
        "A new track without notes; add it with score.add. The role is melody, accompaniment, bass, pad \
         or drums; the instrument a name or number of General MIDI, for drums a kit.",
        |name: &str, role_name: &str, instrument: Dynamic| new(name, role_name, &instrument, &Array::new()),
    );
    api.function(
        "track(name: text, role: text, instrument: text, notes: array) -> Track",
        "A new track with notes.",
        |name: &str, role_name: &str, instrument: Dynamic, notes: Array| new(name, role_name, &instrument, &notes),
    );
    what(api);
    place_in_the_mix(api);
    playing(api);
}

fn what(api: &mut Api) {
    api.variable(
        "name: text",
        "Its name: small letters, digits, spaces, - and _. Also the name of the stem's file.",
        |track: &mut TrackValue| track.0.borrow().name.clone(),
        |track, value| {
            track.0.borrow_mut().name =
                name(&value.into_immutable_string().map_err(|_| "the name of a track is a text")?)?;
            Ok(())
        },
    );
    api.property(
        "role: text",
        "melody, accompaniment, bass, pad or drums: what hits and the report take it for.",
        |track: &mut TrackValue| role_name(track.0.borrow().role).to_owned(),
    );
    api.variable(
        "instrument: text",
        "Its General MIDI instrument by name; a number 0 to 127 can be set, too. Kits for drums.",
        |track: &mut TrackValue| {
            let part = track.0.borrow();
            instrument::name(part.program, part.role)
        },
        |track, value| {
            let role = track.0.borrow().role;
            track.0.borrow_mut().program = instrument::program(&value, role)?;
            Ok(())
        },
    );
}

fn place_in_the_mix(api: &mut Api) {
    api.variable(
        "gain: number",
        "How loud it is in the mix, -60 to 12 dB.",
        |track: &mut TrackValue| f64::from(track.0.borrow().gain_db),
        |track, value| {
            track.0.borrow_mut().gain_db = within(&value, "gain", -60.0, 12.0)? as f32;
            Ok(())
        },
    );
    api.variable(
        "pan: number",
        "-1 left to 1 right.",
        |track: &mut TrackValue| f64::from(track.0.borrow().pan),
        |track, value| {
            track.0.borrow_mut().pan = within(&value, "pan", -1.0, 1.0)? as f32;
            Ok(())
        },
    );
    api.variable(
        "room: number",
        "How much of the room is heard, 0 to 1.",
        |track: &mut TrackValue| f64::from(track.0.borrow().room),
        |track, value| {
            track.0.borrow_mut().room = within(&value, "room", 0.0, 1.0)? as f32;
            Ok(())
        },
    );
}

fn playing(api: &mut Api) {
    api.variable(
        "pedal: bool",
        "Whether a sustain pedal goes with the chords.",
        |track: &mut TrackValue| track.0.borrow().pedal,
        |track, value| {
            track.0.borrow_mut().pedal = value.as_bool().map_err(|_| "pedal is true or false")?;
            Ok(())
        },
    );
    api.variable(
        "feel: text",
        "How it is played: piano, piano lead, lead, bass, pad, drums (by people), machine (as loud as \
         asked, on the dot) or written (just as the notes say).",
        |track: &mut TrackValue| feel_name(track.0.borrow().feel).to_owned(),
        |track, value| {
            track.0.borrow_mut().feel = feel(&value.into_immutable_string().unwrap_or_default())?;
            Ok(())
        },
    );
    api.variable(
        "notes: array",
        "Its notes, in order. The list is a copy: set it again after changing it.",
        |track: &mut TrackValue| listed(track.0.borrow().notes.iter().copied()),
        |track, value| {
            let notes = value.into_array().map_err(|kind| {
                format!("the notes of a track are a list of notes, not {}", super::number::article(kind))
            })?;
            track.set(read(&notes)?)
        },
    );
    api.no_others::<TrackValue>();
    api.function(
        "add(track: Track, notes: array)",
        "Adds notes.",
        |track: &mut TrackValue, notes: Array| -> Checked<()> {
            let mut all = track.0.borrow().notes.clone();
            all.extend(read(&notes)?);
            track.set(all)
        },
    );
    api.function(
        "close(track: Track)",
        "A real ending: what sounds stops at the last downbeat, and the tonic chord is held to the end in \
         the track's own register (a bass its root, drums one soft stroke). A melody is left as it was \
         composed.",
        |track: &mut TrackValue| -> Checked<()> {
            let piece = stand::piece()?;
            let closed = {
                let part = track.0.borrow();
                close(&piece, part.role, &part.notes)
            };
            track.set(closed)
        },
    );
}

impl TrackValue {
    pub(super) fn new(part: Part) -> Self {
        Self(Rc::new(RefCell::new(part)))
    }

    pub(super) fn set(&self, mut notes: Vec<ScoreNote>) -> Checked<()> {
        let mut part = self.0.borrow_mut();
        if notes.len() > MOST_NOTES {
            return Err(
                format!("the track {} would have {} notes; {MOST_NOTES} are allowed", part.name, notes.len()).into()
            );
        }
        notes.sort_unstable();
        part.notes = notes;
        Ok(())
    }
}

fn new(title: &str, role_name: &str, instrument: &Dynamic, notes: &Array) -> Checked<TrackValue> {
    let role = role(role_name)?;
    let track = TrackValue::new(Part {
        name: name(title)?,
        role,
        program: instrument::program(instrument, role)?,
        gain_db: 0.0,
        pan: 0.0,
        room: ROOM,
        notes: Vec::new(),
        pedal: false,
        feel: Feel::of(role),
    });
    track.set(read(notes)?)?;
    Ok(track)
}

/// Names are stems' file names, and come back from MIDI files in small letters.
fn name(text: &str) -> Checked<String> {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_ ".contains(letter);
    let length = text.chars().count();
    if text.trim() != text || !(1..=LONGEST_NAME).contains(&length) || !text.chars().all(is_plain) {
        return Err(format!(
            "\"{text}\" is no name for a track; write 1 to {LONGEST_NAME} small letters, digits, spaces, - and _"
        )
        .into());
    }
    Ok(text.to_owned())
}

fn role(name: &str) -> Checked<Role> {
    let found = ROLES.iter().find(|(_, known)| *known == name).map(|(role, _)| *role);
    found.ok_or_else(|| format!("there is no role \"{name}\"; write melody, accompaniment, bass, pad or drums").into())
}

pub(super) fn role_name(role: Role) -> &'static str {
    ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, name)| name)
}

fn feel(name: &str) -> Checked<Feel> {
    let found = Feel::ALL.iter().find(|(_, known)| *known == name).map(|(feel, _)| *feel);
    found.ok_or_else(|| {
        let names = Feel::ALL.map(|(_, known)| known);
        let help = nearest(name, names.into_iter())
            .map_or(format!("write {}", names.join(", ")), |near| format!("did you mean \"{near}\"?"));
        format!("there is no feel \"{name}\"; {help}").into()
    })
}

fn feel_name(feel: Feel) -> &'static str {
    Feel::ALL.iter().find(|(known, _)| *known == feel).map_or("", |(_, name)| name)
}
