//! All figures of an evaluation, as `metrics.json` has them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::obedience::Obedience;
use crate::metric::song::Defect;

type ByMeasure = BTreeMap<&'static str, Option<f64>>;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Metrics {
    pub(crate) pieces: usize,
    /// As many as these, the first, are compared with real songs in `overlap` and `ratio`.
    pub(crate) overlap_pieces: usize,
    pub(crate) bars: usize,
    /// Overlapping area with real test songs.
    pub(crate) overlap: ByMeasure,
    /// The same of real training songs.
    pub(crate) ceiling: ByMeasure,
    pub(crate) ratio: ByMeasure,
    pub(crate) ratio_mean: Option<f64>,
    pub(crate) ratio_min: Option<f64>,
    /// The weaker of within pieces (over phrases of four bars) and across; of mode the share that is as asked.
    pub(crate) obedience: BTreeMap<&'static str, Option<f64>>,
    /// Composed pieces that a musician would throw away.
    pub(crate) degenerate: usize,
    /// The longest run of melody or accompaniment that one training song has too; `copied` tells more.
    pub(crate) copied_max_beats: Option<f64>,
    pub(crate) midi: Vec<String>,
    pub(crate) ends_on_tonic: usize,
    pub(crate) degenerate_pieces: BTreeMap<String, Vec<Defect>>,
    /// Real stretches that the same test flags, and of how many.
    pub(crate) degenerate_real: (usize, usize),
    pub(crate) copied: Copying,
    pub(crate) obedience_detail: BTreeMap<&'static str, Obedience>,
    /// The same of real stretches, arranged and played as composed pieces are: what can be measured at best.
    pub(crate) obedience_real: BTreeMap<&'static str, Obedience>,
    /// Share of them whose mode is found as the song is marked.
    pub(crate) mode_real: Option<f64>,
    pub(crate) measures: BTreeMap<&'static str, Spread>,
    /// Every piece's value of each measure, in the order of `midi`.
    pub(crate) values: BTreeMap<&'static str, Vec<Option<f64>>>,
    pub(crate) sets: Vec<SetFigures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) knobs: Option<Value>,
}

/// Longest runs that pieces share with one training song, in beats; and real test stretches with them.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Copying {
    pub(crate) melody: f64,
    pub(crate) accompaniment: f64,
    pub(crate) real_melody: f64,
    pub(crate) real_accompaniment: f64,
    /// How many have a run of eight beats or more.
    pub(crate) over_8_beats: usize,
    pub(crate) real_over_8_beats: usize,
}

/// One measure over composed pieces and real ones.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) about: &'static str,
    pub(crate) mean: Option<f64>,
    pub(crate) deviation: f64,
    pub(crate) real_mean: Option<f64>,
    pub(crate) real_deviation: f64,
    /// 10, 25, 50, 75 and 90 % of the real ones.
    pub(crate) real_quantiles: [Option<f64>; 5],
    /// Kullback-Leibler divergence of the composed from the real, in nats, and of training songs from test songs.
    pub(crate) kl: Option<f64>,
    pub(crate) kl_ceiling: Option<f64>,
    /// Share of the composed pieces within the middle 80 % of the real ones.
    pub(crate) in_middle_80: Option<f64>,
    /// Share of the composed pieces that are over the real ones' 75th percentile.
    pub(crate) over_real_75: Option<f64>,
}

/// A row of the table of sets.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SetFigures {
    pub(crate) label: String,
    pub(crate) pieces: usize,
    pub(crate) overlap: ByMeasure,
    pub(crate) mean: ByMeasure,
    pub(crate) ratio_mean: Option<f64>,
    pub(crate) ratio_min: Option<f64>,
    pub(crate) worst: Option<&'static str>,
    pub(crate) degenerate: usize,
}
