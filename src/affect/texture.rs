//! What both meters look at: onsets, the line on top, what sounds over the bass, and for how long each pitch class.

use std::ops::Range;

use super::Sound;

/// Sounds that begin within this of each other are struck together.
const TOGETHER_SECONDS: f64 = 0.03;
/// An instant after an onset: what sounds with it.
const JUST_AFTER_SECONDS: f64 = 0.001;
const SHORTEST_SPAN_SECONDS: f64 = 1.0;

/// Sounds in order, grouped by onset. Never empty.
pub(super) struct Texture {
    pub(super) sounds: Vec<Sound>,
    onsets: Vec<Range<usize>>,
    /// From the first beginning to the last end.
    pub(super) span_seconds: f64,
}

impl Texture {
    /// None where nothing sounds.
    pub(super) fn of(sounds: &[Sound]) -> Option<Self> {
        let mut sounds: Vec<Sound> = sounds.to_vec();
        sounds.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds).then(a.pitch.cmp(&b.pitch)));
        let first = sounds.first()?.start_seconds;
        let end = sounds.iter().map(Sound::end_seconds).fold(first, f64::max);
        let onsets = onsets(&sounds);
        Some(Self { sounds, onsets, span_seconds: (end - first).max(SHORTEST_SPAN_SECONDS) })
    }

    /// What is struck together, in order of time; lowest first where it is struck at once.
    pub(super) fn onsets(&self) -> impl ExactSizeIterator<Item = &[Sound]> {
        self.onsets.iter().map(|range| &self.sounds[range.clone()])
    }

    /// The highest sound of each onset.
    pub(super) fn top_line(&self) -> Vec<u8> {
        self.onsets().map(|struck| struck.iter().map(|sound| sound.pitch).max().unwrap_or(0)).collect()
    }

    /// The lowest sound of each onset.
    pub(super) fn bottom_line(&self) -> Vec<u8> {
        self.onsets().map(|struck| struck.iter().map(|sound| sound.pitch).min().unwrap_or(0)).collect()
    }

    /// Semitones between neighbours of the top line, at most an octave.
    pub(super) fn top_steps(&self) -> Vec<u8> {
        self.top_line().windows(2).map(|pair| pair[0].abs_diff(pair[1]).min(12)).collect()
    }

    /// Seconds from onset to onset.
    pub(super) fn waits(&self) -> Vec<f64> {
        let starts: Vec<f64> = self.onsets().map(|struck| struck[0].start_seconds).collect();
        starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// Sounds begun in each second from the first on.
    pub(super) fn rates(&self) -> Vec<f64> {
        let first = self.sounds[0].start_seconds;
        let second = |sound: &Sound| (sound.start_seconds - first) as usize;
        let mut rates = vec![0.0; self.sounds.last().map_or(0, second) + 1];
        self.sounds.iter().for_each(|sound| rates[second(sound)] += 1.0);
        rates
    }

    /// Share of the time that each pitch class sounds.
    pub(super) fn pitch_classes(&self) -> [f64; 12] {
        let mut seconds = [0.0; 12];
        for sound in &self.sounds {
            seconds[usize::from(sound.pitch % 12)] += sound.seconds;
        }
        shares(seconds)
    }

    /// Share of each interval over the lowest sounding pitch, folded into an octave, over all onsets.
    pub(super) fn over_bass(&self) -> [f64; 12] {
        let mut counts = [0.0; 12];
        let mut sounding: Vec<&Sound> = Vec::new();
        for range in &self.onsets {
            let now = self.sounds[range.end - 1].start_seconds + JUST_AFTER_SECONDS;
            sounding.extend(&self.sounds[range.clone()]);
            sounding.retain(|sound| sound.end_seconds() > now);
            let mut pitches: Vec<u8> = sounding.iter().map(|sound| sound.pitch).collect();
            pitches.sort_unstable();
            pitches.dedup();
            for pitch in pitches.iter().skip(1) {
                counts[usize::from((pitch - pitches[0]) % 12)] += 1.0;
            }
        }
        shares(counts)
    }
}

fn onsets(sounds: &[Sound]) -> Vec<Range<usize>> {
    let mut onsets = Vec::new();
    let mut first = 0;
    for next in 1..=sounds.len() {
        let goes_on =
            next < sounds.len() && sounds[next].start_seconds - sounds[next - 1].start_seconds <= TOGETHER_SECONDS;
        if !goes_on {
            onsets.push(first..next);
            first = next;
        }
    }
    onsets
}

/// Counts as shares of their sum; nothing counted stays nothing.
pub(super) fn shares<const N: usize>(counts: [f64; N]) -> [f64; N] {
    let sum: f64 = counts.iter().sum();
    if sum > 0.0 { counts.map(|count| count / sum) } else { counts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::testing::sound;

    #[test]
    fn what_begins_together_is_one_onset() {
        let texture =
            Texture::of(&[sound(0.0, 1.0, 60), sound(1.0, 0.5, 67), sound(0.02, 1.0, 64), sound(1.04, 0.5, 48)])
                .unwrap();
        assert_eq!(texture.onsets().map(<[Sound]>::len).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!((texture.top_line(), texture.bottom_line()), (vec![64, 67, 48], vec![60, 67, 48]));
        assert_eq!(texture.top_steps(), [3, 12]);
        assert_eq!(texture.rates().iter().map(|rate| *rate as usize).collect::<Vec<_>>(), [2, 2]);
        assert!((texture.span_seconds - 1.54).abs() < 1e-9);
    }

    #[test]
    fn intervals_stand_over_the_lowest_sound() {
        let texture = Texture::of(&[sound(0.0, 4.0, 48), sound(1.0, 1.0, 64), sound(3.0, 1.0, 67)]).unwrap();
        let over = texture.over_bass();
        assert!((over[4] - 0.5).abs() < 1e-9 && (over[7] - 0.5).abs() < 1e-9, "{over:?}");
    }

    #[test]
    fn nothing_has_no_texture() {
        assert!(Texture::of(&[]).is_none());
    }
}
