//! Executors of the family `render`.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Execute, StageContext};
use crate::{
    arrange,
    artifact::{Kind, Score},
    audio::{self, SoundFontCache},
    digest::Digest,
    error::StageError,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "render.midi" => Some(render_midi),
        "render.audio" => Some(render_audio),
        _ => None,
    }
}

fn render_midi(context: &mut StageContext) -> Result<(), StageError> {
    let score: Score = context.input("score")?;
    context.output_bytes("midi", Kind::Midi, None, &arrange::to_midi(&score))
}

/// Loading takes longer than rendering a short piece: a worker keeps its SoundFont.
static SOUNDFONT: SoundFontCache = SoundFontCache::new();

#[derive(Deserialize)]
struct AudioParams {
    soundfont: Digest,
}

fn render_audio(context: &mut StageContext) -> Result<(), StageError> {
    let score: Score = context.input("score")?;
    let AudioParams { soundfont } = context.params()?;
    let font = SOUNDFONT.get(soundfont, context.file(soundfont)?)?;
    let files = score.tracks.iter().map(|_| context.temp_file()).collect::<Result<Vec<_>, _>>()?;
    let sinks = files.iter().map(tempfile::NamedTempFile::as_file).collect();
    audio::render_stems(&score, &font, sinks, |done| {
        context.progress(done as f32 / score.tracks.len() as f32, "stems");
    })?;
    for (file, name) in files.into_iter().zip(stem_names(&score)) {
        context.output_file("stems", Kind::Audio, Some(&name), file)?;
    }
    Ok(())
}

/// Track names as file names: letters, digits, `-` and `_`, no two alike.
fn stem_names(score: &Score) -> Vec<String> {
    let mut taken = HashSet::new();
    score.tracks.iter().map(|track| free_name(&plain_name(&track.name), &mut taken)).collect()
}

fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = name.chars().take(48).flat_map(char::to_lowercase).map(plain).collect();
    if name.is_empty() { "track".to_owned() } else { name }
}

fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.expect("numbers do not run out");
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_get_safe_names_of_their_own() {
        let mut taken = HashSet::new();
        let names: Vec<String> = ["Piano", "../../etc/x", "piano", "", "Flöte 1"]
            .iter()
            .map(|name| free_name(&plain_name(name), &mut taken))
            .collect();
        assert_eq!(names, ["piano", "------etc-x", "piano-2", "track", "flöte-1"]);
    }
}
