//! Several data sets as one: splits stay, and the strictest licence holds for all.

use std::collections::BTreeMap;

use super::{Corpus, Loaded};

/// One corpus; song ids begin with the name of theirs.
pub(crate) fn join(corpora: Vec<Corpus>) -> Loaded {
    let name = corpora.iter().map(|corpus| corpus.name.as_str()).collect::<Vec<_>>().join(" + ");
    let licence = strictest(&corpora);
    let songs_of: BTreeMap<String, serde_json::Value> =
        corpora.iter().map(|corpus| (corpus.name.clone(), corpus.songs.len().into())).collect();
    let (mut songs, mut left_out) = (Vec::new(), Vec::new());
    for corpus in corpora {
        let named = |id: String| format!("{}/{id}", corpus.name);
        songs.extend(corpus.songs.into_iter().map(|mut song| {
            song.id = named(song.id);
            song
        }));
        left_out.extend(corpus.left_out.into_iter().map(|(id, reason)| (named(id), reason)));
    }
    let measured = [("songs_of".to_owned(), serde_json::json!(songs_of))].into();
    Loaded { corpus: Corpus { name, licence, songs, left_out }, measured }
}

/// Terms that rule something out come first; the others are named beside them.
fn strictest(corpora: &[Corpus]) -> String {
    let mut licences: Vec<&str> = corpora.iter().map(|corpus| corpus.licence.as_str()).collect();
    licences.sort_by_key(|licence| (leniency(licence), *licence));
    licences.dedup();
    match licences.split_first() {
        Some((strictest, rest)) if !rest.is_empty() => format!("{strictest} (strictest; also {})", rest.join(", ")),
        Some((only, _)) => (*only).to_owned(),
        None => "none".to_owned(),
    }
}

/// Words of licences, the least lenient first. Unknown terms allow nothing; terms that are none of these lie before the free.
const WORDS: [(&[&str], u8); 4] = [
    (&["unknown", "research", "none"], 0),
    (&["nc", "non", "noncommercial"], 1),
    (&["sa", "gpl", "lgpl", "agpl"], 2),
    (&["mit", "apache", "bsd", "cc0", "cc", "public", "own"], 4),
];

fn leniency(licence: &str) -> u8 {
    let licence = licence.to_lowercase();
    let has = |word: &str| licence.split(|letter: char| !letter.is_alphanumeric()).any(|part| part == word);
    if licence.trim().is_empty() {
        return 0;
    }
    WORDS.iter().find(|(words, _)| words.iter().any(|word| has(word))).map_or(3, |(_, leniency)| *leniency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing;

    fn corpus(name: &str, licence: &str) -> Corpus {
        Corpus { name: name.into(), licence: licence.into(), ..testing::corpus(3) }
    }

    #[test]
    fn songs_keep_their_splits_and_get_names_of_their_own() {
        let joined = join(vec![corpus("a", "MIT"), corpus("b", "CC BY-NC-SA 4.0")]);
        assert_eq!((joined.corpus.name.as_str(), joined.corpus.songs.len()), ("a + b", 6));
        assert_eq!(joined.corpus.licence, "CC BY-NC-SA 4.0 (strictest; also MIT)");
        assert_eq!(
            (joined.corpus.songs[3].id.as_str(), joined.corpus.songs[3].split),
            ("b/000", joined.corpus.songs[0].split)
        );
        assert_eq!(joined.report().values["songs_of"], serde_json::json!({"a": 3, "b": 3}));
    }

    #[test]
    fn unknown_terms_are_the_strictest() {
        let licence = |all: &[&str]| join(all.iter().map(|licence| corpus("x", licence)).collect()).corpus.licence;
        assert_eq!(licence(&["MIT", "MIT"]), "MIT");
        assert!(licence(&["MIT", "unknown", "CC BY-NC 4.0"]).starts_with("unknown (strictest"));
        assert!(licence(&["MIT", "CC BY-SA 4.0", "CC BY-NC 4.0"]).starts_with("CC BY-NC 4.0 (strictest"));
    }
}
