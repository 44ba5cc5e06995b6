//! Small dense linear algebra in f64 and one fixed order: the same bits on every machine.

/// Row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(crate) values: Vec<f64>,
}

impl Matrix {
    pub(super) fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// Mean products of the columns of two tables with the same rows.
    pub(crate) fn products(one: &[Vec<f64>], other: &[Vec<f64>]) -> Self {
        let (rows, columns) = (one.first().map_or(0, Vec::len), other.first().map_or(0, Vec::len));
        let mut sums = Self::zeros(rows, columns);
        for (one, other) in one.iter().zip(other) {
            for (row, factor) in sums.values.chunks_exact_mut(columns.max(1)).zip(one) {
                row.iter_mut().zip(other).for_each(|(sum, value)| *sum += factor * value);
            }
        }
        let count = one.len().max(1) as f64;
        sums.values.iter_mut().for_each(|sum| *sum /= count);
        sums
    }

    /// Lower triangle `L` of a symmetric, positive definite matrix with `ridge` added to its diagonal: `L L' = A + ridge`.
    pub(crate) fn cholesky(&self, ridge: f64) -> Lower {
        let size = self.rows;
        let mut lower = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let (above, left) =
                    (&lower[column * size..column * size + column], &lower[row * size..row * size + column]);
                let rest = self.at(row, column) - dot(above, left);
                lower[row * size + column] = if row == column {
                    (rest + ridge).max(f64::MIN_POSITIVE).sqrt()
                } else {
                    rest / lower[column * size + column]
                };
            }
        }
        Lower { size, values: lower }
    }

    /// Eigenvalues from the largest on, each with its vector, of a symmetric matrix; Jacobi's rotations (Golub and Van Loan, 8.5).
    pub(super) fn eigen(mut self) -> Vec<(f64, Vec<f64>)> {
        const MOST_SWEEPS: usize = 30;
        let size = self.rows;
        let mut vectors = Self::zeros(size, size);
        (0..size).for_each(|at| vectors.values[at * size + at] = 1.0);
        let scale: f64 = self.values.iter().map(|value| value * value).sum();
        for _ in 0..MOST_SWEEPS {
            let off: f64 = (0..size)
                .flat_map(|row| (0..row).map(move |column| (row, column)))
                .map(|(r, c)| self.at(r, c).powi(2))
                .sum();
            if off <= 1e-22 * scale {
                break;
            }
            for p in 0..size {
                for q in p + 1..size {
                    self.rotate(&mut vectors, p, q);
                }
            }
        }
        let mut pairs: Vec<(f64, Vec<f64>)> =
            (0..size).map(|at| (self.at(at, at), (0..size).map(|row| vectors.at(row, at)).collect())).collect();
        pairs.sort_by(|one, other| other.0.total_cmp(&one.0));
        pairs
    }

    /// Makes the entry at (p, q) nothing.
    fn rotate(&mut self, vectors: &mut Self, p: usize, q: usize) {
        let entry = self.at(p, q);
        if entry == 0.0 {
            return;
        }
        let size = self.rows;
        let half = (self.at(q, q) - self.at(p, p)) / (2.0 * entry);
        let tangent = half.signum() / (half.abs() + (half * half + 1.0).sqrt());
        let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
        let sine = tangent * cosine;
        let turn = |values: &mut [f64], one: usize, other: usize| {
            let (a, b) = (values[one], values[other]);
            values[one] = cosine * a - sine * b;
            values[other] = sine * a + cosine * b;
        };
        for at in 0..size {
            turn(&mut self.values, at * size + p, at * size + q);
            turn(&mut vectors.values, at * size + p, at * size + q);
        }
        (0..size).for_each(|at| turn(&mut self.values, p * size + at, q * size + at));
    }
}

/// A lower triangle.
pub(crate) struct Lower {
    size: usize,
    values: Vec<f64>,
}

impl Lower {
    /// `x` of `L x = side`.
    pub(super) fn forth(&self, side: &[f64]) -> Vec<f64> {
        let mut solution: Vec<f64> = Vec::with_capacity(self.size);
        for (row, value) in side.iter().enumerate() {
            let left = &self.values[row * self.size..row * self.size + row];
            solution.push((value - dot(left, &solution)) / self.values[row * self.size + row]);
        }
        solution
    }

    /// `x` of `L' x = side`.
    pub(super) fn back(&self, side: &[f64]) -> Vec<f64> {
        let mut solution = side.to_vec();
        for row in (0..self.size).rev() {
            let known: f64 =
                (row + 1..self.size).map(|below| self.values[below * self.size + row] * solution[below]).sum();
            solution[row] = (solution[row] - known) / self.values[row * self.size + row];
        }
        solution
    }

    /// `x` of `L L' x = side`.
    pub(crate) fn solve(&self, side: &[f64]) -> Vec<f64> {
        self.back(&self.forth(side))
    }
}

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gram(values: &[f64]) -> Matrix {
        let rows: Vec<Vec<f64>> = values.chunks_exact(5).map(<[f64]>::to_vec).collect();
        Matrix::products(&rows, &rows)
    }

    proptest! {
        #[test]
        fn solutions_solve(values in prop::collection::vec(-2.0..2.0_f64, 40), side in prop::collection::vec(-3.0..3.0_f64, 5)) {
            let matrix = gram(&values);
            let solution = matrix.cholesky(0.5).solve(&side);
            for row in 0..5 {
                prop_assert!((dot(matrix.row(row), &solution) + 0.5 * solution[row] - side[row]).abs() < 1e-8);
            }
        }

        #[test]
        fn eigenvectors_are_only_stretched(values in prop::collection::vec(-2.0..2.0_f64, 40)) {
            let matrix = gram(&values);
            let pairs = matrix.clone().eigen();
            for (value, vector) in &pairs {
                prop_assert!((dot(vector, vector) - 1.0).abs() < 1e-9);
                for row in 0..5 {
                    prop_assert!((dot(matrix.row(row), vector) - value * vector[row]).abs() < 1e-8);
                }
            }
            prop_assert!(pairs.windows(2).all(|pair| pair[0].0 >= pair[1].0));
        }
    }
}
