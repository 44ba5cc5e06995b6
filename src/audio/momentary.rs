//! Momentary loudness (EBU R128, 0.4 s) over time: fine enough to see music step back and come forward.

use ebur128::{EbuR128, Mode};

use super::{AudioError, Frame, RATE, SILENCE_LUFS, Spool};

pub(crate) const ROWS_PER_SECOND: u32 = 5;

/// Loudness at the end of each fifth of a second, at least `SILENCE_LUFS`.
pub(crate) fn momentary(spool: &mut Spool) -> Result<Vec<f64>, AudioError> {
    let mut ebu = EbuR128::new(2, RATE, Mode::M)?;
    let mut reader = spool.reader()?;
    let mut block: Vec<Frame> = vec![[0.0; 2]; (RATE / ROWS_PER_SECOND) as usize];
    let mut rows = Vec::new();
    while reader.read(&mut block)? == block.len() {
        ebu.add_frames_f32(block.as_flattened())?;
        let lufs = ebu.loudness_momentary()?;
        rows.push(if lufs > SILENCE_LUFS { lufs } else { SILENCE_LUFS });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{sine, spool};

    #[test]
    fn a_tone_is_as_loud_as_the_standard_says_and_silence_is_none() {
        let mut sound = sine(997.0, 0.1, 1.0);
        sound.resize(2 * RATE as usize, [0.0; 2]);
        let rows = momentary(&mut spool(&sound)).unwrap();
        assert_eq!(rows.len(), 10);
        assert!((rows[4] + 20.0).abs() < 0.1, "{rows:?}");
        assert!((rows[9] - SILENCE_LUFS).abs() < 1e-9, "{rows:?}");
    }
}
