//! One snapshot for every kind of error.

use insta::assert_snapshot;

use super::{OVER_BASE, Project, errors, errors_over_base};

#[test]
fn bad_toml() {
    assert_snapshot!(errors("[recipe]\nname = \"bad\nseed = = 7\n[knobs\n"));
}

#[test]
fn nothing_to_run() {
    assert_snapshot!(errors("[knobs]\ntempo = 96\n"), @r#"
    error: recipe `my` has no stages
     --> my.toml:1:1
      |
    1 | [knobs]
      | ^^^^^^^ there is nothing to run
      |
      = help: the standard graph comes with `[recipe] extends = "base.toml"`
    "#);
}

#[test]
fn an_empty_file_is_nothing_to_run() {
    assert_snapshot!(errors(""), @r#"
    error: recipe `my` has no stages
     --> my.toml:1:1
      |
    1 |
      | ^ there is nothing to run
      |
      = help: the standard graph comes with `[recipe] extends = "base.toml"`
    "#);
}

#[test]
fn unknown_keys() {
    assert_snapshot!(errors_over_base(
        "[stages.chords]\ntemprature = 0.9\nloudness = -3\n\n[knob]\ntempo = 96\n\n[loudness]\n[stages.score]\non_fail = \"warn\"\n"
    ));
}

#[test]
fn unknown_key_in_the_header() {
    assert_snapshot!(errors("[recipe]\ntitle = \"x\"\nsede = 4\n"));
}

#[test]
fn unknown_knobs() {
    assert_snapshot!(errors_over_base("[knobs]\nloudnes = -14\nreverberation = 3\n"));
}

#[test]
fn unknown_choice() {
    assert_snapshot!(errors_over_base("[knobs]\nstyle = \"pianno\"\n"));
}

#[test]
fn unknown_mood() {
    assert_snapshot!(errors_over_base("[knobs]\nmood = \"hopefull\"\n"));
    assert_snapshot!(errors_over_base("[knobs]\nmood = 0.5\n"));
}

#[test]
fn unknown_node() {
    assert_snapshot!(errors_over_base("[stages.chords]\nnode = \"generate.chord\"\n"));
}

#[test]
fn a_stage_that_base_does_not_have() {
    assert_snapshot!(errors_over_base("[stages.melodie]\ntemperature = 0.8\n"));
}

#[test]
fn unknown_stage_in_an_input() {
    assert_snapshot!(errors_over_base("[stages.midi]\ninputs = { score = \"scores\" }\n"));
}

#[test]
fn unknown_ports() {
    assert_snapshot!(errors_over_base(
        "[stages.video]\ninputs = { programme = \"bed.program\", sound = \"bed\", media = \"source.medium\" }\n"
    ));
}

#[test]
fn wrong_types() {
    assert_snapshot!(errors_over_base(
        "[knobs]\nmelody = \"no\"\ntempo = [80, 120]\nkey = \"H dur\"\nvalence = \"0.2\"\narousal = +0.2\ncandidates = 2.0\n\n[stages.midi]\ninputs = { score = 3 }\ndeadline_seconds = \"1h\"\n"
    ));
}

#[test]
fn wrong_types_of_tables() {
    assert_snapshot!(errors("knobs = 3\n[recipe]\nname = 4\nseed = -1\n[stages]\ncolor = \"feature.color\"\n"));
}

#[test]
fn out_of_range() {
    assert_snapshot!(errors_over_base(
        "[knobs]\nloudness = 3\ntempo = { min = 20, max = 120 }\nvalence = \"+2.5\"\ndensity = nan\ncandidates = 100\n\n[stages.melody]\ntop_p = 0\nmemory_mib = 1\n"
    ));
}

#[test]
fn a_range_from_high_to_low() {
    assert_snapshot!(errors_over_base("[knobs]\ntempo = { min = 120, max = 90, mid = 100 }\n"));
    assert_snapshot!(errors_over_base("[knobs]\ntempo = { min = 120, max = 90 }\n"));
}

#[test]
fn a_take_that_is_not_composed() {
    assert_snapshot!(errors_over_base("[knobs]\ntake = 3\ncandidates = 2\n"));
}

#[test]
fn cycles() {
    assert_snapshot!(errors(
        "[stages.first]\nnode = \"arrange.edited\"\ninputs = { score = \"third\" }\nfile = \"test.sf2\"\n\n\
         [stages.second]\nnode = \"arrange.edited\"\ninputs = { score = \"first.score\" }\nfile = \"test.sf2\"\n\n\
         [stages.third]\nnode = \"arrange.edited\"\ninputs = { score = \"second\" }\nfile = \"test.sf2\"\n\n\
         [stages.own]\nnode = \"arrange.edited\"\ninputs = { score = \"own\" }\nfile = \"test.sf2\"\n\n\
         [stages.midi]\nnode = \"render.midi\"\ninputs = { score = \"third\" }\n"
    ));
}

#[test]
fn missing_inputs() {
    assert_snapshot!(errors(
        "[stages.source]\nnode = \"source.video\"\n\n[stages.shots]\nnode = \"feature.shots\"\n\n[stages.cue]\nnode = \"plan.cue\"\ninputs = { media = \"source\", cuts = \"shots\" }\n"
    ));
}

#[test]
fn wrong_kinds() {
    assert_snapshot!(errors_over_base(
        "[stages.midi]\ninputs = { score = \"chords\" }\n\n[stages.video]\ninputs = { programme = \"bed.report\" }\n"
    ));
}

#[test]
fn arity() {
    assert_snapshot!(errors_over_base(
        "[stages.midi]\ninputs = { score = [\"score\", \"score\"] }\n\n[stages.video]\ninputs = { programme = \"stems\", media = [] }\n"
    ));
}

#[test]
fn ambiguous() {
    assert_snapshot!(errors_over_base("[stages.video]\ninputs = { programme = \"bed\" }\n"));
}

#[test]
fn missing_weights() {
    let project = Project::without_weights();
    assert_snapshot!(project.errors_of(OVER_BASE, &[]));
    assert_snapshot!(project.errors_of(
        &format!("{OVER_BASE}[stages.chords]\nweights = \"/nowhere/mine.safetensors\"\n"),
        &["stages.melody.weights=test.sf2", "stages.accompaniment.weights=test.sf2"]
    ));
}

#[test]
fn missing_soundfont_and_a_folder_for_a_file() {
    let project = Project::new();
    assert_snapshot!(
        project.errors_of(
            "[recipe]\nextends = \"base\"\n",
            &["stages.stems.soundfont=store", "stages.source.file=no.mp4"]
        )
    );
}

#[test]
fn missing_parameters() {
    assert_snapshot!(errors(
        "[stages.songs]\nnode = \"data.pop909\"\n\n[stages.chords]\nnode = \"train.chords\"\ninputs = { corpus = \"songs\" }\n"
    ));
}

#[test]
fn checks_and_stages() {
    assert_snapshot!(errors_over_base(
        "[checks.music]\nnode = \"render.midi\"\non_fail = \"ignore\"\n\n[stages.tune]\nnode = \"check.music\"\n\n[stages.sync]\nloudness_tolerance = 3\n\n[stages.\"a b\"]\nnode = \"render.midi\"\n"
    ));
}

#[test]
fn bad_extends() {
    assert_snapshot!(errors("[recipe]\nextends = \"bse.toml\"\n"));
    assert_snapshot!(errors("[recipe]\nextends = 3\n"));
}

#[test]
fn extends_in_a_circle() {
    let project = Project::new();
    project.write("recipes/a.toml", "[recipe]\nextends = \"../recipes/b.toml\"\n");
    project.write("recipes/b.toml", "[recipe]\nextends = \"a.toml\"\n");
    assert_snapshot!(project.plan("a", &[]).unwrap_err().render(false));
}

#[test]
fn an_error_in_a_parent_points_into_the_parent() {
    let project = Project::new();
    project.write("house.toml", format!("{OVER_BASE}[knobs]\nloudness = 0\n"));
    assert_snapshot!(
        project.errors_of("[recipe]\nextends = \"house.toml\"\n\n[knobs]\nmusic_gain = 99\n", &["tempo.max=999"])
    );
}

#[test]
fn bad_overrides() {
    let set = [
        "loudness",
        "knobs..tempo=3",
        "loudness=",
        "loudnes=-14",
        "stages.chord.temperature=0.8",
        "stages.chords.temperature=hot",
        "tempo={ min = 80",
        "recipe.seed=x",
        "stages=3",
    ];
    assert_snapshot!(Project::new().errors_of(OVER_BASE, &set));
}

#[test]
fn no_such_recipe() {
    let project = Project::new();
    assert_snapshot!(project.plan("vlgo", &[]).unwrap_err().render(false));
    project.write("latin1.toml", b"[recipe]\nname = \"caf\xe9\"\n");
    assert_snapshot!(project.plan("latin1.toml", &[]).unwrap_err().render(false));
    project.write("film.toml", vec![b'#'; (1 << 20) + 1]);
    assert_snapshot!(project.plan("film.toml", &[]).unwrap_err().render(false));
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let project = Project::new();
    project.write("my.toml", "[recipe]\nsede = 4\n");
    let errors = project.plan("my.toml", &[]).unwrap_err();
    assert!(errors.render(true).contains("\u{1b}["));
    assert!(!errors.render(false).contains('\u{1b}'));
}

#[test]
fn text_from_a_recipe_sends_no_escapes_to_the_terminal() {
    let shown = errors("[recipe]\n\"\\u001b[31mred\" = 1\n[stages.\"\\u001b]0;x\"]\n[knobs]\nstyle = \"\\u001b[2J\"\n");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}
