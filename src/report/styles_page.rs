//! A page of styles to listen to, beside the folders that their previews were rendered into.

use super::page::{STYLE, escape};
use crate::recipe::Style;

/// A style whose preview lies in a folder of its name.
pub(crate) struct Heard<'a> {
    pub(crate) name: &'a str,
    pub(crate) about: &'a str,
    /// Knobs that it reads.
    pub(crate) knobs: &'a [String],
}

impl<'a> Heard<'a> {
    pub(crate) fn of(style: &'a Style) -> Self {
        Self { name: &style.name, about: &style.about, knobs: &style.knobs }
    }
}

/// One file, no network; the sound lies beside it.
pub(crate) fn styles_page(styles: &[Heard<'_>]) -> String {
    let entries: Vec<String> = styles.iter().map(entry).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>Styles</title>\n\
         <style>{STYLE}</style>\n<main>\n<h1>Styles</h1>\n\
         <p class=\"lead\">The same eight bars, played in {} styles.</p>\n{}</main>\n</html>\n",
        styles.len(),
        entries.concat()
    )
}

fn entry(style: &Heard<'_>) -> String {
    let (name, about) = (escape(style.name), escape(style.about));
    let knobs = if style.knobs.is_empty() {
        String::new()
    } else {
        format!("<p><small>reads {}</small></p>\n", escape(&style.knobs.join(", ")))
    };
    format!(
        "<section>\n<h2>{name}</h2>\n<p>{about}</p>\n{knobs}\
         <audio controls preload=\"none\" src=\"{name}/music.wav\" aria-label=\"Eight bars in {name}\"></audio>\n\
         <p><a href=\"{name}/score.mid\">Score of {name}</a></p>\n</section>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_has_its_player() {
        let knobs = ["density".to_owned()];
        let heard = [
            Heard { name: "lofi", about: "A <lazy> beat", knobs: &knobs },
            Heard { name: "piano", about: "One piano", knobs: &[] },
        ];
        let page = styles_page(&heard);
        assert!(page.contains("src=\"lofi/music.wav\"") && page.contains("A &lt;lazy&gt; beat"));
        assert_eq!((page.matches("<audio").count(), page.matches("reads ").count()), (2, 1));
    }
}
