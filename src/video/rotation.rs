//! The display matrix: how a player turns the picture.
//!
//! Nine 32-bit integers, row by row; the first two of each of the first two rows are 16.16 fixed point.

use ffmpeg_next::{Stream, packet::side_data::Type};

/// Clockwise turn at display to the nearest quarter: 0, 90, 180 or 270.
pub(super) fn rotation_degrees(stream: &Stream) -> u16 {
    let matrix = stream.side_data().find(|data| data.kind() == Type::DisplayMatrix);
    matrix.and_then(|matrix| clockwise(matrix.data())).unwrap_or(0)
}

fn clockwise(matrix: &[u8]) -> Option<u16> {
    let cell = |index: usize| {
        let bytes = matrix.get(index * 4..index * 4 + 4)?;
        bytes.try_into().ok().map(|bytes| f64::from(i32::from_ne_bytes(bytes)))
    };
    let (a, b, c, d) = (cell(0)?, cell(1)?, cell(3)?, cell(4)?);
    let (scale_x, scale_y) = (a.hypot(c), b.hypot(d));
    if scale_x == 0.0 || scale_y == 0.0 {
        return None;
    }
    let quarters = ((b / scale_y).atan2(a / scale_x) / std::f64::consts::FRAC_PI_2).round();
    Some(quarters.rem_euclid(4.0) as u16 * 90)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> Vec<u8> {
        let one = 1 << 30;
        let cells = [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, one];
        cells.iter().flat_map(|cell| cell.to_ne_bytes()).collect()
    }

    #[test]
    fn quarters_are_read_from_the_matrix() {
        assert_eq!(clockwise(&matrix(1, 0, 0, 1)), Some(0));
        assert_eq!(clockwise(&matrix(0, 1, -1, 0)), Some(90));
        assert_eq!(clockwise(&matrix(-1, 0, 0, -1)), Some(180));
        assert_eq!(clockwise(&matrix(0, -1, 1, 0)), Some(270));
    }

    #[test]
    fn a_broken_matrix_turns_nothing() {
        assert_eq!(clockwise(&matrix(0, 0, 0, 0)), None);
        assert_eq!(clockwise(&[1, 2, 3]), None);
    }
}
