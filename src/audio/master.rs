//! Brings sound to a loudness under a true-peak ceiling, as 24-bit PCM: gain and limiter, measured and corrected until
//! both hold.
//!
//! What is measured is what is written, after rounding. The ceiling always holds in the end; the loudness may fall
//! short where a piece would have to be crushed for it, and the levels say so.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
};

use super::{
    AudioError, Blend, Encoding, Levels, Meter, WavWriter, decibels, gain_of, limiter::Limiter, wav::rounded_to_24_bits,
};

/// Close enough to the loudness asked for.
const TOLERANCE_LU: f64 = 0.2;

/// The limiter may be driven this much over what plain gain would ask for.
const MAX_DRIVE_DB: f64 = 12.0;

/// The meter interpolates a little sharper than the limiter.
const FIRST_MARGIN_DB: f64 = 0.1;

/// Passes in which loudness is corrected; later ones only lower the ceiling.
const LOUDNESS_PASSES: u32 = 7;

const MAX_PASSES: u32 = 16;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) loudness_lufs: f64,
    pub(crate) true_peak_dbtp: f64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Mastered {
    pub(crate) levels: Levels,
    /// The gain before the limiter.
    pub(crate) gain_db: f64,
}

/// Writes the blend at the target into `file` and says what came of it. Silence stays silence.
pub(crate) fn master(mut blend: Blend, target: Target, file: &File) -> Result<Mastered, AudioError> {
    let plain_db = plain_gain(&mut blend, target)?;
    let (mut gain_db, mut ceiling_dbtp) = (plain_db, target.true_peak_dbtp - FIRST_MARGIN_DB);
    let mut pass = 1;
    loop {
        let levels = write(&mut blend, gain_db, ceiling_dbtp, file)?;
        let Some(loudness) = levels.integrated_lufs else { return Ok(Mastered { levels, gain_db }) };
        let over_db = levels.true_peak_dbtp - target.true_peak_dbtp;
        let next_db = next_gain(gain_db, target.loudness_lufs - loudness).min(plain_db + MAX_DRIVE_DB);
        let settled = pass >= LOUDNESS_PASSES || (next_db - gain_db).abs() < 1e-9;
        if (settled && over_db <= 0.0) || pass == MAX_PASSES {
            return Ok(Mastered { levels, gain_db });
        }
        gain_db = if settled { gain_db } else { next_db };
        if over_db > 0.0 {
            ceiling_dbtp -= over_db + 0.02 * f64::from(pass);
        }
        pass += 1;
    }
}

/// Full correction, and more of it where the limiter will take part of it back.
fn next_gain(gain_db: f64, short_lu: f64) -> f64 {
    match short_lu {
        short if short.abs() <= TOLERANCE_LU => gain_db,
        short if short > 0.0 => gain_db + 1.5 * short,
        short => gain_db + short,
    }
}

/// The gain that gives the target loudness if nothing has to be limited; 0 for silence.
fn plain_gain(blend: &mut Blend, target: Target) -> Result<f64, AudioError> {
    let levels = blend.measure()?;
    match levels.integrated_lufs {
        Some(loudness) => Ok(target.loudness_lufs - loudness),
        // Below the meter's gate and not digital silence: up to a level that it can hear; the passes do the rest.
        None if levels.curve_lufs.is_empty() || levels.true_peak_dbtp > -140.0 => {
            Ok(target.true_peak_dbtp - levels.true_peak_dbtp)
        }
        None => Ok(0.0),
    }
}

/// One pass: gain, limiter, 24 bits, file and meter.
fn write(blend: &mut Blend, gain_db: f64, ceiling_dbtp: f64, mut file: &File) -> Result<Levels, AudioError> {
    file.seek(SeekFrom::Start(0))?;
    let mut writer = WavWriter::new(file, Encoding::Pcm24, blend.frames())?;
    let mut meter = Meter::full()?;
    let mut limiter = Limiter::new(gain_of(ceiling_dbtp) as f32);
    let gain = gain_of(gain_db) as f32;
    let mut early = Limiter::DELAY;
    blend.for_each_block(Limiter::DELAY, |block| {
        block.as_flattened_mut().iter_mut().for_each(|sample| *sample *= gain);
        limiter.play(block);
        block.as_flattened_mut().iter_mut().for_each(|sample| *sample = rounded_to_24_bits(*sample));
        let ready = &block[early.min(block.len())..];
        early = early.saturating_sub(block.len());
        writer.write(ready)?;
        meter.add(ready)
    })?;
    writer.finish()?;
    meter.levels()
}

/// How far a result is from its target, for people; none when it is near enough.
pub(crate) fn shortfall(what: &str, levels: &Levels, target: Target) -> Option<String> {
    let Some(loudness) = levels.integrated_lufs else { return Some(format!("{what} is silent")) };
    let off = loudness - target.loudness_lufs;
    (off.abs() > 1.0).then(|| {
        format!(
            "{what} is at {loudness:.1} LUFS, not {:.1}: its peaks of {:.1} dBTP leave no more room; lower `loudness`",
            target.loudness_lufs,
            levels.true_peak_dbtp.max(decibels(1e-7)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{
        Frame, Spool, WavReader,
        testing::{sine, spool},
    };

    const TARGET: Target = Target { loudness_lufs: -16.0, true_peak_dbtp: -1.0 };

    fn mastered(frames: &[Frame], target: Target) -> (Levels, Vec<Frame>) {
        let mut source: Spool = spool(frames);
        let file = tempfile::NamedTempFile::new().unwrap();
        let blend = Blend::new(frames.len() as u64).with(&mut source, 0.0);
        let Mastered { levels, .. } = master(blend, target, file.as_file()).unwrap();
        let mut reader = WavReader::open(file.path()).unwrap();
        let mut read = vec![[0.0; 2]; frames.len() + 1];
        let count = reader.read(&mut read).unwrap();
        read.truncate(count);
        assert_eq!(count, frames.len());
        let mut meter = Meter::full().unwrap();
        meter.add(&read).unwrap();
        assert_eq!(meter.levels().unwrap(), levels, "what is told is what is in the file");
        (levels, read)
    }

    fn assert_on_target(levels: &Levels, target: Target) {
        assert!((levels.integrated_lufs.unwrap() - target.loudness_lufs).abs() < 1.0, "{levels:?}");
        assert!(levels.true_peak_dbtp <= target.true_peak_dbtp, "{levels:?}");
    }

    #[test]
    fn soft_short_and_loud_pieces_reach_the_target() {
        for amplitude in [1e-5, 0.01, 0.3, 4.0] {
            for seconds in [1.0, 4.0] {
                assert_on_target(&mastered(&sine(440.0, amplitude, seconds), TARGET).0, TARGET);
            }
        }
    }

    #[test]
    fn piano_like_crests_are_limited() {
        let blow = |n: usize| 0.9 * (-((n % 24_000) as f32) / 1200.0).exp() * (n as f32 * 0.06).sin();
        let frames: Vec<Frame> = (0..240_000).map(|n| [blow(n), blow(n + 100)]).collect();
        let loud = Target { loudness_lufs: -14.0, true_peak_dbtp: -1.0 };
        assert_on_target(&mastered(&frames, loud).0, loud);
    }

    #[test]
    fn the_peak_holds_where_the_loudness_cannot() {
        let frames: Vec<Frame> = (0..96_000).map(|n| if n % 9000 == 0 { [0.9, -0.9] } else { [0.0, 0.0] }).collect();
        let (levels, _) = mastered(&frames, TARGET);
        assert!(levels.true_peak_dbtp <= -1.0, "{levels:?}");
        let said = shortfall("the music", &levels, TARGET).unwrap();
        assert!(said.starts_with("the music is at -"), "{said}");
    }

    #[test]
    fn silence_is_not_amplified() {
        let (levels, frames) = mastered(&vec![[0.0; 2]; 50_000], TARGET);
        assert_eq!(levels.integrated_lufs, None);
        assert!(frames.iter().all(|frame| *frame == [0.0, 0.0]));
        assert_eq!(shortfall("the music", &levels, TARGET).unwrap(), "the music is silent");
    }

    #[test]
    fn nothing_is_moved_in_time() {
        let mut frames = vec![[0.0; 2]; 48_000];
        frames[20_000..40_000].copy_from_slice(&sine(440.0, 0.1, 1.0)[..20_000]);
        let (_, out) = mastered(&frames, TARGET);
        let start = out.iter().position(|frame| frame[0].abs() > 1e-4).unwrap();
        assert!(start.abs_diff(20_000) <= 2, "{start}");
    }
}
