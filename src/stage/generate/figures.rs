//! Measurements, not tests of right or wrong: what real songs do and what the shipped weights make of the same conditions.
//! They are ignored by default and print tables.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::*;
use crate::{
    artifact::{Bar, BarConditions, Section, TempoMark},
    corpus::{Song, Split, pop909},
    model::Sampling,
    music::Chord,
    seed::Seed,
};

const BARS: usize = 32;

/// Test songs: those whose number ends in 0.
pub(super) fn real_songs(data: &Path) -> Vec<Song> {
    let all = data.join("pop909");
    let some = TempDir::new().unwrap();
    let index = fs::read_to_string(all.join("index.csv")).unwrap();
    let mut lines = index.lines();
    let mut chosen = vec![lines.next().unwrap()];
    for line in lines.filter(|line| line.split(',').next().unwrap().ends_with('0')) {
        let id = line.split(',').next().unwrap();
        std::os::unix::fs::symlink(all.join(id), some.path().join(id)).unwrap();
        chosen.push(line);
    }
    fs::write(some.path().join("index.csv"), chosen.join("\n")).unwrap();
    let corpus = pop909::load(some.path(), |_| {}).unwrap();
    corpus.songs.into_iter().filter(|song| song.split == Split::Test && song.bars >= BARS + 4).collect()
}

/// Notes of a piece on plain bars, with its chords.
#[derive(Clone)]
struct Music {
    bars: usize,
    chords: Vec<Chord>,
    melody: Vec<Note>,
    accompaniment: Vec<Note>,
}

impl Music {
    fn of_song(song: &Song, first: usize, bars: usize) -> Self {
        let cut = |notes: &[Note]| {
            let inside =
                notes.iter().filter(|note| (16 * first as u32..16 * (first + bars) as u32).contains(&note.start));
            inside.map(|note| Note { start: note.start - 16 * first as u32, ..*note }).collect()
        };
        Self {
            bars,
            chords: song.chords[2 * first..2 * (first + bars)].to_vec(),
            melody: cut(&song.melody),
            accompaniment: cut(&song.accompaniment),
        }
    }
}

fn bar_of(notes: &[Note], bar: usize) -> Vec<(u32, u8)> {
    let start = 16 * bar as u32;
    notes.iter().filter(|note| note.start / 16 == bar as u32).map(|note| (note.start - start, note.pitch)).collect()
}

fn alike<T: Ord + Clone>(one: &[T], other: &[T]) -> f64 {
    use std::collections::BTreeSet;
    let (one, other): (BTreeSet<T>, BTreeSet<T>) = (one.iter().cloned().collect(), other.iter().cloned().collect());
    let either = one.union(&other).count();
    if either == 0 { 1.0 } else { one.intersection(&other).count() as f64 / either as f64 }
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// One number for each name.
fn figures(music: &Music) -> Vec<(&'static str, f64)> {
    let mut found = Vec::new();
    let bars = music.bars;
    for (names, lag) in [
        (["mel alike 4", "mel same 4", "acc alike 4", "acc same 4", "chords same 4"], 4),
        (["mel alike 8", "mel same 8", "acc alike 8", "acc same 8", "chords same 8"], 8),
        (["mel alike 16", "mel same 16", "acc alike 16", "acc same 16", "chords same 16"], 16),
    ] {
        let pairs = || (lag..bars).map(move |bar| (bar - lag, bar));
        for (part, notes) in [&music.melody, &music.accompaniment].into_iter().enumerate() {
            let sung = |bar: usize| !bar_of(notes, bar).is_empty();
            let likeness: Vec<f64> = pairs()
                .filter(|(one, other)| sung(*one) || sung(*other))
                .map(|(one, other)| alike(&bar_of(notes, one), &bar_of(notes, other)))
                .collect();
            found.push((names[2 * part], mean(likeness.iter().copied())));
            found.push((names[2 * part + 1], mean(likeness.iter().map(|alike| f64::from(*alike > 0.8)))));
        }
        let chords = |bar: usize| &music.chords[2 * bar..2 * bar + 2];
        found.push((names[4], mean(pairs().map(|(one, other)| f64::from(chords(one) == chords(other))))));
    }
    let any_earlier = |notes: &Vec<Note>| {
        let sung: Vec<usize> = (4..bars).filter(|bar| !bar_of(notes, *bar).is_empty()).collect();
        mean(sung.iter().map(|bar| {
            let here = bar_of(notes, *bar);
            f64::from((0..*bar).any(|earlier| alike(&here, &bar_of(notes, earlier)) > 0.8))
        }))
    };
    found.push(("mel any earlier", any_earlier(&music.melody)));
    found.push(("acc any earlier", any_earlier(&music.accompaniment)));
    found.push(("clash", clash_rate(music)));
    found.push(("clash held", held_clash_rate(music)));
    found.push((
        "mel non-chord strong",
        mean(strong(music).map(|(note, chord)| f64::from(!chord.contains(note.pitch)))),
    ));
    found.push(("voice leading", voice_leading(music)));
    for (names, notes) in [
        (["mel ioi", "mel grooving", "mel range", "mel pc entropy", "mel velocity sd", "mel notes"], &music.melody),
        (
            ["acc ioi", "acc grooving", "acc range", "acc pc entropy", "acc velocity sd", "acc notes"],
            &music.accompaniment,
        ),
    ] {
        if notes.len() < 4 {
            continue;
        }
        let mut starts: Vec<u32> = notes.iter().map(|note| note.start).collect();
        starts.dedup();
        found.push((names[0], mean(starts.windows(2).map(|pair| f64::from(pair[1] - pair[0])))));
        let onsets = |bar: usize| bar_of(notes, bar).iter().fold(0_u16, |bits, (step, _)| bits | 1 << step);
        let groove = |bar: usize| 1.0 - f64::from((onsets(bar) ^ onsets(bar - 1)).count_ones()) / 16.0;
        found.push((names[1], mean((1..bars).map(groove))));
        let (low, high) = (notes.iter().map(|note| note.pitch).min(), notes.iter().map(|note| note.pitch).max());
        found.push((names[2], f64::from(high.unwrap() - low.unwrap())));
        let mut counts = [0.0; 12];
        for note in notes {
            counts[usize::from(note.pitch % 12)] += 1.0 / notes.len() as f64;
        }
        found.push((names[3], counts.iter().filter(|p| **p > 0.0).map(|p| -p * p.log2()).sum()));
        let loud = mean(notes.iter().map(|note| f64::from(note.velocity)));
        found.push((names[4], mean(notes.iter().map(|note| (f64::from(note.velocity) - loud).powi(2))).sqrt()));
        found.push((names[5], notes.len() as f64 / bars as f64));
    }
    found.push(("mel longest stuck", longest_stuck(&music.melody) as f64));
    found.push(("acc metronome bars", metronome(&music.accompaniment, bars) as f64));
    found.push((
        "acc silent bars",
        (0..bars).filter(|bar| bar_of(&music.accompaniment, *bar).is_empty()).count() as f64,
    ));
    found.push(("mel silent run", silent_run(&music.melody, bars) as f64));
    let most = (0..bars).map(|bar| bar_of(&music.accompaniment, bar).len()).max().unwrap_or(0);
    found.push(("acc most notes", most as f64));
    found
}

fn strong(music: &Music) -> impl Iterator<Item = (&Note, Chord)> {
    let strong = music.melody.iter().filter(|note| note.start.is_multiple_of(8) && note.duration >= 2);
    strong.map(|note| (note, music.chords[(note.start / 8) as usize])).filter(|(_, chord)| *chord != Chord::None)
}

fn beside(chord: Chord, pitch: u8) -> bool {
    !chord.contains(pitch) && (chord.contains(pitch + 1) || chord.contains(pitch + 11))
}

fn clash_rate(music: &Music) -> f64 {
    mean(strong(music).map(|(note, chord)| f64::from(beside(chord, note.pitch))))
}

fn held_clash_rate(music: &Music) -> f64 {
    mean(strong(music).map(|(note, chord)| f64::from(note.duration >= 6 && beside(chord, note.pitch))))
}

/// Mean distance from each tone of a half bar to the nearest of the half bar before.
fn voice_leading(music: &Music) -> f64 {
    let tones = |half: usize| {
        let steps = 8 * half as u32..8 * half as u32 + 8;
        let sounding = music.accompaniment.iter().filter(move |note| steps.contains(&note.start));
        sounding.map(|note| i32::from(note.pitch)).collect::<std::collections::BTreeSet<i32>>()
    };
    let distance = |half: usize| {
        let (before, now) = (tones(half - 1), tones(half));
        if before.is_empty() || now.is_empty() {
            return None;
        }
        let near = |tone: &i32| before.iter().map(|other| (other - tone).abs()).min().unwrap();
        Some(mean(now.iter().map(|tone| f64::from(near(tone)))))
    };
    mean((1..2 * music.bars).filter_map(distance))
}

fn longest_stuck(notes: &[Note]) -> usize {
    notes.chunk_by(|a, b| a.pitch == b.pitch).map(<[Note]>::len).max().unwrap_or(0)
}

/// The longest run of bars with one and the same set of onsets.
fn metronome(notes: &[Note], bars: usize) -> usize {
    let onsets = |bar: usize| bar_of(notes, bar).iter().fold(0_u16, |bits, (step, _)| bits | 1 << step);
    let rows: Vec<u16> = (0..bars).map(onsets).collect();
    rows.chunk_by(|a, b| a == b && *a != 0).map(<[u16]>::len).max().unwrap_or(0)
}

fn silent_run(notes: &[Note], bars: usize) -> usize {
    let silent: Vec<bool> = (0..bars).map(|bar| bar_of(notes, bar).is_empty()).collect();
    silent.chunk_by(|a, b| a == b).filter(|run| run[0]).map(<[bool]>::len).max().unwrap_or(0)
}

/// Quantiles of each figure.
#[expect(clippy::print_stderr, reason = "it prints what it measures")]
fn table(title: &str, all: &[Music]) {
    let rows: Vec<Vec<(&str, f64)>> = all.iter().map(figures).collect();
    eprintln!("{title}: {} pieces; 10, 25, 50, 75, 90 %, mean", rows.len());
    let names: Vec<&str> = rows[0].iter().map(|(name, _)| *name).collect();
    for name in names {
        let mut values: Vec<f64> = rows
            .iter()
            .flatten()
            .filter(|(found, value)| *found == name && value.is_finite())
            .map(|(_, value)| *value)
            .collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
        let marks = [0.1, 0.25, 0.5, 0.75, 0.9].map(|share| format!("{:7.3}", at(share))).join(" ");
        eprintln!("  {name:22} {marks}  {:7.3}", mean(values.iter().copied()));
    }
}

/// A plan of 32 bars like those of the planner, asked for what a song is.
fn asked_of_song(song: &Song, first: usize) -> (CuePlan, Conditions) {
    let sections = [("intro", 0, 4), ("a", 4, 8), ("a'", 12, 8), ("b", 20, 4), ("a'", 24, 4), ("outro", 28, 4)];
    let section = |(name, first_bar, bars): &(&str, usize, usize)| Section {
        name: (*name).to_owned(),
        first_bar: *first_bar,
        bars: *bars,
    };
    let seconds = 240.0 / song.bpm;
    let plan = CuePlan {
        key: song.mode.neutral_key(),
        tempo_map: vec![TempoMark { time: 0.0, bpm: song.bpm }],
        bars: (0..BARS).map(|bar| Bar { start: seconds * bar as f64, beats: 4 }).collect(),
        sections: sections.iter().map(section).collect(),
        end_seconds: seconds * BARS as f64,
        cuts: vec![],
        hits: vec![],
        notes: vec![],
    };
    let real = Piece::of_song(song);
    let mut last =
        BarConditions { valence: 0.0, arousal: 0.0, density: 8.0, dynamics: 70.0, register: 57.0, melody_density: 4.0 };
    let rows = real.bars[first..first + BARS].iter().map(|bar| {
        let [valence, arousal, density, dynamics, register, melody_density] = bar.asked;
        last = BarConditions {
            valence: valence.unwrap_or(last.valence),
            arousal: arousal.unwrap_or(last.arousal),
            density: density.unwrap_or(last.density),
            dynamics: dynamics.unwrap_or(last.dynamics),
            register: register.unwrap_or(last.register),
            melody_density: melody_density.unwrap_or(last.melody_density),
        };
        last
    });
    (plan, Conditions { bars: rows.collect(), melody: true, picture: vec![] })
}

/// Pieces of one shape, eight at a time as takes of one batch.
fn composed(asked: &[(CuePlan, Conditions)], shaping: Shaping, seed: u64) -> Vec<Music> {
    tch::set_num_threads(1);
    let folder = std::env::var_os("WEIGHTS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models"), PathBuf::from);
    let path = |part: &str| folder.join(format!("{part}.safetensors"));
    let digest = |part: &str| Digest::of_file(&path(part)).unwrap();
    let sampling = Sampling { temperature: 1.0, top_p: 0.95 };
    let kind = fast_kind(Device::Cpu);
    let mut all = Vec::new();
    for (group, asked) in asked.chunks(8).enumerate() {
        let how = |purpose: &str| Composing {
            variety: 0.0,
            sampling,
            guidance: 1.0,
            seed: Seed::master(seed).derive(&format!("{purpose} {group}")),
            device: Device::Cpu,
            kind,
            shaping,
        };
        let mut pieces: Vec<Piece> = asked.iter().map(|(plan, rows)| Piece::of_plan(plan, rows)).collect();
        for (index, piece) in pieces.iter_mut().enumerate() {
            let mut how = how("chords");
            how.seed = how.seed.derive(&index.to_string());
            let mut takes = CHORDS
                .with(digest("chords"), &path("chords"), Part::Chords, Device::Cpu, ChordNetwork::new, |network| {
                    compose_chords(network, piece, 1, &how, &mut |_| {})
                })
                .unwrap();
            piece.chords = takes.remove(0);
        }
        for (part, name, kept) in
            [(Part::Melody, "melody", &MELODY), (Part::Accompaniment, "accompaniment", &ACCOMPANIMENT)]
        {
            let build = |root: &tch::nn::Path, config: &Config| NoteNetwork::new(part, root, config);
            let takes = kept
                .with(digest(name), &path(name), part, Device::Cpu, build, |network| {
                    compose_notes(network, part, &pieces, None, &how(name), &mut |_| {})
                })
                .unwrap();
            for (piece, take) in pieces.iter_mut().zip(takes) {
                *(if part == Part::Melody { &mut piece.melody } else { &mut piece.accompaniment }) = take;
            }
        }
        all.extend(pieces.into_iter().map(|piece| Music {
            bars: BARS,
            chords: piece.chords,
            melody: piece.melody,
            accompaniment: piece.accompaniment,
        }));
    }
    all
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for tie in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let first = order.iter().position(|index| index == &tie[0]).unwrap();
        for index in tie {
            ranks[*index] = first as f64 + tie.len() as f64 / 2.0;
        }
    }
    ranks
}

fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let (one, other): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (one, other) = (ranks(&one), ranks(&other));
    let (a, b) = (mean(one.iter().copied()), mean(other.iter().copied()));
    let product = |x: &[f64], y: &[f64], a: f64, b: f64| mean(x.iter().zip(y).map(|(x, y)| (x - a) * (y - b)));
    product(&one, &other, a, b) / (product(&one, &one, a, a) * product(&other, &other, b, b)).sqrt()
}

/// What was asked of bars and what came of them, over all bars and within pieces.
#[expect(clippy::print_stderr, reason = "it prints what it measures")]
fn obedience(title: &str, asked: &[(CuePlan, Conditions)], music: &[Music]) {
    type Asked = fn(&BarConditions) -> f32;
    type Got = fn(&[Note]) -> Option<f64>;
    let count: Got = |notes| Some(notes.len() as f64);
    let loud: Got = |notes| (!notes.is_empty()).then(|| mean(notes.iter().map(|note| f64::from(note.velocity))));
    let high: Got = |notes| (!notes.is_empty()).then(|| mean(notes.iter().map(|note| f64::from(note.pitch))));
    let channels: [(&str, bool, Asked, Got); 4] = [
        ("density", false, |row| row.density, count),
        ("dynamics", false, |row| row.dynamics, loud),
        ("register", false, |row| row.register, high),
        ("melody density", true, |row| row.melody_density, count),
    ];
    eprintln!("{title}: what was asked against what came, Spearman over all bars (mean within pieces; off by)");
    for (name, melody, wanted, got) in channels {
        let pieces: Vec<Vec<(f64, f64)>> = asked
            .iter()
            .zip(music)
            .map(|((_, rows), music)| {
                let notes = if melody { &music.melody } else { &music.accompaniment };
                // The last bar is a cadence, whatever is asked.
                let bar = |bar: usize| {
                    let inside: Vec<Note> =
                        notes.iter().filter(|note| note.start / 16 == bar as u32).copied().collect();
                    Some((f64::from(wanted(&rows.bars[bar])), got(&inside)?))
                };
                (0..BARS - 1).filter_map(bar).collect()
            })
            .collect();
        let all = spearman(&pieces.concat());
        let within = mean(pieces.iter().map(|pairs| spearman(pairs)).filter(|value| value.is_finite()));
        let bias = mean(pieces.concat().iter().map(|(asked, got)| got - asked));
        eprintln!("  {name:22} {all:.3} ({within:.3}; {bias:+.2})");
    }
}

fn pieces() -> usize {
    std::env::var("PIECES").map_or(24, |pieces| pieces.parse().unwrap())
}

#[test]
#[ignore = "a measurement; run it alone"]
fn what_real_songs_do() {
    let Some(data) = crate::testing::data() else { return };
    let songs = real_songs(&data);
    table("real", &songs.iter().map(|song| Music::of_song(song, 2, BARS)).collect::<Vec<_>>());
}

#[test]
#[ignore = "a measurement; run it alone: RECALL and STEERING are lists of values, PIECES how many"]
fn what_is_composed() {
    let Some(data) = crate::testing::data() else { return };
    let songs = real_songs(&data);
    let asked: Vec<(CuePlan, Conditions)> = songs.iter().take(pieces()).map(|song| asked_of_song(song, 2)).collect();
    let list = |name: &str, default: &str| -> Vec<f64> {
        let text = std::env::var(name).unwrap_or_else(|_| default.to_owned());
        text.split(',').map(|value| value.parse().unwrap()).collect()
    };
    for recall in list("RECALL", "0.9") {
        for steering in list("STEERING", "0.7") {
            let music = composed(&asked, Shaping { recall, steering, drafts: 4 }, 1);
            let title = format!("recall {recall}, steering {steering}");
            table(&title, &music);
            obedience(&title, &asked, &music);
        }
    }
}
