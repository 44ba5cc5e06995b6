//! `cuesmith nodes`: what can be written in a recipe.

use std::fmt::Write;

use clap::Args;

use crate::{
    error::Exit,
    node::{self, Arity, KNOBS, NodeSpec, Param, Port},
    recipe,
    report::terminal,
};

#[derive(Args)]
pub(super) struct NodesArgs {
    /// A node, to print its ports, parameters and knobs; `knobs` prints all knobs
    name: Option<String>,
}

pub(super) fn run(args: &NodesArgs) -> Exit {
    let text = match args.name.as_deref() {
        None => list(),
        Some("knobs") => params("knobs", KNOBS.iter()),
        Some(name) => {
            let Some(node) = node::find(name) else {
                terminal::note(unknown(name));
                return Exit::Usage;
            };
            describe(node)
        }
    };
    terminal::line(text.trim());
    Exit::Done
}

fn list() -> String {
    node::all().fold(String::new(), |mut text, node| {
        let _ = writeln!(text, "{:24}{}", node.name, node.about);
        text
    })
}

fn unknown(name: &str) -> String {
    let near = recipe::nearest(name, node::all().map(|node| node.name));
    let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    format!("error: there is no node `{name}`{near} (`cuesmith nodes` lists all)")
}

fn describe(node: &NodeSpec) -> String {
    let mut text = format!("{} (version {})\n{}\n", node.name, node.version, node.about);
    text += &ports("inputs", node.inputs);
    text += &ports("outputs", node.outputs);
    text += &params("parameters", node.params.iter());
    text += &params("knobs", KNOBS.iter().filter(|knob| node.knobs.contains(&knob.name)));
    let _ = writeln!(text, "\nlimits");
    let _ = writeln!(text, "  deadline_seconds = {}", node.limits.deadline_seconds);
    let _ = writeln!(text, "  memory_mib = {}", node.limits.memory_mib);
    text
}

fn ports(title: &str, ports: &[Port]) -> String {
    let mut text = if ports.is_empty() { String::new() } else { format!("\n{title}\n") };
    for port in ports {
        let arity = match port.arity {
            Arity::One => "",
            Arity::Optional => ", may be left out",
            Arity::Many => ", any number",
        };
        let export = port.export.map(|file| format!(" -> {file}")).unwrap_or_default();
        let _ = writeln!(text, "  {} ({:?}{arity}): {}{export}", port.name, port.kind, port.about);
    }
    text
}

fn params<'a>(title: &str, params: impl Iterator<Item = &'a Param>) -> String {
    let mut text = String::new();
    for param in params {
        if text.is_empty() {
            text = format!("\n{title}\n");
        }
        let unit = if param.unit.is_empty() { String::new() } else { format!(" [{}]", param.unit) };
        let default = param.default.map_or("must be given".to_owned(), |default| format!("default {default}"));
        let _ = writeln!(text, "  {}{unit}: {}", param.name, param.about);
        let _ = writeln!(text, "      {}; {default}", param.domain);
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn one_node() {
        assert_snapshot!(describe(node::find("mix.bed").unwrap()));
        assert_snapshot!(describe(node::find("report.page").unwrap()));
    }

    #[test]
    fn the_list_has_a_line_for_each_node() {
        let list = list();
        assert_eq!(list.lines().count(), node::all().count());
        assert!(list.lines().all(|line| line.len() > 30), "{list}");
    }

    #[test]
    fn all_knobs_with_range_and_default() {
        assert_snapshot!(params("knobs", KNOBS.iter()));
    }

    #[test]
    fn an_unknown_node_names_the_nearest() {
        assert_snapshot!(unknown("mixbed"));
        assert!(!unknown("harpsichord").contains("did you mean"));
    }
}
