//! What holds for any value: each scalar of each accepted case is replaced by each of some hostile texts. The result compiles or is refused with
//! a span; nothing panics; what compiles reads back, and keeps to its lines.

use stackc::artifact::{Artifact, Body, reread};
use stackc::diagnostic::Diagnostics;
use stackc::facts::Facts;
use stackc::pins::Pins;
use stackc::source::Source;

use crate::{cases, root};

/// Texts, as JSON strings, that try to leave the place where they stand.
const HOSTILE: &[&str] = &[
    r#""x\nUSER evil""#,
    r##""a'b\"c`d$(e)${f};{g}#h\\i""##,
    r#""${secrets.NOPE}${services.nope.url}""#,
    r#""$$HOME } ; \u2028 \u0007""#,
    "null",
    "[]",
    "3.10",
    r#""""#,
];

/// Instructions that may begin a line of a Dockerfile.
const INSTRUCTIONS: &[&str] = &[
    "FROM",
    "WORKDIR",
    "RUN",
    "ENV",
    "ARG",
    "COPY",
    "LABEL",
    "USER",
    "EXPOSE",
    "STOPSIGNAL",
    "CMD",
    "ENTRYPOINT",
    "#",
];

/// Values that are tried in one case.
const MOST_VALUES: usize = 24;

#[test]
fn no_value_leaves_its_place() {
    let mut compiled = 0;
    let mut refused = 0;
    for (case, folder) in cases(&root().join("specs")) {
        let text = std::fs::read_to_string(folder.join("stack.yaml")).expect("a case has a stack.yaml");
        let spans = scalars(&text);
        // Some values of each case, and the texts in turns: all of them in all would take minutes.
        let step = spans.len().div_ceil(MOST_VALUES).max(1);
        for (at, span) in spans.iter().enumerate().step_by(step) {
            let at = at / step + compiled + refused;
            let hostile = HOSTILE[at % HOSTILE.len()];
            let changed = format!("{}{hostile}{}", &text[..span.start], &text[span.end..]);
            match compile(&changed, &format!("{case}, value {at}")) {
                true => compiled += 1,
                false => refused += 1,
            }
        }
    }
    assert!(compiled > 50 && refused > 50, "{compiled} compiled, {refused} refused: both are tried");
}

fn compile(text: &str, what: &str) -> bool {
    let mut diagnostics = Diagnostics::default();
    let source = Source::new("stack.yaml", text);
    let tree = stackc::compile::compile(&source, &[], &Pins::default(), &|_| Facts::none(), &mut diagnostics);
    for diagnostic in diagnostics.iter() {
        assert!(text.get(diagnostic.span.clone()).is_some(), "{what}: {diagnostic:?} points outside");
    }
    assert_eq!(tree.is_none(), diagnostics.has_errors(), "{what}: outputs exist just where there is no error");
    tree.iter().flat_map(|tree| tree.iter()).for_each(|artifact| reads_back(artifact, what));
    tree.is_some()
}

fn reads_back(artifact: &Artifact, what: &str) {
    assert_eq!(reread(artifact), Ok(()), "{what}: {}", artifact.path);
    let content = artifact.content();
    if artifact.path.ends_with("Dockerfile")
        && let Body::Text { .. } = artifact.body
    {
        let mut continued = false;
        let mut script = None;
        for line in content.lines() {
            // The lines of a script are the shell's.
            if let Some(end) = script {
                script = (line != end).then_some(end);
                continue;
            }
            script = line.rsplit_once("<<'").and_then(|(_, end)| end.strip_suffix('\''));
            let known = line.is_empty() || INSTRUCTIONS.iter().any(|instruction| line.starts_with(instruction));
            assert!(continued || known, "{what}: {} has the line {line:?}", artifact.path);
            continued = line.ends_with('\\') && !line.starts_with('#');
        }
    }
    if artifact.path == ".env.example" {
        for line in content.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let name = line.split('=').next().unwrap_or(line);
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{what}: {line:?} in .env.example");
        }
    }
}

/// The spans of all values that are no mapping or list.
fn scalars(text: &str) -> Vec<std::ops::Range<usize>> {
    fn walk(node: stackc::syntax::Node<'_>, found: &mut Vec<std::ops::Range<usize>>) {
        use stackc::syntax::Kind;
        match node.kind() {
            Kind::Map => node.entries().for_each(|(_, value)| walk(value, found)),
            Kind::List => node.items().for_each(|item| walk(item, found)),
            Kind::Null | Kind::Bool | Kind::Number | Kind::Text => found.push(node.span()),
        }
    }
    let document = stackc::syntax::parse(&Source::new("stack.yaml", text), &mut Diagnostics::default());
    let mut found = Vec::new();
    walk(document.root().expect("accepted cases can be read"), &mut found);
    found
}
