//! Loads a SoundFont once a process: the system's FluidR3 is 148 MB.

use std::{
    fs::File,
    io::BufReader,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rustysynth::SoundFont;

use super::AudioError;
use crate::digest::Digest;

/// Keeps the SoundFont that was used last.
pub(crate) struct SoundFontCache {
    last: Mutex<Option<(Digest, Arc<SoundFont>)>>,
}

impl SoundFontCache {
    pub(crate) const fn new() -> Self {
        Self { last: Mutex::new(None) }
    }

    /// The SoundFont with this content; `path` is read only when another one was used last.
    pub(crate) fn get(&self, digest: Digest, path: &Path) -> Result<Arc<SoundFont>, AudioError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, font)) = last.as_ref().filter(|(loaded, _)| *loaded == digest) {
            return Ok(Arc::clone(font));
        }
        *last = None;
        let font = Arc::new(load(path)?);
        *last = Some((digest, Arc::clone(&font)));
        Ok(font)
    }
}

pub(crate) fn load(path: &Path) -> Result<SoundFont, AudioError> {
    let name = || path.display().to_string();
    let file = File::open(path).map_err(|source| AudioError::NoSoundFont { path: name(), source })?;
    SoundFont::new(&mut BufReader::with_capacity(1 << 16, file))
        .map_err(|source| AudioError::BadSoundFont { path: name(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing;

    #[test]
    fn loads_once_and_shares() {
        let Some(path) = testing::soundfont_path() else { return };
        let cache = SoundFontCache::new();
        let digest = Digest::of(b"font");
        let first = cache.get(digest, path).unwrap();
        let second = cache.get(digest, Path::new("/nowhere")).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn says_what_to_do_without_one() {
        let error = SoundFontCache::new().get(Digest::of(b""), Path::new("/no/such.sf2")).unwrap_err().to_string();
        assert!(error.contains("/no/such.sf2") && error.contains("fluid-soundfont-gm"), "{error}");
    }

    #[test]
    fn refuses_what_is_no_soundfont() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"RIFFxxxxWAVEfmt ").unwrap();
        assert!(matches!(load(file.path()), Err(AudioError::BadSoundFont { .. })));
    }
}
