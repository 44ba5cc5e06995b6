//! Drums as text: one pattern a drum.

use rhai::{Array, Dynamic, Map};

use super::{
    api::Api,
    bar::BarValue,
    notes::listed,
    number::Checked,
    rhythm::{span_of_bar, strength, strokes},
};
use crate::{artifact::ScoreNote, recipe::nearest};

/// Name, General MIDI pitch, how hard a plain `x` is struck so that a kit sounds balanced.
const DRUMS: [(&str, u8, u8); 32] = [
    ("kick", 36, 84),
    ("kick2", 35, 84),
    ("stick", 37, 62),
    ("snare", 38, 80),
    ("clap", 39, 76),
    ("snare2", 40, 80),
    ("low_tom", 45, 80),
    ("floor_tom", 41, 80),
    ("mid_tom", 47, 80),
    ("high_tom", 50, 80),
    ("closed_hat", 42, 56),
    ("pedal_hat", 44, 52),
    ("open_hat", 46, 56),
    ("crash", 49, 70),
    ("crash2", 57, 70),
    ("ride", 51, 58),
    ("ride_bell", 53, 60),
    ("splash", 55, 62),
    ("tambourine", 54, 56),
    ("cowbell", 56, 56),
    ("shaker", 82, 54),
    ("cabasa", 69, 54),
    ("maracas", 70, 54),
    ("claves", 75, 58),
    ("woodblock", 76, 60),
    ("low_woodblock", 77, 60),
    ("triangle", 81, 54),
    ("muted_triangle", 80, 54),
    ("high_bongo", 60, 66),
    ("low_bongo", 61, 66),
    ("low_conga", 64, 68),
    ("timbale", 66, 66),
];
/// A drum rings by itself.
const LENGTH_TICKS: u32 = 120;

pub(super) fn register(api: &mut Api) {
    api.group("Drums");
    api.function(
        "drums(bar: Bar, grid: map) -> array",
        "A bar of drums, one pattern a drum: `drums(bar, #{ kick: \"x...x...\", snare: \"..x...x.\", \
         closed_hat: \"xoxoxoxo\" })`.",
        |bar: BarValue, grid: Map| {
            let mut notes = Vec::new();
            let span = span_of_bar(&bar);
            for (name, pattern) in grid {
                let (_, pitch, velocity) = drum(&name)?;
                let pattern = pattern
                    .into_immutable_string()
                    .map_err(|kind| format!("the pattern of {name} is a text, not {}", super::number::article(kind)))?;
                notes.extend(strokes(&span, &pattern)?.iter().map(|stroke| ScoreNote {
                    start_ticks: stroke.start_ticks,
                    pitch,
                    duration_ticks: LENGTH_TICKS,
                    velocity: strength(stroke.letter, velocity),
                }));
            }
            notes.sort_unstable();
            Ok::<_, Box<rhai::EvalAltResult>>(listed(notes))
        },
    );
    api.function(
        "drum(name: text) -> number",
        "The pitch of a drum: kick, snare, closed_hat, open_hat, ride, crash, stick, clap, shaker, \
             low_tom and others.",
        |name: &str| drum(name).map(|(_, pitch, _)| i64::from(pitch)),
    );
    api.function("drum_names() -> array", "All drums by name.", || {
        DRUMS.iter().map(|(name, ..)| Dynamic::from(*name)).collect::<Array>()
    });
}

fn drum(name: &str) -> Checked<(&'static str, u8, u8)> {
    let found = DRUMS.iter().find(|(known, ..)| *known == name);
    found.copied().ok_or_else(|| {
        let near = nearest(name, DRUMS.iter().map(|(known, ..)| *known));
        let help = near.map_or("drum_names() lists all".to_owned(), |near| format!("did you mean `{near}`?"));
        format!("there is no drum `{name}`; {help}").into()
    })
}
