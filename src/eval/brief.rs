//! What a stretch of a real song would have been asked for: a cue plan and conditions as the product makes them from
//! pictures. Rows are taken whole, because what is asked hangs together: who asks for 30 notes a bar does not ask for calm.

use serde::{Deserialize, Serialize};

use super::{excerpt::Excerpt, letters};
use crate::{
    artifact::{Bar, BarConditions, Conditions, CuePlan, TempoMark},
    model::Piece,
    music::{Key, PitchClass},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Brief {
    /// The stretch that it comes from.
    pub(crate) source: String,
    pub(crate) plan: CuePlan,
    pub(crate) conditions: Conditions,
}

impl Brief {
    /// A piece of its own, with an opening and an end, heard in a key on `tonic`.
    pub(super) fn of(excerpt: &Excerpt, tonic: PitchClass) -> Self {
        let whole = Piece::of_song(excerpt.song);
        let rows = &whole.bars[excerpt.first_bar..excerpt.first_bar + excerpt.bars];
        let song = excerpt.song();
        let starts: Vec<usize> = (0..rows.len()).filter(|bar| *bar == 0 || rows[*bar].since_section == 0).collect();
        let key = Key::new(tonic, song.mode);
        let bar_seconds = 240.0 / song.bpm;
        let plan = CuePlan {
            key,
            tempo_map: vec![TempoMark { time: 0.0, bpm: song.bpm }],
            bars: (0..excerpt.bars).map(|bar| Bar { start: bar_seconds * bar as f64, beats: 4 }).collect(),
            sections: letters::sections(&song, &starts),
            end_seconds: bar_seconds * excerpt.bars as f64,
            cuts: vec![],
            hits: vec![],
            notes: vec![],
        };
        let columns: Vec<Vec<f32>> =
            (0..6).map(|channel| known(&rows.iter().map(|row| row.asked[channel]).collect::<Vec<_>>())).collect();
        let heard = -key.shift_to_neutral() as f32;
        let row = |bar: usize| BarConditions {
            valence: columns[0][bar],
            arousal: columns[1][bar],
            density: columns[2][bar],
            dynamics: columns[3][bar],
            register: columns[4][bar] + heard,
            melody_density: columns[5][bar],
        };
        let conditions =
            Conditions { bars: (0..excerpt.bars).map(row).collect(), melody: true, picture: vec![], notes: vec![] };
        Self { source: excerpt.name(), plan, conditions }
    }
}

/// Bars in which a value means nothing (the dynamics of silence) take it from the nearest bar that has one.
fn known(values: &[Option<f32>]) -> Vec<f32> {
    let nearest = |bar: usize| {
        let with = values.iter().enumerate().filter_map(|(other, value)| Some((other.abs_diff(bar), (*value)?)));
        with.min_by_key(|(distance, _)| *distance).map_or(0.0, |(_, value)| value)
    };
    (0..values.len()).map(nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    #[test]
    fn a_brief_asks_for_what_the_stretch_is() {
        let mut song = testing::song("3", 16, Split::Test);
        song.accompaniment.retain(|note| note.start / 16 != 6);
        let excerpt = Excerpt { song: &song, first_bar: 4, bars: 8 };
        let brief = Brief::of(&excerpt, 2);
        assert_eq!(
            (brief.plan.bars.len(), brief.conditions.bars.len(), brief.plan.key.to_string().as_str()),
            (8, 8, "D major")
        );
        assert!((brief.plan.end_seconds - 8.0 * 2.4).abs() < 1e-9);
        let asked: Vec<f32> = brief.conditions.bars.iter().map(|bar| bar.density).collect();
        assert_eq!(asked[..4], [8.0, 8.0, 0.0, 8.0]);
        assert!(brief.conditions.bars.iter().all(|bar| bar.dynamics > 60.0), "silence is not asked to be soft");
        let neutral = Brief::of(&excerpt, 0);
        let register = |brief: &Brief| brief.conditions.bars[0].register;
        assert!((register(&brief) - register(&neutral) - 2.0).abs() < 1e-4, "asked where it is heard");
    }
}
