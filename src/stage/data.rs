//! Executors of the family `data`.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Execute, StageContext, affect, vmcp};
use crate::{
    artifact::{Artifact, BarPicture, Kind},
    corpus::{
        Corpus, Loaded, join,
        midi::{self, MidiFolderError, Terms},
        pairs,
        pop909::{self, Pop909Error},
        symmv::{self, SymMvError},
    },
    digest::Digest,
    error::StageError,
    plan::BarPictures,
    video::{
        self, VideoLimits,
        pass::{self, Analysis, Request},
    },
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "data.pop909" => Some(pop909),
        "data.symmv" => Some(symmv),
        "data.midi" => Some(own_midi),
        "data.pairs" => Some(own_pairs),
        "data.join" => Some(joined),
        "data.muvisync" => Some(vmcp::muvisync),
        _ => affect::executor(node),
    }
}

#[derive(Deserialize)]
struct FolderParams {
    folder: Digest,
}

#[derive(Deserialize)]
struct MidiParams {
    name: String,
    licence: String,
    min_bars: usize,
}

fn pop909(context: &mut StageContext) -> Result<(), StageError> {
    let folder = folder(context)?;
    let loaded = pop909::loaded(&folder, |done| context.progress(done, "songs"))?;
    output(context, "pop909", &loaded)
}

fn symmv(context: &mut StageContext) -> Result<(), StageError> {
    let folder = folder(context)?;
    let loaded = symmv::load(&folder, |done| context.progress(done, "songs"))?;
    output(context, "symmv", &loaded)
}

fn own_midi(context: &mut StageContext) -> Result<(), StageError> {
    let MidiParams { name, licence, min_bars } = context.params()?;
    let folder = folder(context)?;
    let loaded = midi::load(&folder, Terms { name, licence }, min_bars, |done| context.progress(done, "files"))?;
    output(context, "midi", &loaded)
}

fn own_pairs(context: &mut StageContext) -> Result<(), StageError> {
    let MidiParams { name, licence, min_bars } = context.params()?;
    let folder = folder(context)?;
    let loaded =
        pairs::load(&folder, Terms { name, licence }, min_bars, &mut look, |done| context.progress(done, "pairs"))?;
    output(context, "pairs", &loaded)
}

/// Share of the music's length that its video must last.
const LEAST_SEEN: f64 = 0.9;

/// What a video shows over spans of seconds, as the features of a scored video would say.
fn look(path: &Path, digest: Digest, spans: &[(f64, f64)]) -> Result<Vec<BarPicture>, String> {
    let request = Request { path, digest, preview_seconds: None, limits: VideoLimits::default() };
    let unreadable = |error: &dyn std::fmt::Display| format!("unreadable video: {error}");
    let Analysis { media, frames, .. } = pass::analyse(&request, &mut |_| {}).map_err(|error| unreadable(&error))?;
    let end = spans.last().map_or(0.0, |(_, end)| *end);
    if media.seconds < LEAST_SEEN * end {
        return Err(format!("the video ends before the music: {:.1} s of {end:.1} s", media.seconds));
    }
    let color = video::color(&frames, media.seconds).map_err(|error| unreadable(&error))?;
    let motion = video::motion(&frames, media.seconds).map_err(|error| unreadable(&error))?;
    let pictures = BarPictures::read(&color, &motion).map_err(|error| unreadable(&error))?;
    Ok(spans.iter().map(|(from, to)| pictures.over(*from, *to)).collect())
}

fn joined(context: &mut StageContext) -> Result<(), StageError> {
    let corpora = context.blobs("corpora").iter().map(|blob| context.read::<Corpus>(blob)).collect::<Result<_, _>>()?;
    output(context, "joined", &join(corpora))
}

fn folder(context: &StageContext) -> Result<PathBuf, StageError> {
    let FolderParams { folder } = context.params()?;
    Ok(context.file(folder)?.to_owned())
}

fn output(context: &mut StageContext, name: &str, loaded: &Loaded) -> Result<(), StageError> {
    context.output("corpus", &loaded.corpus)?;
    context.output_bytes("report", Kind::Report, Some(name), &loaded.report().to_bytes())
}

/// What is not there or not what it should be is the recipe's fault; what fails to be read may not be.
pub(super) fn unreadable(source: &io::Error, message: String) -> StageError {
    match source.kind() {
        ErrorKind::NotFound => StageError::usage(message),
        kind => StageError::new(StageError::from(io::Error::from(kind)).class, message),
    }
}

impl From<Pop909Error> for StageError {
    fn from(error: Pop909Error) -> Self {
        match &error {
            Pop909Error::Unreadable { source, .. } => unreadable(source, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<SymMvError> for StageError {
    fn from(error: SymMvError) -> Self {
        match &error {
            SymMvError::Unreadable { source, .. } => unreadable(source, error.to_string()),
            SymMvError::Line { .. } => Self::usage(error.to_string()),
        }
    }
}

impl From<MidiFolderError> for StageError {
    fn from(error: MidiFolderError) -> Self {
        match &error {
            MidiFolderError::Unreadable { source, .. } => unreadable(source, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::{
        artifact::Report,
        testing::{self, Bench, Outputs},
    };

    fn run(node: &str, folder: &Path) -> Outputs {
        let digest = Digest::of(folder.to_string_lossy().as_bytes());
        Bench::new(node).outside("folder", digest, folder).run().unwrap()
    }

    #[test]
    fn a_video_beside_its_music_shows_every_bar() {
        let folder = TempDir::new().unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo/big-buck-bunny.mp4");
        let music = midi::made(12).write();
        fs::copy(&demo, folder.path().join("a.mp4")).unwrap();
        fs::write(folder.path().join("a.mid"), &music).unwrap();
        fs::write(folder.path().join("alone.mid"), &music).unwrap();
        fs::write(folder.path().join("b.mid"), midi::made(60).write()).unwrap();
        fs::write(folder.path().join("b.mp4"), b"no video").unwrap();
        let outputs = run("data.pairs", folder.path());
        let corpus: Corpus = outputs.get("corpus");
        let [song] = &corpus.songs[..] else { panic!("{:?}", corpus.left_out) };
        assert_eq!((song.id.as_str(), song.picture.len()), ("a", 12));
        // The opening fades in from black; a bar lasts 2.4 s.
        let value = |bar: usize| song.picture[bar].color[14];
        assert!(value(0) < value(2) && value(2) > 0.4, "{} {}", value(0), value(2));
        assert!(song.picture.iter().all(|picture| picture.motion[0] > 0.0 && picture.motion[1] <= 1.0));
        let report: Report = outputs.get("report");
        assert_eq!(report.values["left_out_reasons"], serde_json::json!({"no video": 1, "unreadable video": 1}));
    }

    #[test]
    fn data_sets_come_with_a_report_and_join() {
        let Some(data) = testing::data() else { return };
        let folder = TempDir::new().unwrap();
        for id in ["001", "002"] {
            fs::copy(data.join(format!("pop909/{id}/{id}.mid")), folder.path().join(format!("{id}.mid"))).unwrap();
        }
        let outputs = run("data.midi", folder.path());
        let (corpus, report): (Corpus, Report) = (outputs.get("corpus"), outputs.get("report"));
        assert_eq!((corpus.songs.len() + corpus.left_out.len(), corpus.licence.as_str()), (2, "unknown"));
        assert_eq!(report.values["files"], 2);
        assert!(report.values["fit"]["melody_onsets_in_scale"].as_f64().unwrap() > 0.9, "{:?}", report.values["fit"]);
        let joined = Bench::new("data.join").input("corpora", &corpus).input("corpora", &corpus).run().unwrap();
        assert_eq!(joined.get::<Report>("report").values["songs"], 2 * corpus.songs.len());
    }
}
