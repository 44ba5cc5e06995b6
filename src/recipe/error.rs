//! All that is wrong with a recipe, and how it is shown.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};

use super::{fault::Fault, place::Place};

/// What a plan found wrong with a hit, shown where the hit is written.
pub(crate) fn hit_outside(place: &Place, time: f64, seconds: f64) -> RecipeErrors {
    RecipeErrors::new(vec![RecipeError::at(place, Fault::HitOutside { time, seconds })])
}

/// All that is wrong with a recipe, at once, in the order of the text.
#[derive(Debug)]
pub(crate) struct RecipeErrors {
    errors: Vec<RecipeError>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecipeError {
    /// None where no text could be read.
    place: Option<Place>,
    fault: Box<Fault>,
}

impl RecipeError {
    pub(crate) fn at(place: &Place, fault: Fault) -> Self {
        Self { place: Some(place.clone()), fault: Box::new(fault) }
    }

    pub(super) fn nowhere(fault: Fault) -> Self {
        Self { place: None, fault: Box::new(fault) }
    }

    fn render(&self, renderer: &Renderer) -> String {
        let help = self.fault.help();
        let mut group = Group::with_title(Level::ERROR.primary_title(self.fault.to_string()));
        if let Some(place) = &self.place {
            let end = place.source.text.len();
            let span = place.span.start.min(end)..place.span.end.min(end);
            let annotation = AnnotationKind::Primary.span(span).label(self.fault.label());
            group = group.element(Snippet::source(&place.source.text).path(&place.source.name).annotation(annotation));
        }
        let lines = help.iter().map(|line| Level::HELP.message(normalize_untrusted_str(line)));
        renderer.render(&[group.elements(lines)])
    }
}

impl RecipeErrors {
    /// Sorted by place, each once. `errors` is not empty.
    pub(crate) fn new(mut errors: Vec<RecipeError>) -> Self {
        let order = |error: &RecipeError| {
            let Place { source, span } = error.place.as_ref()?;
            // All arguments have one name.
            let argument = if source.is_argument { source.text.as_str() } else { "" };
            Some((source.is_argument, source.name.clone(), argument.to_owned(), span.start))
        };
        errors.sort_by_cached_key(order);
        errors.dedup();
        Self { errors }
    }

    /// For people: file, line, column, caret, what is allowed. Ends with a line break.
    pub(crate) fn render(&self, styled: bool) -> String {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let reports: Vec<String> = self.errors.iter().map(|error| error.render(&renderer)).collect();
        format!("{}\n", reports.join("\n\n"))
    }
}
