//! A Caddyfile as values: directives and blocks, printed as `caddy fmt` would.

use crate::escape::CaddyToken;

/// A piece of a token: its kind (`text`, `passed`, `read`, `run` or `parse`) and what it says.
pub type Piece = (&'static str, String);

/// A token, from pieces.
pub type Token = Vec<Piece>;

/// Something of a Caddyfile.
pub enum Item {
    /// A comment of one line.
    Comment(String),
    /// A directive.
    Line(Vec<Token>),
    /// A directive with a block; without tokens, the block of global options.
    Block(Vec<Token>, Vec<Item>),
    /// A line in the user's own words.
    Raw(String),
    /// An empty line.
    Blank,
}

/// Text that means itself.
pub fn text(text: impl Into<String>) -> Token {
    vec![("text", text.into())]
}

/// What Caddy reads: its own placeholders, patterns and such.
pub fn read(text: impl Into<String>) -> Token {
    vec![("read", text.into())]
}

/// Words that need no quotes, as tokens.
pub fn words(words: &str) -> Vec<Token> {
    words.split(' ').map(read).collect()
}

/// A directive of such words.
pub fn line(said: &str) -> Item {
    Item::Line(words(said))
}

/// A directive of such words and one more token.
pub fn with(said: &str, token: Token) -> Item {
    let mut all = words(said);
    all.push(token);
    Item::Line(all)
}

/// A directive of such words with a block.
pub fn block(said: &str, items: Vec<Item>) -> Item {
    Item::Block(words(said), items)
}

/// A snippet of directives, whose texts Caddy reads once more where it is imported.
pub fn snippet(name: &str, items: Vec<Item>) -> Item {
    let passed = |(kind, said): Piece| if kind == "text" { ("passed", said) } else { (kind, said) };
    let inner = |item: Item| match item {
        Item::Line(tokens) => {
            Item::Line(tokens.into_iter().map(|token| token.into_iter().map(passed).collect()).collect())
        }
        other => other,
    };
    block(name, items.into_iter().map(inner).collect())
}

/// The items as text.
pub fn print(items: &[Item]) -> String {
    let mut text = String::new();
    print_at(items, 0, &mut text);
    text
}

fn print_at(items: &[Item], depth: usize, text: &mut String) {
    let tabs = "\t".repeat(depth);
    let joined =
        |tokens: &[Token]| tokens.iter().map(|token| CaddyToken(token).to_string()).collect::<Vec<_>>().join(" ");
    for item in items {
        match item {
            Item::Comment(said) => {
                text.push_str(&tabs);
                text.push_str(&crate::template::comment_line(said));
            }
            Item::Line(tokens) => text.push_str(&format!("{tabs}{}\n", joined(tokens))),
            Item::Raw(said) => text.push_str(format!("{tabs}{}", said.trim()).trim_end_matches('\t')),
            Item::Blank => {
                // None at the beginning of a block, and never two.
                if !text.ends_with("{\n") && !text.ends_with("\n\n") {
                    text.push('\n');
                }
            }
            Item::Block(tokens, inner) => {
                let head = if tokens.is_empty() { String::new() } else { format!("{} ", joined(tokens)) };
                text.push_str(&format!("{tabs}{head}{{\n"));
                print_at(inner, depth + 1, text);
                while text.ends_with("\n\n") {
                    text.pop();
                }
                text.push_str(&format!("{tabs}}}\n"));
            }
        }
        if let Item::Raw(_) = item {
            text.push('\n');
        }
    }
}
