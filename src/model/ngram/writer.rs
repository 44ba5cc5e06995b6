//! An n-gram that writes: the chances of each next value, after those before it.

use super::stream::{Stream, mix, start};

/// Interpolated as `scores` is, one table for each order from 1 up.
pub(crate) struct Writer {
    factors: usize,
    sizes: Vec<usize>,
    tables: Vec<Table>,
}

/// Context, value and how often it followed, in order of context.
struct Table(Vec<(u64, u16, u32)>);

impl Writer {
    pub(crate) fn learn(train: &[Vec<Vec<u16>>], sizes: Vec<usize>, order: usize) -> Self {
        let mut stream = Stream::new(train, sizes.len());
        let tables = (0..order).map(|length| {
            if length > 0 {
                stream.lengthen(length);
            }
            Table::of(&stream)
        });
        Self { factors: sizes.len(), tables: tables.collect(), sizes }
    }

    /// Chances of the values that may come after these, which began with a token's first factor.
    pub(crate) fn chances(&self, before: &[u16]) -> Vec<f64> {
        let factor = before.len() % self.factors;
        let size = self.sizes[factor];
        let mut chances = vec![1.0 / size as f64; size];
        let mut context = start(factor);
        for (length, table) in self.tables.iter().enumerate() {
            if length > 0 {
                let Some(value) = before.len().checked_sub(length).map(|at| before[at]) else { break };
                context = mix(context, u64::from(value));
            }
            table.interpolate(context, &mut chances);
        }
        chances
    }
}

impl Table {
    fn of(stream: &Stream) -> Self {
        let mut events: Vec<(u64, u16)> = stream.events().flatten().collect();
        events.sort_unstable();
        Self(events.chunk_by(|a, b| a == b).map(|same| (same[0].0, same[0].1, same.len() as u32)).collect())
    }

    fn interpolate(&self, context: u64, chances: &mut [f64]) {
        let first = self.0.partition_point(|entry| entry.0 < context);
        let followers = self.0[first..].iter().take_while(|entry| entry.0 == context);
        let count: f64 = followers.clone().map(|entry| f64::from(entry.2)).sum();
        let kinds = followers.clone().count() as f64;
        if kinds == 0.0 {
            return;
        }
        for chance in chances.iter_mut() {
            *chance *= kinds / (count + kinds);
        }
        for (_, value, seen) in followers {
            chances[usize::from(*value)] += f64::from(*seen) / (count + kinds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ngram::scores;

    #[test]
    fn its_chances_are_those_it_is_judged_by() {
        let train = vec![vec![vec![0, 1], vec![1, 3], vec![0, 1], vec![2, 0]], vec![vec![1, 1], vec![0, 2]]];
        let judged = vec![vec![vec![0, 1], vec![1, 2], vec![0, 3]]];
        for order in 1..5 {
            let writer = Writer::learn(&train, vec![3, 4], order);
            let flat = judged[0].concat();
            let mut nats = 0.0;
            for at in 0..flat.len() {
                let chances = writer.chances(&flat[..at]);
                assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                nats -= chances[usize::from(flat[at])].ln();
            }
            let judged = scores(&train, &judged, &[3, 4], order);
            assert!((nats / 3.0 - judged[order - 1].total()).abs() < 1e-9, "order {order}");
        }
    }
}
