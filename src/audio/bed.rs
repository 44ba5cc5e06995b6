//! The bed: dry stems summed, the room added, the end faded. Loudness is not its concern.

use std::path::PathBuf;

use super::{AudioError, BLOCK_FRAMES, Fade, Frame, Spool, WavReader, room::Room};

/// A dry stem and how much of it goes into the room, 0..1.
pub(crate) struct Stem {
    pub(crate) path: PathBuf,
    pub(crate) room: f32,
}

/// Sums the stems into `bed`, exactly `frames` long, and fades them; tells `on_progress` the fraction done.
pub(crate) fn sum_stems(
    stems: &[Stem],
    frames: u64,
    fade: Fade,
    bed: &mut Spool,
    mut on_progress: impl FnMut(f32),
) -> Result<(), AudioError> {
    let mut mixer = Mixer::open(stems)?;
    let mut block = vec![[0.0; 2]; BLOCK_FRAMES];
    for first in (0..frames).step_by(BLOCK_FRAMES) {
        let count = (frames - first).min(BLOCK_FRAMES as u64) as usize;
        let block = &mut block[..count];
        mixer.mix(block)?;
        fade.apply(first, block);
        bed.write(block)?;
        on_progress(first as f32 / frames as f32);
    }
    Ok(())
}

struct Mixer {
    stems: Vec<(WavReader, f32)>,
    room: Room,
    stem: Vec<Frame>,
    send: Vec<Frame>,
}

impl Mixer {
    fn open(stems: &[Stem]) -> Result<Self, AudioError> {
        let open = |stem: &Stem| Ok((WavReader::open(&stem.path)?, stem.room.clamp(0.0, 1.0)));
        let stems = stems.iter().map(open).collect::<Result<_, AudioError>>()?;
        Ok(Self { stems, room: Room::new(), stem: vec![[0.0; 2]; BLOCK_FRAMES], send: vec![[0.0; 2]; BLOCK_FRAMES] })
    }

    /// Stems that have ended are silent; the room still answers.
    fn mix(&mut self, block: &mut [Frame]) -> Result<(), AudioError> {
        let send = &mut self.send[..block.len()];
        block.fill([0.0; 2]);
        send.fill([0.0; 2]);
        for (reader, room) in &mut self.stems {
            let count = reader.read(&mut self.stem[..block.len()])?;
            add(block, &self.stem[..count], 1.0);
            add(send, &self.stem[..count], *room);
        }
        self.room.play(send);
        add(block, send, 1.0);
        Ok(())
    }
}

/// Adds sound at a gain. What is no number is silent: it would spread through the room for ever.
pub(super) fn add(to: &mut [Frame], from: &[Frame], gain: f32) {
    for (to, from) in to.as_flattened_mut().iter_mut().zip(from.as_flattened()) {
        if from.is_finite() {
            *to += from * gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::NamedTempFile;

    use super::*;
    use crate::audio::testing::{energy, float_wav, sine};

    fn bed(stems: &[(&NamedTempFile, f32)], frames: u64) -> Vec<Frame> {
        let stems: Vec<Stem> =
            stems.iter().map(|(file, room)| Stem { path: file.path().to_owned(), room: *room }).collect();
        let mut spool = Spool::new(tempfile::tempfile().unwrap());
        sum_stems(&stems, frames, Fade::out(frames, 0.5), &mut spool, |_| {}).unwrap();
        let mut read = vec![[0.0; 2]; frames as usize + 1];
        assert_eq!(spool.reader().unwrap().read(&mut read).unwrap() as u64, frames);
        read.truncate(frames as usize);
        read
    }

    #[test]
    fn without_room_it_is_the_sum_of_the_stems() {
        let (a, b) = (sine(440.0, 0.1, 1.0), sine(660.0, 0.2, 1.0));
        let mixed = bed(&[(&float_wav(&a), 0.0), (&float_wav(&b), 0.0)], 48_000);
        let off = |(mixed, (a, b)): (&Frame, (&Frame, &Frame))| (mixed[0] - a[0] - b[0]).abs();
        assert!(mixed[..20_000].iter().zip(a.iter().zip(&b)).map(off).all(|off| off < 1e-6));
    }

    #[test]
    fn the_room_rings_on_and_the_end_is_silent() {
        let stem = float_wav(&sine(440.0, 0.5, 0.5));
        let (dry, wet) = (bed(&[(&stem, 0.0)], 96_000), bed(&[(&stem, 1.0)], 96_000));
        assert!(energy(&dry[30_000..40_000]) <= 0.0);
        assert!(energy(&wet[30_000..40_000]) > 1e-5);
        assert!(wet[96_000 - 960..].iter().all(|frame| *frame == [0.0, 0.0]));
    }

    #[test]
    fn a_stem_of_nonsense_does_not_ruin_the_bed() {
        let mut broken = sine(440.0, 0.5, 1.0);
        broken[100] = [f32::NAN, f32::INFINITY];
        assert!(bed(&[(&float_wav(&broken), 1.0)], 48_000).iter().flatten().all(|sample| sample.is_finite()));
    }

    #[test]
    fn without_stems_there_is_silence() {
        assert_eq!(bed(&[], 5000), vec![[0.0, 0.0]; 5000]);
    }
}
