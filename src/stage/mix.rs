//! Executors of the family `mix`.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Execute, StageContext};
use crate::{
    artifact::{Kind, Media, Report, Score},
    audio::{self, Blend, Levels, RATE, SILENCE_LUFS, Spool, Stem, Target, original},
    error::{FailureClass, StageError},
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
    music_gain: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OriginalSound {
    Keep,
    Drop,
}

fn bed(context: &mut StageContext) -> Result<(), StageError> {
    let media: Media = context.input("media")?;
    let params: BedParams = context.params()?;
    let target = Target { loudness_lufs: params.loudness, true_peak_dbtp: params.true_peak };
    let mut warnings = Vec::new();

    let mut music = music(context, &media)?;
    let music_file = context.temp_file()?;
    context.progress(0.4, "loudness of the music");
    let music_levels = audio::master(Blend::new(music.frames()).with(&mut music, 0.0), target, music_file.as_file())?;
    warnings.extend(audio::shortfall("the music", &music_levels, target));

    context.progress(0.6, "original sound");
    let original = match params.original_sound {
        OriginalSound::Keep => original_sound(context, &media, &mut warnings)?,
        OriginalSound::Drop => None,
    };
    let original_lufs = original.as_ref().map(|(_, lufs)| *lufs);
    let programme_file = context.temp_file()?;
    let programme_levels = match original {
        Some((mut original, original_lufs)) => {
            let music_lufs = Blend::new(music.frames()).with(&mut music, 0.0).measure()?.integrated_lufs;
            let music_db = music_lufs.map_or(0.0, |music_lufs| original_lufs + params.music_gain - music_lufs);
            let blend = Blend::new(music.frames()).with(&mut original, 0.0).with(&mut music, music_db);
            context.progress(0.8, "loudness of the programme");
            let levels = audio::master(blend, target, programme_file.as_file())?;
            warnings.extend(audio::shortfall("the programme", &levels, target));
            levels
        }
        None => {
            fs::copy(music_file.path(), programme_file.path())?;
            music_levels.clone()
        }
    };
    context.output_file("music", Kind::Audio, None, music_file)?;
    context.output_file("programme", Kind::Audio, None, programme_file)?;
    context.output("report", &report(&music_levels, &programme_levels, original_lufs, &warnings))
}

/// The dry stems in their room, as long as the picture.
fn music(context: &mut StageContext, media: &Media) -> Result<Spool, StageError> {
    let score: Score = context.input("score")?;
    let blobs = context.blobs("stems");
    if blobs.len() != score.tracks.len() {
        let (stems, tracks) = (blobs.len(), score.tracks.len());
        return Err(StageError::internal(format!("mixing: {stems} stems came for {tracks} tracks of the score")));
    }
    let stem = |(blob, room): (_, f32)| Ok(Stem { path: context.blob_file(blob)?, room });
    let rooms = score.tracks.iter().map(|track| track.room);
    let stems = blobs.iter().zip(rooms).map(stem).collect::<Result<Vec<_>, StageError>>()?;
    let mut spool = Spool::new(context.temp_file()?.into_file());
    let frames = audio::frames_of(media.scored_seconds());
    audio::sum_stems(&stems, frames, &mut spool, |done| context.progress(0.4 * done, "mixing"))?;
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
    original::decode_into(path, media, RATE, &mut keep).map_err(|error| match error {
        original::OriginalError::Sink(source) => source.into(),
        error => StageError::new(FailureClass::Media, error.to_string()),
    })
}

fn report(music: &Levels, programme: &Levels, original_lufs: Option<f64>, warnings: &[String]) -> Report {
    let lufs = |levels: &Levels| levels.integrated_lufs.unwrap_or(SILENCE_LUFS);
    let values = [
        ("music_lufs", json!(hundredths(lufs(music)))),
        ("music_true_peak_dbtp", json!(hundredths(music.true_peak_dbtp))),
        ("music_loudness_curve", curve(music)),
        ("programme_lufs", json!(hundredths(lufs(programme)))),
        ("programme_true_peak_dbtp", json!(hundredths(programme.true_peak_dbtp))),
        ("programme_loudness_curve", curve(programme)),
        ("original_lufs", json!(original_lufs.map(hundredths))),
        ("warnings", json!(warnings)),
    ];
    let kept = original_lufs.map_or("without original sound".to_owned(), |lufs| {
        format!("with the original sound, which was at {lufs:.1} LUFS")
    });
    let summary = format!(
        "programme at {:.1} LUFS, true peak {:.1} dBTP, {kept}; knobs: loudness, original_sound, music_gain",
        lufs(programme),
        programme.true_peak_dbtp,
    );
    let values: BTreeMap<String, Value> = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Report { passed: None, summary, values }
}

fn curve(levels: &Levels) -> Value {
    levels.curve_lufs.iter().copied().map(hundredths).collect()
}

/// As fine as a meter shows; towards positive infinity never rounds a peak down below what it is.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).ceil() / 100.0
}
