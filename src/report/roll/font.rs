//! The labels' font: a part of `DejaVu Sans Condensed` that ships with the program (see font/LICENSE).

use plotters::style::{FontStyle, IntoFont, TextStyle, register_font};

use super::RollError;

const NAME: &str = "cuesmith labels";
const BYTES: &[u8] = include_bytes!("font/labels.ttf");

/// Makes the font known to plotters. Doing so again changes nothing.
pub(super) fn register() -> Result<(), RollError> {
    register_font(NAME, FontStyle::Normal, BYTES).map_err(|_| RollError::Font)
}

pub(super) fn style(pixels: u32, color: plotters::style::RGBColor) -> TextStyle<'static> {
    (NAME, pixels).into_font().color(&color)
}

#[cfg(test)]
mod tests {
    use plotters::style::BLACK;

    use super::*;

    /// The pixels of a text.
    fn drawn(text: &str) -> Vec<(i32, i32, u8)> {
        let mut pixels = Vec::new();
        let put = |x, y, shade: f32| -> Result<(), std::convert::Infallible> {
            pixels.push((x, y, (shade * 255.0) as u8));
            Ok(())
        };
        let _ = style(16, BLACK).font.draw(text, (0, 0), put).unwrap();
        pixels
    }

    #[test]
    fn every_sign_of_a_label_is_in_the_font() {
        register().unwrap();
        assert!((NAME, 16).into_font().layout_box("C").is_ok());
        let missing = drawn("\u{4e00}");
        for sign in "CDEFGAB#b0123456789maj7susdimintroac'.,:()+-_/".chars() {
            let pixels = drawn(&sign.to_string());
            assert!(!pixels.is_empty() && pixels != missing, "{sign}");
        }
    }
}
