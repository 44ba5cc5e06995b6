//! Names of General MIDI's instruments and kits.

use rhai::Dynamic;

use super::number::{Checked, whole};
use crate::{artifact::Role, recipe::nearest};

/// By program number.
const PROGRAMS: [&str; 128] = [
    "acoustic grand piano",
    "bright acoustic piano",
    "electric grand piano",
    "honky-tonk piano",
    "electric piano 1",
    "electric piano 2",
    "harpsichord",
    "clavinet",
    "celesta",
    "glockenspiel",
    "music box",
    "vibraphone",
    "marimba",
    "xylophone",
    "tubular bells",
    "dulcimer",
    "drawbar organ",
    "percussive organ",
    "rock organ",
    "church organ",
    "reed organ",
    "accordion",
    "harmonica",
    "tango accordion",
    "nylon guitar",
    "steel guitar",
    "jazz guitar",
    "clean guitar",
    "muted guitar",
    "overdriven guitar",
    "distortion guitar",
    "guitar harmonics",
    "acoustic bass",
    "finger bass",
    "pick bass",
    "fretless bass",
    "slap bass 1",
    "slap bass 2",
    "synth bass 1",
    "synth bass 2",
    "violin",
    "viola",
    "cello",
    "contrabass",
    "tremolo strings",
    "pizzicato strings",
    "harp",
    "timpani",
    "string ensemble 1",
    "string ensemble 2",
    "synth strings 1",
    "synth strings 2",
    "choir aahs",
    "voice oohs",
    "synth voice",
    "orchestra hit",
    "trumpet",
    "trombone",
    "tuba",
    "muted trumpet",
    "french horn",
    "brass section",
    "synth brass 1",
    "synth brass 2",
    "soprano sax",
    "alto sax",
    "tenor sax",
    "baritone sax",
    "oboe",
    "english horn",
    "bassoon",
    "clarinet",
    "piccolo",
    "flute",
    "recorder",
    "pan flute",
    "blown bottle",
    "shakuhachi",
    "whistle",
    "ocarina",
    "square lead",
    "saw lead",
    "calliope lead",
    "chiff lead",
    "charang lead",
    "voice lead",
    "fifths lead",
    "bass lead",
    "new age pad",
    "warm pad",
    "polysynth pad",
    "choir pad",
    "bowed pad",
    "metallic pad",
    "halo pad",
    "sweep pad",
    "rain",
    "soundtrack",
    "crystal",
    "atmosphere",
    "brightness",
    "goblins",
    "echoes",
    "sci-fi",
    "sitar",
    "banjo",
    "shamisen",
    "koto",
    "kalimba",
    "bagpipe",
    "fiddle",
    "shanai",
    "tinkle bell",
    "agogo",
    "steel drums",
    "woodblock",
    "taiko drum",
    "melodic tom",
    "synth drum",
    "reverse cymbal",
    "guitar fret noise",
    "breath noise",
    "seashore",
    "bird tweet",
    "telephone",
    "helicopter",
    "applause",
    "gunshot",
];
const KITS: [(u8, &str); 9] = [
    (0, "standard kit"),
    (8, "room kit"),
    (16, "power kit"),
    (24, "electronic kit"),
    (25, "808 kit"),
    (32, "jazz kit"),
    (40, "brush kit"),
    (48, "orchestra kit"),
    (56, "effects kit"),
];

/// A program by number or name; drums take kits.
pub(super) fn program(value: &Dynamic, role: Role) -> Checked<u8> {
    let Ok(name) = value.clone().into_immutable_string() else {
        return whole(value, "instrument", 0, 127).map(|program| program as u8);
    };
    let found = names(role).find(|(_, known)| *known == name).map(|(program, _)| program);
    found.ok_or_else(|| {
        let near = nearest(&name, names(role).map(|(_, known)| known));
        let help =
            near.map_or("docs/scripting-api.md lists all".to_owned(), |near| format!("did you mean \"{near}\"?"));
        let kind = if role == Role::Drums { "kit" } else { "instrument" };
        format!("there is no {kind} \"{name}\"; {help}").into()
    })
}

pub(super) fn name(program: u8, role: Role) -> String {
    let known = names(role).find(|(number, _)| *number == program);
    known.map_or_else(|| format!("kit {program}"), |(_, name)| name.to_owned())
}

/// Numbers and names for a role.
pub(super) fn names(role: Role) -> Box<dyn Iterator<Item = (u8, &'static str)>> {
    if role == Role::Drums { Box::new(KITS.into_iter()) } else { Box::new((0_u8..).zip(PROGRAMS)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_the_nearest() {
        let read = |name: &str, role| program(&Dynamic::from(name.to_owned()), role);
        assert_eq!(read("flute", Role::Melody).unwrap(), 73);
        assert_eq!(read("string ensemble 1", Role::Pad).unwrap(), 48);
        assert_eq!(read("gunshot", Role::Pad).unwrap(), 127);
        assert_eq!(read("brush kit", Role::Drums).unwrap(), 40);
        assert!(read("flut", Role::Melody).unwrap_err().to_string().contains("did you mean \"flute\"?"));
        assert!(program(&Dynamic::from(128_i64), Role::Pad).is_err());
        assert_eq!((name(73, Role::Melody), name(40, Role::Drums)), ("flute".to_owned(), "brush kit".to_owned()));
    }
}
