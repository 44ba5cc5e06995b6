//! Executors of the family `arrange`.

use std::fs;

use serde::Deserialize;

use super::{Execute, StageContext, take::TakeKnob};
use crate::{
    arrange::{self, Playing, StyleName, Take},
    artifact::{Chords, Conditions, CuePlan, Notes, Score},
    digest::Digest,
    error::StageError,
};

pub(super) fn executor(node: &str) -> Option<Execute> {
    match node {
        "arrange.style" => Some(style),
        "arrange.edited" => Some(edited),
        _ => None,
    }
}

#[derive(Deserialize)]
struct StyleParams {
    take: TakeKnob,
}

/// The knob `style` as executors read it: the script that came with the job, or a style that is built in.
pub(super) fn playing<'a>(context: &'a StageContext<'_>) -> Result<Playing<'a>, StageError> {
    #[derive(Deserialize)]
    struct Named {
        style: StyleName,
    }
    match context.style_script() {
        Some(script) => Ok(Playing::Scripted(script)),
        None => Ok(Playing::Named(context.params::<Named>()?.style)),
    }
}

fn style(context: &mut StageContext) -> Result<(), StageError> {
    let StyleParams { take } = context.params()?;
    let plan: CuePlan = context.input("plan")?;
    let conditions: Conditions = context.input("conditions")?;
    let chords: Chords = context.input("chords")?;
    let melody: Notes = context.input("melody")?;
    let accompaniment: Notes = context.input("accompaniment")?;
    let take = Take {
        plan: &plan,
        conditions: &conditions,
        chords: &chords,
        melody: &melody,
        accompaniment: &accompaniment,
        number: take.among(chords.takes.len())? + 1,
    };
    let mut score = arrange::arrange(&take, playing(context)?, context.seed())?;
    // What a hook did to the chords is told where the page looks.
    score.notes.splice(0..0, chords.notes.iter().cloned());
    context.output("score", &score)
}

#[derive(Deserialize)]
struct EditedParams {
    file: Digest,
}

fn edited(context: &mut StageContext) -> Result<(), StageError> {
    let EditedParams { file } = context.params()?;
    let original: Score = context.input("score")?;
    let bytes = fs::read(context.file(file)?)?;
    let score = arrange::edited(&bytes, &original)?;
    context.output("score", &score)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        artifact::{BarConditions, Chords, Conditions, Notes, Score},
        error::FailureClass,
        music::{Note, smf::MidiFile},
        plan::example::{color, media, motion},
        testing::{Bench, Outputs},
    };

    /// As many takes of eight bars or so of C, F and G, for a plan of the real planner.
    fn style(take: u32, takes: usize) -> Result<Outputs, crate::error::StageError> {
        let plan: crate::artifact::CuePlan = Bench::new("plan.cue")
            .input("media", &media(20.0))
            .input("cuts", &crate::artifact::Cuts { cuts: vec![] })
            .input("color", &color(20, 0.5, 0.3))
            .input("motion", &motion(&[4.0; 20]))
            .run()?
            .get("plan");
        let row = BarConditions {
            valence: 0.1,
            arousal: 0.2,
            density: 12.0,
            dynamics: 70.0,
            register: 57.0,
            melody_density: 4.0,
        };
        let bars = plan.bars.len();
        let chords = ["C", "F", "G", "C"].map(|chord| chord.parse().unwrap());
        let beats = |pitch: u8| {
            (0..bars as u32 * 4).map(move |beat| Note { start: 4 * beat, pitch, duration: 4, velocity: 70 })
        };
        Bench::new("arrange.style")
            .param("take", json!(take))
            .input("plan", &plan)
            .input("conditions", &Conditions { bars: vec![row; bars], melody: true, picture: vec![], notes: vec![] })
            .input(
                "chords",
                &Chords { takes: vec![chords.into_iter().cycle().take(2 * bars).collect(); takes], notes: vec![] },
            )
            .input("melody", &Notes::new(vec![beats(72).collect(); takes]))
            .input("accompaniment", &Notes::new(vec![beats(55).collect(); takes]))
            .run()
    }

    #[test]
    fn a_take_becomes_a_score_a_file_and_a_score_again() {
        let score: Score = style(1, 1).unwrap().get("score");
        assert_eq!(score.tracks.len(), 5);
        let midi = Bench::new("render.midi").input("score", &score).run().unwrap();
        let read = MidiFile::read(&std::fs::read(midi.path("midi")).unwrap()).unwrap();
        assert!((read.tempo.seconds(f64::from(read.end_ticks)) - 20.0).abs() < 0.001);
        let again = Bench::new("arrange.edited").input("score", &score).file("file", &midi.path("midi")).run().unwrap();
        assert_eq!(again.get::<Score>("score"), score);
    }

    #[test]
    fn a_take_that_was_chosen_before_is_arranged_whatever_its_number() {
        assert_eq!(style(3, 1).unwrap().get::<Score>("score"), style(1, 1).unwrap().get::<Score>("score"));
    }

    #[test]
    fn a_missing_take_and_a_file_that_is_no_score_are_usage_errors() {
        let error = style(3, 2).err().unwrap();
        assert_eq!(error.class, FailureClass::Usage, "{error}");
        let score: Score = style(1, 1).unwrap().get("score");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"MThd but no more").unwrap();
        let edited = Bench::new("arrange.edited").input("score", &score).file("file", file.path()).run();
        assert_eq!(edited.err().unwrap().class, FailureClass::Usage);
    }
}
