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
    let programme_levels = if let Some((mut original, original_lufs)) = original {
        let music_lufs = Blend::new(music.frames()).with(&mut music, 0.0).measure()?.integrated_lufs;
        let music_db = music_lufs.map_or(0.0, |music_lufs| original_lufs + params.music_gain - music_lufs);
        let blend = Blend::new(music.frames()).with(&mut original, 0.0).with(&mut music, music_db);
        context.progress(0.8, "loudness of the programme");
        let levels = audio::master(blend, target, programme_file.as_file())?;
        warnings.extend(audio::shortfall("the programme", &levels, target));
        levels
    } else {
        fs::copy(music_file.path(), programme_file.path())?;
        music_levels.clone()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::{Artifact, ArtifactError, AudioStream, Role, ScoreTrack, TempoMark, VideoStream},
        audio::{Encoding, WavWriter},
        digest::Digest,
        music::{Key, Mode},
        testing::{Bench, Outputs},
    };

    /// A sound as it lies in the store.
    struct Sound(Vec<u8>);

    impl Artifact for Sound {
        const KIND: Kind = Kind::Audio;

        fn to_bytes(&self) -> Vec<u8> {
            self.0.clone()
        }

        fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
            Ok(Self(bytes.to_vec()))
        }
    }

    fn stem(amplitude: f32, seconds: f64) -> Sound {
        let frames = audio::frames_of(seconds);
        let mut bytes = Vec::new();
        let mut writer = WavWriter::new(&mut bytes, Encoding::Float32, frames).unwrap();
        let tone: Vec<audio::Frame> = (0..frames).map(|n| [amplitude * (n as f32 * 0.05).sin(); 2]).collect();
        writer.write(&tone).unwrap();
        writer.finish().unwrap();
        Sound(bytes)
    }

    fn media(seconds: f64, audio: Option<AudioStream>) -> Media {
        let video = VideoStream {
            index: 0,
            codec: "h264".to_owned(),
            width: 16,
            height: 16,
            rotation_degrees: 0,
            frame_rate: (25, 1),
            first_picture_seconds: 0.0,
            frames: 25,
        };
        let container = "mov,mp4,m4a,3gp,3g2,mj2".to_owned();
        Media { digest: Digest::of(b"clip"), bytes: 4, container, video, audio, seconds, preview_seconds: None }
    }

    fn score(seconds: f64) -> Score {
        let track = ScoreTrack {
            name: "piano".to_owned(),
            role: Role::Melody,
            channel: 0,
            program: 0,
            gain_db: 0.0,
            pan: 0.0,
            room: 0.3,
            notes: vec![],
            controls: vec![],
        };
        Score {
            key: Key { tonic: 0, mode: Mode::Major },
            tempo_map: vec![TempoMark { time: 0.0, bpm: 120.0 }],
            bar_beats: vec![4],
            tracks: vec![track],
            markers: vec![],
            end_seconds: seconds,
            end_ticks: 960,
        }
    }

    fn mixed(media: &Media, stem: &Sound) -> Outputs {
        let score = score(media.seconds);
        Bench::new("mix.bed").input("media", media).input("score", &score).input("stems", stem).run().unwrap()
    }

    #[test]
    fn music_is_as_long_and_loud_as_asked_and_is_the_programme_of_a_mute_video() {
        let outputs = mixed(&media(2.015, None), &stem(0.02, 2.015));
        let report: Report = outputs.get("report");
        let value = |name: &str| report.values[name].as_f64().unwrap();
        assert!((value("music_lufs") + 16.0).abs() < 1.0, "{report:?}");
        assert!(value("music_true_peak_dbtp") <= -1.0, "{report:?}");
        assert!(report.values["original_lufs"].is_null());
        assert_eq!(report.values["music_loudness_curve"].as_array().unwrap().len(), 2);
        assert_eq!(outputs.blobs("music")[0].digest, outputs.blobs("programme")[0].digest);
        let music: Sound = outputs.get("music");
        assert_eq!(music.0.len(), 44 + 6 * 96_720);
        assert!(music.0[music.0.len() - 6 * 960..].iter().all(|byte| *byte == 0), "the last 20 ms are silent");
    }

    #[test]
    fn silent_music_stays_silent_and_says_so() {
        let report: Report = mixed(&media(1.0, None), &stem(0.0, 1.0)).get("report");
        assert_eq!(report.values["warnings"], json!(["the music is silent"]));
        assert_eq!(report.values["music_lufs"], json!(-70.0));
    }

    fn scored(clip: &str) -> Option<(Report, bool)> {
        let path = crate::testing::data()?.join("videos").join(clip);
        let outputs = Bench::new("source.video").file("file", &path).param("preview", 4.0).run().unwrap();
        let media: Media = outputs.get("media");
        let (score, stem) = (score(4.0), stem(0.1, 4.0));
        let bench = Bench::new("mix.bed").file("clip", &path).input("media", &media);
        let outputs = bench.input("score", &score).input("stems", &stem).run().unwrap();
        let alike = outputs.blobs("music")[0].digest == outputs.blobs("programme")[0].digest;
        Some((outputs.get("report"), alike))
    }

    #[test]
    fn a_silent_track_is_not_brought_up_and_a_quiet_one_is() {
        let (Some(silent), Some(quiet)) = (scored("car_park.mp4"), scored("film_dialogue.mp4")) else { return };
        assert!(silent.1 && silent.0.values["original_lufs"].is_null());
        let value = |name: &str| quiet.0.values[name].as_f64().unwrap();
        assert!(!quiet.1 && value("original_lufs") < -20.0);
        assert!((value("programme_lufs") + 16.0).abs() < 1.0, "{:?}", quiet.0.values);
        assert!(value("programme_true_peak_dbtp") <= -1.0, "{:?}", quiet.0.values);
    }
}
