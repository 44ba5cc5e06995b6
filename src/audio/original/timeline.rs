//! Places pieces of sound on the picture's clock.
//!
//! Knows samples and positions only: gaps become silence, what lies before the picture, over older sound or behind the
//! end is cut away. Gives exactly `length` samples in order, in pieces, so that a long sound needs no memory.

use std::io;

/// Takes the finished samples, piece by piece.
pub(crate) type Sink<'a> = dyn FnMut(&[[f32; 2]]) -> io::Result<()> + 'a;

static SILENCE: [[f32; 2]; 4096] = [[0.0; 2]; 4096];

pub(super) struct Timeline<'a> {
    length: u64,
    written: u64,
    /// Where the next piece belongs; negative before the first picture.
    cursor: i64,
    sink: &'a mut Sink<'a>,
}

impl<'a> Timeline<'a> {
    pub(super) fn new(length: u64, sink: &'a mut Sink<'a>) -> Self {
        Self { length, written: 0, cursor: 0, sink }
    }

    pub(super) fn cursor(&self) -> i64 {
        self.cursor
    }

    pub(super) fn jump(&mut self, cursor: i64) {
        self.cursor = cursor;
    }

    pub(super) fn is_full(&self) -> bool {
        self.written >= self.length
    }

    /// Puts a piece at the cursor and moves the cursor behind it.
    pub(super) fn place(&mut self, piece: &[[f32; 2]]) -> io::Result<()> {
        let begin = self.cursor;
        self.cursor = begin.saturating_add_unsigned(piece.len() as u64);
        let written = i64::try_from(self.written).unwrap_or(i64::MAX);
        let late = usize::try_from(written.saturating_sub(begin)).unwrap_or(0).min(piece.len());
        let piece = &piece[late..];
        if piece.is_empty() {
            return Ok(());
        }
        self.silence_until(u64::try_from(begin).unwrap_or(0))?;
        let room = usize::try_from(self.length - self.written).unwrap_or(usize::MAX).min(piece.len());
        self.write(&piece[..room])
    }

    /// Fills up to the full length.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.silence_until(self.length)
    }

    fn silence_until(&mut self, end: u64) -> io::Result<()> {
        let end = end.min(self.length);
        while self.written < end {
            let count = (end - self.written).min(SILENCE.len() as u64) as usize;
            self.write(&SILENCE[..count])?;
        }
        Ok(())
    }

    fn write(&mut self, piece: &[[f32; 2]]) -> io::Result<()> {
        self.written += piece.len() as u64;
        if piece.is_empty() { Ok(()) } else { (self.sink)(piece) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places pieces `(position, values)` and returns the left channel.
    fn placed(length: u64, pieces: &[(i64, &[f32])]) -> Vec<f32> {
        let mut out = Vec::new();
        let mut sink = |piece: &[[f32; 2]]| {
            out.extend(piece.iter().map(|[left, _]| *left));
            Ok(())
        };
        let mut line = Timeline::new(length, &mut sink);
        for (at, values) in pieces {
            line.jump(*at);
            line.place(&values.iter().map(|value| [*value; 2]).collect::<Vec<_>>()).unwrap();
        }
        line.finish().unwrap();
        out
    }

    #[test]
    fn a_gap_becomes_silence() {
        assert_eq!(placed(6, &[(1, &[1.0, 2.0]), (4, &[3.0])]), [0.0, 1.0, 2.0, 0.0, 3.0, 0.0]);
    }

    #[test]
    fn sound_before_the_picture_and_after_the_end_is_cut() {
        assert_eq!(placed(3, &[(-2, &[1.0, 2.0, 3.0, 4.0]), (2, &[5.0, 6.0])]), [3.0, 4.0, 5.0]);
        assert_eq!(placed(2, &[(-9, &[1.0, 2.0]), (7, &[3.0])]), [0.0, 0.0]);
    }

    #[test]
    fn what_is_written_stays() {
        assert_eq!(placed(4, &[(0, &[1.0, 2.0, 3.0]), (1, &[7.0, 8.0, 9.0])]), [1.0, 2.0, 3.0, 9.0]);
    }

    #[test]
    fn wild_positions_end_quietly() {
        assert_eq!(placed(2, &[(i64::MIN, &[1.0]), (i64::MAX, &[2.0])]), [0.0, 0.0]);
    }

    #[test]
    fn pieces_follow_without_jumps() {
        let mut count = 0;
        let mut sink = |piece: &[[f32; 2]]| {
            count += piece.len();
            Ok(())
        };
        let mut line = Timeline::new(20_000, &mut sink);
        line.place(&[[1.0; 2]; 30]).unwrap();
        assert_eq!((line.cursor(), line.is_full()), (30, false));
        line.finish().unwrap();
        assert!(line.is_full());
        assert_eq!(count, 20_000);
    }

    #[test]
    fn a_full_disk_comes_through() {
        let mut sink = |_: &[[f32; 2]]| Err(io::ErrorKind::StorageFull.into());
        let error = Timeline::new(5, &mut sink).finish().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
