//! Lists of notes: everything that is done to many notes at once. Each function gives a new list.

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    chance::wander,
    note::{NoteValue, length_ticks, no_note, ticks},
    number::{Checked, number, whole, within},
    pitch, stand,
};
use crate::{artifact::ScoreNote, music::TICKS_PER_QUARTER};

/// Of one list, or one track.
pub(super) const MOST_NOTES: usize = 100_000;
const SHORTEST_TICKS: u32 = 12;
/// Delay of an offbeat in full swing: from half of a pair to two thirds of it.
const FULL_SWING: f64 = 1.0 / 6.0;

pub(super) fn register(api: &mut Api) {
    api.group("Lists of notes");
    pitches(api);
    strengths(api);
    times(api);
    choices(api);
}

fn pitches(api: &mut Api) {
    api.function(
        "transpose(notes: array, semitones: number) -> array",
        "All notes so many semitones higher. Out of 0 to 127 is an error.",
        |notes: Array, semitones: Dynamic| {
            let semitones = whole(&semitones, "semitones", -127, 127)?;
            each(&notes, |note| {
                note.pitch = pitch::within_midi(i64::from(note.pitch) + semitones)? as u8;
                Ok(())
            })
        },
    );
    api.function(
        "transpose_scale(notes: array, steps: number) -> array",
        "All notes so many steps of the piece's scale higher: 2 gives a second voice in thirds.",
        |notes: Array, steps: Dynamic| {
            let steps = whole(&steps, "steps", -70, 70)?;
            let key = stand::with(|stand| stand.key)?;
            each(&notes, |note| {
                note.pitch = pitch::within_midi(pitch::step(key, note.pitch, steps))? as u8;
                Ok(())
            })
        },
    );
    api.function(
        "fold(notes: array, low: number, high: number) -> array",
        "Notes outside of a register are brought into it by octaves. It spans an octave at least.",
        |notes: Array, low: Dynamic, high: Dynamic| {
            let (low, high) = (pitch::pitch(&low, "low")?, pitch::pitch(&high, "high")?);
            if high < low || high - low < 11 {
                return Err(format!("the register {low} to {high} is too narrow; an octave is needed").into());
            }
            each(&notes, |note| {
                while note.pitch < low {
                    note.pitch += 12;
                }
                while note.pitch > high {
                    note.pitch -= 12;
                }
                Ok(())
            })
        },
    );
    api.function(
        "to_chords(notes: array) -> array",
        "Each note goes to the nearest tone of the chord that sounds where it begins.",
        |notes: Array| {
            let piece = stand::piece()?;
            each(&notes, |note| {
                let chord = piece.chord_at(note.start_ticks / crate::music::TICKS_PER_STEP);
                note.pitch = crate::arrange::nearest_tone(chord, note.pitch);
                Ok(())
            })
        },
    );
}

fn strengths(api: &mut Api) {
    api.function(
        "louder(notes: array, by: number) -> array",
        "All notes struck harder by so much (softer with a minus). Stops at 1 and 127.",
        |notes: Array, by: Dynamic| {
            let by = within(&by, "by", -126.0, 126.0)?;
            each(&notes, |note| {
                note.velocity = struck(f64::from(note.velocity) + by);
                Ok(())
            })
        },
    );
    api.function(
        "crescendo(notes: array, from: number, to: number) -> array",
        "The mean velocity goes from `from` to `to` over the list; accents stay accents. A diminuendo \
         where `to` is less.",
        |notes: Array, from: Dynamic, to: Dynamic| {
            let (from, to) = (within(&from, "from", 1.0, 127.0)?, within(&to, "to", 1.0, 127.0)?);
            let notes = read(&notes)?;
            let mean = notes.iter().map(|note| f64::from(note.velocity)).sum::<f64>() / notes.len().max(1) as f64;
            let first = notes.iter().map(|note| note.start_ticks).min().unwrap_or(0);
            let span = f64::from(notes.iter().map(|note| note.start_ticks).max().unwrap_or(0) - first).max(1.0);
            given(listed(notes.into_iter().map(|note| {
                let aim = from + (to - from) * f64::from(note.start_ticks - first) / span;
                ScoreNote { velocity: struck(aim + f64::from(note.velocity) - mean), ..note }
            })))
        },
    );
}

fn times(api: &mut Api) {
    api.function(
        "shift(notes: array, beats: number) -> array",
        "All notes so much later (earlier with a minus). What would begin before the piece or after its \
         end is left out.",
        |notes: Array, by: Dynamic| {
            let by = number(&by, "beats")? * f64::from(TICKS_PER_QUARTER);
            let end = stand::end_ticks()?;
            let moved = read(&notes)?.into_iter().filter_map(move |note| {
                let start = f64::from(note.start_ticks) + by;
                (0.0..f64::from(end)).contains(&start).then(|| at(note, start.round() as u32, end))
            });
            given(listed(moved))
        },
    );
    api.function(
        "quantise(notes: array, grid: number) -> array",
        "Beginnings go to the nearest line of a grid, in beats: 0.5 are eighths.",
        |notes: Array, grid: Dynamic| {
            let grid = within(&grid, "grid", 0.05, 16.0)? * f64::from(TICKS_PER_QUARTER);
            let end = stand::end_ticks()?;
            each(&notes, |note| {
                let start = ((f64::from(note.start_ticks) / grid).round() * grid).round() as u32;
                *note = at(*note, start.min(end.saturating_sub(SHORTEST_TICKS)), end);
                Ok(())
            })
        },
    );
    api.function(
        "swing(notes: array, amount: number) -> array",
        "Offbeat eighths come later: 0 is straight, 1 a triplet.",
        |notes: Array, amount: Dynamic| swing(&notes, &amount, 1.0),
    );
    api.function(
        "swing(notes: array, amount: number, pair: number) -> array",
        "Swing of other pairs than eighths: a `pair` of 0.5 beats swings sixteenths.",
        |notes: Array, amount: Dynamic, pair: Dynamic| swing(&notes, &amount, within(&pair, "pair", 0.125, 4.0)?),
    );
    api.function(
        "humanise(notes: array, beats: number, velocity: number) -> array",
        "Every note a little early or late (by at most `beats`), a little harder or softer, from the stage's seed.",
        |notes: Array, most: Dynamic, uneven: Dynamic| {
            let most = within(&most, "beats", 0.0, 1.0)? * f64::from(TICKS_PER_QUARTER);
            let uneven = within(&uneven, "velocity", 0.0, 64.0)?;
            let end = stand::end_ticks()?;
            each(&notes, |note| {
                let start = (f64::from(note.start_ticks) + most * wander()?).round().max(0.0) as u32;
                *note = at(*note, start.min(end.saturating_sub(SHORTEST_TICKS)), end);
                note.velocity = struck(f64::from(note.velocity) + uneven * wander()?);
                Ok(())
            })
        },
    );
    api.function(
        "strum(notes: array, beats: number) -> array",
        "Notes that begin together begin one after the other, from the lowest up (from the highest down \
         with a minus), `beats` apart.",
        |notes: Array, beats: Dynamic| strum(&notes, &beats),
    );
    api.function(
        "legato(notes: array) -> array",
        "Every note lasts until the next one begins; the last keeps its length.",
        |notes: Array| legato(&notes, u32::MAX),
    );
    api.function(
        "legato(notes: array, most: number) -> array",
        "The same, but no note gets longer by more than so many beats: rests stay rests.",
        |notes: Array, most: Dynamic| legato(&notes, ticks(within(&most, "most", 0.0, 1000.0)?)),
    );
    api.function(
        "staccato(notes: array, share: number) -> array",
        "Every note sounds for a share of its length, 0.05 to 1.",
        |notes: Array, share: Dynamic| {
            let share = within(&share, "share", 0.05, 1.0)?;
            each(&notes, |note| {
                note.duration_ticks = ((f64::from(note.duration_ticks) * share) as u32).max(SHORTEST_TICKS);
                Ok(())
            })
        },
    );
    api.function(
        "stretch(notes: array, length: number) -> array",
        "Every note gets a length in beats.",
        |notes: Array, length: Dynamic| {
            each(&notes, |note| {
                note.duration_ticks = length_ticks(&length, note.start_ticks)?;
                Ok(())
            })
        },
    );
}

fn choices(api: &mut Api) {
    api.function(
        "in_bars(notes: array, first: number, last: number) -> array",
        "Notes that begin in some bars, counted from 1, both among them.",
        |notes: Array, first: Dynamic, last: Dynamic| {
            let (first, last) =
                (whole(&first, "first", 1, i64::from(u32::MAX))?, whole(&last, "last", 0, i64::from(u32::MAX))?);
            let (from, to) = stand::with(|stand| {
                let ticks = |bar: i64| stand.metre.span(bar as usize).start * crate::music::TICKS_PER_STEP;
                (ticks(first - 1), ticks(last))
            })?;
            given(listed(read(&notes)?.into_iter().filter(move |note| (from..to).contains(&note.start_ticks))))
        },
    );
    api.function("top(notes: array) -> array", "The highest of the notes that begin together.", |notes: Array| {
        let mut notes = read(&notes)?;
        notes.sort_unstable();
        let highest = notes.chunk_by(|a, b| a.start_ticks == b.start_ticks).filter_map(|chord| chord.last().copied());
        given(listed(highest.collect::<Vec<_>>()))
    });
    api.function(
        "thin(notes: array, beats: number) -> array",
        "Leaves notes out so that beginnings lie `beats` apart at least; notes that begin together stay together.",
        |notes: Array, beats: Dynamic| thin(&notes, &beats),
    );
    api.function(
        "without_rubs(notes: array) -> array",
        "Leaves notes out that lie a semitone beside the melody for more than half a beat.",
        |notes: Array| {
            let piece = stand::piece()?;
            let calm = |note: &ScoreNote| {
                let steps = (note.duration_ticks / crate::music::TICKS_PER_STEP).max(1);
                piece.rub(note.pitch, note.start_ticks / crate::music::TICKS_PER_STEP, steps) <= 2
            };
            given(listed(read(&notes)?.into_iter().filter(calm).collect::<Vec<_>>()))
        },
    );
}

/// A list of notes as scripts have it, bounded.
pub(super) fn read(notes: &Array) -> Checked<Vec<ScoreNote>> {
    if notes.len() > MOST_NOTES {
        return Err(format!("the list has {} notes; {MOST_NOTES} are allowed", notes.len()).into());
    }
    let note = |(place, value): (usize, &Dynamic)| match value.read_lock::<NoteValue>() {
        Some(note) => Ok(note.0),
        None => Err(no_note(place + 1, value).into()),
    };
    notes.iter().enumerate().map(note).collect()
}

pub(super) fn listed(notes: impl IntoIterator<Item = ScoreNote>) -> Array {
    notes.into_iter().map(|note| Dynamic::from(NoteValue(note))).collect()
}

/// What a function gives: it says that there may be an error.
#[expect(clippy::unnecessary_wraps, reason = "closures that use `?` need the type")]
fn given(notes: Array) -> Checked<Array> {
    Ok(notes)
}

fn each(notes: &Array, mut change: impl FnMut(&mut ScoreNote) -> Checked<()>) -> Checked<Array> {
    let mut notes = read(notes)?;
    for note in &mut notes {
        super::note::place(note.start_ticks);
        change(note)?;
    }
    Ok(listed(notes))
}

/// A note that begins elsewhere, inside the piece.
fn at(note: ScoreNote, start_ticks: u32, end_ticks: u32) -> ScoreNote {
    let left = end_ticks.saturating_sub(start_ticks).max(SHORTEST_TICKS);
    ScoreNote { start_ticks, duration_ticks: note.duration_ticks.min(left), ..note }
}

fn struck(velocity: f64) -> u8 {
    velocity.round().clamp(1.0, 127.0) as u8
}

/// Time within each pair is bent: its middle comes later.
fn swing(notes: &Array, amount: &Dynamic, pair_beats: f64) -> Checked<Array> {
    let amount = within(amount, "amount", 0.0, 1.0)?;
    let end = stand::end_ticks()?;
    let bent = |tick: u32| {
        let pair = pair_beats * f64::from(TICKS_PER_QUARTER);
        let (number, inside) = ((f64::from(tick) / pair).floor(), f64::from(tick) % pair / pair);
        let middle = 0.5 + amount * FULL_SWING;
        let place = if inside < 0.5 { inside * 2.0 * middle } else { middle + (inside - 0.5) * 2.0 * (1.0 - middle) };
        ((number + place) * pair).round() as u32
    };
    each(notes, |note| {
        let (start, until) = (bent(note.start_ticks), bent(note.start_ticks + note.duration_ticks));
        let moved = ScoreNote { duration_ticks: (until - start).max(SHORTEST_TICKS), ..*note };
        *note = at(moved, start.min(end.saturating_sub(SHORTEST_TICKS)), end);
        Ok(())
    })
}

fn legato(notes: &Array, most_ticks: u32) -> Checked<Array> {
    let mut notes = read(notes)?;
    notes.sort_unstable();
    let starts: Vec<u32> = notes.iter().map(|note| note.start_ticks).collect();
    Ok(listed(notes.into_iter().map(move |note| {
        let later = starts.partition_point(|start| *start <= note.start_ticks);
        let until = starts.get(later).map_or(note.duration_ticks, |next| next - note.start_ticks);
        let longest = note.duration_ticks.saturating_add(most_ticks);
        ScoreNote { duration_ticks: until.min(longest).max(SHORTEST_TICKS), ..note }
    })))
}

fn strum(notes: &Array, apart: &Dynamic) -> Checked<Array> {
    let apart = within(apart, "beats", -0.25, 0.25)?;
    let mut notes = read(notes)?;
    notes.sort_unstable();
    let mut strummed = Vec::with_capacity(notes.len());
    for chord in notes.chunk_by(|a, b| a.start_ticks == b.start_ticks) {
        for (voice, note) in chord.iter().enumerate() {
            let place = if apart < 0.0 { chord.len() - 1 - voice } else { voice };
            let late = ticks(apart.abs() * place as f64).min(note.duration_ticks.saturating_sub(SHORTEST_TICKS));
            strummed.push(ScoreNote {
                start_ticks: note.start_ticks + late,
                duration_ticks: note.duration_ticks - late,
                ..*note
            });
        }
    }
    Ok(listed(strummed))
}

fn thin(notes: &Array, apart: &Dynamic) -> Checked<Array> {
    let apart = ticks(within(apart, "beats", 0.0, 64.0)?);
    let mut notes = read(notes)?;
    notes.sort_unstable();
    let mut last: Option<u32> = None;
    notes.retain(|note| {
        let stays = last.is_none_or(|last| note.start_ticks == last || note.start_ticks >= last + apart);
        if stays {
            last = Some(note.start_ticks);
        }
        stays
    });
    Ok(listed(notes))
}
