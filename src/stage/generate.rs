//! Executors of the family `generate`: chords, then melody, then accompaniment, each take by take.

use std::path::PathBuf;

use serde::Deserialize;
use tch::Device;

use super::{Execute, StageContext};
use crate::{
    artifact::{Chords, Conditions, CuePlan, Notes},
    digest::Digest,
    error::StageError,
    model::{
        ChordNetwork, Composing, Config, KeptNetwork, NoteNetwork, Part, Piece, Sampling, compose_chords,
        compose_notes, fast_kind,
    },
    music::Note,
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
    guidance: f64,
}

#[derive(Deserialize)]
struct ChordParams {
    candidates: usize,
}

fn chords(context: &mut StageContext) -> Result<(), StageError> {
    let ChordParams { candidates } = context.params()?;
    let (plan, piece, _) = asked(context)?;
    let how = composing(context)?;
    let Weights { digest, path } = weights(context)?;
    let takes = CHORDS.with(digest, &path, Part::Chords, how.device, ChordNetwork::new, |network| {
        compose_chords(network, &piece, &plan.sections, candidates, &how, &mut |done| context.progress(done, "chords"))
    })?;
    context.output("chords", &Chords { takes })
}

fn melody(context: &mut StageContext) -> Result<(), StageError> {
    let (_, piece, conditions) = asked(context)?;
    let pieces = with_chords(context, &piece)?;
    let takes =
        if conditions.melody { notes(context, &MELODY, Part::Melody, &pieces)? } else { vec![vec![]; pieces.len()] };
    context.output("melody", &Notes { takes })
}

fn accompaniment(context: &mut StageContext) -> Result<(), StageError> {
    let (_, piece, _) = asked(context)?;
    let melody: Notes = context.input("melody")?;
    let mut pieces = with_chords(context, &piece)?;
    if melody.takes.len() != pieces.len() {
        let (found, expected) = (melody.takes.len(), pieces.len());
        return Err(StageError::usage(format!(
            "the melody has {found} takes and the chords {expected}; give both of one piece"
        )));
    }
    for (piece, melody) in pieces.iter_mut().zip(melody.takes) {
        piece.melody = melody;
    }
    let takes = notes(context, &ACCOMPANIMENT, Part::Accompaniment, &pieces)?;
    context.output("accompaniment", &Notes { takes })
}

fn notes(
    context: &mut StageContext,
    kept: &KeptNetwork<NoteNetwork>,
    part: Part,
    pieces: &[Piece],
) -> Result<Vec<Vec<Note>>, StageError> {
    let how = composing(context)?;
    let build = |root: &tch::nn::Path, config: &Config| NoteNetwork::new(part, root, config);
    let Weights { digest, path } = weights(context)?;
    let takes = kept.with(digest, &path, part, how.device, build, |network| {
        compose_notes(network, part, pieces, &how, &mut |done| context.progress(done, "notes"))
    })?;
    Ok(takes)
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

fn composing(context: &StageContext) -> Result<Composing, StageError> {
    let Params { temperature, top_p, guidance, .. } = context.params()?;
    let device = device(context.device())?;
    tch::set_num_threads(COMPOSING_THREADS);
    let sampling = Sampling { temperature, top_p };
    Ok(Composing { sampling, guidance, seed: context.seed(), device, kind: fast_kind(device) })
}

fn device(name: &str) -> Result<Device, StageError> {
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

/// A step multiplies a few small matrices: threads would wait for each other longer than they work, most of all when the
/// machine has other things to do.
const COMPOSING_THREADS: i32 = 1;

static CHORDS: KeptNetwork<ChordNetwork> = KeptNetwork::new();
static MELODY: KeptNetwork<NoteNetwork> = KeptNetwork::new();
static ACCOMPANIMENT: KeptNetwork<NoteNetwork> = KeptNetwork::new();

#[cfg(test)]
mod measures;
#[cfg(test)]
mod tests;
