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
    steering::VALENCE,
};
use crate::{
    metric::{
        key_finding::mode_clarity,
        statistics::{mean, spearman},
    },
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
/// Passes of drafts of a take's chords. Points are full where their own key fits so much better than all of the other mode, and
/// where they brighten and darken so closely with the valence that is asked for (rank correlation).
const BATCHES: usize = 4;
const CLEAR: f64 = 0.22;
const FOLLOWS: f64 = 0.75;
/// Full points; no more drafts are made for better ones.
const GOOD: f64 = 2.0;
/// How chords lean to the side of valence that is asked for on the whole.
const LEVEL: f64 = 0.6;
/// From this clarity on music over the chords is heard in their mode: in all of 40 composed pieces in minor, below 0 in a third of 34.
const AUDIBLE: f64 = 0.1;
/// Passes at most until a draft is that clear. In the further ones guidance fades down to nothing, since the valence that is asked for
/// may contradict the mode (glad chords in minor are its relative major's), and up to so much is added to the logits of tonic
/// and dominant. Where nothing is guided only the latter helps.
const MOST_BATCHES: usize = 14;
const HOMEWARD: f32 = 1.6;
/// A valence that moves less than this is not followed.
const LEAST_TURN: f64 = 0.15;
/// Bars before and after a bar whose chords make its mood, as the music meter hears it.
const MOOD_BARS: usize = 4;

/// A draft on its way.
struct Draft {
    rng: ChaCha8Rng,
    sampling: Sampling,
    /// Added to the logits of the chords that make the mode.
    homeward: f32,
    chords: Vec<Chord>,
}

/// How well chords do what is asked: those in which the mode is heard before all others.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Fit {
    is_clear: bool,
    /// At most 1 for a clear mode, at most 1 for thirds that follow the valence, and a lean to glad or sad ones.
    points: f64,
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

/// Chords of `takes` takes for a piece that has none yet. Of each the draft stays whose mode is clear and whose thirds
/// follow the valence, else the one that comes nearest: glad chords in minor easily sound like its relative major.
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
        let mut best = (Fit { is_clear: false, points: f64::MIN }, vec![]);
        for batch in 0..MOST_BATCHES {
            let done = |share: f32| (batch as f32 + share) / MOST_BATCHES as f32;
            for chords in self.drafts(take, batch, &mut |share| on_progress(done(share))) {
                let fit = Fit::of(self.piece, &chords);
                if fit > best.0 {
                    best = (fit, chords);
                }
                if best.0.is_clear && best.0.points >= GOOD {
                    return best.1;
                }
            }
            if best.0.is_clear && batch + 1 >= BATCHES {
                break;
            }
        }
        best.1
    }

    /// As many drafts of one take as a pass has rows: each has its row whatever other takes there are.
    fn drafts(&self, take: usize, batch: usize, on_progress: OnProgress) -> Vec<Vec<Chord>> {
        let rows = self.features.size()[0] as usize;
        let leniency = (batch + 1).saturating_sub(BATCHES) as f32 / (MOST_BATCHES - BATCHES) as f32;
        let homeward = HOMEWARD * leniency;
        let guidance = self.how.guidance * f64::from(1.0 - leniency);
        let mut all: Vec<Draft> =
            (0..ROWS).map(|row| Draft { homeward, ..self.begin(take, batch * ROWS + row) }).collect();
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
                let logits = match logits.get(row + ROWS) {
                    Some(unasked) => guided(&logits[row], unasked, guidance),
                    None => logits[row].clone(),
                };
                let chord = choose(draft, self.piece, slot, *copied, logits);
                draft.chords.push(chord);
            }
            on_progress((slot + 1) as f32 / self.returns.len() as f32);
        }
        all.into_iter().map(|draft| draft.chords).collect()
    }

    fn begin(&self, take: usize, draft: usize) -> Draft {
        let how = Composing { seed: self.how.seed.derive(&format!("draft {}", draft + 1)), ..*self.how };
        Draft { rng: how.rng(take), sampling: self.how.sampling_of(take), homeward: 0.0, chords: vec![] }
    }
}

impl Fit {
    fn of(piece: &Piece, chords: &[Chord]) -> Self {
        let moods = moods(piece, chords);
        let asked = || moods.iter().map(|(asked, _)| *asked);
        let turns = asked().fold(f64::MIN, f64::max) - asked().fold(f64::MAX, f64::min) > LEAST_TURN;
        let follows = spearman(&moods).filter(|_| turns).unwrap_or(FOLLOWS);
        let clarity = clarity(piece.mode, chords);
        let means =
            mean(&asked().collect::<Vec<_>>()).zip(mean(&moods.iter().map(|(_, heard)| *heard).collect::<Vec<_>>()));
        let level = means.map_or(0.0, |(asked, heard)| LEVEL * asked * heard);
        let points = (clarity / CLEAR).min(1.0) + (follows / FOLLOWS).min(1.0) + level;
        Self { is_clear: clarity >= AUDIBLE, points }
    }
}

/// The valence that is asked of each bar, and how bright its chords are with those around it.
fn moods(piece: &Piece, chords: &[Chord]) -> Vec<(f64, f64)> {
    let slot = |bar: usize| piece.bars.get(bar).map_or(chords.len(), |bar| bar.first_step as usize / 8);
    let brightness = |bar: usize| {
        let around = &chords[slot(bar.saturating_sub(MOOD_BARS))..slot(bar + MOOD_BARS)];
        around.iter().map(|chord| f64::from(chord.brightness())).sum::<f64>() / around.len().max(1) as f64
    };
    let bars = piece.bars.iter().enumerate();
    bars.filter_map(|(bar, asked)| Some((f64::from(asked.asked[VALENCE]?), brightness(bar)))).collect()
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
    for chord in dominants(piece.mode).into_iter().chain([tonic]) {
        logits[chord.index()] += draft.homeward;
    }
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
    use crate::{corpus::Split, model::testing};

    #[test]
    fn chords_that_darken_as_asked_fit_better_than_those_that_brighten() {
        let mut piece = Piece::of_song(&testing::song("1", 24, Split::Test));
        for (bar, asked) in piece.bars.iter_mut().enumerate() {
            asked.asked[VALENCE] = Some(if bar < 12 { 0.5 } else { -0.5 });
        }
        let (major, minor) = (Chord::new(0, Quality::Major), Chord::new(9, Quality::Minor));
        let chords = |first, second| [[first; 24], [second; 24]].concat();
        let points = |first, second| Fit::of(&piece, &chords(first, second)).points;
        let (darkens, brightens) = (points(major, minor), points(minor, major));
        assert!(darkens > brightens + 1.0, "{darkens} {brightens}");
        piece.bars.iter_mut().for_each(|bar| bar.asked[VALENCE] = Some(0.0));
        let points = |first, second| Fit::of(&piece, &chords(first, second)).points;
        let (one, other) = (points(major, minor), points(minor, major));
        assert!((one - other).abs() < 1e-9, "a steady valence asks for no turn");
    }

    #[test]
    fn chords_in_which_the_mode_is_heard_go_before_all_others() {
        let mut piece = Piece::of_song(&testing::song("1", 8, Split::Test));
        piece.mode = Mode::Minor;
        for (bar, asked) in piece.bars.iter_mut().enumerate() {
            asked.asked[VALENCE] = Some(if bar < 4 { 0.5 } else { -0.5 });
        }
        let fit = |chords: &str| {
            let slots = chords.split(' ').map(|chord| chord.parse().unwrap());
            Fit::of(&piece, &slots.cycle().take(16).collect::<Vec<Chord>>())
        };
        let (minor, relative) = (fit("Am Dm E7 Am"), fit("C F G7 C"));
        assert!(minor.is_clear && !relative.is_clear && minor > relative, "{minor:?} {relative:?}");
        assert!(Fit { points: 0.1, ..minor } > Fit { points: 1.9, ..relative });
    }
}
