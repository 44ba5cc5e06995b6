//! Styles: a table of what differs between those that are built in, and the arrangement in a style.

use serde::Deserialize;

use super::{
    ArrangeError, Take, built_in,
    part::Part,
    piece::Piece,
    play::play,
    scripted::{self, Scripted},
};
use crate::{artifact::Score, script::Bundle, seed::Seed};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StyleName {
    Piano,
    Band,
}

/// Who decides what is played: a style that is built in, or a script.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Playing<'a> {
    Named(StyleName),
    Scripted(&'a Bundle),
}

impl From<StyleName> for Playing<'_> {
    fn from(name: StyleName) -> Self {
        Self::Named(name)
    }
}

impl<'a> From<&'a Bundle> for Playing<'a> {
    fn from(bundle: &'a Bundle) -> Self {
        Self::Scripted(bundle)
    }
}

/// Deals one take to instruments and plays it.
pub(crate) fn arrange<'a>(take: &Take, style: impl Into<Playing<'a>>, seed: Seed) -> Result<Score, ArrangeError> {
    let piece = Piece::new(take)?;
    let Scripted { parts, notes } = match style.into() {
        Playing::Named(style) => Scripted { parts: of_style(&piece, style, seed), notes: Vec::new() },
        Playing::Scripted(bundle) => scripted::parts(take, bundle, seed)?,
    };
    let tracks = play(&piece, take.plan, parts, seed)?;
    Ok(Score {
        key: piece.key,
        tempo_map: take.plan.tempo_map.clone(),
        bar_beats: take.plan.bars.iter().map(|bar| bar.beats).collect(),
        tracks,
        markers: super::play::markers(take.plan, &piece.metre),
        end_seconds: take.plan.end_seconds,
        end_ticks: piece.metre.end_ticks(),
        notes,
    })
}

/// The parts of a style that is built in.
pub(crate) fn of_style(piece: &Piece, style: StyleName, seed: Seed) -> Vec<Part> {
    let names: &[&str] = match style {
        StyleName::Piano => &["piano_melody", "solo_piano"],
        StyleName::Band => &["melody", "piano", "bass", "pad", "drums"],
    };
    names.iter().filter_map(|name| built_in::part(piece, name, seed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arrange::{
            bass, pad,
            testing::{Example, ends, holds, loudness, songs},
        },
        artifact::{Role, ScoreNote, ScoreTrack},
        music::TICKS_PER_QUARTER,
    };

    const SONGS: [&str; 6] = ["001", "020", "100", "246", "500", "900"];
    const STYLES: [StyleName; 2] = [StyleName::Piano, StyleName::Band];

    /// Stretches of real songs, calm to lively.
    fn examples() -> Vec<Example> {
        let Some(data) = crate::testing::data() else { return Vec::new() };
        let songs = songs(&data, &SONGS);
        songs.iter().map(|song| Example::song(song, 8.min(song.bars - 24), 24)).collect()
    }

    fn track(score: &Score, role: Role) -> Option<&ScoreTrack> {
        score.tracks.iter().find(|track| track.role == role)
    }

    #[test]
    fn real_songs_become_playable_scores() {
        for example in examples() {
            for style in STYLES {
                let score = example.score(style);
                holds(&score);
                assert_eq!(score, example.score(style), "the same seed");
                assert_ne!(score.tracks, arrange(&example.take(), style, Seed::master(2)).unwrap().tracks);
            }
        }
    }

    #[test]
    fn the_last_bar_rests_on_the_tonic() {
        for example in examples() {
            let score = example.score(StyleName::Band);
            let last_bar = score.end_ticks - 4 * TICKS_PER_QUARTER;
            let bass = track(&score, Role::Bass).unwrap().notes.last().unwrap();
            assert_eq!((bass.pitch % 12, ends(bass)), (score.key.tonic, score.end_ticks));
            let triad = crate::arrange::ending::tonic_chord(score.key);
            for track in score.tracks.iter().filter(|track| track.role != Role::Drums) {
                let last = track.notes.iter().filter(|note| ends(note) > last_bar + 960);
                assert!(last.clone().all(|note| triad.contains(note.pitch)), "{}", track.name);
                assert!(track.role == Role::Melody || last.clone().any(|note| ends(note) == score.end_ticks));
            }
        }
    }

    #[test]
    fn registers_stay_apart_and_bass_and_melody_do_not_rub() {
        let mean = |track: &ScoreTrack| {
            track.notes.iter().map(|note| f64::from(note.pitch)).sum::<f64>() / track.notes.len() as f64
        };
        for example in examples() {
            let score = example.score(StyleName::Band);
            let [melody, bass, pad, piano] =
                [Role::Melody, Role::Bass, Role::Pad, Role::Accompaniment].map(|role| track(&score, role).unwrap());
            let means = [bass, pad, piano, melody].map(mean);
            assert!(means[0] + 12.0 < means[1].min(means[2]) && means[1].max(means[2]) < means[3], "{means:?}");
            assert!(bass.notes.iter().all(|note| bass::REGISTER.contains(&note.pitch)));
            assert!(pad.notes.iter().all(|note| pad::REGISTER.contains(&note.pitch)));
            let share = rubbing(&melody.notes, &bass.notes) / f64::from(score.end_ticks);
            assert!(share < 0.005, "{share}");
        }
    }

    /// Ticks over which a bass note lies a minor ninth (or its octaves) below the melody, but for passing notes.
    fn rubbing(melody: &[ScoreNote], bass: &[ScoreNote]) -> f64 {
        let pairs = bass.iter().flat_map(|low| melody.iter().map(move |high| (low, high)));
        let rubs = pairs.filter(|(low, high)| (high.pitch + 120 - low.pitch) % 12 == 1);
        let together = |low: &ScoreNote, high: &ScoreNote| {
            ends(low).min(ends(high)).saturating_sub(low.start_ticks.max(high.start_ticks))
        };
        rubs.map(|(low, high)| together(low, high)).filter(|ticks| *ticks > 260).map(f64::from).sum()
    }

    #[test]
    fn from_one_short_bar_to_four_hours() {
        for beats in [vec![2], vec![4], vec![4, 2, 4], vec![4; 7200]] {
            let example = Example::bars(&beats);
            for style in STYLES {
                let score = example.score(style);
                assert!(score.tracks.iter().any(|track| track.role == Role::Accompaniment));
                if beats.len() < 10 {
                    holds(&score);
                }
            }
        }
    }

    #[test]
    fn without_a_melody_there_is_no_such_track() {
        let mut example = Example::plain(8);
        example.conditions.melody = false;
        let names = |style| example.score(style).tracks.into_iter().map(|track| track.name).collect::<Vec<_>>();
        assert_eq!(names(StyleName::Piano), ["piano"]);
        assert_eq!(names(StyleName::Band), ["piano", "bass", "pad", "drums"]);
    }

    #[test]
    fn sections_and_cuts_are_marked() {
        let mut example = Example::plain(8);
        example.sections(&[("intro", 4), ("a", 4)]);
        example.plan.cuts = vec![crate::artifact::Cut { time: 2.0013, strength: 1.0 }];
        let markers = example.score(StyleName::Piano).markers;
        let texts: Vec<(u32, &str)> = markers.iter().map(|marker| (marker.ticks, marker.text.as_str())).collect();
        assert_eq!(texts, [(0, "intro"), (1921, "cut"), (7680, "a")]);
    }

    /// How loud stems are against the piano, in LU.
    fn against_piano(score: &Score) -> Option<Vec<(Role, f64)>> {
        let lufs = loudness(score)?;
        let piano = score.tracks.iter().position(|track| track.role == Role::Accompaniment)?;
        Some(score.tracks.iter().zip(&lufs).map(|(track, loud)| (track.role, loud - lufs[piano])).collect())
    }

    #[test]
    fn the_balance_is_as_it_was_tuned() {
        for example in examples().iter().skip(1).take(1) {
            for style in STYLES {
                let Some(levels) = against_piano(&example.score(style)) else { return };
                for (role, level) in &levels {
                    let expected = match role {
                        Role::Melody => 1.0..9.0,
                        Role::Accompaniment => -0.1..0.1,
                        Role::Bass => -3.0..3.0,
                        Role::Pad => -10.0..-3.0,
                        Role::Drums => -9.0..0.0,
                    };
                    assert!(expected.contains(level), "{style:?}: {levels:?}");
                }
            }
        }
    }

    /// Levels of every instrument, for setting gains.
    #[test]
    #[ignore = "figures for people: run with --nocapture"]
    #[expect(clippy::print_stderr, reason = "figures for people")]
    fn levels_of_all_instruments() {
        let examples = examples();
        for (valence, arousal) in [(0.5, -0.5), (-0.5, -0.5), (0.5, 0.0), (-0.5, 0.0), (0.5, 0.6), (-0.5, 0.6)] {
            for example in examples.iter().step_by(2) {
                let mut example = example.clone();
                for bar in &mut example.conditions.bars {
                    (bar.valence, bar.arousal) = (valence, arousal);
                }
                let score = example.score(StyleName::Band);
                let lufs = loudness(&score).unwrap();
                let levels = score.tracks.iter().zip(lufs).map(|(track, loud)| {
                    format!("{} {} {loud:.1} ({:+.1} dB)", track.name, track.program, track.gain_db)
                });
                eprintln!("{}", levels.collect::<Vec<_>>().join("  "));
            }
        }
        for example in &examples {
            let score = example.score(StyleName::Piano);
            eprintln!("piano style {:.1?}", loudness(&score).unwrap());
        }
    }
}
