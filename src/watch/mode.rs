//! Whether a folder's file system tells of changes, or has to be asked again and again.

use std::{fmt, path::Path};

use rustix::fs::statfs;

/// Seconds between two looks when nothing else is said.
pub(crate) const POLL_SECONDS: f64 = 5.0;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mode {
    Events,
    Polling { seconds: f64, because: String },
}

/// File systems whose files are changed by other machines, or by programs that the kernel does not see.
const SILENT: [(u32, &str); 14] = [
    (0x6969, "NFS"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB"),
    (0x517B, "SMB"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9p"),
    (0x0BD0_0BD0, "Lustre"),
    (0x00C3_6400, "Ceph"),
    (0x786F_4256, "VirtualBox's shared folders"),
    (0xBACB_ACBC, "VMware's shared folders"),
    (0x5346_414F, "AFS"),
    (0x7375_7245, "Coda"),
    (0x564C, "NCP"),
    (0x4750_4653, "GPFS"),
];

impl Mode {
    /// `asked` is how often polling was asked for.
    pub(crate) fn of(folder: &Path, asked: Option<f64>) -> Self {
        if let Some(seconds) = asked {
            return Self::Polling { seconds, because: "as asked".to_owned() };
        }
        let kind = statfs(folder).map_or(0, |found| found.f_type as u32);
        match SILENT.iter().find(|(silent, _)| *silent == kind) {
            Some((_, name)) => Self::polling(format!("{name} tells nothing of what other machines do")),
            None => Self::Events,
        }
    }

    pub(crate) fn polling(because: String) -> Self {
        Self::Polling { seconds: POLL_SECONDS, because }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events => f.write_str("events"),
            Self::Polling { seconds, because } => write!(f, "polling every {seconds} s: {because}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_on_this_machine_gives_events_unless_polling_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Mode::of(folder.path(), None), Mode::Events);
        assert_eq!(Mode::of(folder.path(), Some(2.0)).to_string(), "polling every 2 s: as asked");
        assert_eq!(Mode::of(Path::new("/proc"), None), Mode::Events);
    }
}
