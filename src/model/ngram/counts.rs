//! Counts of one order, and their interpolation with the order below.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::stream::{Stream, mix};

/// Only what the judged stream asks for is counted: that keeps the tables to its size, whatever was learned from.
pub(super) struct Counts {
    contexts: Table<Context>,
    grams: Table<u32>,
}

#[derive(Clone, Copy, Default)]
struct Context {
    count: u32,
    kinds: u32,
}

type Table<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// Keys are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| mix(hash, u64::from(byte)));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl Counts {
    pub(super) fn of(train: &Stream, judged: &Stream) -> Self {
        let mut contexts: Table<Context> =
            judged.events().flatten().map(|(context, _)| (context, Context::default())).collect();
        let mut grams: Table<u32> = Table::default();
        for (context, value) in train.events().flatten() {
            let Some(known) = contexts.get_mut(&context) else { continue };
            let seen = grams.entry(mix(context, u64::from(value))).or_default();
            known.kinds += u32::from(*seen == 0);
            known.count += 1;
            *seen += 1;
        }
        Self { contexts, grams }
    }

    /// Takes the chances under the order below to those under this one.
    pub(super) fn interpolate(&self, judged: &Stream, chances: &mut [f64]) {
        for (event, chance) in judged.events().zip(chances) {
            let Some((context, value)) = event else { continue };
            let Context { count, kinds } = self.contexts.get(&context).copied().unwrap_or_default();
            if count > 0 {
                let seen = self.grams.get(&mix(context, u64::from(value))).copied().unwrap_or_default();
                let kinds = f64::from(kinds);
                *chance = (f64::from(seen) + kinds * *chance) / (f64::from(count) + kinds);
            }
        }
    }
}
