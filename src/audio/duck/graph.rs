//! libavfilter's side of ducking: two sounds in, one out.
//!
//! ```text
//! key ─ 200..4000 Hz ─┬──────────────────────────────┐
//!                     └───────────┐                  │
//! music ─┬─ below 1 kHz ──────────┼──────────┐       │
//!        ├─ 1 to 4 kHz ─ sidechaincompress ──┼ sum ─ sidechaincompress ─ out
//!        └─ above 4 kHz ─────────────────────┘
//! ```

use std::io;

use ffmpeg_next::{
    ChannelLayout, Error,
    ffi::EAGAIN,
    filter,
    format::{Sample, sample},
    frame,
};

use super::{Ducking, key::threshold_and_ratio};
use crate::audio::{AudioError, Frame, RATE};

/// How fast the music goes down, as libavfilter counts it: four time constants.
const ATTACK_MS: f64 = 240.0;
/// The envelope falls by 4.34 dB in a time constant, and starts 18 dB over the threshold.
const RELEASE_MS_PER_SECOND: f64 = 4.0 * 1000.0 * 4.34 / 18.0;

pub(super) struct Graph {
    graph: filter::Graph,
    pushed: u64,
}

impl Graph {
    pub(super) fn new(ducking: Ducking) -> Result<Self, AudioError> {
        let mut graph = filter::Graph::new();
        let form = format!("time_base=1/{RATE}:sample_rate={RATE}:sample_fmt=flt:channel_layout=stereo");
        for name in ["music", "key"] {
            graph.add(&known("abuffer")?, name, &form)?;
        }
        graph.add(&known("abuffersink")?, "out", "")?;
        let inside = graph.output("music", 0)?.output("key", 0)?.input("out", 0)?;
        inside.parse(&description(ducking))?;
        graph.validate()?;
        Ok(Self { graph, pushed: 0 })
    }

    /// Two pieces of equal length.
    pub(super) fn push(&mut self, music: &[Frame], key: &[Frame]) -> Result<(), AudioError> {
        for (name, sound) in [("music", music), ("key", key)] {
            let frame = packed(sound, self.pushed);
            self.context(name)?.source().add(&frame)?;
        }
        self.pushed += music.len() as u64;
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<(), AudioError> {
        for name in ["music", "key"] {
            self.context(name)?.source().flush()?;
        }
        Ok(())
    }

    /// Hands on what is ready.
    pub(super) fn pull(&mut self, mut take: impl FnMut(&[Frame]) -> io::Result<()>) -> Result<(), AudioError> {
        let mut out = self.context("out")?;
        let mut frame = frame::Audio::empty();
        loop {
            match out.sink().frame(&mut frame) {
                Ok(()) => {
                    let ready: Vec<Frame> =
                        frame.plane::<(f32, f32)>(0).iter().map(|(left, right)| [*left, *right]).collect();
                    take(&ready)?;
                }
                Err(Error::Eof | Error::Other { errno: EAGAIN }) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn context(&mut self, name: &str) -> Result<filter::Context, AudioError> {
        self.graph.get(name).ok_or(AudioError::Filter(Error::FilterNotFound))
    }
}

fn known(name: &str) -> Result<filter::Filter, AudioError> {
    filter::find(name).ok_or(AudioError::Filter(Error::FilterNotFound))
}

fn description(ducking: Ducking) -> String {
    let release = ducking.recovery_seconds * RELEASE_MS_PER_SECOND;
    let compress = |depth_db| {
        let (threshold, ratio) = threshold_and_ratio(depth_db);
        format!(
            "sidechaincompress=threshold={threshold:.6}:ratio={ratio:.4}:attack={ATTACK_MS}:release={release:.1}:\
             detection=rms:link=maximum"
        )
    };
    format!(
        "[key]highpass=f=200,lowpass=f=4000,asplit[key_all][key_mid];\
         [music]acrossover=split=1000 4000:order=4th[low][mid][high];\
         [mid][key_mid]{carve}[carved];\
         [low][carved][high]amix=inputs=3:normalize=0[whole];\
         [whole][key_all]{duck},aformat=sample_fmts=flt:channel_layouts=stereo[out]",
        carve = compress(ducking.carve_db),
        duck = compress(ducking.depth_db),
    )
}

fn packed(sound: &[Frame], at: u64) -> frame::Audio {
    let mut frame = frame::Audio::new(Sample::F32(sample::Type::Packed), sound.len(), ChannelLayout::STEREO);
    frame.set_rate(RATE);
    frame.set_pts(Some(at as i64));
    for (to, from) in frame.plane_mut::<(f32, f32)>(0).iter_mut().zip(sound) {
        *to = (from[0], from[1]);
    }
    frame
}
