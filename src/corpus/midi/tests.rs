//! Own MIDI files: real ones, made ones, hostile ones.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{
    music::{
        Mode,
        smf::{MidiNote, MidiPart},
        tempo::{Tempo, TempoMap},
    },
    testing,
};

/// Bars of C, F, G and C in 480 ticks a quarter at 100 a minute: a bass note and chords below, a tune above.
fn made(bars: u32, quarter: impl Fn(f64) -> f64) -> MidiFile {
    let at = |beats: f64| (quarter(beats) * 480.0).round() as u32;
    let note =
        |beats: f64, length: f64, pitch| MidiNote { start: at(beats), end: at(beats + length), pitch, velocity: 80 };
    let (mut tune, mut chords) = (Vec::new(), Vec::new());
    for bar in 0..bars {
        let root = [48, 53, 55, 48][bar as usize % 4];
        let beat = f64::from(4 * bar);
        chords.push(note(beat, 4.0, root - 12));
        for half in 0..8 {
            chords.push(note(beat + f64::from(half) * 0.5, 0.5, root + [0, 4, 7, 4][half as usize % 4]));
        }
        for quarter in 0..4 {
            tune.push(note(beat + f64::from(quarter), 1.0, root + 24 + [0, 7, 4, 7][quarter as usize]));
        }
    }
    let part = |name: &str, notes: Vec<MidiNote>| MidiPart { name: name.into(), notes, ..MidiPart::default() };
    MidiFile {
        ticks_per_quarter: 480,
        tempo: TempoMap::new(480, vec![Tempo { ticks: 0, micros_per_quarter: 600_000 }]),
        meters: vec![(0, 4, 1.0)],
        keys: vec![],
        markers: vec![],
        parts: vec![part("Lead vocal", tune), part("Piano", chords)],
        end_ticks: at(f64::from(4 * bars)),
    }
}

/// As it would be written.
pub(crate) fn plain(bars: u32) -> MidiFile {
    made(bars, |beat| beat)
}

fn song_of(file: &MidiFile) -> Result<TimedSong, String> {
    song("made", Split::Train, &file.write(), 8)
}

fn names(song: &Song) -> Vec<String> {
    song.chords.iter().step_by(2).take(4).map(ToString::to_string).collect()
}

#[test]
fn what_is_written_is_read() {
    let TimedSong { song, bars, tracked } = song_of(&made(16, |beat| beat)).unwrap();
    assert_eq!((song.bars, song.mode, tracked), (16, Mode::Major, false));
    assert!((song.bpm - 100.0).abs() < 1e-9);
    assert_eq!(names(&song), ["C", "F", "G", "C"]);
    assert_eq!((song.melody.len(), song.melody[1].start, song.melody[1].pitch), (64, 4, 79));
    assert_eq!(song.accompaniment.len(), 16 * 9);
    assert_eq!((bars.len(), bars[0], bars[16]), (17, 0.0, 38.4));
}

#[test]
fn a_tune_without_a_track_of_its_own_is_the_top_line() {
    let mut file = made(16, |beat| beat);
    file.parts[0].name = "Strings".into();
    let song = song_of(&file).unwrap().song;
    assert_eq!(
        song.melody.iter().map(|note| note.start).collect::<Vec<_>>(),
        (0..64).map(|beat| 4 * beat).collect::<Vec<_>>()
    );
}

#[test]
fn beats_of_free_playing_are_found() {
    // A tempo that sways by 3 % and has nothing to do with the file's.
    let TimedSong { song, tracked, .. } =
        song_of(&made(24, |beat| 1.37 * beat + 0.3 + 0.25 * (beat / 9.0).sin())).unwrap();
    assert!(tracked && (song.bpm - 100.0 / 1.37).abs() < 2.0, "{}", song.bpm);
    assert!((24..=25).contains(&song.bars), "{}", song.bars);
    assert_eq!(names(&song), ["C", "F", "G", "C"]);
}

#[test]
fn tempo_octaves_and_short_bars() {
    let mut fast = made(16, |beat| 2.0 * beat);
    fast.tempo = TempoMap::new(480, vec![Tempo { ticks: 0, micros_per_quarter: 300_000 }]);
    let song = song_of(&fast).unwrap().song;
    assert!((song.bpm - 100.0).abs() < 1e-9 && song.bars == 16, "{} {}", song.bpm, song.bars);
}

#[test]
fn other_metres_and_triplets_are_left_out() {
    let mut waltz = made(16, |beat| beat);
    waltz.meters = vec![(0, 3, 1.0)];
    insta::assert_snapshot!(song_of(&waltz).err().unwrap(), @"not plain 4/4: other metres are written for 100 % of it");
    let triplets = made(16, |beat| (beat * 3.0 / 2.0).round() / 3.0 * 2.0);
    assert!(song_of(&triplets).err().unwrap().starts_with("triplets"));
    assert!(song_of(&made(4, |beat| beat)).err().unwrap().starts_with("too short: only 4 bars"));
}

#[test]
fn a_folder_with_good_twice_given_and_broken_files() {
    let folder = TempDir::new().unwrap();
    let good = made(16, |beat| beat).write();
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(folder.path().join("a.mid"), &good).unwrap();
    fs::write(folder.path().join("more/b.MIDI"), &good).unwrap();
    fs::write(folder.path().join("c.mid"), &good[..good.len() / 2]).unwrap();
    fs::write(folder.path().join("d.mid"), b"").unwrap();
    fs::write(folder.path().join("readme.txt"), b"no music").unwrap();
    let terms = Terms { name: "mine".into(), licence: "own".into() };
    let loaded = load(folder.path(), terms, 8, |_| {}).unwrap();
    assert_eq!(loaded.corpus.songs.iter().map(|song| song.id.as_str()).collect::<Vec<_>>(), ["a"]);
    let left_out: Vec<&str> = loaded.corpus.left_out.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(left_out, ["c", "d", "more/b"]);
    assert_eq!(loaded.corpus.left_out[2].1, "same content as another file: a");
    let report = loaded.report();
    assert_eq!((&report.values["files"], &report.values["licence"]), (&json!(4), &json!("own")));
    let none = TempDir::new().unwrap();
    let error = load(none.path(), Terms { name: "x".into(), licence: "x".into() }, 8, |_| {}).err().unwrap();
    assert!(error.to_string().ends_with("holds no MIDI file (.mid, .midi)"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the bytes, there is a song or a reason.
    #[test]
    fn damaged_files_never_panic(at in 0_usize..4000, value in any::<u8>(), cut in 0_usize..8000) {
        let mut bytes = made(12, |beat| beat).write();
        let place = at % bytes.len();
        bytes[place] = value;
        bytes.truncate(cut.max(20));
        if let Ok(found) = song("x", Split::Train, &bytes, 8) {
            prop_assert_eq!(found.song.chords.len(), 2 * found.song.bars);
            prop_assert!((70.0..=140.0).contains(&found.song.bpm));
        }
    }

    #[test]
    fn any_notes_at_all_give_a_song_or_a_reason(
        notes in prop::collection::vec((0_u32..60_000, 1_u32..9000, 0_u8..128, 1_u8..128), 0..120),
        micros in 1_u32..2_000_000,
    ) {
        let mut file = made(0, |beat| beat);
        file.tempo = TempoMap::new(480, vec![Tempo { ticks: 0, micros_per_quarter: micros }]);
        file.parts[0].notes = notes
            .into_iter()
            .map(|(start, length, pitch, velocity)| MidiNote { start, end: start + length, pitch, velocity })
            .collect();
        if let Ok(found) = song_of(&file) {
            prop_assert!(found.bars.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert_eq!(found.bars.len(), found.song.bars + 1);
        }
    }
}

/// The files of POP909 as if nothing were known of them, beside what the annotations say.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "it prints what it measures")]
fn figures_on_pop909() {
    let Some(data) = testing::data() else { return };
    let known = crate::corpus::pop909::load(&data.join("pop909"), |_| {}).unwrap();
    let (mut hits, mut found_notes, mut known_notes, mut chords, mut slots, mut modes, mut keys, mut songs) =
        (0, 0, 0, 0, 0, 0, 0, 0);
    let mut reasons = std::collections::BTreeMap::<String, usize>::new();
    for song in known.songs.iter().step_by(3) {
        let bytes = fs::read(data.join(format!("pop909/{0}/{0}.mid", song.id))).unwrap();
        let mut file = MidiFile::read(&bytes).unwrap();
        file.parts.iter_mut().for_each(|part| part.name = "x".into());
        file.parts.retain(|part| part.notes != MidiFile::read(&bytes).unwrap().part("BRIDGE").unwrap().notes);
        file.meters.clear();
        match super::song("x", Split::Train, &file.write(), 8) {
            Ok(TimedSong { song: found, .. }) if found.bpm / song.bpm > 0.9 && found.bpm / song.bpm < 1.1 => {
                songs += 1;
                modes += usize::from(found.mode == song.mode);
                keys += usize::from(
                    found.accompaniment.first().map(|note| note.pitch % 12)
                        == song.accompaniment.first().map(|note| note.pitch % 12),
                );
                if found.bars.abs_diff(song.bars) <= 1 {
                    for (one, other) in found.chords.iter().zip(&song.chords) {
                        slots += 1;
                        chords += usize::from(one == other);
                    }
                    let set: std::collections::BTreeSet<_> =
                        song.melody.iter().map(|note| (note.start, note.pitch)).collect();
                    hits += found.melody.iter().filter(|note| set.contains(&(note.start, note.pitch))).count();
                    found_notes += found.melody.len();
                    known_notes += song.melody.len();
                }
            }
            Ok(_) => *reasons.entry("octave".into()).or_default() += 1,
            Err(reason) => *reasons.entry(reason).or_default() += 1,
        }
    }
    eprintln!("songs {songs} mode {modes} first note's class {keys} reasons {reasons:?}");
    eprintln!("chords equal {:.3}", chords as f64 / slots as f64);
    eprintln!(
        "melody precision {:.3} recall {:.3}",
        hits as f64 / found_notes as f64,
        hits as f64 / known_notes as f64
    );
}
