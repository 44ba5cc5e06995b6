//! The border to libav: the few fields and calls that ffmpeg-next does not offer, each behind a safe function.

use ffmpeg_next::{
    Packet, Stream, codec::Context, ffi, format::stream::StreamMut, frame, packet::Ref, software::scaling,
};

/// The parameters of a stream that choice and description need.
pub(super) struct StreamFacts {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: u16,
    pub(super) rate: u32,
    /// Packets of this stream were seen while the file was probed.
    pub(super) seen: bool,
}

#[expect(unsafe_code, reason = "ffmpeg-next gives no access to these fields")]
pub(super) fn facts(stream: &Stream) -> StreamFacts {
    // SAFETY: a `Stream` borrows its context, so the stream and its parameters are alive and not written to.
    let (stream, parameters) = unsafe { (&*stream.as_ptr(), &*(*stream.as_ptr()).codecpar) };
    StreamFacts {
        width: parameters.width.max(0).cast_unsigned(),
        height: parameters.height.max(0).cast_unsigned(),
        channels: parameters.ch_layout.nb_channels.clamp(0, u16::MAX.into()) as u16,
        rate: parameters.sample_rate.max(0).cast_unsigned(),
        seen: stream.event_flags & ffi::AVSTREAM_EVENT_FLAG_NEW_PACKETS != 0,
    }
}

/// Lets the demuxer pass over a stream's packets.
#[expect(unsafe_code, reason = "ffmpeg-next cannot set a stream's discard")]
pub(super) fn discard(stream: &mut StreamMut) {
    // SAFETY: the stream is borrowed mutably, and `discard` is a plain field for callers to set.
    unsafe { (*stream.as_mut_ptr()).discard = ffi::AVDiscard::AVDISCARD_ALL };
}

/// Whether an edit list cuts this packet's picture away.
#[expect(unsafe_code, reason = "ffmpeg-next drops this flag")]
pub(super) fn is_cut_away(packet: &Packet) -> bool {
    // SAFETY: the packet is alive; the flags are a plain field.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Threads by frame, else by slice, whichever the codec can; and no picture of more pixels than this.
#[expect(unsafe_code, reason = "ffmpeg-next offers one kind of threads, and no limit on pixels")]
pub(super) fn prepare(context: &mut Context, threads: u16, max_pixels: i64) {
    // SAFETY: the context is borrowed mutably and not open yet, when these fields may be set.
    unsafe {
        let context = &mut *context.as_mut_ptr();
        context.thread_count = threads.into();
        context.thread_type = ffi::FF_THREAD_FRAME | ffi::FF_THREAD_SLICE;
        context.max_pixels = max_pixels;
    }
}

/// Tells the scaler which matrix and range the picture's colours have; the scaler takes BT.601 for everything.
#[expect(unsafe_code, reason = "ffmpeg-next has no call for it")]
pub(super) fn match_colors(scaler: &mut scaling::Context, picture: &frame::Video) {
    // SAFETY: both are alive; the coefficient tables are static; a scaler that needs no matrix refuses, which is fine.
    unsafe {
        let picture = &*picture.as_ptr();
        let table = ffi::sws_getCoefficients(picture.colorspace as i32);
        let full = i32::from(picture.color_range == ffi::AVColorRange::AVCOL_RANGE_JPEG);
        ffi::sws_setColorspaceDetails(scaler.as_mut_ptr(), table, full, table, 1, 0, 1 << 16, 1 << 16);
    }
}
