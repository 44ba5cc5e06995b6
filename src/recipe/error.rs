//! What can be wrong with a recipe, and how it is shown.

/// All that is wrong with a recipe, at once.
#[derive(Debug)]
pub(crate) struct RecipeErrors {}

impl RecipeErrors {
    /// For people: file, line, column, caret, what is allowed. Ends with a line break.
    pub(crate) fn render(&self, _styled: bool) -> String {
        todo!()
    }
}
