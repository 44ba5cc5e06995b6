//! Composes chords: two a bar, sections that return with their chords, a close on the tonic.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::{
    chord_fit::Fit,
    chord_lesson::slot_features,
    chord_network::{BEFORE, ChordNetwork},
    composing::{self, Composing, OnProgress, ROWS, numbers},
    guidance::guided,
    piece::Piece,
    sampler::Sampling,
};
use crate::music::{Chord, Mode, Quality};

/// Half bars that the model remembers at most, and how many it keeps when it starts anew: it has learned from 128.
const ROOM: usize = 128;
const KEPT: usize = 64;
/// Half bars that a chord may stay: two bars, as 93 % of the training songs' time is spent. Left alone, a sampler that cuts
/// off the unlikely never leaves a chord that it has stayed on.
const LONGEST_STAY: usize = 4;
/// Added to the logits of the dominant's chords before the last bar.
const DOMINANT_BONUS: f32 = 2.0;
/// Passes of drafts of a take's chords as they are asked for, at most; of long pieces half of all passes.
const BATCHES: usize = 4;
/// Passes at most until a draft is at home in its key. In the further ones guidance fades down to nothing, since the valence that is
/// asked for may contradict the mode (glad chords in minor are its relative major's), and up to so much is added to the logits
/// of tonic and dominant. Where nothing is guided only the latter helps.
const MOST_BATCHES: usize = 14;
const HOMEWARD: f32 = 1.6;
/// Half bars of all passes together, about: long pieces have fewer passes, down to so many, so that hours are composed in minutes.
const MOST_SLOTS: usize = 1792;
const LEAST_BATCHES: usize = 4;

/// A draft on its way.
struct Draft {
    rng: ChaCha8Rng,
    sampling: Sampling,
    chords: Vec<Chord>,
}

/// A pass of drafts.
struct Pass {
    number: usize,
    guidance: f64,
    /// Added to the logits of the chords that make the mode.
    homeward: f32,
}

/// What all drafts of a piece have in common.
struct Sheet<'a> {
    network: &'a ChordNetwork,
    piece: &'a Piece,
    how: &'a Composing,
    /// For each slot the earlier one whose chord comes back.
    returns: Vec<Option<usize>>,
    features: Tensor,
}

/// Chords of `takes` takes for a piece that has none yet. Of each the draft stays whose key is heard and kept to and that turns
/// to major and minor with the valence, else the one that comes nearest: glad chords in minor easily sound like its relative major.
pub(crate) fn compose_chords(
    network: &ChordNetwork,
    piece: &Piece,
    takes: usize,
    how: &Composing,
    on_progress: OnProgress,
) -> Vec<Vec<Chord>> {
    tch::no_grad(|| {
        let sheet = Sheet { network, piece, how, returns: returns(piece), features: features(piece, how) };
        let take = |take| sheet.compose(take, &mut |done| on_progress((take as f32 + done) / takes as f32));
        (0..takes).map(take).collect()
    })
}

impl Sheet<'_> {
    fn compose(&self, take: usize, on_progress: OnProgress) -> Vec<Chord> {
        let mut best: Option<(Fit, Vec<Chord>)> = None;
        let (as_asked, most) = passes(self.returns.len());
        for number in 0..most {
            let leniency = (number + 1).saturating_sub(as_asked) as f32 / (most - as_asked) as f32;
            let guidance = self.how.guidance * f64::from(1.0 - leniency);
            let pass = Pass { number, guidance, homeward: HOMEWARD * leniency };
            let done = |share: f32| (number as f32 + share) / most as f32;
            for chords in self.drafts(take, &pass, &mut |share| on_progress(done(share))) {
                let fit = Fit::of(self.piece, &chords);
                if fit.is_good() {
                    return chords;
                }
                if best.as_ref().is_none_or(|(nearest, _)| fit > *nearest) {
                    best = Some((fit, chords));
                }
            }
            if number + 1 >= as_asked && best.as_ref().is_some_and(|(fit, _)| fit.is_at_home) {
                break;
            }
        }
        best.map(|(_, chords)| chords).unwrap_or_default()
    }

    /// As many drafts of one take as a pass has rows: each has its row whatever other takes there are.
    fn drafts(&self, take: usize, pass: &Pass, on_progress: OnProgress) -> Vec<Vec<Chord>> {
        let rows = self.features.size()[0] as usize;
        let mut all: Vec<Draft> = (0..ROWS).map(|row| self.begin(take, pass.number * ROWS + row)).collect();
        let mut cache = self.network.cache(rows as i64, ROOM as i64, &self.features);
        for (slot, copied) in self.returns.iter().enumerate() {
            let first = if cache.filled() as usize == ROOM {
                cache.clear();
                slot + 1 - KEPT
            } else {
                slot
            };
            let before: Vec<i64> = (0..rows).flat_map(|row| heard(&all, row % ROWS, first..slot + 1)).collect();
            let window = (slot + 1 - first) as i64;
            let before = numbers(&before, &[rows as i64, window], self.how.device);
            let logits = self.network.advance(&before, &self.features.narrow(1, first as i64, window), &mut cache);
            let logits = composing::rows(&logits.narrow(1, window - 1, 1));
            for (row, draft) in all.iter_mut().enumerate() {
                let mut logits = match logits.get(row + ROWS) {
                    Some(unasked) => guided(&logits[row], unasked, pass.guidance),
                    None => logits[row].clone(),
                };
                for chord in dominants(self.piece.mode).into_iter().chain([tonic(self.piece.mode)]) {
                    logits[chord.index()] += pass.homeward;
                }
                let chord = choose(draft, self.piece, slot, *copied, logits);
                draft.chords.push(chord);
            }
            on_progress((slot + 1) as f32 / self.returns.len() as f32);
        }
        all.into_iter().map(|draft| draft.chords).collect()
    }

    fn begin(&self, take: usize, draft: usize) -> Draft {
        let how = Composing { seed: self.how.seed.derive(&format!("draft {}", draft + 1)), ..*self.how };
        Draft { rng: how.rng(take), sampling: self.how.sampling_of(take), chords: vec![] }
    }
}

/// Passes of drafts as they are asked for, and of all, by half bars.
fn passes(slots: usize) -> (usize, usize) {
    let most = (MOST_SLOTS / slots.max(1)).clamp(LEAST_BATCHES, MOST_BATCHES);
    (BATCHES.min(most / 2), most)
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
fn heard(drafts: &[Draft], row: usize, slots: std::ops::Range<usize>) -> Vec<i64> {
    let chords = drafts.get(row).map_or(&[][..], |draft| &draft.chords);
    let opens = slots.len() > 1;
    let before = |slot: usize| slot.checked_sub(1).and_then(|before| chords.get(before));
    let symbol = |slot: usize| before(slot).map_or(BEFORE, |chord| chord.index() as i64);
    slots.clone().map(|slot| if opens && slot == slots.start { BEFORE } else { symbol(slot) }).collect()
}

/// A chord from an earlier section, or one that the model draws. Harmony begins at home and moves, above all into the last
/// bar.
fn choose(draft: &mut Draft, piece: &Piece, slot: usize, copied: Option<usize>, mut logits: Vec<f32>) -> Chord {
    let tonic = tonic(piece.mode);
    let last_bar = piece.bars.last().map_or(0, |bar| bar.first_step as usize / 8);
    let leads_home = slot + 1 == last_bar;
    if leads_home {
        for chord in dominants(piece.mode) {
            logits[chord.index()] += DOMINANT_BONUS;
        }
    }
    let staying = draft.staying();
    let allowed = |index: usize| {
        let chord = Chord::from_index(index).unwrap_or(Chord::None);
        let moves = Some(chord) != staying && !(leads_home && chord == tonic);
        chord != Chord::None && moves && (slot > 0 || is_home(chord, tonic))
    };
    let drawn = draft.sampling.draw(&mut draft.rng, &logits, allowed).and_then(Chord::from_index);
    match copied.and_then(|from| draft.chords.get(from).copied()) {
        _ if slot >= last_bar => tonic,
        Some(chord) if !leads_home => chord,
        _ => drawn.unwrap_or(tonic),
    }
}

impl Draft {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_pieces_have_fewer_passes() {
        assert_eq!(passes(0), (4, 14));
        assert_eq!(passes(MOST_SLOTS / MOST_BATCHES), (4, 14));
        assert_eq!(passes(MOST_SLOTS / MOST_BATCHES + 1), (4, 13));
        assert_eq!(passes(300), (2, 5));
        assert_eq!(passes(10_000), (2, 4));
    }
}
