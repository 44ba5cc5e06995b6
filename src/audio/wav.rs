//! WAV files of 48 kHz stereo, in plain (not extensible) headers that every program reads.
//!
//! Stems are 32-bit float: they cannot clip, and their sum is exact. Results are 24-bit PCM, which even Python's
//! `wave` and old players read.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::Path,
};

use hound::SampleFormat;

use super::{AudioError, Frame, RATE};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Float32,
    Pcm24,
}

impl Encoding {
    const fn sample_bytes(self) -> u32 {
        match self {
            Self::Float32 => 4,
            Self::Pcm24 => 3,
        }
    }

    const fn format_tag(self) -> u16 {
        match self {
            Self::Float32 => 3,
            Self::Pcm24 => 1,
        }
    }
}

const HEADER_BYTES: u32 = 44;
const PCM24_FULL_SCALE: f32 = 8_388_608.0;

/// Writes a known number of frames.
pub(crate) struct WavWriter<W: Write> {
    sink: BufWriter<W>,
    encoding: Encoding,
    frames_left: u64,
}

impl<W: Write> WavWriter<W> {
    pub(crate) fn new(sink: W, encoding: Encoding, frames: u64) -> Result<Self, AudioError> {
        let data_bytes = data_bytes(encoding, frames)?;
        let mut sink = BufWriter::with_capacity(1 << 16, sink);
        sink.write_all(&header(encoding, data_bytes))?;
        Ok(Self { sink, encoding, frames_left: frames })
    }

    /// Writes a block; frames beyond the announced length are dropped.
    pub(crate) fn write(&mut self, block: &[Frame]) -> io::Result<()> {
        let taken = (block.len() as u64).min(self.frames_left);
        self.frames_left -= taken;
        for sample in block[..taken as usize].iter().flatten() {
            match self.encoding {
                Encoding::Float32 => self.sink.write_all(&sample.to_le_bytes())?,
                Encoding::Pcm24 => self.sink.write_all(&pcm24(*sample))?,
            }
        }
        Ok(())
    }

    /// Fills up with silence and flushes.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        while self.frames_left > 0 {
            let piece = self.frames_left.min(super::BLOCK_FRAMES as u64) as usize;
            self.write(&vec![[0.0; 2]; piece])?;
        }
        self.sink.flush()
    }
}

fn data_bytes(encoding: Encoding, frames: u64) -> Result<u32, AudioError> {
    let frame_bytes = 2 * u64::from(encoding.sample_bytes());
    let limit_bytes = u64::from(u32::MAX - HEADER_BYTES);
    u32::try_from(frames * frame_bytes).ok().filter(|bytes| u64::from(*bytes) <= limit_bytes).ok_or_else(|| {
        let seconds = |frames: u64| frames as f64 / f64::from(RATE);
        AudioError::TooLong { seconds: seconds(frames), limit: seconds(limit_bytes / frame_bytes) }
    })
}

/// RIFF, `fmt ` of 16 bytes, `data`.
fn header(encoding: Encoding, data_bytes: u32) -> Vec<u8> {
    let sample_bytes = encoding.sample_bytes();
    let mut header = Vec::with_capacity(HEADER_BYTES as usize);
    header.extend(b"RIFF");
    header.extend((data_bytes + HEADER_BYTES - 8).to_le_bytes());
    header.extend(b"WAVEfmt ");
    header.extend(16_u32.to_le_bytes());
    header.extend(encoding.format_tag().to_le_bytes());
    header.extend(2_u16.to_le_bytes());
    header.extend(RATE.to_le_bytes());
    header.extend((RATE * 2 * sample_bytes).to_le_bytes());
    header.extend((2 * sample_bytes as u16).to_le_bytes());
    header.extend((8 * sample_bytes as u16).to_le_bytes());
    header.extend(b"data");
    header.extend(data_bytes.to_le_bytes());
    header
}

fn pcm24(sample: f32) -> [u8; 3] {
    let [low, middle, high, _] = (steps_of_24_bits(sample) as i32).to_le_bytes();
    [low, middle, high]
}

fn steps_of_24_bits(sample: f32) -> f32 {
    (sample * PCM24_FULL_SCALE).round().clamp(-PCM24_FULL_SCALE, PCM24_FULL_SCALE - 1.0)
}

/// The sample as a reader of 24-bit PCM will see it.
pub(super) fn rounded_to_24_bits(sample: f32) -> f32 {
    steps_of_24_bits(sample) / PCM24_FULL_SCALE
}

/// Reads what `WavWriter` wrote.
pub(crate) struct WavReader {
    inner: hound::WavReader<BufReader<File>>,
}

impl WavReader {
    pub(crate) fn open(path: &Path) -> Result<Self, AudioError> {
        let inner = hound::WavReader::open(path)?;
        let spec = inner.spec();
        let known =
            matches!((spec.sample_format, spec.bits_per_sample), (SampleFormat::Float, 32) | (SampleFormat::Int, 24));
        if spec.channels != 2 || spec.sample_rate != RATE || !known {
            return Err(AudioError::WrongFormat { found: format!("{spec:?}") });
        }
        Ok(Self { inner })
    }

    #[cfg(test)]
    pub(crate) fn frames(&self) -> u64 {
        u64::from(self.inner.duration())
    }

    /// Fills the block as far as there are frames and says how many came.
    pub(crate) fn read(&mut self, block: &mut [Frame]) -> Result<usize, AudioError> {
        match self.inner.spec().sample_format {
            SampleFormat::Float => fill(block, self.inner.samples::<f32>()),
            SampleFormat::Int => {
                fill(block, self.inner.samples::<i32>().map(|value| value.map(|value| value as f32 / PCM24_FULL_SCALE)))
            }
        }
    }
}

fn fill(block: &mut [Frame], mut samples: impl Iterator<Item = hound::Result<f32>>) -> Result<usize, AudioError> {
    for (number, frame) in block.iter_mut().enumerate() {
        let (Some(left), Some(right)) = (samples.next(), samples.next()) else { return Ok(number) };
        *frame = [left?, right?];
    }
    Ok(block.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(encoding: Encoding, frames: &[Frame]) -> Vec<Frame> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = WavWriter::new(file.as_file(), encoding, frames.len() as u64).unwrap();
        writer.write(frames).unwrap();
        writer.finish().unwrap();
        let mut reader = WavReader::open(file.path()).unwrap();
        assert_eq!(reader.frames(), frames.len() as u64);
        let mut read = vec![[0.0; 2]; frames.len() + 3];
        let count = reader.read(&mut read).unwrap();
        read.truncate(count);
        read
    }

    proptest! {
        #[test]
        fn floats_come_back_exactly(frames in prop::collection::vec(any::<[f32; 2]>(), 0..200)) {
            let frames: Vec<Frame> = frames.into_iter().map(|frame| frame.map(|x| if x.is_finite() { x } else { 0.0 })).collect();
            prop_assert_eq!(round_trip(Encoding::Float32, &frames), frames);
        }

        #[test]
        fn pcm24_comes_back_within_half_a_step(frames in prop::collection::vec([-0.999_f32..0.999, -0.999_f32..0.999], 1..200)) {
            let back = round_trip(Encoding::Pcm24, &frames);
            for (a, b) in frames.iter().flatten().zip(back.iter().flatten()) {
                prop_assert!((a - b).abs() <= 0.5001 / PCM24_FULL_SCALE, "{} {}", a, b);
            }
        }
    }

    #[test]
    fn pcm24_clips_at_full_scale() {
        assert_eq!(pcm24(2.0), [0xff, 0xff, 0x7f]);
        assert_eq!(pcm24(-2.0), [0, 0, 0x80]);
    }

    #[test]
    fn the_length_is_what_was_announced() {
        let mut bytes = Vec::new();
        let mut writer = WavWriter::new(&mut bytes, Encoding::Pcm24, 10_000).unwrap();
        writer.write(&[[1.0; 2]; 7]).unwrap();
        writer.finish().unwrap();
        assert_eq!(bytes.len(), 44 + 10_000 * 6);
    }

    #[test]
    fn what_does_not_fit_a_wav_file_is_refused() {
        let error = WavWriter::new(Vec::new(), Encoding::Float32, 600_000_000).err().unwrap();
        assert!(matches!(error, AudioError::TooLong { .. }), "{error}");
    }
}
