//! Executors of the family `generate`: chords, then melody, then accompaniment, each take by take.

mod lock;
#[cfg(test)]
mod measures;
mod reroll;
#[cfg(test)]
mod second_thoughts;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::Deserialize;
use tch::Device;

use super::{Execute, StageContext, style_hooks};
use crate::{
    affect::{Meter, MeterKind},
    artifact::{Chords, Conditions, CuePlan, Notes, Roll, Rolled},
    digest::Digest,
    error::StageError,
    model::{
        ChordNetwork, Composing, Config, Critic, Kept, KeptNetwork, NoteNetwork, Part, Piece, Sampling, Shaping,
        compose_chords, compose_notes, fast_kind,
    },
    music::Note,
    original::Index,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "generate.chords" => Some(chords),
        "generate.melody" => Some(melody),
        "generate.accompaniment" => Some(accompaniment),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Params {
    weights: Digest,
    temperature: f64,
    top_p: f64,
    variety: f64,
    guidance: f64,
}

#[derive(Deserialize)]
struct ChordParams {
    candidates: usize,
    /// A run.json, or empty.
    lock: String,
}

#[derive(Deserialize)]
struct NoteParams {
    recall: f64,
    steering: f64,
    drafts: usize,
    /// Of the training songs.
    original: Digest,
    /// A music meter, or empty; melodies have none.
    #[serde(default)]
    mood_meter: String,
    reroll: String,
}

fn chords(context: &mut StageContext) -> Result<(), StageError> {
    let ChordParams { candidates, lock } = context.params()?;
    let (plan, piece, _) = asked(context)?;
    if !lock.is_empty() {
        let run = lock.parse().map_err(|error| StageError::internal(format!("lock: {error}")))?;
        let chords = lock::locked(context, run, piece.slots())?;
        return context.output("chords", &Chords { takes: vec![chords; candidates], notes: vec![] });
    }
    let how = composing(context, Shaping::default())?;
    let Weights { digest, path } = weights(context)?;
    let takes = CHORDS.with(digest, &path, Part::Chords, how.device, ChordNetwork::new, |network| {
        compose_chords(network, &piece.shown(network.sees()), candidates, &how, &mut |done| {
            context.progress(done, "chords");
        })
    })?;
    let chords = style_hooks::chords(context, &plan, Chords { takes, notes: vec![] })?;
    context.output("chords", &chords)
}

fn melody(context: &mut StageContext) -> Result<(), StageError> {
    let (plan, piece, conditions) = asked(context)?;
    let pieces = with_chords(context, &piece)?;
    let part = if conditions.melody { Some((&MELODY, Part::Melody)) } else { None };
    let mut takes = match part {
        Some((kept, part)) => notes(context, kept, part, &pieces, None)?,
        None => vec![vec![]; pieces.len()],
    };
    let mut rolls = Vec::new();
    for rolled in wanted_rolls(context, &plan)? {
        let was = takes.clone();
        if let Some((kept, part)) = part {
            takes = roll(context, kept, part, &pieces, takes, rolled)?;
        }
        rolls.push(Roll { rolled, was });
    }
    context.output("melody", &Notes { takes, rolls })
}

/// Where the melody was rolled, the accompaniment is too: it was composed under the melody as it was, and goes on from there.
fn accompaniment(context: &mut StageContext) -> Result<(), StageError> {
    let (plan, piece, _) = asked(context)?;
    let melody: Notes = context.input("melody")?;
    let mut pieces = with_chords(context, &piece)?;
    if melody.takes.len() != pieces.len() {
        let (found, expected) = (melody.takes.len(), pieces.len());
        return Err(StageError::usage(format!(
            "the melody has {found} takes and the chords {expected}; give both of one piece"
        )));
    }
    let rolls = wanted_rolls(context, &plan)?;
    let mut melodies = melody.rolls.iter().map(|roll| &roll.was).chain([&melody.takes]);
    let mut sing = |pieces: &mut [Piece]| {
        for (piece, melody) in pieces.iter_mut().zip(melodies.next().into_iter().flatten()) {
            piece.melody.clone_from(melody);
        }
    };
    sing(&mut pieces);
    let mut takes = notes(context, &ACCOMPANIMENT, Part::Accompaniment, &pieces, None)?;
    for Roll { rolled, .. } in &melody.rolls {
        sing(&mut pieces);
        takes = roll(context, &ACCOMPANIMENT, Part::Accompaniment, &pieces, takes, *rolled)?;
    }
    for rolled in rolls {
        takes = roll(context, &ACCOMPANIMENT, Part::Accompaniment, &pieces, takes, rolled)?;
    }
    context.output("accompaniment", &Notes::new(takes))
}

fn wanted_rolls(context: &StageContext, plan: &CuePlan) -> Result<Vec<Rolled>, StageError> {
    let NoteParams { reroll, .. } = context.params()?;
    reroll::parse(&reroll, plan)
}

/// Takes of which one section is composed anew.
fn roll(
    context: &mut StageContext,
    network: &KeptNetwork<NoteNetwork>,
    part: Part,
    pieces: &[Piece],
    takes: Vec<Vec<Note>>,
    rolled: Rolled,
) -> Result<Vec<Vec<Note>>, StageError> {
    let free = reroll::bars(rolled);
    let kept = Kept { takes, free: free.clone(), roll: rolled.number };
    let new = notes(context, network, part, pieces, Some(&kept))?;
    let graft = |((piece, kept), new): ((&Piece, &Vec<Note>), &Vec<Note>)| {
        reroll::graft(piece, &free, kept, new, part == Part::Melody)
    };
    Ok(pieces.iter().zip(&kept.takes).zip(&new).map(graft).collect())
}

fn notes(
    context: &mut StageContext,
    network: &KeptNetwork<NoteNetwork>,
    part: Part,
    pieces: &[Piece],
    kept: Option<&Kept>,
) -> Result<Vec<Vec<Note>>, StageError> {
    let NoteParams { recall, steering, drafts, original, mood_meter, .. } = context.params()?;
    let (index, meter) = (Index::load(context.file(original)?)?, self::mood_meter(context, &mood_meter)?);
    let critic = Critic { original: Some(&index), meter: meter.as_ref() };
    let mut how = composing(context, Shaping { recall, steering, drafts })?;
    if let Some(Kept { free, roll, .. }) = kept {
        how.seed = how.seed.derive(&format!("roll {roll} of bars {} to {}", free.start, free.end));
    }
    let build = |root: &tch::nn::Path, config: &Config| NoteNetwork::new(part, root, config);
    let Weights { digest, path } = weights(context)?;
    let takes = network.with(digest, &path, part, how.device, build, |network| {
        let pieces: Vec<Piece> = pieces.iter().map(|piece| piece.clone().shown(network.sees())).collect();
        compose_notes(network, part, &pieces, kept, &critic, &how, &mut |done| context.progress(done, "notes"))
    })?;
    Ok(takes)
}

/// The meter that hears the mood of drafts; none where its file is left empty.
pub(super) fn mood_meter(context: &StageContext, file: &str) -> Result<Option<Meter>, StageError> {
    if file.is_empty() {
        return Ok(None);
    }
    let digest = file.parse().map_err(|error| StageError::internal(format!("mood_meter: {error}")))?;
    let meter = Meter::load(context.file(digest)?)?;
    if meter.kind() == MeterKind::Ridge {
        return Ok(Some(meter));
    }
    Err(StageError::usage(
        "mood_meter: this meter only judges: what it has helped to compose it could not judge; give a meter of the kind ridge, or \"\"",
    ))
}

struct Weights {
    digest: Digest,
    path: PathBuf,
}

fn weights(context: &StageContext) -> Result<Weights, StageError> {
    let Params { weights: digest, .. } = context.params()?;
    Ok(Weights { digest, path: context.file(digest)?.to_owned() })
}

/// The plan, the empty piece that it describes, and what is asked of it.
fn asked(context: &StageContext) -> Result<(CuePlan, Piece, Conditions), StageError> {
    let plan: CuePlan = context.input("plan")?;
    let conditions: Conditions = context.input("conditions")?;
    let (found, expected) = (conditions.bars.len(), plan.bars.len());
    if found != expected {
        return Err(StageError::usage(format!("conditions for {found} bars came with a plan of {expected}")));
    }
    if let Some(bar) = plan.bars.iter().find(|bar| ![2, 4].contains(&bar.beats)) {
        return Err(StageError::usage(format!("a bar of {} beats; composing knows bars of 4 and 2", bar.beats)));
    }
    let piece = Piece::of_plan(&plan, &conditions);
    Ok((plan, piece, conditions))
}

/// The piece once for each take, with that take's chords.
fn with_chords(context: &StageContext, piece: &Piece) -> Result<Vec<Piece>, StageError> {
    let chords: Chords = context.input("chords")?;
    let slots = piece.slots();
    if let Some(take) = chords.takes.iter().find(|take| take.len() != slots) {
        let found = take.len();
        return Err(StageError::usage(format!(
            "a take has {found} chords, the plan {slots} half bars; give chords of this plan"
        )));
    }
    if !(1..=crate::model::ROWS).contains(&chords.takes.len()) {
        let (found, most) = (chords.takes.len(), crate::model::ROWS);
        return Err(StageError::usage(format!("{found} takes of chords; 1 to {most} are composed at once")));
    }
    Ok((0..chords.takes.len()).map(|take| piece.with_chords(&chords, take)).collect())
}

fn composing(context: &StageContext, shaping: Shaping) -> Result<Composing, StageError> {
    let Params { temperature, top_p, variety, guidance, .. } = context.params()?;
    let device = device(context.device())?;
    tch::set_num_threads(COMPOSING_THREADS);
    let sampling = Sampling { temperature, top_p };
    Ok(Composing { sampling, variety, guidance, seed: context.seed(), device, kind: fast_kind(device), shaping })
}

pub(super) fn device(name: &str) -> Result<Device, StageError> {
    let index = match name.strip_prefix("cuda:") {
        None if name == "cpu" => return Ok(Device::Cpu),
        None => None,
        Some(index) => index.parse::<usize>().ok(),
    };
    let devices = tch::Cuda::device_count().max(0) as usize;
    match index {
        Some(index) if index < devices => Ok(Device::Cuda(index)),
        _ => Err(StageError::usage(format!("no device {name}; this machine has cpu and {devices} CUDA devices"))),
    }
}

/// Of libtorch's: a step multiplies a few small matrices, for which threads would wait for each other longer than they work, most
/// of all when the machine has other things to do. Takes are dealt to cores whole (`compose_notes`).
pub(super) const COMPOSING_THREADS: i32 = 1;

static CHORDS: KeptNetwork<ChordNetwork> = KeptNetwork::new();
static MELODY: KeptNetwork<NoteNetwork> = KeptNetwork::new();
static ACCOMPANIMENT: KeptNetwork<NoteNetwork> = KeptNetwork::new();
