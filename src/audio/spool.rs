//! Sound between two passes: raw `f32` frames in a temporary file, so that memory does not grow with length.
//!
//! Unlike a WAV file it has no header and no limit of 4 GB.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

use super::{BLOCK_FRAMES, Frame};

const FRAME_BYTES: usize = size_of::<Frame>();

/// Frames on disk, written once, read as often as needed.
pub(crate) struct Spool {
    file: BufWriter<File>,
    frames: u64,
}

impl Spool {
    /// On an empty file that nobody else uses.
    pub(crate) fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(1 << 16, file), frames: 0 }
    }

    pub(crate) fn write(&mut self, block: &[Frame]) -> io::Result<()> {
        self.frames += block.len() as u64;
        block.as_flattened().iter().try_for_each(|sample| self.file.write_all(&sample.to_le_bytes()))
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// From the start on. One reader at a time: they share the file's position.
    pub(crate) fn reader(&mut self) -> io::Result<SpoolReader<'_>> {
        self.file.flush()?;
        self.file.get_ref().seek(SeekFrom::Start(0))?;
        let bytes = vec![0; BLOCK_FRAMES * FRAME_BYTES];
        Ok(SpoolReader { file: BufReader::with_capacity(1 << 16, self.file.get_ref()), bytes, left: self.frames })
    }
}

pub(crate) struct SpoolReader<'a> {
    file: BufReader<&'a File>,
    bytes: Vec<u8>,
    left: u64,
}

impl SpoolReader<'_> {
    /// Fills the block as far as there are frames and says how many came.
    pub(crate) fn read(&mut self, block: &mut [Frame]) -> io::Result<usize> {
        let mut done = 0;
        while done < block.len() && self.left > 0 {
            let count = (block.len() - done).min(BLOCK_FRAMES).min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let bytes = &mut self.bytes[..count * FRAME_BYTES];
            self.file.read_exact(bytes)?;
            let samples = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
            block[done..done + count].as_flattened_mut().iter_mut().zip(samples).for_each(|(to, from)| *to = from);
            done += count;
            self.left -= count as u64;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_often_as_they_are_read() {
        let frames: Vec<Frame> = (0..10_000).map(|n| [n as f32, -(n as f32)]).collect();
        let mut spool = Spool::new(tempfile::tempfile().unwrap());
        frames.chunks(777).for_each(|piece| spool.write(piece).unwrap());
        assert_eq!(spool.frames(), 10_000);
        for _ in 0..2 {
            let mut reader = spool.reader().unwrap();
            let mut back = vec![[0.0; 2]; 10_005];
            assert_eq!(reader.read(&mut back[..4500]).unwrap(), 4500);
            assert_eq!(reader.read(&mut back[4500..]).unwrap(), 5500);
            assert_eq!(back[..10_000], frames);
            assert_eq!(reader.read(&mut back).unwrap(), 0);
        }
    }
}
