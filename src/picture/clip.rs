//! CLIP's vision tower (Radford et al. 2021) from a user's own file in the Hugging Face layout: a vision transformer, and the
//! projection to what it has in common with words. No weights of it ship.

use std::path::Path;

use serde::Deserialize;
use tch::{Device, Kind, Tensor, no_grad};

use super::tensors::{self, NetworkFileError, Tensors};

const EXPECTED: &str = "the model.safetensors and config.json of a CLIP vision model from Hugging Face";
/// Means and deviations of red, green and blue, 0..1, that all CLIP models are trained with.
const MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const DEVIATION: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];
const COLORS: i64 = 3;
/// More than any published model has.
const MOST: i64 = 16_384;

/// `config.json` of a vision tower; that of a whole model has it as `vision_config`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Tower {
    #[serde(default = "base::width")]
    hidden_size: i64,
    #[serde(default = "base::inner")]
    intermediate_size: i64,
    #[serde(default = "base::layers")]
    num_hidden_layers: i64,
    #[serde(default = "base::layers")]
    num_attention_heads: i64,
    #[serde(default = "base::side")]
    image_size: i64,
    #[serde(default = "base::patch")]
    patch_size: i64,
    #[serde(default = "base::projection")]
    projection_dim: i64,
    #[serde(default = "base::epsilon")]
    layer_norm_eps: f64,
    #[serde(default)]
    hidden_act: Activation,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Activation {
    #[default]
    QuickGelu,
    Gelu,
}

/// What a config leaves out is that of ViT-B/32.
mod base {
    pub(super) fn width() -> i64 {
        768
    }
    pub(super) fn inner() -> i64 {
        3072
    }
    pub(super) fn layers() -> i64 {
        12
    }
    pub(super) fn side() -> i64 {
        224
    }
    pub(super) fn patch() -> i64 {
        32
    }
    pub(super) fn projection() -> i64 {
        512
    }
    pub(super) fn epsilon() -> f64 {
        1e-5
    }
}

pub(crate) struct Clip {
    tower: Tower,
    class: Tensor,
    patches: Tensor,
    places: Tensor,
    before: Norm,
    layers: Vec<Layer>,
    after: Norm,
    projection: Tensor,
    device: Device,
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

struct Linear {
    weight: Tensor,
    bias: Tensor,
}

struct Layer {
    before_attention: Norm,
    /// Queries, keys, values.
    attention: [Linear; 3],
    out: Linear,
    before_inner: Norm,
    inner: [Linear; 2],
}

impl Clip {
    pub(crate) fn load(path: &Path, config: &Path, device: Device) -> Result<Self, NetworkFileError> {
        let tower = Tower::load(config)?;
        let bytes = tensors::read(path, EXPECTED)?;
        let file = Tensors::new(path, &bytes, device, EXPECTED)?;
        let (width, grid) = (tower.hidden_size, tower.image_size / tower.patch_size);
        let norm = |name: &str| Norm::read(&file, &format!("vision_model.{name}"), width, tower.layer_norm_eps);
        let patch = [width, COLORS, tower.patch_size, tower.patch_size];
        Ok(Self {
            class: file.get("vision_model.embeddings.class_embedding", &[width])?,
            patches: file.get("vision_model.embeddings.patch_embedding.weight", &patch)?,
            places: file.get("vision_model.embeddings.position_embedding.weight", &[grid * grid + 1, width])?,
            before: norm("pre_layrnorm")?,
            layers: (0..tower.num_hidden_layers)
                .map(|layer| Layer::read(&file, layer, &tower))
                .collect::<Result<_, _>>()?,
            after: norm("post_layernorm")?,
            projection: file.get("visual_projection.weight", &[tower.projection_dim, width])?,
            tower,
            device,
        })
    }

    /// Numbers of an embedding.
    pub(super) fn width(&self) -> usize {
        self.tower.projection_dim as usize
    }

    /// Embeddings of pictures as bytes: pictures x 3 x side x side, RGB.
    pub(super) fn look(&self, pictures: &Tensor) -> Tensor {
        no_grad(|| self.embed(&self.prepared(&pictures.to_device(self.device).to_kind(Kind::Float))).0)
    }

    /// Brought to the size and the colors that it was trained with.
    fn prepared(&self, pictures: &Tensor) -> Tensor {
        let side = self.tower.image_size;
        let color = |values: [f32; 3]| Tensor::from_slice(&values).view([1, COLORS, 1, 1]).to_device(self.device);
        let sized = if pictures.size()[2] == side {
            pictures.shallow_clone()
        } else {
            pictures.internal_upsample_bicubic2d_aa([side, side], false, None, None).clamp(0.0, 255.0)
        };
        (sized / 255.0 - color(MEAN)) / color(DEVIATION)
    }

    /// The embeddings, and all places after the last layer.
    fn embed(&self, prepared: &Tensor) -> (Tensor, Tensor) {
        let (count, width) = (prepared.size()[0], self.tower.hidden_size);
        let patch = self.tower.patch_size;
        let patches = prepared.conv2d(&self.patches, None::<Tensor>, [patch, patch], [0, 0], [1, 1], 1);
        let patches = patches.flatten(2, 3).transpose(1, 2);
        let class = self.class.view([1, 1, width]).expand([count, 1, width], false);
        let places = Tensor::cat(&[class, patches], 1) + self.places.unsqueeze(0);
        let seen = self.layers.iter().fold(self.before.forward(&places), |x, layer| layer.forward(&x, &self.tower));
        let pooled = self.after.forward(&seen.select(1, 0));
        (pooled.linear(&self.projection, None::<Tensor>), seen)
    }
}

impl Tower {
    fn load(path: &Path) -> Result<Self, NetworkFileError> {
        let malformed = |reason: String| NetworkFileError::Malformed {
            path: path.display().to_string(),
            reason,
            expected: EXPECTED,
        };
        let bytes = tensors::read(path, EXPECTED)?;
        let written: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        let mut tower = match written.get("vision_config") {
            Some(tower) => tower.clone(),
            None => written.clone().into(),
        };
        // The projection of a whole model stands outside; the tower's own is a default that means nothing.
        if let (Some(tower), Some(width)) = (tower.as_object_mut(), written.get("projection_dim")) {
            tower.insert("projection_dim".to_owned(), width.clone());
        }
        let tower: Self = serde_json::from_value(tower).map_err(|error| malformed(error.to_string()))?;
        tower.check().map_err(malformed)
    }

    fn check(self) -> Result<Self, String> {
        let sizes = [
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("image_size", self.image_size),
            ("patch_size", self.patch_size),
            ("projection_dim", self.projection_dim),
        ];
        if let Some((name, value)) = sizes.iter().find(|(_, value)| !(1..=MOST).contains(value)) {
            return Err(format!("{name} is {value}, allowed is 1 to {MOST}"));
        }
        if self.hidden_size % self.num_attention_heads != 0 || self.patch_size > self.image_size {
            return Err(
                "its heads do not share the width evenly, or its patches are larger than its pictures".to_owned()
            );
        }
        Ok(self)
    }
}

impl Norm {
    fn read(file: &Tensors, name: &str, width: i64, epsilon: f64) -> Result<Self, NetworkFileError> {
        let get = |part: &str| file.get(&format!("{name}.{part}"), &[width]);
        Ok(Self { weight: get("weight")?, bias: get("bias")?, epsilon })
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        x.layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), self.epsilon, false)
    }
}

impl Linear {
    fn read(file: &Tensors, name: &str, from: i64, to: i64) -> Result<Self, NetworkFileError> {
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        Ok(Self { weight: file.get(&weight, &[to, from])?, bias: file.get(&bias, &[to])? })
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}

impl Layer {
    fn read(file: &Tensors, layer: i64, tower: &Tower) -> Result<Self, NetworkFileError> {
        let name = |part: &str| format!("vision_model.encoder.layers.{layer}.{part}");
        let (width, inner) = (tower.hidden_size, tower.intermediate_size);
        let norm = |part: &str| Norm::read(file, &name(part), width, tower.layer_norm_eps);
        let square = |part: &str| Linear::read(file, &name(&format!("self_attn.{part}_proj")), width, width);
        Ok(Self {
            before_attention: norm("layer_norm1")?,
            attention: [square("q")?, square("k")?, square("v")?],
            out: square("out")?,
            before_inner: norm("layer_norm2")?,
            inner: [
                Linear::read(file, &name("mlp.fc1"), width, inner)?,
                Linear::read(file, &name("mlp.fc2"), inner, width)?,
            ],
        })
    }

    fn forward(&self, x: &Tensor, tower: &Tower) -> Tensor {
        let x = x + self.attend(&self.before_attention.forward(x), tower.num_attention_heads);
        let wide = self.inner[0].forward(&self.before_inner.forward(&x));
        let wide = match tower.hidden_act {
            Activation::QuickGelu => &wide * (&wide * 1.702).sigmoid(),
            Activation::Gelu => wide.gelu("none"),
        };
        x + self.inner[1].forward(&wide)
    }

    fn attend(&self, x: &Tensor, heads: i64) -> Tensor {
        let &[count, places, width] = &x.size()[..] else { unreachable!("pictures x places x width") };
        let [queries, keys, values] = self
            .attention
            .each_ref()
            .map(|linear| linear.forward(x).view([count, places, heads, width / heads]).transpose(1, 2));
        let scale = 1.0 / ((width / heads) as f64).sqrt();
        let shares = (queries.matmul(&keys.transpose(2, 3)) * scale).softmax(-1, Kind::Float);
        self.out.forward(&shares.matmul(&values).transpose(1, 2).reshape([count, places, width]))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use safetensors::SafeTensors;

    use super::*;
    use crate::testing;

    fn floats(bytes: &[u8], name: &str) -> Tensor {
        let tensors = SafeTensors::deserialize(bytes).unwrap();
        let view = tensors.tensor(name).unwrap();
        let values: Vec<f32> =
            view.data().chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
        Tensor::from_slice(&values).view(view.shape().iter().map(|side| *side as i64).collect::<Vec<_>>().as_slice())
    }

    fn off(found: &Tensor, expected: &Tensor) -> f64 {
        f64::try_from((found - expected).norm() / expected.norm()).unwrap()
    }

    #[test]
    fn a_hugging_face_file_gives_what_transformers_gives() {
        let Some(data) = testing::data() else { return };
        let folder = data.join("clip_tiny");
        let clip = Clip::load(&folder.join("model.safetensors"), &folder.join("config.json"), Device::Cpu).unwrap();
        let reference = fs::read(folder.join("reference.safetensors")).unwrap();
        let (embeddings, seen) = no_grad(|| clip.embed(&floats(&reference, "pixel_values")));
        let errors = [
            off(&embeddings, &floats(&reference, "image_embeds")),
            off(&seen, &floats(&reference, "last_hidden_state")),
        ];
        assert!(errors.iter().all(|error| *error < 1e-5), "{errors:?}");
        assert_eq!(clip.width(), 32);
        let grey = Tensor::full([1, 3, 224, 224], 127.5, (Kind::Float, Device::Cpu));
        let prepared = clip.prepared(&grey);
        assert_eq!(prepared.size(), [1, 3, 32, 32]);
        assert!(
            (prepared.double_value(&[0, 0, 9, 9]) - 0.069_037).abs() < 1e-4,
            "{}",
            prepared.double_value(&[0, 0, 9, 9])
        );
    }

    #[test]
    fn other_files_are_no_clip() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("store/models");
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.json");
        let refused = |text: &str| {
            fs::write(&config, text).unwrap();
            Clip::load(&models.join("chords.safetensors"), &config, Device::Cpu).err().unwrap().to_string()
        };
        assert!(refused("{}").contains("vision_model.embeddings.class_embedding"), "{}", refused("{}"));
        assert!(refused("no JSON").contains("config.json of a CLIP vision model"));
        assert!(refused("{\"patch_size\": 0}").contains("patch_size is 0, allowed is 1"));
        assert!(refused("{\"vision_config\": {\"num_attention_heads\": 5}}").contains("heads do not share"));
    }

    #[test]
    fn the_projection_of_a_whole_model_stands_outside_of_its_tower() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.json");
        let read = |text: &str| {
            fs::write(&config, text).unwrap();
            Tower::load(&config).unwrap()
        };
        let whole = read(
            r#"{"projection_dim": 768, "vision_config": {"hidden_size": 1024, "num_attention_heads": 16, "projection_dim": 512}}"#,
        );
        assert_eq!((whole.projection_dim, whole.hidden_size, whole.patch_size), (768, 1024, 32));
        let tower =
            read(r#"{"projection_dim": 640, "hidden_size": 64, "num_attention_heads": 4, "hidden_act": "gelu"}"#);
        assert_eq!((tower.projection_dim, tower.hidden_act), (640, Activation::Gelu));
    }
}
