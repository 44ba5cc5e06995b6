//! Executors of the family `source`.

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
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
