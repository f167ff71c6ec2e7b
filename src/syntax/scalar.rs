//! What a scalar means by the core schema of YAML 1.2: null, bool, number or text.
//!
//! `yes`, `0123` as an octal number and `22:22` belong to YAML 1.1 and have no meaning here.

use serde_json::Number;

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Core<'s> {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that JSON can hold.
    Number(Number),
    /// Anything else.
    Text(&'s str),
}

/// The meaning of a scalar of that text; only a plain one can be anything but text.
pub(super) fn core(text: &str, plain: bool) -> Core<'_> {
    match text {
        _ if !plain => Core::Text(text),
        _ if is_null(text) => Core::Null,
        "true" | "True" | "TRUE" => Core::Bool(true),
        "false" | "False" | "FALSE" => Core::Bool(false),
        _ => number(text).map_or(Core::Text(text), Core::Number),
    }
}

/// Whether a plain scalar of that text is null.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The number that a plain scalar of that text is; none for infinities and NaN, which JSON does not have.
fn number(text: &str) -> Option<Number> {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    radix(text, "0x", 16).or_else(|| radix(text, "0o", 8)).or_else(|| integer(text, body)).or_else(|| float(text))
}

/// A number such as `0x1f` or `0o17`; the core schema gives these no sign.
fn radix(text: &str, prefix: &str, radix: u32) -> Option<Number> {
    let digits = text.strip_prefix(prefix).filter(|digits| !digits.starts_with('+'))?;
    u64::from_str_radix(digits, radix).ok().map(Number::from)
}

/// A decimal integer that 64 bits hold; leading zeros have no meaning.
fn integer(text: &str, body: &str) -> Option<Number> {
    if !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let signed = text.strip_prefix('+').unwrap_or(text);
    signed.parse::<i64>().map(Number::from).ok().or_else(|| signed.parse::<u64>().map(Number::from).ok())
}

/// A decimal number with a point or an exponent, or an integer that is too large.
fn float(text: &str) -> Option<Number> {
    let decimal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.bytes().all(decimal) {
        return None;
    }
    text.parse().ok().and_then(Number::from_f64)
}
