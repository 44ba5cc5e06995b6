//! What models that were trained on pairs see of the picture: color the chords, motion the notes, as in V-MusProd
//! (Zhuo et al., ICCV 2023). Its third feature, what the picture means, is a channel that nothing measures yet.

use super::{
    Part,
    condition::{Bins, FEATURES},
    piece::Piece,
};
use crate::{artifact::BarPicture, corpus::Corpus};

/// The name of a part's channel in weight files.
pub(super) fn channel(part: Part) -> &'static str {
    match part {
        Part::Chords => "color",
        Part::Melody | Part::Accompaniment => "motion",
    }
}

/// Bins of a level of motion, 0..1.
const MOTION_BINS: Bins = Bins { first: 0.0, step: 0.2, count: 6 };

/// What a part sees of a bar: its colors as they are, its motion in soft bins. A picture that is not known lights nothing.
pub(super) fn seen(part: Part, picture: &BarPicture) -> Vec<f32> {
    if part == Part::Chords {
        return picture.color.to_vec();
    }
    let mut row = vec![0.0; picture.motion.len() * MOTION_BINS.count];
    if *picture != BarPicture::default() {
        for (bins, level) in row.chunks_mut(MOTION_BINS.count).zip(picture.motion) {
            MOTION_BINS.light(bins, level);
        }
    }
    row
}

/// Features of a beat, with or without the picture.
pub(super) fn width(part: Part, sees: bool) -> i64 {
    let picture = if sees { seen(part, &BarPicture::default()).len() } else { 0 };
    (FEATURES + picture) as i64
}

/// Songs as pieces: all with a picture if any has one.
pub(super) fn pieces(corpus: &Corpus) -> Vec<Piece> {
    let sees = corpus.has_pictures();
    corpus.songs.iter().map(|song| Piece::of_song(song).shown(sees)).collect()
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::Rng;
    use tch::{
        Device, Kind,
        nn::{OptimizerConfig, VarStore},
    };

    use super::*;
    use crate::{
        corpus::{Song, Split},
        model::{Config, lesson_of, network_of, testing, training},
        music::{Chord, Quality, STEPS_PER_BAR},
        plan::BarPictures,
        seed::Seed,
        video,
    };

    /// A colour a bar by chance, of four; a bar lasts two seconds. Each colour moves at a pace of its own.
    fn clip(seed: u64) -> (Vec<usize>, Vec<BarPicture>) {
        let mut rng = Seed::master(seed).rng();
        let colors: Vec<usize> = (0..20).map(|_| (rng.next_u32() % 4) as usize).collect();
        let times: Vec<f64> = (0..200).map(|picture| f64::from(picture) / 5.0).collect();
        let frames = video::made_frames(&times, |picture, name| {
            let color = colors[picture / 10];
            match name {
                "saturation" | "value" => 0.8,
                "difference" => [0.5, 3.0, 12.0, 40.0][color],
                _ if name == format!("hue_{}", 3 * color) => 0.8,
                _ => 0.0,
            }
        });
        let pictures =
            BarPictures::read(&video::color(&frames, 40.0).unwrap(), &video::motion(&frames, 40.0).unwrap()).unwrap();
        let bars = (0..20).map(|bar| pictures.over(f64::from(2 * bar), f64::from(2 * bar + 2))).collect();
        (colors, bars)
    }

    /// Chords that follow the colour, or a melody whose notes are the shorter the more moves.
    fn song(index: usize, part: Part) -> Song {
        let (colors, picture) = clip(index as u64);
        let split = if index % 4 == 3 { Split::Validation } else { Split::Train };
        let mut song = Song { picture, ..testing::song(&index.to_string(), 20, split) };
        if part == Part::Chords {
            let chords = [(0, Quality::Major), (9, Quality::Minor), (5, Quality::Major), (7, Quality::Seventh)];
            let chord = |slot: usize| chords[colors[slot / 2]];
            song.chords = (0..40).map(|slot| Chord::new(chord(slot).0, chord(slot).1)).collect();
        }
        for note in &mut song.melody {
            note.duration = [4, 3, 2, 1][colors[(note.start / STEPS_PER_BAR) as usize]];
        }
        song
    }

    fn corpus(part: Part) -> Corpus {
        Corpus { songs: (0..24).map(|index| song(index, part)).collect(), ..testing::corpus(0) }
    }

    /// The pictures of the next clip instead of its own.
    fn shuffled(corpus: &Corpus) -> Corpus {
        let mut shuffled = corpus.clone();
        let count = corpus.songs.len();
        for (index, song) in shuffled.songs.iter_mut().enumerate() {
            song.picture.clone_from(&corpus.songs[(index + 1) % count].picture);
        }
        shuffled
    }

    fn blind(corpus: &Corpus) -> Corpus {
        let mut blind = corpus.clone();
        blind.songs.iter_mut().for_each(|song| song.picture.clear());
        blind
    }

    /// Nats a token on the validation songs of each judged corpus, after some steps on one.
    fn learned(part: Part, learn: &Corpus, judge: &[&Corpus], (steps, rate): (usize, f64)) -> Vec<f64> {
        tch::manual_seed(1);
        let store = VarStore::new(Device::Cpu);
        let config = Config { layers: 1, sees: learn.has_pictures(), ..testing::SMALL };
        let network = network_of(part, &store.root(), &config);
        let mut optimizer = tch::nn::AdamW::default().build(&store, rate).unwrap();
        let lesson = lesson_of(part, learn);
        let mut rng = Seed::master(1).rng();
        for _ in 0..steps {
            let nats = network.nats(&lesson.draw(&mut rng, 4), true);
            optimizer.backward_step(&(nats.sums.sum(Kind::Float) / nats.tokens as f64));
        }
        let nats = |corpus: &&Corpus| {
            let batches = lesson_of(part, corpus).look(Split::Validation, 8);
            training::nats(network.as_ref(), &batches, Device::Cpu).iter().sum()
        };
        judge.iter().map(nats).collect()
    }

    #[test]
    fn chords_follow_the_colors_of_made_clips() {
        testing::alone();
        let corpus = corpus(Part::Chords);
        let seen = learned(Part::Chords, &corpus, &[&corpus, &shuffled(&corpus)], (80, 4e-3));
        let blind = learned(Part::Chords, &blind(&corpus), &[&blind(&corpus)], (80, 4e-3));
        assert!(seen[0] < 0.5 * blind[0] && seen[0] < 0.5 * seen[1], "seen {seen:?}, blind {blind:?}");
    }

    #[test]
    #[ignore = "takes a minute: make test-long"]
    fn the_melody_follows_the_motion_of_made_clips() {
        testing::alone();
        let corpus = corpus(Part::Melody);
        let seen = learned(Part::Melody, &corpus, &[&corpus, &shuffled(&corpus)], (250, 2e-3));
        let blind = learned(Part::Melody, &blind(&corpus), &[&blind(&corpus)], (250, 2e-3));
        assert!(seen[0] < blind[0] && seen[0] < seen[1], "seen {seen:?}, blind {blind:?}");
    }

    #[test]
    fn rows_grow_by_what_a_part_sees_and_only_with_a_picture() {
        use crate::model::condition::{Telling, features};
        let song = song(1, Part::Chords);
        for (part, seen) in [(Part::Chords, 16), (Part::Melody, 12), (Part::Accompaniment, 12)] {
            let rows = |sees| features(part, &Piece::of_song(&song).shown(sees), 3..4, 0, Telling::Bins);
            let (with, without) = (rows(true), rows(false));
            assert_eq!((with.len(), without.len()), (4 * (FEATURES + seen), 4 * FEATURES));
            assert_eq!(with[..FEATURES], without[..FEATURES], "what was asked before is asked the same");
            assert_eq!(width(part, true) - width(part, false), seen as i64);
        }
        let unknown = Piece::of_song(&testing::song("1", 8, Split::Train)).shown(true);
        assert_eq!(unknown.picture, vec![BarPicture::default(); 8]);
    }
}
