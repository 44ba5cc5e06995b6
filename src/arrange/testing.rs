//! What the tests of arranging share: plain pieces, and real songs cut to a length as if they had been generated.

use std::{fs, path::Path};

use super::{StyleName, Take, arrange, edited, piece::Piece, play::DRUM_CHANNEL, to_midi};
use crate::{
    artifact::{
        Bar, BarConditions, Chords, Conditions, CuePlan, Cut, Notes, Role, Score, ScoreNote, Section, TempoMark,
    },
    audio::{SoundFontCache, render_stems},
    corpus::{Song, pop909},
    digest::Digest,
    music::{Chord, Metre, Mode, Note, TICKS_PER_QUARTER},
    seed::Seed,
};

pub(crate) fn note(start: u32, pitch: u8, duration: u16) -> Note {
    Note { start, pitch, duration, velocity: 80 }
}

/// One take and what was asked for.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) plan: CuePlan,
    pub(crate) conditions: Conditions,
    pub(crate) chords: Chords,
    pub(crate) melody: Notes,
    pub(crate) accompaniment: Notes,
    pub(crate) take: usize,
}

impl Example {
    /// Bars of 4/4 in C major at 120 beats a minute, one section.
    pub(crate) fn plain(bars: usize) -> Self {
        Self::bars(&vec![4; bars])
    }

    /// C, F, G and C by turns, a rising melody, chords on each half bar.
    pub(crate) fn bars(beats: &[u8]) -> Self {
        let metre = Metre::new(beats.iter().copied());
        let turns = ["C", "C", "F", "F", "G", "G", "C", "C"].map(|chord| chord.parse::<Chord>().unwrap());
        let chords: Vec<Chord> = turns.iter().cycle().take((metre.end() / 8) as usize).copied().collect();
        let melody = (0..metre.end()).step_by(4).zip([64, 67, 69, 72, 71, 67].iter().cycle());
        let struck = (0..).zip(&chords).flat_map(|(half, chord)| {
            let tones = chord.pitch_classes().into_iter();
            tones.map(move |class| Note { start: 8 * half, pitch: 48 + class, duration: 6, velocity: 70 })
        });
        let mut accompaniment: Vec<Note> = struck.collect();
        accompaniment.sort_unstable();
        let melody: Vec<Note> = melody.map(|(start, pitch)| note(start, *pitch, 4)).collect();
        Self::new(beats, 120.0, chords, melody, accompaniment)
    }

    fn new(beats: &[u8], bpm: f64, chords: Vec<Chord>, melody: Vec<Note>, accompaniment: Vec<Note>) -> Self {
        let metre = Metre::new(beats.iter().copied());
        let seconds = |step: u32| f64::from(step) * 15.0 / bpm;
        let bars =
            beats.iter().enumerate().map(|(bar, beats)| Bar { start: seconds(metre.span(bar).start), beats: *beats });
        let plan = CuePlan {
            key: Mode::Major.neutral_key(),
            tempo_map: vec![TempoMark { time: 0.0, bpm }],
            bars: bars.collect(),
            sections: vec![Section { name: "a".to_owned(), first_bar: 0, bars: beats.len() }],
            end_seconds: seconds(metre.end()),
            cuts: vec![],
            hits: vec![],
            notes: vec![],
        };
        let row = BarConditions {
            valence: 0.2,
            arousal: 0.0,
            density: 12.0,
            dynamics: 70.0,
            register: 57.0,
            melody_density: 6.0,
        };
        Self {
            plan,
            conditions: Conditions { bars: vec![row; beats.len()], melody: true, picture: vec![], notes: vec![] },
            chords: Chords { takes: vec![chords], notes: vec![] },
            melody: Notes::new(vec![melody]),
            accompaniment: Notes::new(vec![accompaniment]),
            take: 1,
        }
    }

    /// Sections by name and length.
    pub(crate) fn sections(&mut self, sections: &[(&str, usize)]) {
        let mut first_bar = 0;
        self.plan.sections.clear();
        for (name, bars) in sections {
            self.plan.sections.push(Section { name: (*name).to_owned(), first_bar, bars: *bars });
            first_bar += bars;
        }
    }

    /// The same in every bar.
    pub(crate) fn energy(&mut self, arousal: f32, density: f32) {
        for bar in &mut self.conditions.bars {
            (bar.arousal, bar.density) = (arousal, density);
        }
    }

    pub(crate) fn take(&self) -> Take<'_> {
        Take {
            plan: &self.plan,
            conditions: &self.conditions,
            chords: &self.chords,
            melody: &self.melody,
            accompaniment: &self.accompaniment,
            number: self.take,
        }
    }

    pub(crate) fn piece(&self) -> Piece {
        Piece::new(&self.take()).unwrap()
    }

    pub(crate) fn score(&self, style: StyleName) -> Score {
        arrange(&self.take(), style, Seed::master(1)).unwrap()
    }

    /// `bars` bars of a song, from a bar on, as if they had been generated: an intro and an outro of four bars, what is in
    /// between in sections of eight, conditions measured from the notes.
    pub(crate) fn song(song: &Song, first_bar: usize, bars: usize) -> Self {
        let steps = first_bar as u32 * 16..(first_bar + bars) as u32 * 16;
        let cut = |notes: &[Note]| -> Vec<Note> {
            let inside = notes.iter().filter(|note| steps.contains(&note.start));
            inside.map(|note| Note { start: note.start - steps.start, ..*note }).collect()
        };
        let chords = song.chords[2 * first_bar..2 * (first_bar + bars)].to_vec();
        let (melody, accompaniment) = (cut(&song.melody), cut(&song.accompaniment));
        let mut example = Self::new(&vec![4; bars], song.bpm, chords, melody, accompaniment);
        example.plan.key = crate::music::Key::new(song.mode.neutral_key().tonic + 2, song.mode);
        example.plan.cuts = vec![Cut { time: 0.4 * example.plan.end_seconds, strength: 0.9 }];
        let middle = (bars - 8).div_ceil(8);
        let names =
            ["intro"].into_iter().chain(["a", "b", "a'", "c"].into_iter().cycle().take(middle)).chain(["outro"]);
        let lengths = [4].into_iter().chain((0..middle).map(|n| (bars - 8 - 8 * n).min(8))).chain([4]);
        example.sections(&names.zip(lengths).collect::<Vec<_>>());
        example.measure();
        example
    }

    fn measure(&mut self) {
        let notes = &self.accompaniment.takes[0];
        for (bar, row) in (0..).zip(&mut self.conditions.bars) {
            let inside: Vec<&Note> = notes.iter().filter(|note| note.start / 16 == bar).collect();
            let mean = |value: fn(&Note) -> u8| {
                inside.iter().map(|note| f32::from(value(note))).sum::<f32>() / inside.len().max(1) as f32
            };
            row.density = inside.len() as f32;
            row.arousal = ((row.density - 13.0) / 9.0).clamp(-1.0, 1.0);
            if !inside.is_empty() {
                (row.dynamics, row.register) = (mean(|note| note.velocity), mean(|note| note.pitch));
            }
        }
    }
}

/// A few songs of POP909, loaded as the whole set is.
pub(crate) fn songs(data: &Path, ids: &[&str]) -> Vec<Song> {
    let folder = tempfile::TempDir::new().unwrap();
    let source = data.join("pop909");
    let index = fs::read_to_string(source.join("index.csv")).unwrap();
    let wanted = |line: &&str| line.starts_with("song_id") || ids.iter().any(|id| line.starts_with(id));
    fs::write(folder.path().join("index.csv"), index.lines().filter(wanted).collect::<Vec<_>>().join("\n")).unwrap();
    for id in ids {
        std::os::unix::fs::symlink(source.join(id), folder.path().join(id)).unwrap();
    }
    pop909::load(folder.path(), |_| {}).unwrap().songs
}

/// Integrated loudness of each stem as FluidR3 plays it, in LUFS; none without the SoundFont.
pub(crate) fn loudness(score: &Score) -> Option<Vec<f64>> {
    static FONT: SoundFontCache = SoundFontCache::new();
    let path = Path::new("/usr/share/sounds/sf2/FluidR3_GM.sf2");
    if !path.exists() {
        return None;
    }
    let font = FONT.get(Digest::of(b"FluidR3"), path).unwrap();
    let mut stems = vec![Vec::new(); score.tracks.len()];
    render_stems(score, &font, stems.iter_mut().collect(), |_| {}).unwrap();
    Some(stems.iter().map(|stem| integrated_lufs(stem)).collect())
}

fn integrated_lufs(wav: &[u8]) -> f64 {
    let samples: Vec<f32> = hound::WavReader::new(wav).unwrap().into_samples().map(Result::unwrap).collect();
    let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I).unwrap();
    meter.add_frames_f32(&samples).unwrap();
    meter.loudness_global().unwrap()
}

pub(crate) fn ends(note: &ScoreNote) -> u32 {
    note.start_ticks + note.duration_ticks
}

/// What every score promises, whatever it is made from.
pub(crate) fn holds(score: &Score) {
    assert_eq!(score.end_ticks, score.bar_beats.iter().map(|beats| u32::from(*beats) * TICKS_PER_QUARTER).sum::<u32>());
    for track in &score.tracks {
        assert!(!track.notes.is_empty() && track.notes.is_sorted() && track.controls.is_sorted(), "{}", track.name);
        assert_eq!(track.channel == DRUM_CHANNEL, track.role == Role::Drums);
        for note in &track.notes {
            assert!((1..128).contains(&note.velocity) && note.pitch < 128, "{} {note:?}", track.name);
            assert!(note.duration_ticks >= 12 && ends(note) <= score.end_ticks, "{} {note:?}", track.name);
        }
        assert!(track.controls.iter().all(|control| control.ticks <= score.end_ticks));
    }
    assert!(score.markers.is_sorted_by_key(|marker| marker.ticks));
    assert_eq!(edited(&to_midi(score), score).as_ref(), Ok(score), "through MIDI and back");
}
