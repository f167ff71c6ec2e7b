//! Faults of the file itself: its bytes, its YAML, its keys and anchors.

super::define::codes! {
    /// The file is not UTF-8 text: it is UTF-16, holds a NUL byte, or bytes that no UTF-8 text has.
    ///
    /// Save it as UTF-8 (with or without a byte order mark); the message names the first offending byte.
    NotUtf8 = "not-utf8", Error;

    /// The file holds no YAML value: it is empty, or all of it is comments.
    ///
    /// The smallest stack.yaml has a name and one service: `name: shop`, and on the next line
    /// `services: {web: {image: nginx:1.30-alpine, ports: {http: 80}}}`.
    EmptyFile = "empty-file", Error;

    /// The YAML itself is broken, so nothing after this place could be read.
    ///
    /// Frequent causes: a tab used for indentation, a missing space after a colon, an unclosed quote or bracket, or a value
    /// that needs quotes: it starts with `@`, `` ` ``, `%`, `!`, `*`, `&` or `{`, or it holds a colon and a space.
    /// Tags such as `!reset` have no meaning here; those of YAML's own types (`!!str`, `!!int`) do.
    YamlSyntax = "yaml-syntax", Error;

    /// `${…}` stands unquoted inside `{ }` or `[ ]`, where YAML reads its braces as the end of the mapping.
    ///
    /// Quote it: `env: {URL: "${services.api.url}"}`; or write the mapping on lines of its own, where no quotes are needed.
    UnquotedReference = "unquoted-reference", Error;

    /// The file holds a second YAML document (after a line `---`).
    ///
    /// One stack.yaml describes one stack. Move the second document into a stack.yaml of its own folder.
    SeveralDocuments = "several-documents", Error;

    /// The file is larger or deeper than a stack.yaml can sensibly be, or its aliases expand to far too much.
    ///
    /// The limits: 1 MiB of text, 100,000 keys and values, 64 levels of nesting; once aliases and `<<` are expanded, the same
    /// numbers again and 4 MiB of text.
    LimitExceeded = "limit-exceeded", Error;

    /// One key stands twice in the same mapping. YAML readers disagree about which one counts, so neither does here.
    ///
    /// Remove one, or merge the two values.
    DuplicateKey = "duplicate-key", Error;

    /// A key of a mapping is itself a mapping or a list, or there is none before the colon.
    ///
    /// Usually an unquoted template such as `{{ x }}`: quote it.
    InvalidKey = "invalid-key", Error;

    /// An alias `*name` has no anchor `&name` before it, or stands inside the very value it refers to.
    ///
    /// If it was meant as text (`*.example.com`), quote it; so also a key: `"*":`.
    InvalidAlias = "invalid-alias", Error;

    /// `<<` merges mappings, given by alias, and found something else.
    ///
    /// Write `<<: *worker` or `<<: [*worker, *kube]`, where the anchors stand at mappings.
    InvalidMerge = "invalid-merge", Error;
}
