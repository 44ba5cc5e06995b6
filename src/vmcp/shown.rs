//! Our own features of a video, second by second, as the picture encoder saw those that it learned from.

use super::{Encoder, PictureSeconds};
use crate::artifact::{Cut, Track};

/// Valence or arousal of people's scale that 5, 50 and 95 % of pictures lie below: how `feature.affect` and the rule on color
/// place pictures.
const KNOWN: [f32; 3] = [-0.8, 0.0, 0.8];

/// `mood` gives valence and arousal of a span of seconds. None where the track has no motion.
pub(crate) fn shown(
    encoder: &Encoder,
    motion: &Track,
    cuts: &[Cut],
    mood: impl Fn(f64, f64) -> [f32; 2],
    seconds: f64,
) -> Option<PictureSeconds> {
    let rows = motion.channel("motion")?;
    let count = (seconds.ceil() as usize).max(1);
    let row = |second: usize| {
        let at = (second as f64 * motion.rows_per_second) as usize;
        rows.get(at.min(rows.len().saturating_sub(1))).copied().filter(|value| value.is_finite()).unwrap_or(0.0)
    };
    let mut shown = PictureSeconds { motion: (0..count).map(row).collect(), ..PictureSeconds::default() };
    for second in 0..count {
        let [valence, arousal] = mood(second as f64, second as f64 + 1.0);
        shown.valence.push(encoder.mood(0, KNOWN, valence));
        shown.arousal.push(encoder.mood(1, KNOWN, arousal));
    }
    shown.cuts = vec![0.0; count];
    for cut in cuts {
        if let Some(second) = shown.cuts.get_mut(cut.time.max(0.0) as usize) {
            *second = 1.0;
        }
    }
    Some(shown)
}
