//! Names of the measures that the decode pass takes of each picture.

/// Mean absolute difference to the picture before, over all pixels and RGB, 0..255.
pub(super) const DIFFERENCE: &str = "difference";
/// As `difference`, of a small grey picture under the shift that fits best: what is left of a pan, 0..255.
pub(super) const SHIFTED: &str = "shifted_difference";
/// As `difference`, of a small grey picture to the one two before: small after a flash, 0..255.
pub(super) const SKIPPED: &str = "skipped_difference";
/// Share of the pixels whose colour moved to another of 64 bins since the picture before, 0..1.
pub(super) const HISTOGRAM: &str = "histogram_distance";
/// Mean brightness, 0..255.
pub(super) const LUMA: &str = "luma";
/// HSV saturation and value, mean and standard deviation over the picture, 0..1.
pub(super) const SATURATION: &str = "saturation";
pub(super) const SATURATION_SPREAD: &str = "saturation_spread";
pub(super) const VALUE: &str = "value";
pub(super) const VALUE_SPREAD: &str = "value_spread";

/// Hue bins of 30 degrees, red in the middle of the first.
pub(super) const HUES: usize = 12;

/// A hue bin's name: `hue_0` to `hue_11`.
pub(super) fn hue(bin: usize) -> String {
    format!("hue_{bin}")
}

/// All measures, in the order of `Frames::channels`.
pub(super) fn all() -> Vec<String> {
    let scalars = [DIFFERENCE, SHIFTED, SKIPPED, HISTOGRAM, LUMA, SATURATION, SATURATION_SPREAD, VALUE, VALUE_SPREAD];
    scalars.into_iter().map(str::to_owned).chain((0..HUES).map(hue)).collect()
}
