//! Music that steps back under speech: a side chain through libavfilter, opened by what `speech` found.
//!
//! The key is the original sound's own speech band. Between spans of speech it is silent, so that traffic or wind
//! lowers nothing, and inside it is levelled, so that soft words and short pauses duck as much as loud words do. With a
//! key of steady level the compressor's threshold and ratio give the very depth that was asked for.

mod graph;
mod key;

pub(crate) use self::key::Gate;
use self::{graph::Graph, key::Key};
use super::{AudioError, BLOCK_FRAMES, Spool};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ducking {
    /// How far all of the music goes down.
    pub(crate) depth_db: f64,
    /// How much further 1 to 4 kHz go.
    pub(crate) carve_db: f64,
    /// Seconds in which it comes back.
    pub(crate) recovery_seconds: f64,
}

/// Writes `music`, lowered where the gate lets `original` speak, into `into`; as long as it was.
pub(crate) fn duck(
    music: &mut Spool,
    original: &mut Spool,
    gate: &Gate,
    ducking: Ducking,
    into: &mut Spool,
) -> Result<(), AudioError> {
    let frames = music.frames();
    let mut graph = Graph::new(ducking)?;
    let mut key = Key::new(original.reader()?, gate)?;
    let mut music = music.reader()?;
    let (mut block, mut sound) = (vec![[0.0; 2]; BLOCK_FRAMES], vec![[0.0; 2]; BLOCK_FRAMES]);
    for first in (0..frames).step_by(BLOCK_FRAMES) {
        let count = (frames - first).min(BLOCK_FRAMES as u64) as usize;
        let read = music.read(&mut block[..count])?;
        block[read..count].fill([0.0; 2]);
        key.read(&mut sound[..count])?;
        graph.push(&block[..count], &sound[..count])?;
        graph.pull(|ready| into.write(ready))?;
    }
    graph.finish()?;
    graph.pull(|ready| into.write(ready))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        artifact::Track,
        audio::{
            Frame, RATE,
            testing::{energy, sine, spool},
        },
    };

    const DUCKING: Ducking = Ducking { depth_db: 12.0, carve_db: 4.0, recovery_seconds: 0.9 };

    /// Speech from 2 to 4 s, a tenth of a second a row, at -30 dB.
    fn gate(rows: usize) -> Gate {
        let row = |at: usize| vec![if (20..40).contains(&at) { 1.0 } else { 0.0 }, -30.0];
        let channels = ["speech", "level"].map(str::to_owned).to_vec();
        Gate::read(&Track { channels, rows_per_second: 10.0, rows: (0..rows).map(row).collect() }).unwrap()
    }

    fn ducked(music: &[Frame], original: &[Frame]) -> Vec<Frame> {
        let mut into = Spool::new(tempfile::tempfile().unwrap());
        duck(&mut spool(music), &mut spool(original), &gate(60), DUCKING, &mut into).unwrap();
        assert_eq!(into.frames(), music.len() as u64);
        let mut frames = vec![[0.0; 2]; music.len()];
        into.reader().unwrap().read(&mut frames).unwrap();
        frames
    }

    /// How much softer a tone of music has become in a tenth of a second at `at`.
    fn fall(hertz: f64, at: f64) -> f64 {
        let music = sine(hertz, 0.2, 6.0);
        let heard = ducked(&music, &sine(1000.0, 0.045, 6.0));
        let span = (at * f64::from(RATE)) as usize..((at + 0.1) * f64::from(RATE)) as usize;
        10.0 * (energy(&music[span.clone()]) / energy(&heard[span])).log10()
    }

    #[test]
    fn it_goes_down_by_the_depth_and_comes_back() {
        assert!(fall(200.0, 1.0).abs() < 0.1 && fall(200.0, 5.5).abs() < 0.3);
        assert!((fall(200.0, 3.0) - 12.0).abs() < 1.0, "{}", fall(200.0, 3.0));
        assert!(fall(200.0, 2.0) > 7.0, "down when the first word comes: {}", fall(200.0, 2.0));
        assert!(fall(200.0, 3.9) > 9.0, "down until the last word ends: {}", fall(200.0, 3.9));
        assert!(fall(200.0, 5.0) < 1.0, "back within a second: {}", fall(200.0, 5.0));
    }

    #[test]
    fn the_place_of_consonants_is_carved_deeper() {
        assert!((fall(2000.0, 3.0) - 16.0).abs() < 1.5, "{}", fall(2000.0, 3.0));
        assert!((fall(9000.0, 3.0) - 12.0).abs() < 1.0, "{}", fall(9000.0, 3.0));
        assert!(fall(2000.0, 1.0).abs() < 0.1, "whole again beside speech");
    }

    #[test]
    fn without_speech_the_music_stays_as_it_is() {
        let music = sine(440.0, 0.2, 1.0);
        let heard = ducked(&music, &sine(1000.0, 0.5, 1.0));
        assert!((energy(&heard) / energy(&music) - 1.0).abs() < 0.01);
    }
}
