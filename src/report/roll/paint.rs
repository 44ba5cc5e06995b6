//! Paints a piano roll with plotters, in plain pixels.

use std::path::Path;

use plotters::{
    backend::BitMapBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{PathElement, Rectangle, Text},
    style::{Color, RGBAColor, RGBColor},
};

use super::{
    Roll,
    canvas::{CHORDS_TOP, Canvas, SECTIONS_TOP, TITLE_TOP, TOP},
    font,
    view::Part,
};
use crate::{artifact::Role, music::pitch};

const PAPER: RGBColor = RGBColor(255, 255, 255);
const BLACK_KEY: RGBColor = RGBColor(244, 245, 248);
const BAND: RGBColor = RGBColor(225, 231, 243);
const OTHER_BAND: RGBColor = RGBColor(240, 234, 222);
const BAR: RGBColor = RGBColor(206, 210, 219);
const BOUND: RGBColor = RGBColor(120, 130, 150);
const CUT: RGBColor = RGBColor(205, 30, 60);
const INK: RGBColor = RGBColor(40, 44, 55);
const FAINT: RGBColor = RGBColor(110, 116, 130);

const TEXT_PIXELS: u32 = 16;
/// Room that a letter takes, for keeping labels apart.
const LETTER_PIXELS: i32 = 9;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RollError {
    #[error("the font of the piano roll's labels is damaged; rebuild the program")]
    Font,
    #[error("drawing the piano roll: {0}")]
    Draw(String),
}

impl Roll {
    /// Writes the picture to a path that ends in `.png`.
    pub(crate) fn paint(&self, path: &Path) -> Result<(), RollError> {
        font::register()?;
        let canvas = Canvas::of(self);
        let area = BitMapBackend::new(path, (canvas.width, canvas.height)).into_drawing_area();
        let brush = Brush { area: &area, canvas: &canvas };
        brush.draw(self).map_err(|error| RollError::Draw(error.to_string()))?;
        area.present().map_err(|error| RollError::Draw(error.to_string()))
    }
}

struct Brush<'a, 'p> {
    area: &'a Area<'p>,
    canvas: &'a Canvas,
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

impl Brush<'_, '_> {
    fn draw(&self, roll: &Roll) -> Drawn {
        self.area.fill(&PAPER).map_err(|error| error.to_string())?;
        self.keys(roll)?;
        self.sections(roll)?;
        self.bars(roll)?;
        for part in &roll.parts {
            self.part(part)?;
        }
        self.chords(roll)?;
        self.cuts(roll)?;
        self.time_axis()?;
        self.heading(roll)
    }

    fn keys(&self, roll: &Roll) -> Drawn {
        for key in roll.pitches.0..=roll.pitches.1 {
            let (top, bottom) = self.canvas.row(key);
            if matches!(key % 12, 1 | 3 | 6 | 8 | 10) {
                self.fill((self.canvas.left(), top), (self.canvas.right(), bottom), BLACK_KEY.mix(1.0))?;
            }
            if key % 12 == 0 {
                self.line((self.canvas.left(), bottom), (self.canvas.right(), bottom), BAR, 1)?;
                self.text(
                    &format!("{}{}", pitch::name(0), key / 12 - 1),
                    (self.canvas.left() - 28, bottom - 14),
                    FAINT,
                )?;
            }
        }
        Ok(())
    }

    fn sections(&self, roll: &Roll) -> Drawn {
        let top = SECTIONS_TOP;
        for (place, (from, to, name)) in roll.sections.iter().enumerate() {
            let (left, right) = (self.canvas.x(*from), self.canvas.x(*to));
            let color = if place % 2 == 0 { BAND } else { OTHER_BAND };
            self.fill((left, top), (right, top + 22), color.mix(1.0))?;
            self.line((left, top), (left, self.canvas.bottom()), BOUND, 2)?;
            if right - left > LETTER_PIXELS * (name.len() as i32 + 1) {
                self.text(name, (left + 6, top + 6), INK)?;
            }
        }
        Ok(())
    }

    fn bars(&self, roll: &Roll) -> Drawn {
        for downbeat in &roll.downbeats {
            let x = self.canvas.x(*downbeat);
            self.line((x, TOP), (x, self.canvas.bottom()), BAR, 1)?;
        }
        let (left, right, bottom) = (self.canvas.left(), self.canvas.right(), self.canvas.bottom());
        self.line((right, TOP), (right, bottom), BOUND, 2)?;
        self.line((left, bottom), (right, bottom), BOUND, 1)
    }

    fn part(&self, part: &Part) -> Drawn {
        let color = color(part.role);
        for block in &part.blocks {
            let (top, bottom) = self.canvas.row(block.row);
            let left = self.canvas.x(block.from);
            let right = self.canvas.x(block.to).max(left + 3) - 1;
            // Louder is darker.
            let strength = 0.45 + 0.55 * f64::from(block.velocity) / 127.0;
            self.fill((left, top + 1), (right, bottom), color.mix(strength))?;
        }
        Ok(())
    }

    fn chords(&self, roll: &Roll) -> Drawn {
        let mut free = self.canvas.left();
        for (time, name) in &roll.chords {
            let x = self.canvas.x(*time);
            if x >= free {
                self.text(name, (x + 3, CHORDS_TOP), INK)?;
                free = x + LETTER_PIXELS * (name.len() as i32 + 1);
            }
        }
        Ok(())
    }

    fn cuts(&self, roll: &Roll) -> Drawn {
        for cut in &roll.cuts {
            let x = self.canvas.x(*cut);
            let (top, bottom) = (TOP, self.canvas.bottom());
            for dash in (top..bottom).step_by(10) {
                self.line((x, dash), (x, (dash + 5).min(bottom)), CUT, 2)?;
            }
            let head = vec![(x - 6, top - 8), (x + 6, top - 8), (x, top)];
            self.area.draw(&plotters::element::Polygon::new(head, CUT.filled())).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn time_axis(&self) -> Drawn {
        let (step, bottom) = (self.canvas.time_step(), self.canvas.bottom());
        let marks = (0..).map(|mark| f64::from(mark) * step);
        for seconds in marks.take_while(|seconds| self.canvas.x(*seconds) < self.canvas.right()) {
            let x = self.canvas.x(seconds);
            self.line((x, bottom), (x, bottom + 5), BOUND, 1)?;
            self.text(&format!("{seconds:.0} s"), (x - 6, bottom + 9), FAINT)?;
        }
        Ok(())
    }

    /// The title at the left, what the colours mean at the right.
    fn heading(&self, roll: &Roll) -> Drawn {
        self.text(&roll.title, (self.canvas.left(), TITLE_TOP), INK)?;
        let mut x = self.canvas.right() - 60;
        self.text("cut", (x + 18, TITLE_TOP), FAINT)?;
        self.line((x + 6, TITLE_TOP), (x + 6, TITLE_TOP + 14), CUT, 2)?;
        for part in roll.parts.iter().rev() {
            x -= LETTER_PIXELS * part.name.chars().count() as i32 + 34;
            self.fill((x, TITLE_TOP + 2), (x + 12, TITLE_TOP + 13), color(part.role).mix(0.9))?;
            self.text(&part.name, (x + 18, TITLE_TOP), FAINT)?;
        }
        Ok(())
    }

    fn fill(&self, from: (i32, i32), to: (i32, i32), color: RGBAColor) -> Drawn {
        Ok(self.area.draw(&Rectangle::new([from, to], color.filled())).map_err(|error| error.to_string())?)
    }

    fn line(&self, from: (i32, i32), to: (i32, i32), color: RGBColor, width: u32) -> Drawn {
        let line = PathElement::new(vec![from, to], color.stroke_width(width));
        Ok(self.area.draw(&line).map_err(|error| error.to_string())?)
    }

    fn text(&self, text: &str, at: (i32, i32), color: RGBColor) -> Drawn {
        let text = Text::new(text.to_owned(), at, font::style(TEXT_PIXELS, color));
        Ok(self.area.draw(&text).map_err(|error| error.to_string())?)
    }
}

/// Colours that stay apart for most colour-blind eyes (Okabe and Ito).
fn color(role: Role) -> RGBColor {
    match role {
        Role::Melody => RGBColor(213, 94, 0),
        Role::Accompaniment => RGBColor(0, 114, 178),
        Role::Bass => RGBColor(0, 158, 115),
        Role::Pad => RGBColor(150, 90, 150),
        Role::Drums => RGBColor(90, 95, 105),
    }
}
