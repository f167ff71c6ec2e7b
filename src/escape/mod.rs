//! Escaping, by type: each format's grammar stands here once, and an output gets a value of a type that prints itself safely.

mod flow;

use std::fmt;

pub use flow::FlowWord;

/// Words as a Dockerfile's exec form: a JSON array, never expanded by anything.
pub struct ExecForm<'a>(pub &'a [String]);

impl fmt::Display for ExecForm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(|word| exec_word(word)).collect();
        write!(f, "[{}]", words.join(", "))
    }
}

/// A JSON string in which no backslash stands right before a quote: some readers take it for the quote's own.
fn exec_word(word: &str) -> String {
    let mut said = String::from('"');
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', None | Some('"')) => said.push_str(r"\u005c"),
            ('"', _) => said.push_str("\\\""),
            _ => said.push_str(json(&c.to_string()).trim_matches('"')),
        }
    }
    said + "\""
}

/// One word for a POSIX shell: single quotes, unless it needs none.
pub struct ShellWord<'a>(pub &'a str);

impl fmt::Display for ShellWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare(self.0) && !RESERVED.contains(&self.0) {
            f.write_str(self.0)
        } else {
            write!(f, "{}", QuotedWord(self.0))
        }
    }
}

/// The value of a shell's variable, always in quotes: bare, a name that is a command's as well looks like one that was meant to run.
pub struct QuotedWord<'a>(pub &'a str);

impl fmt::Display for QuotedWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', r"'\''"))
    }
}

/// One word of a script that people read and shellcheck judges: in double quotes, all of it escaped, where single ones would have to be
/// broken off or hold what looks like an expansion; else as [`ShellWord`].
pub struct ScriptWord<'a>(pub &'a str);

impl fmt::Display for ScriptWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(['\'', '$', '`']) {
            return write!(f, "{}", ShellWord(self.0));
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            if matches!(c, '\\' | '"' | '$' | '`') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        f.write_str("\"")
    }
}

/// A value in a Dockerfile's `ENV`, `ARG` or `LABEL`: bare where that is safe, else in double quotes, in which BuildKit knows the escapes
/// `\"`, `\\` and `\$`. Backslashes before a quote, or at its end, stand between quotes: right before one, other readers take them for the quote's own.
/// It must hold no line break; `resolve` refuses one.
pub struct DockerfileWord<'a>(pub &'a str);

impl fmt::Display for DockerfileWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare(self.0) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        let mut rest = self.0;
        while let Some(c) = rest.chars().next() {
            let after = rest.trim_start_matches('\\');
            let backslashes = rest.len() - after.len();
            if backslashes > 0 && (after.is_empty() || after.starts_with('"')) {
                write!(f, "\"{}\"", r"\\".repeat(backslashes))?;
                rest = after;
                continue;
            }
            if matches!(c, '\\' | '"' | '$') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
            rest = &rest[c.len_utf8()..];
        }
        f.write_str("\"")
    }
}

/// Source and destination of a `COPY`: bare words, or the JSON form where a path has a blank or a character that the bare form would
/// read. BuildKit takes each path of the JSON form for a shell's word once more, in which it knows quotes, `$` and `\`.
pub struct CopyPaths<'a>(pub &'a [String]);

impl fmt::Display for CopyPaths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare =
            |path: &String| path.chars().all(|c| is_bare_char(c) || matches!(c, '*' | '?')) && !path.starts_with('-');
        if self.0.iter().all(bare) {
            return f.write_str(&self.0.join(" "));
        }
        // Sources are patterns, in which `[` means itself only as a class of its own; the destination, which stands last, is none.
        let sources = self.0.len().saturating_sub(1);
        let escape = |(at, path): (usize, &String)| {
            let escaped = path.chars().flat_map(|c| {
                let backslash = matches!(c, '\\' | '$' | '\'' | '"').then_some('\\');
                backslash.into_iter().chain([c])
            });
            let path: String = escaped.collect();
            if at < sources { path.replace('[', "[[]") } else { path }
        };
        let escaped: Vec<String> = self.0.iter().enumerate().map(escape).collect();
        write!(f, "[{}]", escaped.iter().map(|path| json(path)).collect::<Vec<_>>().join(", "))
    }
}

/// A `RUN` instruction: commands, the caches that they may use, and the build's arguments and secrets that they need. A missing argument and
/// an empty secret fail it, because BuildKit itself passes both over in silence.
#[derive(Default)]
pub struct Run {
    /// Directories kept between builds, as `--mount=type=cache` takes them.
    pub caches: Vec<String>,
    /// Names of the arguments that must have a value.
    pub args: Vec<String>,
    /// Names of the secrets that are mounted and handed to the commands as variables.
    pub secrets: Vec<String>,
    /// Commands as words, which are quoted for the shell. The later ones run only if the earlier did well.
    pub commands: Vec<Vec<String>>,
    /// Lines for the shell, after the commands.
    pub script: Option<String>,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caches = self.caches.iter().map(|cache| format!("--mount=type=cache,{cache}"));
        let secrets = self.secrets.iter().map(|secret| format!("--mount=type=secret,id={secret}"));
        let mounts: Vec<String> = caches.chain(secrets).collect();
        let mut guards: Vec<String> =
            self.args.iter().map(|arg| format!(": \"${{{arg}?the build argument {arg} is not set}}\";")).collect();
        guards.extend(self.secrets.iter().map(|secret| {
            format!("test -n \"$(cat /run/secrets/{secret})\" || {{ echo \"the build secret {secret} is missing or empty\" >&2; exit 1; }};")
        }));
        let values = self.secrets.iter().map(|secret| format!("{secret}=\"$(cat /run/secrets/{secret})\""));
        if let Some(script) = &self.script {
            // The script's own lines see the secrets as variables, too; `export` itself would hide that one could not be read.
            let exports = self.secrets.iter().map(|secret| format!("export {secret}"));
            let before: Vec<String> = guards.into_iter().chain(values).chain(exports).collect();
            let end = (0..).map(|n| if n == 0 { "EOF".to_owned() } else { format!("EOF{n}") });
            let end = end.into_iter().find(|end| !script.lines().any(|line| line.trim() == end)).unwrap_or_default();
            let head: Vec<String> = mounts.into_iter().chain([format!("<<'{end}'")]).collect();
            let before: String = before.iter().map(|line| format!("{}\n", line.trim_end_matches(';'))).collect();
            // A blank line after it, without which some readers take the next instruction for its part.
            return write!(f, "RUN {}\nset -eu\n{before}{script}\n{end}\n", head.join(" \\\n    "));
        }
        // An assignment before a command is for that command alone.
        let several = self.commands.len() > 1;
        let values = self.secrets.iter().zip(values);
        let values =
            values.map(|(secret, value)| if several { format!("{value} && export {secret} &&") } else { value });
        let mut lines: Vec<String> = mounts.into_iter().chain(guards).chain(values).collect();
        for (at, command) in self.commands.iter().enumerate() {
            let words: Vec<String> = command.iter().map(|word| ShellWord(word).to_string()).collect();
            lines.push(format!("{}{}", if at == 0 { "" } else { "&& " }, words.join(" ")));
        }
        write!(f, "RUN {}", lines.join(" \\\n    "))
    }
}

/// A `RUN` instruction that installs packages of the system, each on a line of its own.
pub struct Install<'a> {
    /// Whether by apk, and not by apt.
    pub apk: bool,
    /// The packages, perhaps with versions.
    pub packages: &'a [String],
    /// A command that follows in the same step; none if it has no words.
    pub then: &'a [String],
}

impl fmt::Display for Install<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.packages.iter().map(|package| ShellWord(package).to_string());
        let then: Vec<String> = self.then.iter().map(|word| ShellWord(word).to_string()).collect();
        let then = if then.is_empty() { String::new() } else { format!(" \\\n    && {}", then.join(" ")) };
        let pins: &[char] = if self.apk { &['=', '<', '>', '~'] } else { &['='] };
        let pinned = self.packages.iter().all(|package| package.contains(pins));
        if !pinned {
            let (system, rule) = if self.apk { ("Alpine", "DL3018") } else { ("Debian", "DL3008") };
            writeln!(f, "# {system} keeps only the newest revision of a package, so a pinned one would soon be gone.")?;
            writeln!(f, "# hadolint ignore={rule}")?;
        }
        if self.apk {
            return write!(
                f,
                "RUN apk add --no-cache \\\n        {}{then}",
                words.collect::<Vec<_>>().join(" \\\n        ")
            );
        }
        write!(f, "RUN apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n        ")?;
        write!(f, "{} \\\n    && rm -rf /var/lib/apt/lists/*{then}", words.collect::<Vec<_>>().join(" \\\n        "))
    }
}

/// One token of nginx's configuration, from pieces: `text` that means itself; `read`, what nginx reads, such as its own variables; `variable`, one
/// word that the image fills in at its start, and `words` where it may be more. Bare where that is safe, else in double quotes. nginx has no escape for a dollar sign, so the
/// configuration declares `$dollar`.
pub struct NginxToken<'a>(pub &'a [(String, String)]);

impl fmt::Display for NginxToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.:@+,=&%*!".contains(c);
        let bare = !self.0.is_empty()
            && self.0.iter().all(|(kind, text)| match kind.as_str() {
                "text" => text.chars().all(plain),
                "read" => text.chars().all(|c| plain(c) || matches!(c, '$' | '~' | '^')),
                "words" => false,
                _ => true,
            })
            && self.0.iter().any(|(_, text)| !text.is_empty());
        let quote = if bare { "" } else { "\"" };
        f.write_str(quote)?;
        for (kind, text) in self.0 {
            match kind.as_str() {
                "variable" | "words" => write!(f, "${{{text}}}")?,
                kind => text.chars().try_for_each(|c| match c {
                    '"' | '\\' => write!(f, "\\{c}"),
                    '$' if kind == "text" => f.write_str("${dollar}"),
                    c => write!(f, "{c}"),
                })?,
            }
        }
        f.write_str(quote)
    }
}

/// One token of a Caddyfile, from pieces: `text` that means itself; `passed`, the same in a snippet, whose braces Caddy reads once more where it is
/// imported; `read`, what Caddy reads, such as its placeholders; `run`, a variable of the environment that is looked up for each request; `parse`, one
/// that is put in before the file is parsed, where Caddy takes no placeholder. A brace that means itself has a backslash before it in all quotes.
pub struct CaddyToken<'a>(pub &'a [(&'static str, String)]);

impl fmt::Display for CaddyToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &String, also: &str| {
            text.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.:@+,=*~&".contains(c) || also.contains(c))
        };
        let bare = self.0.iter().any(|(_, text)| !text.is_empty())
            && self.0.iter().all(|(kind, text)| match *kind {
                "text" | "passed" => plain(text, ""),
                "read" => plain(text, "{}$^?()|\\<>!%[]") && text != "{" && text != "}",
                _ => true,
            });
        let said: String = self.0.iter().map(|(kind, text)| caddy_piece(kind, text)).collect();
        if bare { f.write_str(&said) } else { write!(f, "{}", CaddyQuoted(&said)) }
    }
}

fn caddy_piece(kind: &str, text: &str) -> String {
    let brace = match kind {
        "run" => return format!("{{env.{text}}}"),
        "parse" => return format!("{{${text}}}"),
        "read" => return text.to_owned(),
        "passed" => r"\\",
        _ => r"\",
    };
    let mut said = String::new();
    for c in text.chars() {
        match c {
            // The closing one as well, or Caddy would take `{host}` for a short word of its own.
            '{' | '}' => said.extend([brace, c.encode_utf8(&mut [0; 4])]),
            // `{$` would be read as a variable; the default of one that nobody sets is no such thing.
            '$' if said.ends_with('{') => said.push_str("{$CADDY_UNSET:$}"),
            c => said.push(c),
        }
    }
    said
}

/// A text in one of Caddy's three quotes. In double ones nothing but a quote has an escape, so that a backslash can stand neither before a quote nor at
/// the end; backticks know no escape at all; a heredoc ends where its marker stands.
struct CaddyQuoted<'a>(&'a str);

impl fmt::Display for CaddyQuoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let backslashes = |before: &str| before.len() - before.trim_end_matches('\\').len();
        let mut ends = text.match_indices('"').map(|(at, _)| at).chain([text.len()]);
        if ends.all(|at| backslashes(&text[..at]).is_multiple_of(2)) {
            return write!(f, "\"{}\"", text.replace('"', "\\\""));
        }
        // `caddy fmt` takes a backslash before the closing backtick for an escape.
        if !text.contains('`') && !text.ends_with('\\') {
            return write!(f, "`{text}`");
        }
        let markers = (1..).map(|number| format!("TEXT{number}"));
        let marker = markers.into_iter().find(|marker| !text.contains(marker.as_str())).unwrap_or_default();
        write!(f, "<<{marker}\n{text}\n{marker}")
    }
}

/// Words of the shell's own grammar.
const RESERVED: &[&str] = &[
    "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "time",
    "until", "while",
];

fn is_bare(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_bare_char)
}

fn is_bare_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | ',' | '-')
}

/// A JSON string.
pub fn json(text: &str) -> String {
    serde_json::to_string(text).expect("text always prints as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_leaves_its_word() {
        for (value, word) in [
            ("/app/src", "/app/src"),
            ("a b", r#""a b""#),
            (r#"say "$HOME" \n"#, r#""say \"\$HOME\" \\n""#),
            ("", r#""""#),
            ("#x", r##""#x""##),
            (r"C:\new\\", r#""C:\\new"\\\\"""#),
            (r#"a\"b\\" \n"#, r#""a"\\"\"b"\\\\"\" \\n""#),
        ] {
            assert_eq!(DockerfileWord(value).to_string(), word, "{value}");
        }
        assert_eq!(ShellWord("it's $HOME").to_string(), r"'it'\''s $HOME'");
        assert_eq!(ShellWord("do").to_string(), "'do'");
        assert_eq!(ShellWord("date").to_string(), "date");
        assert_eq!(QuotedWord("date").to_string(), "'date'");
        let apt = |package: &str| Install { apk: false, packages: &[package.to_owned()], then: &[] }.to_string();
        assert!(apt("curl~8").contains("DL3008") && !apt("curl=8").contains("DL3008"));
        assert_eq!(ScriptWord("it's \"$HOME\" \\n `x`").to_string(), r#""it's \"\$HOME\" \\n \`x\`""#);
        assert_eq!(ScriptWord("say \"hi\"").to_string(), r#"'say "hi"'"#);
        assert_eq!(ExecForm(&["sh".into(), "a\"\n$b".into()]).to_string(), r#"["sh", "a\"\n$b"]"#);
        let words = [r"x\\".to_owned(), r#"a\"b\c"#.to_owned()];
        assert_eq!(ExecForm(&words).to_string(), r#"["x\\\u005c", "a\u005c\"b\\c"]"#);
        assert_eq!(CopyPaths(&["a b".into(), "./$x".into()]).to_string(), r#"["a b", "./\\$x"]"#);
        assert_eq!(CopyPaths(&["it's".into(), "a\"b".into()]).to_string(), r#"["it\\'s", "a\\\"b"]"#);
        assert_eq!(CopyPaths(&["p/[id]".into(), "./p/[id]".into()]).to_string(), r#"["p/[[]id]", "./p/[id]"]"#);
        assert_eq!(CopyPaths(&["src".into(), "./src".into()]).to_string(), "src ./src");
    }

    #[test]
    fn no_text_leaves_its_token_of_a_caddyfile() {
        for (text, token) in [
            ("a", "a"),
            ("", r#""""#),
            (r"a\", "<<TEXT1\na\\\nTEXT1"),
            (r"a\\", r#""a\\""#),
            (r#"C:\dir\"x" y"#, r#"`C:\dir\"x" y`"#),
            (r#"say "a`b""#, r#""say \"a`b\"""#),
            (r"a`\", "<<TEXT1\na`\\\nTEXT1"),
            (r"TEXT1`\", "<<TEXT2\nTEXT1`\\\nTEXT2"),
            (r"{env.X} \{", r#""\{env.X\} \\{""#),
            ("{$X}", r#""\{{$CADDY_UNSET:$}X\}""#),
        ] {
            assert_eq!(CaddyToken(&[("text", text.to_owned())]).to_string(), token, "{text}");
        }
        assert_eq!(CaddyToken(&[("passed", r"{x} \{".to_owned())]).to_string(), r#""\\{x\\} \\\{""#);
    }
}
