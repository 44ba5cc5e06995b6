//! Stems: each track of a score through a synthesizer of its own, dry, with its gain and place in the stereo field.
//!
//! Tracks share no effect, so stems rendered side by side have the same bits as stems rendered one by one.

use std::{
    io::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use rustysynth::{SoundFont, Synthesizer, SynthesizerSettings};

use super::{
    AudioError, BLOCK_FRAMES, Encoding, Fade, Frame, RATE, WavWriter,
    clock::Clock,
    frames_of, gain_of,
    performance::{self, BLOCK, Event, Timed},
};
use crate::artifact::{Score, ScoreTrack};

/// The last notes are damped over this time, as hands leaving the keys do.
const FADE_SECONDS: f64 = 0.4;

const MAX_VOICES: usize = 256;

/// rustysynth drops what is below 0.001 after its master volume. Rendered loud and turned down here, decaying notes end
/// 30 dB further down.
const SYNTH_VOLUME: f32 = 16.0;

/// What the synthesizer's own default volume would give.
const UNITY_VOLUME: f64 = 0.5;

/// Writes one stem a track, in order, into `sinks`; tells `on_done` how many are finished.
pub(crate) fn render_stems<W: Write + Send>(
    score: &Score,
    font: &Arc<SoundFont>,
    sinks: Vec<W>,
    mut on_done: impl FnMut(usize),
) -> Result<(), AudioError> {
    let frames = Some(frames_of(score.end_seconds))
        .filter(|frames| *frames > 0 && score.end_seconds.is_finite())
        .ok_or(AudioError::NoLength { seconds: score.end_seconds })?;
    let clock = Clock::new(&score.tempo_map);
    let waiting = Mutex::new(score.tracks.iter().zip(sinks).rev().collect::<Vec<_>>());
    let done = AtomicUsize::new(0);
    let (sender, finished) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads(score.tracks.len()) {
            let sender = sender.clone();
            let (waiting, done, clock) = (&waiting, &done, &clock);
            scope.spawn(move || {
                while let Some((track, sink)) = { waiting.lock().unwrap_or_else(PoisonError::into_inner).pop() } {
                    let result = render(track, clock, font, frames, sink);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    sender.send(result.map(|()| done)).ok();
                }
            });
        }
        drop(sender);
        finished.into_iter().try_for_each(|result| result.map(&mut on_done))
    })
}

fn threads(tracks: usize) -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(tracks)
}

fn render<W: Write>(
    track: &ScoreTrack,
    clock: &Clock,
    font: &Arc<SoundFont>,
    frames: u64,
    sink: W,
) -> Result<(), AudioError> {
    let mut player = Player::new(track, clock, font)?;
    let mut writer = WavWriter::new(sink, Encoding::Float32, frames)?;
    let fade = Fade::out(frames, FADE_SECONDS);
    let mut block = vec![[0.0; 2]; BLOCK_FRAMES];
    for first in (0..frames).step_by(BLOCK_FRAMES) {
        player.play(&mut block);
        fade.apply(first, &mut block);
        writer.write(&block)?;
    }
    writer.finish()?;
    Ok(())
}

/// A synthesizer with a track's events before it.
struct Player {
    synthesizer: Synthesizer,
    channel: i32,
    gain: f32,
    /// Events in reverse: the next one is at the end.
    events: Vec<Timed>,
    next_block: u64,
}

impl Player {
    fn new(track: &ScoreTrack, clock: &Clock, font: &Arc<SoundFont>) -> Result<Self, AudioError> {
        let mut settings = SynthesizerSettings::new(RATE as i32);
        settings.block_size = BLOCK;
        settings.maximum_polyphony = MAX_VOICES;
        settings.enable_reverb_and_chorus = false;
        let mut synthesizer = Synthesizer::new(font, &settings)?;
        synthesizer.set_master_volume(SYNTH_VOLUME);
        let channel = i32::from(track.channel.min(15));
        let pan = (64.0 + 63.0 * track.pan.clamp(-1.0, 1.0)).round() as i32;
        synthesizer.process_midi_message(channel, 0xC0, i32::from(track.program.min(127)), 0);
        synthesizer.process_midi_message(channel, 0xB0, 0x0A, pan);
        let gain = (gain_of(f64::from(track.gain_db)) * UNITY_VOLUME) as f32 / SYNTH_VOLUME;
        let mut events = performance::events(track, clock);
        events.reverse();
        Ok(Self { synthesizer, channel, gain, events, next_block: 0 })
    }

    /// Fills whole synthesizer blocks.
    fn play(&mut self, frames: &mut [Frame]) {
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        for piece in frames.chunks_mut(BLOCK) {
            self.tell_events();
            self.synthesizer.render(&mut left, &mut right);
            for ((frame, left), right) in piece.iter_mut().zip(left).zip(right) {
                *frame = [left * self.gain, right * self.gain];
            }
        }
    }

    fn tell_events(&mut self) {
        while let Some((_, event)) = self.events.pop_if(|(block, _)| *block <= self.next_block) {
            match event {
                Event::NoteOff { pitch } => self.synthesizer.note_off(self.channel, i32::from(pitch)),
                Event::NoteOn { pitch, velocity } => {
                    self.synthesizer.note_on(self.channel, i32::from(pitch), i32::from(velocity));
                }
                Event::Control { controller, value } => {
                    self.synthesizer.process_midi_message(self.channel, 0xB0, i32::from(controller), i32::from(value));
                }
            }
        }
        self.next_block += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::{Control, ScoreNote},
        audio::testing::{self, energy, note, score, track},
    };

    const CLAVES: u8 = 75;

    /// Renders all tracks into memory.
    fn stems(score: &Score) -> Option<Vec<Vec<Frame>>> {
        let font = testing::soundfont()?;
        let mut files = vec![Vec::new(); score.tracks.len()];
        render_stems(score, &font, files.iter_mut().collect(), |_| {}).unwrap();
        Some(files.iter().map(|file| testing::float_frames(file)).collect())
    }

    fn seconds(frames: &[Frame], from: f64, to: f64) -> &[Frame] {
        &frames[frames_of(from) as usize..frames_of(to) as usize]
    }

    #[test]
    fn sounds_where_notes_are_and_rests_elsewhere() {
        let notes = vec![note(960, 60, 480, 90), note(1920, 67, 480, 90)];
        let Some(stems) = stems(&score(vec![track("organ", 16, notes)], 5.0)) else { return };
        let stem = &stems[0];
        assert_eq!(stem.len(), 240_000);
        assert!(energy(seconds(stem, 0.0, 0.999)) <= 0.0, "before the first note");
        assert!(energy(seconds(stem, 1.05, 1.45)) > 1e-4, "first note");
        assert!(energy(seconds(stem, 1.9, 1.99)) < 1e-6, "between");
        assert!(energy(seconds(stem, 2.05, 2.45)) > 1e-4, "second note");
        assert!(energy(seconds(stem, 3.5, 5.0)) < 1e-9, "after the last note");
    }

    #[test]
    fn onsets_are_on_time() {
        let at: Vec<u32> = (0..20).map(|n| 1 + n * 487).collect();
        let notes: Vec<ScoreNote> = at.iter().map(|ticks| note(*ticks, CLAVES, 200, 110)).collect();
        let mut drums = track("drums", 0, notes);
        drums.channel = 9;
        let score = score(vec![drums], 11.0);
        let Some(stems) = stems(&score) else { return };
        let clock = Clock::new(&score.tempo_map);
        let peak = stems[0].iter().map(|frame| frame[0].abs()).fold(0.0, f32::max);
        for ticks in at {
            let expected = clock.frame(ticks);
            let window = &stems[0][expected.saturating_sub(480) as usize..];
            let start = window.iter().position(|frame| frame[0].abs() > 0.0005 * peak).unwrap() as f64;
            let off_ms = (start - expected.min(480) as f64) / 48.0;
            assert!((-0.4..2.0).contains(&off_ms), "tick {ticks}: {off_ms} ms late");
        }
    }

    #[test]
    fn ends_in_silence_though_the_last_notes_are_long() {
        let Some(stems) = stems(&score(vec![track("strings", 48, vec![note(0, 55, 4000, 120)])], 3.0)) else { return };
        let stem = &stems[0];
        let loudest = stem[stem.len() - 960..].iter().flatten().fold(0.0_f32, |loudest, x| loudest.max(x.abs()));
        assert!(loudest < 0.001, "{loudest}");
        assert!(energy(seconds(stem, 2.0, 2.5)) > 1e-5);
    }

    #[test]
    fn the_pedal_holds_notes_and_its_change_stops_them() {
        let mut piano = track("piano", 0, vec![note(0, 48, 240, 100)]);
        let dry = stems(&score(vec![piano.clone()], 4.0));
        let pedal = |ticks, value| Control { ticks, controller: 64, value };
        piano.controls = vec![pedal(0, 127), pedal(1920, 0), pedal(1920, 127)];
        let (Some(dry), Some(held)) = (dry, stems(&score(vec![piano], 4.0))) else { return };
        assert!(energy(seconds(&held[0], 1.5, 2.0)) > 100.0 * energy(seconds(&dry[0], 1.5, 2.0)));
        assert!(energy(seconds(&held[0], 3.2, 3.6)) < 0.01 * energy(seconds(&held[0], 1.5, 2.0)));
    }

    #[test]
    fn pan_and_gain_are_in_the_stem() {
        let notes = vec![note(0, 40, 960, 100)];
        let (mut left, mut soft) = (track("bass", 33, notes.clone()), track("soft", 33, notes.clone()));
        left.pan = -1.0;
        soft.gain_db = -20.0;
        let Some(stems) = stems(&score(vec![track("plain", 33, notes), left, soft], 2.0)) else { return };
        let side =
            |stem: usize, side: usize| stems[stem].iter().map(|frame| f64::from(frame[side]).powi(2)).sum::<f64>();
        assert!(side(1, 0) > 50.0 * side(1, 1), "panned left");
        let loss_db = 10.0 * ((side(0, 0) + side(0, 1)) / (side(2, 0) + side(2, 1))).log10();
        assert!((loss_db - 20.0).abs() < 0.1, "{loss_db}");
    }

    #[test]
    fn equal_scores_give_equal_bits_whatever_plays_beside() {
        let notes: Vec<ScoreNote> = (0..12).map(|n| note(n * 120, 50 + n as u8, 240, 80)).collect();
        let piano = track("piano", 0, notes.clone());
        let Some(alone) = stems(&score(vec![piano.clone()], 2.0)) else { return };
        let beside =
            stems(&score(vec![track("pad", 89, notes.clone()), piano, track("bass", 33, notes)], 2.0)).unwrap();
        assert_eq!(alone[0], beside[1]);
    }

    #[test]
    fn a_score_without_length_is_refused() {
        let Some(font) = testing::soundfont() else { return };
        for end in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let score = score(vec![], end);
            assert!(matches!(
                render_stems(&score, &font, Vec::<Vec<u8>>::new(), |_| {}),
                Err(AudioError::NoLength { .. })
            ));
        }
    }
}
