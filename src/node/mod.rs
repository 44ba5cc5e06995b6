//! Node descriptions: all that the front knows of a node. What a node does lies in `stage`.
//!
//! One file a family; each gives a static list of `NodeSpec`. `find` and `all` read over them.

mod arrange;
mod check;
mod data;
mod eval;
mod feature;
mod generate;
mod knobs;
mod mix;
mod mux;
mod plan;
mod render;
mod report;
mod script;
mod select;
mod source;
mod spec;
mod train;
mod version;

pub(crate) use self::{
    knobs::KNOBS,
    spec::{Arity, Domain, Lane, Limits, NodeSpec, Param, Port},
};

const FAMILIES: &[&[NodeSpec]] = &[
    source::NODES,
    feature::NODES,
    plan::NODES,
    generate::NODES,
    select::NODES,
    arrange::NODES,
    render::NODES,
    mix::NODES,
    mux::NODES,
    check::NODES,
    report::NODES,
    script::NODES,
    data::NODES,
    train::NODES,
    eval::NODES,
];

/// All nodes, in the order of the data's way.
pub(crate) fn all() -> impl Iterator<Item = &'static NodeSpec> {
    FAMILIES.iter().copied().flatten()
}

/// A file that a stage does without where `""` is written: one that has no file at first, and the meter that hears drafts.
pub(crate) fn is_optional_file(param: &Param) -> bool {
    param.default == Some(r#""""#) || param.name == generate::MOOD_METER.name
}

/// The hooks of a style script that run inside a node. A node that does not list the knob `style` takes the script only
/// if it defines one of them, so that other styles compose nothing anew.
pub(crate) fn hooks(node: &NodeSpec) -> &'static [&'static str] {
    match node.name {
        "plan.conditions" => &["conditions"],
        "generate.chords" => &["chords"],
        "select.best" => &["notes", "arrange", "choose"],
        "arrange.style" => &["notes", "arrange"],
        _ => &[],
    }
}

pub(crate) fn find(name: &str) -> Option<&'static NodeSpec> {
    all().find(|node| node.name == name)
}
