//! Numbers that scripts hand over: whole or not, within limits or an error that says value and limit.

use rhai::{Dynamic, EvalAltResult};

/// Of a function that scripts call.
pub(super) type Checked<T> = Result<T, Box<EvalAltResult>>;

/// Whole numbers and others alike.
pub(super) fn number(value: &Dynamic, what: &str) -> Checked<f64> {
    let found = value.as_float().or_else(|_| value.as_int().map(|whole| whole as f64));
    match found {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) => Err(format!("{what} is {number}; it must be a number that can be counted").into()),
        Err(kind) => Err(format!("{what} is a number, not {}", article(kind)).into()),
    }
}

pub(super) fn within(value: &Dynamic, what: &str, low: f64, high: f64) -> Checked<f64> {
    let number = number(value, what)?;
    if (low..=high).contains(&number) {
        return Ok(number);
    }
    Err(format!("{what} is {number}; {low} to {high} are allowed").into())
}

/// Rounded to a whole number.
pub(super) fn whole(value: &Dynamic, what: &str, low: i64, high: i64) -> Checked<i64> {
    within(value, what, low as f64, high as f64).map(|number| number.round() as i64)
}

/// `an array`, `a string`.
pub(super) fn article(kind: &str) -> String {
    let plain = kind.rsplit("::").next().unwrap_or(kind);
    let plain = plain.strip_suffix("Value").unwrap_or(plain).to_lowercase();
    match plain.as_str() {
        "()" => "nothing".to_owned(),
        "i64" | "f64" => "a number".to_owned(),
        _ if plain.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {plain}"),
        _ => format!("a {plain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_value_and_limit() {
        let told = |value: Dynamic| whole(&value, "velocity", 1, 127).unwrap_err().to_string();
        assert_eq!(whole(&Dynamic::from(79.6), "velocity", 1, 127).unwrap(), 80);
        assert!(told(Dynamic::from(140_i64)).contains("velocity is 140; 1 to 127 are allowed"));
        assert!(told(Dynamic::from("loud".to_owned())).contains("velocity is a number, not a string"));
        assert!(told(Dynamic::from(f64::NAN)).contains("can be counted"));
        assert!(told(Dynamic::UNIT).contains("not nothing"));
    }
}
