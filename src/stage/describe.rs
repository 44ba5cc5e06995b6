//! `cuesmith-worker --describe`: the libraries that only the worker is linked to, for `cuesmith doctor`.

use std::{io, process::ExitCode};

use ffmpeg_next::{codec, decoder, encoder, format};

use crate::run::Finding;

/// Prints the findings as one JSON array.
pub(super) fn main() -> ExitCode {
    match serde_json::to_writer(io::stdout(), &findings()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Looks at libtorch, its devices, and libav with the codecs that results need.
fn findings() -> Vec<Finding> {
    let mut findings = vec![libtorch(), cuda(), libav()];
    findings.extend(["h264", "hevc", "vp9", "mpeg2video"].map(decoding));
    findings.push(encoding("aac", "needed for mp4, mov and mkv"));
    findings.push(webm_sound());
    findings
}

fn libtorch() -> Finding {
    Finding::found("libtorch", format!("{}, {} threads", env!("CUESMITH_LIBTORCH_VERSION"), tch::get_num_threads()))
}

fn cuda() -> Finding {
    match tch::Cuda::device_count() {
        0 => Finding::absent("CUDA device", "none: stages run on the CPU"),
        count => Finding::found("CUDA device", format!("{count}")),
    }
}

fn libav() -> Finding {
    let number = format::version();
    let version = format!("{}.{}.{}", number >> 16, number >> 8 & 0xff, number & 0xff);
    match ffmpeg_next::init() {
        Ok(()) => Finding::found("libavformat", version),
        Err(error) => Finding::missing("libavformat", format!("{version} does not start: {error}")),
    }
}

fn decoding(name: &str) -> Finding {
    let what = format!("decoder {name}");
    match decoder::find_by_name(name) {
        Some(found) => Finding::found(&what, found.description()),
        None => Finding::absent(&what, "videos of this codec can't be read: install a full build of FFmpeg"),
    }
}

fn encoding(name: &str, why: &str) -> Finding {
    let what = format!("encoder {name}");
    match encoder::find_by_name(name) {
        Some(found) => Finding::found(&what, found.description()),
        None => Finding::missing(&what, format!("{why}: install a full build of FFmpeg")),
    }
}

fn webm_sound() -> Finding {
    match encoder::find_by_name("libopus").or_else(|| encoder::find(codec::Id::OPUS)) {
        Some(found) => Finding::found("encoder opus", found.description()),
        None => Finding::absent("encoder opus", "WebM results can't be written: install a full build of FFmpeg"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::State;

    #[test]
    fn this_machine_can_run_the_standard_graph() {
        let missing: Vec<_> = findings().into_iter().filter(|finding| finding.state == State::Missing).collect();
        assert_eq!(missing, []);
    }
}
