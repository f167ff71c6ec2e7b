//! Turns bytes into text: size, encoding and NUL bytes, before any YAML is read.
//!
//! A byte order mark stays in the text, so that spans count it; the parser passes over it.

use std::str::Utf8Error;

use super::MAX_BYTES;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// The text of `source`, or why there is none.
pub(super) fn decode(source: &Source) -> Result<&str, Diagnostic> {
    if source.bytes.len() > MAX_BYTES {
        return Err(too_large(source));
    }
    if let Some(name) = wide_encoding(&source.bytes) {
        return Err(wide(source, name));
    }
    match std::str::from_utf8(&source.bytes) {
        Ok(text) => text.find('\0').map_or(Ok(text), |at| Err(nul(at))),
        Err(error) => Err(not_utf8(source, error)),
    }
}

fn too_large(source: &Source) -> Diagnostic {
    let first = usize::from(source.bytes.first().is_some_and(u8::is_ascii));
    let message = format!("the file has {} bytes, more than the {MAX_BYTES} that stackc reads", source.bytes.len());
    Diagnostic::new(Code::LimitExceeded, 0..first, message, "too large")
        .help("keep data in files of their own; a stack.yaml of a few hundred lines describes a large system")
}

/// The encoding of a text of two or four bytes a character, told by its byte order mark or by the NUL bytes of its first characters.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => Some("UTF-32"),
        [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

fn wide(source: &Source, name: &str) -> Diagnostic {
    let message = format!("the file is {name}; stackc reads UTF-8");
    Diagnostic::new(Code::NotUtf8, character(source, 0), message, format!("{name} starts here"))
        .help(convert(source, name))
}

fn nul(at: usize) -> Diagnostic {
    let message = format!("byte {at} of the file is NUL, which no text holds");
    Diagnostic::new(Code::NotUtf8, at..at + 1, message, "byte 0x00")
        .help("remove the byte: `tr -d '\\0' < stack.yaml > clean.yaml`")
}

fn not_utf8(source: &Source, error: Utf8Error) -> Diagnostic {
    let at = error.valid_up_to();
    let byte = source.bytes[at];
    let message = format!("byte {at} of the file, 0x{byte:02X}, is not UTF-8");
    let label = match byte {
        0xA0.. => format!("`{}` in Latin-1", char::from(byte)),
        _ => format!("byte 0x{byte:02X}"),
    };
    Diagnostic::new(Code::NotUtf8, character(source, at), message, label).help(convert(source, "LATIN1"))
}

/// The command that makes UTF-8 of the file.
fn convert(source: &Source, from: &str) -> String {
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_');
    let name = if source.name.chars().all(usual) { &*source.name } else { "stack.yaml" };
    format!("save the file as UTF-8: `iconv -f {from} -t UTF-8 {name} > utf8.yaml`")
}

/// The character of the shown text at byte `at`, up to which the file is UTF-8.
fn character(source: &Source, at: usize) -> Span {
    let text = source.text();
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}
