//! Executors of the family `source`.

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
    artifact::{Chords, Conditions, CuePlan, Media, Notes, Track, VideoStream},
    audio::speech,
    digest::Digest,
    error::StageError,
    video::{
        VideoLimits,
        pass::{self, Analysis, Request},
    },
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "source.video" => Some(video),
        "source.passage" => Some(passage),
        _ => None,
    }
}

#[derive(Deserialize)]
struct VideoParams {
    file: Digest,
    preview: f64,
    #[serde(flatten)]
    limits: VideoLimits,
}

fn video(context: &mut StageContext) -> Result<(), StageError> {
    let VideoParams { file, preview, limits } = context.params()?;
    let path = context.file(file)?.to_owned();
    let preview_seconds = (preview > 0.0).then_some(preview);
    let request = Request { path: &path, digest: file, preview_seconds, limits };
    let mut progress = |fraction| context.progress(fraction, "decoding");
    let Analysis { media, frames, stills } = pass::analyse(&request, &mut progress)?;
    context.output("media", &media)?;
    context.output("frames", &frames)?;
    context.output("stills", &stills)
}

/// Composed by the models that ship, for the demo clip with tempo 100, key C, valence 0.35, arousal 0.15, seed 5.
const PASSAGE: &str = include_str!("passage.json");

#[derive(Deserialize)]
struct Passage {
    plan: CuePlan,
    conditions: Conditions,
    chords: Chords,
    melody: Notes,
    accompaniment: Notes,
}

fn passage(context: &mut StageContext) -> Result<(), StageError> {
    let passage: Passage = serde_json::from_str(PASSAGE)
        .map_err(|error| StageError::internal(format!("the passage that ships is damaged: {error}")))?;
    context.output("media", &silent_media(passage.plan.end_seconds))?;
    context.output("speech", &no_speech(passage.plan.end_seconds))?;
    context.output("plan", &passage.plan)?;
    context.output("conditions", &passage.conditions)?;
    context.output("chords", &passage.chords)?;
    context.output("melody", &passage.melody)?;
    context.output("accompaniment", &passage.accompaniment)
}

/// A video of twenty-five pictures a second, without sound.
fn silent_media(seconds: f64) -> Media {
    Media {
        digest: Digest::of(PASSAGE.as_bytes()),
        bytes: 0,
        container: "none".to_owned(),
        video: VideoStream {
            index: 0,
            codec: "none".to_owned(),
            width: 1280,
            height: 720,
            rotation_degrees: 0,
            frame_rate: (25, 1),
            first_picture_seconds: 0.0,
            frames: (seconds * 25.0) as u64,
        },
        audio: None,
        seconds,
        preview_seconds: None,
    }
}

fn no_speech(seconds: f64) -> Track {
    let rows = vec![vec![0.0, SILENT_DB]; (seconds * speech::ROWS_PER_SECOND) as usize];
    Track { channels: ["speech", "level"].map(str::to_owned).to_vec(), rows_per_second: speech::ROWS_PER_SECOND, rows }
}

const SILENT_DB: f32 = -90.0;
