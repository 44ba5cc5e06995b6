//! mix.bed on a bench: lengths, loudness, silence, ducking.

use serde_json::{Value, json};

use super::*;
use crate::{
    artifact::{Artifact, ArtifactError, AudioStream, Report, Role, ScoreTrack, TempoMark, Track, VideoStream},
    audio::{Encoding, WavWriter},
    digest::Digest,
    music::{Key, Mode},
    testing::{Bench, Outputs},
};

/// A sound as it lies in the store.
struct Sound(Vec<u8>);

impl Artifact for Sound {
    const KIND: Kind = Kind::Audio;

    fn to_bytes(&self) -> Vec<u8> {
        self.0.clone()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        Ok(Self(bytes.to_vec()))
    }
}

fn stem(amplitude: f32, seconds: f64) -> Sound {
    let frames = audio::frames_of(seconds);
    let mut bytes = Vec::new();
    let mut writer = WavWriter::new(&mut bytes, Encoding::Float32, frames).unwrap();
    let tone: Vec<audio::Frame> = (0..frames).map(|n| [amplitude * (n as f32 * 0.05).sin(); 2]).collect();
    writer.write(&tone).unwrap();
    writer.finish().unwrap();
    Sound(bytes)
}

fn media(seconds: f64, audio: Option<AudioStream>) -> Media {
    let video = VideoStream {
        index: 0,
        codec: "h264".to_owned(),
        width: 16,
        height: 16,
        rotation_degrees: 0,
        frame_rate: (25, 1),
        first_picture_seconds: 0.0,
        frames: 25,
    };
    let container = "mov,mp4,m4a,3gp,3g2,mj2".to_owned();
    Media { digest: Digest::of(b"clip"), bytes: 4, container, video, audio, seconds, preview_seconds: None }
}

fn score(seconds: f64) -> Score {
    let track = ScoreTrack {
        name: "piano".to_owned(),
        role: Role::Melody,
        channel: 0,
        program: 0,
        gain_db: 0.0,
        pan: 0.0,
        room: 0.3,
        notes: vec![],
        controls: vec![],
    };
    Score {
        key: Key { tonic: 0, mode: Mode::Major },
        tempo_map: vec![TempoMark { time: 0.0, bpm: 120.0 }],
        bar_beats: vec![4],
        tracks: vec![track],
        markers: vec![],
        end_seconds: seconds,
        end_ticks: 960,
        notes: vec![],
    }
}

fn mixed(media: &Media, stem: &Sound) -> Outputs {
    let score = score(media.seconds);
    let bench = Bench::new("mix.bed").input("media", media).input("speech", &nobody());
    bench.input("score", &score).input("stems", stem).run().unwrap()
}

/// A speech track in which nobody speaks.
fn nobody() -> Track {
    Track { channels: ["speech", "level"].map(str::to_owned).to_vec(), rows_per_second: 10.0, rows: vec![] }
}

#[test]
fn music_is_as_long_and_loud_as_asked_and_is_the_programme_of_a_mute_video() {
    let outputs = mixed(&media(2.015, None), &stem(0.02, 2.015));
    let report: Report = outputs.get("report");
    let value = |name: &str| report.values[name].as_f64().unwrap();
    assert!((value("music_lufs") + 16.0).abs() < 1.0, "{report:?}");
    assert!(value("music_true_peak_dbtp") <= -1.0, "{report:?}");
    assert!(report.values["original_lufs"].is_null());
    assert_eq!(report.values["music_loudness_curve"].as_array().unwrap().len(), 2);
    assert_eq!(outputs.blobs("music")[0].digest, outputs.blobs("programme")[0].digest);
    let music: Sound = outputs.get("music");
    assert_eq!(music.0.len(), 44 + 6 * 96_720);
    assert!(music.0[music.0.len() - 6 * 960..].iter().all(|byte| *byte == 0), "the last 20 ms are silent");
}

#[test]
fn silent_music_stays_silent_and_says_so() {
    let report: Report = mixed(&media(1.0, None), &stem(0.0, 1.0)).get("report");
    assert_eq!(report.values["warnings"], json!(["the music is silent"]));
    assert_eq!(report.values["music_lufs"], json!(-70.0));
}

/// A clip under a stem; `change` sets parameters.
fn scored(clip: &str, stem: &Sound, seconds: f64, change: impl Fn(Bench) -> Bench) -> Option<Outputs> {
    let path = crate::testing::data()?.join("videos").join(clip);
    let outputs = Bench::new("source.video").file("file", &path).param("preview", seconds).run().unwrap();
    let media: Media = outputs.get("media");
    let bench = Bench::new("feature.speech").file("clip", &path).input("media", &media);
    let speech: Track = bench.run().unwrap().get("speech");
    let bench = Bench::new("mix.bed").file("clip", &path).input("media", &media).input("speech", &speech);
    let bench = bench.input("score", &score(media.scored_seconds())).input("stems", stem);
    Some(change(bench).run().unwrap())
}

fn number(report: &Report, name: &str) -> f64 {
    report.values[name].as_f64().unwrap()
}

#[test]
fn a_silent_track_is_not_brought_up_and_a_quiet_one_is() {
    let short = |clip| scored(clip, &stem(0.1, 4.0), 4.0, |bench| bench);
    let (Some(silent), Some(quiet)) = (short("car_park.mp4"), short("film_dialogue.mp4")) else { return };
    assert_eq!(silent.blobs("music")[0].digest, silent.blobs("programme")[0].digest);
    let report: Report = silent.get("report");
    assert!(report.values["original_lufs"].is_null());
    assert_ne!(quiet.blobs("music")[0].digest, quiet.blobs("programme")[0].digest);
    let report: Report = quiet.get("report");
    assert!(number(&report, "original_lufs") < -20.0);
    assert!((number(&report, "programme_lufs") + 16.0).abs() < 1.0, "{:?}", report.values);
    assert!(number(&report, "programme_true_peak_dbtp") <= -1.0, "{:?}", report.values);
}

/// Short-term loudness (3 s) of a stored sound at the end of each tenth of a second; none before 3 s.
fn short_term(path: &Path) -> Vec<f64> {
    let mut reader = hound::WavReader::open(path).unwrap();
    let samples: Vec<f32> = reader.samples::<i32>().map(|sample| sample.unwrap() as f32 / 8_388_608.0).collect();
    let mut ebu = ebur128::EbuR128::new(2, RATE, ebur128::Mode::S).unwrap();
    let piece = |piece: &[f32]| {
        ebu.add_frames_f32(piece).unwrap();
        ebu.loudness_shortterm().unwrap()
    };
    samples.chunks(2 * RATE as usize / 10).map(piece).collect()
}

/// Speech lasts from 10.0 to 21.3 s and from 35.0 to 47.8 s.
const SPEECH: [(f64, f64); 2] = [(10.0, 21.3), (35.0, 47.8)];

/// Windows of 3 s that end at these seconds and hold nothing else.
fn mean(curve: &[f64], from: f64, to: f64) -> f64 {
    let rows = &curve[((from + 3.0) * 10.0) as usize..(to * 10.0) as usize];
    rows.iter().sum::<f64>() / rows.len() as f64
}

#[test]
fn in_the_montage_music_steps_back_under_speech_and_comes_back() {
    let Some(outputs) = scored("montage_speech.mp4", &stem(0.1, 59.6), 60.0, |bench| bench) else { return };
    let curve = short_term(&outputs.path("ducked"));
    for (from, to) in SPEECH {
        let under = mean(&curve, from, to);
        let beside = [mean(&curve, from - 8.0, from - 0.5), mean(&curve, to + 1.5, to + 10.0)];
        for beside in beside {
            assert!(beside - under >= 8.0, "{under} LUFS under speech, {beside} beside");
        }
    }
    let report: Report = outputs.get("report");
    let duck: Vec<f64> = report.values["duck_curve_db"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    for (from, to) in SPEECH {
        // Each row looks back over 0.4 s, so that 1.5 s are over 1.9 s after the last word.
        let back = duck[((to + 1.9) * 5.0) as usize];
        assert!(back < 1.0, "{back} dB are missing 1.5 s after {to} s");
        assert!(duck[(from * 5.0) as usize - 3].abs() < 0.5, "whole until {from} s");
        let lasting = &duck[((from + 0.8) * 5.0) as usize..(to * 5.0) as usize - 1];
        assert!(lasting.iter().all(|lowered| *lowered >= 6.0), "{lasting:?}");
    }
    assert!((number(&report, "programme_lufs") + 16.0).abs() <= 1.0, "{}", report.summary);
    assert!(number(&report, "programme_true_peak_dbtp") <= -1.0, "{}", report.summary);
}

#[test]
fn presets_and_parameters_say_how_far_the_music_goes() {
    let depth = |name: &'static str, value: Value| {
        let change = move |bench: Bench| bench.param(name, value.clone());
        let outputs = scored("montage_speech.mp4", &stem(0.1, 16.0), 16.0, change)?;
        let report: Report = outputs.get("report");
        Some((number(&report, "ducked_db"), report))
    };
    let Some((talk, report)) = depth("mix", json!("talk")) else { return };
    let (montage, _) = depth("mix", json!("montage")).unwrap();
    let (first, _) = depth("mix", json!("music-first")).unwrap();
    assert!(talk > montage + 1.0 && montage > first + 2.0, "{talk} {montage} {first}");
    assert!(report.summary.contains("dB lower under"), "{}", report.summary);
    let (deep, _) = depth("duck", json!(15)).unwrap();
    assert!((deep - 15.0).abs() < 2.0, "{deep}");
    let kept = scored("montage_speech.mp4", &stem(0.1, 16.0), 16.0, |bench| bench.param("original_sound", "keep"));
    let report: Report = kept.unwrap().get("report");
    assert!(!report.values.contains_key("ducked_db"), "keep leaves the music as it is");
}

#[test]
fn fades_and_room_are_turned_by_parameters() {
    let head = |name: &str, value: f64| {
        let (media, score, stem) = (media(8.0, None), score(8.0), stem(0.02, 8.0));
        let bench = Bench::new("mix.bed").input("media", &media).input("speech", &nobody()).input("score", &score);
        let outputs = bench.input("stems", &stem).param(name, value).run().unwrap();
        let bytes = fs::read(outputs.path("music")).unwrap();
        let samples: Vec<i32> =
            hound::WavReader::new(bytes.as_slice()).unwrap().samples().map(Result::unwrap).collect();
        let peak = |span: std::ops::Range<usize>| samples[span].iter().map(|sample| sample.abs()).max().unwrap();
        (peak(0..9600), peak(300_000..309_600), peak(700_000..709_600))
    };
    let (first, middle, _) = head("fade_in", 1.0);
    assert!(f64::from(first) < 0.1 * f64::from(middle), "{first} {middle}");
    let (first, middle, last) = head("fade_out", 2.0);
    assert!(first > middle / 2 && f64::from(last) < 0.9 * f64::from(middle), "{first} {middle} {last}");
    assert_ne!(head("room", 0.0).1, head("room", 2.0).1);
}
