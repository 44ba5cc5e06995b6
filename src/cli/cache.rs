//! `cuesmith cache`: look at the cache, collect what is not used, verify it, make its index anew.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{status::when, trouble::store_trouble};
use crate::{
    digest::Digest,
    error::Exit,
    report::{seconds, terminal},
    store::{Collected, Reader, Record, Size, Store, StoreError, Verified},
};

#[derive(Args)]
pub(super) struct CacheArgs {
    #[command(subcommand)]
    command: CacheCommand,
    /// Folder of cache and weights
    #[arg(long, default_value = "store", value_name = "DIR", global = true)]
    store: PathBuf,
    /// JSON, one object a line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum CacheCommand {
    /// List what is cached, the longest unused first
    Ls,
    /// Throw away the longest unused until the rest fits
    Gc {
        /// How much may stay, for example 500MB or 20GB
        #[arg(long, value_name = "SIZE")]
        max_size: Size,
    },
    /// Read every cached file and compare its content with its digest
    Verify {
        /// Drop damaged files, so that the next run makes them anew
        #[arg(long)]
        repair: bool,
    },
    /// Make the index anew from the records
    Rebuild,
}

pub(super) fn run(args: &CacheArgs) -> Exit {
    match args.command {
        CacheCommand::Ls => list(&Reader::new(&args.store), args.json),
        CacheCommand::Verify { repair: false } => verify(&Reader::new(&args.store), args.json),
        CacheCommand::Verify { repair: true } => change(&args.store, |store| repair(store, args.json)),
        CacheCommand::Gc { max_size } => change(&args.store, |store| {
            let collected = store.collect(max_size)?;
            terminal::line(if args.json { collected_json(&collected) } else { collected_line(&collected) });
            Ok(Exit::Done)
        }),
        CacheCommand::Rebuild => change(&args.store, |store| {
            let records = store.rebuild()?;
            let line = format!("the index holds {records} records");
            terminal::line(if args.json { json!({ "records": records }).to_string() } else { line });
            Ok(Exit::Done)
        }),
    }
}

/// For commands that need the store for themselves.
fn change(folder: &Path, act: impl FnOnce(&Store) -> Result<Exit, StoreError>) -> Exit {
    Store::open(folder).and_then(|store| act(&store)).unwrap_or_else(|error| store_trouble(&error))
}

fn list(reader: &Reader, json: bool) -> Exit {
    let records = reader.records();
    for (key, record) in &records {
        terminal::line(if json { record_json(*key, record) } else { record_line(*key, record) });
    }
    if !json {
        let bytes: std::collections::BTreeMap<_, _> =
            records.iter().flat_map(|(_, record)| record.blobs()).map(|blob| (blob.digest, blob.bytes)).collect();
        terminal::line(format!("{} records, {}", records.len(), Size(bytes.values().sum())));
    }
    Exit::Done
}

fn size(record: &Record) -> u64 {
    record.blobs().map(|blob| blob.bytes).sum()
}

fn record_line(key: Digest, record: &Record) -> String {
    let (stage, node, size) = (&record.stage, &record.key.node, Size(size(record)).to_string());
    let made = format!("{} in {}", when(record.finished_ms), seconds(record.seconds));
    format!("{}  {stage:16} {node:24} {size:>10}  {made}", key.short())
}

fn record_json(key: Digest, record: &Record) -> String {
    json!({
        "key": key, "stage": record.stage, "node": record.key.node, "bytes": size(record),
        "seconds": record.seconds, "finished_ms": record.finished_ms,
    })
    .to_string()
}

fn collected_line(collected: &Collected) -> String {
    format!("dropped {} records, freed {}, {} stay", collected.records, collected.freed, collected.left)
}

fn collected_json(collected: &Collected) -> String {
    json!({ "records": collected.records, "freed": collected.freed.0, "left": collected.left.0 }).to_string()
}

/// A damaged cache is a failed check.
fn verify(reader: &Reader, json: bool) -> Exit {
    let verified = reader.verify();
    show(&verified, json);
    if verified.damaged.is_empty() {
        return Exit::Done;
    }
    terminal::note("`cuesmith cache verify --repair` drops the damaged files; the next run makes them anew");
    Exit::CheckFailed
}

fn repair(store: &Store, json: bool) -> Result<Exit, StoreError> {
    let verified = store.verify();
    show(&verified, json);
    for digest in &verified.damaged {
        let path = store.blobs().path(*digest);
        store.blobs().remove(*digest).map_err(|source| StoreError::Io { doing: "removing", path, source })?;
    }
    Ok(Exit::Done)
}

fn show(verified: &Verified, json: bool) {
    if json {
        let Verified { blobs, damaged, missing } = verified;
        terminal::line(json!({ "blobs": blobs, "damaged": damaged, "missing": missing }));
        return;
    }
    verified.damaged.iter().for_each(|digest| terminal::line(format!("{digest}  damaged")));
    verified.missing.iter().for_each(|digest| terminal::line(format!("{digest}  missing")));
    let (damaged, missing) = (verified.damaged.len(), verified.missing.len());
    terminal::line(format!("{} files, {damaged} damaged, {missing} missing", verified.blobs));
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs};

    use super::*;
    use crate::{
        artifact::{BlobRef, Kind},
        store::{Key, write_atomically},
    };

    fn record(store: &Store) -> Record {
        let digest = Digest::of(b"music");
        write_atomically(&store.blobs().path(digest), b"music").unwrap();
        let blob = BlobRef { kind: Kind::Audio, digest, name: None, bytes: 5 };
        let record = Record {
            stage: "bed".into(),
            key: Key {
                node: "mix.bed".into(),
                version: 1,
                params: serde_json::Map::new(),
                inputs: BTreeMap::new(),
                seed: None,
                numeric: None,
            },
            outputs: BTreeMap::from([("music".to_owned(), vec![blob])]),
            seconds: 1.5,
            finished_ms: 1_764_000_000_000,
            cuesmith: "0.1.0".into(),
        };
        store.insert(&record).unwrap();
        record
    }

    #[test]
    fn a_record_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let record = record(&Store::open(folder.path()).unwrap());
        let line = record_line(record.key.digest(), &record);
        assert!(line[8..].starts_with("  bed              mix.bed                         5 B  20"), "{line}");
        assert!(line.ends_with(" in 1.5 s"), "{line}");
        let parsed: serde_json::Value = serde_json::from_str(&record_json(record.key.digest(), &record)).unwrap();
        assert_eq!((&parsed["stage"], &parsed["bytes"]), (&json!("bed"), &json!(5)));
    }

    #[test]
    fn damage_is_a_failed_check_until_it_is_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let record = record(&store);
        assert_eq!(verify(&store, true), Exit::Done);
        fs::write(store.blobs().path(Digest::of(b"music")), b"noise").unwrap();
        assert_eq!(verify(&store, true), Exit::CheckFailed);
        assert_eq!(repair(&store, false).unwrap(), Exit::Done);
        assert_eq!(verify(&store, true), Exit::Done);
        assert_eq!(store.lookup(record.key.digest()), None);
    }
}
