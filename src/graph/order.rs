//! The order of a plan: every stage after those it reads, by name where that leaves a choice.

use std::collections::{BTreeMap, BTreeSet};

use super::Edges;
use crate::recipe::{Fault, Place, RecipeError, ResolvedRecipe};

/// All stages in order; circles are told of and left out.
pub(super) fn order(recipe: &ResolvedRecipe, edges: &Edges, faults: &mut Vec<RecipeError>) -> Vec<String> {
    let mut waits: BTreeMap<&str, BTreeSet<&str>> = edges
        .iter()
        .map(|(name, ports)| (name.as_str(), ports.values().flatten().map(|edge| edge.stage.as_str()).collect()))
        .collect();
    let mut order = Vec::new();
    while !waits.is_empty() {
        let ready = waits.iter().find(|(_, reads)| reads.iter().all(|read| !waits.contains_key(read)));
        let Some((&name, _)) = ready else {
            break_circle(recipe, &mut waits, faults);
            continue;
        };
        waits.remove(name);
        order.push(name.to_owned());
    }
    order
}

/// Every stage that is left waits for another that is left: walking from one to the next ends in a circle.
fn break_circle(recipe: &ResolvedRecipe, waits: &mut BTreeMap<&str, BTreeSet<&str>>, faults: &mut Vec<RecipeError>) {
    let mut path: Vec<&str> = waits.keys().take(1).copied().collect();
    let circle = loop {
        let last = path.last().and_then(|last| waits.get(last));
        let next = last.and_then(|reads| reads.iter().find(|read| waits.contains_key(*read)).copied());
        let Some(next) = next else { return waits.clear() };
        if let Some(start) = path.iter().position(|stage| *stage == next) {
            break path.split_off(start);
        }
        path.push(next);
    };
    let (first, last) = (circle[0], circle[circle.len() - 1]);
    if let Some(place) = place_of_edge(recipe, last, first) {
        // The walk goes against the data; people read along it.
        let chain = std::iter::once(first).chain(circle.iter().rev().copied()).collect::<Vec<_>>().join(" -> ");
        faults.push(RecipeError::at(place, Fault::Cycle { chain }));
    }
    waits.retain(|name, _| !circle.contains(name));
}

fn place_of_edge<'a>(recipe: &'a ResolvedRecipe, reader: &str, read: &str) -> Option<&'a Place> {
    let references = recipe.stages.get(reader)?.inputs.values().flat_map(|joint| &joint.references);
    let stage = |text: &'a str| text.split_once('.').map_or(text, |(stage, _)| stage);
    references.into_iter().find(|reference| stage(&reference.text) == read).map(|reference| &reference.place)
}
