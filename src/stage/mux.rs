//! Executors of the family `mux`.

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
    artifact::{Kind, Media},
    error::StageError,
    mux::{self, Request},
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "mux.video" => Some(video),
        _ => None,
    }
}

#[derive(Deserialize)]
struct VideoParams {
    bit_rate: usize,
}

fn video(context: &mut StageContext) -> Result<(), StageError> {
    let media: Media = context.input("media")?;
    let VideoParams { bit_rate } = context.params()?;
    let programme = context.input_file("programme")?;
    let video = context.file(media.digest)?.to_owned();
    let file = context.temp_file()?;
    let request = Request { video: &video, media: &media, programme: &programme, bit_rate, output: file.path() };
    let muxed = mux::mux(&request, |done| context.progress(done, "muxing"))?;
    for warning in &muxed.warnings {
        context.progress(1.0, warning);
    }
    context.output_file("video", Kind::Video, Some(muxed.container.ending()), file)
}
