//! Solves `A x = b` for symmetric, positive definite `A` by Cholesky's factors, in f64 and one fixed order: the same bits on
//! every machine, which a tensor library does not promise.

/// A square matrix, row by row.
pub(super) struct Matrix {
    pub(super) size: usize,
    pub(super) rows: Vec<f64>,
}

impl Matrix {
    /// A symmetric matrix from its entries on and below the diagonal.
    pub(super) fn symmetric(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let mut rows = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let value = entry(row, column);
                rows[row * size + column] = value;
                rows[column * size + row] = value;
            }
        }
        Self { size, rows }
    }

    /// Solutions for several right sides, with `ridge` added to the diagonal; `ridge` > 0 makes any Gram matrix definite.
    pub(super) fn solve(&self, ridge: f64, sides: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let lower = self.lower(ridge);
        sides.iter().map(|side| back(self.size, &lower, forth(self.size, &lower, side))).collect()
    }

    fn lower(&self, ridge: f64) -> Vec<f64> {
        let size = self.size;
        let mut lower = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let (above, left) =
                    (&lower[column * size..column * size + column], &lower[row * size..row * size + column]);
                let known: f64 = above.iter().zip(left).map(|(a, b)| a * b).sum();
                let rest = self.rows[row * size + column] - known;
                lower[row * size + column] = if row == column {
                    (rest + ridge).max(f64::MIN_POSITIVE).sqrt()
                } else {
                    rest / lower[column * size + column]
                };
            }
        }
        lower
    }
}

fn forth(size: usize, lower: &[f64], side: &[f64]) -> Vec<f64> {
    let mut solution: Vec<f64> = Vec::with_capacity(size);
    for row in 0..size {
        let known: f64 = lower[row * size..row * size + row].iter().zip(&solution).map(|(a, b)| a * b).sum();
        solution.push((side[row] - known) / lower[row * size + row]);
    }
    solution
}

fn back(size: usize, lower: &[f64], mut solution: Vec<f64>) -> Vec<f64> {
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|below| lower[below * size + row] * solution[below]).sum();
        solution[row] = (solution[row] - known) / lower[row * size + row];
    }
    solution
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn solutions_solve(values in prop::collection::vec(-2.0..2.0_f64, 36), side in prop::collection::vec(-3.0..3.0_f64, 6)) {
            let gram = |a: usize, b: usize| (0..6).map(|k| values[a * 6 + k] * values[b * 6 + k]).sum::<f64>();
            let matrix = Matrix::symmetric(6, gram);
            let solution = &matrix.solve(0.5, std::slice::from_ref(&side))[0];
            for row in 0..6 {
                let product: f64 = (0..6).map(|column| matrix.rows[row * 6 + column] * solution[column]).sum();
                prop_assert!((product + 0.5 * solution[row] - side[row]).abs() < 1e-8);
            }
        }
    }
}
