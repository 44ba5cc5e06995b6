//! Styles: a table of what differs between them, and the arrangement that reads it.

use serde::Deserialize;

use super::{
    ArrangeError, Take, bass, drums,
    groove::Grooves,
    hits::Hits,
    humanise::perform,
    instrument::{self, Instrument},
    lead, pad, pedal, piano,
    piece::{Mood, Piece},
    touch::{self, Touch},
};
use crate::{
    artifact::{Control, CuePlan, HitKind, Marker, Role, Score, ScoreTrack},
    music::{ExactTempo, Metre, Note, TICKS_PER_STEP},
    seed::Seed,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StyleName {
    Piano,
    Band,
}

/// What differs between styles.
struct Style {
    lead: fn(Mood) -> Instrument,
    lead_touch: Touch,
    /// The lead is played on the piano's own strings and shares its pedal.
    lead_pedal: bool,
    piano: Instrument,
    piano_part: fn(&Piece) -> Vec<Note>,
    /// Bass, pad and drums.
    rhythm_section: bool,
}

const PIANO: Style = Style {
    lead: |_| instrument::LEAD_PIANO,
    lead_touch: touch::PIANO_LEAD,
    lead_pedal: true,
    piano: instrument::SOLO_PIANO,
    piano_part: piano::alone,
    rhythm_section: false,
};

const BAND: Style = Style {
    lead: instrument::lead,
    lead_touch: touch::LEAD,
    lead_pedal: false,
    piano: instrument::BAND_PIANO,
    piano_part: piano::above_bass,
    rhythm_section: true,
};

const MELODY_CHANNEL: u8 = 0;
const PIANO_CHANNEL: u8 = 1;
const BASS_CHANNEL: u8 = 2;
const PAD_CHANNEL: u8 = 3;
pub(super) const DRUM_CHANNEL: u8 = 9;

/// Deals one take to instruments and plays it.
pub(crate) fn arrange(take: &Take, style: StyleName, seed: Seed) -> Result<Score, ArrangeError> {
    let style = match style {
        StyleName::Piano => &PIANO,
        StyleName::Band => &BAND,
    };
    let piece = Piece::new(take)?;
    let hits = Hits::of(take.plan, &piece.metre);
    let player = Player { piece: &piece, hits: &hits, seed };
    let mut tracks = vec![player.lead(style), player.piano(style)];
    if style.rhythm_section {
        tracks.extend(player.rhythm_section());
    }
    tracks.retain(|track| !track.notes.is_empty());
    Ok(Score {
        key: piece.key,
        tempo_map: take.plan.tempo_map.clone(),
        bar_beats: take.plan.bars.iter().map(|bar| bar.beats).collect(),
        tracks,
        markers: markers(take.plan, &piece.metre),
        end_seconds: take.plan.end_seconds,
        end_ticks: piece.metre.end_ticks(),
    })
}

struct Player<'a> {
    piece: &'a Piece,
    hits: &'a Hits,
    seed: Seed,
}

impl Player<'_> {
    fn lead(&self, style: &Style) -> ScoreTrack {
        let instrument = (style.lead)(self.piece.mood());
        let notes = lead::lead(self.piece, &instrument.range);
        let mut track = self.track(Role::Melody, MELODY_CHANNEL, &instrument, notes, &style.lead_touch);
        if style.lead_pedal {
            track.controls = self.pedal();
        }
        track
    }

    fn piano(&self, style: &Style) -> ScoreTrack {
        let notes = (style.piano_part)(self.piece);
        let mut track = self.track(Role::Accompaniment, PIANO_CHANNEL, &style.piano, notes, &touch::ACCOMPANIMENT);
        track.controls = self.pedal();
        track
    }

    fn pedal(&self) -> Vec<Control> {
        self.hits.lift_pedal(pedal::pedal(self.piece, self.seed))
    }

    fn rhythm_section(&self) -> [ScoreTrack; 3] {
        let mood = self.piece.mood();
        let grooves = Grooves::choose(self.seed);
        let bass = bass::bass(self.piece, &grooves);
        let drums = drums::drums(self.piece, &grooves, self.seed);
        [
            self.track(Role::Bass, BASS_CHANNEL, &instrument::bass(mood), bass, &touch::BASS),
            self.track(Role::Pad, PAD_CHANNEL, &instrument::pad(mood), pad::pad(self.piece), &touch::PAD),
            self.track(Role::Drums, DRUM_CHANNEL, &instrument::kit(mood), drums, &touch::DRUMS),
        ]
    }

    fn track(&self, role: Role, channel: u8, instrument: &Instrument, notes: Vec<Note>, touch: &Touch) -> ScoreTrack {
        let name = name(role);
        let notes = self.hits.compose(self.piece, role, notes);
        ScoreTrack {
            name: name.to_owned(),
            role,
            channel,
            program: instrument.program,
            gain_db: instrument.gain_db,
            pan: instrument.pan,
            room: instrument.room,
            notes: self.hits.finish(self.piece, perform(self.piece, &notes, touch, self.seed.derive(name))),
            controls: Vec::new(),
        }
    }
}

fn name(role: Role) -> &'static str {
    match role {
        Role::Melody => "melody",
        Role::Accompaniment => "piano",
        Role::Bass => "bass",
        Role::Pad => "pad",
        Role::Drums => "drums",
    }
}

/// Sections by name, cuts and hits at the tick nearest to them.
fn markers(plan: &CuePlan, metre: &Metre) -> Vec<Marker> {
    let tempo = ExactTempo::new(plan.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let sections = plan.sections.iter().map(|section| {
        let ticks = metre.span(section.first_bar).start * TICKS_PER_STEP;
        Marker { ticks, text: section.name.clone() }
    });
    let cuts = plan.cuts.iter().map(|cut| {
        let ticks = tempo.ticks(cut.time).round().clamp(0.0, f64::from(metre.end_ticks())) as u32;
        Marker { ticks, text: "cut".to_owned() }
    });
    let hits = plan.hits.iter().map(|hit| {
        let ticks = tempo.ticks(hit.time).round().clamp(0.0, f64::from(metre.end_ticks())) as u32;
        Marker { ticks, text: hit_name(hit.kind).to_owned() }
    });
    let mut markers: Vec<Marker> = sections.chain(cuts).chain(hits).collect();
    markers.sort_by_key(|marker| marker.ticks);
    markers
}

fn hit_name(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Accent => "accent",
        HitKind::Stop => "stop",
        HitKind::Start => "start",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arrange::{
            edited,
            testing::{Example, loudness, songs},
            to_midi,
        },
        artifact::ScoreNote,
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

    fn ends(note: &ScoreNote) -> u32 {
        note.start_ticks + note.duration_ticks
    }

    /// What every score promises, whatever it is made from.
    fn holds(score: &Score) {
        assert_eq!(
            score.end_ticks,
            score.bar_beats.iter().map(|beats| u32::from(*beats) * TICKS_PER_QUARTER).sum::<u32>()
        );
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
