//! The shipped clip through the shipped recipe: everything that is promised lies there and is what it says.

use super::{Scored, scored::streams};
use crate::support::{Project, demo_clip};

#[test]
fn the_demo_clip_gets_its_music() {
    let project = Project::new();
    let clip = demo_clip();
    project.run(&["run", "demo", "--input", clip.to_str().unwrap()]).code(0);
    let scored = Scored::at(project.path().join("out/big-buck-bunny"));
    for file in
        ["big-buck-bunny.mp4", "score.mid", "music.wav", "programme.wav", "report.html", "piano-roll.png", "run.json"]
    {
        assert!(scored.folder.join(file).is_file(), "{file} is missing");
    }
    sound_is_as_asked(&scored);
    let kinds: Vec<_> = streams(&scored.video()).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["video", "audio"]);
    assert!(scored.notes_in_midi() > 50, "{} notes", scored.notes_in_midi());
    record_is_whole(&scored);
}

fn sound_is_as_asked(scored: &Scored) {
    let run = scored.run_json();
    let seconds = run["plan"]["end"].as_f64().unwrap();
    let target = run["recipe"]["resolved"]["knobs"]["loudness"].as_f64().unwrap();
    for file in ["music.wav", "programme.wav"] {
        let sound = scored.loudness(file);
        assert_eq!(sound.frames, (seconds * 48_000.0).round() as u64, "{file}");
        assert!((sound.integrated_lufs - target).abs() < 1.0, "{file}: {} LUFS", sound.integrated_lufs);
        assert!(sound.true_peak_dbtp <= -0.999, "{file}: {} dBTP", sound.true_peak_dbtp);
    }
    let tail = scored.loudness("music.wav").tail_peak;
    assert!(tail < 1e-3, "the last 20 ms still sound: {tail}");
}

/// What others rely on in run.json.
fn record_is_whole(scored: &Scored) {
    let run = scored.run_json();
    let fields =
        ["cuesmith", "recipe", "seed", "device", "inputs", "weights", "scripts", "stages", "cuts", "plan", "checks"];
    for field in fields.into_iter().chain(["outputs", "seconds"]) {
        assert!(!run[field].is_null(), "run.json has no {field}");
    }
    assert_eq!(run["cuts"].as_array().unwrap().len(), 3, "{}", run["cuts"]);
    assert_eq!(
        run["weights"].as_array().unwrap().len(),
        9,
        "three composers, the index of their songs, three that look and listen, loudness, what goes with what"
    );
    for (path, digest) in scored.digests() {
        let bytes = std::fs::read(scored.folder.join(&path)).unwrap();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), digest, "{path}");
    }
}
