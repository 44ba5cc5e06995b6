//! Not tests of right or wrong: how fast the accompaniment is composed, and how much nearer guidance brings what is asked.
//! Both compose with the shipped weights and print JSON lines; `benches/` runs the first beside Hugging Face.

use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

use super::*;
use crate::{
    artifact::{Bar, BarConditions, Section, TempoMark},
    music::{Key, Mode},
    seed::Seed,
    testing::Bench,
};

const BPM: f64 = 96.0;

fn plan(bars: usize) -> CuePlan {
    let beat = 60.0 / BPM;
    let section = |first: usize| Section {
        name: ["a", "b", "a'"][first / 8 % 3].to_owned(),
        first_bar: first,
        bars: 8.min(bars - first),
    };
    CuePlan {
        key: Key::new(0, Mode::Major),
        tempo_map: vec![TempoMark { time: 0.0, bpm: BPM }],
        bars: (0..bars).map(|bar| Bar { start: 4.0 * beat * bar as f64, beats: 4 }).collect(),
        sections: (0..bars).step_by(8).map(section).collect(),
        end_seconds: 4.0 * beat * bars as f64,
        cuts: vec![],
        hits: vec![],
        notes: vec![],
    }
}

fn asked() -> BarConditions {
    BarConditions { valence: 0.2, arousal: 0.1, density: 12.0, dynamics: 70.0, register: 57.0, melody_density: 4.0 }
}

fn models() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("store/models")
}

/// A stage with the shipped weights.
fn bench(part: &str, plan: &CuePlan, asked: BarConditions, melody: bool, guidance: f64, seed: u64) -> Bench {
    let weights = models().join(format!("{part}.safetensors"));
    Bench::new(&format!("generate.{part}"))
        .file("weights", &weights)
        .file("original", &models().join("original.safetensors"))
        .file("mood_meter", &models().join("music_affect.safetensors"))
        .param("guidance", guidance)
        .seed(Seed::master(seed))
        .input("plan", plan)
        .input("conditions", &Conditions { bars: vec![asked; plan.bars.len()], melody, picture: vec![], notes: vec![] })
}

fn number(name: &str, default: f64) -> f64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The most memory that this process has had, in megabytes.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

#[test]
#[ignore = "a measurement; run it alone, in the release profile: BARS, CANDIDATES, DRAFTS and GUIDANCE say what"]
#[expect(clippy::print_stdout, reason = "it prints what it measures")]
fn speed_of_accompaniment() {
    let (bars, candidates) = (number("BARS", 48.0) as usize, number("CANDIDATES", 8.0) as usize);
    let guidance = number("GUIDANCE", 1.0);
    let plan = plan(bars);
    let stage = |part: &str| bench(part, &plan, asked(), true, guidance, 1);
    let chords: Chords = stage("chords").param("candidates", candidates).run().unwrap().get("chords");
    let melody: Notes = stage("melody").input("chords", &chords).run().unwrap().get("melody");
    let drafts = number("DRAFTS", 12.0) as usize;
    let accompaniment =
        stage("accompaniment").param("drafts", drafts).input("chords", &chords).input("melody", &melody);
    let (wall, processor) = (seconds(ClockId::Monotonic), seconds(ClockId::ProcessCPUTime));
    let outputs = accompaniment.run().unwrap();
    let (wall, processor) = (seconds(ClockId::Monotonic) - wall, seconds(ClockId::ProcessCPUTime) - processor);
    let takes = outputs.get::<Notes>("accompaniment").takes;
    let notes: usize = takes.iter().map(Vec::len).sum();
    let line = json!({
        "seconds_of_music": plan.end_seconds, "candidates": candidates, "drafts": drafts, "guidance": guidance,
        "notes": notes, "wall_seconds": wall, "processor_seconds": processor, "notes_a_second": notes as f64 / wall,
        "notes_a_processor_second": notes as f64 / processor, "peak_megabytes": peak_megabytes(),
    });
    println!("{line}");
}

/// What one channel is asked to be, all others held.
type Knob = (&'static str, [f32; 3], fn(&mut BarConditions, f32), fn(&[Note], usize) -> f64);

fn mean(notes: &[Note], of: fn(&Note) -> u8) -> f64 {
    notes.iter().map(|note| f64::from(of(note))).sum::<f64>() / notes.len() as f64
}

#[test]
#[ignore = "a measurement; run it alone, in the release profile; STEERING helps it"]
#[expect(clippy::print_stdout, reason = "it prints what it measures")]
fn obedience_by_guidance() {
    let knobs: [Knob; 4] = [
        ("density", [4.0, 12.0, 24.0], |row, to| row.density = to, |notes, bars| notes.len() as f64 / bars as f64),
        ("dynamics", [45.0, 70.0, 95.0], |row, to| row.dynamics = to, |notes, _| mean(notes, |note| note.velocity)),
        ("register", [48.0, 57.0, 66.0], |row, to| row.register = to, |notes, _| mean(notes, |note| note.pitch)),
        ("arousal", [-0.8, 0.0, 0.8], |row, to| row.arousal = to, |notes, bars| notes.len() as f64 / bars as f64),
    ];
    let plan = plan(16);
    let takes = |asked: BarConditions, guidance: f64| -> Vec<Vec<Note>> {
        let of_seed = |seed: u64| {
            let chords = bench("chords", &plan, asked, false, 1.0, seed).param("candidates", 8);
            let chords: Chords = chords.run().unwrap().get("chords");
            let stage = bench("accompaniment", &plan, asked, false, guidance, seed).input("chords", &chords);
            let stage = stage.param("steering", number("STEERING", 0.0)).param("recall", 0.0).param("drafts", 1);
            let silence = Notes::new(vec![vec![]; 8]);
            stage.input("melody", &silence).run().unwrap().get::<Notes>("accompaniment").takes
        };
        (1..=2).flat_map(of_seed).collect()
    };
    for guidance in [1.0, 1.5, 2.0, 3.0] {
        for (name, values, set, measure) in knobs {
            for value in values {
                let mut row = asked();
                set(&mut row, value);
                let found: Vec<f64> = takes(row, guidance).iter().map(|take| measure(take, 16)).collect();
                let mean = found.iter().sum::<f64>() / found.len() as f64;
                let off = found.iter().map(|found| (found - f64::from(value)).abs()).sum::<f64>() / found.len() as f64;
                let line = json!({"guidance": guidance, "knob": name, "asked": value, "found": mean, "off": off});
                println!("{line}");
            }
        }
    }
}
