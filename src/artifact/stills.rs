//! Stills: one small picture for each second or longer span, for networks that see whole pictures.

use serde::{Deserialize, Serialize};

use super::{Artifact, ArtifactError, Kind};

/// Square pictures as a viewer sees their middle; `rgb[i]` is shown at `times[i]` seconds after the first picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stills {
    /// A still stands for its span of this length: span `n` begins at `n` times this.
    pub(crate) span_seconds: f64,
    /// How long the pictures last in all.
    pub(crate) seconds: f64,
    pub(crate) times: Vec<f64>,
    /// `SIDE` x `SIDE` pixels each, three bytes a pixel, row by row.
    pub(crate) rgb: Vec<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    side: usize,
    span_seconds: f64,
    seconds: f64,
    times: Vec<f64>,
}

impl Stills {
    pub(crate) const SIDE: usize = 224;
    const BYTES: usize = Self::SIDE * Self::SIDE * 3;
}

/// A line of JSON, then the pixels.
impl Artifact for Stills {
    const KIND: Kind = Kind::Stills;

    fn to_bytes(&self) -> Vec<u8> {
        let Self { span_seconds, seconds, ref times, .. } = *self;
        let header = Header { side: Self::SIDE, span_seconds, seconds, times: times.clone() };
        let mut bytes = serde_json::to_vec(&header).expect("a header is plain JSON");
        bytes.reserve_exact(1 + self.rgb.len() * Self::BYTES);
        bytes.push(b'\n');
        self.rgb.iter().for_each(|still| bytes.extend_from_slice(still));
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let malformed = |reason: String| ArtifactError::Malformed { kind: Kind::Stills, reason };
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| malformed("they have no header".to_owned()))?;
        let header: Header = serde_json::from_slice(&bytes[..end]).map_err(|error| malformed(error.to_string()))?;
        let pixels = &bytes[end + 1..];
        if header.side != Self::SIDE || pixels.len() != header.times.len() * Self::BYTES {
            let (side, stills) = (header.side, header.times.len());
            return Err(malformed(format!("{} bytes are not {stills} stills of {side} pixels a side", pixels.len())));
        }
        let rgb = pixels.chunks_exact(Self::BYTES).map(<[u8]>::to_vec).collect();
        Ok(Self { span_seconds: header.span_seconds, seconds: header.seconds, times: header.times, rgb })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_written_and_cut_ones_are_refused() {
        let still = |level: u8| vec![level; Stills::BYTES];
        let stills =
            Stills { span_seconds: 1.0, seconds: 1.7, times: vec![0.52, 1.5], rgb: vec![still(b'\n'), still(7)] };
        let bytes = stills.to_bytes();
        assert_eq!(Stills::from_bytes(&bytes).unwrap(), stills);
        for length in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            assert!(Stills::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }
}
