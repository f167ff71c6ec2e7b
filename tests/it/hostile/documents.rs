//! Large documents of one kind each: deep, wide, long, or standing for far more than they hold.
//!
//! They follow the generator with which YAML libraries were compared; several of those hung, overflowed or ran out of memory.

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Nine lists, each of nine aliases of the one before.
pub fn laughs() -> String {
    let lists = ["b", "c", "d", "e", "f", "g", "h", "i"].iter().scan("a", |last, name| {
        let aliases = vec![format!("*{last}"); 9].join(",");
        *last = name;
        Some(format!("{name}: &{name} [{aliases}]\n"))
    });
    format!("a: &a [{}]\n{}", ["\"lol\""; 9].join(","), lists.collect::<String>())
}

/// Mappings that each merge the one before.
pub fn merge_chain(links: usize) -> String {
    let link = |i| format!("m{}: &m{}\n  <<: *m{i}\n  k{}: 1\n", i + 1, i + 1, i + 1);
    format!("m0: &m0 {{k0: 1}}\n{}", lines(links, link))
}

/// Lists that each hold the one before.
pub fn alias_chain(links: usize) -> String {
    format!("a0: &a0 x\n{}", lines(links, |i| format!("a{}: &a{} [*a{i}]\n", i + 1, i + 1)))
}

/// The documents of the generator, each `size` times as large as the smallest that makes sense.
pub fn documents(size: usize) -> Vec<(&'static str, String)> {
    let big = 100_000 * size;
    vec![
        ("open brackets", "[".repeat(big)),
        ("closed brackets", "[".repeat(big / 2) + &"]".repeat(big / 2)),
        ("open mappings", "{a: ".repeat(big / 4)),
        ("dashes in dashes", "- ".repeat(big / 2) + "x\n"),
        ("indented mappings", lines(130 * size, |i| " ".repeat(i) + "a:\n")),
        ("question marks", "? ".repeat(big / 2)),
        ("laughs", laughs()),
        ("long scalar aliased", format!("a: &a {}\nl:\n{}", "x".repeat(big / 2), "  - *a\n".repeat(big / 20))),
        ("flat mapping", lines(big / 24, |i| format!("key{i}: value number {i}\n"))),
        ("plain scalar", format!("a: {}\n", "x".repeat(big))),
        ("quoted scalar", format!("a: \"{}\"\n", "x".repeat(big))),
        ("text block", format!("a: |\n{}", "  line of text here\n".repeat(big / 20))),
        ("list", "- 1\n".repeat(big / 4)),
        ("list in brackets", format!("[{}1]", "1,".repeat(big / 2))),
        ("comments", "# comment line\n".repeat(big / 15) + "a: 1\n"),
        ("anchors", lines(big / 14, |i| format!("k{i}: &a{i} v\n"))),
        ("empty lines", "\n".repeat(big)),
        ("blanks", format!("a:{}1\n", " ".repeat(big))),
        ("colons", ":".repeat(big)),
        ("exclamation marks", "!".repeat(big)),
        ("anchors of nothing", "&a ".repeat(big / 3)),
        ("escapes", format!("\"{}\"", "\\n".repeat(big / 2))),
        ("single quotes", "'".repeat(big)),
        ("dashes", "-".repeat(big)),
        ("open brackets and items", "[a, ".repeat(200) + "\n" + &"b, ".repeat(big / 3)),
        ("plain scalar of many lines", format!("a: {}\n", "word\n  ".repeat(big / 7))),
        ("chain of merges", merge_chain(big / 34)),
        ("chain of aliases", alias_chain(big / 18)),
        ("open quote", format!("a: \"{}", "x y\n".repeat(big / 4))),
        ("long tag", format!("%TAG !e! {}\n---\na: 1\n", "x".repeat(big))),
        ("many documents", "---\na: 1\n".repeat(big / 9)),
        ("keys in braces", format!("{{{}}}", lines(big / 10, |i| format!("\"k{i}\", ")))),
        ("carriage returns", format!("a: b\r\n{}", lines(big / 11, |i| format!("k{i}: v\r\n")))),
        ("one key many times", "a: 1\n".repeat(big / 5)),
    ]
}

/// More of the same kind, aimed at what explains a fault rather than at what finds it.
pub fn faults(size: usize) -> Vec<(&'static str, String)> {
    let big = 100_000 * size;
    vec![
        ("references on one line", format!("a: [{}]\n", "${x}, ".repeat(big / 6))),
        ("references on many lines", lines(big / 12, |_| "a: [${x.y}]\n".to_owned())),
        ("references that do not end", format!("a: [{}", "${".repeat(big / 2))),
        ("references in references", format!("a: {{b: {}{}}}", "${".repeat(big / 4), "}".repeat(big / 4))),
        ("templates", lines(big / 9, |_| "- {{ x }}\n".to_owned())),
        ("unknown aliases", lines(big / 5, |_| "- *x\n".to_owned())),
        ("unknown tags", lines(big / 6, |_| "- !x y\n".to_owned())),
        ("bad escapes", format!("a: \"{}\"", "\\q".repeat(big / 2))),
        ("quotes after a fault", format!("a: \"b\n{}", "c: \"d\"\n".repeat(big / 8))),
        ("brackets after a fault", format!("a: [b\n{}", "c: [d, {e: f}]\n".repeat(big / 16))),
        ("lines before a fault", "  a: 1\n".repeat(big / 8) + " b: 2\n"),
        ("tab after many lines", format!("a: {}\tb: 1\n", "word\n  ".repeat(big / 7))),
        ("line without end", format!("a: {}: b\n", "word ".repeat(big / 5))),
        ("merges of one list", format!("m: &m {{a: 1}}\nl: {{<<: [{}]}}\n", "*m, ".repeat(big / 4))),
        (
            "merges of a wide mapping",
            format!("m: &m\n{}n:\n{}", lines(big / 20, |i| format!("  k{i}: 1\n")), "  - <<: *m\n".repeat(big / 20)),
        ),
    ]
}
