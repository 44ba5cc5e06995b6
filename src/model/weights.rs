//! Weight files: safetensors in f16, with what the model is as JSON in their metadata.
//!
//! A file is read whole. Part, version and size are checked before a network is built, and that the file is long enough for one of
//! that size, so that a few bytes cannot ask for gigabytes; names, shapes and numbers as it is filled.

use std::{collections::HashMap, io, path::Path};

use half::f16;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, nn};

use super::{Config, Part, condition::channels, layers::blank, picture, piece::CHANNELS, rotary::HEAD};
use crate::error::StageError;

/// Grows when the meaning of parameters or conditions changes.
pub(crate) const VERSION: u32 = 1;
const METADATA_KEY: &str = "cuesmith";
const WIDEST: usize = 1024;
const DEEPEST: usize = 24;

/// What a weight file says of itself, beside its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) part: Part,
    pub(crate) config: Config,
    /// Conditions that the model can be asked by, in order; what it sees of the picture comes last.
    #[serde(default)]
    pub(crate) channels: Vec<String>,
    pub(crate) version: u32,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum WeightsError {
    #[error("opening weights {path}: {source}; train them or give `weights` another file")]
    Unreadable { path: String, source: io::Error },
    #[error("writing weights {path}: {source}")]
    Unwritable { path: String, source: io::Error },
    #[error("reading weights {path}: {reason}; expected a safetensors file that train.* has written")]
    Malformed { path: String, reason: String },
    #[error("reading weights {path}: they are of {found}, expected {expected}; give `weights` the file of that part")]
    Part { path: String, found: &'static str, expected: &'static str },
    #[error("reading weights {path}: version {found}, this program reads {VERSION}; train them again or update")]
    Version { path: String, found: u32 },
    #[error(
        "reading weights {path}: they are asked by \"{channel}\", which nothing here measures; known are {known} (what a \
         picture means, `semantic`, no model is asked by yet)"
    )]
    Channel { path: String, channel: String, known: String },
    #[error("reading weights {path}: {source}")]
    Size { path: String, source: ConfigError },
    #[error("reading weights {path}: no tensor {name}; the file is not complete")]
    Missing { path: String, name: String },
    #[error("reading weights {path}: tensor {name} has shape {found:?}, expected {expected:?}")]
    Shape { path: String, name: String, found: Vec<usize>, expected: Vec<i64> },
    #[error("reading weights {path}: tensor {name} is stored as {found}, expected F16")]
    Kind { path: String, name: String, found: String },
    #[error("reading weights {path}: tensor {name} holds a number that is not finite")]
    NotFinite { path: String, name: String },
}

/// A size that no network can have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("a width of {0} is not possible; heads are {HEAD} wide, so take a multiple of {HEAD} up to {WIDEST}")]
    Width(usize),
    #[error("{0} layers are not possible; take 1 to {DEEPEST}")]
    Layers(usize),
}

impl From<WeightsError> for StageError {
    fn from(error: WeightsError) -> Self {
        match &error {
            WeightsError::Unwritable { source, .. } => {
                Self::new(Self::from(io::Error::from(source.kind())).class, error.to_string())
            }
            _ => Self::usage(error.to_string()),
        }
    }
}

/// Whether a network of this size can be built.
pub(crate) fn check_size(config: &Config) -> Result<(), ConfigError> {
    let heads = 1..=WIDEST / HEAD as usize;
    if !config.width.is_multiple_of(HEAD as usize) || !heads.contains(&(config.width / HEAD as usize)) {
        return Err(ConfigError::Width(config.width));
    }
    if !(1..=DEEPEST).contains(&config.layers) {
        return Err(ConfigError::Layers(config.layers));
    }
    Ok(())
}

/// Writes all variables of a store as f16. Equal weights give equal bytes.
pub(crate) fn save(path: &Path, part: Part, config: &Config, store: &nn::VarStore) -> Result<(), WeightsError> {
    let halves: Vec<(String, Vec<usize>, Vec<u8>)> = store
        .variables()
        .into_iter()
        .map(|(name, tensor)| (name, tensor.size().iter().map(|size| *size as usize).collect(), half_bytes(&tensor)))
        .collect();
    let views = halves.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F16, shape.clone(), bytes).expect("two bytes an element");
        (name.as_str(), view)
    });
    let label = Label { part, config: *config, channels: names(part, config.sees), version: VERSION };
    let label = serde_json::to_string(&label).expect("a label is plain JSON");
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), label)]);
    let bytes = safetensors::serialize(views, Some(metadata)).expect("names and shapes come from a store");
    std::fs::write(path, bytes).map_err(|source| WeightsError::Unwritable { path: shown(path), source })
}

/// A network with the weights of a file, in f32 on a device; `build` makes it from its place in a store and its size.
pub(crate) fn load<N>(
    path: &Path,
    part: Part,
    device: Device,
    build: impl FnOnce(&nn::Path, &Config) -> N,
) -> Result<(Label, nn::VarStore, N), WeightsError> {
    let bytes = std::fs::read(path).map_err(|source| WeightsError::Unreadable { path: shown(path), source })?;
    let label = label(path, &bytes)?;
    if label.part != part {
        let (found, expected) = (name(label.part), name(part));
        return Err(WeightsError::Part { path: shown(path), found, expected });
    }
    check_length(path, &label.config, bytes.len())?;
    let mut store = nn::VarStore::new(device);
    let network = blank(|| build(&store.root(), &label.config));
    fill(path, &bytes, &store)?;
    store.freeze();
    Ok((label, store, network))
}

/// Whether a file can hold a network of the size that it speaks of: each layer has square matrices.
fn check_length(path: &Path, config: &Config, bytes: usize) -> Result<(), WeightsError> {
    let least = config.layers * config.width * config.width * size_of::<f16>();
    if bytes < least {
        let Config { width, layers, .. } = config;
        let reason = format!("{layers} layers of width {width} take {least} bytes at least, and it has {bytes}");
        return Err(malformed(path, &reason));
    }
    Ok(())
}

/// What a weight file says of itself, checked.
fn label(path: &Path, bytes: &[u8]) -> Result<Label, WeightsError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| malformed(path, &error))?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY));
    let text = text.ok_or_else(|| malformed(path, &format!("it has no metadata \"{METADATA_KEY}\"")))?;
    let version: Version = serde_json::from_str(text).map_err(|error| malformed(path, &error))?;
    if version.version != VERSION {
        return Err(WeightsError::Version { path: shown(path), found: version.version });
    }
    let mut label: Label = serde_json::from_str(text).map_err(|error| malformed(path, &error))?;
    label.config.sees = sees(path, &mut label)?;
    check_size(&label.config).map_err(|source| WeightsError::Size { path: shown(path), source })?;
    Ok(label)
}

/// Channels of a part's models; files that list none have those without the picture.
fn names(part: Part, sees: bool) -> Vec<String> {
    let asked = channels(part).iter().map(|channel| CHANNELS[*channel].to_owned());
    asked.chain(sees.then(|| picture::channel(part).to_owned())).collect()
}

/// Whether a label's channels are those with the picture.
fn sees(path: &Path, label: &mut Label) -> Result<bool, WeightsError> {
    if label.channels.is_empty() {
        label.channels = names(label.part, false);
    }
    let [without, with] = [false, true].map(|sees| names(label.part, sees));
    match label.channels.iter().find(|channel| !with.contains(channel)) {
        Some(channel) => {
            Err(WeightsError::Channel { path: shown(path), channel: channel.clone(), known: with.join(", ") })
        }
        None if label.channels == with => Ok(true),
        None if label.channels == without => Ok(false),
        None => {
            Err(malformed(path, &format!("its channels are {}, not {}", label.channels.join(", "), with.join(", "))))
        }
    }
}

/// Read first: a later version's label may have other fields.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

fn fill(path: &Path, bytes: &[u8], store: &nn::VarStore) -> Result<(), WeightsError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| malformed(path, &error))?;
    for (name, mut variable) in store.variables() {
        let missing = || WeightsError::Missing { path: shown(path), name: name.clone() };
        let view = file.tensor(&name).map_err(|_| missing())?;
        let tensor = whole(path, &name, &view, &variable.size())?;
        tch::no_grad(|| variable.copy_(&tensor));
    }
    Ok(())
}

fn whole(path: &Path, name: &str, view: &TensorView, expected: &[i64]) -> Result<Tensor, WeightsError> {
    let (path, name) = (shown(path), name.to_owned());
    if view.shape().iter().map(|size| *size as i64).ne(expected.iter().copied()) {
        return Err(WeightsError::Shape { path, name, found: view.shape().to_vec(), expected: expected.to_vec() });
    }
    if view.dtype() != Dtype::F16 {
        return Err(WeightsError::Kind { path, name, found: format!("{:?}", view.dtype()) });
    }
    // libtorch takes the bytes as they are, however many there are.
    let numbers: usize = view.shape().iter().product();
    if view.data().len() != numbers * size_of::<f16>() {
        let reason = format!("tensor {name} has {} bytes for {numbers} numbers", view.data().len());
        return Err(WeightsError::Malformed { path, reason });
    }
    let tensor = Tensor::f_from_data_size(view.data(), expected, Kind::Half)
        .map_err(|error| WeightsError::Malformed { path: path.clone(), reason: format!("tensor {name}: {error}") })?;
    // In f32 no sum of so few f16 overflows: it is finite if all of them are.
    if tensor.sum(Kind::Float).double_value(&[]).is_finite() {
        Ok(tensor)
    } else {
        Err(WeightsError::NotFinite { path, name })
    }
}

/// Values past what f16 holds become its largest.
fn half_bytes(tensor: &Tensor) -> Vec<u8> {
    let flat = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Float).reshape([-1]).contiguous();
    let mut values = vec![0.0_f32; flat.numel()];
    let length = values.len();
    flat.copy_data(&mut values, length);
    let half = |value: f32| f16::from_f32(value.clamp(f16::MIN.to_f32(), f16::MAX.to_f32()));
    values.into_iter().flat_map(|value| half(value).to_le_bytes()).collect()
}

fn malformed(path: &Path, reason: &impl ToString) -> WeightsError {
    WeightsError::Malformed { path: shown(path), reason: reason.to_string() }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Chords => "chords",
        Part::Melody => "melody",
        Part::Accompaniment => "accompaniment",
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::model::{network_of, testing::SMALL};

    fn store(part: Part) -> nn::VarStore {
        crate::model::testing::alone();
        let store = nn::VarStore::new(Device::Cpu);
        network_of(part, &store.root(), &SMALL);
        store
    }

    fn read(path: &Path, part: Part) -> Result<(Label, nn::VarStore), WeightsError> {
        let found = load(path, part, Device::Cpu, |root, config| network_of(part, root, config))?;
        Ok((found.0, found.1))
    }

    fn refused(path: &Path, part: Part) -> String {
        let folder = format!("{}/", path.parent().unwrap().display());
        read(path, part).unwrap_err().to_string().replace(&folder, "")
    }

    #[test]
    fn weights_come_back_rounded_to_half_precision() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("melody.safetensors");
        for part in [Part::Chords, Part::Melody, Part::Accompaniment] {
            let written = store(part);
            save(&path, part, &SMALL, &written).unwrap();
            let (label, found) = read(&path, part).unwrap();
            assert_eq!((label.part, label.config, label.version), (part, SMALL, VERSION));
            assert!(label.channels.iter().any(|channel| channel == "arousal"));
            let found = found.variables();
            for (name, tensor) in written.variables() {
                let largest = (&tensor - &found[&name]).abs().max().double_value(&[]);
                assert!(largest < 1e-3, "{name}: {largest}");
            }
            let first = std::fs::read(&path).unwrap();
            save(&path, part, &SMALL, &written).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), first, "equal weights, equal bytes");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_reason() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("w.safetensors");
        insta::assert_snapshot!(refused(&path, Part::Melody), @"opening weights w.safetensors: No such file or directory (os error 2); train them or give `weights` another file");
        std::fs::write(&path, b"not a tensor in sight").unwrap();
        assert!(refused(&path, Part::Melody).contains("expected a safetensors file"));
        save(&path, Part::Melody, &SMALL, &store(Part::Melody)).unwrap();
        insta::assert_snapshot!(refused(&path, Part::Accompaniment), @"reading weights w.safetensors: they are of melody, expected accompaniment; give `weights` the file of that part");
        let other = nn::VarStore::new(Device::Cpu);
        let _ = other.root().zeros("other", &[128, 128]);
        save(&path, Part::Chords, &SMALL, &other).unwrap();
        assert!(refused(&path, Part::Chords).contains("the file is not complete"));
        let wide = Config { width: 128, ..SMALL };
        save(&path, Part::Chords, &wide, &store(Part::Chords)).unwrap();
        let shape = refused(&path, Part::Chords);
        assert!(shape.contains("has shape [") && shape.contains("expected ["), "{shape}");
        let greedy = Config { width: 1024, layers: 24, ..SMALL };
        save(&path, Part::Chords, &greedy, &nn::VarStore::new(Device::Cpu)).unwrap();
        assert!(refused(&path, Part::Chords).contains("24 layers of width 1024 take 50331648 bytes at least"));
        let hostile = Config { width: 1 << 40, ..SMALL };
        save(&path, Part::Chords, &hostile, &store(Part::Chords)).unwrap();
        insta::assert_snapshot!(refused(&path, Part::Chords), @"reading weights w.safetensors: a width of 1099511627776 is not possible; heads are 64 wide, so take a multiple of 64 up to 1024");
    }

    #[test]
    fn damaged_files_are_errors_and_never_panics() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("w.safetensors");
        save(&path, Part::Chords, &SMALL, &store(Part::Chords)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 1, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(read(&path, Part::Chords).is_err(), "cut at {length}");
        }
        let end = whole.len();
        for poison in [[f16::ONE, f16::NAN], [f16::ONE, f16::INFINITY], [f16::INFINITY, f16::NEG_INFINITY]] {
            let mut poisoned = whole.clone();
            poisoned[end - 4..].copy_from_slice(&poison.map(f16::to_le_bytes).concat());
            std::fs::write(&path, &poisoned).unwrap();
            assert!(refused(&path, Part::Chords).contains("not finite"), "{poison:?}");
        }
        let mut largest = whole.clone();
        largest[end - 4..].copy_from_slice(&[f16::MAX; 2].map(f16::to_le_bytes).concat());
        std::fs::write(&path, &largest).unwrap();
        assert!(read(&path, Part::Chords).is_ok(), "large is finite");
    }

    /// A file with another list of channels than it was written with.
    fn relabelled(path: &Path, from: &str, to: &str) {
        let bytes = std::fs::read(path).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let text = std::str::from_utf8(&bytes[8..8 + header]).unwrap();
        assert!(text.contains(from), "{text}");
        let text = text.replace(from, to);
        let written = [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &bytes[8 + header..]].concat();
        std::fs::write(path, written).unwrap();
    }

    #[test]
    fn channels_say_whether_a_model_sees() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("w.safetensors");
        for sees in [false, true] {
            let config = Config { sees, ..SMALL };
            let store = nn::VarStore::new(Device::Cpu);
            network_of(Part::Chords, &store.root(), &config);
            save(&path, Part::Chords, &config, &store).unwrap();
            let (label, _) = read(&path, Part::Chords).unwrap();
            assert_eq!(label.config.sees, sees);
            assert_eq!(label.channels.last().map(String::as_str), Some(if sees { "color" } else { "arousal" }));
        }
        relabelled(&path, r#"\"color\"]"#, r#"\"semantic\"]"#);
        insta::assert_snapshot!(refused(&path, Part::Chords), @r#"reading weights w.safetensors: they are asked by "semantic", which nothing here measures; known are valence, arousal, color (what a picture means, `semantic`, no model is asked by yet)"#);
    }

    #[test]
    fn weights_without_a_list_of_channels_have_those_of_before() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("w.safetensors");
        save(&path, Part::Chords, &SMALL, &store(Part::Chords)).unwrap();
        relabelled(&path, r#"\"channels\":[\"valence\",\"arousal\"],"#, "");
        let (label, _) = read(&path, Part::Chords).unwrap();
        assert_eq!((label.channels, label.config.sees), (vec!["valence".to_owned(), "arousal".to_owned()], false));
    }
}
