//! Condition dropout: windows that are trained without what is asked, or without one channel of it, so that a model also
//! knows what music is like when nothing is asked, and no channel hides behind another.

use tch::{Device, Kind, Tensor};

use super::{condition::channel_of_feature, piece::CHANNELS};

/// Numbers that a lesson draws for each window: one for all channels together, one for each.
pub(super) const DICE: usize = CHANNELS.len() + 1;

pub(super) struct Dropping {
    share: f64,
    channel_of_feature: Tensor,
}

impl Dropping {
    /// For rows of `width` features.
    pub(super) fn new(device: Device, share: f64, width: i64) -> Self {
        Self { share, channel_of_feature: Tensor::from_slice(&channel_of_feature(width)).to_device(device) }
    }

    /// Features `[batch, beats, width]` with those put out whose number (`[batch, DICE]`, 0..1) lies under the share.
    pub(super) fn apply(&self, features: &Tensor, dice: &Tensor, train: bool) -> Tensor {
        if !train || self.share <= 0.0 {
            return features.shallow_clone();
        }
        let dropped = dice.lt(self.share);
        let all = dropped.narrow(1, 0, 1);
        let channels = dropped.narrow(1, 1, CHANNELS.len() as i64).logical_or(&all);
        let kept = Tensor::cat(&[channels, all.zeros_like(), all], 1).logical_not().to_kind(Kind::Float);
        features * kept.index_select(1, &self.channel_of_feature).unsqueeze(1)
    }
}
