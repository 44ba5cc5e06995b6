//! How much of a hostile or merely huge input is taken. The values are parameters of `source.video`.

use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(crate) struct VideoLimits {
    pub(crate) max_bytes: u64,
    pub(crate) max_seconds: f64,
    /// Pixels of the longer side.
    pub(crate) max_side: u32,
    /// Share of the packets that may fail to decode, 0..1.
    pub(crate) max_error_share: f64,
    /// Packets in a row that may give no picture.
    pub(crate) max_silent_packets: u64,
    /// Less decoded picture than this is an error.
    pub(crate) min_seconds: f64,
}

impl Default for VideoLimits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 37,
            max_seconds: 4.0 * 3600.0,
            max_side: 8192,
            max_error_share: 0.9,
            max_silent_packets: 2000,
            min_seconds: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node;

    #[test]
    fn the_node_describes_the_same_defaults() {
        let params = node::find("source.video").unwrap().params.iter();
        let text = params.filter_map(|param| Some(format!("{:?}: {}", param.name, param.default?)));
        let described: VideoLimits =
            serde_json::from_str(&format!("{{{}}}", text.collect::<Vec<_>>().join(", "))).unwrap();
        assert_eq!(described, VideoLimits::default());
    }
}
