//! Composed music second by second, as the music encoder hears recordings: chords as they were composed, notes that sound, and
//! loudness from velocities.

use super::{MINOR, MusicSeconds};
use crate::{
    artifact::{CuePlan, Role, Score, ScoreNote, ScoreTrack},
    music::{Chord, ExactTempo, Quality},
};

/// RMS amplitude of the whole piece: the mean of the recordings that the encoders learned from, since loudness is set after.
const AMPLITUDE: f64 = 0.173;
/// How long a note rings before its power has fallen to a third, as long as it is held.
const RINGING_SECONDS: f64 = 1.5;
const DRUM_SECONDS: f64 = 0.15;

/// The music of a score over the plan's whole length; `chords` are the take's, two a bar, in C major or A minor.
pub(crate) fn heard(plan: &CuePlan, chords: &[Chord], score: &Score) -> MusicSeconds {
    let seconds = (plan.end_seconds.ceil() as usize).max(1);
    let tempo = ExactTempo::new(score.tempo_map.iter().map(|mark| (mark.time, mark.bpm)));
    let mut power = vec![0.0; seconds];
    let mut density = vec![0.0; seconds];
    for track in &score.tracks {
        for note in &track.notes {
            let span = span(&tempo, track, note);
            ring(&mut power, track, note, span);
            if track.role != Role::Drums {
                sounding(seconds, span).for_each(|second| density[second] += 1.0);
            }
        }
    }
    let mean = power.iter().sum::<f64>() / seconds as f64;
    let amplitude = |power: &f64| (AMPLITUDE * (power / mean.max(1e-12)).sqrt()) as f32;
    MusicSeconds {
        amplitude: power.iter().map(amplitude).collect(),
        density,
        chord: (0..seconds).map(|second| tones(chord_at(plan, chords, second as f64 + 0.5))).collect(),
        minor: plan.key.mode == crate::music::Mode::Minor,
    }
}

fn span(tempo: &ExactTempo, track: &ScoreTrack, note: &ScoreNote) -> (f64, f64) {
    let start = tempo.seconds(f64::from(note.start_ticks));
    let end = tempo.seconds(f64::from(note.start_ticks) + f64::from(note.duration_ticks));
    if track.role == Role::Drums { (start, start + DRUM_SECONDS) } else { (start, end) }
}

/// Adds a note's power to the seconds in which it rings: velocity squared is amplitude (as General MIDI players have it).
fn ring(power: &mut [f64], track: &ScoreTrack, note: &ScoreNote, (start, end): (f64, f64)) {
    let gain = 10_f64.powf(f64::from(track.gain_db) / 10.0);
    let strength = gain * (f64::from(note.velocity) / 127.0).powi(4);
    let left = |time: f64| (-(time - start) / RINGING_SECONDS).exp();
    for second in sounding(power.len(), (start, end)) {
        let (from, to) = (start.max(second as f64), end.min(second as f64 + 1.0));
        power[second] += strength * RINGING_SECONDS * (left(from) - left(to)).max(0.0);
    }
}

fn sounding(seconds: usize, (start, end): (f64, f64)) -> std::ops::Range<usize> {
    let first = (start.max(0.0) as usize).min(seconds);
    first..(end.max(0.0).ceil() as usize).clamp(first, seconds)
}

fn chord_at(plan: &CuePlan, chords: &[Chord], time: f64) -> Chord {
    let bar = plan.bars.partition_point(|bar| bar.start <= time).saturating_sub(1);
    let Some(this) = plan.bars.get(bar) else { return Chord::None };
    let end = plan.bars.get(bar + 1).map_or(plan.end_seconds, |next| next.start);
    let before: u32 = plan.bars[..bar].iter().map(|bar| u32::from(bar.beats)).sum();
    let inside = ((time - this.start) / (end - this.start).max(1e-9)).clamp(0.0, 0.999);
    let beat = f64::from(before) + inside * f64::from(this.beats);
    chords.get((beat / 2.0) as usize).copied().unwrap_or(Chord::None)
}

fn tones(chord: Chord) -> u16 {
    let Chord::Sounding { quality, .. } = chord else { return 0 };
    let minor = matches!(quality, Quality::Minor | Quality::MinorSeventh | Quality::Diminished);
    let bits = chord.pitch_classes().into_iter().fold(0, |bits, class| bits | 1 << class);
    bits | if minor { MINOR } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::example::{plan, score};

    #[test]
    fn a_score_is_heard_second_by_second() {
        let (plan, mut score) = (plan(), score());
        let chord = |root| Chord::Sounding { root, quality: Quality::Major };
        let chords: Vec<Chord> = (0..16).map(|slot| chord(slot as u8 % 12)).collect();
        let music = heard(&plan, &chords, &score);
        assert_eq!(music.len(), 20);
        // A bar lasts 2.5 s: second 3 is in the third half bar, second 4 in the fourth.
        assert_eq!((music.chord[3], music.chord[4]), (tones(chord(2)), tones(chord(3))));
        assert!(music.density.iter().all(|notes| *notes > 0.0));
        let mean = |from: usize, to: usize, music: &MusicSeconds| music.amplitude[from..to].iter().sum::<f32>();
        let even = mean(10, 20, &music) / mean(0, 10, &music);
        score
            .tracks
            .iter_mut()
            .flat_map(|track| &mut track.notes)
            .filter(|note| note.start_ticks >= 4 * 1920)
            .for_each(|note| note.velocity = 110);
        let louder = heard(&plan, &chords, &score);
        assert!(mean(10, 20, &louder) / mean(0, 10, &louder) > 1.8 * even);
    }

    #[test]
    fn an_empty_score_is_silent() {
        let mut score = score();
        score.tracks.clear();
        let music = heard(&plan(), &[], &score);
        assert!(
            music.amplitude.iter().all(|amplitude| *amplitude == 0.0) && music.chord.iter().all(|chord| *chord == 0)
        );
    }
}
