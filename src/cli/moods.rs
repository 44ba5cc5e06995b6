//! `cuesmith moods`: the words that the knob `mood` knows.

use clap::Args;
use serde_json::json;

use crate::{
    affect::{MOODS, Mood},
    error::Exit,
    report::terminal,
};

#[derive(Args)]
pub(super) struct MoodsArgs {
    /// One JSON array
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &MoodsArgs) -> Exit {
    if args.json {
        terminal::line(json!(MOODS.as_slice()));
        return Exit::Done;
    }
    terminal::line(format!("{:14}valence  arousal", "mood"));
    for mood in &MOODS {
        terminal::line(line(mood));
    }
    Exit::Done
}

fn line(Mood { word, valence, arousal }: &Mood) -> String {
    format!("{word:14}{valence:+7.1}  {arousal:+7.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_place() {
        let hopeful = crate::affect::find_mood("hopeful").unwrap();
        assert_eq!(line(hopeful), "hopeful          +0.5     +0.1");
        assert_eq!(json!(hopeful)["mood"], "hopeful");
    }
}
