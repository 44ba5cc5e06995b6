//! The page's own files, which are part of the program.

use axum::{
    extract::Path,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use super::{error::ApiError, policy};

const INDEX: &str = include_str!("page/index.html");
/// Colours are those of the report, whose first lines name them.
const REPORT_STYLE: &str = include_str!("../report/page/style.css");
const STYLE: &str = include_str!("page/app.css");
const SCRIPTS: [(&str, &str); 9] = [
    ("app.js", include_str!("page/app.js")),
    ("compare.js", include_str!("page/compare.js")),
    ("dom.js", include_str!("page/dom.js")),
    ("job.js", include_str!("page/job.js")),
    ("knobs.js", include_str!("page/knobs.js")),
    ("live.js", include_str!("page/live.js")),
    ("net.js", include_str!("page/net.js")),
    ("queue.js", include_str!("page/queue.js")),
    ("upload.js", include_str!("page/upload.js")),
];
const ICON: &str = include_str!("page/icon.svg");

pub(super) async fn index() -> Response {
    answer("text/html; charset=utf-8", INDEX.to_owned())
}

pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, ApiError> {
    match name.as_str() {
        "app.css" => Ok(answer("text/css; charset=utf-8", format!("{}{STYLE}", colours()))),
        "icon.svg" => Ok(answer("image/svg+xml", ICON.to_owned())),
        _ => {
            let found = SCRIPTS.iter().find(|(script, _)| *script == name);
            let (_, text) = found.ok_or(ApiError::NoPage)?;
            Ok(answer("text/javascript; charset=utf-8", (*text).to_owned()))
        }
    }
}

fn answer(kind: &'static str, text: String) -> Response {
    let kind = (CONTENT_TYPE, kind);
    let mut answer = ([kind, (CACHE_CONTROL, "no-store")], text).into_response();
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy::PAGE);
    answer
}

fn colours() -> String {
    REPORT_STYLE.lines().take(2).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_the_report_are_there_for_light_and_dark() {
        let colours = colours();
        assert_eq!(colours.matches("--paper:").count(), 2, "{colours}");
        assert!(colours.contains("prefers-color-scheme:dark") && colours.ends_with("}}\n"));
    }

    #[test]
    fn the_page_has_nothing_inline_and_scripts_write_no_markup() {
        assert!(!INDEX.contains("<style") && !INDEX.contains(" style=") && !INDEX.contains(" onclick"));
        assert_eq!(INDEX.matches("<script").count(), INDEX.matches("<script type=\"module\" src=").count());
        for (name, text) in SCRIPTS {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
    }
}
