//! The scripts that are built into the program, so that it works away from the project's folder.

/// Below `scripts`, without the ending: `lib/drums`, `styles/lofi`.
const SHIPPED: &[(&str, &str)] = &[
    ("lib/drums", include_str!("../../scripts/lib/drums.rhai")),
    ("lib/voices", include_str!("../../scripts/lib/voices.rhai")),
    ("styles/acoustic_band", include_str!("../../scripts/styles/acoustic_band.rhai")),
    ("styles/ambient_pad", include_str!("../../scripts/styles/ambient_pad.rhai")),
    ("styles/childrens", include_str!("../../scripts/styles/childrens.rhai")),
    ("styles/electronic", include_str!("../../scripts/styles/electronic.rhai")),
    ("styles/jazz_trio", include_str!("../../scripts/styles/jazz_trio.rhai")),
    ("styles/lofi", include_str!("../../scripts/styles/lofi.rhai")),
    ("styles/orchestral_trailer", include_str!("../../scripts/styles/orchestral_trailer.rhai")),
    ("styles/solo_piano", include_str!("../../scripts/styles/solo_piano.rhai")),
    ("styles/strings", include_str!("../../scripts/styles/strings.rhai")),
    ("styles/synthwave", include_str!("../../scripts/styles/synthwave.rhai")),
];

/// Paths of all that ships.
pub(super) fn shipped_paths() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(path, _)| *path)
}

/// A module or style by its path.
pub(crate) fn shipped(path: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// Names of all styles, without their folder.
pub(crate) fn shipped_styles() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().filter_map(|(path, _)| path.strip_prefix("styles/"))
}
