//! `check.original`: whether a take is its own music and not a training song's.

use serde::Deserialize;
use serde_json::json;

use super::verdict::{Verdict, rounded};
use crate::{
    artifact::Report,
    music::{Note, STEPS_PER_BAR},
    original::{Copied, Index, Voice},
};

const NEXT_STEP: &str = "compose another take (candidates, take, --seed), or raise temperature";

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct OriginalLimits {
    max_copied_beats: f64,
}

/// Looks for the longest passage of a training song in one take and judges it.
pub(crate) fn check_original(index: &Index, melody: &[Note], accompaniment: &[Note], limits: OriginalLimits) -> Report {
    let mut verdict = Verdict::default();
    let longest = index.longest_run(melody, accompaniment);
    verdict.value("copied_beats", rounded(longest.beats));
    verdict.value("copied_notes", longest.notes);
    for (voice, notes) in Voice::ALL.into_iter().zip([melody, accompaniment]) {
        let run = index.run_of(voice, notes, None);
        let from_bar = run.song.is_some().then(|| bar(&run));
        let found = json!({ "beats": rounded(run.beats), "notes": run.notes, "song": run.song, "from_bar": from_bar });
        verdict.value(voice.name(), found);
    }
    let asked = limits.max_copied_beats;
    verdict.fact(match &longest.song {
        Some(song) => {
            format!("the longest run of a training song is {} ({song}; allowed: under {asked} beats)", run(&longest))
        }
        None => format!("no run of a training song (allowed: under {asked} beats)"),
    });
    verdict.require(longest.beats < asked, || {
        let (song, bar) = (longest.song.as_deref().unwrap_or_default(), bar(&longest));
        format!(
            "the {} has {} of training song {song} from bar {bar} on, max_copied_beats allows runs under {asked} beats",
            longest.voice.name(),
            run(&longest)
        )
    });
    verdict.report(NEXT_STEP)
}

fn run(copied: &Copied) -> String {
    format!("{} beats, {} notes", rounded(copied.beats), copied.notes)
}

/// Counted from 1, in bars of four beats.
fn bar(copied: &Copied) -> u32 {
    copied.start / STEPS_PER_BAR + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::original::testing::{corpus, phrase};

    fn check(melody: &[Note], max_copied_beats: f64) -> Report {
        check_original(&Index::of(&corpus(4), 8), melody, &[], OriginalLimits { max_copied_beats })
    }

    #[test]
    fn a_passage_of_a_training_song_is_refused_by_name() {
        let passage = phrase(&corpus(4).songs[2].melody, 4..8, 2, 3);
        let report = check(&passage, 8.0);
        assert_eq!(report.passed, Some(false));
        insta::assert_snapshot!(report.summary);
        assert_eq!(report.values["melody"]["song"], "002");
        assert_eq!(check(&passage, 16.0).passed, Some(true));
    }

    #[test]
    fn own_music_passes() {
        let report = check(&corpus(5).songs[4].melody, 8.0);
        insta::assert_snapshot!(report.summary, @"no run of a training song (allowed: under 8 beats)");
        assert_eq!(report.passed, Some(true));
    }
}
