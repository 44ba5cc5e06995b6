//! Writes the path of libtorch into the programs, so that they start without `LD_LIBRARY_PATH`, and its version, so
//! that the front can name it in keys without loading it. The front also looks there for the CUDA half.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let libtorch = env::var("LIBTORCH").unwrap_or_default();
    if !libtorch.is_empty() {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
    }
    println!("cargo:rustc-env=CUESMITH_LIBTORCH={libtorch}");
    let version = torch_version(Path::new(&libtorch)).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=CUESMITH_LIBTORCH_VERSION={version}");
}

/// `2.13.0` from the three numbers of libtorch's own header.
fn torch_version(libtorch: &Path) -> Option<String> {
    let header = libtorch.join("include/torch/headeronly/version.h");
    println!("cargo:rerun-if-changed={}", header.display());
    let text = fs::read_to_string(header).ok()?;
    let number = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("#define TORCH_VERSION_{name} ")))?;
        line.split_whitespace().nth(2)
    };
    Some(format!("{}.{}.{}", number("MAJOR")?, number("MINOR")?, number("PATCH")?))
}
