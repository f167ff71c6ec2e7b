//! What the files of a repository state, each with the line that it stands on.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::facts::{Facts, join};

/// A file of the repository.
#[derive(Debug, Clone)]
pub struct File<'t> {
    /// From the root.
    path: String,
    /// All that it holds.
    pub text: &'t str,
}

/// What a file states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The file, with the key where it has several.
    pub name: String,
    /// The same with the line, counted from 1.
    pub place: String,
    /// What it says.
    pub text: String,
}

impl<'t> File<'t> {
    /// The file `name` in the folder `context`, if it can be read.
    pub fn read(facts: &'t Facts, context: &str, name: &str) -> Option<Self> {
        Some(File { path: join(context, name), text: facts.text_in(context, name)? })
    }

    /// A statement that begins at a byte of the file.
    fn at(&self, key: Option<&str>, start: usize, text: String) -> Statement {
        let line = self.text[..start].matches('\n').count() + 1;
        let named = |file: String| match key {
            Some(key) => format!("`{key}` in {file}"),
            None => file,
        };
        Statement { name: named(self.path.clone()), place: named(format!("{}:{line}", self.path)), text }
    }

    /// `part`, a piece of the file's text, which means `text`.
    pub fn says(&self, part: &str, text: &str) -> Statement {
        self.at(None, offset(self.text, part), text.to_owned())
    }

    /// The string below `keys` of a file in JSON, named by the first of them.
    pub fn json(&self, keys: &[&str]) -> Option<Statement> {
        let written = member(self.text, keys)?;
        Some(self.at(keys.first().copied(), offset(self.text, written), serde_json::from_str(written).ok()?))
    }

    /// The string below `keys` of a file in TOML.
    pub fn toml(&self, keys: &[&str]) -> Option<Statement> {
        let toml = toml_edit::Document::parse(self.text).ok()?;
        let item = keys.iter().try_fold(toml.as_item(), |item, key| item.get(key))?;
        Some(self.at(None, item.span()?.start, item.as_str()?.to_owned()))
    }
}

/// Where `part`, a piece of `text`, begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// The value below `keys`, as it is written in `json`.
fn member<'t>(json: &'t str, keys: &[&str]) -> Option<&'t str> {
    let Some((key, below)) = keys.split_first() else { return Some(json) };
    let object: HashMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    member(object.get(*key)?.get(), below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Found;

    #[test]
    fn a_statement_knows_its_line() {
        let files = [
            ("web/package.json", "{\n  \"a\": {\"engines\": 1},\n\t\"engines\": {\n    \"node\": \"\\u003e=20\"}\n}"),
            ("web/pyproject.toml", "[project]\r\nname = 'a'\r\nrequires-python = '>=3.12'\n"),
            ("web/.nvmrc", "# the LTS\n\n22 # jod"),
        ];
        let found = files.map(|(path, text)| (path.to_owned(), Found::File(Some(text.to_owned()))));
        let facts = Facts::new(found);
        let file = |name| File::read(&facts, "web", name).expect("it is there");
        let said = |said: Option<Statement>| said.map(|said| (said.place, said.text));
        let stated = |place: &str, text: &str| Some((place.to_owned(), text.to_owned()));
        let json = file("package.json");
        assert_eq!(said(json.json(&["engines", "node"])), stated("`engines` in web/package.json:4", ">=20"));
        assert_eq!(json.json(&["engines", "pnpm"]), None);
        assert_eq!(json.json(&["a", "engines"]), None);
        let toml = file("pyproject.toml");
        assert_eq!(said(toml.toml(&["project", "requires-python"])), stated("web/pyproject.toml:3", ">=3.12"));
        assert_eq!(toml.toml(&["project", "version"]), None);
        let plain = file(".nvmrc");
        let line = plain.says(&plain.text[11..13], "v22");
        assert_eq!(
            (line.name.as_str(), line.place.as_str(), line.text.as_str()),
            ("web/.nvmrc", "web/.nvmrc:3", "v22")
        );
    }
}
