//! One written value against the domain of its parameter: checked, and in the one form that keys are made from.

use serde_json::{Value, json};

use super::{
    error::RecipeError,
    fault::Fault,
    written::{Table, What, Written},
};
use crate::{affect, music::Key, node::Domain};

/// What a hit can be.
pub(super) const HIT_KINDS: &[&str] = &["accent", "stop", "start"];
pub(super) const LATEST_HIT_SECONDS: f64 = 86_400.0;

/// A value and what it is called in messages: `` knob `tempo` ``.
pub(super) struct Wanted<'a> {
    pub(super) what: &'a str,
    pub(super) domain: Domain,
    /// Fills the side of a range that is not written.
    pub(super) default: Option<&'a Value>,
}

impl Wanted<'_> {
    /// The value in canonical form: numbers of real domains are floats, keys are spelled in full.
    pub(super) fn settle(&self, written: &Written) -> Result<Value, RecipeError> {
        match (self.domain, &written.what) {
            (
                Domain::AutoFloat { .. } | Domain::AutoInt { .. } | Domain::Offset { .. } | Domain::Key | Domain::Mood,
                What::Text(text),
            ) if text == "auto" => Ok(json!("auto")),
            (Domain::Offset { min, max }, What::Text(text)) => self.shift(written, text, max - min),
            // A shell takes the quotes away; a plus can only mean a shift.
            (Domain::Offset { min, max }, What::Integer(_) | What::Float(_))
                if written.place.is_shift_in_argument() =>
            {
                self.shift(written, written.place.text(), max - min)
            }
            // Without quotes a sign makes no offset in TOML, and nobody writes one by chance.
            (Domain::Offset { .. }, What::Integer(_) | What::Float(_)) if written.place.text().starts_with('+') => {
                let wanted =
                    format!("\"{0}\" in quotes to shift by that, or a number without `+`", written.place.text());
                Err(self.wrong_type(written, wanted))
            }
            (Domain::Float { min, max } | Domain::AutoFloat { min, max } | Domain::Offset { min, max }, what) => {
                self.float(written, what.as_number(), min, max)
            }
            (Domain::Int { min, max } | Domain::AutoInt { min, max }, What::Integer(number)) => {
                let inside = i64::try_from(*number).ok().filter(|number| (min..=max).contains(number));
                inside.map(Value::from).ok_or_else(|| self.out_of_range(written))
            }
            (Domain::Bool, What::Bool(flag)) => Ok(json!(flag)),
            (Domain::Text | Domain::Style | Domain::Script | Domain::File | Domain::Folder, What::Text(text)) => {
                Ok(json!(text))
            }
            (Domain::Choice(choices), What::Text(text)) => self.choice(written, text, choices),
            (Domain::Mood, What::Text(text)) => match affect::find_mood(text) {
                Some(mood) => Ok(json!(mood.word)),
                None => Err(RecipeError::at(&written.place, Fault::UnknownMood { word: text.clone() })),
            },
            (Domain::Key, What::Text(text)) => self.key(written, text),
            (Domain::Hits, What::List(items)) => self.hits(items),
            (Domain::Range { min, max }, What::Table(table)) => self.range(written, table, min, max),
            (Domain::Range { min, max }, what) => {
                let both = self.float(written, what.as_number(), min, max)?;
                Ok(json!({ "min": both, "max": both }))
            }
            _ => Err(self.wrong_type(written, self.domain.to_string())),
        }
    }

    fn float(&self, written: &Written, number: Option<f64>, min: f64, max: f64) -> Result<Value, RecipeError> {
        let number = number.ok_or_else(|| self.wrong_type(written, self.domain.to_string()))?;
        if (min..=max).contains(&number) { Ok(json!(number)) } else { Err(self.out_of_range(written)) }
    }

    fn shift(&self, written: &Written, text: &str, span: f64) -> Result<Value, RecipeError> {
        let signed =
            text.strip_prefix(['+', '-']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        let shift = signed.and_then(|_| text.parse::<f64>().ok());
        let shift = shift.ok_or_else(|| self.wrong_type(written, self.domain.to_string()))?;
        if shift.abs() <= span { Ok(json!(format!("{shift:+}"))) } else { Err(self.out_of_range(written)) }
    }

    fn choice(&self, written: &Written, text: &str, choices: &[&str]) -> Result<Value, RecipeError> {
        if choices.contains(&text) {
            return Ok(json!(text));
        }
        let known = choices.iter().map(|choice| (*choice).to_owned()).collect();
        let context = format!(" for {}", self.what);
        let fault = Fault::Unknown { what: "choice", name: text.to_owned(), context, known, hint: None };
        Err(RecipeError::at(&written.place, fault))
    }

    fn key(&self, written: &Written, text: &str) -> Result<Value, RecipeError> {
        let key = text.parse::<Key>().map_err(|_| self.wrong_type(written, self.domain.to_string()))?;
        Ok(json!(key.to_string()))
    }

    fn range(&self, written: &Written, table: &Table, min: f64, max: f64) -> Result<Value, RecipeError> {
        for (name, entry) in table {
            if !matches!(name.as_str(), "min" | "max") {
                let known = vec!["min".to_owned(), "max".to_owned()];
                let context = format!(" in {}", self.what);
                let fault = Fault::Unknown { what: "key", name: name.clone(), context, known, hint: None };
                return Err(RecipeError::at(&entry.key, fault));
            }
        }
        let side = |name: &str| match table.get(name) {
            Some(entry) => self.float(&entry.value, entry.value.what.as_number(), min, max),
            None => self.default_side(written, name),
        };
        let (low, high) = (side("min")?, side("max")?);
        if low.as_f64() > high.as_f64() {
            let (min, max) = (low.as_f64().unwrap_or(max), high.as_f64().unwrap_or(min));
            return Err(RecipeError::at(&written.place, Fault::TurnedRange { what: self.what.to_owned(), min, max }));
        }
        Ok(json!({ "min": low, "max": high }))
    }

    /// In order of time.
    fn hits(&self, items: &[Written]) -> Result<Value, RecipeError> {
        let mut hits = items.iter().map(|item| self.hit(item)).collect::<Result<Vec<_>, _>>()?;
        hits.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(hits.into_iter().map(|(_, hit)| hit).collect())
    }

    fn hit(&self, item: &Written) -> Result<(f64, Value), RecipeError> {
        let Some(table) = item.as_table() else { return Err(self.wrong_type(item, self.domain.to_string())) };
        if let Some((name, entry)) = table.iter().find(|(name, _)| !matches!(name.as_str(), "time" | "kind")) {
            let known = vec!["time".to_owned(), "kind".to_owned()];
            let fault =
                Fault::Unknown { what: "key", name: name.clone(), context: " in a hit".to_owned(), known, hint: None };
            return Err(RecipeError::at(&entry.key, fault));
        }
        let part = |name: &'static str, domain| {
            let written =
                table.get(name).ok_or_else(|| RecipeError::at(&item.place, Fault::HitLacks { part: name }))?;
            Wanted { what: &format!("`{name}` of a hit"), domain, default: None }.settle(&written.value)
        };
        let time = part("time", Domain::Float { min: 0.0, max: LATEST_HIT_SECONDS })?;
        let kind = part("kind", Domain::Choice(HIT_KINDS))?;
        Ok((time.as_f64().unwrap_or(0.0), json!({ "time": time, "kind": kind })))
    }

    fn default_side(&self, written: &Written, name: &str) -> Result<Value, RecipeError> {
        let side = self.default.and_then(|range| range.get(name)?.as_f64());
        side.map(Value::from).ok_or_else(|| self.wrong_type(written, self.domain.to_string()))
    }

    fn wrong_type(&self, written: &Written, wanted: String) -> RecipeError {
        let found = found(written);
        RecipeError::at(&written.place, Fault::WrongType { what: self.what.to_owned(), wanted, found })
    }

    fn out_of_range(&self, written: &Written) -> RecipeError {
        let found = found(written);
        RecipeError::at(&written.place, Fault::OutOfRange { what: self.what.to_owned(), wanted: self.domain, found })
    }
}

/// Numbers as they are written: `2.0` is no whole number, `+0.2` no shift.
fn found(written: &Written) -> String {
    match written.what {
        What::Integer(_) | What::Float(_) if !written.place.is_in_script() => written.place.text().to_owned(),
        _ => written.what.to_string(),
    }
}
