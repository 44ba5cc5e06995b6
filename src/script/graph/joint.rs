//! A stage as a graph script holds it: what it gives can be joined to inputs of others.

use rhai::{Engine, EvalAltResult};

/// A stage, or one output of it: `bed`, `bed.programme`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Joint {
    pub(super) stage: String,
    output: Option<String>,
}

impl Joint {
    pub(super) fn stage(name: &str) -> Self {
        Self { stage: name.to_owned(), output: None }
    }

    /// As a recipe writes it.
    pub(super) fn reference(&self) -> String {
        match &self.output {
            Some(output) => format!("{}.{output}", self.stage),
            None => self.stage.clone(),
        }
    }

    fn output(&self, output: &str) -> Result<Self, Box<EvalAltResult>> {
        if self.output.is_some() {
            return Err(format!("`{}` is an output already; it has no `{output}`", self.reference()).into());
        }
        Ok(Self { stage: self.stage.clone(), output: Some(output.to_owned()) })
    }
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Joint>("Stage");
    engine.register_fn("to_string", |joint: &mut Joint| joint.reference());
    engine.register_fn("to_debug", |joint: &mut Joint| joint.reference());
    engine.register_indexer_get(|joint: &mut Joint, output: &str| joint.output(output));
    engine.register_get("name", |joint: &mut Joint| joint.stage.clone());
}
