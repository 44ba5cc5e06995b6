//! Muxing real clips, checked with ffprobe: pictures packet by packet, the sound's place, what else is kept.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::NamedTempFile;

use super::{Request, copy::Muxed, mux};
use crate::{
    artifact::Media,
    audio::{Encoding, RATE, WavWriter, frames_of, original},
    testing::{self, Bench},
};

/// Where the programme of these tests has its only sound, in seconds, and how long it is.
const BURST: (f64, f64) = (0.5, 0.05);

fn probe(file: &Path) -> Media {
    // The length is that of the whole file; pictures are decoded only as far as is needed to know the first.
    let outputs = Bench::new("source.video").file("file", file).param("preview", 0.5).run().unwrap();
    Media { preview_seconds: None, ..outputs.get("media") }
}

/// Silence with one burst of a tone, as long as the part of the picture that is scored.
fn programme(media: &Media) -> NamedTempFile {
    let frames = frames_of(media.scored_seconds());
    let (start, end) = (frames_of(BURST.0), frames_of(BURST.0 + BURST.1));
    let file = NamedTempFile::new().unwrap();
    let mut writer = WavWriter::new(file.as_file(), Encoding::Pcm24, frames).unwrap();
    let tone = |n: u64| if (start..end).contains(&n) { 0.5 * (n as f32 * 0.1).sin() } else { 0.0 };
    let block: Vec<_> = (0..end).map(|n| [tone(n); 2]).collect();
    writer.write(&block).unwrap();
    writer.finish().unwrap();
    file
}

fn muxed(clip: &Path, media: &Media) -> (Muxed, NamedTempFile) {
    let (programme, output) = (programme(media), NamedTempFile::new().unwrap());
    let request = Request { video: clip, media, programme: programme.path(), bit_rate: 128_000, output: output.path() };
    (mux(&request, |_| {}).unwrap(), output)
}

/// What ffprobe prints for some arguments, split into lines and fields; none where it is not installed.
fn ffprobe(file: &Path, arguments: &str) -> Option<Vec<Vec<String>>> {
    let arguments = arguments.split(' ').chain(["-v", "quiet", "-of", "csv=p=0"]);
    let output = Command::new("ffprobe").args(arguments).arg(file).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().map(|line| line.trim_end_matches(',').split(',').map(str::to_owned).collect());
    Some(lines.filter(|line: &Vec<String>| line.iter().any(|field| !field.is_empty())).collect())
}

/// A packet of picture.
#[derive(Debug)]
struct Picture {
    seconds: Option<f64>,
    size: String,
    flags: String,
    hash: String,
}

/// The packets of each video stream, in the order of the streams.
fn pictures(file: &Path) -> Option<Vec<Vec<Picture>>> {
    let entries = "-select_streams v -show_packets -show_data_hash MD5 \
                   -show_entries packet=stream_index,pts_time,size,flags,data_hash";
    let mut streams: BTreeMap<String, Vec<Picture>> = BTreeMap::new();
    let mut last = String::new();
    for line in ffprobe(file, entries)? {
        // Side data makes ffprobe break the line: the hash comes alone on the next.
        let hash = line.iter().find(|field| field.starts_with("MD5:")).cloned();
        if !line[0].is_empty() {
            let [stream, time, size, flags] = line.first_chunk().unwrap().clone();
            last.clone_from(&stream);
            let picture = Picture { seconds: time.parse().ok(), size, flags, hash: String::new() };
            streams.entry(stream).or_default().push(picture);
        }
        if let (Some(hash), Some(picture)) = (hash, streams.get_mut(&last).and_then(|stream| stream.last_mut())) {
            picture.hash = hash;
        }
    }
    Some(streams.into_values().collect())
}

/// First and last moment of the sound that is heard.
fn sound_span(file: &Path) -> (f64, f64) {
    let frames = ffprobe(file, "-select_streams a -show_frames -show_entries frame=pts_time,nb_samples").unwrap();
    let number = |line: &[String], field: usize| line[field].parse::<f64>().unwrap();
    let last = frames.last().unwrap();
    (number(&frames[0], 0), number(last, 0) + number(last, 1) / f64::from(RATE))
}

/// How far the burst is from where it belongs, by decoding the output onto the picture's clock.
fn burst_off(file: &Path) -> f64 {
    let media = probe(file);
    let sound = original::decode(file, &media, RATE).unwrap();
    let start = sound.iter().position(|frame| frame[0].abs() > 0.1).unwrap();
    start as f64 / f64::from(RATE) - BURST.0
}

/// Checks one clip; says what is wrong with it.
fn check(clip: &Path, ending: &str, same_bytes: bool) -> Result<(), String> {
    let media = probe(clip);
    let (muxed, output) = muxed(clip, &media);
    if muxed.container.ending() != ending {
        return Err(format!("{:?} instead of {ending}: {:?}", muxed.container, muxed.warnings));
    }
    let (before, after) = (pictures(clip).unwrap(), pictures(output.path()).unwrap());
    let tolerance = if muxed.container.has_edit_lists() { 2e-6 } else { 0.00051 };
    if before.len() != after.len() {
        return Err(format!("{} video streams became {}", before.len(), after.len()));
    }
    for (before, after) in before.iter().zip(&after) {
        same_pictures(before, after, tolerance, same_bytes)?;
    }
    let (start, end) = sound_span(output.path());
    let near = media.frame_seconds().max(1024.0 / f64::from(RATE));
    let picture = media.video.first_picture_seconds;
    if (start - picture).abs() >= near || (end - picture - media.seconds).abs() >= near {
        let picture_end = picture + media.seconds;
        return Err(format!("sound from {start} to {end}, picture from {picture} to {picture_end}"));
    }
    let off = burst_off(output.path());
    if off.abs() > 0.002 { Err(format!("the sound is {off} s late")) } else { Ok(()) }
}

fn same_pictures(before: &[Picture], after: &[Picture], tolerance: f64, same_bytes: bool) -> Result<(), String> {
    if before.len() != after.len() {
        return Err(format!("{} packets became {}", before.len(), after.len()));
    }
    for (number, (old, new)) in before.iter().zip(after).enumerate() {
        let same_time = match (old.seconds, new.seconds) {
            (Some(old), Some(new)) => (old - new).abs() <= tolerance,
            (old, _) => old.is_none(),
        };
        let cut_away = |picture: &Picture| picture.flags.contains('D');
        let same = (old.size == new.size && old.hash == new.hash) || !same_bytes;
        if !same_time || !same || cut_away(old) != cut_away(new) {
            return Err(format!("packet {number}: {old:?} became {new:?}"));
        }
    }
    Ok(())
}

fn check_all(folder: &str, cases: &[(&str, &str)]) {
    let Some(data) = testing::data() else { return };
    if ffprobe(Path::new("none"), "-version").is_none() {
        return;
    }
    let clip = |name: &str| data.join(folder).join(name);
    // Matroska has no start codes: from a transport stream the same units come out in other packing.
    let same_bytes = |name: &str| Path::new(name).extension() != Some("ts".as_ref());
    let check = |(name, ending): &(&str, &str)| {
        check(&clip(name), ending, same_bytes(name)).err().map(|error| format!("{name}: {error}"))
    };
    let wrong: Vec<String> = cases.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_clip_keeps_its_pictures_and_gets_its_sound() {
    let Some(data) = testing::data() else { return };
    let files: Vec<PathBuf> = fs::read_dir(data.join("videos")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let names = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap());
    let cases: Vec<_> =
        names.filter(|name| Path::new(name).extension() != Some("md".as_ref())).map(|name| (name, "mp4")).collect();
    assert_eq!(cases.len(), 16);
    check_all("videos", &cases);
}

#[test]
fn odd_files_keep_their_pictures_and_get_their_sound() {
    let cases = [
        ("rotated_90.mp4", "mp4"),
        ("starts_mid_stream.ts", "mkv"),
        ("variable_frame_rate.mp4", "mp4"),
        ("no_duration.mkv", "mkv"),
        ("zero_duration_no_edit_list.mp4", "mp4"),
        ("looping.gif", "mkv"),
        ("webm_named.mp4", "webm"),
        ("tiny_2x2.mp4", "mp4"),
        ("corrupt_middle.mp4", "mp4"),
        ("truncated_after_moov.mp4", "mp4"),
        ("all_black.mp4", "mp4"),
    ];
    check_all("bad_media", &cases);
}

#[test]
fn a_preview_takes_its_part_and_the_same_bytes_come_twice() {
    let Some(data) = testing::data() else { return };
    let clip = data.join("videos/bikes_city.mp4");
    let media = Media { preview_seconds: Some(2.0), ..probe(&clip) };
    let (first, second) = (muxed(&clip, &media).1, muxed(&clip, &media).1);
    assert!(fs::read(first.path()).unwrap() == fs::read(second.path()).unwrap());
    let Some(streams) = pictures(first.path()) else { return };
    let shown = streams[0].iter().filter(|picture| picture.seconds.is_some_and(|seconds| seconds < 2.0 - 1e-6));
    assert_eq!(shown.count(), 50);
    assert!(streams[0].len() <= 50 + 3, "{}", streams[0].len());
    assert!((sound_span(first.path()).1 - 2.0).abs() < 0.04);
}
