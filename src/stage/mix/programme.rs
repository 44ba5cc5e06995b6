//! The programme: original sound and music, ducked under speech, at one loudness.

use std::{fs::File, io};

use super::{BedParams, OriginalSound};
use crate::{
    artifact::{Kind, Track},
    audio::{self, AudioError, Blend, Encoding, Gate, Levels, Spool, WavWriter},
    error::StageError,
    stage::StageContext,
};

/// What sounds together.
pub(super) struct Parts {
    pub(super) music: Spool,
    pub(super) original: Spool,
    pub(super) original_lufs: f64,
}

/// What came of it. Curves are momentary loudness as in the programme, before its limiter.
pub(super) struct Together {
    pub(super) levels: Levels,
    pub(super) original_lufs: f64,
    pub(super) original_curve: Vec<f64>,
    pub(super) music_curve: Vec<f64>,
    pub(super) ducked: Option<Ducked>,
}

/// The music under speech.
pub(super) struct Ducked {
    /// The music's loudness, had nobody spoken.
    pub(super) unducked_curve: Vec<f64>,
    /// Seconds from and to.
    pub(super) spans: Vec<(f64, f64)>,
}

impl Parts {
    /// Writes the programme into `file`, and puts the ducked music out where there is such.
    pub(super) fn join(
        mut self,
        context: &mut StageContext,
        params: &BedParams,
        file: &File,
    ) -> Result<Together, StageError> {
        let speech: Track = context.input("speech")?;
        let mut lowered = self.duck(context, params, &speech)?;
        let music_lufs = Blend::new(self.music.frames()).with(&mut self.music, 0.0).measure()?.integrated_lufs;
        let music_db = music_lufs.map_or(0.0, |lufs| self.original_lufs + params.music_gain_db() - lufs);
        context.progress(0.8, "loudness of the programme");
        let heard = lowered.as_mut().unwrap_or(&mut self.music);
        let blend = Blend::new(heard.frames()).with(&mut self.original, 0.0).with(heard, music_db);
        let mastered = audio::master(blend, params.target(), file)?;
        let music_curve = curve(heard, mastered.gain_db + music_db)?;
        let ducked = match &mut lowered {
            Some(lowered) => {
                write(context, lowered, mastered.gain_db + music_db)?;
                let unducked_curve = curve(&mut self.music, mastered.gain_db + music_db)?;
                Some(Ducked { unducked_curve, spans: spans(&speech) })
            }
            None => None,
        };
        let original_curve = curve(&mut self.original, mastered.gain_db)?;
        Ok(Together { levels: mastered.levels, original_lufs: self.original_lufs, original_curve, music_curve, ducked })
    }

    /// None where nobody asked for it or nobody speaks.
    fn duck(
        &mut self,
        context: &StageContext,
        params: &BedParams,
        speech: &Track,
    ) -> Result<Option<Spool>, StageError> {
        let gate = Gate::read(speech).ok_or_else(|| {
            StageError::usage(format!(
                "mix.bed: its speech track has the channels {}, not speech and level; join it to feature.speech",
                speech.channels.join(", ")
            ))
        })?;
        if params.original_sound != OriginalSound::Duck || gate.is_shut() {
            return Ok(None);
        }
        let mut lowered = Spool::new(context.temp_file()?.into_file());
        audio::duck(&mut self.music, &mut self.original, &gate, params.ducking(), &mut lowered)?;
        Ok(Some(lowered))
    }
}

/// Momentary loudness at a gain.
fn curve(spool: &mut Spool, gain_db: f64) -> Result<Vec<f64>, AudioError> {
    let loudness = audio::momentary(spool)?;
    Ok(loudness.into_iter().map(|lufs| (lufs + gain_db).max(audio::SILENCE_LUFS)).collect())
}

/// The ducked music as it lies in the programme, for who mixes on.
fn write(context: &mut StageContext, lowered: &mut Spool, gain_db: f64) -> Result<(), StageError> {
    let file = context.temp_file()?;
    let frames = lowered.frames();
    let mut writer = WavWriter::new(file.as_file(), Encoding::Pcm24, frames)?;
    Blend::new(frames).with(lowered, gain_db).for_each_block(0, |block| Ok(writer.write(block)?))?;
    writer.finish().map_err(|source: io::Error| AudioError::from(source))?;
    context.output_file("ducked", Kind::Audio, None, file)
}

fn spans(speech: &Track) -> Vec<(f64, f64)> {
    let spoken: Vec<bool> = speech.channel("speech").unwrap_or_default().iter().map(|row| *row > 0.5).collect();
    let seconds = |row: usize| row as f64 / speech.rows_per_second.max(1e-3);
    let mut spans = Vec::new();
    let mut start = 0;
    for run in spoken.chunk_by(|a, b| a == b) {
        if run[0] {
            spans.push((seconds(start), seconds(start + run.len())));
        }
        start += run.len();
    }
    spans
}
