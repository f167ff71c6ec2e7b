//! Bytes that are no text that stackc reads, and characters that no YAML holds.

use super::read;
use crate::code::Code;

/// The code, the message, the label and the span of the only diagnostic.
fn only(bytes: &[u8]) -> (Code, String, String, std::ops::Range<usize>) {
    let (document, diagnostics) = read(bytes);
    assert!(document.root().is_none());
    let [diagnostic] = &diagnostics[..] else { panic!("{diagnostics:?}") };
    let text = String::from_utf8_lossy(bytes);
    assert!(text.get(diagnostic.span.clone()).is_some());
    assert!(diagnostic.help.is_some());
    (diagnostic.code, diagnostic.message.clone(), diagnostic.label.clone(), diagnostic.span.clone())
}

fn expect(bytes: &[u8], code: Code, message: &str, label: &str, span: std::ops::Range<usize>) {
    assert_eq!(only(bytes), (code, message.to_owned(), label.to_owned(), span));
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn utf16() {
    let message = "the file is UTF-16; stackc reads UTF-8";
    expect(&wide("name: a\n"), Code::NotUtf8, message, "UTF-16 starts here", 0..1);
    expect(&wide("\u{feff}name: a\n"), Code::NotUtf8, message, "UTF-16 starts here", 0..3);
    let (_, message, ..) = only(b"n\0\0\0a\0\0\0");
    assert_eq!(message, "the file is UTF-32; stackc reads UTF-8");
}

#[test]
fn latin1() {
    let message = "byte 9 of the file, 0xE9, is not UTF-8";
    expect(b"name: caf\xE9\n", Code::NotUtf8, message, "`é` in Latin-1", 9..12);
    let message = "byte 2 of the file, 0x80, is not UTF-8";
    expect(b"a \x80", Code::NotUtf8, message, "byte 0x80", 2..5);
}

#[test]
fn nul_bytes() {
    expect(b"a: b\0c\n", Code::NotUtf8, "byte 4 of the file is NUL, which no text holds", "byte 0x00", 4..5);
}

#[test]
fn control_characters() {
    let message = "the text holds the control character U+0007";
    expect(b"a: \"b\x07c\"\n", Code::YamlSyntax, message, "control character", 5..6);
    expect(b"a: b\x07c\n", Code::YamlSyntax, message, "control character", 4..5);
}

#[test]
fn byte_order_marks() {
    let message = "a byte order mark stands inside the file";
    expect("a: 1\n\u{feff}b: 2\n".as_bytes(), Code::YamlSyntax, message, "U+FEFF, which is not visible", 5..8);
    let (document, diagnostics) = read("\u{feff}a: 1\n");
    assert!(diagnostics.is_empty() && document.root().is_some());
}
