//! Figures as people read them.

/// `0.04 s`, `7.3 s`, `2 min 5 s`, `1 h 3 min`.
pub(crate) fn seconds(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match seconds {
        s if s < 0.995 => format!("{s:.2} s"),
        s if s < 59.95 => format!("{s:.1} s"),
        _ if whole < 3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_short_at_every_size() {
        let cases = [0.0, 0.043, 0.999, 7.31, 59.97, 125.4, 3780.0].map(seconds);
        assert_eq!(cases, ["0.00 s", "0.04 s", "1.0 s", "7.3 s", "1 min 0 s", "2 min 5 s", "1 h 3 min"]);
    }
}
