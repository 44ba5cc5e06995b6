//! The styles there are: built in, shipped, and those in `scripts/styles` of the project.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    RecipeErrors,
    place::{Place, Source},
    roots::Roots,
    scripts::{Scripts, of_script},
};
use crate::script::{self, Answer, Ask, HookCall, HookReply, ScriptLimits};

/// A style as `cuesmith styles` lists it.
pub(crate) struct Style {
    /// What the knob `style` takes.
    pub(crate) name: String,
    /// One sentence.
    pub(crate) about: String,
    /// Knobs that it reads, beside what all styles read.
    pub(crate) knobs: Vec<String>,
}

/// All styles, built-in ones first, then by name.
pub(crate) fn styles() -> Result<Vec<Style>, RecipeErrors> {
    let roots = Roots::of_process();
    let mut scripts = Scripts { roots: &roots, limits: ScriptLimits::default(), known: BTreeMap::new() };
    let mut names: Vec<String> = script::shipped_styles().map(str::to_owned).chain(of_folder(&roots)).collect();
    names.sort();
    names.dedup();
    let built_in = [
        ("piano", "One piano plays melody and accompaniment, with pedal"),
        ("band", "A lead that follows the mood over piano, bass, pad and drums"),
    ];
    let mut styles: Vec<Style> = built_in
        .map(|(name, about)| Style { name: name.to_owned(), about: about.to_owned(), knobs: Vec::new() })
        .into();
    for name in names {
        styles.push(described(&mut scripts, name).map_err(|error| RecipeErrors::new(vec![error]))?);
    }
    Ok(styles)
}

fn of_folder(roots: &Roots) -> Vec<String> {
    let folder = roots.find(Path::new("scripts/styles"), None, true, Path::is_dir);
    let files = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let paths = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|ending| ending == "rhai"));
    paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

fn described(scripts: &mut Scripts<'_>, name: String) -> Result<Style, super::RecipeError> {
    let source = std::sync::Arc::new(Source::argument(&name));
    let key = scripts.style(&name, &Place::new(&source, 0..name.len()))?;
    let empty = Style { name, about: String::new(), knobs: Vec::new() };
    let Some(survey) = scripts.known.get(&key).filter(|survey| survey.hooks.contains("style")) else {
        return Ok(empty);
    };
    let ask = Ask::Hook { bundle: survey.bundle.clone(), call: Box::new(HookCall::Style) };
    match script::ask(ask).map_err(of_script)? {
        Answer::Hook { reply, .. } => match *reply {
            HookReply::Style { about, knobs, .. } => Ok(Style { about, knobs, ..empty }),
            _ => Ok(empty),
        },
        _ => Ok(empty),
    }
}
