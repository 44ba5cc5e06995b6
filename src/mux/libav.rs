//! The border to libav for muxing: fields and calls that ffmpeg-next does not offer, each behind a safe function.

use std::ptr;

use ffmpeg_next::{
    Error, Packet, Rational, Stream,
    codec::{Id, encoder},
    ffi,
    format::{
        context::{Input, Output},
        stream::StreamMut,
    },
    packet::Mut,
};

/// Bytes of the side data that says how many samples to skip at the start and the end of a packet.
const SKIP_BYTES: usize = 10;

/// Lets the demuxer work out presentation times that a container (AVI) does not hold.
#[expect(unsafe_code, reason = "ffmpeg-next cannot set a context's flags")]
pub(super) fn fill_in_times(input: &mut Input) {
    // SAFETY: the context is borrowed mutably; `flags` is for callers to set.
    unsafe { (*input.as_mut_ptr()).flags |= ffi::AVFMT_FLAG_GENPTS };
}

/// No versions, dates or random numbers of the muxer's own in the file.
#[expect(unsafe_code, reason = "ffmpeg-next cannot set a context's flags")]
pub(super) fn make_repeatable(output: &mut Output) {
    // SAFETY: the context is borrowed mutably, before its header is written; `flags` is for callers to set.
    unsafe { (*output.as_mut_ptr()).flags |= ffi::AVFMT_FLAG_BITEXACT };
}

/// All of the file's metadata but what only describes the container it was in.
#[expect(unsafe_code, reason = "ffmpeg-next takes metadata for UTF-8, which hostile files need not hold")]
pub(super) fn copy_metadata(input: &Input, output: &mut Output) {
    // SAFETY: both contexts are alive; the dictionary is copied, and freed with the output.
    unsafe {
        let metadata = &raw mut (*output.as_mut_ptr()).metadata;
        ffi::av_dict_copy(metadata, (*input.as_ptr()).metadata, 0);
        for key in [c"major_brand", c"minor_version", c"compatible_brands"] {
            ffi::av_dict_set(metadata, key.as_ptr(), ptr::null(), 0);
        }
    }
}

/// Makes a stream of the output what the input's is: parameters, tag, shape, rates, disposition, metadata, side data
/// (display matrix, mastering display, stereo, sphere).
#[expect(unsafe_code, reason = "ffmpeg-next copies the parameters only")]
pub(super) fn describe_as(from: &Stream, to: &mut StreamMut, tag: u32) -> Result<(), Error> {
    // SAFETY: `from` borrows its context and is not written to; `to` is borrowed mutably, before the header is written.
    // Side data is copied into memory that libav allocates for the new stream.
    unsafe {
        let (from, to) = (&*from.as_ptr(), &mut *to.as_mut_ptr());
        checked(ffi::avcodec_parameters_copy(to.codecpar, from.codecpar))?;
        (*to.codecpar).codec_tag = tag;
        to.time_base = from.time_base;
        to.avg_frame_rate = from.avg_frame_rate;
        to.r_frame_rate = from.r_frame_rate;
        to.sample_aspect_ratio = from.sample_aspect_ratio;
        to.disposition = from.disposition;
        checked(ffi::av_dict_copy(&raw mut to.metadata, from.metadata, 0))?;
        for number in 0..usize::try_from(from.nb_side_data).unwrap_or(0) {
            let data = &*from.side_data.add(number);
            let copy = ffi::av_stream_new_side_data(to, data.type_, data.size);
            if copy.is_null() {
                return Err(Error::Other { errno: ffi::AVERROR(ffi::ENOMEM).abs() });
            }
            ptr::copy_nonoverlapping(data.data, copy, data.size);
        }
    }
    Ok(())
}

/// The tag that a stream keeps in this container: its own where that means the same codec, else 0 for the muxer's.
/// None where the container cannot hold the codec.
#[expect(unsafe_code, reason = "ffmpeg-next has no call for it")]
pub(super) fn tag_in(output: &Output, stream: &Stream) -> Option<u32> {
    // SAFETY: format and tag tables are static; the stream is alive.
    unsafe {
        let (format, parameters) = (&*(*output.as_ptr()).oformat, &*(*stream.as_ptr()).codecpar);
        let (id, tag) = (parameters.codec_id, parameters.codec_tag);
        let mut usual = 0;
        let is_usual = ffi::av_codec_get_tag2(format.codec_tag, id, &raw mut usual) != 0;
        let keeps = ffi::av_codec_get_id(format.codec_tag, tag) == id || !is_usual;
        let holds = ffi::avformat_query_codec(format, id, ffi::FF_COMPLIANCE_NORMAL) == 1;
        let is_named = id != ffi::AVCodecID::AV_CODEC_ID_NONE;
        (holds && is_named).then_some(if keeps { tag } else { 0 })
    }
}

/// Pictures that the decoder holds back before it shows the first.
#[expect(unsafe_code, reason = "ffmpeg-next does not show it")]
pub(super) fn reordering(stream: &Stream) -> i64 {
    // SAFETY: the stream is alive.
    unsafe { (*(*stream.as_ptr()).codecpar).video_delay.max(0).into() }
}

/// Samples of lead-in that the encoder puts before the sound.
#[expect(unsafe_code, reason = "ffmpeg-next does not show it")]
pub(super) fn lead_in(encoder: &encoder::Audio) -> i64 {
    // SAFETY: the encoder is open and alive.
    unsafe { (*encoder.as_ptr()).initial_padding.max(0).into() }
}

/// Tells players to drop samples at the end of a packet.
#[expect(unsafe_code, reason = "ffmpeg-next cannot write a packet's side data")]
pub(super) fn skip_at_end(packet: &mut Packet, samples: u32) -> Result<(), Error> {
    // SAFETY: libav allocates `SKIP_BYTES` for the packet, or gives null.
    unsafe {
        let kind = ffi::AVPacketSideDataType::AV_PKT_DATA_SKIP_SAMPLES;
        let data = ffi::av_packet_new_side_data(packet.as_mut_ptr(), kind, SKIP_BYTES);
        if data.is_null() {
            return Err(Error::Other { errno: ffi::AVERROR(ffi::ENOMEM).abs() });
        }
        ptr::write_bytes(data, 0, SKIP_BYTES);
        ptr::copy_nonoverlapping(samples.to_le_bytes().as_ptr(), data.add(4), 4);
    }
    Ok(())
}

/// Writes a packet, or lets libav keep it until its turn. Takes packets without bytes too, unlike ffmpeg-next.
#[expect(unsafe_code, reason = "ffmpeg-next refuses packets without bytes, which stand for repeated pictures")]
pub(super) fn write(packet: &mut Packet, output: &mut Output) -> Result<(), Error> {
    // SAFETY: both are borrowed mutably; the packet's content moves into the output and leaves the packet blank.
    unsafe { checked(ffi::av_interleaved_write_frame(output.as_mut_ptr(), packet.as_mut_ptr())) }
}

pub(super) fn rescale(value: i64, from: Rational, to: Rational) -> i64 {
    use ffmpeg_next::Rescale;
    value.rescale(from, to)
}

pub(super) fn is_picture(stream: &Stream) -> bool {
    stream.parameters().medium() == ffmpeg_next::media::Type::Video && stream.parameters().id() != Id::None
}

fn checked(code: i32) -> Result<(), Error> {
    if code < 0 { Err(Error::from(code)) } else { Ok(()) }
}
