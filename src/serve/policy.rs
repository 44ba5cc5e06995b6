//! What browsers may do with what we send (Content-Security-Policy).

use std::sync::LazyLock;

use axum::http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::report::page::base64;

/// The page itself: nothing inline, nothing from elsewhere.
pub(super) const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Answers of the API are looked at by nobody.
pub(super) const API: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Files of results: browsers show pictures and sound in a small page of their own.
pub(super) const FILE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'self'; sandbox",
);

/// Reports have script and style inside. Of scripts only our own player runs, known by its digest: whatever else got
/// into a report stays text. Its origin has to stay ours so that sound and picture come with the cookie.
pub(super) static REPORT: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts allow-same-origin",
        base64(&Sha256::digest(PLAYER.as_bytes()))
    );
    HeaderValue::try_from(policy).unwrap_or(FILE)
});

/// As it stands between the tags.
const PLAYER: &str = concat!("\n", include_str!("../report/page/player.js"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_players_digest_lets_a_script_run() {
        let policy = REPORT.to_str().unwrap();
        let script = policy.split("script-src ").nth(1).unwrap().split(';').next().unwrap();
        assert!(script.starts_with("'sha256-") && script.len() == 8 + 44 + 1 && !script.contains("unsafe"), "{script}");
        assert_eq!(base64(&Sha256::digest(b"")), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
