//! The edges of one stage: each input port against the outputs that the recipe names.

use std::collections::{BTreeMap, BTreeSet};

use super::Edge;
use crate::{
    artifact::Kind,
    node::{Arity, Port},
    recipe::{Fault, Joint, Place, RecipeError, Reference, ResolvedStage},
};

pub(super) struct Joiner<'a> {
    pub(super) stages: &'a BTreeMap<String, ResolvedStage>,
    /// Stages that exist but could not be resolved: what they give is not known, and was told of.
    pub(super) broken: &'a BTreeSet<String>,
    pub(super) faults: &'a mut Vec<RecipeError>,
}

impl Joiner<'_> {
    /// What is joined to each port of `stage`; ports that nothing feeds are absent.
    pub(super) fn join(&mut self, name: &str, stage: &ResolvedStage) -> BTreeMap<String, Vec<Edge>> {
        self.refuse_unknown(name, stage);
        let mut edges = BTreeMap::new();
        for port in stage.node.inputs {
            match stage.inputs.get(port.name) {
                Some(joint) => {
                    let joined = self.port(name, port, joint);
                    if !joined.is_empty() {
                        edges.insert(port.name.to_owned(), joined);
                    }
                }
                None if port.arity == Arity::Optional => {}
                None => self.missing(name, port, &stage.place),
            }
        }
        edges
    }

    fn refuse_unknown(&mut self, stage: &str, resolved: &ResolvedStage) {
        let ports = resolved.node.inputs;
        for (name, joint) in resolved.inputs.iter().filter(|(name, _)| ports.iter().all(|port| port.name != *name)) {
            let fault = Fault::Unknown {
                what: "input",
                name: name.clone(),
                context: format!(" of stage `{stage}` ({})", resolved.node.name),
                known: ports.iter().map(|port| port.name.to_owned()).collect(),
                hint: None,
            };
            self.fault(&joint.port, fault);
        }
    }

    fn missing(&mut self, stage: &str, port: &Port, place: &Place) {
        let fault = Fault::MissingInput {
            stage: stage.to_owned(),
            port: port.name,
            about: port.about,
            kind: port.kind,
            candidates: self.outputs_of(port.kind, stage),
        };
        self.fault(place, fault);
    }

    fn port(&mut self, stage: &str, port: &Port, joint: &Joint) -> Vec<Edge> {
        let place = joint.references.get(1).map_or(&joint.port, |second| &second.place);
        let takes_one = port.arity != Arity::Many;
        if takes_one && joint.written > 1 {
            self.arity(stage, port, format!("{} of them", joint.written), place);
        }
        if port.arity == Arity::One && joint.written == 0 {
            self.arity(stage, port, "none".to_owned(), place);
        }
        joint.references.iter().filter_map(|reference| self.edge(stage, port, reference)).collect()
    }

    fn arity(&mut self, stage: &str, port: &Port, found: String, place: &Place) {
        let fault = Fault::Arity { stage: stage.to_owned(), port: port.name, kind: port.kind, found };
        self.fault(place, fault);
    }

    fn edge(&mut self, stage: &str, port: &Port, reference: &Reference) -> Option<Edge> {
        let (from, output) = match reference.text.split_once('.') {
            Some((from, output)) => (from, Some(output)),
            None => (reference.text.as_str(), None),
        };
        let Some(source) = self.stages.get(from) else {
            if !self.broken.contains(from) {
                self.unknown_stage(stage, from, reference);
            }
            return None;
        };
        let found = match output {
            Some(name) => self.named(from, source, name, reference)?,
            None => self.only(stage, source, port, reference)?,
        };
        if found.kind != port.kind {
            self.wrong_kind(stage, port, reference, format!("{:?}", found.kind));
        } else if found.arity == Arity::Many && port.arity != Arity::Many {
            self.arity(stage, port, "many".to_owned(), &reference.place);
        }
        Some(Edge { stage: from.to_owned(), port: found.name.to_owned() })
    }

    fn unknown_stage(&mut self, stage: &str, from: &str, reference: &Reference) {
        let known = self.stages.keys().filter(|name| *name != stage).cloned().collect();
        let context = format!(" as input of stage `{stage}`");
        let fault = Fault::Unknown { what: "stage", name: from.to_owned(), context, known, hint: None };
        self.fault(&reference.place, fault);
    }

    /// The output that `stage.port` names.
    fn named(
        &mut self,
        from: &str,
        source: &ResolvedStage,
        name: &str,
        reference: &Reference,
    ) -> Option<&'static Port> {
        let outputs = source.node.outputs;
        let found = outputs.iter().find(|output| output.name == name);
        if found.is_none() {
            let known = outputs.iter().map(|output| output.name.to_owned()).collect();
            let context = format!(" of stage `{from}` ({})", source.node.name);
            let fault = Fault::Unknown { what: "output", name: name.to_owned(), context, known, hint: None };
            self.fault(&reference.place, fault);
        }
        found
    }

    /// The one output of the right kind, where only the stage is named.
    fn only(
        &mut self,
        stage: &str,
        source: &ResolvedStage,
        port: &Port,
        reference: &Reference,
    ) -> Option<&'static Port> {
        let fitting: Vec<&Port> = source.node.outputs.iter().filter(|output| output.kind == port.kind).collect();
        match fitting.as_slice() {
            [only] => Some(only),
            [] => {
                let kinds: Vec<String> = source.node.outputs.iter().map(|port| format!("{:?}", port.kind)).collect();
                self.wrong_kind(stage, port, reference, kinds.join(", "));
                None
            }
            several => {
                let candidates = several.iter().map(|output| format!("{}.{}", reference.text, output.name)).collect();
                let fault = Fault::Ambiguous { reference: reference.text.clone(), kind: port.kind, candidates };
                self.fault(&reference.place, fault);
                None
            }
        }
    }

    fn wrong_kind(&mut self, stage: &str, port: &Port, reference: &Reference, found: String) {
        let fault = Fault::WrongKind {
            stage: stage.to_owned(),
            port: port.name,
            wanted: port.kind,
            reference: reference.text.clone(),
            found,
            candidates: self.outputs_of(port.kind, stage),
        };
        self.fault(&reference.place, fault);
    }

    /// Everything of a kind that another stage gives, as references.
    fn outputs_of(&self, kind: Kind, except: &str) -> Vec<String> {
        let others = self.stages.iter().filter(|(name, _)| *name != except);
        let outputs = others.flat_map(|(name, stage)| stage.node.outputs.iter().map(move |output| (name, output)));
        outputs
            .filter(|(_, output)| output.kind == kind)
            .map(|(name, output)| format!("{name}.{}", output.name))
            .collect()
    }

    fn fault(&mut self, place: &Place, fault: Fault) {
        self.faults.push(RecipeError::at(place, fault));
    }
}
