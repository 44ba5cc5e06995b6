//! Pairs of picture and music as they pass between stages: one line of JSON, then columns of f32.

use serde::{Deserialize, Serialize};

use super::{MusicSeconds, PictureSeconds};
use crate::artifact::{Artifact, ArtifactError, Kind};

/// Videos with their music, second by second.
#[expect(clippy::struct_field_names, reason = "clips is what they are")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clips {
    pub(crate) name: String,
    /// Under which terms the data may be used; cards repeat it.
    pub(crate) terms: String,
    pub(crate) clips: Vec<Clip>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clip {
    pub(crate) id: String,
    /// Clips of one artist are alike beyond what this is about.
    pub(crate) artist: String,
    pub(crate) role: ClipRole,
    pub(crate) picture: PictureSeconds,
    pub(crate) music: MusicSeconds,
}

/// What a clip may be used for. What picks among candidates and what scores experiments never learn from the same clips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClipRole {
    /// Training clips for what composes and picks.
    Choosing,
    /// Training clips for what scores.
    Scoring,
    Validation,
    Test,
}

#[derive(Serialize, Deserialize)]
struct Header {
    name: String,
    terms: String,
    /// Columns of `semantic`.
    semantic: usize,
    clips: Vec<HeaderClip>,
}

#[derive(Serialize, Deserialize)]
struct HeaderClip {
    id: String,
    artist: String,
    role: ClipRole,
    minor: bool,
    seconds: usize,
}

/// Columns beside those of `semantic`.
const COLUMNS: usize = 7;

impl Artifact for Clips {
    const KIND: Kind = Kind::Clips;

    fn to_bytes(&self) -> Vec<u8> {
        let clip = |clip: &Clip| HeaderClip {
            id: clip.id.clone(),
            artist: clip.artist.clone(),
            role: clip.role,
            minor: clip.music.minor,
            seconds: clip.picture.len(),
        };
        let header = Header {
            name: self.name.clone(),
            terms: self.terms.clone(),
            semantic: self.clips.first().map_or(0, |clip| clip.picture.semantic.len()),
            clips: self.clips.iter().map(clip).collect(),
        };
        let mut bytes = serde_json::to_vec(&header).expect("a header is plain JSON");
        bytes.push(b'\n');
        for Clip { picture, music, .. } in &self.clips {
            let chord: Vec<f32> = music.chord.iter().map(|chord| f32::from(*chord)).collect();
            let columns: [&[f32]; COLUMNS] = [
                &picture.valence,
                &picture.arousal,
                &picture.motion,
                &picture.cuts,
                &music.amplitude,
                &music.density,
                &chord,
            ];
            for column in columns.into_iter().chain(picture.semantic.iter().map(Vec::as_slice)) {
                bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
            }
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let malformed = |reason: String| ArtifactError::Malformed { kind: Kind::Clips, reason };
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| malformed("they have no header".to_owned()))?;
        let header: Header = serde_json::from_slice(&bytes[..end]).map_err(|error| malformed(error.to_string()))?;
        let values = &bytes[end + 1..];
        let rows: usize = header.clips.iter().map(|clip| clip.seconds).sum();
        if values.len() != 4 * rows * (COLUMNS + header.semantic) {
            return Err(malformed(format!("{} bytes are not {rows} seconds", values.len())));
        }
        let mut values = values.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        let clips = header.clips.into_iter().map(|clip| {
            let mut column = || values.by_ref().take(clip.seconds).collect::<Vec<f32>>();
            let mut picture = PictureSeconds {
                valence: column(),
                arousal: column(),
                motion: column(),
                cuts: column(),
                semantic: vec![],
            };
            let (amplitude, density, chord) = (column(), column(), column());
            let chord = chord.into_iter().map(|chord| chord as u16).collect();
            picture.semantic = (0..header.semantic).map(|_| column()).collect();
            let music = MusicSeconds { amplitude, density, chord, minor: clip.minor };
            Clip { id: clip.id, artist: clip.artist, role: clip.role, picture, music }
        });
        Ok(Self { clips: clips.collect(), name: header.name, terms: header.terms })
    }
}
