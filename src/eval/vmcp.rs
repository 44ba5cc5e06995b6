//! The experiment of VMCP: pieces composed to test videos as the product would, beside pieces that were asked for nothing and
//! pieces for other videos, scored by encoders that took no part in composing or picking.

use crate::{
    arrange::{self, StyleName},
    artifact::{Chords, Conditions, CuePlan, Cut, Media, Notes, Track, VideoStream},
    digest::Digest,
    model::{Composing, Part, Piece, ROWS, compose_chords, compose_notes},
    plan::{BarPictures, ConditionKnobs, CueKnobs, PictureMood, PlanError, plan_conditions, plan_cue},
    seed::Seed,
    vmcp::{Clip, HEAD_SECONDS, MusicSeconds, PictureSeconds, heard},
};

use super::Ensemble;

/// What the product's knobs say.
#[derive(Clone, Debug)]
pub(crate) struct Knobs {
    pub(crate) cue: CueKnobs,
    pub(crate) conditions: ConditionKnobs,
    pub(crate) style: StyleName,
}

/// What a piece is asked for.
pub(crate) struct Order {
    plan: CuePlan,
    conditions: Conditions,
    /// Told mode, tempo and form alone.
    unasked: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Arrange(#[from] arrange::ArrangeError),
}

/// The part of a clip that is composed to.
pub(crate) fn scene(clip: &Clip, seconds: usize) -> (PictureSeconds, MusicSeconds) {
    let to = HEAD_SECONDS + seconds;
    (clip.picture.cut(HEAD_SECONDS, to), clip.music.cut(HEAD_SECONDS, to))
}

impl Order {
    /// As the product plans for a video: valence and arousal as feature.affect would give them, motion, cuts. `place` brings the
    /// clips' valence (0) and arousal (1) to the scale of the knobs.
    pub(crate) fn of(
        picture: &PictureSeconds,
        place: impl Fn(usize, f32) -> f32,
        knobs: &Knobs,
        seed: Seed,
    ) -> Result<Self, OrderError> {
        let seconds = picture.motion.len() as f64;
        let rows = |at: usize| vec![place(0, picture.valence[at]), place(1, picture.arousal[at])];
        let affect = track(&["valence", "arousal"], (0..picture.motion.len()).map(rows).collect());
        let motion = track(&["motion"], picture.motion.iter().map(|motion| vec![*motion]).collect());
        let begins = picture.cuts.iter().enumerate().filter(|(second, cut)| *second > 0 && **cut > 0.5);
        let cuts: Vec<Cut> = begins.map(|(second, _)| Cut { time: second as f64, strength: 0.5 }).collect();
        let mood = PictureMood::felt(&affect, &motion, &cuts, seconds)?;
        let color = track(&["value"], vec![vec![0.5]; picture.motion.len()]);
        let plan = plan_cue(&media(seconds), &cuts, &motion, &mood, &knobs.cue, seed)?;
        let pictures = BarPictures::read(&color, &motion)?;
        let conditions = plan_conditions(&plan, &mood, &pictures, None, &knobs.conditions)?;
        Ok(Self { plan, conditions, unasked: false })
    }

    /// For a picture that shows nothing: middling, without motion and cuts. The models are told nothing but mode, tempo and form.
    pub(crate) fn unasked(seconds: usize, knobs: &Knobs, seed: Seed) -> Result<Self, OrderError> {
        let still = PictureSeconds {
            valence: vec![0.0; seconds],
            arousal: vec![0.0; seconds],
            motion: vec![5.0; seconds],
            cuts: vec![0.0; seconds],
            semantic: vec![],
        };
        Ok(Self { unasked: true, ..Self::of(&still, |_, level| level, knobs, seed)? })
    }
}

/// `count` pieces to one order, as they are heard; the product's own way from chords to score.
pub(crate) fn compose_to(
    ensemble: &Ensemble,
    order: &Order,
    knobs: &Knobs,
    count: usize,
    how: &Composing,
) -> Result<Vec<MusicSeconds>, OrderError> {
    let mut music = Vec::with_capacity(count);
    let critic = &ensemble.critic;
    for batch in 0..count.div_ceil(ROWS) {
        let takes = ROWS.min(count - batch * ROWS);
        let how = Composing { seed: how.seed.derive(&format!("batch {batch}")), ..*how };
        let mut piece = Piece::of_plan(&order.plan, &order.conditions);
        if order.unasked {
            piece.bars.iter_mut().for_each(|bar| bar.asked.fill(None));
        }
        let (sampling, guidance) = (ensemble.chords_sampling, ensemble.chords_guidance);
        let chord_how = Composing { sampling, guidance, seed: how.seed.derive("chords"), ..how };
        let shown = piece.clone().shown(ensemble.chords.sees());
        let chords =
            Chords { takes: compose_chords(ensemble.chords, &shown, takes, &chord_how, &mut |_| ()), notes: vec![] };
        let mut pieces: Vec<Piece> = (0..takes).map(|take| piece.with_chords(&chords, take)).collect();
        let melody_how = Composing { seed: how.seed.derive("melody"), ..how };
        let shown = self::shown(&pieces, ensemble.melody.sees());
        let melodies = compose_notes(ensemble.melody, Part::Melody, &shown, None, critic, &melody_how, &mut |_| ());
        pieces.iter_mut().zip(&melodies).for_each(|(piece, melody)| piece.melody.clone_from(melody));
        let under = Composing { seed: how.seed.derive("accompaniment"), ..how };
        let accompaniment = compose_notes(
            ensemble.accompaniment,
            Part::Accompaniment,
            &self::shown(&pieces, ensemble.accompaniment.sees()),
            None,
            critic,
            &under,
            &mut |_| (),
        );
        let (melody, accompaniment) = (Notes::new(melodies), Notes::new(accompaniment));
        for number in 1..=takes {
            let take = arrange::Take {
                plan: &order.plan,
                conditions: &order.conditions,
                chords: &chords,
                melody: &melody,
                accompaniment: &accompaniment,
                number,
            };
            let score = arrange::arrange(&take, knobs.style, how.seed.derive(&format!("style {number}")))?;
            music.push(heard(&order.plan, &chords.takes[number - 1], &score));
        }
    }
    Ok(music)
}

/// With as much of the picture as a network has learned to see.
fn shown(pieces: &[Piece], sees: bool) -> Vec<Piece> {
    pieces.iter().map(|piece| piece.clone().shown(sees)).collect()
}

fn track(channels: &[&str], rows: Vec<Vec<f32>>) -> Track {
    Track { channels: channels.iter().map(|&name| name.to_owned()).collect(), rows_per_second: 1.0, rows }
}

/// A video of which nothing but its length is known.
fn media(seconds: f64) -> Media {
    let video = VideoStream {
        index: 0,
        codec: String::new(),
        width: 16,
        height: 9,
        rotation_degrees: 0,
        frame_rate: (25, 1),
        first_picture_seconds: 0.0,
        frames: (25.0 * seconds) as u64,
    };
    Media {
        digest: Digest::of(b"features alone"),
        bytes: 0,
        container: String::new(),
        video,
        audio: None,
        seconds,
        preview_seconds: None,
    }
}
