//! Where recipes and the files they name are looked for.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    place::Source,
    shipped::{self, Shipped},
};

/// No recipe or script is near this; a device or a video taken for a recipe is.
const MAX_BYTES: u64 = 1 << 20;

/// Folders that do not depend on the recipe.
pub(super) struct Roots {
    pub(super) current: PathBuf,
    /// The folder of the program and all above it.
    pub(super) program: Vec<PathBuf>,
}

pub(super) enum Found {
    File { path: PathBuf, name: String },
    BuiltIn(&'static Shipped),
}

impl Roots {
    pub(super) fn of_process() -> Self {
        let program = env::current_exe().unwrap_or_default();
        Self {
            current: env::current_dir().unwrap_or_default(),
            program: program.ancestors().skip(1).map(Path::to_owned).collect(),
        }
    }

    /// The first that is there and right: beside `home` and in the folders above it, in the current folder, above the program.
    /// An argument of the command line is looked for in the current folder first.
    pub(super) fn find(
        &self,
        path: &Path,
        home: Option<&Path>,
        is_argument: bool,
        is_right: impl Fn(&Path) -> bool,
    ) -> Option<PathBuf> {
        let above = home.into_iter().flat_map(Path::ancestors);
        let here = std::iter::once(self.current.as_path());
        let first = here.clone().filter(|_| is_argument);
        let program = self.program.iter().map(PathBuf::as_path);
        first.chain(above).chain(here).chain(program).map(|folder| folder.join(path)).find(|path| is_right(path))
    }

    /// Where `find` looks, for messages.
    pub(super) fn looked(&self, home: Option<&Path>) -> String {
        let above = |folder: &Path| format!("{} and above", folder.display());
        let folders = [
            home.map(above),
            (home != Some(&self.current)).then(|| self.current.display().to_string()),
            self.program.first().map(|folder| above(folder)),
        ];
        folders.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// All folders where things are looked for, the nearest first, each once.
    pub(super) fn all(&self, home: Option<&Path>) -> Vec<PathBuf> {
        let above = home.into_iter().flat_map(Path::ancestors).map(Path::to_owned);
        let mut folders = Vec::new();
        for folder in above.chain([self.current.clone()]).chain(self.program.iter().cloned()) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    }

    /// A recipe by path, or one in a folder `recipes` by name, or a built-in one by name.
    pub(super) fn recipe(&self, written: &Path, home: &Path) -> Option<Found> {
        let path = home.join(written);
        if path.is_file() {
            let name = path.strip_prefix(&self.current).unwrap_or(&path).display().to_string();
            return Some(Found::File { path, name });
        }
        let name = written.to_str().filter(|name| !name.contains('/'))?;
        let is_script = super::is_script(Path::new(name));
        let file = match name.strip_suffix(".toml").unwrap_or(name) {
            name if is_script => format!("scripts/graphs/{name}"),
            name => format!("recipes/{name}.toml"),
        };
        match self.find(Path::new(&file), None, false, Path::is_file) {
            Some(path) => {
                let name = path.strip_prefix(&self.current).unwrap_or(&path).display().to_string();
                Some(Found::File { path, name })
            }
            None => shipped::find(name).map(Found::BuiltIn),
        }
    }
}

impl Found {
    pub(super) fn read(self) -> io::Result<Arc<Source>> {
        let source = match self {
            Self::File { path, name } => {
                let text = read_text(&path, "a recipe")?;
                Source { name, path: Some(path), text, is_argument: false }
            }
            Self::BuiltIn(shipped) => Source {
                name: format!("{}.toml (built in)", shipped.name),
                path: None,
                text: shipped.text.to_owned(),
                is_argument: false,
            },
        };
        Ok(Arc::new(source))
    }
}

/// A text of reasonable length.
pub(crate) fn read_text(path: &Path, what: &str) -> io::Result<String> {
    let bytes = fs::metadata(path)?.len();
    if bytes > MAX_BYTES {
        let reason = format!("it has {bytes} bytes; {what} has at most {MAX_BYTES}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    fs::read_to_string(path)
}
