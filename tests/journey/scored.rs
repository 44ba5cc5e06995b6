//! What a run left behind, read with independent readers: hound and ebur128, midly, ffprobe.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ebur128::{EbuR128, Mode};
use serde_json::Value;

/// A folder of results.
pub(crate) struct Scored {
    pub(crate) folder: PathBuf,
}

/// Of a sound file.
pub(crate) struct Loudness {
    pub(crate) frames: u64,
    pub(crate) integrated_lufs: f64,
    pub(crate) true_peak_dbtp: f64,
    /// Largest sample of the last 20 ms.
    pub(crate) tail_peak: f64,
}

/// A packet as ffprobe shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packet {
    /// Seconds.
    pub(crate) time: Option<f64>,
    pub(crate) duration: Option<f64>,
    pub(crate) bytes: u64,
    pub(crate) hash: String,
}

impl Scored {
    pub(crate) fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub(crate) fn run_json(&self) -> Value {
        serde_json::from_slice(&fs::read(self.folder.join("run.json")).unwrap()).unwrap()
    }

    /// Status of each stage by its name.
    pub(crate) fn statuses(&self) -> BTreeMap<String, String> {
        let run = self.run_json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        run["stages"].as_array().unwrap().iter().map(|stage| (text(&stage["name"]), text(&stage["status"]))).collect()
    }

    /// Digests of all results but run.json and what names the run itself.
    pub(crate) fn digests(&self) -> BTreeMap<String, String> {
        let run = self.run_json();
        let outputs = run["outputs"].as_object().unwrap();
        outputs.iter().map(|(path, digest)| (path.clone(), digest.as_str().unwrap().to_owned())).collect()
    }

    /// The scored video.
    pub(crate) fn video(&self) -> PathBuf {
        let videos = ["mp4", "mov", "mkv", "webm"];
        let is_video = |path: &PathBuf| path.extension().is_some_and(|ending| videos.iter().any(|v| ending == *v));
        let mut found: Vec<_> =
            fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).filter(is_video).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    pub(crate) fn loudness(&self, file: &str) -> Loudness {
        let mut reader = hound::WavReader::open(self.folder.join(file)).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 48_000, 24));
        let samples: Vec<f32> = reader.samples::<i32>().map(|sample| sample.unwrap() as f32 / 8_388_608.0).collect();
        let mut meter = EbuR128::new(2, 48_000, Mode::I | Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(&samples).unwrap();
        let peak = (0..2).map(|channel| meter.true_peak(channel).unwrap()).fold(0.0, f64::max);
        let tail = &samples[samples.len().saturating_sub(2 * 960)..];
        Loudness {
            frames: samples.len() as u64 / 2,
            integrated_lufs: meter.loudness_global().unwrap(),
            true_peak_dbtp: 20.0 * peak.log10(),
            tail_peak: tail.iter().fold(0.0, |peak, sample| f64::max(peak, f64::from(sample.abs()))),
        }
    }

    pub(crate) fn notes_in_midi(&self) -> usize {
        let bytes = fs::read(self.folder.join("score.mid")).unwrap();
        let smf = midly::Smf::parse(&bytes).unwrap();
        let is_note = |event: &&midly::TrackEvent| matches!(event.kind, midly::TrackEventKind::Midi { message: midly::MidiMessage::NoteOn { vel, .. }, .. } if vel > 0);
        smf.tracks.iter().flatten().filter(is_note).count()
    }
}

/// All packets of a stream, in the file's order.
pub(crate) fn packets(file: &Path, stream: &str) -> Vec<Packet> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_packets", "-show_data_hash", "md5", "-of", "json", "-select_streams", stream])
        .arg(file)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    let packet = |packet: &Value| Packet {
        time: number(&packet["pts_time"]).or_else(|| number(&packet["dts_time"])),
        duration: number(&packet["duration_time"]),
        bytes: packet["size"].as_str().unwrap().parse().unwrap(),
        hash: packet["data_hash"].as_str().unwrap_or_default().to_owned(),
    };
    json["packets"].as_array().map(|packets| packets.iter().map(packet).collect()).unwrap_or_default()
}

/// Codec type and name of each stream.
pub(crate) fn streams(file: &Path) -> Vec<(String, String)> {
    let output =
        Command::new("ffprobe").args(["-v", "error", "-show_streams", "-of", "json"]).arg(file).output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    json["streams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stream| (text(&stream["codec_type"]), text(&stream["codec_name"])))
        .collect()
}
