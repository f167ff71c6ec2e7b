//! The look of a TOML document, worked out afresh from its data and comments.

use crate::artifact::comment;
use crate::artifact::yaml::printable;
use std::fmt::Write;
use toml_edit::{Decor, DocumentMut, Formatted, Item, Table, Value};

/// Gives the whole document flyctl's look.
pub(super) fn apply(document: &mut DocumentMut) {
    let head = comment_of(document.decor());
    document.decor_mut().set_prefix(comment_block(&head, 0));
    document.set_trailing("");
    style_body(document.as_table_mut(), 0, head.is_empty());
}

/// Styles the table's entries and tables; `open` tells whether nothing stands before them that asks for an empty line.
fn style_body(table: &mut Table, indent: usize, mut open: bool) {
    let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    for key in &keys {
        if table[key.as_str()].is_value() {
            style_entry(table, key, indent);
            open = false;
        }
    }
    for key in &keys {
        match &mut table[key.as_str()] {
            Item::Table(inner) => style_table(inner, indent, std::mem::take(&mut open)),
            Item::ArrayOfTables(all) => {
                all.iter_mut().for_each(|inner| style_table(inner, indent, std::mem::take(&mut open)));
            }
            Item::Value(_) | Item::None => {}
        }
    }
}

fn style_table(table: &mut Table, indent: usize, open: bool) {
    let blank = if open { "" } else { "\n" };
    let comment = comment_block(&comment_of(table.decor()), indent);
    table.decor_mut().set_prefix(format!("{blank}{comment}{:indent$}", ""));
    table.decor_mut().set_suffix("");
    style_body(table, indent + 2, true);
}

fn style_entry(table: &mut Table, key: &str, indent: usize) {
    if let Some(value) = table[key].as_value_mut() {
        style_value(value);
    }
    if let Some(mut key) = table.key_mut(key) {
        let comment = comment_block(&comment_of(key.leaf_decor()), indent);
        key.leaf_decor_mut().set_prefix(format!("{comment}{:indent$}", ""));
        key.leaf_decor_mut().set_suffix(" ");
    }
}

fn style_value(value: &mut Value) {
    match value {
        Value::String(text) => *text = quoted(text.value()),
        Value::Array(items) => {
            items.iter_mut().for_each(style_value);
            items.fmt();
        }
        Value::InlineTable(table) => {
            table.iter_mut().for_each(|(_, value)| style_value(value));
            table.fmt();
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
    value.decor_mut().clear();
}

/// The text in single quotes, where nothing can be escaped; in double quotes if something has to be.
fn quoted(text: &str) -> Formatted<String> {
    let literal = text.chars().all(|c| c != '\'' && printable(c));
    let written = if literal { format!("'{text}'") } else { basic(text) };
    match written.parse::<Value>() {
        Ok(Value::String(formatted)) => formatted,
        _ => Formatted::new(text.to_owned()),
    }
}

fn basic(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        let _ = match c {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\t' => write!(out, "\\t"),
            c if printable(c) => write!(out, "{c}"),
            c => write!(out, "\\u{:04X}", u32::from(c)),
        };
    }
    out.push('"');
    out
}

/// The text of the comments in a decoration, without their marks.
fn comment_of(decor: &Decor) -> String {
    let prefix = decor.prefix().and_then(|raw| raw.as_str()).unwrap_or_default();
    let marked = prefix.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    let lines: Vec<&str> = marked.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

fn comment_block(text: &str, indent: usize) -> String {
    comment::lines(text).map(|line| format!("{:indent$}{line}\n", "")).collect()
}

#[cfg(test)]
mod tests {
    use crate::artifact::toml::{Section, list, write};
    use toml_edit::DocumentMut;

    fn print(section: Section) -> String {
        write(&section.into())
    }

    #[test]
    fn parents_without_values_and_nested_tables_stand_as_flyctl_writes_them() {
        let check = Section::new().entry("port", 8080).table("headers", Section::new().entry("Host", "x"));
        let text = print(
            Section::new()
                .table("checks", Section::new().table("alive", check.clone()).comment("The probe."))
                .tables("services", [Section::new().tables("ports", [check.clone(), Section::new()])]),
        );
        assert_eq!(
            text,
            "[checks]\n  # The probe.\n  [checks.alive]\n    port = 8080\n\n    [checks.alive.headers]\n      Host = 'x'\n\n\
             [[services]]\n  [[services.ports]]\n    port = 8080\n\n    [services.ports.headers]\n      Host = 'x'\n\n  \
             [[services.ports]]\n"
        );
    }

    #[test]
    fn strings_choose_literal_quotes_unless_they_cannot() {
        for (text, written) in [
            ("fra", "'fra'"),
            ("", "''"),
            (r"C:\x", r"'C:\x'"),
            (r#"say "hi""#, r#"'say "hi"'"#),
            ("it's \"it\"\\", r#""it's \"it\"\\""#),
            ("a\nb\t\u{1b}\u{85}\u{2028}\u{202e}", r#""a\nb\t\u001B\u0085\u2028\u202E""#),
        ] {
            assert_eq!(print(Section::new().entry("k", text)), format!("k = {written}\n"));
            assert_eq!(print(Section::new().entry("k", list([text, "x"]))), format!("k = [{written}, 'x']\n"));
        }
    }

    #[test]
    fn the_look_is_worked_out_from_data_and_comments_alone() {
        let messy = "# head\n\n\n  a   =   \"x\" # gone\n#note\nb = [ 1,\n 2 ]\n[t]\nc = {d=\"e\"}\n";
        let document: DocumentMut = messy.parse().expect("valid");
        let once = write(&document);
        assert_eq!(once, "# head\na = 'x'\n# note\nb = [1, 2]\n\n[t]\n  c = { d = 'e' }\n");
        assert_eq!(write(&once.parse().expect("valid")), once);
    }

    #[test]
    fn a_comment_cannot_break_out_of_its_line() {
        let text = print(Section::new().entry("a", 1).comment("x\rb = 2\u{85}c = 3\ny"));
        assert_eq!(text, "# x b = 2 c = 3\n# y\na = 1\n");
    }

    #[test]
    fn what_is_left_out_takes_its_comment_along() {
        let none: [Section; 0] = [];
        let section = Section::new().entry("a", 1).tables("b", none).comment("no").optional("c", None::<bool>);
        assert_eq!(print(section.comment("no")), "a = 1\n");
    }
}
