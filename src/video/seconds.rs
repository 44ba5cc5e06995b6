//! From measures of every picture to one row a second.

use crate::artifact::{Frames, Track};

/// A length this little over a whole second is that second: rounding of the file's clock is no row of its own.
const ROUNDING_SECONDS: f64 = 1e-6;

/// The pictures of each second of the scored length, as indices into `Frames`; empty where none was measured.
pub(super) struct Seconds {
    pictures: Vec<Vec<usize>>,
}

/// A measure that the feature needs and the decode pass did not take.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the measures of the pictures have no channel \"{0}\"; join source.video to this stage")]
pub(crate) struct MissingMeasure(pub(super) String);

impl Seconds {
    pub(super) fn new(frames: &Frames, scored_seconds: f64) -> Self {
        let rows = (scored_seconds - ROUNDING_SECONDS).ceil().max(1.0) as usize;
        let mut pictures = vec![Vec::new(); rows];
        for (picture, time) in frames.times.iter().enumerate() {
            if let Some(second) = pictures.get_mut(time.max(0.0) as usize) {
                second.push(picture);
            }
        }
        Self { pictures }
    }

    /// One value a second by `summary`; a second without pictures holds the last one's value.
    pub(super) fn summarise(&self, summary: impl Fn(&[usize]) -> Option<f32>) -> Vec<f32> {
        let held = self.pictures.iter().scan(None, |last, pictures| {
            *last = summary(pictures).or(*last);
            Some(*last)
        });
        let rows: Vec<Option<f32>> = held.collect();
        let first = rows.iter().flatten().next().copied().unwrap_or(0.0);
        rows.into_iter().map(|row| row.unwrap_or(first)).collect()
    }
}

/// A measure's values over all pictures.
pub(super) fn measure(frames: &Frames, name: &str) -> Result<Vec<f32>, MissingMeasure> {
    let column = frames.channels.iter().position(|channel| channel == name);
    let column = column.ok_or_else(|| MissingMeasure(name.to_owned()))?;
    let finite = |row: &Vec<f32>| row.get(column).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
    Ok(frames.values.iter().map(finite).collect())
}

pub(super) fn mean(values: impl IntoIterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.into_iter().fold((0.0, 0_u32), |(sum, count), value| (sum + f64::from(value), count + 1));
    (count > 0).then(|| (sum / f64::from(count)) as f32)
}

/// A track of one row a second from its columns.
pub(super) fn track(columns: Vec<(String, Vec<f32>)>) -> Track {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    let row = |second: usize| columns.iter().map(|(_, column)| column[second]).collect();
    Track {
        rows: (0..rows).map(row).collect(),
        rows_per_second: 1.0,
        channels: columns.into_iter().map(|(name, _)| name).collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::video::channel;

    /// Frames at the given times; each picture's measures come from `row` by channel name.
    pub(crate) fn frames(times: &[f64], row: impl Fn(usize, &str) -> f32) -> Frames {
        let channels = channel::all();
        let values = (0..times.len()).map(|at| channels.iter().map(|name| row(at, name)).collect()).collect();
        Frames { channels, times: times.to_vec(), values }
    }
}
