//! EfficientNet-Lite0: EfficientNet-B0 (Tan and Le 2019) without squeeze-and-excitation and with `ReLU6`.

use std::path::Path;

use tch::{Device, Kind, Tensor, no_grad};

use super::{
    block::{Block, Convolution, Shape, relu6},
    tensors::{self, NetworkFileError, Tensors},
};

const EXPECTED: &str = "the safetensors file of an EfficientNet-Lite0, which ships with cuesmith in store/models";
/// Pooled features and the classes of `ImageNet`.
pub(super) const FEATURES: i64 = 1280;
pub(super) const CLASSES: i64 = 1000;

/// Groups of blocks: how many, side of the filters, stride of the first, widening, channels that come out.
const GROUPS: [(usize, i64, i64, i64, i64); 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];
const STEM: i64 = 32;

pub(crate) struct EfficientNet {
    stem: Convolution,
    blocks: Vec<Block>,
    head: Convolution,
    classifier: (Tensor, Tensor),
    device: Device,
}

/// What the network says of some pictures, a row each.
pub(super) struct Seen {
    /// Means over the picture after the last convolution.
    pub(super) features: Tensor,
    /// Before softmax.
    pub(super) logits: Tensor,
}

impl EfficientNet {
    pub(crate) fn load(path: &Path, device: Device) -> Result<Self, NetworkFileError> {
        let bytes = tensors::read(path, EXPECTED)?;
        let tensors = Tensors::new(path, &bytes, device, EXPECTED)?;
        let plain = |from, to, side, stride| Shape { from, to, side, stride, by_channel: false };
        let stem = Convolution::read(&tensors, "_conv_stem", "_bn0", plain(3, STEM, 3, 2))?;
        let (mut blocks, mut from) = (Vec::new(), STEM);
        for (count, side, stride, widening, to) in GROUPS {
            for place in 0..count {
                let shape = plain(from, to, side, if place == 0 { stride } else { 1 });
                blocks.push(Block::read(&tensors, blocks.len(), widening, shape)?);
                from = to;
            }
        }
        let head = Convolution::read(&tensors, "_conv_head", "_bn1", plain(from, FEATURES, 1, 1))?;
        let classifier = (tensors.get("_fc.weight", &[CLASSES, FEATURES])?, tensors.get("_fc.bias", &[CLASSES])?);
        Ok(Self { stem, blocks, head, classifier, device })
    }

    /// Of pictures as bytes: pictures x 3 x 224 x 224, RGB.
    pub(super) fn look(&self, pictures: &Tensor) -> Seen {
        no_grad(|| {
            let scaled = (pictures.to_device(self.device).to_kind(Kind::Float) - 127.0) / 128.0;
            let stem = relu6(&self.stem.forward(&scaled));
            let x = self.blocks.iter().fold(stem, |x, block| block.forward(&x));
            let features = relu6(&self.head.forward(&x)).mean_dim([2_i64, 3].as_slice(), false, Kind::Float);
            let logits = features.linear(&self.classifier.0, Some(&self.classifier.1));
            Seen { features, logits }
        })
    }
}

#[cfg(test)]
mod tests {
    use half::f16;
    use safetensors::SafeTensors;

    use super::*;
    use crate::testing;

    fn network() -> EfficientNet {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models/efficientnet_lite0.safetensors");
        EfficientNet::load(&path, Device::Cpu).unwrap()
    }

    fn floats(tensors: &SafeTensors, name: &str) -> Tensor {
        let view = tensors.tensor(name).unwrap();
        let values: Vec<f32> = match view.dtype() {
            safetensors::Dtype::F16 => {
                view.data().chunks_exact(2).map(|two| f16::from_le_bytes(two.try_into().unwrap()).to_f32()).collect()
            }
            _ => view.data().chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect(),
        };
        Tensor::from_slice(&values).view(view.shape().iter().map(|side| *side as i64).collect::<Vec<_>>().as_slice())
    }

    #[test]
    fn the_shipped_network_gives_what_the_reference_gives() {
        let Some(data) = testing::data() else { return };
        let bytes = std::fs::read(data.join("efficientnet_lite0/reference.safetensors")).unwrap();
        let reference = SafeTensors::deserialize(&bytes).unwrap();
        let seen = network().look(&floats(&reference, "input_rgb_0_255"));
        for (name, found) in [("pooled", seen.features), ("logits", seen.logits)] {
            let expected = floats(&reference, name);
            let error = f64::try_from((&found - &expected).norm() / expected.norm()).unwrap();
            let farthest = f64::try_from((found - &expected).abs().max() / expected.abs().max()).unwrap();
            assert!(error < 1e-3 && farthest < 1e-3, "{name}: {error:e}, at most {farthest:e}");
        }
    }

    #[test]
    fn other_files_are_no_network() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models");
        let refused = |file: &str| EfficientNet::load(&models.join(file), Device::Cpu).err().unwrap().to_string();
        assert!(refused("chords.safetensors").contains("_conv_stem.weight"), "{}", refused("chords.safetensors"));
        assert!(refused("none.safetensors").contains("ships with cuesmith"));
        assert!(refused("chords.md").contains("expected the safetensors file of an EfficientNet-Lite0"));
    }
}
