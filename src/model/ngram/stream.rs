//! Windows as one flat stream of values, each with a hash of the context that predicts it.

/// 64-bit hashes stand for contexts: among some ten million of them a collision is a matter of one in a hundred
/// thousand, and would move the figures by nothing that shows.
pub(super) struct Stream {
    factors: usize,
    values: Vec<u16>,
    /// How many values of its window lie before a value.
    before: Vec<u32>,
    /// Hash of the factor and of the values before, as many as the context is long now.
    contexts: Vec<u64>,
    length: usize,
}

impl Stream {
    /// Contexts of length 0: only the factor is known.
    pub(super) fn new(windows: &[Vec<Vec<u16>>], factors: usize) -> Self {
        let mut stream = Self { factors, values: vec![], before: vec![], contexts: vec![], length: 0 };
        for window in windows {
            for (before, &value) in window.iter().flatten().enumerate() {
                stream.values.push(value);
                stream.before.push(before as u32);
                stream.contexts.push(start(before % factors));
            }
        }
        stream
    }

    /// Adds one more value to the front of every context that has one.
    pub(super) fn lengthen(&mut self, length: usize) {
        self.length = length;
        for at in 0..self.values.len() {
            if self.before[at] as usize >= length {
                self.contexts[at] = mix(self.contexts[at], u64::from(self.values[at - length]));
            }
        }
    }

    /// Context and value of each place whose window reaches back far enough; none where it does not.
    pub(super) fn events(&self) -> impl Iterator<Item = Option<(u64, u16)>> {
        let whole = |at: usize| self.before[at] as usize >= self.length;
        (0..self.values.len()).map(move |at| whole(at).then(|| (self.contexts[at], self.values[at])))
    }

    pub(super) fn factors(&self) -> impl Iterator<Item = usize> {
        self.before.iter().map(|&before| before as usize % self.factors)
    }

    /// Nats a token by factor, from the chance that each value had.
    pub(super) fn nats(&self, chances: &[f64]) -> Vec<f64> {
        let mut nats = vec![0.0; self.factors];
        for (factor, chance) in self.factors().zip(chances) {
            nats[factor] -= chance.ln();
        }
        let tokens = (self.values.len() / self.factors).max(1) as f64;
        nats.iter().map(|sum| sum / tokens).collect()
    }
}

/// The context of which only the factor is known.
pub(super) fn start(factor: usize) -> u64 {
    mix(0x6375_6573, factor as u64)
}

/// One round of `SplitMix64` over both.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let mut z = hash.rotate_left(23) ^ value.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
