//! Graph scripts: twins of TOML recipes, and errors that point into the script.

use std::path::Path;

use super::Project;
use crate::{
    graph::{self, Plan},
    recipe::{Overrides, load_from, roots::Roots},
};

/// A recipe of the project itself.
fn shipped(path: &str) -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = Roots { current: folder.to_owned(), program: Vec::new() };
    let recipe = load_from(&folder.join(path), &Overrides::default(), &roots);
    let recipe = recipe.unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    graph::plan(&recipe).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

#[test]
fn a_script_and_its_twin_plan_the_same() {
    for name in ["demo", "vlog", "cinematic", "ambient"] {
        assert_eq!(shipped(&format!("scripts/graphs/{name}.rhai")), shipped(&format!("recipes/{name}.toml")), "{name}");
    }
    assert_eq!(shipped("scripts/graphs/standard.rhai"), shipped("recipes/base.toml"));
}

#[test]
fn a_loop_gives_a_stage_for_each_style() {
    let project = Project::new();
    let script = r#"
        recipe(#{ extends: "base.toml" });
        for style in ["piano", "band"] {
            arrange_style("score_" + style, #{
                plan: stage("cue"), conditions: stage("conditions"), chords: stage("best"),
                melody: stage("best").melody, accompaniment: stage("best").accompaniment, style: style,
            });
        }
        if clip().seconds > 100.0 { knobs(#{ loudness: -20 }); }
        hit(12.5, "accent");
        print("done");
    "#;
    project.write("many.rhai", script);
    let recipe = project.load("many.rhai", &["style=piano"]).unwrap();
    assert!(recipe.asked_clip);
    assert_eq!((recipe.printed.as_slice(), recipe.name.as_str()), (&["done".to_owned()][..], "many"));
    assert_eq!((&recipe.knobs["loudness"], &recipe.knobs["hits"][0]["time"]), (&(-16.0).into(), &12.5.into()));
    let plan = graph::plan(&recipe).unwrap();
    let style = |name: &str| plan.stage(name).unwrap().params["style"].clone();
    assert_eq!([style("score"), style("score_piano"), style("score_band")], ["piano", "piano", "band"]);
}

/// The graph of a script that is wrong.
fn wrong(script: &str) -> String {
    wrong_with(script, &[])
}

fn wrong_with(script: &str, set: &[&str]) -> String {
    let project = Project::new();
    project.write("graph.rhai", script);
    project.write("scripts/lib/wrong.rhai", "fn f(x) { x.nothing }\n\nfn g(x) {\n    f(x)\n}\n");
    project.write("scripts/lib/broken.rhai", "fn f(x) {\n    x +\n}\n");
    match project.load("graph.rhai", set).and_then(|recipe| graph::plan(&recipe)) {
        Ok(_) => panic!("this is a graph: {script}"),
        Err(errors) => errors.render(false).replace(project.folder.path().to_str().unwrap(), "/project"),
    }
}

#[test]
fn errors_point_into_the_script() {
    let extends = "recipe(#{ extends: \"base.toml\" });\n";
    let cases = [
        ("a parameter that no node has", format!("{extends}set(stage(\"chords\"), #{{\n    temprature: 0.9,\n}});")),
        ("a value out of range", format!("{extends}knobs(#{{ loudness: -3 - 2 }});")),
        ("a knob that is none", format!("{extends}knobs(#{{ temppo: 90 }});")),
        ("a stage that is none", format!("{extends}set(stage(\"chord\"), #{{ temperature: 0.9 }});")),
        ("an input of the wrong kind", "let v = source_video(\"v\");\nplan_cue(#{ media: v, cuts: v });".to_owned()),
        ("an output that is none", format!("{extends}render_audio(\"s\", #{{ score: stage(\"score\").scor }});")),
        ("two stages of one name", "source_video(\"v\");\nsource_video(\"v\");".to_owned()),
        ("a function that is none", "let v = source_vidoe(\"v\");".to_owned()),
        ("a function with too much", "recipe(#{}, 3);".to_owned()),
        ("no grammar", "let v = source_video(\"v\"\nlet x = 3;".to_owned()),
        ("a module with an error", "import \"lib/wrong\" as wrong;\nwrong::g(3);".to_owned()),
        ("a module without grammar", "import \"lib/broken\" as broken;".to_owned()),
        ("a module that is not there", "import \"lib/drumms\" as drums;".to_owned()),
        ("a path that is made up", "let x = \"lib\";\nimport x + \"/drums\" as drums;".to_owned()),
        ("a value that recipes don't hold", "knobs(#{ tempo: || 3 });".to_owned()),
        ("a style that is none", format!("{extends}knobs(#{{ style: \"pianoo\" }});")),
        ("an empty script", "let x = 1;".to_owned()),
    ];
    let told: Vec<String> = cases.iter().map(|(what, script)| format!("# {what}\n{}", wrong(script))).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn limits_are_settings() {
    let endless = "let i = 0;\nloop { i += 1; }";
    let told = wrong_with(endless, &["scripts.operations=100000"]);
    assert!(told.contains("too many operations") && told.contains("--> graph.rhai:2:"), "{told}");
    let told = wrong_with(endless, &["scripts.deadline_seconds=0"]);
    assert!(told.contains("`deadline_seconds` of `scripts` is out of range: 0"), "{told}");
    let told = wrong_with(endless, &["scripts.deadline=9"]);
    assert!(told.contains("unknown key `deadline` in `scripts`"), "{told}");
}

/// Blocks of docs/scripting.md that begin with this line.
fn snippets(fence: &str) -> Vec<String> {
    let page = include_str!("../../../docs/scripting.md");
    let blocks = page.split("\n```").collect::<Vec<_>>();
    let code = |block: &&str| block.strip_prefix(fence.trim_start_matches("```")).map(str::to_owned);
    blocks.iter().filter_map(code).collect()
}

#[test]
fn graphs_of_the_manual_plan() {
    let found = snippets("```rhai graph\n");
    assert_eq!(found.len(), 2);
    for script in found {
        let project = Project::new();
        project.write("graph.rhai", &script);
        let recipe = project.load("graph.rhai", &["stages.stems.soundfont=test.sf2"]);
        let recipe = recipe.unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        let fonts = graph::plan(&recipe);
        fonts.unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    }
}

#[test]
fn script_nodes_name_their_output_and_their_script() {
    let project = Project::new();
    let stage = |more: &str| {
        format!(
            "[recipe]\nextends = \"base.toml\"\n\n[stages.calmer]\nnode = \"script\"\n{more}\ninputs = {{ conditions = \"conditions\" }}\n"
        )
    };
    project.write("node.rhai", "fn node(inputs) { inputs.conditions }");
    project.write("style.rhai", "fn arrange(score) { score }");
    project.write("my.toml", stage("output = \"conditions\"\nscript = \"node.rhai\""));
    let plan = project.plan("my.toml", &[]).unwrap();
    assert_eq!(plan.stage("calmer").unwrap().node.name, "script.conditions");
    let wrong = [
        "script = \"node.rhai\"",
        "output = \"condition\"\nscript = \"node.rhai\"",
        "output = \"conditions\"",
        "output = \"conditions\"\nscript = \"nod.rhai\"",
        "output = \"conditions\"\nscript = \"style.rhai\"",
    ];
    let told: Vec<String> =
        wrong.iter().map(|more| format!("# {more}\n{}", project.errors_of(&stage(more), &[]))).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Digests of the scripts of a plan, by stage.
fn digests(plan: &Plan) -> Vec<(String, crate::digest::Digest)> {
    let script = |file: &crate::recipe::StageFile| match file {
        crate::recipe::StageFile::Script(script) => Some(script.digest),
        _ => None,
    };
    let stages =
        plan.stages.iter().filter_map(|stage| Some((stage.name.clone(), stage.files.values().find_map(script)?)));
    stages.collect()
}

#[test]
fn what_a_style_means_is_part_of_keys_and_its_looks_are_not() {
    let project = Project::new();
    let style = |text: &str, module: &str| {
        project.write("mine.rhai", text);
        project.write("scripts/lib/own.rhai", module);
        project.write("my.toml", "[recipe]\nextends = \"base.toml\"\n[knobs]\nstyle = \"mine.rhai\"\n");
        digests(&project.plan("my.toml", &[]).unwrap())
    };
    let text = "import \"lib/own\" as own;\nfn arrange(score) { own::loud(score) }";
    let module = "fn loud(score) { score }";
    let first = style(text, module);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["best", "score"], "nothing is composed anew for a style that only arranges");
    let spaced = style(
        "// loud\nimport \"lib/own\"   as own;\n\nfn arrange(score)\n{\n    own::loud(score) /* so */\n}",
        module,
    );
    assert_eq!(spaced, first);
    assert_ne!(style(text, "fn loud(score) { print(1); score }"), first);
    assert_ne!(style("fn arrange(score) { score }", module), first);
    let hooks = style("fn conditions(bars) { bars }\nfn chords(chords) { chords }", module);
    let names: Vec<&str> = hooks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["conditions", "chords", "best", "score"]);
}
