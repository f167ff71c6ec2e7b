//! TOML as flyctl writes it: strings in single quotes, bodies of tables indented, an empty line between tables.
//!
//! Emitters build [`Section`]s; [`write()`] alone decides about blanks and quotes, so that a patched document looks
//! like a built one. A document is data and comments; any other decoration in it is replaced.

mod build;
mod json;
mod style;

pub use build::{Section, list};
pub use json::{NoToml, from_json, to_json};

use toml_edit::DocumentMut;

/// The document as text, with one final newline.
pub fn write(document: &DocumentMut) -> String {
    let mut styled = document.clone();
    style::apply(&mut styled);
    styled.to_string()
}
