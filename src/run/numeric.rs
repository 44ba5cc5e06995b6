//! The numeric mode: what floating-point results depend on beside inputs, parameters and seed.
//!
//! The front names it in keys without loading libtorch; the worker says at its start what is true.

use std::{collections::BTreeMap, num::NonZero, thread};

use super::Device;

pub(crate) type Mode = BTreeMap<String, String>;

/// Threads a worker's libtorch may use. More than four gain little at the sizes of our models.
const MOST_THREADS: usize = 4;

pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS)
}

pub(crate) fn mode(device: Device) -> Mode {
    mode_with(device, threads())
}

/// As `mode`, with the number of threads that libtorch really has.
pub(crate) fn mode_with(device: Device, threads: usize) -> Mode {
    let fields = [
        ("device", device.class()),
        ("dtype", dtype(device).to_owned()),
        ("instructions", instructions().to_owned()),
        ("libtorch", env!("CUESMITH_LIBTORCH_VERSION").to_owned()),
        ("threads", threads.to_string()),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

/// What matrices are multiplied in.
fn dtype(device: Device) -> &'static str {
    match device {
        Device::Cpu if !multiplies_bfloat16() => "f32",
        _ => "bf16",
    }
}

/// Whether the processor multiplies bf16 by itself: elsewhere f32 is faster.
#[cfg(target_arch = "x86_64")]
pub(crate) fn multiplies_bfloat16() -> bool {
    is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn multiplies_bfloat16() -> bool {
    false
}

/// The set that libtorch picks its kernels by.
#[cfg(target_arch = "x86_64")]
fn instructions() -> &'static str {
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    match (avx512 && avx2, avx2) {
        (true, _) => "avx512",
        (false, true) => "avx2",
        _ => "sse",
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn instructions() -> &'static str {
    std::env::consts::ARCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_names_all_that_bits_depend_on() {
        let mode = mode(Device::Cpu);
        assert_eq!(mode.keys().collect::<Vec<_>>(), ["device", "dtype", "instructions", "libtorch", "threads"]);
        assert_eq!(mode["device"], "cpu");
        assert!((1..=4).contains(&mode["threads"].parse::<usize>().unwrap()));
        assert_ne!(mode, mode_with(Device::Cpu, 64));
    }
}
