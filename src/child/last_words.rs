//! What a process wrote on standard error last: bounded, however much it writes.

use std::{
    collections::VecDeque,
    io::Read,
    sync::{Arc, Mutex, PoisonError},
};

const MOST_BYTES: usize = 4096;
const MOST_LINES: usize = 4;

#[derive(Clone, Debug, Default)]
pub(crate) struct LastWords(Arc<Mutex<VecDeque<u8>>>);

impl LastWords {
    /// Listens until the other end is closed.
    pub(crate) fn listen(&self, mut stream: impl Read) {
        let mut piece = [0; 1024];
        while let Ok(count @ 1..) = stream.read(&mut piece) {
            self.hear(&piece[..count]);
        }
    }

    fn hear(&self, piece: &[u8]) {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend(piece);
        let surplus = bytes.len().saturating_sub(MOST_BYTES);
        bytes.drain(..surplus);
    }

    /// What was said until now belongs to an earlier task.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The last lines as one; none when nothing was said.
    pub(crate) fn text(&self) -> Option<String> {
        let bytes: Vec<u8> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(MOST_LINES)..];
        (!last.is_empty()).then(|| last.join(" / "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_kept() {
        let words = LastWords::default();
        assert_eq!(words.text(), None);
        let lines: Vec<_> = (0..2000).map(|number| format!("line {number}\n\n")).collect();
        words.listen(lines.concat().as_bytes());
        assert_eq!(words.text().unwrap(), "line 1996 / line 1997 / line 1998 / line 1999");
        words.forget();
        assert_eq!(words.text(), None);
    }

    #[test]
    fn one_endless_line_is_cut() {
        let words = LastWords::default();
        words.listen(vec![b'x'; 100_000].as_slice());
        assert_eq!(words.text().unwrap().len(), MOST_BYTES);
    }
}
