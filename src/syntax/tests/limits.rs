//! How large a file may be, as written and as expanded.

use super::{document, read};
use crate::code::Code;
use crate::syntax::{MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, MAX_VALUES};

/// The message of the only diagnostic, and the text that it points at.
fn refused(text: &str) -> (String, &str) {
    let (document, diagnostics) = read(text);
    assert!(document.root().is_none());
    let [diagnostic] = &diagnostics[..] else { panic!("{diagnostics:?}") };
    assert_eq!(diagnostic.code, Code::LimitExceeded);
    (diagnostic.message.clone(), &text[diagnostic.span.clone()])
}

fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

#[test]
fn bytes() {
    document(&format!("a: {}", "x".repeat(MAX_BYTES - 3)));
    let text = format!("a: {}", "x".repeat(MAX_BYTES - 2));
    assert_eq!(refused(&text), ("the file has 1048577 bytes, more than the 1048576 that stackc reads".to_owned(), "a"));
}

#[test]
fn values() {
    document(&format!("[{}]", "1,".repeat(MAX_VALUES - 1)));
    let text = format!("[{}]", "1,".repeat(MAX_VALUES));
    assert_eq!(refused(&text), ("the file has more than 100000 keys and values".to_owned(), "1"));
}

#[test]
fn depth() {
    document(&nested(MAX_DEPTH));
    let message = "more than 64 lists and mappings are nested in each other".to_owned();
    assert_eq!(refused(&nested(MAX_DEPTH + 1)), (message.clone(), "["));
    let block = (0..=MAX_DEPTH).map(|level| " ".repeat(level) + "a:\n").collect::<String>();
    assert_eq!(refused(&block).0, message);
}

#[test]
fn expansion() {
    let tens = |from: &str, to: &str| format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(","));
    let text = format!(
        "a: &a [{}]\n{}{}{}{}",
        "1,".repeat(10),
        tens("a", "b"),
        tens("b", "c"),
        tens("c", "d"),
        tens("d", "e")
    );
    assert_eq!(refused(&text), ("the aliases of this value stand for more than 100000 values".to_owned(), "*d"));
    let text = format!("a: &a {}\nl:\n{}", "x".repeat(100_000), "  - *a\n".repeat(50));
    assert_eq!(
        refused(&text),
        ("the aliases of this value stand for more than 4194304 bytes of text".to_owned(), "*a")
    );
    let chain = (1..=MAX_DEPTH).map(|link| format!("a{link}: &a{link} [*a{}]\n", link - 1)).collect::<String>();
    assert_eq!(
        refused(&format!("a0: &a0 []\n{chain}")).0,
        "the aliases of this value stand for more than 64 levels of nesting"
    );
}

#[test]
fn merges_add_no_depth() {
    let chain =
        (1..100).map(|link| format!("m{link}: &m{link}\n  <<: *m{}\n  k{link}: 1\n", link - 1)).collect::<String>();
    let document = document(&format!("m0: &m0 {{k0: 1}}\n{chain}"));
    assert_eq!(document.root().and_then(|root| root.get("m99")).map(|last| last.entries().count()), Some(100));
}

#[test]
fn problems() {
    let (_, diagnostics) = read("- *x\n".repeat(1000));
    assert_eq!(diagnostics.len(), MAX_PROBLEMS);
    let (_, diagnostics) = read("- [${x}, ${x.y}]\n".repeat(1000));
    assert!(diagnostics.len() <= MAX_PROBLEMS);
    let (_, diagnostics) = read("a: 1\n".repeat(1000));
    assert_eq!(diagnostics.len(), MAX_PROBLEMS);
}

#[test]
fn long_keys() {
    let (_, diagnostics) = read(format!("a: 1\n{}: 1\n", "k".repeat(1100)));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].message, "a key is longer than 1024 characters");
    document(&format!("{}: 1\n", "k".repeat(1000)));
}
