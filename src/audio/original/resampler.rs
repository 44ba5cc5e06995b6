//! Turns decoded frames of any form into stereo `f32` at one rate.
//!
//! Mono is heard on both sides at full level, more than two channels are mixed down without going over full scale.

use ffmpeg_next::{
    ChannelLayout, Dictionary, Error,
    ffi::{swr_convert, swr_get_delay, swr_get_out_samples},
    format::{Sample, sample},
    frame,
    software::resampling,
};

#[derive(Clone, Copy, PartialEq, Eq)]
struct Form {
    format: Sample,
    layout: ChannelLayout,
    rate: u32,
}

pub(super) struct Resampler {
    context: resampling::Context,
    from: Form,
    rate: u32,
}

impl Resampler {
    pub(super) fn new(frame: &frame::Audio, rate: u32) -> Result<Self, Error> {
        let from = Form::of(frame);
        let packed = Sample::F32(sample::Type::Packed);
        let mut options = Dictionary::new();
        options.set("rematrix_maxval", "1");
        if from.layout.channels() == 1 {
            // libswresample would lower mono by 3 dB to hold its power on two speakers.
            options.set("rematrix_volume", "1.4142135");
        }
        let to = ChannelLayout::STEREO;
        let context = resampling::Context::get_with(from.format, from.layout, from.rate, packed, to, rate, options)?;
        Ok(Self { context, from, rate })
    }

    /// Whether this frame has the form that the resampler was made for.
    pub(super) fn fits(&self, frame: &frame::Audio) -> bool {
        self.from == Form::of(frame)
    }

    pub(super) fn convert(&mut self, frame: &frame::Audio) -> Result<Vec<[f32; 2]>, Error> {
        self.run(Some(frame))
    }

    /// What is left inside; to be called once, at the end.
    pub(super) fn flush(&mut self) -> Result<Vec<[f32; 2]>, Error> {
        self.run(None)
    }

    #[expect(unsafe_code, reason = "the safe wrapper compares layouts in a way that refuses frames without one")]
    fn run(&mut self, frame: Option<&frame::Audio>) -> Result<Vec<[f32; 2]>, Error> {
        let samples = frame.map_or(0, |frame| frame.samples() as i32);
        // SAFETY: `context` is initialised; `frame` holds `samples` samples in the form the context was made for, in as
        // many planes; `out` holds `room` pairs of f32, which is packed stereo.
        unsafe {
            let context = self.context.as_mut_ptr();
            let room = swr_get_out_samples(context, samples).max(0);
            let mut out = vec![[0.0_f32; 2]; room as usize];
            let mut target = out.as_mut_ptr().cast::<u8>();
            let source = frame.map_or(std::ptr::null_mut(), |frame| (*frame.as_ptr()).extended_data);
            let count = swr_convert(context, &raw mut target, room, source.cast(), samples);
            if count < 0 {
                return Err(Error::from(count));
            }
            out.truncate(count as usize);
            out.iter_mut().flatten().filter(|value| !value.is_finite()).for_each(|value| *value = 0.0);
            Ok(out)
        }
    }

    /// Samples that went in and have not come out yet, at the output's rate.
    #[expect(unsafe_code, reason = "the safe wrapper knows no delay at the output's rate")]
    pub(super) fn delay(&mut self) -> i64 {
        // SAFETY: `context` is initialised and lives in `self`.
        unsafe { swr_get_delay(self.context.as_mut_ptr(), i64::from(self.rate)) }
    }
}

impl Form {
    fn of(frame: &frame::Audio) -> Self {
        let layout = frame.channel_layout();
        let channels = i32::from(frame.channels());
        let layout = if layout.channels() == channels { layout } else { ChannelLayout::default(channels) };
        Self { format: frame.format(), layout, rate: frame.rate() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(layout: ChannelLayout, rate: u32, values: &[f32]) -> frame::Audio {
        let mut frame = frame::Audio::new(Sample::F32(sample::Type::Planar), values.len(), layout);
        frame.set_rate(rate);
        frame.set_channels(layout.channels() as u16);
        for plane in 0..frame.planes() {
            frame.plane_mut::<f32>(plane).copy_from_slice(values);
        }
        frame
    }

    #[test]
    fn mono_keeps_its_level_on_both_sides() {
        let frame = frame(ChannelLayout::MONO, 48_000, &[0.5; 480]);
        let out = Resampler::new(&frame, 48_000).unwrap().convert(&frame).unwrap();
        assert_eq!(out.len(), 480);
        assert!(out.iter().flatten().all(|value| (value - 0.5).abs() < 1e-4), "{:?}", out[100]);
    }

    #[test]
    fn surround_stays_within_full_scale() {
        let frame = frame(ChannelLayout::_5POINT1, 48_000, &[1.0; 480]);
        let out = Resampler::new(&frame, 48_000).unwrap().convert(&frame).unwrap();
        assert!(out.iter().flatten().all(|value| *value > 0.5 && *value < 1.0001), "{:?}", out[100]);
    }

    #[test]
    fn another_rate_gives_the_same_time() {
        let frame = frame(ChannelLayout::STEREO, 44_100, &vec![0.25; 4410]);
        let mut resampler = Resampler::new(&frame, 48_000).unwrap();
        let mut out = resampler.convert(&frame).unwrap();
        assert_eq!(out.len() as i64 + resampler.delay(), 4800);
        out.extend(resampler.flush().unwrap());
        assert!(out.len().abs_diff(4800) <= 2, "{}", out.len());
    }

    #[test]
    fn another_form_does_not_fit_and_noise_of_bits_is_no_sound() {
        let stereo = frame(ChannelLayout::STEREO, 48_000, &[f32::NAN; 64]);
        let mut resampler = Resampler::new(&stereo, 48_000).unwrap();
        assert!(resampler.fits(&stereo) && !resampler.fits(&frame(ChannelLayout::STEREO, 8000, &[0.0; 64])));
        assert!(resampler.convert(&stereo).unwrap().iter().flatten().all(|value| *value == 0.0));
    }
}
