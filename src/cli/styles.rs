//! `cuesmith styles`: the styles there are, and what they sound like.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{
    recipe_args::OverrideArgs,
    run,
    trouble::{trouble, usage},
};
use crate::{
    error::{Exit, StageError},
    recipe::{self, Style, nearest},
    report::{Heard, styles_page, terminal},
    store::write_atomically,
};

#[derive(Args)]
pub(super) struct StylesArgs {
    /// Render eight bars in these styles, or in all: OUT/NAME/music.wav, score.mid, piano-roll.png
    #[arg(long, value_name = "NAME", num_args = 0..)]
    preview: Option<Vec<String>>,
    /// Where previews go
    #[arg(long, default_value = "out/styles", value_name = "DIR")]
    out: PathBuf,
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR")]
    store: PathBuf,
    /// One JSON array
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &StylesArgs) -> Exit {
    let styles = match recipe::styles() {
        Ok(styles) => styles,
        Err(error) => {
            terminal::note(error.render(terminal::is_styled()).trim_end());
            return Exit::Usage;
        }
    };
    if let Some(names) = &args.preview {
        return preview(args, &styles, names);
    }
    list(&styles, args.json);
    Exit::Done
}

fn list(styles: &[Style], as_json: bool) {
    if as_json {
        let style = |style: &Style| json!({ "style": style.name, "about": style.about, "knobs": style.knobs });
        terminal::line(json!(styles.iter().map(style).collect::<Vec<_>>()));
        return;
    }
    for style in styles {
        terminal::line(format!("{:20}{}", style.name, style.about));
        if !style.knobs.is_empty() {
            terminal::line(format!("{:20}  reads {}", "", style.knobs.join(", ")));
        }
    }
}

fn preview(args: &StylesArgs, styles: &[Style], names: &[String]) -> Exit {
    let is_known =
        |name: &&String| styles.iter().any(|style| style.name == **name) || recipe::is_script(Path::new(name.as_str()));
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        let near = nearest(unknown, styles.iter().map(|style| style.name.as_str()));
        let hint = near.map_or("`cuesmith styles` lists all".to_owned(), |near| format!("did you mean `{near}`?"));
        return usage(format!("--preview: there is no style `{unknown}`; {hint}"));
    }
    let all: Vec<String> = styles.iter().map(|style| style.name.clone()).collect();
    let names = if names.is_empty() { &all } else { names };
    let exits = names.iter().map(|name| run::run(&run::RunArgs::of_recipe(recipe_for(name), &args.out, &args.store)));
    let exit = exits.fold(Exit::Done, |first, exit| if first == Exit::Done { exit } else { first });
    if exit != Exit::Done {
        return exit;
    }
    write_page(args, styles, names)
}

/// Of all previews that lie there, those of earlier calls, too.
fn write_page(args: &StylesArgs, styles: &[Style], names: &[String]) -> Exit {
    let is_there = |name: &str| args.out.join(name).join("music.wav").is_file();
    let stems: Vec<String> = names.iter().map(|name| stem(name)).collect();
    let own = stems.iter().filter(|stem| styles.iter().all(|style| style.name != **stem));
    let own = own.map(|stem| Heard { name: stem, about: "A script of your own", knobs: &[] });
    let heard: Vec<Heard> = styles.iter().map(Heard::of).chain(own).filter(|style| is_there(style.name)).collect();
    let page = args.out.join("index.html");
    match write_atomically(&page, styles_page(&heard).as_bytes()) {
        Ok(()) => {
            terminal::line(format!("{}: {} styles to listen to", page.display(), heard.len()));
            Exit::Done
        }
        Err(error) => trouble(StageError::from(error).class.into(), format!("{}: can't be written", page.display())),
    }
}

fn stem(style: &str) -> String {
    Path::new(style).file_stem().map_or_else(|| style.to_owned(), |stem| stem.to_string_lossy().into())
}

/// The folder of results is named after the recipe.
fn recipe_for(style: &str) -> (PathBuf, OverrideArgs) {
    let set = vec![format!("recipe.name={}", stem(style)), format!("style={style}")];
    (PathBuf::from("style-preview"), OverrideArgs { set, seed: None })
}
