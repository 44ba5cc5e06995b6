//! The store under `--store DIR`: blobs and records are the truth, sled is the live index over them.
//!
//! `cache/blobs/ab/abcd..` are artifacts by digest, `cache/records/KEY.json` says what a stage made under a key,
//! `cache/runs/ID.json` is the ledger, `cache/jobs/ID.json` are the jobs of watched folders, `cache/files/` remembers digests of files outside the store, and
//! `cache/work/KEY/` holds checkpoints of unfinished stages. `Store` writes and holds the lock; `Reader` only reads
//! and works beside a running writer. Everything is written temp, fsync, rename.

mod blobs;
mod disk;
mod error;
mod files;
mod gc;
mod index;
mod jobs;
mod key;
mod ledger;
mod lock;
mod reader;
mod record;
mod size;
mod writer;

pub(crate) use self::disk::write_atomically;
pub(crate) use self::{
    blobs::Blobs,
    error::StoreError,
    gc::{Collected, Verified},
    key::{Change, Key, KeyInput},
    ledger::{RunEnd, RunEntry},
    lock::Holder,
    reader::Reader,
    record::Record,
    size::Size,
    writer::Store,
};
