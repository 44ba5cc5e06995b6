//! Free space: nothing starts when too little of it would be left.

use std::path::Path;

use bytesize::ByteSize;
use rustix::fs::statvfs;

/// Why nothing may start, if one of the places has less than `keep_free` bytes.
pub(super) fn shortage<'a>(places: impl Iterator<Item = &'a Path>, keep_free: u64) -> Option<String> {
    let short = |place: &Path| {
        let free = free(place)?;
        let (free_text, keep) = (ByteSize(free), ByteSize(keep_free));
        (free < keep_free).then(|| format!("{free_text} free at {}, {keep} are kept free", place.display()))
    };
    places.into_iter().find_map(short)
}

/// Of a place that may not be there yet.
fn free(place: &Path) -> Option<u64> {
    let there = place.ancestors().find(|path| path.exists())?;
    let found = statvfs(there).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_holds_and_an_empty_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("not/yet");
        let place = || [deep.as_path()].into_iter();
        assert_eq!(shortage(place(), 1), None);
        let held = shortage(place(), u64::MAX).unwrap();
        assert!(held.contains(" free at ") && held.ends_with(" are kept free"), "{held}");
    }
}
