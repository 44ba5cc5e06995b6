//! The device that a run computes on, chosen once in the front without loading any library.

use std::{fmt, fs, path::Path, str::FromStr};

/// Where stages of the device lane run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    Cpu,
    /// The CUDA device of this number.
    Cuda(usize),
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeviceError {
    #[error("`{0}` is no device; write auto, cpu, cuda or cuda:N")]
    Unknown(String),
    #[error("{asked} was asked for, but this machine has {found} CUDA devices; write --device cpu or auto")]
    Absent { asked: Device, found: usize },
    #[error("{asked} was asked for, but this build has a libtorch without CUDA; run `CUESMITH_TORCH=cuda make setup`")]
    NoCuda { asked: Device },
}

impl Device {
    /// `auto`, `cpu`, `cuda` or `cuda:N`. `auto` takes the first GPU when driver and libtorch can use it.
    pub(crate) fn choose(text: &str) -> Result<Self, DeviceError> {
        choose(text, gpus(), has_cuda_build())
    }

    /// What its numbers depend on, beside the instruction set: `cpu`, or the model of the GPU.
    pub(super) fn class(self) -> String {
        match self {
            Self::Cpu => "cpu".to_owned(),
            Self::Cuda(number) => model(number).unwrap_or_else(|| "cuda".to_owned()),
        }
    }
}

fn choose(text: &str, gpus: usize, cuda_build: bool) -> Result<Device, DeviceError> {
    let asked = match text {
        "auto" if gpus > 0 && cuda_build => Device::Cuda(0),
        "auto" => Device::Cpu,
        _ => text.parse()?,
    };
    match asked {
        Device::Cuda(number) if number >= gpus => Err(DeviceError::Absent { asked, found: gpus }),
        Device::Cuda(_) if !cuda_build => Err(DeviceError::NoCuda { asked }),
        _ => Ok(asked),
    }
}

/// The NVIDIA driver makes a device file for each GPU that this process may use.
fn gpus() -> usize {
    let is_gpu = |name: &str| name.strip_prefix("nvidia").is_some_and(|number| number.parse::<u32>().is_ok());
    let names = fs::read_dir("/dev").into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_str().is_some_and(is_gpu)).count()
}

fn has_cuda_build() -> bool {
    Path::new(env!("CUESMITH_LIBTORCH")).join("lib/libtorch_cuda.so").exists()
}

/// `cuda NVIDIA H100 80GB HBM3`, from the driver's own list.
fn model(number: usize) -> Option<String> {
    let mut folders: Vec<_> = fs::read_dir("/proc/driver/nvidia/gpus").ok()?.flatten().map(|gpu| gpu.path()).collect();
    folders.sort();
    let text = fs::read_to_string(folders.get(number)?.join("information")).ok()?;
    let model = text.lines().find_map(|line| line.strip_prefix("Model:"))?;
    Some(format!("cuda {}", model.trim()))
}

impl FromStr for Device {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown(text.to_owned());
        match text {
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let number = text.strip_prefix("cuda:").ok_or_else(unknown)?;
                number.parse().map(Self::Cuda).map_err(|_| unknown())
            }
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_takes_a_gpu_only_when_everything_is_there() {
        assert_eq!(choose("auto", 2, true), Ok(Device::Cuda(0)));
        assert_eq!(choose("auto", 2, false), Ok(Device::Cpu));
        assert_eq!(choose("auto", 0, true), Ok(Device::Cpu));
    }

    #[test]
    fn what_is_not_there_is_refused_with_the_next_step() {
        assert_eq!(choose("cuda:1", 2, true), Ok(Device::Cuda(1)));
        assert_eq!(choose("cuda:2", 2, true), Err(DeviceError::Absent { asked: Device::Cuda(2), found: 2 }));
        assert_eq!(choose("cuda", 1, false), Err(DeviceError::NoCuda { asked: Device::Cuda(0) }));
        for text in ["gpu", "cuda:", "cuda:x", "cuda:-1", ""] {
            assert_eq!(choose(text, 2, true), Err(DeviceError::Unknown(text.to_owned())));
        }
    }

    #[test]
    fn devices_are_written_as_they_are_read() {
        for device in [Device::Cpu, Device::Cuda(0), Device::Cuda(7)] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
    }
}
