#!/usr/bin/env bash
# Installs what cuesmith needs to build and run on Debian 12 (x86-64): system packages and libtorch.
# Safe to run again at any time: it does only what is still missing, and an interrupted run continues.
#
#   tools/setup.sh [--tests]   with what only the tests need: a browser and its driver
#   CUESMITH_TORCH=cpu|cuda   which libtorch (default: cuda when an NVIDIA driver is present, else cpu)
set -euo pipefail
cd "$(dirname "$0")/.."

TORCH_VERSION=2.13.0
CUPTI_VERSION=13.0.85
CUDART_VERSION=13.0.96
PACKAGES=(ffmpeg libavcodec-dev libavdevice-dev libavfilter-dev libavformat-dev libavutil-dev libswresample-dev
  libswscale-dev libclang-dev pkg-config g++ make binutils fluid-soundfont-gm)
TEST_PACKAGES=(chromium chromium-driver)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
  local package
  for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}

install_packages() {
  command -v apt-get >/dev/null || fail "apt-get is not here: install the equivalents of: ${PACKAGES[*]}"
  python3 -m pip --version >/dev/null 2>&1 || PACKAGES+=(python3-pip)
  local missing
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -eq 0 ]; then
    say "system packages: all there"
    return
  fi
  say "system packages: installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

torch_flavour() {
  if [ -n "${CUESMITH_TORCH:-}" ]; then
    printf '%s' "$CUESMITH_TORCH"
  elif [ -e /proc/driver/nvidia/version ]; then
    printf 'cuda'
  else
    printf 'cpu'
  fi
}

# The wheels are built for each Python version, but libtorch in them is the same: one is named, so that any Python fetches it.
download() {
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 \
    --implementation cp --abi cp311 --abi none --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 \
    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --dest .deps/wheels "$@"
}

# libtorch_cpu.so of these wheels is linked to cupti and cudart even where there is no GPU; nothing else of CUDA is needed.
install_cpu_torch() {
  download "torch==$TORCH_VERSION" "nvidia-cuda-cupti==$CUPTI_VERSION" "nvidia-cuda-runtime==$CUDART_VERSION"
  rm -rf .deps/libtorch.partial
  python3 - <<'PYTHON'
import pathlib, shutil, zipfile
target = pathlib.Path(".deps/libtorch.partial")
unwanted = ("libtorch_cuda", "libc10_cuda", "libtorch_nvshmem", "libtorch_python", "libcaffe2_nvrtc")
wanted_cuda = ("libcudart.so.13", "libcupti.so.13")
for wheel in pathlib.Path(".deps/wheels").glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = pathlib.PurePosixPath(name)
            if name.endswith("/"):
                continue
            if path.parts[0] == "torch" and path.parts[1] in ("lib", "include", "share"):
                if path.name.startswith(unwanted):
                    continue
                out = target.joinpath(*path.parts[1:])
            elif path.name in wanted_cuda:
                out = target / "lib" / path.name
            else:
                continue
            out.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(out, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
PYTHON
}

# A GPU machine takes the whole set; libtorch finds CUDA's libraries beside it by its own run path.
install_cuda_torch() {
  rm -rf .deps/cuda .deps/libtorch.partial
  python3 -m pip install --quiet --disable-pip-version-check --only-binary=:all: --target .deps/cuda "torch==$TORCH_VERSION"
  ln -s cuda/torch .deps/libtorch.partial
}

install_torch() {
  [ "$(uname -m)" = x86_64 ] || fail "libtorch $TORCH_VERSION is fetched for x86-64 only; this is $(uname -m)"
  local flavour stamp
  flavour=$(torch_flavour)
  stamp="$TORCH_VERSION $flavour"
  case "$flavour" in cpu | cuda) ;; *) fail "CUESMITH_TORCH=$flavour: say cpu or cuda" ;; esac
  if [ "$(cat .deps/stamp 2>/dev/null)" = "$stamp" ]; then
    say "libtorch $stamp: there"
    return
  fi
  say "libtorch $stamp: fetching (cpu about 550 MB, cuda about 3 GB)"
  mkdir -p .deps/wheels
  rm -rf .deps/stamp .deps/libtorch
  "install_${flavour}_torch"
  mv .deps/libtorch.partial .deps/libtorch
  printf '%s\n' "$stamp" >.deps/stamp
  rm -rf .deps/wheels
}

if [ "${1:-}" = --tests ]; then PACKAGES+=("${TEST_PACKAGES[@]}"); fi
command -v cargo >/dev/null || fail "cargo is not here: install Rust 1.90 or newer first"
command -v python3 >/dev/null || fail "python3 is not here: it is needed to fetch libtorch"
install_packages
install_torch
say "done"
