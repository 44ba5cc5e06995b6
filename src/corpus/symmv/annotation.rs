//! The text files of SymMV: its table and its chords. Pure parsers; a wrong line is an error with its number.

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

/// A row of SymMV.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) address: String,
    pub(super) key: Key,
}

/// The table after its header.
pub(super) fn table(text: &str) -> Result<Vec<Entry>, LineError> {
    let entry = |line: &str| {
        let mut fields = line.split('\t');
        let (id, address, key) = (fields.next()?, fields.next()?, fields.next()?);
        let plain = id.len() == 5 && id.bytes().all(|digit| digit.is_ascii_digit());
        // Flats are written as in `E- major`.
        let key = key.replacen('-', "b", 1).parse().ok()?;
        plain.then(|| Entry { id: id.to_owned(), address: address.trim().to_owned(), key })
    };
    lines(text)
        .skip(1)
        .map(|(number, line)| entry(line).ok_or_else(|| wrong(number, "no row of the table", line)))
        .collect()
}

/// Chords with their spans in ticks; the holes between them, where chords are missing, are none.
pub(super) fn chords(text: &str) -> Result<Vec<Span<Option<Chord>>>, LineError> {
    let mut spans: Vec<Span<Option<Chord>>> = Vec::new();
    for (number, line) in lines(text) {
        let span = span(line).ok_or_else(|| wrong(number, "no chord with its ticks", line))?;
        if let Some(last) = spans.last().filter(|last| last.end < span.start) {
            spans.push(Span { start: last.end, end: span.start, label: None });
        }
        spans.push(span);
    }
    Ok(spans)
}

fn span(line: &str) -> Option<Span<Option<Chord>>> {
    let mut fields = line.split_whitespace();
    let mut tick = || fields.next()?.parse().ok().filter(|tick| (0.0..=1e9).contains(tick));
    let (start, end) = (tick()?, tick()?);
    let label = chord(fields.next()?)?;
    (start < end && fields.next().is_none()).then_some(Span { start, end, label: Some(label) })
}

fn chord(label: &str) -> Option<Chord> {
    let (root, quality) = pitch::split_name(label)?;
    let (shift, quality) = match quality {
        "M" => (0, Quality::Major),
        "m" => (0, Quality::Minor),
        "7" => (0, Quality::Seventh),
        "M7" => (0, Quality::MajorSeventh),
        "m7" => (0, Quality::MinorSeventh),
        "o" | "o7" => (0, Quality::Diminished),
        "+" => (0, Quality::Augmented),
        "sus4" => (0, Quality::Suspended),
        // The tones of Csus2 are those of Gsus4.
        "sus2" => (7, Quality::Suspended),
        _ => return None,
    };
    Some(Chord::new(root + shift, quality))
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim().is_empty())
}

fn wrong(line: usize, problem: &'static str, text: &str) -> LineError {
    LineError { line, problem, text: text.chars().take(60).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_table() {
        let rows = table(
            "index\tyoutube_url\ttonality\tshazam_id\n00001\thttps://x\tE- major\t5\n00002\thttps://y\tb- minor\n",
        );
        let rows = rows.unwrap();
        assert_eq!((rows[0].id.as_str(), rows[0].address.as_str()), ("00001", "https://x"));
        assert_eq!((rows[0].key.to_string(), rows[1].key.to_string()), ("Eb major".into(), "Bb minor".into()));
        assert_eq!(
            table("head\n../1\thttps://x\tC major").unwrap_err().to_string(),
            "line 2: no row of the table: \"../1\thttps://x\tC major\""
        );
        assert!(table("head\n00001\thttps://x\tH major").is_err());
    }

    #[test]
    fn holes_between_chords_are_kept() {
        let spans = chords("220 440 Am\n440 880 F#m7\n1320 1540 Csus2\n").unwrap();
        let written: Vec<String> =
            spans.iter().map(|span| span.label.as_ref().map_or("missing".to_owned(), ToString::to_string)).collect();
        assert_eq!(written, ["Am", "F#m7", "missing", "Gsus4"]);
        assert!((spans[2].start - 880.0).abs() < 1e-9 && (spans[2].end - 1320.0).abs() < 1e-9);
        for text in ["1 2", "2 1 CM", "a 2 CM", "1 2 C", "1 2 HM", "1 2 CM x", "-1 2 CM"] {
            assert!(chords(text).is_err(), "{text}");
        }
    }
}
