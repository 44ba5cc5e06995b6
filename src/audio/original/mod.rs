//! The video's own sound, decoded onto the picture's clock.
//!
//! Sample 0 is heard with the first picture, and the sound is exactly as long as the part of the picture that gets
//! music. Timestamps rule: gaps become silence, and a drift never grows over `TOLERANCE_SECONDS`. Damage is survived:
//! what can be decoded is given, the rest is silence and a warning.

mod resampler;
mod timeline;

use std::{io, path::Path};

use ffmpeg_next::{Dictionary, Error, Packet, Rational, codec, decoder, format, frame};

pub(crate) use self::timeline::Sink;
use self::{resampler::Resampler, timeline::Timeline};
use crate::{artifact::Media, video::libav_path::LibavPath};

/// How far sound may lie off its timestamps before it is moved: below what people notice as out of sync, above the
/// rounding of containers that count in milliseconds.
const TOLERANCE_SECONDS: f64 = 0.02;

/// Reading errors in a row after which a file is taken to have ended.
const READ_ERRORS: u32 = 64;

#[derive(Debug, thiserror::Error)]
pub(crate) enum OriginalError {
    #[error("reading the original sound of {path}: {source}")]
    Open { path: String, source: Error },
    #[error("opening {path}: {source}")]
    File { path: String, source: io::Error },
    #[error("keeping the original sound: {0}")]
    Sink(#[from] io::Error),
}

#[cfg(test)]
/// Decodes all of it into memory.
#[cfg(test)]
pub(crate) fn decode(path: &Path, media: &Media, rate: u32) -> Result<Vec<[f32; 2]>, OriginalError> {
    let mut samples = Vec::new();
    let mut keep = |piece: &[[f32; 2]]| {
        samples.extend_from_slice(piece);
        Ok(())
    };
    decode_into(path, media, rate, &mut keep)?;
    Ok(samples)
}

/// Decodes piece by piece into `sink`, in bounded memory; silence where the video has no sound. Returns warnings.
pub(crate) fn decode_into<'a>(
    path: &Path,
    media: &Media,
    rate: u32,
    sink: &'a mut Sink<'a>,
) -> Result<Vec<String>, OriginalError> {
    let length = (media.scored_seconds() * f64::from(rate)).round() as u64;
    let mut line = Timeline::new(length, sink);
    let mut warnings = Vec::new();
    if let Some(audio) = &media.audio {
        let file =
            LibavPath::open(path).map_err(|source| OriginalError::File { path: path.display().to_string(), source })?;
        let input = open(&file).map_err(|source| OriginalError::Open { path: path.display().to_string(), source })?;
        match Decoding::start(input, audio.index, media.video.first_picture_seconds, rate) {
            Ok(mut decoding) => warnings.extend(decoding.run(&mut line)?),
            Err(error) => warnings.push(format!("the original sound ({}) can't be decoded: {error}", audio.codec)),
        }
    }
    line.finish()?;
    Ok(warnings)
}

fn open(file: &LibavPath) -> Result<format::context::Input, Error> {
    let mut options = Dictionary::new();
    options.set("protocol_whitelist", "file");
    format::input_with_dictionary(&file.path(), options)
}

struct Decoding {
    input: format::context::Input,
    stream: usize,
    time_base: Rational,
    decoder: decoder::Audio,
    resampler: Option<Resampler>,
    first_picture_seconds: f64,
    rate: u32,
    damaged: u32,
}

impl Decoding {
    fn start(
        input: format::context::Input,
        stream: usize,
        first_picture_seconds: f64,
        rate: u32,
    ) -> Result<Self, Error> {
        let (time_base, parameters) = {
            let stream = input.stream(stream).ok_or(Error::StreamNotFound)?;
            (stream.time_base(), stream.parameters())
        };
        let mut decoder = codec::context::Context::from_parameters(parameters)?.decoder();
        // Without it the decoder can't move timestamps behind an encoder's priming samples.
        decoder.set_packet_time_base(time_base);
        let decoder = decoder.audio()?;
        Ok(Self { input, stream, time_base, decoder, resampler: None, first_picture_seconds, rate, damaged: 0 })
    }

    fn run(&mut self, line: &mut Timeline) -> Result<Option<String>, OriginalError> {
        let mut failures = 0;
        let mut packet = Packet::empty();
        while !line.is_full() && failures < READ_ERRORS {
            match packet.read(&mut self.input) {
                Ok(()) => {
                    failures = 0;
                    self.feed(&packet, line)?;
                }
                Err(Error::Eof) => break,
                Err(_) => failures += 1,
            }
        }
        if self.decoder.send_eof().is_ok() {
            self.drain(line)?;
        }
        self.flush(line)?;
        let damaged = self.damaged + failures;
        Ok((damaged > 0).then(|| format!("{damaged} damaged pieces of the original sound are silent")))
    }

    fn feed(&mut self, packet: &Packet, line: &mut Timeline) -> Result<(), OriginalError> {
        if packet.stream() != self.stream {
            return Ok(());
        }
        if self.decoder.send_packet(packet).is_err() {
            self.damaged += 1;
        }
        self.drain(line)
    }

    fn drain(&mut self, line: &mut Timeline) -> Result<(), OriginalError> {
        let mut frame = frame::Audio::empty();
        while !line.is_full() {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => self.add(&frame, line)?,
                Err(Error::Eof | Error::Other { .. }) => break,
                Err(_) => {
                    self.damaged += 1;
                    break;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, frame: &frame::Audio, line: &mut Timeline) -> Result<(), OriginalError> {
        if frame.samples() == 0 || frame.rate() == 0 || frame.channels() == 0 {
            self.damaged += 1;
            return Ok(());
        }
        self.follow_timestamps(frame, line)?;
        if let Some(piece) = self.convert(frame) {
            line.place(&piece)?;
        }
        Ok(())
    }

    /// Ends the running piece where the frame has another form or does not follow it closely.
    fn follow_timestamps(&mut self, frame: &frame::Audio, line: &mut Timeline) -> Result<(), OriginalError> {
        let at = frame.timestamp().map(|time| self.position(time));
        let expected = line.cursor().saturating_add(self.resampler.as_mut().map_or(0, Resampler::delay));
        let tolerance = (TOLERANCE_SECONDS * f64::from(self.rate)) as u64;
        let follows = match &self.resampler {
            Some(resampler) => resampler.fits(frame) && at.is_none_or(|at| at.abs_diff(expected) <= tolerance),
            None => false,
        };
        if !follows {
            self.flush(line)?;
            line.jump(at.unwrap_or(expected));
        }
        Ok(())
    }

    /// A timestamp of the stream as samples since the first picture.
    fn position(&self, time: i64) -> i64 {
        let seconds = time as f64 * f64::from(self.time_base);
        ((seconds - self.first_picture_seconds) * f64::from(self.rate)).round() as i64
    }

    fn convert(&mut self, frame: &frame::Audio) -> Option<Vec<[f32; 2]>> {
        if self.resampler.is_none() {
            self.resampler = Resampler::new(frame, self.rate).ok();
        }
        let piece = self.resampler.as_mut().and_then(|resampler| resampler.convert(frame).ok());
        self.damaged += u32::from(piece.is_none());
        piece
    }

    fn flush(&mut self, line: &mut Timeline) -> Result<(), OriginalError> {
        if let Some(mut resampler) = self.resampler.take() {
            line.place(&resampler.flush().unwrap_or_default())?;
        }
        Ok(())
    }
}
