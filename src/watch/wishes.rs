//! Wishes that another program leaves for the watch that runs, or for the next one: a small file each.

use std::{fs, io, path::Path};

use super::Wish;
use crate::store::write_atomically;

/// No wish is longer; what is longer is none.
const MAX_BYTES: u64 = 1 << 16;

/// Leaves a wish. Its name sorts by time.
pub(crate) fn leave(folder: &Path, wish: &Wish) -> io::Result<()> {
    let now = jiff::Timestamp::now().as_nanosecond();
    let path = folder.join(format!("{now:024}-{}.json", std::process::id()));
    write_atomically(&path, &serde_json::to_vec(wish)?)
}

/// Takes all wishes, the oldest first. A file that is no wish is taken away all the same.
pub(super) fn take(folder: &Path) -> Vec<Wish> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort_unstable();
    let take = |path: &std::path::PathBuf| {
        let is_short = fs::metadata(path).is_ok_and(|meta| meta.len() <= MAX_BYTES);
        let wish = is_short.then(|| fs::read(path).ok()).flatten();
        fs::remove_file(path).ok()?;
        serde_json::from_slice(&wish?).ok()
    };
    paths.iter().filter_map(take).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::watch::JobId;

    #[test]
    fn wishes_are_taken_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let id = JobId::new("in", Path::new("/in/a.mp4"), 1);
        let wishes = [Wish::Retry(id.clone()), Wish::Version { of: id, set: vec!["knobs.energy=1".into()] }];
        for wish in &wishes {
            leave(folder.path(), wish).unwrap();
        }
        fs::write(folder.path().join("0.json"), "no wish").unwrap();
        assert_eq!(take(folder.path()), wishes);
        assert!(take(folder.path()).is_empty());
        assert!(take(&folder.path().join("none")).is_empty());
    }
}
