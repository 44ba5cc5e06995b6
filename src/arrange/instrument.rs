//! Instruments: General MIDI program, range, and place in the mix.
//!
//! Gains were set by rendering stretches of real songs with FluidR3 and measuring each stem (EBU R128, integrated; see the
//! figures in `style`). At 0 dB the piano came to -28 LUFS, flute -24, clarinet -22, guitar -31, vibraphone -32, strings
//! -27, basses -31 and -29, pads -30 and -24, brushes -36, kit -38. Wanted are a lead 4 LU above the piano, a bass equal to
//! it, a pad 6 below, drums 3 below.

use std::ops::RangeInclusive;

use super::piece::Mood;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Instrument {
    pub(super) program: u8,
    /// Pitches that it plays well.
    pub(super) range: RangeInclusive<u8>,
    pub(super) gain_db: f32,
    /// -1 left .. 1 right.
    pub(super) pan: f32,
    /// Room send 0..1.
    pub(super) room: f32,
}

const fn instrument(program: u8, range: RangeInclusive<u8>, gain_db: f32, pan: f32, room: f32) -> Instrument {
    Instrument { program, range, gain_db, pan, room }
}

const LEAD_PAN: f32 = 0.08;
const LEAD_ROOM: f32 = 0.32;

pub(super) const LEAD_PIANO: Instrument = instrument(0, 45..=100, 3.0, 0.06, 0.25);
pub(super) const SOLO_PIANO: Instrument = instrument(0, 24..=100, -3.5, -0.06, 0.25);
pub(super) const BAND_PIANO: Instrument = instrument(0, 24..=100, -6.0, -0.2, 0.22);
const FLUTE: Instrument = instrument(73, 60..=96, -6.0, LEAD_PAN, LEAD_ROOM);
const CLARINET: Instrument = instrument(71, 50..=88, -8.0, LEAD_PAN, LEAD_ROOM);
const NYLON_GUITAR: Instrument = instrument(24, 48..=83, 1.0, LEAD_PAN, LEAD_ROOM);
const VIBRAPHONE: Instrument = instrument(11, 53..=89, 2.0, LEAD_PAN, LEAD_ROOM);
const STRINGS: Instrument = instrument(48, 55..=91, -3.0, LEAD_PAN, LEAD_ROOM);
const ACOUSTIC_BASS: Instrument = instrument(32, 28..=48, -2.0, 0.0, 0.06);
const FINGER_BASS: Instrument = instrument(33, 28..=48, -4.0, 0.0, 0.04);
const WARM_PAD: Instrument = instrument(89, 48..=72, -10.5, 0.15, 0.45);
const SLOW_STRINGS: Instrument = instrument(49, 48..=72, -15.5, 0.15, 0.45);
const STANDARD_KIT: Instrument = instrument(0, 27..=87, 0.0, 0.0, 0.15);
const BRUSH_KIT: Instrument = instrument(40, 27..=87, -1.0, 0.0, 0.15);

/// Arousal from which a piece is lively, and up to which it is calm.
const LIVELY: f32 = 0.3;
const CALM: f32 = -0.25;

/// Winds and plucked strings for calm and middling moods, bright bars or strings for lively ones.
pub(super) fn lead(mood: Mood) -> Instrument {
    let glad = mood.valence >= 0.0;
    match mood.arousal {
        arousal if arousal < CALM => [CLARINET, NYLON_GUITAR][usize::from(glad)].clone(),
        arousal if arousal > LIVELY => [STRINGS, VIBRAPHONE][usize::from(glad)].clone(),
        _ => [NYLON_GUITAR, FLUTE][usize::from(glad)].clone(),
    }
}

pub(super) fn bass(mood: Mood) -> Instrument {
    if mood.arousal < 0.0 { ACOUSTIC_BASS } else { FINGER_BASS }
}

pub(super) fn pad(mood: Mood) -> Instrument {
    if mood.arousal < 0.0 { WARM_PAD } else { SLOW_STRINGS }
}

pub(super) fn kit(mood: Mood) -> Instrument {
    if mood.arousal < 0.0 { BRUSH_KIT } else { STANDARD_KIT }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn moods_have_their_instruments() {
        let mood = |valence, arousal| Mood { valence, arousal };
        assert_eq!(lead(mood(0.5, 0.0)).program, 73);
        assert_eq!(lead(mood(0.5, 0.8)).program, 11);
        assert_eq!(lead(mood(-0.5, 0.8)).program, 48);
        let leads: BTreeSet<u8> =
            [-0.6, 0.0, 0.6].iter().flat_map(|a| [-0.5, 0.5].map(|v| lead(mood(v, *a)).program)).collect();
        assert_eq!(leads.len(), 5);
        assert_eq!((kit(mood(0.0, -0.4)).program, kit(mood(0.0, 0.4)).program), (40, 0));
        assert_ne!(bass(mood(0.0, -0.4)).program, bass(mood(0.0, 0.4)).program);
        assert_ne!(pad(mood(0.0, -0.4)).program, pad(mood(0.0, 0.4)).program);
    }
}
