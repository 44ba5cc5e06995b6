//! Finding in a script's text what a call wrote: Rhai says where a call is, not where the words of its map are.

use std::ops::Range;

/// Byte of a line and column, both counted from 1, columns in characters.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(index, _)| index)
}

/// The name of the function that is called at `start`.
pub(super) fn word(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    start..start + end.max(rest.chars().next().map_or(0, char::len_utf8))
}

/// Where `key: value` is written in the arguments of the call at `start`.
pub(super) fn entry(text: &str, start: usize, key: &str) -> Option<(Range<usize>, Range<usize>)> {
    let mut scan = Scan { text, at: word(text, start).end };
    let mut depth = 0;
    while let Some(token) = scan.next() {
        match &text[token.clone()] {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => {
                depth -= 1;
                if depth <= 0 {
                    return None;
                }
            }
            name if name.trim_matches('"') == key && depth > 1 && scan.colon() => {
                return Some((token, scan.value()));
            }
            _ => {}
        }
        if depth == 0 {
            return None;
        }
    }
    None
}

/// Words, texts and signs, without comments and spaces.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<Range<usize>> {
        self.skip();
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let length = match first {
            '"' | '`' | '\'' => quoted(rest, first),
            letter if letter.is_alphanumeric() || letter == '_' => rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '.')
                .unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
        let start = self.at;
        self.at += length;
        Some(start..self.at)
    }

    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let spaces = rest.len() - rest.trim_start().len();
            let comment = match &rest[spaces..] {
                rest if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                rest if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                _ => 0,
            };
            self.at += spaces + comment;
            if spaces + comment == 0 {
                return;
            }
        }
    }

    /// Whether a colon comes next; it is taken.
    fn colon(&mut self) -> bool {
        self.skip();
        let rest = &self.text[self.at..];
        let is_colon = rest.starts_with(':') && !rest.starts_with("::");
        self.at += usize::from(is_colon);
        is_colon
    }

    /// From here to the comma or bracket that ends the value.
    fn value(&mut self) -> Range<usize> {
        self.skip();
        let (start, mut end, mut depth) = (self.at, self.at, 0);
        while let Some(token) = self.next() {
            match &self.text[token.clone()] {
                "(" | "{" | "[" => depth += 1,
                ")" | "}" | "]" | "," if depth == 0 => break,
                ")" | "}" | "]" => depth -= 1,
                _ => {}
            }
            end = token.end;
        }
        start..end
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return index + letter.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "let a = 1;\nlet x = generate_chords(\"a\", #{ // plan: no\n    plan: cue, temperature: 0.5 * f(1, 2),\n    \"top_p\": `x: ${1}` });\nother(#{ top_p: 3 });";

    #[test]
    fn a_call_has_its_word() {
        let start = offset(TEXT, 2, 9);
        assert_eq!(&TEXT[word(TEXT, start)], "generate_chords");
        assert_eq!(offset("é\nü x", 2, 3), 6);
        assert_eq!(offset("a", 9, 9), 1);
    }

    #[test]
    fn entries_are_found_inside_their_call() {
        let start = offset(TEXT, 2, 9);
        let find = |key| entry(TEXT, start, key).map(|(key, value)| (&TEXT[key], &TEXT[value]));
        assert_eq!(find("plan"), Some(("plan", "cue")));
        assert_eq!(find("temperature"), Some(("temperature", "0.5 * f(1, 2)")));
        assert_eq!(find("top_p"), Some(("\"top_p\"", "`x: ${1}`")));
        assert_eq!(find("cue"), None);
        assert_eq!(entry("f(#{", 0, "x"), None);
    }
}
