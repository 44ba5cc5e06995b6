//! What a check says: measures by name, and for each threshold that did not hold what was asked, what came, what moves it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::artifact::Report;

#[derive(Default)]
pub(super) struct Verdict {
    values: BTreeMap<String, Value>,
    /// One phrase for each measure that people should see when all is well.
    facts: Vec<String>,
    failures: Vec<String>,
    /// How far from passing: attempts that all failed are compared by it.
    shortfall: f64,
}

impl Verdict {
    pub(super) fn value(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).expect("measures are numbers, texts and lists of them");
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn fact(&mut self, text: impl Into<String>) {
        self.facts.push(text.into());
    }

    /// `failure` is a whole sentence without its full stop.
    pub(super) fn require(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        self.require_near(holds, 1.0, failure);
    }

    /// As `require`, where it can be said how far the measure is from passing: 0..1, 1 as far as can be.
    pub(super) fn require_near(&mut self, holds: bool, shortfall: f64, failure: impl FnOnce() -> String) {
        if !holds {
            self.shortfall += shortfall;
            self.failures.push(failure());
        }
    }

    /// `next_step` ends the summary of a failed check, unless each failure names its own.
    pub(super) fn report(mut self, next_step: &str) -> Report {
        let passed = self.failures.is_empty();
        if !passed {
            self.value("shortfall", rounded(self.shortfall));
        }
        let summary = match (passed, next_step) {
            (true, _) => self.facts.join("; "),
            (false, "") => self.failures.join("; "),
            (false, next_step) => format!("{}: {next_step}", self.failures.join("; ")),
        };
        Report { passed: Some(passed), summary, values: self.values }
    }
}

/// Digits beyond the fourth are noise in a report.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_well_tells_facts_and_trouble_tells_trouble_only() {
        let verdict = |holds| {
            let mut verdict = Verdict::default();
            verdict.value("notes", 12);
            verdict.fact("12 notes");
            verdict.require(holds, || "too few notes".to_owned());
            verdict.report("write more")
        };
        assert_eq!((verdict(true).passed, verdict(true).summary.as_str()), (Some(true), "12 notes"));
        assert_eq!(
            (verdict(false).passed, verdict(false).summary.as_str()),
            (Some(false), "too few notes: write more")
        );
        assert_eq!((&verdict(false).values["notes"], &verdict(false).values["shortfall"]), (&12.into(), &1.0.into()));
        assert!(!verdict(true).values.contains_key("shortfall"));
    }
}
