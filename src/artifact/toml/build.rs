//! How emitters write TOML down: sections that read like the file they become.
//!
//! ```
//! use stackc::artifact::toml::{self, Section};
//! let fly = Section::new()
//!     .entry("app", "acme-web").comment("Globally unique on Fly.")
//!     .table("http_service", Section::new()
//!         .entry("internal_port", 8080)
//!         .entry("processes", toml::list(["web"]))
//!         .table("concurrency", Section::new().entry("type", "requests")))
//!     .tables("vm", [Section::new().entry("memory", "512mb")]).comment("One size for all.");
//! assert_eq!(toml::write(&fly.into()), "\
//! ## Globally unique on Fly.
//! app = 'acme-web'
//!
//! [http_service]
//!   internal_port = 8080
//!   processes = ['web']
//!
//!   [http_service.concurrency]
//!     type = 'requests'
//!
//! ## One size for all.
//! [[vm]]
//!   memory = '512mb'
//! ");
//! ```

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

/// A list of values, printed on one line.
pub fn list<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
    items.into_iter().map(Into::into).collect()
}

/// A table under construction; keys stay in the order in which they are added, values before tables.
#[derive(Debug, Clone, Default)]
pub struct Section {
    table: Table,
    /// The key of the last addition; none where the last call left it out.
    last: Option<String>,
}

impl Section {
    /// A section without entries.
    pub fn new() -> Self {
        Section::default()
    }

    /// Adds `key = value`.
    #[must_use]
    pub fn entry(self, key: &str, value: impl Into<Value>) -> Self {
        self.add(key, Item::Value(value.into()))
    }

    /// Adds `key = value` if there is a value.
    #[must_use]
    pub fn optional(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.entry(key, value),
            None => Section { last: None, ..self },
        }
    }

    /// Adds `[key]`.
    #[must_use]
    pub fn table(self, key: &str, section: Section) -> Self {
        self.add(key, Item::Table(section.table))
    }

    /// Adds one `[[key]]` for each section; nothing if there is none.
    #[must_use]
    pub fn tables(self, key: &str, sections: impl IntoIterator<Item = Section>) -> Self {
        let all: ArrayOfTables = sections.into_iter().map(|section| section.table).collect();
        if all.is_empty() { Section { last: None, ..self } } else { self.add(key, Item::ArrayOfTables(all)) }
    }

    /// Puts a comment in front of what was just added (the first one of several tables).
    #[must_use]
    pub fn comment(mut self, text: &str) -> Self {
        let Some(key) = &self.last else { return self };
        let prefix: String = text.lines().map(|line| format!("# {line}\n")).collect();
        match &mut self.table[key] {
            Item::Table(table) => table.decor_mut().set_prefix(prefix),
            Item::ArrayOfTables(all) => {
                all.iter_mut().take(1).for_each(|table| table.decor_mut().set_prefix(prefix.clone()));
            }
            Item::Value(_) | Item::None => {
                if let Some(mut key) = self.table.key_mut(key) {
                    key.leaf_decor_mut().set_prefix(prefix);
                }
            }
        }
        self
    }

    /// Whether it has no entry and no table.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    fn add(mut self, key: &str, item: Item) -> Self {
        self.table.insert(key, item);
        self.last = Some(key.to_owned());
        self
    }
}

impl From<Section> for DocumentMut {
    fn from(section: Section) -> Self {
        section.table.into()
    }
}

impl<V: Into<Value>> FromIterator<(String, V)> for Section {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        entries.into_iter().fold(Section::new(), |section, (key, value)| section.entry(&key, value))
    }
}
