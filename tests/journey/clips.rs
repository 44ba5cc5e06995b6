//! All real clips: a scored video in the right container, the picture's packets as they were, music as long as the
//! picture, at its loudness.

use std::{fs, path::Path};

use super::{
    Scored,
    scored::{Packet, packets, streams},
};
use crate::support::{Project, data};

/// Each clip with the ending of its result.
const CLIPS: [(&str, &str); 16] = [
    ("aerial_beach.mp4", "mp4"),
    ("arm_wrestling.mp4", "mp4"),
    ("bbb_opening.mp4", "mp4"),
    ("bikes_city.mp4", "mp4"),
    ("car_park.mp4", "mp4"),
    ("city_night.mpg", "mp4"),
    ("cockatoo.mp4", "mp4"),
    ("earth_rotation.mp4", "mp4"),
    ("film_dialogue.mp4", "mp4"),
    ("montage_speech.mp4", "mp4"),
    ("motorway.mj2", "mp4"),
    ("nasa_telescope.mp4", "mp4"),
    ("nature_shots.mp4", "mp4"),
    ("silent_film.mp4", "mp4"),
    ("steam_train.mp4", "mp4"),
    ("waterfall_portrait.mp4", "mp4"),
];

fn score_and_look(data: &Path, name: &str, ending: &str) {
    let project = Project::new();
    let clip = data.join("videos").join(name);
    project.run(&["run", "demo", "--input", clip.to_str().unwrap()]).code(0);
    let stem = Path::new(name).file_stem().unwrap();
    let scored = Scored::at(project.path().join("out").join(stem));
    let video = scored.video();
    assert_eq!(video.extension().unwrap(), ending, "{name}");
    picture_is_unchanged(&clip, &video, name);
    music_is_as_long_and_loud_as_asked(&scored, name);
}

fn picture_is_unchanged(clip: &Path, video: &Path, name: &str) {
    let count = streams(clip).iter().filter(|(kind, _)| kind == "video").count();
    for stream in 0..count {
        let selector = format!("v:{stream}");
        let (before, after) = (packets(clip, &selector), packets(video, &selector));
        assert_eq!(before.len(), after.len(), "{name}: packets of {selector}");
        let shift = shift(&before, &after);
        for (place, (was, is)) in before.iter().zip(&after).enumerate() {
            assert_eq!((was.bytes, &was.hash), (is.bytes, &is.hash), "{name} {selector}: packet {place}");
            if let (Some(was), Some(is)) = (was.time, is.time) {
                assert!((is - was - shift).abs() < 1e-3, "{name} {selector}: packet {place} moved from {was} to {is}");
            }
        }
    }
}

fn shift(before: &[Packet], after: &[Packet]) -> f64 {
    let both = before.iter().zip(after).find_map(|(was, is)| Some(is.time? - was.time?));
    both.unwrap_or(0.0)
}

fn music_is_as_long_and_loud_as_asked(scored: &Scored, name: &str) {
    let run = scored.run_json();
    let seconds = run["plan"]["end"].as_f64().unwrap();
    let target = run["recipe"]["resolved"]["knobs"]["loudness"].as_f64().unwrap();
    let music = scored.loudness("music.wav");
    assert_eq!(music.frames, (seconds * 48_000.0).round() as u64, "{name}");
    assert!((music.integrated_lufs - target).abs() <= 1.0, "{name}: {} LUFS", music.integrated_lufs);
    assert!(music.true_peak_dbtp <= -0.999, "{name}: {} dBTP", music.true_peak_dbtp);
    assert!(
        scored.notes_in_midi() > 0 && fs::metadata(scored.folder.join("report.html")).unwrap().len() > 1000,
        "{name}"
    );
}

#[test]
fn odd_clips_are_scored() {
    let Some(data) = data() else { return };
    for (name, ending) in CLIPS {
        if ["city_night.mpg", "motorway.mj2", "nasa_telescope.mp4", "film_dialogue.mp4"].contains(&name) {
            score_and_look(&data, name, ending);
        }
    }
}

#[test]
#[ignore = "takes minutes: make test-long"]
fn every_clip_is_scored() {
    let Some(data) = data() else { return };
    for (name, ending) in CLIPS {
        score_and_look(&data, name, ending);
    }
}
