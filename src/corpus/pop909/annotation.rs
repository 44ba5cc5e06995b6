//! The text files of POP909: beats, chords, keys, index. Pure parsers; a wrong line is an error with its number.

use std::str::FromStr;

use crate::{
    corpus::span::Span,
    music::{Chord, Key, Quality, pitch},
};

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}: \"{text}\"")]
pub(crate) struct LineError {
    line: usize,
    problem: &'static str,
    text: String,
}

/// A row of `beat_midi.txt`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beat {
    pub(super) seconds: f64,
    /// First of a group of two (in plain 4/4 songs).
    pub(super) group: bool,
    /// First of two groups.
    pub(super) bar: bool,
}

/// A row of `beat_audio.txt`; order 1 is a downbeat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AudioBeat {
    pub(super) seconds: f64,
    pub(super) order: u8,
}

/// A row of index.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) beats_a_measure: u8,
    pub(super) quavers_a_beat: u8,
}

pub(super) fn beats(text: &str) -> Result<Vec<Beat>, LineError> {
    rows(text, |[seconds, group, bar]| Some(Beat { seconds: time(seconds)?, group: flag(group)?, bar: flag(bar)? }))
}

pub(super) fn audio_beats(text: &str) -> Result<Vec<AudioBeat>, LineError> {
    rows(text, |[seconds, order]| {
        let order: f64 = number(order)?;
        (1.0..=16.0).contains(&order).then_some(AudioBeat { seconds: time(seconds)?, order: order as u8 })
    })
}

pub(super) fn chords(text: &str) -> Result<Vec<Span<Chord>>, LineError> {
    rows(text, |[start, end, label]| Some(Span { start: time(start)?, end: time(end)?, label: chord(label)? }))
}

pub(super) fn keys(text: &str) -> Result<Vec<Span<Key>>, LineError> {
    rows(text, |[start, end, label]| {
        let label = label.replace(':', " ").parse().ok()?;
        Some(Span { start: time(start)?, end: time(end)?, label })
    })
}

/// The index after its header. Names may hold commas, so the numbers are taken from the right.
pub(super) fn index(text: &str) -> Result<Vec<Entry>, LineError> {
    let entry = |line: &str| {
        let (rest, quavers) = line.rsplit_once(',')?;
        let (rest, beats) = rest.rsplit_once(',')?;
        let id = rest.split(',').next()?;
        let plain = id.len() == 3 && id.bytes().all(|digit| digit.is_ascii_digit());
        plain.then_some(Entry { id: id.to_owned(), beats_a_measure: number(beats)?, quavers_a_beat: number(quavers)? })
    };
    lines(text)
        .skip(1)
        .map(|(number, line)| entry(line).ok_or_else(|| wrong(number, "no row of the index", line)))
        .collect()
}

/// The chord that a label such as `Bb:min7`, `F:maj/3` or `N` comes to in our eight qualities; the bass after `/` is left out.
fn chord(label: &str) -> Option<Chord> {
    if label == "N" {
        return Some(Chord::None);
    }
    let (root, quality) = label.split_once(':')?;
    let (root, "") = pitch::split_name(root)? else { return None };
    let quality = quality.split('/').next()?;
    let (shift, quality) = match quality {
        "maj" | "maj6" => (0, Quality::Major),
        "min" | "min6" | "minmaj7" => (0, Quality::Minor),
        "7" => (0, Quality::Seventh),
        "maj7" => (0, Quality::MajorSeventh),
        "min7" => (0, Quality::MinorSeventh),
        "sus4" | "sus4(b7)" => (0, Quality::Suspended),
        // The tones of Csus2 are those of Gsus4.
        "sus2" => (7, Quality::Suspended),
        "dim" | "hdim7" | "dim7" => (0, Quality::Diminished),
        "aug" => (0, Quality::Augmented),
        _ => return None,
    };
    Some(Chord::new(root + shift, quality))
}

fn rows<const N: usize, T>(text: &str, row: impl Fn([&str; N]) -> Option<T>) -> Result<Vec<T>, LineError> {
    lines(text)
        .map(|(number, line)| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let fields = <[&str; N]>::try_from(fields).map_err(|_| wrong(number, "wrong number of columns", line))?;
            row(fields).ok_or_else(|| wrong(number, "a value that cannot be read", line))
        })
        .collect()
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim().is_empty())
}

fn wrong(line: usize, problem: &'static str, text: &str) -> LineError {
    LineError { line, problem, text: text.chars().take(60).collect() }
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

fn time(text: &str) -> Option<f64> {
    number(text).filter(|seconds| (0.0..=36_000.0).contains(seconds))
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "1.0" => Some(true),
        "0.0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Mode;

    #[test]
    fn beats_and_flags() {
        let read = beats("0.5 1.0 1.0\n1.25 0.0 0.0\n\n").unwrap();
        assert_eq!(read[0], Beat { seconds: 0.5, group: true, bar: true });
        assert_eq!(read[1], Beat { seconds: 1.25, group: false, bar: false });
        assert_eq!(audio_beats("2.66\t1.0\n").unwrap(), [AudioBeat { seconds: 2.66, order: 1 }]);
    }

    #[test]
    fn chord_labels() {
        let written = |label| chord(label).map(|chord| chord.to_string());
        let expected = [
            ("N", "N"),
            ("Bb:min7", "Bbm7"),
            ("F:maj/3", "F"),
            ("G:sus4(b7)/5", "Gsus4"),
            ("C:sus2", "Gsus4"),
            ("B:hdim7", "Bdim"),
            ("Cb:maj6", "B"),
            ("A:minmaj7", "Am"),
            ("E:aug", "Eaug"),
            ("D:7", "D7"),
            ("F:maj7", "Fmaj7"),
        ];
        for (label, name) in expected {
            assert_eq!(written(label).as_deref(), Some(name), "{label}");
        }
        for label in ["", "X:maj", "C:maj9", "C", "Cx:maj", ":min"] {
            assert_eq!(chord(label), None, "{label}");
        }
    }

    #[test]
    fn spans() {
        let read = chords("0.0\t1.5\tN\n1.5\t2.5\tG:maj\n").unwrap();
        assert_eq!(read[1], Span { start: 1.5, end: 2.5, label: Chord::new(7, Quality::Major) });
        let read = keys("2.6 191.9 Gb:maj\n191.9 200 Eb:min\n").unwrap();
        assert_eq!(read[0].label, Key::new(6, Mode::Major));
        assert_eq!(read[1].label, Key::new(3, Mode::Minor));
    }

    #[test]
    fn index_rows_with_commas_in_names() {
        let read = index("song_id,name\n014,Yes, No,a,2,2,3\n").unwrap();
        assert_eq!(read, [Entry { id: "014".into(), beats_a_measure: 2, quavers_a_beat: 3 }]);
        assert!(index("head\nabc,x,2,2\n").is_err());
        assert!(index("head\n../,x,2,2\n").is_err());
    }

    #[test]
    fn wrong_lines_are_named() {
        assert_eq!(
            beats("0 1.0 1.0\nnan 1.0 0.0").unwrap_err().to_string(),
            "line 2: a value that cannot be read: \"nan 1.0 0.0\""
        );
        assert!(beats("0 1.0").unwrap_err().to_string().starts_with("line 1: wrong number of columns"));
        assert!(beats("0 1.0 2.0").is_err());
        assert!(chords("0 1 H:maj").is_err());
        assert!(keys("0 1 C:dorian").is_err());
    }
}
