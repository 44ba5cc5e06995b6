//! The token that lets in who is not on this machine.

use std::{fmt::Write, io, ops::RangeInclusive};

use super::error::ServeError;

/// A shorter one could be guessed, a longer one fits into no cookie.
pub(super) const LENGTHS: RangeInclusive<usize> = 16..=256;
const RANDOM_BYTES: usize = 16;

#[derive(Clone)]
pub(super) struct Token {
    text: String,
    digest: blake3::Hash,
}

impl Token {
    pub(super) fn given(text: &str) -> Result<Self, ServeError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if LENGTHS.contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(Self::new(text.to_owned()))
        } else {
            Err(ServeError::Token { length: text.chars().count() })
        }
    }

    pub(super) fn random() -> Result<Self, ServeError> {
        Ok(Self::new(random_hex().map_err(|source| ServeError::Random { source })?))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Digests are compared in constant time, whatever the length of what was sent.
    pub(super) fn is(&self, sent: &str) -> bool {
        blake3::hash(sent.as_bytes()) == self.digest
    }

    fn new(text: String) -> Self {
        let digest = blake3::hash(text.as_bytes());
        Self { text, digest }
    }
}

/// 32 digits from the system's random source.
pub(super) fn random_hex() -> io::Result<String> {
    let mut bytes = [0_u8; RANDOM_BYTES];
    getrandom::fill(&mut bytes)?;
    let text = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_tokens_are_32_digits_and_differ() {
        let (one, two) = (Token::random().unwrap(), Token::random().unwrap());
        assert!(one.text().len() == 32 && one.text() != two.text());
        assert!(one.is(one.text()) && !one.is(two.text()) && !one.is(""));
    }

    #[test]
    fn a_token_that_is_short_or_needs_quoting_is_refused() {
        assert!(Token::given("0123456789abcdef").is_ok());
        for text in ["short", "", "0123456789abcde;", "0123456789abcd e", "0123456789abcdé", &"a".repeat(257)] {
            assert!(Token::given(text).is_err(), "{text}");
        }
    }
}
