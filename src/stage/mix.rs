//! Executors of the family `mix`.

mod programme;
mod report;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use serde::Deserialize;

use self::{programme::Parts, report::Mix};
use super::{Execute, StageContext};
use crate::{
    artifact::{Kind, Media, Score},
    audio::{self, Blend, Ducking, Fade, Preset, RATE, Spool, Stem, Target, original},
    error::{FailureClass, StageError},
    plan::AutoFloat,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "mix.bed" => Some(bed),
        _ => None,
    }
}

/// Original sound below this is the noise of a silent track: bringing it up would only bring up noise.
const SILENT_ORIGINAL_LUFS: f64 = -60.0;

#[derive(Deserialize)]
struct BedParams {
    true_peak: f64,
    loudness: f64,
    original_sound: OriginalSound,
    mix: Preset,
    music_gain: AutoFloat,
    duck: AutoFloat,
    carve: AutoFloat,
    room: f32,
    fade_in: f64,
    fade_out: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OriginalSound {
    Keep,
    Duck,
    Drop,
}

impl BedParams {
    fn target(&self) -> Target {
        Target { loudness_lufs: self.loudness, true_peak_dbtp: self.true_peak }
    }

    fn music_gain_db(&self) -> f64 {
        or(self.music_gain, self.mix.levels().music_gain_db)
    }

    fn ducking(&self) -> Ducking {
        let levels = self.mix.levels();
        Ducking {
            depth_db: or(self.duck, levels.duck_db),
            carve_db: or(self.carve, levels.carve_db),
            recovery_seconds: levels.recovery_seconds,
        }
    }
}

fn or(knob: AutoFloat, preset: f64) -> f64 {
    f64::from(knob.or(preset as f32))
}

fn bed(context: &mut StageContext) -> Result<(), StageError> {
    let media: Media = context.input("media")?;
    let params: BedParams = context.params()?;
    let target = params.target();
    let mut warnings = Vec::new();

    let mut music = music(context, &media, &params)?;
    let music_file = context.temp_file()?;
    context.progress(0.4, "loudness of the music");
    let alone = audio::master(Blend::new(music.frames()).with(&mut music, 0.0), target, music_file.as_file())?.levels;
    warnings.extend(audio::shortfall("the music", &alone, target));

    context.progress(0.6, "original sound");
    let original = match params.original_sound {
        OriginalSound::Drop => None,
        OriginalSound::Keep | OriginalSound::Duck => original_sound(context, &media, &mut warnings)?,
    };
    let programme_file = context.temp_file()?;
    let together = if let Some((original, original_lufs)) = original {
        let together = Parts { music, original, original_lufs }.join(context, &params, programme_file.as_file())?;
        warnings.extend(audio::shortfall("the programme", &together.levels, target));
        Some(together)
    } else {
        fs::copy(music_file.path(), programme_file.path())?;
        None
    };
    context.output_file("music", Kind::Audio, None, music_file)?;
    context.output_file("programme", Kind::Audio, None, programme_file)?;
    context.output("report", &Mix { alone, together, warnings }.report())
}

/// The dry stems in their room, as long as the picture.
fn music(context: &mut StageContext, media: &Media, params: &BedParams) -> Result<Spool, StageError> {
    let score: Score = context.input("score")?;
    let blobs = context.blobs("stems");
    if blobs.len() != score.tracks.len() {
        let (stems, tracks) = (blobs.len(), score.tracks.len());
        return Err(StageError::internal(format!("mixing: {stems} stems came for {tracks} tracks of the score")));
    }
    let stem = |(blob, room): (_, f32)| Ok(Stem { path: context.blob_file(blob)?, room });
    let rooms = score.tracks.iter().map(|track| track.room * params.room);
    let stems = blobs.iter().zip(rooms).map(stem).collect::<Result<Vec<_>, StageError>>()?;
    let mut spool = Spool::new(context.temp_file()?.into_file());
    let frames = audio::frames_of(media.scored_seconds());
    let fade = Fade::out(frames, params.fade_out).rising(frames, params.fade_in);
    audio::sum_stems(&stems, frames, fade, &mut spool, |done| context.progress(0.4 * done, "mixing"))?;
    Ok(spool)
}

/// The video's own sound and its loudness; none where there is none to hear.
fn original_sound(
    context: &StageContext,
    media: &Media,
    warnings: &mut Vec<String>,
) -> Result<Option<(Spool, f64)>, StageError> {
    if media.audio.is_none() {
        return Ok(None);
    }
    let mut spool = Spool::new(context.temp_file()?.into_file());
    warnings.extend(decode(context.file(media.digest)?, media, &mut spool)?);
    let levels = Blend::new(spool.frames()).with(&mut spool, 0.0).measure()?;
    let audible = levels.integrated_lufs.filter(|lufs| *lufs >= SILENT_ORIGINAL_LUFS);
    Ok(audible.map(|lufs| (spool, lufs)))
}

fn decode(path: &Path, media: &Media, spool: &mut Spool) -> Result<Vec<String>, StageError> {
    let mut keep = |piece: &[audio::Frame]| spool.write(piece);
    Ok(original::decode_into(path, media, RATE, &mut keep)?)
}

impl From<original::OriginalError> for StageError {
    fn from(error: original::OriginalError) -> Self {
        match error {
            original::OriginalError::Sink(source) => source.into(),
            error => Self::new(FailureClass::Media, error.to_string()),
        }
    }
}
