//! VGMIDI: 200 piano arrangements of video game music that people rated (Ferreira and Whitehead, ISMIR 2019).
//!
//! Takes the means over people: over the piece, and the curves over measures. MIDI files without ratings and
//! pieces with next to no notes are left out with a reason. A file that cannot be read is an error, never a piece less.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{RatedPiece, Ratings};
use crate::music::{
    Sound,
    smf::{MidiFile, SmfError},
};

const FEWEST_NOTES: usize = 16;
const DRUMS: u8 = 9;
const TERMS: &str = "research data without a stated licence; github.com/lucasnfe/vgmidi";

#[derive(Debug, thiserror::Error)]
pub(crate) enum VgmidiError {
    #[error("cannot read {}: {source}; the folder must hold affect.csv and midi/", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}, line {line}: {reason}", path.display())]
    Line { path: PathBuf, line: usize, reason: String },
    #[error("{}: {source}", path.display())]
    Midi { path: PathBuf, source: SmfError },
}

/// Loads all rated pieces in the order of the table; `on_progress` hears the share that is done.
pub(crate) fn load(folder: &Path, mut on_progress: impl FnMut(f32)) -> Result<Ratings, VgmidiError> {
    let table = folder.join("affect.csv");
    let text = fs::read_to_string(&table).map_err(|source| VgmidiError::Unreadable { path: table.clone(), source })?;
    let rows = rows(&text).map_err(|(line, reason)| VgmidiError::Line { path: table, line, reason })?;
    let (mut pieces, mut left_out) = (Vec::new(), Vec::new());
    for (done, row) in rows.iter().enumerate() {
        on_progress(done as f32 / rows.len() as f32);
        let piece = piece(&folder.join("midi").join(row.file), row)?;
        if piece.sounds.len() < FEWEST_NOTES {
            left_out.push((piece.id, format!("only {} notes, fewer than {FEWEST_NOTES}", piece.sounds.len())));
        } else {
            pieces.push(piece);
        }
    }
    let rated: BTreeSet<&str> = rows.iter().map(|row| row.file).collect();
    for file in midi_files(&folder.join("midi"))?.iter().filter(|file| !rated.contains(file.as_str())) {
        left_out.push((file.trim_end_matches(".mid").to_owned(), "no ratings".to_owned()));
    }
    left_out.sort();
    Ok(Ratings { name: "VGMIDI".into(), terms: TERMS.into(), pieces, left_out })
}

struct Row<'a> {
    file: &'a str,
    valence: f64,
    arousal: f64,
    curve: Vec<[f64; 2]>,
}

/// The rows below the header, or the line that is none and why. The table quotes nothing.
fn rows(text: &str) -> Result<Vec<Row<'_>>, (usize, String)> {
    let mut lines = text.lines().enumerate();
    let header: Vec<&str> = lines.next().map_or(vec![], |(_, header)| header.split(',').collect());
    let column = |name: &str| {
        header.iter().position(|column| *column == name).ok_or_else(|| (1, format!("there is no column {name}")))
    };
    let (midi, valence, arousal) = (column("midi")?, column("valence_mean")?, column("arousal_mean")?);
    let curves = [column("valence_curve")?, column("arousal_curve")?];
    lines
        .map(|(place, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            let cell = |at: usize| {
                cells
                    .get(at)
                    .copied()
                    .ok_or_else(|| (place + 1, format!("{} columns, expected {}", cells.len(), header.len())))
            };
            let rating = |text: &str| {
                let value = text.parse::<f64>().ok().filter(|value| (-1.0..=1.0).contains(value));
                value.ok_or_else(|| (place + 1, format!("{text:?} is no rating from -1 to 1")))
            };
            let curve = |at: usize| cell(at)?.split_whitespace().map(rating).collect::<Result<Vec<f64>, _>>();
            let (glad, excited) = (curve(curves[0])?, curve(curves[1])?);
            Ok(Row {
                file: cell(midi)?,
                valence: rating(cell(valence)?)?,
                arousal: rating(cell(arousal)?)?,
                curve: glad.into_iter().zip(excited).map(<[f64; 2]>::from).collect(),
            })
        })
        .collect()
}

fn piece(path: &Path, row: &Row) -> Result<RatedPiece, VgmidiError> {
    let bytes = fs::read(path).map_err(|source| VgmidiError::Unreadable { path: path.to_owned(), source })?;
    let midi = MidiFile::read(&bytes).map_err(|source| VgmidiError::Midi { path: path.to_owned(), source })?;
    let id = row.file.trim_end_matches(".mid");
    Ok(RatedPiece {
        id: id.to_owned(),
        group: game(id).to_owned(),
        bpm: mean_bpm(&midi),
        valence: row.valence,
        arousal: row.arousal,
        curve: row.curve.clone(),
        sounds: sounds(&midi),
    })
}

/// `Series_Platform_Game` of `Series_Platform_Game_Title`.
fn game(id: &str) -> &str {
    id.match_indices('_').nth(2).map_or(id, |(end, _)| &id[..end])
}

fn sounds(midi: &MidiFile) -> Vec<Sound> {
    let seconds = |ticks: u32| midi.tempo.seconds(f64::from(ticks));
    let parts = midi.parts.iter().filter(|part| part.channel != DRUMS);
    let mut sounds: Vec<Sound> = parts
        .flat_map(|part| &part.notes)
        .map(|note| {
            let start_seconds = seconds(note.start);
            let seconds = seconds(note.end) - start_seconds;
            Sound { start_seconds, seconds, pitch: note.pitch, velocity: note.velocity }
        })
        .collect();
    sounds.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds).then(a.pitch.cmp(&b.pitch)));
    sounds
}

/// Quarters a minute up to the last onset.
fn mean_bpm(midi: &MidiFile) -> f64 {
    let last = midi.parts.iter().filter_map(|part| part.notes.last()).map(|note| note.start).max().unwrap_or(0);
    let quarters = f64::from(last) / f64::from(midi.ticks_per_quarter);
    60.0 * quarters / midi.tempo.seconds(f64::from(last)).max(1e-3)
}

fn midi_files(folder: &Path) -> Result<Vec<String>, VgmidiError> {
    let unreadable = |source| VgmidiError::Unreadable { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> = names.collect::<io::Result<_>>().map_err(unreadable)?;
    Ok(names.into_iter().filter(|name| Path::new(name).extension().is_some_and(|end| end == "mid")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rated_pieces_load() {
        let Some(data) = crate::testing::data() else { return };
        let ratings = load(&data.join("vgmidi"), |_| {}).unwrap();
        assert_eq!((ratings.pieces.len(), ratings.left_out.len()), (200, 4));
        for piece in &ratings.pieces {
            assert!((20.0..400.0).contains(&piece.bpm), "{} {}", piece.id, piece.bpm);
            assert!(piece.sounds.iter().all(|sound| sound.seconds > 0.0), "{}", piece.id);
        }
        let games: BTreeSet<&str> = ratings.pieces.iter().map(|piece| piece.group.as_str()).collect();
        assert!((20..60).contains(&games.len()), "{games:?}");
    }

    #[test]
    fn a_table_that_is_none_is_told_by_line() {
        let ok = "midi,annotators,valence_mean,arousal_mean,valence_curve,arousal_curve\na.mid,30,0.1,-0.2,0 0.2,-0.1 -0.3\n";
        assert_eq!(rows(ok).unwrap()[0].curve, [[0.0, -0.1], [0.2, -0.3]]);
        let reason = |text: &str| rows(text).err().unwrap();
        assert_eq!(reason("midi,valence_mean\n"), (1, "there is no column arousal_mean".to_owned()));
        assert_eq!(reason(&format!("{ok}b.mid,3,2.5,0,,\n")), (3, "\"2.5\" is no rating from -1 to 1".to_owned()));
        assert_eq!(reason(&format!("{ok}b.mid\n")), (3, "1 columns, expected 6".to_owned()));
    }

    #[test]
    fn curves_are_about_their_piece() {
        let Some(data) = crate::testing::data() else { return };
        let ratings = load(&data.join("vgmidi"), |_| {}).unwrap();
        for piece in &ratings.pieces {
            let mean = piece.curve.iter().map(|point| point[1]).sum::<f64>() / piece.curve.len() as f64;
            assert!((mean - piece.arousal).abs() < 0.05, "{}: {mean} {}", piece.id, piece.arousal);
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = load(Path::new("/nowhere"), |_| {}).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /nowhere/affect.csv"), "{error}");
    }

    #[test]
    fn a_game_is_the_first_three_names() {
        assert_eq!(game("Mana_SNES_Secret of Mana_Danger"), "Mana_SNES_Secret of Mana");
        assert_eq!(game("lonely"), "lonely");
    }
}
