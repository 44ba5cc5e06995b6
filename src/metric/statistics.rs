//! Numbers about numbers: means, quantiles, entropies, rank correlation, overlap of distributions.

/// Points at which densities are compared.
const POINTS: usize = 1000;
/// How far beyond the outermost values densities are followed, in bandwidths.
const TAIL: f64 = 4.0;
/// Densities below this share of a uniform one are noise: they would rule the divergence.
const FLOOR: f64 = 1e-6;
/// A distribution of one value gets this share of the other's spread as bandwidth.
const NARROWEST: f64 = 0.02;

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation of a sample.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let Some(mean) = mean(values) else { return 0.0 };
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / values.len().saturating_sub(1).max(1) as f64).sqrt()
}

/// Linear between the two nearest ranks.
pub(crate) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[place as usize], sorted[(place as usize + 1).min(sorted.len() - 1)]);
    Some(low + (high - low) * place.fract())
}

/// Of counts; none of no counts.
pub(crate) fn entropy_bits(counts: &[f64]) -> Option<f64> {
    let all: f64 = counts.iter().sum();
    let shares = counts.iter().filter(|count| **count > 0.0).map(|count| count / all);
    (all > 0.0).then(|| shares.map(|share| -share * share.log2()).sum::<f64>().max(0.0))
}

/// Spearman's rank correlation, ties at their middle rank; none where one side does not vary.
pub(crate) fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let ranked = |values: Vec<f64>| ranks(&values);
    let (one, other) =
        (ranked(pairs.iter().map(|pair| pair.0).collect()), ranked(pairs.iter().map(|pair| pair.1).collect()));
    let middle = f64::midpoint(pairs.len() as f64, 1.0);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let spread = (product(&one, &one) * product(&other, &other)).sqrt();
    (spread > 0.0).then(|| product(&one, &other) / spread)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for ties in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let middle = before as f64 + f64::midpoint(ties.len() as f64, 1.0);
        for index in ties {
            ranks[*index] = middle;
        }
        before += ties.len();
    }
    ranks
}

/// How two samples' distributions lie over each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Likeness {
    /// Area under both densities, 0..1.
    pub(crate) overlap: f64,
    /// Kullback-Leibler divergence of the second from the first, in nats.
    pub(crate) divergence: f64,
}

/// Gaussian kernel densities with Scott's rule, as Yang & Lerch (2020) compare them.
pub(crate) fn likeness(reference: &[f64], other: &[f64]) -> Option<Likeness> {
    if reference.is_empty() || other.is_empty() {
        return None;
    }
    let widest = bandwidth(reference).max(bandwidth(other));
    if widest == 0.0 {
        let same = (reference[0] - other[0]).abs() < f64::EPSILON;
        return Some(if same {
            Likeness { overlap: 1.0, divergence: 0.0 }
        } else {
            Likeness { overlap: 0.0, divergence: -FLOOR.ln() }
        });
    }
    let width = |values: &[f64]| bandwidth(values).max(NARROWEST * widest);
    let all = || reference.iter().chain(other);
    let lowest = all().copied().fold(f64::INFINITY, f64::min) - TAIL * widest;
    let highest = all().copied().fold(f64::NEG_INFINITY, f64::max) + TAIL * widest;
    let step = (highest - lowest) / POINTS as f64;
    let density = |values: &[f64]| -> Vec<f64> {
        let width = width(values);
        let mut density: Vec<f64> =
            (0..POINTS).map(|point| kernel_density(values, width, lowest + (point as f64 + 0.5) * step)).collect();
        let all: f64 = density.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        for value in &mut density {
            *value /= all;
        }
        density
    };
    let (real, made) = (density(reference), density(other));
    let floor = FLOOR / POINTS as f64;
    let overlap = real.iter().zip(&made).map(|(a, b)| a.min(*b)).sum();
    let divergence = real.iter().zip(&made).map(|(a, b)| a * (a.max(floor) / b.max(floor)).ln()).sum();
    Some(Likeness { overlap, divergence })
}

/// The density of a sample at equal places from `lowest` to `highest`.
pub(crate) fn density_curve(values: &[f64], (lowest, highest): (f64, f64), points: usize) -> Vec<(f64, f64)> {
    let width = bandwidth(values).max(NARROWEST * (highest - lowest));
    let place = |point: usize| lowest + (highest - lowest) * point as f64 / (points.max(2) - 1) as f64;
    let places = (0..points).map(place).filter(|_| !values.is_empty());
    places.map(|place| (place, kernel_density(values, width, place))).collect()
}

/// Scott's rule in one dimension.
fn bandwidth(values: &[f64]) -> f64 {
    deviation(values) * (values.len() as f64).powf(-0.2)
}

fn kernel_density(values: &[f64], width: f64, at: f64) -> f64 {
    values.iter().map(|value| (-0.5 * ((at - value) / width).powi(2)).exp()).sum::<f64>()
        / (width * values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(from: f64, step: f64) -> Vec<f64> {
        (0..100).map(|number| from + step * f64::from(number)).collect()
    }

    #[test]
    fn quantiles_lie_between_ranks() {
        let values = [3.0, 1.0, 2.0, 5.0];
        assert_eq!(
            (quantile(&values, 0.0), quantile(&values, 0.5), quantile(&values, 1.0)),
            (Some(1.0), Some(2.5), Some(5.0))
        );
        assert_eq!(quantile(&[], 0.5), None);
        assert!((deviation(&[1.0, 3.0]) - 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn ranks_alone_count() {
        let cubes: Vec<(f64, f64)> = (0..9).map(|n| (f64::from(n), f64::from(n).powi(3))).collect();
        assert!((spearman(&cubes).unwrap() - 1.0).abs() < 1e-12);
        let turned: Vec<(f64, f64)> = cubes.iter().map(|(a, b)| (*a, -b)).collect();
        assert!((spearman(&turned).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(spearman(&[(1.0, 2.0), (1.0, 3.0)]), None);
        // By hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        let ties = [(1.0, 1.0), (2.0, 2.0), (2.0, 3.0), (5.0, 4.0)];
        assert!((spearman(&ties).unwrap() - 0.948_683_298).abs() < 1e-6);
    }

    #[test]
    fn equal_samples_overlap_wholly_and_distant_ones_not_at_all() {
        let same = likeness(&spread(0.0, 0.1), &spread(0.0, 0.1)).unwrap();
        assert!((same.overlap - 1.0).abs() < 1e-9 && same.divergence.abs() < 1e-9);
        let apart = likeness(&spread(0.0, 0.01), &spread(50.0, 0.01)).unwrap();
        assert!(apart.overlap < 1e-6 && apart.divergence > 5.0, "{apart:?}");
        let half = likeness(&spread(0.0, 0.1), &spread(5.0, 0.1)).unwrap();
        assert!((half.overlap - 0.5).abs() < 0.08, "{half:?}");
    }

    #[test]
    fn two_normal_samples_overlap_as_theory_says() {
        // Quantiles of a normal distribution; shifted by one deviation the overlap is 2 * (1 - cdf(0.5)) = 0.617.
        let normal: Vec<f64> = (1..400).map(|rank| inverse_normal(f64::from(rank) / 400.0)).collect();
        let shifted: Vec<f64> = normal.iter().map(|value| value + 1.0).collect();
        let found = likeness(&normal, &shifted).unwrap();
        assert!((found.overlap - 0.617).abs() < 0.03, "{found:?}");
        assert!((found.divergence - 0.5).abs() < 0.1, "{found:?}");
    }

    /// By bisection of a summed density: enough for a test.
    fn inverse_normal(share: f64) -> f64 {
        let cdf = |x: f64| {
            let step = (x + 8.0) / 2000.0;
            (0..2000).map(|n| (-0.5 * (-8.0 + (f64::from(n) + 0.5) * step).powi(2)).exp() * step).sum::<f64>()
                / (2.0 * std::f64::consts::PI).sqrt()
        };
        let (mut low, mut high) = (-8.0, 8.0);
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if cdf(middle) < share { low = middle } else { high = middle }
        }
        low
    }

    #[test]
    fn one_value_has_a_distribution_too() {
        let zeros = [0.0; 20];
        assert_eq!(likeness(&zeros, &zeros).map(|found| found.overlap), Some(1.0));
        let mostly: Vec<f64> = (0..20).map(|n| if n == 0 { 0.1 } else { 0.0 }).collect();
        assert!(likeness(&zeros, &mostly).unwrap().overlap > 0.0);
    }
}
