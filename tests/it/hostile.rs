//! Hostile input: whatever the bytes are, reading them ends soon, without a panic, with spans that lie in the text.

mod documents;

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use stackc::code::Code;
use stackc::diagnostic::{Diagnostic, Diagnostics};
use stackc::source::{Locate, Place, Source, Span, SpecPath};
use stackc::syntax::{self, Document, MAX_BYTES, MAX_PROBLEMS, Node};

use documents::{alias_chain, documents, faults, laughs, merge_chain};

/// How long one document may take before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(20);

fn read(bytes: &[u8]) -> (Document, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::default();
    let document = syntax::parse(&Source::new("stack.yaml", bytes), &mut diagnostics);
    (document, diagnostics.iter().cloned().collect())
}

/// Reads `bytes` and checks all that holds of any input.
fn check(bytes: &[u8]) -> Vec<Diagnostic> {
    let (document, diagnostics) = read(bytes);
    let text = String::from_utf8_lossy(bytes);
    assert!(diagnostics.len() <= MAX_PROBLEMS, "{} diagnostics", diagnostics.len());
    assert!(document.root().is_some() || !diagnostics.is_empty(), "nothing read and nothing said");
    for diagnostic in &diagnostics {
        check_diagnostic(&text, diagnostic);
    }
    if let Some(root) = document.root() {
        check_node(&text, root);
        check_locate(&text, &document);
    }
    document.to_json();
    diagnostics
}

fn check_diagnostic(text: &str, diagnostic: &Diagnostic) {
    check_span(text, &diagnostic.span);
    diagnostic.related.iter().for_each(|(span, _)| check_span(text, span));
    for said in
        [&diagnostic.message, &diagnostic.label, diagnostic.help.as_ref().expect("every fault of syntax has help")]
    {
        assert!(!said.is_empty() && said.len() < 2000, "{diagnostic:?}");
        assert!(!said.contains(['\n', '\r']), "{diagnostic:?}");
    }
}

fn check_span(text: &str, span: &Span) {
    assert!(text.get(span.clone()).is_some(), "{span:?} is not in a text of {} bytes", text.len());
}

fn check_node(text: &str, node: Node<'_>) {
    check_span(text, &node.span());
    node.key_span().iter().for_each(|span| check_span(text, span));
    node.entries().for_each(|(_, child)| check_node(text, child));
    node.items().for_each(|child| check_node(text, child));
}

fn check_locate(text: &str, document: &Document) {
    let first = document.root().and_then(|root| root.entries().next()).map_or("x", |(key, _)| key);
    for path in [SpecPath::root(), SpecPath::root().key(first), SpecPath::root().key(first).key("x").index(1)] {
        check_span(text, &document.span(&Place::Key(path.clone())));
        check_span(text, &document.span(&Place::Value(path.clone())));
        check_span(text, &document.span(&Place::Within(path, "$".to_owned())));
    }
}

/// Checks `text` in a thread with a small stack, so that a hang and a deep recursion both show.
fn check_soon(name: &str, text: String) -> Vec<Diagnostic> {
    let (sender, receiver) = mpsc::channel();
    let work = move || _ = sender.send(check(text.as_bytes()));
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread can be started");
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn data(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

#[test]
fn small_files() {
    let files = fs::read_dir(data("hostile")).expect("the folder is part of the repository");
    let paths = files.map(|file| file.expect("its entries can be read").path());
    let texts: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    for path in &texts {
        check(&fs::read(path).expect("its files can be read"));
    }
    assert!(texts.len() >= 57, "{} files", texts.len());
}

fn check_all(documents: Vec<(&'static str, String)>) {
    for (name, text) in documents {
        assert!(text.len() <= MAX_BYTES, "{name} has {} bytes", text.len());
        check_soon(name, text);
    }
}

#[test]
fn large_files() {
    check_all(documents(1));
    check_all(documents(5));
}

#[test]
fn large_files_with_faults() {
    check_all(faults(1));
    check_all(faults(5));
}

#[test]
fn larger_files_are_refused_unread() {
    for (name, text) in documents(20).into_iter().filter(|(_, text)| text.len() > MAX_BYTES) {
        let diagnostics = check_soon(name, text);
        assert_eq!(diagnostics.len(), 1, "{name}");
        assert_eq!(diagnostics[0].code, Code::LimitExceeded, "{name}");
    }
}

#[test]
fn aliases_that_expand_too_far_are_refused() {
    let bomb = format!("a: &a {}\nl:\n{}", "x".repeat(100_000), "  - *a\n".repeat(20_000));
    for (name, text) in
        [("laughs", laughs()), ("scalar", bomb), ("merges", merge_chain(4_000)), ("nested", alias_chain(20_000))]
    {
        let codes: Vec<_> = check_soon(name, text).iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, [Code::LimitExceeded], "{name}");
    }
}

/// Marsaglia's xorshift, so that each run tries the same.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from[self.below(from.len())]
    }
}

/// Pieces whose insertion most often changes what a text means.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b": ",
    b"- ",
    b"? ",
    b"\"",
    b"'",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b" ",
    b"  ",
    b"#",
    b" #",
    b"&a ",
    b"*a",
    b"*a ",
    b"!t ",
    b"|\n",
    b">-\n",
    b"<<: ",
    b"${x.y}",
    b"${",
    b"{{ x }}",
    b"\\",
    b"\\d",
    b"@",
    b"`",
    b"%",
    b"---\n",
    b"...\n",
    b"\xEF\xBB\xBF",
    b"\xC3\xA9",
    b"\xF0\x9F\x9A\x80",
    b"\xC2\x85",
    b"\xE2\x80\xA8",
    b"\0",
    b"\x07",
    b"\xFF",
    b"null",
    b"~",
    b"<<<<<<< x\n",
];

fn mutate(text: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(text.len() + 1);
    let end = (at + random.below(12)).min(text.len());
    match random.below(5) {
        0 => drop(text.drain(at..end)),
        1 => drop(text.splice(at..end, random.pick(PIECES).iter().copied())),
        2 => {
            let copied = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            drop(text.splice(to..to, copied));
        }
        _ => drop(text.splice(at..at, random.pick(PIECES).iter().copied())),
    }
}

/// A few lines of `text`, so that a fault near its start does not hide the rest from every mutation.
fn some_lines(text: &[u8], random: &mut Random) -> Vec<u8> {
    let lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let start = random.below(lines.len());
    lines[start..].iter().take(1 + random.below(12)).copied().flatten().copied().collect()
}

#[test]
fn mutations_of_a_real_file() {
    let whole = fs::read(data("clarity.stack.yaml")).expect("the file is part of the repository");
    let mut random = Random(0x5EED);
    let mut accepted = 0;
    for _ in 0..20_000 {
        let mut text = some_lines(&whole, &mut random);
        (0..=random.below(4)).for_each(|_| mutate(&mut text, &mut random));
        accepted += usize::from(check(&text).is_empty());
    }
    assert!(accepted > 1_000, "only {accepted} of the mutations are still YAML");
}
