//! News with numbers, so that a page that was away asks for what it missed.

use serde::Serialize;

use crate::watch::{JobId, View};

/// A page that opens sees the latest of these.
const FIRST: usize = 30;

#[derive(Debug, Serialize)]
pub(super) struct Line {
    number: u64,
    ms: i64,
    job: Option<JobId>,
    text: String,
}

/// Lines after a number, the newest last. A number that was never given out is one from before a restart.
pub(super) fn since(view: &View, last: Option<u64>) -> Vec<Line> {
    let last = last.filter(|last| *last <= view.told);
    let first = view.told - view.news.len() as u64 + 1;
    let numbered = view.news.iter().zip(first..);
    let lines = numbered.filter(|(_, number)| last.is_none_or(|last| *number > last));
    let line = |(line, number): (&crate::watch::NewsLine, u64)| Line {
        number,
        ms: line.ms,
        job: line.job.clone(),
        text: line.text.clone(),
    };
    let mut lines: Vec<Line> = lines.map(line).collect();
    if last.is_none() {
        lines.drain(..lines.len().saturating_sub(FIRST));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::NewsLine;

    #[test]
    fn a_page_gets_what_it_missed() {
        let mut view = View::default();
        for ms in 0..250 {
            view.tell(NewsLine { ms, job: None, text: ms.to_string() });
        }
        let numbers = |last| since(&view, last).iter().map(|line| line.number).collect::<Vec<_>>();
        assert_eq!(numbers(Some(248)), [249, 250]);
        assert_eq!((numbers(Some(250)).len(), numbers(Some(0)).len(), numbers(Some(7)).len()), (0, 200, 200));
        assert_eq!((numbers(None).len(), numbers(Some(900)).len()), (30, 30));
        assert_eq!(since(&view, Some(249))[0].text, "249");
        assert!(since(&View::default(), None).is_empty());
    }
}
