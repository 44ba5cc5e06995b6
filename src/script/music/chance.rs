//! Chance: drawn from the stage's seed, so that the same run gives the same music.

use rand_chacha::rand_core::Rng;
use rhai::{Array, Dynamic};

use super::{
    api::Api,
    number::{Checked, number, whole, within},
    stand,
};

pub(super) fn register(api: &mut Api) {
    api.group("Chance");
    api.function("random() -> number", "A number from 0 up to 1, from the stage's seed.", share);
    api.function(
        "random(low: number, high: number) -> number",
        "A number between two; a whole one, both ends among them, where both are whole.",
        |low: Dynamic, high: Dynamic| between(&low, &high),
    );
    api.function(
        "chance(share: number) -> bool",
        "True in so large a share of all cases: `chance(0.25)`.",
        |part: Dynamic| -> Checked<bool> { Ok(share()? < within(&part, "share", 0.0, 1.0)?) },
    );
    api.function(
        "choose(list: array) -> any",
        "One element of a list. In a script with the hook `choose` write `list.choose()`.",
        |list: Array| -> Checked<Dynamic> {
            let place = (share()? * list.len() as f64) as usize;
            list.get(place).cloned().ok_or_else(|| "there is nothing to choose from; the list is empty".into())
        },
    );
    api.function("shuffle(list: array) -> array", "A list in another order.", |mut list: Array| -> Checked<Array> {
        for place in (1..list.len()).rev() {
            list.swap(place, (share()? * (place + 1) as f64) as usize);
        }
        Ok(list)
    });
}

/// 0 up to 1.
pub(super) fn share() -> Checked<f64> {
    stand::with(|stand| (stand.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64)
}

/// -1 to 1, mostly near 0.
pub(super) fn wander() -> Checked<f64> {
    Ok(share()? + share()? - 1.0)
}

fn between(low: &Dynamic, high: &Dynamic) -> Checked<Dynamic> {
    let (from, to) = (number(low, "low")?, number(high, "high")?);
    if from > to {
        return Err(format!("low is {from} and high is {to}; low must be the lower one").into());
    }
    if !low.is_int() || !high.is_int() {
        return Ok(Dynamic::from(from + share()? * (to - from)));
    }
    let (from, to) = (whole(low, "low", -(1 << 31), 1 << 31)?, whole(high, "high", -(1 << 31), 1 << 31)?);
    Ok(Dynamic::from((from + (share()? * (to - from + 1) as f64) as i64).min(to)))
}
