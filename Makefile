# The two commands people need: `make demo` and `make test`.

CLIP := docs/demo/big-buck-bunny.mp4

.PHONY: demo test test-long lint build setup setup-tests clean

## Installs what is needed, builds, and scores the demo clip: out/big-buck-bunny/
demo: build
	target/release/cuesmith run recipes/demo.toml --input $(CLIP) --out out

## Formatting, lints and all tests, in the release profile: the same programs that people run.
test: lint
	cargo build --release --bins
	cargo test --release

## What takes longer: fault lists, training miniatures.
test-long: lint
	cargo build --release --bins
	cargo test --release -- --include-ignored

lint: setup-tests
	cargo fmt --check
	cargo clippy --release --all-targets -- --deny warnings

build: setup
	cargo build --release --bins

setup:
	tools/setup.sh

# A browser beside the rest: the pages are looked at in it.
setup-tests:
	tools/setup.sh --tests

clean:
	cargo clean
	rm -rf out
