//! Which blobs people get, and under which names.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::PathBuf,
};

use crate::{
    artifact::BlobRef,
    node,
    run::{InputOutcome, StageOutcome},
};

/// A blob and where it goes, relative to the folder of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExportFile {
    pub(crate) path: PathBuf,
    pub(crate) blob: BlobRef,
}

/// All outputs with an export name, in the plan's order. What another stage exports under the same names (a second
/// style's stems) and a name that is taken move into a folder of their stage.
pub(crate) fn files(outcome: &InputOutcome, clip: &OsStr) -> Vec<ExportFile> {
    let mut taken = BTreeSet::new();
    let owners = owners(outcome);
    let mut files = Vec::new();
    for stage in &outcome.stages {
        for (template, blob) in exported(stage) {
            let mut path = PathBuf::from(fill(template, clip, blob.name.as_deref().unwrap_or_default()));
            if owners[template] != stage.name || taken.contains(&path) {
                path = PathBuf::from(&stage.name).join(path);
            }
            taken.insert(path.clone());
            files.push(ExportFile { path, blob: blob.clone() });
        }
    }
    files
}

/// Stages of the standard graph: where they are, they keep the plain names, so that a report and what lies beside it
/// belong together.
const STANDARD: [&str; 6] = ["video", "bed", "stems", "midi", "roll", "page"];

/// Which stage's files have the plain names, by template.
fn owners(outcome: &InputOutcome) -> BTreeMap<&'static str, &str> {
    let mut owners = BTreeMap::new();
    for stage in &outcome.stages {
        for (template, _) in exported(stage) {
            let owner = owners.entry(template).or_insert(stage.name.as_str());
            if STANDARD.contains(&stage.name.as_str()) {
                *owner = &stage.name;
            }
        }
    }
    owners
}

fn exported(stage: &StageOutcome) -> impl Iterator<Item = (&'static str, &BlobRef)> {
    let ports = node::find(stage.node).map_or(&[][..], |spec| spec.outputs);
    ports.iter().filter_map(|port| Some((port.export?, stage.outputs.get(port.name)?))).flat_map(|(template, blobs)| {
        let named = move |blob| (template, blob);
        blobs.iter().map(named)
    })
}

/// Works on bytes: the clip's name need not be UTF-8.
fn fill(template: &str, clip: &OsStr, name: &str) -> OsString {
    let mut filled = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        filled.extend_from_slice(&rest.as_bytes()[..start]);
        let end = start + rest[start..].find('}').expect("templates close what they open");
        match &rest[start..=end] {
            "{clip}" => filled.extend_from_slice(clip.as_bytes()),
            "{name}" => filled.extend_from_slice(plain(name).as_bytes()),
            other => unreachable!("templates know {{clip}} and {{name}}, not {other}"),
        }
        rest = &rest[end + 1..];
    }
    filled.extend_from_slice(rest.as_bytes());
    OsString::from_vec(filled)
}

/// A blob's name is text from a score or a weight file; as part of a path it must stay in its folder.
fn plain(name: &str) -> String {
    name.replace(['/', '\0'], "_")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        artifact::Kind,
        digest::Digest,
        run::{Attempts, Status},
    };

    fn stage(name: &str, node: &'static str, outputs: &[(&str, &[&str])]) -> StageOutcome {
        let blob = |text: &&str| BlobRef {
            kind: Kind::Audio,
            digest: Digest::of(text.as_bytes()),
            name: Some((*text).to_owned()),
            bytes: 1,
        };
        let outputs = outputs.iter().map(|(port, names)| ((*port).to_owned(), names.iter().map(blob).collect()));
        StageOutcome {
            name: name.to_owned(),
            node,
            key: None,
            status: Status::Miss,
            seconds: 0.0,
            outputs: outputs.collect::<BTreeMap<_, _>>(),
            error: None,
        }
    }

    fn paths(stages: Vec<StageOutcome>, clip: &OsStr) -> Vec<PathBuf> {
        let outcome =
            InputOutcome { stages, seconds: 0.0, interrupted: false, files: Vec::new(), attempts: Attempts::default() };
        files(&outcome, clip).into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn names_come_from_templates() {
        let stages = vec![
            stage("source", "source.video", &[("media", &["x"])]),
            stage("stems", "render.audio", &[("stems", &["piano", "bass/low", ".."])]),
            stage("mux", "mux.video", &[("video", &["mkv"])]),
        ];
        let expected = ["stems/piano.wav", "stems/bass_low.wav", "stems/...wav", "my clip's.mkv"];
        assert_eq!(paths(stages, OsStr::new("my clip's")), expected.map(PathBuf::from));
    }

    #[test]
    fn a_clip_whose_name_is_not_utf8_keeps_its_bytes() {
        let clip = OsStr::from_bytes(b"caf\xe9");
        let found = paths(vec![stage("mux", "mux.video", &[("video", &["mp4"])])], clip);
        assert_eq!(found[0].as_os_str().as_bytes(), b"caf\xe9.mp4");
    }

    #[test]
    fn a_second_mix_does_not_overwrite_the_first() {
        let mix = |name| stage(name, "mix.bed", &[("music", &["m"])]);
        assert_eq!(
            paths(vec![mix("mix"), mix("loud")], OsStr::new("clip")),
            ["music.wav", "loud/music.wav"].map(PathBuf::from)
        );
    }
}
