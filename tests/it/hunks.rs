//! A one-line change of stack.yaml is a small change of the outputs: one place in the Compose file.

use similar::TextDiff;
use stackc::diagnostic::Diagnostics;
use stackc::facts::Facts;
use stackc::source::Source;

use crate::root;

/// A line of specs/references/stack.yaml, and what takes its place.
const EDITS: &[(&str, &str)] = &[
    ("      LEVEL: ${LOG_LEVEL}\n", "      LEVEL: ${LOG_LEVEL}\n      EXTRA: more\n"),
    ("      PRICE: 5$$ for $${nothing}\n", ""),
    ("    restart: always\n", "    restart: on-failure\n"),
    ("    stop_grace_period: 45s\n", "    stop_grace_period: 20s\n"),
    ("    resources: {memory: 512mb, cpus: 2}\n", "    resources: {memory: 768mb, cpus: 2}\n"),
    ("    image: ghcr.io/acme/worker:1.4\n    ports", "    image: ghcr.io/acme/worker:1.5\n    ports"),
    ("    stop_signal: SIGTERM\n", "    stop_signal: SIGINT\n"),
    ("    healthcheck: /\n", "    healthcheck: /index.html\n"),
    ("interval: 5s}", "interval: 7s}"),
    (
        "      docs: {ports: {http: {publish: \"127.0.0.1:${PUBLIC_PORT}\"}}}\n",
        "      docs: {working_dir: /srv, ports: {http: {publish: \"127.0.0.1:${PUBLIC_PORT}\"}}}\n",
    ),
    ("  db:\n    image: postgres:17-alpine\n", "  db:\n    image: postgres:18-alpine\n"),
    (
        "    compose: {ulimits: {nofile: 65536}, shm_size: 256mb}\n",
        "    compose: {ulimits: {nofile: 65536}, shm_size: 512mb}\n",
    ),
];

#[test]
fn one_line_changes_one_place() {
    let text = std::fs::read_to_string(root().join("specs/references/stack.yaml")).expect("the case exists");
    let before = compose(&text);
    for (line, other) in EDITS {
        assert_eq!(text.matches(line).count(), 1, "{line:?} stands once in the case");
        let after = compose(&text.replace(line, other));
        let diff = TextDiff::from_lines(&before, &after);
        let hunks = diff.grouped_ops(0).len();
        // The image of `worker` is also what a variable of `api` names.
        let expected = if line.contains("worker:1.4") { 2 } else { 1 };
        assert_eq!(hunks, expected, "{line:?} → {other:?}:\n{}", diff.unified_diff());
    }
}

/// The Compose file of the environment `dev`, without its marker line.
fn compose(text: &str) -> String {
    let mut diagnostics = Diagnostics::default();
    let tree = stackc::compile::compile(
        &Source::new("stack.yaml", text),
        &[],
        &stackc::pins::Pins::default(),
        &|_| Facts::none(),
        &mut diagnostics,
    );
    let tree = tree.unwrap_or_else(|| panic!("{:?}", diagnostics.sorted()));
    tree.get("docker-compose.yml")
        .expect("the case has one")
        .content()
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect()
}
