//! Lines of nginx's own configuration that a user wrote: what they say is read as far as it takes something away from the rest of the table.

use super::Piece;
use crate::escape::NginxToken;

/// The directive that makes nginx forget the headers of requests that stand further out.
const DIRECTIVE: &str = "proxy_set_header";
const COMMENT: &str = "# Once more: where a line says one, nginx forgets those of the whole table.";

/// A block of lines: where it first says a header of requests, and which it says.
#[derive(Default)]
struct Block {
    first: Option<usize>,
    names: Vec<String>,
}

/// `lines` with all of `headers` that they do not say themselves, in each block that says some.
pub(super) fn with_headers(lines: &str, headers: &[(&str, Vec<Piece>)]) -> String {
    let mut text = lines.to_owned();
    let mut blocks: Vec<(usize, Vec<String>)> =
        blocks(lines).into_iter().filter_map(|block| Some((block.first?, block.names))).collect();
    blocks.sort_by_key(|(first, _)| *first);
    for (first, names) in blocks.into_iter().rev() {
        let line = lines[..first].rfind('\n').map_or(0, |end| end + 1);
        let before = &lines[line..first];
        let indent = if before.trim().is_empty() { before } else { "" };
        let said = |name: &str| names.iter().any(|said| said.eq_ignore_ascii_case(name));
        let mut added = format!("{COMMENT}\n{indent}");
        for (name, value) in headers.iter().filter(|(name, _)| !said(name)) {
            let value: Vec<(String, String)> =
                value.iter().map(|(kind, text)| ((*kind).to_owned(), text.clone())).collect();
            added.push_str(&format!("{DIRECTIVE} {name} {};\n{indent}", NginxToken(&value)));
        }
        text.insert_str(first, &added);
    }
    text
}

/// The blocks of `lines`, those without braces of their own among them.
fn blocks(lines: &str) -> Vec<Block> {
    let mut open = vec![Block::default()];
    let mut closed = Vec::new();
    let mut starts = true;
    let mut tokens = tokens(lines).into_iter().peekable();
    while let Some((at, token)) = tokens.next() {
        match token {
            "{" => open.push(Block::default()),
            "}" => closed.extend(open.pop()),
            _ => {}
        }
        if starts
            && bare(token) == DIRECTIVE
            && let (Some(block), Some((_, name))) = (open.last_mut(), tokens.peek())
        {
            block.first.get_or_insert(at);
            block.names.push(bare(name).to_owned());
        }
        starts = matches!(token, ";" | "{" | "}");
    }
    closed.extend(open);
    closed
}

/// A word without the quotes around it.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// The words of `lines`, and what ends and groups them, each with its place.
fn tokens(lines: &str) -> Vec<(usize, &str)> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(c) = lines[at..].chars().next() {
        let rest = &lines[at..];
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            c if c.is_whitespace() => c.len_utf8(),
            ';' | '{' | '}' => 1,
            '"' | '\'' => quoted(rest, c),
            _ => word(rest),
        };
        if c != '#' && !c.is_whitespace() {
            all.push((at, &rest[..length]));
        }
        at += length;
    }
    all
}

/// The length of a quoted word at the beginning of `text`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// The length of a word without quotes at the beginning of `text`. A brace after a dollar sign belongs to the name of a variable.
fn word(text: &str) -> usize {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let ends = c.is_whitespace() || c == ';' || c == '{' && before != '$';
        if ends && before != '\\' {
            return at;
        }
        before = if before == '\\' { ' ' } else { c };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::{read, text};
    use super::with_headers;

    /// What comes of `lines`, without the comment and without indentation.
    fn expanded(lines: &str) -> String {
        let headers = [("Host", vec![read("$host")]), ("X-Claim", vec![]), ("X-Say", vec![text("a b")])];
        let text = with_headers(lines, &headers).replace(super::COMMENT, "");
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lines_that_say_no_header_stay_as_they_are() {
        for lines in [
            "expires off;",
            "# proxy_set_header A b;\nexpires off;",
            "add_header X \"; proxy_set_header A b\";",
            "add_header X-A ${a}proxy_set_header;",
        ] {
            assert_eq!(expanded(lines), lines);
        }
    }

    #[test]
    fn a_block_that_says_one_says_all() {
        let lines = "  expires off; # Not\n  proxy_set_header x-say 'it;s';\n  proxy_set_header B \"\";";
        let all = [
            "expires off; # Not",
            "proxy_set_header Host $host;",
            "proxy_set_header X-Claim \"\";",
            "proxy_set_header x-say 'it;s';",
            "proxy_set_header B \"\";",
        ];
        assert_eq!(expanded(lines), all.join("\n"));
    }

    #[test]
    fn each_block_stands_for_itself() {
        let lines = "location /a {\n  \"proxy_set_header\" 'Host' b;\n}\nproxy_set_header\n  X-Claim 1;";
        let all = [
            "location /a {",
            "proxy_set_header X-Claim \"\";",
            "proxy_set_header X-Say \"a b\";",
            "\"proxy_set_header\" 'Host' b;",
            "}",
            "proxy_set_header Host $host;",
            "proxy_set_header X-Say \"a b\";",
            "proxy_set_header",
            "X-Claim 1;",
        ];
        assert_eq!(expanded(lines), all.join("\n"));
        let all = ["location /a {", "proxy_set_header X-Claim \"\";", "proxy_set_header X-Say \"a b\";"];
        let inline = expanded("location /a { proxy_set_header Host b; }");
        assert_eq!(inline, format!("{}\nproxy_set_header Host b; }}", all.join("\n")));
    }
}
