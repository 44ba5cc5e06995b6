//! Sizes as people write them: `500MB`, `2GiB`, `1500000`.

use std::{fmt, str::FromStr};

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(pub(crate) u64);

const UNITS: [(&str, u64); 9] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("b", 1),
];

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, bytes)| Some((lower.strip_suffix(name)?, *bytes)))
            .unwrap_or((lower.as_str(), 1));
        let number: f64 = number.trim().parse().map_err(|_| Self::refusal(text))?;
        let bytes = number * unit as f64;
        if bytes.is_finite() && (0.0..9e18).contains(&bytes) {
            Ok(Self(bytes as u64))
        } else {
            Err(Self::refusal(text))
        }
    }
}

impl Size {
    fn refusal(text: &str) -> String {
        format!("`{text}` is no size; write 500MB, 2GiB or a number of bytes")
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
        match units.into_iter().find(|(_, bytes)| self.0 as f64 >= *bytes) {
            Some((name, bytes)) => write!(f, "{:.1} {name}", self.0 as f64 / bytes),
            None => write!(f, "{} B", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_all_units() {
        let cases = [("0", 0), ("1500", 1500), ("2kB", 2_000), ("1.5 MiB", 1_572_864), ("2gb", 2_000_000_000)];
        for (text, bytes) in cases {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "x", "-1", "1e400", "nan", "5 parsecs"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        assert_eq!(Size(12).to_string(), "12 B");
        assert_eq!(Size(1_530_000).to_string(), "1.5 MB");
    }
}
