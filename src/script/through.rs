//! Artifacts handed through a script's hooks, as stages do it.

use super::{
    Bundle, HookCall, HookReply, ScriptError, call_hook,
    music::{Candidate, ChooseCall, ChordsCall, ConditionsCall},
};
use crate::{
    artifact::{Chords, Conditions, CuePlan},
    seed::Seed,
};

/// Conditions through the hook `conditions`, with what it changed among their notes.
pub(crate) fn conditions_through(
    bundle: &Bundle,
    plan: &CuePlan,
    conditions: Conditions,
    seed: Seed,
) -> Result<Conditions, ScriptError> {
    let call = ConditionsCall { plan: plan.clone(), rows: conditions.bars.clone(), seed };
    match call_hook(bundle, HookCall::Conditions(Box::new(call)))? {
        (HookReply::Conditions { rows, changes }, printed) => {
            let notes = told(conditions.notes, changes, printed);
            Ok(Conditions { bars: rows, notes, ..conditions })
        }
        _ => Err(other(bundle)),
    }
}

/// All takes of the chords through the hook `chords`.
pub(crate) fn chords_through(
    bundle: &Bundle,
    plan: &CuePlan,
    chords: Chords,
    seed: Seed,
) -> Result<Chords, ScriptError> {
    let call = ChordsCall { plan: plan.clone(), takes: chords.takes, seed };
    match call_hook(bundle, HookCall::Chords(Box::new(call)))? {
        (HookReply::Chords { takes, changes }, printed) => {
            Ok(Chords { takes, notes: told(chords.notes, changes, printed) })
        }
        _ => Err(other(bundle)),
    }
}

/// The take that the hook `choose` keeps, counted from 1; none where there is no such hook.
pub(crate) fn chosen_by(
    bundle: &Bundle,
    plan: &CuePlan,
    candidates: Vec<Candidate>,
    seed: Seed,
) -> Result<Option<usize>, ScriptError> {
    let call = ChooseCall { plan: plan.clone(), candidates, seed };
    match call_hook(bundle, HookCall::Choose(Box::new(call)))? {
        (HookReply::Choose { kept }, _) => Ok(kept),
        _ => Err(other(bundle)),
    }
}

/// What stood there, what the hook changed, what it printed.
pub(crate) fn told(notes: Vec<String>, changes: Vec<String>, printed: Vec<String>) -> Vec<String> {
    let changes = changes.into_iter().map(|change| format!("script: {change}"));
    notes.into_iter().chain(changes).chain(printed).collect()
}

fn other(bundle: &Bundle) -> ScriptError {
    ScriptError::new(format!("{} answered something else than it was asked", bundle.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::music::testing::{bundle, made};

    #[test]
    fn conditions_are_set_bar_by_bar() {
        let example = made();
        let text = "fn conditions(bars) { for bar in bars { if bar.section == \"intro\" { bar.density = 4; } bar.arousal *= 0.5; } bars }";
        let bundle = bundle("calm.rhai", text).unwrap();
        let came = conditions_through(&bundle, &example.plan, example.conditions.clone(), Seed::master(1)).unwrap();
        assert_eq!((came.bars[0].density, came.bars[2].density, came.bars[2].arousal), (4.0, 14.0, 0.1));
        let told = "script: conditions: arousal of 12 bars (mean 0.20 became 0.10), density of 2 bars (mean 14.00 became 12.33)";
        assert_eq!(came.notes, [told]);
    }

    #[test]
    fn conditions_have_limits_and_their_bars_are_named() {
        let example = made();
        let refused = |text: &str| {
            let bundle = bundle("t.rhai", text).unwrap();
            conditions_through(&bundle, &example.plan, example.conditions.clone(), Seed::master(1)).unwrap_err()
        };
        let told = refused("fn conditions(bars) { bars[4].arousal = 2; bars }");
        assert_eq!((told.bar, told.hook.as_deref()), (Some(5), Some("conditions")));
        assert!(told.to_string().contains("arousal is 2; -1 to 1 are allowed"), "{told}");
        assert!(refused("fn conditions(bars) { [bars[0]] }").to_string().contains("gave 1 bars back; the plan has 12"));
        assert!(refused("fn conditions(bars) { bars[0].chords.len() + score }").to_string().contains("score"));
    }

    #[test]
    fn chords_are_seen_in_the_key_that_is_heard() {
        let mut example = made();
        example.plan.key = "D".parse().unwrap();
        let text = "fn chords(chords) { if chords[0].name != \"D\" || chords[0].degree != 1 { throw chords[0].name } \
                    chords[2].quality = \"major seventh\"; chords[5] = \"Bm\"; chords }";
        let bundle = bundle("rich.rhai", text).unwrap();
        let came = chords_through(&bundle, &example.plan, example.chords.clone(), Seed::master(1)).unwrap();
        let names: Vec<String> = came.takes[0].iter().take(6).map(ToString::to_string).collect();
        assert_eq!(names, ["C", "C", "Fmaj7", "F", "G", "Am"]);
        assert_eq!(came.notes, ["script: chords: 2 of 24 changed (bar 2: G became Gmaj7, bar 3: A became Bm)"]);
        let refused = |text: &str| {
            let bundle = super::super::music::testing::bundle("t.rhai", text).unwrap();
            chords_through(&bundle, &example.plan, example.chords.clone(), Seed::master(1)).unwrap_err().to_string()
        };
        assert!(refused("fn chords(chords) { chords.pop(); chords }").contains("gave 23 chords back; there are 24"));
        assert!(refused("fn chords(chords) { chords[1] = 7; chords }").contains("element 2 of the chords is a number"));
        assert!(refused("fn chords(chords) { chords[1] = \"H\"; chords }").contains("\"H\" is no chord"));
        assert!(
            refused("fn chords(chords) { chords[0] = chords[0].inverted(1); chords }").contains("chord 1 is inverted")
        );
    }

    #[test]
    fn a_take_is_chosen_by_number_or_as_it_is() {
        let example = made();
        let candidate = |likeness| Candidate {
            passes: true,
            likeness,
            percentile: 50.0,
            chords: example.chords.takes[0].clone(),
            melody: example.melody.takes[0].clone(),
            accompaniment: Vec::new(),
        };
        let kept = |text: &str| {
            let bundle = bundle("t.rhai", text).unwrap();
            chosen_by(&bundle, &example.plan, [0.1, 0.7, 0.3].map(candidate).into(), Seed::master(1))
        };
        assert_eq!(kept("fn choose(candidates) { 3 }"), Ok(Some(3)));
        let best = "fn choose(candidates) { candidates.sort(|a, b| if b.likeness > a.likeness { 1 } else { -1 }); candidates[0] }";
        assert_eq!(kept(best), Ok(Some(2)));
        assert_eq!(kept("fn arrange(score) { score }"), Ok(None));
        assert!(kept("fn choose(candidates) { 4 }").unwrap_err().to_string().contains("gave 4; 1 to 3 are allowed"));
        assert!(kept("fn choose(candidates) { \"x\" }").unwrap_err().to_string().contains("not a string"));
    }
}
