//! Values and helpers as scripts use them.

use super::testing::{made, played, tried};
use crate::{arrange::testing::Example, artifact::Role, script::ScriptError};

/// What a script's `check` says about some statements: an error, or nothing.
fn error(statements: &str) -> ScriptError {
    tried(statements).err().unwrap_or_else(|| panic!("no error: {statements}"))
}

/// Holds in a script.
fn holds(claim: &str) {
    let statements = format!("if !({claim}) {{ throw \"no: {claim}\" }}", claim = claim.replace('"', "\\\""));
    let statements = statements.replacen(&claim.replace('"', "\\\""), claim, 1);
    if let Err(error) = tried(&statements) {
        panic!("{error}");
    }
}

#[test]
fn notes_are_values_with_bars_and_beats() {
    holds("note(4, 1, 60, 80).bar == 2 && note(4, 1, 60, 80).beat == 1.0");
    holds("note(2, 2.5, 1, \"E4\", 80).at == 5.5 && note(2, 2.5, 1, \"E4\", 80).pitch == 64");
    holds("note(0, 1, 60, 80).name == \"C4\" && note(0, 1.5, 60, 80).end == 1.5");
    tried(
        "let n = note(0, 1, 60, 80); let m = n; m.pitch += 12; m.velocity *= 0.5; m.bar = 3; \
           if n.pitch != 60 || m.pitch != 72 || m.velocity != 40 || m.at != 8 { throw m.to_string() }",
    )
    .unwrap();
}

#[test]
fn numbers_out_of_range_are_errors_with_value_and_limit() {
    for (statements, expected) in [
        ("note(0, 1, 60, 128)", "velocity is 128; 1 to 127 are allowed"),
        ("let n = note(0, 1, 60, 80); n.pitch = -1", "pitch is -1; 0 to 127 are allowed"),
        ("note(-1, 1, 60, 80)", "at is -1; a note can't begin before the piece"),
        ("note(48, 1, 60, 80)", "at is 48; the piece ends at beat 48"),
        ("note(13, 1, 1, 60, 80)", "bar is 13; 1 to 12 are allowed"),
        ("note(0, 0, 60, 80)", "length is 0; it must be more than 0"),
        ("let t = score.track(\"bass\"); t.pan = 2", "pan is 2; -1 to 1 are allowed"),
        ("note(0, 1, \"H4\", 80)", "\"H4\" is no pitch"),
        ("let t = score.track(\"bass\"); t.gain = \"loud\"", "gain is a number, not a string"),
    ] {
        let told = error(statements).to_string();
        assert!(told.contains(expected), "{statements}: {told}");
    }
}

#[test]
fn errors_name_the_bar_the_line_and_what_was_meant() {
    let told = error("for note in score.melody { if note.bar == 3 { note.velocity = 200; } }");
    assert_eq!((told.bar, told.hook.as_deref()), (Some(3), Some("arrange")));
    assert_eq!(told.spot.as_ref().map(|spot| spot.line), Some(1));
    for (statements, expected) in [
        ("let n = note(0, 1, 60, 80); n.picth", "a note has no `picth`; did you mean `pitch`?"),
        ("score.track(\"bas\")", "there is no track `bas`; did you mean `bass`?"),
        ("let b = score.bar(1); b.tempo = 90", "`tempo` of a bar can't be changed"),
        ("let b = score.bar(2); b.density = 9", "`density` of a bar can only be set in the hook `conditions`"),
        ("let t = score.track(\"bass\"); t.instrument = \"flutte\"", "did you mean \"flute\"?"),
        ("let t = score.track(\"bass\"); t.notes = [1, 2]", "element 1 of the list of notes is a number, not a note"),
        ("score.part(\"drms\")", "there is no part `drms`; did you mean `drums`?"),
        ("drums(score.bar(1), #{ kik: \"x\" })", "there is no drum `kik`; did you mean `kick`?"),
        ("transpose([], 1, 2)", "`transpose` takes 2 parameters here, not 3"),
        ("score.add(score.part(\"bass\"))", "there is a track `bass` already"),
    ] {
        let told = error(statements).to_string();
        assert!(told.contains(expected), "{statements}: {told}");
    }
}

#[test]
fn chords_know_their_key_and_place() {
    holds("score.chords[0].name == \"C\" && score.chords[0].degree == 1 && score.chords[0].root == \"C\"");
    holds("score.chords[1].bar == 2 && score.chords[1].beat == 1 && score.chords[1].length == 4");
    holds("chord(\"Am7\").quality == \"minor seventh\" && chord(\"C\").with_seventh().name == \"Cmaj7\"");
    holds("chord(\"C\").inverted(1).bass == \"E\" && chord(\"C\").transpose(2).name == \"D\"");
    holds("chord(\"C\").voicing(52, 68) == [55, 60, 64] && chord(\"C\").pitches(60, 72) == [60, 64, 67, 72]");
    holds("voicings([chord(\"C\"), chord(\"F\")], 52, 68) == [[55, 60, 64], [57, 60, 65]]");
    holds(
        "inversion([60, 64, 67], 1) == [64, 67, 72] && drop2([60, 64, 67]) == [52, 60, 67] || drop2([60, 64, 67]) == [52, 60, 67]",
    );
    holds("scale(60, 65) == [60, 62, 64, 65] && scale(\"A minor\", 57, 60) == [57, 59, 60] && scale_step(60, 2) == 64");
}

#[test]
fn bars_tell_what_is_asked() {
    holds("score.bars.len == 12 && score.bar(3).section == \"a\" && score.bar(4).place == 2 && score.bar(1).is_intro");
    holds("score.bar(7).returns == 1 && score.bar(7).opens && score.bar(6).closes && score.bar(12).is_last");
    holds(
        "score.bar(5).density == 14 && score.bar(5).tempo == 120 && score.bar(5).seconds == 8 && score.bar(2).at == 4",
    );
}

#[test]
fn lists_of_notes_are_changed_as_a_whole() {
    holds(
        "[note(0.5, 0.5, 60, 80)].swing(1.0)[0].at == 0.66666666666666663 || [note(0.5, 0.5, 60, 80)].swing(1.0)[0].at > 0.66",
    );
    holds("[note(0.1, 1, 60, 80)].quantise(0.5)[0].at == 0 && [note(0, 1, 60, 80)].transpose_scale(2)[0].pitch == 64");
    holds(
        "[note(0, 1, 60, 80), note(0, 1, 64, 80)].strum(0.05)[1].at == 0.05 && [note(0, 1, 40, 80)].fold(60, 72)[0].pitch == 64",
    );
    holds("[note(0, 1, 60, 80), note(8, 1, 60, 80)].crescendo(40, 90).map(|n| n.velocity) == [40, 90]");
    holds(
        "[note(0, 1, 60, 80), note(2, 1, 60, 80)].legato()[0].length == 2 && [note(0, 1, 60, 80)].staccato(0.5)[0].length == 0.5",
    );
    holds("[note(0, 1, 60, 80), note(0.25, 1, 60, 80), note(1, 1, 62, 80)].thin(0.5).len == 2");
    holds("score.melody.in_bars(2, 2).all(|note| note.bar == 2) && score.melody.in_bars(2, 2).len == 4");
    holds(
        "score.bar(1).rhythm(\"x...x...\", [60, 64], 80).len == 4 && score.bar(1).ostinato(\"x.x.x.x.\", [60, 64], 80)[1].pitch == 64",
    );
    holds("score.chords[0].arpeggio([60, 64, 67], \"up_down\", 1, 80).map(|n| n.pitch) == [60, 64, 67, 64]");
    holds("bass_line(score.chords, \"walking\").len == 45 && bass_line(score.chords, \"roots\").len == 12");
}

#[test]
fn chance_comes_from_the_seed() {
    let text = "fn arrange(score) { print(`${random()} ${random(1, 6)} ${choose([1, 2, 3])}`); score }";
    let print = |score: crate::artifact::Score| score.notes.last().cloned();
    let once = print(played(&made(), text).unwrap());
    assert!(once.as_ref().unwrap().starts_with("script prints: 0."));
    assert_eq!(once, print(played(&made(), text).unwrap()));
}

#[test]
fn what_a_script_did_is_told() {
    let score = tried("score.remove(\"pad\")").unwrap();
    let band = tried("").unwrap();
    let count = |score: &crate::artifact::Score| score.tracks.iter().map(|track| track.notes.len()).sum::<usize>();
    assert!(band.notes[0].starts_with("script: arrange: 5 tracks (melody, piano, bass, pad, drums), "));
    assert!(
        score.notes[0].starts_with("script: arrange: 4 tracks (melody, piano, bass, drums), "),
        "{:?}",
        score.notes
    );
    assert!(count(&score) < count(&band));
}

#[test]
fn the_band_that_a_script_leaves_alone_is_the_band() {
    let example = made();
    let mut scripted = played(&example, "fn arrange(score) { score }").unwrap();
    scripted.notes.clear();
    assert_eq!(scripted, example.score(crate::arrange::StyleName::Band));
}

#[test]
fn notes_go_through_their_hook_before_arrange() {
    let text = "fn notes(track, notes) { if track.role == \"bass\" { notes.transpose(-12) } else { notes } }
                fn arrange(score) { print(score.track(\"bass\").notes[0].pitch); score }";
    let plain = made().score(crate::arrange::StyleName::Band);
    let score = played(&made(), text).unwrap();
    let bass = |score: &crate::artifact::Score| {
        score.tracks.iter().find(|track| track.role == Role::Bass).unwrap().notes[0].pitch
    };
    assert_eq!(bass(&score) + 12, bass(&plain));
    assert!(score.notes[0].starts_with("script: notes: ") && score.notes.len() == 3, "{:?}", score.notes);
}

#[test]
fn more_than_a_midi_file_holds_is_refused() {
    let many = |count: u32, role: &str, kit: &str| {
        format!("for n in 0..{count} {{ score.add(track(`t${{n}}`, \"{role}\", {kit}, [note(0, 1, 60, 80)])); }}")
    };
    assert!(error(&many(40, "pad", "0")).to_string().contains("32 tracks, more are not allowed"));
    let take = crate::arrange::arrange(
        &made().take(),
        &super::testing::bundle("t", &format!("fn arrange(score) {{ {}; score }}", many(13, "pad", "0"))).unwrap(),
        crate::seed::Seed::master(1),
    );
    assert!(take.unwrap_err().to_string().contains("17 tracks with pitches came, a MIDI file has channels for 15"));
    assert!(
        error("score.add(track(\"more\", \"drums\", \"808 kit\", [note(0, 1, 36, 80)]))")
            .to_string()
            .contains("different kits")
    );
    let told = error(
        "let n = note(0, 1, 60, 80); let all = []; all.pad(100001, n); let t = score.track(\"bass\"); t.notes = all",
    );
    assert!(told.to_string().contains("100000 are allowed"), "{told}");
}

#[test]
fn a_style_that_says_nonsense_is_told() {
    let told = |text: &str| played(&Example::plain(4), text).unwrap_err().to_string();
    assert!(
        told("fn style() { #{ base: \"orchestra\" } } fn arrange(score) { score }")
            .contains("the base \"orchestra\" is unknown")
    );
    assert!(told("fn style() { #{ abuot: \"x\" } } fn arrange(score) { score }").contains("`style` says `abuot`"));
    assert!(told("fn arrange(score) { 7 }").contains("`arrange` gives the score back, not a number"));
    assert!(told("fn notes(track, notes) { 7 }").contains("`notes` gives a list of notes back"));
}

#[test]
fn hits_that_people_wrote_hold_in_scripted_tracks() {
    let mut example = made();
    example.plan.hits = vec![
        crate::artifact::Hit { time: 6.0, kind: crate::artifact::HitKind::Accent },
        crate::artifact::Hit { time: 9.0, kind: crate::artifact::HitKind::Stop },
    ];
    let text = "fn style() { #{ about: \"one organ\", base: \"none\" } }
                fn arrange(score) {
                    let notes = [];
                    for chord in score.chords { notes += chord.held(chord.voicing(52, 71), 50); }
                    let organ = score.add(track(\"organ\", \"pad\", \"church organ\", notes));
                    organ.feel = \"written\";
                }";
    let score = played(&example, text).unwrap();
    let organ = &score.tracks[0];
    let struck: Vec<u8> =
        organ.notes.iter().filter(|note| note.start_ticks == 12 * 480).map(|note| note.velocity).collect();
    assert!(struck.len() >= 3 && struck.iter().all(|velocity| *velocity > 90), "{struck:?}");
    let silence = 18 * 480 + 240..20 * 480;
    let over = organ
        .notes
        .iter()
        .filter(|note| note.start_ticks < silence.end && note.start_ticks + note.duration_ticks > silence.start);
    assert_eq!(over.count(), 0);
    assert!(organ.notes.iter().any(|note| note.start_ticks == silence.end));
}

#[test]
fn close_ends_each_role_in_its_way() {
    let text = "fn style() { #{ base: \"none\" } }
                fn arrange(score) {
                    let beats = [];
                    for at in 0..48 { beats.push(note(at, 1, 43, 80)); }
                    score.add(track(\"low\", \"bass\", \"finger bass\", beats));
                    score.add(track(\"high\", \"pad\", \"warm pad\", beats.transpose(19)));
                    score.add(track(\"kit\", \"drums\", \"standard kit\", beats));
                    score.close();
                    for track in score.tracks { track.feel = \"written\"; }
                }";
    let score = played(&made(), text).unwrap();
    let last = |name: &str| -> Vec<(u8, u32)> {
        let track = score.tracks.iter().find(|track| track.name == name).unwrap();
        track
            .notes
            .iter()
            .filter(|note| note.start_ticks >= 44 * 480)
            .map(|note| (note.pitch, note.duration_ticks))
            .collect()
    };
    assert_eq!((last("low"), last("kit")), (vec![(48, 1920)], vec![(36, 120), (51, 120)]));
    assert_eq!(
        last("high").iter().map(|note| note.0 % 12).collect::<std::collections::BTreeSet<_>>(),
        [0, 4, 7].into()
    );
}
