//! What a meter learns from and is tried on: rated pieces, and windows of them as long as those that music is judged by.
//!
//! A window is rated as its piece is, and by so much more or less as people's curves lie there above or below their mean.

use super::{Sound, meter::MeterKind};
use crate::corpus::{RatedPiece, Ratings};

/// Eight bars of 4/4; the pieces' own bars are not known.
const WINDOW_BEATS: f64 = 32.0;
/// How much of a window there must be at a piece's end.
const LEAST_SHARE: f64 = 0.75;
/// Of a long piece no more are taken, evenly spread: pieces are to count alike.
const MOST_WINDOWS: usize = 4;
const FEWEST_SOUNDS: usize = 8;

pub(super) struct Lesson {
    pub(super) kind: MeterKind,
    /// Pieces in their order, then windows.
    pub(super) rows: Vec<Row>,
    pieces: usize,
}

pub(super) struct Row {
    pub(super) piece: usize,
    pub(super) features: Vec<f64>,
    pub(super) rating: [f64; 2],
}

struct Window {
    sounds: Vec<Sound>,
    rating: [f64; 2],
}

impl Lesson {
    pub(super) fn of(ratings: &Ratings, kind: MeterKind) -> Self {
        let row = |place: usize, sounds: &[Sound], rating: [f64; 2]| {
            let silent = || vec![0.0; kind.width()];
            let features = kind.features(sounds, ratings.pieces[place].bpm).unwrap_or_else(silent);
            Row { piece: place, features, rating }
        };
        let pieces = || ratings.pieces.iter().enumerate();
        let mut rows: Vec<Row> = pieces().map(|(place, piece)| row(place, &piece.sounds, rating(piece))).collect();
        for (place, piece) in pieces() {
            rows.extend(windows(piece).into_iter().map(|window| row(place, &window.sounds, window.rating)));
        }
        Self { kind, rows, pieces: ratings.pieces.len() }
    }

    /// What the kind of meter learns from: the one that judges windows, from windows too.
    pub(super) fn taught(&self) -> &[Row] {
        match self.kind {
            MeterKind::Ridge => &self.rows[..self.pieces],
            MeterKind::Kernel => &self.rows,
        }
    }

    pub(super) fn ratings(&self) -> Vec<[f64; 2]> {
        self.rows.iter().map(|row| row.rating).collect()
    }

    /// Of each row, the rating of its piece.
    pub(super) fn ratings_of_pieces(&self) -> Vec<[f64; 2]> {
        self.rows.iter().map(|row| self.rows[row.piece].rating).collect()
    }

    /// Of a value a row, those of windows, less the mean over the windows of their piece.
    pub(super) fn within_pieces(&self, values: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let mut sums = vec![([0.0; 2], 0.0_f64); self.pieces];
        let windows = || self.rows.iter().zip(values).skip(self.pieces);
        for (row, value) in windows() {
            let (sum, count) = &mut sums[row.piece];
            *sum = [sum[0] + value[0], sum[1] + value[1]];
            *count += 1.0;
        }
        let deviation = |(row, value): (&Row, &[f64; 2])| {
            let (sum, count) = sums[row.piece];
            std::array::from_fn(|side| value[side] - sum[side] / count)
        };
        windows().map(deviation).collect()
    }
}

fn rating(piece: &RatedPiece) -> [f64; 2] {
    [piece.valence, piece.arousal]
}

fn windows(piece: &RatedPiece) -> Vec<Window> {
    let seconds = WINDOW_BEATS * 60.0 / piece.bpm;
    let last = piece.sounds.last().map_or(0.0, |sound| sound.start_seconds);
    let count = ((last / seconds + 1.0 - LEAST_SHARE) as usize).max(1);
    let taken = count.min(MOST_WINDOWS);
    let places = (0..taken).map(|place| (place * (count - 1) + (taken - 1) / 2) / (taken - 1).max(1));
    let windows = places.map(|place| {
        let start = place as f64 * seconds;
        Window { sounds: sounds(piece, start, start + seconds), rating: rating_within(piece, start, start + seconds) }
    });
    windows.filter(|window| window.sounds.len() >= FEWEST_SOUNDS).collect()
}

/// Sounds that begin within, cut at the end.
fn sounds(piece: &RatedPiece, start: f64, end: f64) -> Vec<Sound> {
    let inside = piece.sounds.iter().filter(|sound| (start..end).contains(&sound.start_seconds));
    let cut = |sound: &Sound| Sound {
        start_seconds: sound.start_seconds - start,
        seconds: sound.seconds.min(end - sound.start_seconds),
        ..*sound
    };
    inside.map(cut).collect()
}

fn rating_within(piece: &RatedPiece, start: f64, end: f64) -> [f64; 2] {
    let points = piece.curve.len();
    let whole = piece.sounds.iter().map(Sound::end_seconds).fold(f64::MIN_POSITIVE, f64::max);
    let point = |seconds: f64| (seconds / whole * points as f64) as usize;
    let first = point(start).min(points.saturating_sub(1));
    let there = &piece.curve[first..point(end).clamp(points.min(first + 1), points)];
    let whole = rating(piece);
    std::array::from_fn(|side| whole[side] + mean(there, side) - mean(&piece.curve, side))
}

/// 0 of nothing.
fn mean(points: &[[f64; 2]], side: usize) -> f64 {
    points.iter().map(|point| point[side]).sum::<f64>() / points.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::testing::sound;

    /// A note a beat at 120 bpm; people hear it grow gladder.
    fn piece(beats: u32) -> RatedPiece {
        let points = (beats / 4).max(1);
        RatedPiece {
            id: "a".into(),
            group: "a".into(),
            bpm: 120.0,
            valence: 0.1,
            arousal: -0.2,
            curve: (0..points).map(|point| [f64::from(point) / f64::from(points), 0.3]).collect(),
            sounds: (0..beats).map(|beat| sound(f64::from(beat) / 2.0, 4.0, 60)).collect(),
        }
    }

    #[test]
    fn a_piece_has_at_most_four_windows() {
        let count = |beats| windows(&piece(beats)).len();
        assert_eq!([5, 20, 40, 60, 128, 500].map(count), [0, 1, 1, 2, 4, 4]);
        let long = windows(&piece(500));
        assert!(long.iter().all(|window| window.sounds.len() >= 24 && window.sounds[0].start_seconds < 0.5));
        assert!(long.iter().flat_map(|window| &window.sounds).all(|sound| sound.end_seconds() <= 16.0 + 1e-9));
    }

    #[test]
    fn windows_are_rated_as_people_followed() {
        let rated: Vec<[f64; 2]> = windows(&piece(128)).iter().map(|window| window.rating).collect();
        assert!(rated.windows(2).all(|pair| pair[1][0] > pair[0][0] + 0.2), "{rated:?}");
        assert!(rated.iter().all(|rating| (rating[1] + 0.2).abs() < 1e-9), "{rated:?}");
        let unfollowed = RatedPiece { curve: vec![], ..piece(128) };
        assert!(windows(&unfollowed).iter().all(|window| {
            window.rating.iter().zip([0.1, -0.2]).all(|(found, rating): (&f64, f64)| (found - rating).abs() < 1e-9)
        }));
    }

    #[test]
    fn only_the_meter_that_judges_learns_from_windows() {
        let ratings = Ratings {
            name: String::new(),
            terms: String::new(),
            pieces: vec![piece(128), piece(64)],
            left_out: vec![],
        };
        let taught = |kind| Lesson::of(&ratings, kind).taught().len();
        assert_eq!((taught(MeterKind::Ridge), taught(MeterKind::Kernel)), (2, 8));
        let lesson = Lesson::of(&ratings, MeterKind::Kernel);
        let within = lesson.within_pieces(&lesson.ratings());
        assert!(
            (within[..4].iter().map(|value| value[0]).sum::<f64>()).abs() < 1e-9 && within[0][0] < -0.2,
            "{within:?}"
        );
    }
}
