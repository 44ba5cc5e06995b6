//! Decodes one video stream, packet by packet, and keeps count of what goes wrong.

use ffmpeg_next::{
    Error, Packet, Stream, codec, decoder,
    error::{EAGAIN, ENOMEM},
    frame,
};

use super::{VideoError, VideoLimits, libav};

/// How a stream is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// In as many threads as ffmpeg itself takes on two cores; fixed, so that memory does not grow with the machine.
    Fast,
    /// In one thread: how threads patch up damaged pictures depends on which of them is first.
    Repeatable,
}

/// A decoder that fails this often on one packet will never ask for the next.
const MAX_FAILURES: u32 = 64;

pub(super) struct Decoder {
    codec: decoder::Video,
    max_silent_packets: u64,
    /// Packets given, and how many of them failed.
    pub(super) packets: u64,
    pub(super) errors: u64,
    pub(super) pictures: u64,
    /// Packets since the last picture.
    silent_packets: u64,
    /// A packet failed or a picture came out patched up.
    pub(super) damaged: bool,
}

impl Decoder {
    pub(super) fn open(stream: &Stream, pace: Pace, limits: VideoLimits) -> Result<Self, VideoError> {
        let parameters = stream.parameters();
        let name = parameters.id().name().to_owned();
        let failed = |error| match error {
            Error::DecoderNotFound => VideoError::NoDecoder(name.clone()),
            error => VideoError::Decoder { codec: name.clone(), error },
        };
        let mut context = codec::Context::from_parameters(parameters).map_err(failed)?;
        let threads = if pace == Pace::Fast { 3 } else { 1 };
        libav::prepare(&mut context, threads, i64::from(limits.max_side).pow(2));
        let mut decoder = context.decoder();
        decoder.set_packet_time_base(stream.time_base());
        let codec = decoder.video().map_err(failed)?;
        let max_silent_packets = limits.max_silent_packets;
        Ok(Self { codec, max_silent_packets, packets: 0, errors: 0, pictures: 0, silent_packets: 0, damaged: false })
    }

    /// Gives the decoder a packet and hands on each picture that comes out.
    pub(super) fn decode(
        &mut self,
        packet: &Packet,
        each: impl FnMut(&frame::Video) -> Result<(), VideoError>,
    ) -> Result<(), VideoError> {
        self.packets += 1;
        self.silent_packets += 1;
        let sent = self.codec.send_packet(packet);
        self.tolerate(sent)?;
        self.receive(each)
    }

    /// Hands on the pictures that the decoder still holds after the last packet.
    pub(super) fn finish(
        &mut self,
        each: impl FnMut(&frame::Video) -> Result<(), VideoError>,
    ) -> Result<(), VideoError> {
        let sent = self.codec.send_eof();
        self.tolerate(sent)?;
        self.receive(each)
    }

    /// Packets in a row that gave no picture, once they are over the limit.
    pub(super) fn too_silent(&self) -> Option<u64> {
        (self.silent_packets > self.max_silent_packets).then_some(self.silent_packets)
    }

    fn receive(&mut self, mut each: impl FnMut(&frame::Video) -> Result<(), VideoError>) -> Result<(), VideoError> {
        let mut picture = frame::Video::empty();
        let mut failures = 0;
        while failures < MAX_FAILURES {
            match self.codec.receive_frame(&mut picture) {
                Ok(()) => {
                    self.pictures += 1;
                    self.silent_packets = 0;
                    self.damaged |= picture.is_corrupt() || picture.has_decode_errors();
                    each(&picture)?;
                }
                Err(Error::Eof | Error::Other { errno: EAGAIN }) => break,
                failure => {
                    failures += 1;
                    self.tolerate(failure)?;
                }
            }
        }
        Ok(())
    }

    /// A damaged packet costs its pictures, not the file; that too many are damaged is judged at the end.
    fn tolerate(&mut self, result: Result<(), Error>) -> Result<(), VideoError> {
        match result {
            Err(Error::Other { errno: ENOMEM }) => Err(VideoError::Memory),
            Err(_) => {
                self.errors += 1;
                self.damaged = true;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}
