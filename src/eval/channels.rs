//! What can be asked of a bar and heard in it.

use super::played::Heard;
use crate::artifact::BarConditions;

pub(super) struct Channel {
    pub(super) name: &'static str,
    /// From what people would call little to what they would call much.
    pub(super) turn: f64,
    pub(super) asked: fn(&BarConditions) -> f32,
    pub(super) ask: fn(&mut BarConditions, f32),
    pub(super) heard: fn(&Heard) -> Option<f64>,
    /// Five steps over what songs are, for a knob that is turned alone.
    pub(super) steps: [f32; 5],
}

pub(super) const CHANNELS: [Channel; 6] = [
    Channel {
        name: "density",
        turn: 20.0,
        asked: |bar| bar.density,
        ask: |bar, to| bar.density = to,
        heard: |heard| heard.density,
        steps: [5.0, 9.0, 13.0, 17.0, 21.0],
    },
    Channel {
        name: "dynamics",
        turn: 50.0,
        asked: |bar| bar.dynamics,
        ask: |bar, to| bar.dynamics = to,
        heard: |heard| heard.dynamics,
        steps: [50.0, 60.0, 70.0, 80.0, 90.0],
    },
    Channel {
        name: "register",
        turn: 20.0,
        asked: |bar| bar.register,
        ask: |bar, to| bar.register = to,
        heard: |heard| heard.register,
        steps: [49.0, 53.0, 57.0, 61.0, 65.0],
    },
    Channel {
        name: "melody_density",
        turn: 10.0,
        asked: |bar| bar.melody_density,
        ask: |bar, to| bar.melody_density = to,
        heard: |heard| heard.melody_density,
        steps: [1.0, 3.0, 5.0, 7.0, 9.0],
    },
    Channel {
        name: "arousal",
        turn: 2.0,
        asked: |bar| bar.arousal,
        ask: |bar, to| bar.arousal = to,
        heard: |heard| heard.arousal,
        steps: [-0.8, -0.4, 0.0, 0.4, 0.8],
    },
    Channel {
        name: "valence",
        turn: 2.0,
        asked: |bar| bar.valence,
        ask: |bar, to| bar.valence = to,
        heard: |heard| heard.valence,
        steps: [-0.8, -0.4, 0.0, 0.4, 0.8],
    },
];
