//! Where a sound has speech or singing: no network, three classic measures of the speech band, in windows of 1.5 s.
//!
//! - Range: speech has gaps, its level falls between words; most music and steady noise do not.
//! - Flux: syllables come four to eight a second, so that the level moves all the time (the 4 Hz modulation of Scheirer
//!   and Slaney, "Construction and Evaluation of a Robust Multifeature Speech/Music Discriminator", ICASSP 1997).
//! - Voicing: a voice is periodic in part; engines, wind and clapping hardly ever are, instruments always are.
//!
//! The rules were set on the project's clips; singing over instruments is found only where its words stand out.

mod activity;
mod band;
mod voicing;

pub(crate) use self::band::Listener;

/// Samples a second that are listened to.
pub(crate) const RATE: u32 = 16_000;

/// One row a tenth of a second.
pub(crate) const ROWS_PER_SECOND: f64 = 10.0;

/// A fiftieth of a second.
const FRAME: usize = RATE as usize / 50;
const FRAMES_PER_ROW: usize = 5;

/// A tenth of a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SpeechRow {
    pub(crate) speech: bool,
    /// Level of the speech band (300 to 3400 Hz) against full scale.
    pub(crate) level_db: f32,
}

/// What one frame measures.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measure {
    level_db: f32,
    /// Best normalised autocorrelation at the periods of a voice, 0..1.
    voicing: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(seconds: f32, sound: impl Fn(f32) -> f32) -> Vec<SpeechRow> {
        let mut listener = Listener::new();
        let samples: Vec<[f32; 2]> =
            (0..(seconds * RATE as f32) as u32).map(|n| [sound(n as f32 / RATE as f32); 2]).collect();
        samples.chunks(1000).for_each(|piece| listener.add(piece));
        listener.finish()
    }

    fn spoken(rows: &[SpeechRow]) -> usize {
        rows.iter().filter(|row| row.speech).count()
    }

    fn noise(t: f32) -> f32 {
        let cell = (t * RATE as f32) as u32;
        let mixed = (cell ^ 0x9e37).wrapping_mul(0x85eb_ca6b) ^ (cell >> 3);
        f64::from(mixed.wrapping_mul(0xc2b2_ae35) >> 8) as f32 / 8_388_608.0 - 1.0
    }

    /// A buzz of 120 Hz in syllables of 0.2 s, every third one a hiss, from 3 to 7 s.
    fn babble(t: f32) -> f32 {
        let syllable = (t * 5.0) as u32;
        let swell = (t * 5.0).fract();
        let is_spoken = (3.0..7.0).contains(&t) && swell < 0.7;
        let voice: f32 = (1..20).map(|n| (t * 120.0 * n as f32 * std::f32::consts::TAU).sin() / 8.0).sum();
        match (is_spoken, syllable % 3) {
            (false, _) => 0.0,
            (true, 0) => 0.1 * noise(t),
            (true, _) => 0.2 * voice,
        }
    }

    #[test]
    fn syllables_of_a_voice_are_speech_and_their_pauses_belong_to_it() {
        let rows = rows(10.0, babble);
        assert_eq!(rows.len(), 100);
        let first = rows.iter().position(|row| row.speech).unwrap();
        let last = rows.iter().rposition(|row| row.speech).unwrap();
        assert!((29..=31).contains(&first) && (67..=70).contains(&last), "{first} {last}");
        assert_eq!(spoken(&rows), last - first + 1, "no holes");
    }

    #[test]
    fn tones_noise_clicks_and_silence_are_none() {
        assert_eq!(spoken(&rows(6.0, |_| 0.0)), 0);
        assert_eq!(spoken(&rows(6.0, |t| 0.3 * noise(t))), 0);
        assert_eq!(spoken(&rows(6.0, |t| 0.3 * (t * 440.0 * std::f32::consts::TAU).sin())), 0, "a held note");
        assert_eq!(spoken(&rows(6.0, |t| if (t * 4.0).fract() < 0.4 { 0.3 * noise(t) } else { 0.0 })), 0, "an engine");
        assert_eq!(spoken(&rows(0.01, |_| 0.1)), 0, "shorter than a frame");
    }
}
