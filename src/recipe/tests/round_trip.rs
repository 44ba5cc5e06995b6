//! What was resolved, written as a recipe, resolves to the same again.

use proptest::prelude::*;

use super::{OVER_BASE, Project};
use crate::{
    affect::MOODS,
    graph,
    node::{Domain, KNOBS, Param},
};

/// Some value of a domain as it may be written in TOML.
fn written(domain: Domain) -> BoxedStrategy<String> {
    let number = |min: f64, max: f64| (min..=max).prop_map(|number| format!("{number:?}")).boxed();
    match domain {
        Domain::Float { min, max } => number(min, max),
        Domain::Int { min, max } => (min..=max).prop_map(|number| number.to_string()).boxed(),
        Domain::Bool => any::<bool>().prop_map(|flag| flag.to_string()).boxed(),
        Domain::Choice(choices) => proptest::sample::select(choices).prop_map(|choice| format!("\"{choice}\"")).boxed(),
        Domain::Style => {
            proptest::sample::select(&["piano", "band"][..]).prop_map(|style| format!("{style:?}")).boxed()
        }
        Domain::AutoFloat { min, max } => prop_oneof![Just("\"auto\"".to_owned()), number(min, max)].boxed(),
        Domain::AutoInt { min, max } => {
            prop_oneof![Just("\"auto\"".to_owned()), (min..=max).prop_map(|number| number.to_string())].boxed()
        }
        Domain::Offset { min, max } => {
            let shift = (min..=max).prop_map(|shift| format!("\"{shift:+}\""));
            prop_oneof![Just("\"auto\"".to_owned()), number(min, max), shift].boxed()
        }
        Domain::Range { min, max } => (min..=max, min..=max)
            .prop_map(|(a, b)| format!("{{ min = {:?}, max = {:?} }}", a.min(b), a.max(b)))
            .boxed(),
        Domain::Mood => {
            let words = proptest::sample::select(MOODS.as_slice()).prop_map(|mood| format!("{:?}", mood.word));
            prop_oneof![Just("\"auto\"".to_owned()), Just("\"Hopeful\"".to_owned()), words].boxed()
        }
        Domain::Key => {
            let tonic = proptest::sample::select(&["C", "c#", "Db", "F#", "g", "Bb"][..]);
            let mode = proptest::sample::select(&["", "m", " minor", " major"][..]);
            (tonic, mode).prop_map(|(tonic, mode)| format!("\"{tonic}{mode}\"")).boxed()
        }
        Domain::Hits => {
            let kinds = proptest::collection::vec(proptest::sample::select(&["accent", "stop", "start"][..]), 0..4);
            // Farther apart than the slowest beat.
            let hit = |(place, kind): (usize, &str)| {
                format!("{{ time = {:?}, kind = \"{kind}\" }}", 1.5 + 2.5 * place as f64)
            };
            let list = move |kinds: Vec<&str>| kinds.into_iter().enumerate().map(hit).collect::<Vec<_>>().join(", ");
            kinds.prop_map(move |kinds| format!("[{}]", list(kinds))).boxed()
        }
        Domain::Text | Domain::File | Domain::Folder | Domain::Script => unreachable!("no knob is one"),
    }
}

/// A recipe with some knobs, a few parameters and a seed.
fn recipes() -> impl Strategy<Value = String> {
    let is_free = |knob: &&Param| !["take", "candidates"].contains(&knob.name);
    let knobs: Vec<_> = KNOBS.iter().filter(is_free).map(|knob| (Just(knob.name), written(knob.domain))).collect();
    let some = proptest::sample::subsequence(knobs, 0..KNOBS.len() - 2).prop_flat_map(|knobs| knobs);
    (some, 0..=i64::MAX, 0.1..=2.0, 1_i64..=1000).prop_map(|(knobs, seed, temperature, notes)| {
        let knobs = knobs.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join("\n");
        format!(
            "{}[knobs]\n{knobs}\n\n[stages.chords]\ntemperature = {temperature:?}\n\n[checks.music]\nmax_repeated_pitch = {notes}\n",
            OVER_BASE.replacen("[recipe]\n", &format!("[recipe]\nseed = {seed}\n"), 1)
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn resolved_values_written_again_resolve_to_the_same(recipe in recipes()) {
        let project = Project::new();
        project.write("first.toml", recipe);
        let first = project.load("first.toml", &[]).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        project.write("again.toml", toml::to_string(&first.to_json()).unwrap());
        let again = project.load("again.toml", &[]).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        prop_assert_eq!(again.to_json(), first.to_json());
        prop_assert_eq!(graph::plan(&again).unwrap(), graph::plan(&first).unwrap());
    }
}
