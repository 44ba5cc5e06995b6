//! Which container the scored video gets: the input's own where that can carry the result.

use std::{fmt, fs::File, io::Read, path::Path};

/// What we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Mp4,
    Mov,
    Matroska,
    WebM,
}

impl Container {
    /// By libav's name of the input's container, its brand and the kind of Matroska.
    pub(super) fn of(input: &str, major_brand: Option<&str>, is_webm: bool) -> Self {
        match input {
            "mov,mp4,m4a,3gp,3g2,mj2" if major_brand.is_none_or(|brand| brand.starts_with("qt")) => Self::Mov,
            "mov,mp4,m4a,3gp,3g2,mj2" | "mpeg" => Self::Mp4,
            "matroska,webm" if is_webm => Self::WebM,
            _ => Self::Matroska,
        }
    }

    /// The ending of its files.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "mkv",
            Self::WebM => "webm",
        }
    }

    /// libav's name for the muxer.
    pub(super) fn muxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
        }
    }

    /// The encoder for its sound.
    pub(super) fn encoder(self) -> &'static str {
        match self {
            Self::WebM => "libopus",
            Self::Mp4 | Self::Mov | Self::Matroska => "aac",
        }
    }

    pub(super) fn has_edit_lists(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov)
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ending())
    }
}

/// Whether a Matroska file calls itself `WebM`. libav does not tell.
pub(super) fn is_webm(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.is_ok() && doc_type(&head).is_some_and(|name| name.starts_with(b"webm"))
}

/// What follows the `DocType` element's identifier and its size of one byte, or of eight.
fn doc_type(head: &[u8]) -> Option<&[u8]> {
    let at = head.windows(2).position(|pair| pair == [0x42, 0x82])? + 2;
    let size_bytes = head.get(at)?.leading_zeros() as usize + 1;
    head.get(at + size_bytes..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_s_container_stays_where_it_can() {
        let quicktime = "mov,mp4,m4a,3gp,3g2,mj2";
        let cases = [
            (quicktime, Some("isom"), false, "mp4"),
            (quicktime, Some("mjp2"), false, "mp4"),
            (quicktime, Some("qt  "), false, "mov"),
            (quicktime, None, false, "mov"),
            ("matroska,webm", Some("isom"), false, "mkv"),
            ("matroska,webm", None, true, "webm"),
            ("mpeg", None, false, "mp4"),
            ("mpegts", None, false, "mkv"),
            ("avi", None, false, "mkv"),
            ("gif", None, false, "mkv"),
        ];
        for (input, brand, webm, ending) in cases {
            assert_eq!(Container::of(input, brand, webm).ending(), ending, "{input} {brand:?}");
        }
    }

    #[test]
    fn a_doc_type_is_read_with_short_and_long_sizes() {
        assert_eq!(doc_type(b"\x1a\x45\xdf\xa3\x42\x82\x84webm"), Some(&b"webm"[..]));
        assert_eq!(doc_type(b"\x42\x82\x01\0\0\0\0\0\0\x08matroska"), Some(&b"matroska"[..]));
        assert_eq!(doc_type(b"\x42\x82"), None);
        assert_eq!(doc_type(b"anything"), None);
    }
}
