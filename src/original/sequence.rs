//! One voice of all training songs as a row of 16-bit prints, and the search for runs in it.
//!
//! A print is 15 bits of an n-gram's hash and a bit that says whether the n-gram is common property. Alone it says little;
//! a run of them says much: three that match by chance have a probability of 2^-45 a place.

use std::collections::HashMap;

use super::grams::{ONSETS, Onset, grams};

/// Common property: the n-gram stands in many songs.
const COMMON: u16 = 1 << 15;
const PRINTS: usize = 1 << 15;
/// Where no n-gram begins: at a long rest, at the end of a song. No n-gram has this print.
const NONE: u16 = 0;
/// Fewer n-grams of a run that are nobody's but a few songs' are chance.
pub(super) const FEWEST_OWN: u32 = 3;

pub(super) struct Sequence {
    prints: Vec<u16>,
    /// Where each song begins, and the end of the last.
    starts: Vec<u32>,
    /// Places by print: those of print `p` are `places[firsts[p]..firsts[p + 1]]`, in order.
    places: Vec<u32>,
    firsts: Vec<u32>,
}

/// A run in the piece, from onset `first` to onset `last`, and the song that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) song: usize,
}

/// A match that goes on: n-gram by n-gram in the piece and in a song.
#[derive(Clone, Copy)]
struct Match {
    place: u32,
    /// The first n-gram that is not common property.
    first: Option<usize>,
    own: u32,
}

impl Sequence {
    /// The voice of each song; n-grams found in more than `common_songs` songs are common property.
    pub(super) fn of(songs: &[Vec<Onset>], common_songs: usize) -> Self {
        let hashes: Vec<Vec<Option<u64>>> = songs.iter().map(|onsets| grams(onsets).collect()).collect();
        let mut seen: HashMap<u64, (usize, usize)> = HashMap::new();
        for (song, hashes) in hashes.iter().enumerate() {
            for hash in hashes.iter().flatten() {
                let (count, last) = seen.entry(*hash).or_insert((0, usize::MAX));
                *count += usize::from(*last != song);
                *last = song;
            }
        }
        let is_common = |hash: &u64| seen.get(hash).is_some_and(|(songs, _)| *songs > common_songs);
        let mut prints = Vec::new();
        let mut starts = vec![0];
        for hashes in &hashes {
            prints.extend(hashes.iter().map(|hash| match hash {
                Some(hash) => print(*hash) | if is_common(hash) { COMMON } else { 0 },
                None => NONE,
            }));
            // No run goes on into the next song.
            prints.push(NONE);
            starts.push(prints.len() as u32);
        }
        Self::new(prints, starts)
    }

    /// `starts` rise from 0 to the number of prints.
    pub(super) fn new(prints: Vec<u16>, starts: Vec<u32>) -> Self {
        let mut firsts = vec![0_u32; PRINTS + 1];
        let own = |print: &u16| usize::from(print & !COMMON);
        for print in &prints {
            firsts[own(print) + 1] += 1;
        }
        for print in 0..PRINTS {
            firsts[print + 1] += firsts[print];
        }
        let mut next = firsts.clone();
        let mut places = vec![0; prints.len()];
        for (place, print) in prints.iter().enumerate() {
            let slot = &mut next[own(print)];
            places[*slot as usize] = place as u32;
            *slot += 1;
        }
        Self { prints, starts, places, firsts }
    }

    pub(super) fn prints(&self) -> &[u16] {
        &self.prints
    }

    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The run of a piece that is longest in time; of equals the one with more onsets, then the earliest.
    ///
    /// A run begins and ends with n-grams that are not common property. `skip` leaves out one song.
    pub(super) fn longest(&self, onsets: &[Onset], skip: Option<usize>) -> Option<Run> {
        let mut longest: Option<Run> = None;
        let size = |run: &Run| (onsets[run.last].start - onsets[run.first].start, run.last - run.first);
        let mut going: Vec<Match> = Vec::new();
        for (gram, hash) in grams(onsets).enumerate() {
            going = hash.map_or_else(Vec::new, |hash| self.go_on(&going, gram, hash));
            let ends_here = going.iter().filter(|one| one.own >= FEWEST_OWN && !self.is_common(one.place));
            let run = |one: &Match| Some((one.first?, self.song(one.place)));
            let best = ends_here.filter_map(run).filter(|(_, song)| Some(*song) != skip);
            if let Some((first, song)) = best.min_by_key(|(first, song)| (*first, *song)) {
                let run = Run { first, last: gram + ONSETS - 1, song };
                if longest.as_ref().is_none_or(|longest| size(&run) > size(longest)) {
                    longest = Some(run);
                }
            }
        }
        longest
    }

    /// The matches at the piece's next n-gram: those that go on, and those that begin.
    fn go_on(&self, before: &[Match], gram: usize, hash: u64) -> Vec<Match> {
        let print = usize::from(print(hash));
        let places = &self.places[self.firsts[print] as usize..self.firsts[print + 1] as usize];
        let mut before = before.iter().peekable();
        let follow = |&place: &u32| {
            while before.next_if(|one| one.place + 1 < place).is_some() {}
            let earlier = before.next_if(|one| one.place + 1 == place);
            let Match { first, own, .. } = earlier.copied().unwrap_or(Match { place, first: None, own: 0 });
            if self.is_common(place) {
                Match { place, first, own }
            } else {
                Match { place, first: first.or(Some(gram)), own: own + 1 }
            }
        };
        places.iter().map(follow).collect()
    }

    fn is_common(&self, place: u32) -> bool {
        self.prints[place as usize] & COMMON != 0
    }

    fn song(&self, place: u32) -> usize {
        self.starts.partition_point(|start| *start <= place) - 1
    }

    /// Share of n-grams that are common property.
    pub(super) fn common_share(&self) -> f64 {
        let grams = self.prints.iter().filter(|print| **print != NONE).count();
        let common = self.prints.iter().filter(|print| **print & COMMON != 0).count();
        common as f64 / grams.max(1) as f64
    }
}

/// 1 to 2^15 - 1.
fn print(hash: u64) -> u16 {
    (hash % (PRINTS as u64 - 1)) as u16 + 1
}
