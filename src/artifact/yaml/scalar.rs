//! How one text is written so that every reader, of YAML 1.1 and of 1.2, gives back that text and nothing else.
//!
//! Plain where nothing else can be read into it; in single quotes where it holds quotes or backslashes; else in
//! double quotes with escapes. The rules were measured against PyYAML, ruamel, npm `yaml`, js-yaml and Go's yaml.v3.

use std::fmt::Write;

/// Words that some reader takes for a boolean, null or a number, in any case.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];

/// Characters that start something else than plain text, or did in YAML 1.1 (`=`, `<<`).
const INDICATORS: &str = "?:,[]{}#&*!|>'\"%@`<=~";

/// Appends `text` as a scalar on one line.
pub(super) fn push_scalar(out: &mut String, text: &str) {
    if fits_plain(text) {
        out.push_str(text);
    } else if text.contains(['"', '\\']) && text.chars().all(printable) {
        let _ = write!(out, "'{}'", text.replace('\'', "''"));
    } else {
        push_quoted(out, text);
    }
}

/// Appends `text` in double quotes.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        push_escaped(out, c);
    }
    out.push('"');
}

/// Whether `text` comes back unchanged from a literal block. Blanks at a line's end and empty lines at the text's end
/// would, but editors and hooks take them away.
pub(super) fn fits_literal(text: &str) -> bool {
    let tidy_end = |line: &str| !line.ends_with([' ', '\t']);
    let body = text.strip_suffix('\n').unwrap_or(text);
    !body.starts_with(['\t', '\n'])
        && !body.ends_with('\n')
        && !body.is_empty()
        && body.chars().all(|c| c == '\n' || c == '\t' || printable(c))
        && body.split('\n').all(tidy_end)
}

/// Whether a character is shown as itself by every reader: no control, no line break of YAML 1.1, no byte order mark,
/// and nothing that turns the direction of what follows.
pub(crate) fn printable(c: char) -> bool {
    let breaks_or_marks = matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    let turns = matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !(c.is_control() || breaks_or_marks || turns)
}

fn push_escaped(out: &mut String, c: char) {
    let _ = match c {
        '"' => write!(out, "\\\""),
        '\\' => write!(out, "\\\\"),
        '\n' => write!(out, "\\n"),
        '\t' => write!(out, "\\t"),
        '\r' => write!(out, "\\r"),
        '\0' => write!(out, "\\0"),
        c if printable(c) => write!(out, "{c}"),
        c if u32::from(c) < 0x100 => write!(out, "\\x{:02X}", u32::from(c)),
        c => write!(out, "\\u{:04X}", u32::from(c)),
    };
}

fn fits_plain(text: &str) -> bool {
    is_plain_syntax(text) && !is_word(text) && !is_number_like(text)
}

fn is_plain_syntax(text: &str) -> bool {
    let starts_other = |c: char| c == ' ' || INDICATORS.contains(c);
    let document_mark = |mark| text == mark || text.strip_prefix(mark).is_some_and(|rest| rest.starts_with(' '));
    !text.is_empty()
        && !text.starts_with(starts_other)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !["-", "---", "..."].into_iter().any(document_mark)
        && text.chars().all(printable)
}

fn is_word(text: &str) -> bool {
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || text.chars().all(|c| c == '.')
}

/// Whether a reader might take `text` for a number, a date, a time of day or a number to base 60.
fn is_number_like(text: &str) -> bool {
    // npm's `yaml` reads e1 as a number in its 1.1 mode.
    if let Some(exponent) = text.strip_prefix(['e', 'E']) {
        return !exponent.is_empty() && exponent.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return false;
    }
    let unsigned = text.trim_start_matches(['+', '-']).trim_start_matches('.');
    let special = ["inf", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word));
    special || unsigned.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_number_part)
}

fn is_number_part(c: char) -> bool {
    c.is_ascii_hexdigit() || "xXoO_:.,+-tTzZ ".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> String {
        let mut out = String::new();
        push_scalar(&mut out, text);
        out
    }

    #[test]
    fn usual_values_stay_plain() {
        let values = "postgres:17-alpine|unless-stopped|30s|512m|./src|/data|${VAR}|a=b|1.5Gi|http://x/y?z=1#f|-x|it's|x y|日本|1h30m";
        for text in values.split('|') {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn what_a_reader_could_mistake_is_quoted() {
        let values = "on|No|null|~||8080:80|22:22|1.0|0123|2024-01-01|1_000|1e3|e1|.inf| x|x |x:|x: y|x #y|- x|---|...|.|=|<<|*.a.com|@x";
        for text in values.split('|') {
            assert_eq!(scalar(text), format!("\"{text}\""));
        }
        assert_eq!(scalar(r#"say "hi""#), r#"say "hi""#);
        assert_eq!(scalar(r#""hi""#), r#"'"hi"'"#);
        assert_eq!(scalar(r"# it's a \"), r"'# it''s a \'");
        assert_eq!(scalar("a\u{1b}\u{2028}\u{202e}\0"), r#""a\x1B\u2028\u202E\0""#);
    }
}
