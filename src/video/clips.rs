//! The whole pass on real clips: length and streams against ffprobe, odd and broken files, the same bytes twice.

use std::{
    fs,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{
    artifact::{Frames, Media},
    error::{FailureClass, StageError},
    testing::{self, Bench},
};

/// Files of a folder, without its notes, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending != "md")).collect();
    files.sort();
    files
}

fn probe(file: &Path) -> Result<(Media, Frames), StageError> {
    let outputs = Bench::new("source.video").file("file", file).run()?;
    Ok((outputs.get("media"), outputs.get("frames")))
}

/// What ffprobe says of a stream, a line a packet or picture; none where ffprobe is not installed.
fn ffprobe(file: &Path, stream: usize, entries: &str) -> Option<Vec<Vec<String>>> {
    let stream = stream.to_string();
    let arguments = ["-v", "quiet", "-select_streams", &stream, "-show_entries", entries, "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(arguments).arg(file).output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty());
    Some(lines.map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

/// End of the last packet shown minus the time of the first picture, as ffprobe sees them.
fn seconds_by_ffprobe(file: &Path, stream: usize) -> Option<(f64, f64)> {
    let packets = ffprobe(file, stream, "packet=pts_time,duration_time,flags")?;
    let shown = packets.iter().filter(|packet| !packet[2].contains('D'));
    let end = shown.map(|packet| packet[0].parse::<f64>().unwrap() + packet[1].parse::<f64>().unwrap_or(0.0));
    let pictures = ffprobe(file, stream, "frame=best_effort_timestamp_time")?;
    let first = pictures[0][0].parse::<f64>().unwrap();
    Some((first, end.fold(f64::MIN, f64::max) - first))
}

#[test]
fn every_clip_is_as_long_as_ffprobe_says() {
    let Some(data) = testing::data() else { return };
    let mut clips = files(&data.join("videos"));
    let sound = ["mid_stream.ts", "duration.mkv", "edit_list.mp4", "90.mp4", "rate.mp4", "webm_named.mp4", "g.gif"];
    let odd = files(&data.join("bad_media"));
    clips.extend(odd.into_iter().filter(|file| sound.iter().any(|end| file.to_str().unwrap().ends_with(end))));
    assert!(clips.len() >= 16 + 6);
    for clip in clips {
        let (media, frames) = probe(&clip).unwrap();
        let Some((first, seconds)) = seconds_by_ffprobe(&clip, media.video.index) else { return };
        let found = (media.video.first_picture_seconds, media.seconds);
        assert!((found.0 - first).abs() < 2e-6, "{}: first picture at {found:?}, not {first}", clip.display());
        assert!((found.1 - seconds).abs() < 2e-6, "{}: {found:?} s, not {seconds}", clip.display());
        assert_eq!(frames.times.len(), frames.values.len());
        assert!(frames.times.is_sorted() && *frames.times.last().unwrap() < seconds);
    }
}

#[test]
fn streams_are_chosen_as_ffmpeg_does() {
    let Some(data) = testing::data() else { return };
    let chosen = |name: &str| {
        let (media, _) = probe(&data.join("videos").join(name)).unwrap();
        let audio = media.audio.map(|audio| (audio.index, audio.codec, audio.rate, audio.channels));
        (media.video.index, media.video.codec, (media.video.width, media.video.height), audio)
    };
    let aac = |index, rate| Some((index, "aac".to_owned(), rate, 2));
    assert_eq!(chosen("nasa_telescope.mp4"), (3, "h264".to_owned(), (480, 270), aac(1, 8000)));
    assert_eq!(chosen("steam_train.mp4"), (0, "h264".to_owned(), (720, 288), aac(1, 48000)));
    assert_eq!(chosen("film_dialogue.mp4"), (1, "h264".to_owned(), (640, 480), aac(0, 44100)));
    assert_eq!(chosen("city_night.mpg"), (0, "mpeg2video".to_owned(), (720, 405), None));
    assert_eq!(chosen("waterfall_portrait.mp4").2, (2160, 3840));
}

#[test]
fn a_turned_picture_is_described_as_it_is_shown() {
    let Some(data) = testing::data() else { return };
    let (media, _) = probe(&data.join("bad_media/rotated_90.mp4")).unwrap();
    assert_eq!((media.video.width, media.video.height, media.video.rotation_degrees), (1080, 1920, 90));
    assert_eq!(media.video.frames, 45);
}

#[test]
fn odd_files_pass_and_broken_ones_say_why() {
    let Some(data) = testing::data() else { return };
    let broken = [
        ("audio_only.mp4", "the input has no video stream, only sound"),
        ("one_frame.mp4", "only 0.04 s of picture could be decoded, at least 1.00 s are needed"),
        ("png_image.mp4", "only 0.04 s of picture could be decoded"),
        ("text_file.mp4", "the input is no video that libav can read"),
        ("truncated_no_moov.mp4", "the input is no video that libav can read"),
        ("zero_bytes.mp4", "the input is empty (0 bytes)"),
        ("zero_duration_header.mp4", "none of the 31 packets of the video stream gave a picture"),
    ];
    for file in files(&data.join("bad_media")) {
        let start = Instant::now();
        let result = probe(&file);
        assert!(start.elapsed().as_secs() < 10, "{}", file.display());
        let name = file.file_name().unwrap().to_str().unwrap();
        match (result, broken.iter().find(|(broken, _)| *broken == name)) {
            (Ok((media, frames)), None) => {
                assert!(media.seconds >= 1.0 && !frames.times.is_empty(), "{name}: {media:?}");
            }
            (Err(error), Some((_, text))) => {
                assert_eq!(error.class, FailureClass::Media);
                assert!(error.message.starts_with(text) && !error.message.contains('\n'), "{name}: {error}");
            }
            (result, _) => panic!("{name}: {result:?}"),
        }
    }
}

#[test]
fn a_name_that_is_not_utf8_is_a_name() {
    let Some(data) = testing::data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsString::from_vec(b"cl\xffip.mp4".to_vec());
    let copy = folder.path().join(name);
    fs::copy(data.join("bad_media/tiny_2x2.mp4"), &copy).unwrap();
    let (media, _) = probe(&copy).unwrap();
    assert_eq!((media.video.width, media.video.height, media.video.frames), (2, 2, 75));
}

#[test]
fn a_preview_decodes_its_part_and_knows_the_whole() {
    let Some(data) = testing::data() else { return };
    let clip = data.join("videos/montage_speech.mp4");
    let outputs = Bench::new("source.video").file("file", &clip).param("preview", 2.5).run().unwrap();
    let (media, frames): (Media, Frames) = (outputs.get("media"), outputs.get("frames"));
    assert_eq!(frames.times.len(), 63);
    assert!((media.seconds - 59.56).abs() < 1e-6 && media.preview_seconds == Some(2.5));
    assert!((media.scored_seconds() - 2.5).abs() < 1e-9);
    assert_eq!(media.video.frames, 1489);
}

#[test]
fn limits_are_kept_and_named() {
    let Some(data) = testing::data() else { return };
    let clip = data.join("videos/bikes_city.mp4");
    let refused = |name, value: serde_json::Value| {
        let error = Bench::new("source.video").file("file", &clip).param(name, value).run().err().unwrap();
        assert_eq!(error.class, FailureClass::Media);
        assert!(error.message.contains("limit"), "{error}");
        error.message
    };
    assert!(refused("max_bytes", 1000.into()).contains("509868 bytes"));
    assert!(refused("max_seconds", 5.into()).contains("lasts 10 s, over the limit of 5 s"));
    assert!(refused("max_side", 639.into()).contains("640x272"));
}

#[test]
fn damage_costs_the_same_pictures_every_time() {
    let Some(data) = testing::data() else { return };
    for name in ["videos/bikes_city.mp4", "bad_media/corrupt_middle.mp4", "bad_media/starts_mid_stream.ts"] {
        let digest = || {
            let outputs = Bench::new("source.video").file("file", &data.join(name)).run().unwrap();
            ["media", "frames"].map(|port| outputs.blobs(port)[0].digest)
        };
        let first = digest();
        for _ in 0..5 {
            assert_eq!(digest(), first, "{name}");
        }
    }
}
