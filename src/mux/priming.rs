//! Where libav's muxers do not tell players to skip an encoder's lead-in, the finished file is told in place.
//!
//! MP4: an edit list that delays a track can cut its start as well, but libav writes only one of both. Matroska: an
//! element `CodecDelay` does it for every codec, but libav writes it for Opus alone; a name of equal size keeps its
//! place until then.

use std::{
    fs::File,
    io::{self, Error, ErrorKind, Read, Seek, SeekFrom, Write},
    ops::Range,
};

use super::Container;
use crate::audio::RATE;

/// Eight bytes, as many as the delay takes.
pub(super) const PLACE_HOLDER: &str = "CueDelay";

/// `Name`, with eight bytes.
const NAME: [u8; 3] = [0x53, 0x6e, 0x88];

/// `CodecDelay`, with eight bytes: nanoseconds.
const CODEC_DELAY: [u8; 3] = [0x56, 0xaa, 0x88];

/// The tracks are described near the start of a Matroska file.
const MATROSKA_HEAD_BYTES: u64 = 8 << 20;

/// More than the index of a day of video.
const MAX_INDEX_BYTES: u64 = 1 << 30;

/// Where the sound starts and how much comes before it, in samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Priming {
    pub(super) start: i64,
    pub(super) lead_in: i64,
}

impl Priming {
    /// Tells players of a finished file to skip the lead-in.
    pub(super) fn tell(self, container: Container, file: &mut File) -> io::Result<()> {
        match container {
            // Before time 0 libav's edit list already cuts it.
            Container::Mp4 | Container::Mov if self.start > self.lead_in => self.tell_edit_list(file),
            Container::Matroska => self.tell_codec_delay(file),
            Container::Mp4 | Container::Mov | Container::WebM => Ok(()),
        }
    }

    fn tell_codec_delay(self, file: &mut File) -> io::Result<()> {
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(MATROSKA_HEAD_BYTES).read_to_end(&mut head)?;
        let name = [&NAME, PLACE_HOLDER.as_bytes()].concat();
        let at = head.windows(name.len()).position(|bytes| bytes == name).ok_or_else(|| missing("the delay"))?;
        let nanoseconds = self.lead_in.unsigned_abs() * 1_000_000_000 / u64::from(RATE);
        file.seek(SeekFrom::Start(at as u64))?;
        file.write_all(&CODEC_DELAY)?;
        file.write_all(&nanoseconds.to_be_bytes())
    }

    fn tell_edit_list(self, file: &mut File) -> io::Result<()> {
        let (at, mut index) = index(file)?;
        let ticks = movie_ticks(&index).ok_or_else(|| missing("the movie header"))?;
        let list = sound_edit_list(&index).ok_or_else(|| missing("the sound's edit list"))?;
        self.edit(&mut index[list], ticks).ok_or_else(|| missing("the sound's delay"))?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&index)
    }

    /// `elst`: an empty edit up to the first picture, then the sound without its lead-in.
    fn edit(self, list: &mut [u8], ticks_a_second: u32) -> Option<()> {
        let wide = *list.first()? == 1;
        let width = if wide { 8 } else { 4 };
        let entry = 2 * width + 4;
        let empty = number(list, 8, width)?;
        let sound = number(list, 8 + entry, width)?;
        let delay = (self.start.unsigned_abs() * u64::from(ticks_a_second) + u64::from(RATE) / 2) / u64::from(RATE);
        let is_delay = number(list, 4, 4)? == 2 && number(list, 8 + entry + width, width)? == 0;
        if !is_delay {
            return None;
        }
        put(list, 8, width, delay)?;
        put(list, 8 + entry, width, (sound + empty).checked_sub(delay)?)?;
        put(list, 8 + entry + width, width, self.lead_in.unsigned_abs())
    }
}

fn missing(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{what} is not where the muxer puts it"))
}

/// The box `moov`: where its content lies in the file, and the content.
fn index(file: &mut File) -> io::Result<(u64, Vec<u8>)> {
    let mut at = 0;
    loop {
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut head[..8])?;
        let mut size = number(&head, 0, 4).unwrap_or(0);
        let mut head_bytes = 8;
        if size == 1 {
            file.read_exact(&mut head[8..])?;
            size = number(&head, 8, 8).unwrap_or(0);
            head_bytes = 16;
        }
        if size < head_bytes {
            return Err(missing("the index"));
        }
        if &head[4..8] == b"moov" {
            let mut content = Vec::new();
            file.take((size - head_bytes).min(MAX_INDEX_BYTES)).read_to_end(&mut content)?;
            return Ok((at + head_bytes, content));
        }
        at += size;
    }
}

/// The boxes in a range of the index: name and content.
fn boxes(index: &[u8], within: Range<usize>) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    let mut at = within.start;
    std::iter::from_fn(move || {
        let size = usize::try_from(number(index, at, 4)?).ok()?;
        let content = at + 8..at + size;
        if size < 8 || content.end > within.end {
            return None;
        }
        at = content.end;
        Some((&index[content.start - 4..content.start], content))
    })
}

/// The content of the box that a path of names leads to.
fn find(index: &[u8], within: Range<usize>, path: &[&[u8; 4]]) -> Option<Range<usize>> {
    let Some((first, rest)) = path.split_first() else { return Some(within) };
    let (_, content) = boxes(index, within).find(|(name, _)| *name == *first)?;
    find(index, content, rest)
}

fn movie_ticks(index: &[u8]) -> Option<u32> {
    let header = find(index, 0..index.len(), &[b"mvhd"])?;
    let at = if index[header.start] == 1 { 20 } else { 12 };
    number(index, header.start + at, 4)?.try_into().ok()
}

fn sound_edit_list(index: &[u8]) -> Option<Range<usize>> {
    let is_sound = |track: &Range<usize>| {
        let handler = find(index, track.clone(), &[b"mdia", b"hdlr"]);
        handler.is_some_and(|handler| index.get(handler.start + 8..handler.start + 12) == Some(b"soun"))
    };
    let mut tracks = boxes(index, 0..index.len()).filter(|(name, _)| *name == b"trak").map(|(_, content)| content);
    find(index, tracks.find(is_sound)?, &[b"edts", b"elst"])
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    Some(bytes.get(at..at + width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn put(bytes: &mut [u8], at: usize, width: usize, number: u64) -> Option<()> {
    bytes.get_mut(at..at + width)?.copy_from_slice(&number.to_be_bytes()[8 - width..]);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Delay of 5 s and sound of 10 s at 1000 ticks a second.
    fn list(wide: bool) -> Vec<u8> {
        let width = if wide { 8 } else { 4 };
        let mut list = vec![u8::from(wide), 0, 0, 0, 0, 0, 0, 2];
        for (ticks, media) in [(5000_u64, -1_i64), (10_000, 0)] {
            list.extend(&ticks.to_be_bytes()[8 - width..]);
            list.extend(&media.to_be_bytes()[8 - width..]);
            list.extend([0, 1, 0, 0]);
        }
        list
    }

    #[test]
    fn an_edit_list_gets_delay_and_cut_in_both_widths() {
        let priming = Priming { start: 241_024, lead_in: 1024 };
        for (wide, width) in [(false, 4), (true, 8)] {
            let mut list = list(wide);
            priming.edit(&mut list, 1000).unwrap();
            let entry = 2 * width + 4;
            let found = [8, 8 + entry, 8 + entry + width].map(|at| number(&list, at, width).unwrap());
            assert_eq!(found, [5021, 9979, 1024]);
        }
    }

    #[test]
    fn another_list_is_left_alone() {
        let priming = Priming { start: 241_024, lead_in: 1024 };
        let mut one = list(false);
        one[7] = 1;
        assert!(priming.edit(&mut one, 1000).is_none());
        assert!(priming.edit(&mut [], 1000).is_none());
    }

    #[test]
    fn boxes_that_lie_about_their_size_end_the_search() {
        assert!(find(b"\0\0\0\x10trak\0\0\0\x08edts", 0..16, &[b"trak", b"edts"]).is_some());
        assert!(find(b"\0\0\0\x20trak\0\0\0\x08edts", 0..16, &[b"trak", b"edts"]).is_none());
        assert!(find(b"\0\0\0\0trak", 0..8, &[b"edts"]).is_none());
    }
}
