//! Composes chords: two a bar, sections that return with their chords, a close on the tonic.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::{
    chord_lesson::slot_features,
    chord_network::{BEFORE, ChordNetwork},
    composing::{self, Composing, OnProgress, ROWS, numbers},
    guidance::guided,
    piece::Piece,
    sampler::Sampling,
};
use crate::{
    metric::key_finding::mode_clarity,
    music::{Chord, Mode, Quality},
};

/// Half bars that the model remembers at most, and how many it keeps when it starts anew: it has learned from 128.
const ROOM: usize = 128;
const KEPT: usize = 64;
/// Half bars that a chord may stay: two bars, as 93 % of the training songs' time is spent. Left alone, a sampler that cuts
/// off the unlikely never leaves a chord that it has stayed on.
const LONGEST_STAY: usize = 4;
/// Added to the logits of the dominant's chords before the last bar.
const DOMINANT_BONUS: f32 = 2.0;
/// Drafts of a take's chords at most, and how much better than all keys of the other mode their own must fit.
const DRAFTS: usize = 16;
const CLEAR: f64 = 0.22;

/// A take on its way.
struct Take {
    rng: ChaCha8Rng,
    sampling: Sampling,
    chords: Vec<Chord>,
}

/// Chords of `takes` takes for a piece that has none yet. Of each the first draft stays whose mode is clear, else the clearest:
/// glad chords in minor easily sound like its relative major.
pub(crate) fn compose_chords(
    network: &ChordNetwork,
    piece: &Piece,
    takes: usize,
    how: &Composing,
    on_progress: OnProgress,
) -> Vec<Vec<Chord>> {
    let mut best: Vec<(f64, Vec<Chord>)> = vec![(f64::MIN, vec![]); takes];
    for draft in 0..DRAFTS {
        let drafts = self::draft(network, piece, takes, how, draft, on_progress);
        for (best, chords) in best.iter_mut().zip(drafts).filter(|(best, _)| best.0 < CLEAR) {
            let clarity = clarity(piece.mode, &chords);
            if clarity > best.0 {
                *best = (clarity, chords);
            }
        }
        if best.iter().all(|(clarity, _)| *clarity >= CLEAR) {
            break;
        }
    }
    best.into_iter().map(|(_, chords)| chords).collect()
}

/// How much better their own key fits chords than any of the other mode; roots sound twice, as basses double them.
fn clarity(mode: Mode, chords: &[Chord]) -> f64 {
    let mut classes = [0.0; 12];
    for chord in chords {
        for class in chord.pitch_classes().into_iter().chain(chord.root()) {
            classes[usize::from(class)] += 1.0;
        }
    }
    mode_clarity(&classes, mode.neutral_key())
}

fn draft(
    network: &ChordNetwork,
    piece: &Piece,
    takes: usize,
    how: &Composing,
    draft: usize,
    on_progress: OnProgress,
) -> Vec<Vec<Chord>> {
    let rngs = Composing { seed: how.seed.derive(&format!("draft {}", draft + 1)), ..*how };
    tch::no_grad(|| {
        let slots = piece.slots();
        let returns = returns(piece);
        let features = features(piece, how);
        let rows = features.size()[0] as usize;
        let mut all: Vec<Take> = (0..takes)
            .map(|take| Take { rng: rngs.rng(take), sampling: how.sampling_of(take), chords: vec![] })
            .collect();
        let mut cache = network.cache(rows as i64, ROOM as i64, &features);
        for (slot, copied) in returns.into_iter().enumerate() {
            let first = if cache.filled() as usize == ROOM {
                cache.clear();
                slot + 1 - KEPT
            } else {
                slot
            };
            let before: Vec<i64> = (0..rows).flat_map(|row| heard(&all, row % ROWS, first..slot + 1)).collect();
            let window = (slot + 1 - first) as i64;
            let before = numbers(&before, &[rows as i64, window], how.device);
            let logits = network.advance(&before, &features.narrow(1, first as i64, window), &mut cache);
            let logits = composing::rows(&logits.narrow(1, window - 1, 1));
            for (row, take) in all.iter_mut().enumerate() {
                let logits = match logits.get(row + ROWS) {
                    Some(unasked) => guided(&logits[row], unasked, how.guidance),
                    None => logits[row].clone(),
                };
                let chord = choose(take, piece, slot, copied, logits);
                take.chords.push(chord);
            }
            on_progress((slot + 1) as f32 / slots as f32);
        }
        all.into_iter().map(|take| take.chords).collect()
    })
}

/// What is asked of each slot, in each row `[rows, slots, FEATURES]`; guided, as many rows follow with nothing asked.
fn features(piece: &Piece, how: &Composing) -> Tensor {
    let rows = |piece: &Piece| {
        let features = Tensor::from_slice(&slot_features(piece, 0..piece.bars.len()));
        let shape = [1, piece.slots() as i64, -1];
        features.view(shape).to_device(how.device).to_kind(how.kind).repeat([ROWS as i64, 1, 1])
    };
    let asked = rows(piece);
    if how.is_guided() { Tensor::cat(&[asked, rows(&piece.unasked())], 0) } else { asked }
}

/// The chords before each slot of a range; a new window knows of none before its first.
fn heard(takes: &[Take], row: usize, slots: std::ops::Range<usize>) -> Vec<i64> {
    let chords = takes.get(row).map_or(&[][..], |take| &take.chords);
    let opens = slots.len() > 1;
    let before = |slot: usize| slot.checked_sub(1).and_then(|before| chords.get(before));
    let symbol = |slot: usize| before(slot).map_or(BEFORE, |chord| chord.index() as i64);
    slots.clone().map(|slot| if opens && slot == slots.start { BEFORE } else { symbol(slot) }).collect()
}

/// A chord from an earlier section, or one that the model draws. Harmony begins at home and moves, above all into the last
/// bar.
fn choose(take: &mut Take, piece: &Piece, slot: usize, copied: Option<usize>, mut logits: Vec<f32>) -> Chord {
    let tonic = tonic(piece.mode);
    let last_bar = piece.bars.last().map_or(0, |bar| bar.first_step as usize / 8);
    let leads_home = slot + 1 == last_bar;
    if leads_home {
        for chord in dominants(piece.mode) {
            logits[chord.index()] += DOMINANT_BONUS;
        }
    }
    let staying = take.staying();
    let allowed = |index: usize| {
        let chord = Chord::from_index(index).unwrap_or(Chord::None);
        let moves = Some(chord) != staying && !(leads_home && chord == tonic);
        chord != Chord::None && moves && (slot > 0 || is_home(chord, tonic))
    };
    let drawn = take.sampling.draw(&mut take.rng, &logits, allowed).and_then(Chord::from_index);
    match copied.and_then(|from| take.chords.get(from).copied()) {
        _ if slot >= last_bar => tonic,
        Some(chord) if !leads_home => chord,
        _ => drawn.unwrap_or(tonic),
    }
}

impl Take {
    /// The chord that has stayed as long as one may.
    fn staying(&self) -> Option<Chord> {
        let (last, before) = self.chords.split_last()?;
        let same = before.iter().rev().take_while(|chord| *chord == last).count() + 1;
        (same >= LONGEST_STAY).then_some(*last)
    }
}

/// For each slot the earlier one whose chord comes back: sections that return have their chords. Within a section chords come
/// back often enough by themselves.
fn returns(piece: &Piece) -> Vec<Option<usize>> {
    let mut returns = vec![None; piece.slots()];
    for (index, bar) in piece.bars.iter().enumerate() {
        let model = bar.returns_to.filter(|model| *model < index - bar.since_section);
        let Some(model) = model.and_then(|model| piece.bars.get(model)) else { continue };
        if model.beats == bar.beats {
            for half in 0..bar.beats as usize / 2 {
                returns[bar.first_step as usize / 8 + half] = Some(model.first_step as usize / 8 + half);
            }
        }
    }
    returns
}

fn tonic(mode: Mode) -> Chord {
    let quality = if mode == Mode::Major { Quality::Major } else { Quality::Minor };
    Chord::new(mode.neutral_key().tonic, quality)
}

/// On the tonic, with the third of the mode: a piece in A minor does not begin in A major.
fn is_home(chord: Chord, tonic: Chord) -> bool {
    chord.root() == tonic.root() && tonic.pitch_classes().get(1).is_some_and(|third| chord.contains(*third))
}

fn dominants(mode: Mode) -> [Chord; 2] {
    let root = mode.neutral_key().tonic + 7;
    [Chord::new(root, Quality::Major), Chord::new(root, Quality::Seventh)]
}
