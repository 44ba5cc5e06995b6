//! How music and original sound share the programme: three ways, each with its levels.

use serde::Deserialize;

/// The knob `mix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Preset {
    /// Someone talks nearly all the time: the music is a carpet.
    Talk,
    /// Speech and pictures take turns: the music steps back and comes forward again.
    Montage,
    /// The music leads; the original sound is colour.
    MusicFirst,
}

/// What a preset stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Levels {
    /// Loudness of the music against the original sound, beside speech.
    pub(crate) music_gain_db: f64,
    /// How far all of the music goes down under speech.
    pub(crate) duck_db: f64,
    /// How much further its 1 to 4 kHz go, where consonants lie.
    pub(crate) carve_db: f64,
    /// Seconds in which it comes back.
    pub(crate) recovery_seconds: f64,
}

impl Preset {
    pub(crate) fn levels(self) -> Levels {
        let (music_gain_db, duck_db, carve_db, recovery_seconds) = match self {
            Self::Talk => (-9.0, 14.0, 5.0, 1.1),
            Self::Montage => (-6.0, 12.0, 4.0, 0.9),
            Self::MusicFirst => (0.0, 8.0, 4.0, 0.7),
        };
        Levels { music_gain_db, duck_db, carve_db, recovery_seconds }
    }
}
