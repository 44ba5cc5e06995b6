//! The programme, encoded on the way into the output: AAC, or Opus for `WebM`.
//!
//! Sample 0 is heard with the first picture. Encoders put a lead-in before it; times count from there, so that the
//! lead-in lies before the picture and players skip it.

use std::path::Path;

use ffmpeg_next::{
    ChannelLayout, Error, Packet, Rational,
    codec::{self, Context},
    encoder,
    format::{
        Sample,
        context::Output,
        sample::Type::{Packed, Planar},
    },
    frame,
};

use super::{Container, MuxError, libav, priming};
use crate::audio::{Frame, RATE, WavReader};

pub(super) struct Sound {
    encoder: encoder::audio::Encoder,
    codec: &'static str,
    programme: WavReader,
    block: Vec<Frame>,
    output: usize,
    clock: Rational,
    /// Sample of the first picture, in the input's clock.
    start: i64,
    lead_in: i64,
    /// What is added to the encoder's times.
    shift: i64,
    fed: i64,
    ended: bool,
}

impl Sound {
    pub(super) fn open(
        programme: &Path,
        container: Container,
        bit_rate: usize,
        first_picture_seconds: f64,
    ) -> Result<Self, MuxError> {
        let codec = container.encoder();
        let programme = WavReader::open(programme)?;
        let encoder = open_encoder(codec, bit_rate)?;
        let lead_in = libav::lead_in(&encoder);
        let start = (first_picture_seconds * f64::from(RATE)).round() as i64;
        // Readers of Matroska take the lead-in off every time; libav's muxer does not put it on.
        let delayed = if container.has_edit_lists() { 0 } else { lead_in };
        Ok(Self {
            block: vec![[0.0; 2]; encoder.frame_size().max(1) as usize],
            encoder,
            codec,
            programme,
            output: 0,
            clock: Rational::new(1, RATE as i32),
            start,
            lead_in,
            shift: start + delayed,
            fed: 0,
            ended: false,
        })
    }

    /// Adds its stream to the output.
    pub(super) fn join(&mut self, output: &mut Output, container: Container) -> Result<(), Error> {
        let mut stream = output.add_stream_with(&self.encoder)?;
        stream.set_time_base(self.clock);
        if container == Container::Matroska {
            stream.set_metadata([("title", priming::PLACE_HOLDER)].into_iter().collect());
        }
        self.output = stream.index();
        Ok(())
    }

    pub(super) fn output(&self) -> usize {
        self.output
    }

    /// The clock that the muxer chose when its header was written.
    pub(super) fn set_clock(&mut self, clock: Rational) {
        self.clock = clock;
    }

    pub(super) fn priming(&self) -> priming::Priming {
        priming::Priming { start: self.start, lead_in: self.lead_in }
    }

    /// How far it is, in the input's clock.
    pub(super) fn seconds(&self) -> f64 {
        (self.start + self.fed) as f64 / f64::from(RATE)
    }

    /// Encodes up to a time of the input's clock.
    pub(super) fn advance(&mut self, seconds: f64, output: &mut Output) -> Result<(), MuxError> {
        while !self.ended && self.seconds() <= seconds {
            self.feed(output)?;
        }
        Ok(())
    }

    /// Encodes what is left.
    pub(super) fn finish(&mut self, output: &mut Output) -> Result<(), MuxError> {
        while !self.ended {
            self.feed(output)?;
        }
        Ok(())
    }

    fn feed(&mut self, output: &mut Output) -> Result<(), MuxError> {
        let count = self.programme.read(&mut self.block)?;
        if count > 0 {
            let mut frame = audio_frame(self.encoder.format(), &self.block[..count]);
            frame.set_pts(Some(self.fed));
            self.fed += count as i64;
            self.encoder.send_frame(&frame).map_err(|source| self.failed(source))?;
        }
        if count < self.block.len() {
            self.ended = true;
            self.encoder.send_eof().map_err(|source| self.failed(source))?;
        }
        self.drain(output)
    }

    fn drain(&mut self, output: &mut Output) -> Result<(), MuxError> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            self.trim(&mut packet).map_err(|source| self.failed(source))?;
            let shift = |time: Option<i64>| time.map(|time| time + self.shift);
            packet.set_pts(shift(packet.pts()));
            packet.set_dts(shift(packet.dts()));
            packet.rescale_ts(Rational::new(1, RATE as i32), self.clock);
            packet.set_stream(self.output);
            libav::write(&mut packet, output).map_err(MuxError::Write)?;
        }
        Ok(())
    }

    /// The last packet holds less sound than it has room for: players drop the rest.
    fn trim(&self, packet: &mut Packet) -> Result<(), Error> {
        let padding = self.block.len() as i64 - packet.duration();
        let is_last = self.ended && (1..self.block.len() as i64).contains(&padding);
        let says_so = packet.side_data().next().is_some();
        if is_last && !says_so { libav::skip_at_end(packet, padding as u32) } else { Ok(()) }
    }

    fn failed(&self, source: Error) -> MuxError {
        MuxError::Encoder { codec: self.codec, source }
    }
}

fn open_encoder(name: &'static str, bit_rate: usize) -> Result<encoder::audio::Encoder, MuxError> {
    let codec = encoder::find_by_name(name).ok_or(MuxError::NoEncoder(name))?;
    let open = || {
        let mut context = Context::new_with_codec(codec);
        context.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::BITEXACT);
        context.set_time_base((1, RATE as i32));
        let mut audio = context.encoder().audio()?;
        audio.set_rate(RATE as i32);
        audio.set_format(if name == "aac" { Sample::F32(Planar) } else { Sample::F32(Packed) });
        audio.set_channel_layout(ChannelLayout::STEREO);
        audio.set_bit_rate(bit_rate);
        audio.open()
    };
    open().map_err(|source| MuxError::Encoder { codec: name, source })
}

fn audio_frame(format: Sample, block: &[Frame]) -> frame::Audio {
    let mut frame = frame::Audio::new(format, block.len(), ChannelLayout::STEREO);
    frame.set_rate(RATE);
    if format.is_planar() {
        for side in 0..2 {
            let plane = frame.plane_mut::<f32>(side);
            plane.iter_mut().zip(block).for_each(|(to, from)| *to = from[side]);
        }
    } else {
        let plane = frame.plane_mut::<(f32, f32)>(0);
        plane.iter_mut().zip(block).for_each(|(to, [left, right])| *to = (*left, *right));
    }
    frame
}
