//! Functions of Rhai's own library that allocate, wait or run without asking, taken out or held.
//!
//! Tried with rhai 1.27 and every limit set: `sleep` outlived the deadline, `replace` on a large text and `pad`, `split`
//! and `+` of arrays that hold themselves went to gigabytes in one operation. Their replacements say how much would
//! come out before it is made.

use rhai::{Array, Blob, Engine, EvalAltResult, ImmutableString};

type Checked<T> = Result<T, Box<EvalAltResult>>;

/// Characters, elements and entries of one value.
pub(super) const MOST_TEXT: usize = 1 << 20;
pub(super) const MOST_ELEMENTS: usize = 250_000;
pub(super) const MOST_ENTRIES: usize = 20_000;

pub(super) fn register(engine: &mut Engine) {
    engine.register_fn("sleep", |_: i64| -> Checked<()> { Err("a script can't wait".into()) });
    engine.register_fn("sleep", |_: f64| -> Checked<()> { Err("a script can't wait".into()) });
    engine.register_fn("replace", replace);
    engine.register_fn("replace", |text: &mut ImmutableString, find: char, put: &str| {
        replace(text, find.encode_utf8(&mut [0; 4]), put)
    });
    engine.register_fn("replace", |text: &mut ImmutableString, find: &str, put: char| {
        replace(text, find, put.encode_utf8(&mut [0; 4]))
    });
    engine.register_fn("+", |one: Array, other: Array| joined(one, other));
    engine.register_fn("append", |array: &mut Array, more: Array| -> Checked<()> {
        *array = joined(std::mem::take(array), more)?;
        Ok(())
    });
    engine.register_fn("blob", |_: i64| -> Checked<Blob> { Err("scripts have no blobs; use an array".into()) });
    engine.register_fn("blob", |_: i64, _: i64| -> Checked<Blob> { Err("scripts have no blobs; use an array".into()) });
    engine.register_fn("to_blob", |_: &str| -> Checked<Blob> { Err("scripts have no blobs; use an array".into()) });
}

fn replace(text: &mut ImmutableString, find: &str, put: &str) -> Checked<()> {
    let found = if find.is_empty() { text.chars().count() + 1 } else { text.matches(find).count() };
    let length = text.len() + found.saturating_mul(put.len());
    if length > MOST_TEXT {
        return Err(format!("`replace` would make a text of {length} bytes; {MOST_TEXT} are allowed").into());
    }
    *text = text.replace(find, put).into();
    Ok(())
}

fn joined(mut one: Array, other: Array) -> Checked<Array> {
    let length = one.len() + other.len();
    if length > MOST_ELEMENTS {
        return Err(format!("the array would have {length} elements; {MOST_ELEMENTS} are allowed").into());
    }
    one.extend(other);
    Ok(one)
}
