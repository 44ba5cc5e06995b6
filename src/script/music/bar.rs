//! A bar as scripts see it: where it lies, what is asked of it, what it holds.

use std::{cell::RefCell, rc::Rc};

use rhai::{Array, Dynamic};

use super::{
    api::Api,
    chord::ChordValue,
    note::{beats, ticks},
    number::{Checked, within},
};
use crate::{
    arrange::{BarShape, Level, Place},
    artifact::{BarConditions, CuePlan, Section},
    music::{Metre, TICKS_PER_STEP},
    script::working,
};

/// A thing, not a value: what is set is set for everybody who holds it.
#[derive(Clone, Debug)]
pub(super) struct BarValue(Rc<RefCell<BarFacts>>);

#[derive(Clone, Debug)]
pub(super) struct BarFacts {
    pub(super) number: usize,
    beats: u8,
    start_ticks: u32,
    tempo: f64,
    seconds: f64,
    section: String,
    /// In its section, from 1.
    place: usize,
    section_bars: usize,
    /// Sections of the same letter before this one.
    returns: usize,
    shape: BarShape,
    is_last: bool,
    pub(super) asked: BarConditions,
    /// Only while conditions are planned.
    can_be_asked: bool,
    chords: Vec<ChordValue>,
}

pub(super) fn register(api: &mut Api) {
    api.kind::<BarValue>("Bar", |bar| format!("bar {}", bar.0.borrow().number));
    api.property("number: number", "Counted from 1.", |bar: &mut BarValue| bar.read(|bar| bar.number as i64));
    api.property("beats: number", "4, or 2 in a short bar.", |bar: &mut BarValue| bar.read(|bar| i64::from(bar.beats)));
    api.property("at: number", "Where it begins, in beats from the start.", |bar: &mut BarValue| {
        bar.read(|bar| beats(bar.start_ticks))
    });
    api.property("end: number", "Where it ends, in beats from the start.", |bar: &mut BarValue| {
        bar.read(|bar| beats(bar.start_ticks) + f64::from(bar.beats))
    });
    api.property("tempo: number", "Beats a minute.", |bar: &mut BarValue| bar.read(|bar| bar.tempo));
    api.property("seconds: number", "Where it begins, in seconds from the first picture.", |bar: &mut BarValue| {
        bar.read(|bar| bar.seconds)
    });
    api.property(
        "section: text",
        "The section's name: \"intro\", \"a\", \"b\", \"a'\", \"outro\".",
        |bar: &mut BarValue| bar.read(|bar| bar.section.clone()),
    );
    api.property("place: number", "The bar's place in its section, counted from 1.", |bar: &mut BarValue| {
        bar.read(|bar| bar.place as i64)
    });
    api.property("section_bars: number", "How many bars the section has.", |bar: &mut BarValue| {
        bar.read(|bar| bar.section_bars as i64)
    });
    api.property(
        "returns: number",
        "How often a section of the same letter was there before: 0 the first time.",
        |bar: &mut BarValue| bar.read(|bar| bar.returns as i64),
    );
    api.property("opens: bool", "Whether it is the first bar of its section.", |bar: &mut BarValue| {
        bar.read(|bar| bar.place == 1)
    });
    api.property("closes: bool", "Whether it is the last bar of its section.", |bar: &mut BarValue| {
        bar.read(|bar| bar.place == bar.section_bars)
    });
    api.property("is_intro: bool", "Whether it lies in the intro.", |bar: &mut BarValue| {
        bar.read(|bar| bar.shape.place == Place::Intro)
    });
    api.property("is_outro: bool", "Whether it lies in the outro.", |bar: &mut BarValue| {
        bar.read(|bar| bar.shape.place == Place::Outro)
    });
    api.property(
        "is_last: bool",
        "Whether the piece ends with it: it belongs to the tonic chord.",
        |bar: &mut BarValue| bar.read(|bar| bar.is_last),
    );
    api.property(
        "level: number",
        "How much of a band should play: 0 calm, 1 light, 2 moving, 3 full. From arousal and density over \
         the section; 0 in the last bar.",
        |bar: &mut BarValue| bar.read(BarFacts::level),
    );
    api.property("swell: number", "The swell of the phrase: 0 at its ends, 1 at its top.", |bar: &mut BarValue| {
        bar.read(|bar| f64::from(bar.shape.swell))
    });
    asked(api);
    api.property("chords: array", "The chords that begin in it.", |bar: &mut BarValue| {
        bar.read(|bar| bar.chords.iter().copied().map(Dynamic::from).collect::<Array>())
    });
    api.no_others::<BarValue>();
}

/// What can be set while conditions are planned.
fn asked(api: &mut Api) {
    api.variable(
        "valence: number",
        "Sad to glad, -1 to 1. Can be set in the hook `conditions`, as all that follow.",
        |bar: &mut BarValue| bar.read(|bar| f64::from(bar.asked.valence)),
        |bar, value| bar.ask(&value, "valence", -1.0, 1.0, |row| &mut row.valence),
    );
    api.variable(
        "arousal: number",
        "Calm to excited, -1 to 1.",
        |bar: &mut BarValue| bar.read(|bar| f64::from(bar.asked.arousal)),
        |bar, value| bar.ask(&value, "arousal", -1.0, 1.0, |row| &mut row.arousal),
    );
    api.variable(
        "density: number",
        "Notes of the accompaniment, 0 to 40.",
        |bar: &mut BarValue| bar.read(|bar| f64::from(bar.asked.density)),
        |bar, value| bar.ask(&value, "density", 0.0, 40.0, |row| &mut row.density),
    );
    api.variable(
        "dynamics: number",
        "How hard it is struck on the average, 1 to 127.",
        |bar: &mut BarValue| bar.read(|bar| f64::from(bar.asked.dynamics)),
        |bar, value| bar.ask(&value, "dynamics", 1.0, 127.0, |row| &mut row.dynamics),
    );
    api.variable(
        "register: number",
        "The mean pitch of the accompaniment, 24 to 96.",
        |bar: &mut BarValue| bar.read(|bar| f64::from(bar.asked.register)),
        |bar, value| bar.ask(&value, "register", 24.0, 96.0, |row| &mut row.register),
    );
    api.variable(
        "melody_density: number",
        "Notes of the melody, 0 to 20.",
        |bar: &mut BarValue| bar.read(|bar| f64::from(bar.asked.melody_density)),
        |bar, value| bar.ask(&value, "melody_density", 0.0, 20.0, |row| &mut row.melody_density),
    );
}

impl BarValue {
    pub(super) fn asked(&self) -> BarConditions {
        self.0.borrow().asked
    }

    pub(super) fn span(&self) -> (u32, u32) {
        let facts = self.0.borrow();
        working::on_bar(facts.number as u32);
        (facts.start_ticks, facts.start_ticks + ticks(f64::from(facts.beats)))
    }

    fn read<T>(&self, read: impl FnOnce(&BarFacts) -> T) -> T {
        let facts = self.0.borrow();
        working::on_bar(facts.number as u32);
        read(&facts)
    }

    fn ask(
        &self,
        value: &Dynamic,
        what: &str,
        low: f64,
        high: f64,
        place: fn(&mut BarConditions) -> &mut f32,
    ) -> Checked<()> {
        let mut facts = self.0.borrow_mut();
        working::on_bar(facts.number as u32);
        let asked = within(value, what, low, high)? as f32;
        // The engine sets a property again when a method of it was called.
        if (*place(&mut facts.asked) - asked).abs() < f32::EPSILON {
            return Ok(());
        }
        if !facts.can_be_asked {
            return Err(format!(
                "`{what}` of a bar can only be set in the hook `conditions`; music that is composed has it already"
            )
            .into());
        }
        *place(&mut facts.asked) = asked;
        Ok(())
    }
}

impl BarFacts {
    fn level(&self) -> i64 {
        match self.shape.level {
            _ if self.is_last => 0,
            Level::Calm => 0,
            Level::Light => 1,
            Level::Moving => 2,
            Level::Full => 3,
        }
    }
}

/// All bars of a plan.
pub(super) fn bars(
    plan: &CuePlan,
    rows: &[BarConditions],
    shapes: &[BarShape],
    chords: &[ChordValue],
    can_be_asked: bool,
) -> Vec<BarValue> {
    let metre = Metre::new(plan.bars.iter().map(|bar| bar.beats));
    let facts = plan.bars.iter().zip(rows).zip(shapes).enumerate().map(|(bar, ((planned, asked), shape))| {
        let start_ticks = metre.span(bar).start * TICKS_PER_STEP;
        let end_ticks = metre.span(bar).end * TICKS_PER_STEP;
        let (section, place, returns) = section(&plan.sections, bar);
        let tempo = plan.tempo_map.iter().rev().find(|mark| mark.time <= planned.start + 1e-6);
        let inside = chords.iter().filter(|chord| (start_ticks..end_ticks).contains(&chord.start_ticks));
        BarFacts {
            number: bar + 1,
            beats: planned.beats,
            start_ticks,
            tempo: tempo.or(plan.tempo_map.first()).map_or(120.0, |mark| mark.bpm),
            seconds: planned.start,
            section: section.map_or(String::new(), |section| section.name.clone()),
            place,
            section_bars: section.map_or(plan.bars.len(), |section| section.bars),
            returns,
            shape: *shape,
            is_last: bar + 1 == plan.bars.len(),
            asked: *asked,
            can_be_asked,
            chords: inside.copied().collect(),
        }
    });
    facts.map(|facts| BarValue(Rc::new(RefCell::new(facts)))).collect()
}

/// A bar's section, its place in it from 1, and how often the letter was there before.
fn section(sections: &[Section], bar: usize) -> (Option<&Section>, usize, usize) {
    let holds = |section: &&Section| (section.first_bar..section.first_bar + section.bars).contains(&bar);
    let Some(section) = sections.iter().find(holds) else { return (None, bar + 1, 0) };
    let letter = |section: &Section| section.name.trim_end_matches('\'').to_owned();
    let before = sections.iter().filter(|other| other.first_bar < section.first_bar);
    let returns = before.filter(|other| letter(other) == letter(section)).count();
    (Some(section), bar - section.first_bar + 1, returns)
}
