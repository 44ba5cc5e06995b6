//! A stretch of a real song as a song of its own: what is measured beside composed pieces of equal length.

use crate::{
    corpus::Song,
    music::{Note, STEPS_PER_BAR},
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Excerpt<'a> {
    pub(crate) song: &'a Song,
    pub(crate) first_bar: usize,
    pub(crate) bars: usize,
}

impl Excerpt<'_> {
    /// Says where it comes from: `020@24`.
    pub(crate) fn name(&self) -> String {
        format!("{}@{}", self.song.id, self.first_bar)
    }

    /// Notes that begin before it are not in it; those that reach over its end are cut there.
    pub(crate) fn song(&self) -> Song {
        let first = self.first_bar as u32 * STEPS_PER_BAR;
        let end = first + self.bars as u32 * STEPS_PER_BAR;
        let cut = |notes: &[Note]| -> Vec<Note> {
            let inside = notes.iter().filter(|note| (first..end).contains(&note.start));
            let moved = inside.map(|note| Note {
                start: note.start - first,
                duration: u32::from(note.duration).min(end - note.start) as u16,
                ..*note
            });
            moved.collect()
        };
        Song {
            id: self.name(),
            bars: self.bars,
            chords: self.song.chords[2 * self.first_bar..2 * (self.first_bar + self.bars)].to_vec(),
            melody: cut(&self.song.melody),
            accompaniment: cut(&self.song.accompaniment),
            affect: self.song.affect.iter().skip(self.first_bar).take(self.bars).copied().collect(),
            picture: self.song.picture.iter().skip(self.first_bar).take(self.bars).copied().collect(),
            ..*self.song
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus::Split, model::testing};

    #[test]
    fn a_stretch_begins_at_its_bar_and_ends_with_its_last() {
        let mut song = testing::song("7", 12, Split::Test);
        song.accompaniment[8 * 4 - 1].duration = 99;
        song.accompaniment[8 * 8 - 1].duration = 99;
        let part = Excerpt { song: &song, first_bar: 4, bars: 4 }.song();
        assert_eq!((part.id.as_str(), part.bars, part.chords.len()), ("7@4", 4, 8));
        assert_eq!(part.accompaniment.len(), 32, "what begins before does not sound in it");
        assert_eq!(
            (part.accompaniment[0].start, part.accompaniment[31]),
            (0, Note { duration: 2, ..part.accompaniment[31] })
        );
        assert_eq!(part.chords[..], song.chords[8..16]);
    }
}
