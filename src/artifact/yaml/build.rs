//! How emitters write YAML down: mappings and lists that read like the file they become.
//!
//! ```
//! use stackc::artifact::yaml::{Mapping, Yaml};
//! let service = Mapping::new()
//!     .entry("image", "postgres:17-alpine")
//!     .entry("restart", "unless-stopped").comment("Comes back after a reboot.")
//!     .optional("user", None::<String>).comment("Goes away with its entry.")
//!     .nonempty("ports", Yaml::list(["5432:5432"])).blank();
//! assert_eq!(stackc::artifact::yaml::write(&service.into()), "\
//! image: postgres:17-alpine
//! ## Comes back after a reboot.
//! restart: unless-stopped
//!
//! ports:
//!   - \"5432:5432\"
//! ");
//! ```

use super::{Entry, Item, Yaml};

/// A mapping under construction; keys stay in the order in which they are added.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    entries: Vec<Entry>,
    /// Whether the last call left an entry out, so that what decorates it goes too.
    left_out: bool,
}

impl Mapping {
    /// A mapping without entries.
    pub fn new() -> Self {
        Mapping::default()
    }

    /// Adds an entry.
    #[must_use]
    pub fn entry(mut self, key: impl Into<String>, value: impl Into<Yaml>) -> Self {
        self.push(key, value);
        self
    }

    /// Adds an entry if there is a value.
    #[must_use]
    pub fn optional(self, key: impl Into<String>, value: Option<impl Into<Yaml>>) -> Self {
        match value {
            Some(value) => self.entry(key, value),
            None => Mapping { left_out: true, ..self },
        }
    }

    /// Adds an entry unless its value is an empty list or mapping.
    #[must_use]
    pub fn nonempty(self, key: impl Into<String>, value: impl Into<Yaml>) -> Self {
        let value = value.into();
        self.optional(key, (!value.is_empty()).then_some(value))
    }

    /// Puts a comment in front of the entry just added.
    #[must_use]
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        if let Some(entry) = self.last() {
            entry.comment = Some(text.into());
        }
        self
    }

    /// Puts a comment at the end of the line of the entry just added.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        if let Some(entry) = self.last() {
            entry.note = Some(text.into());
        }
        self
    }

    /// Puts an empty line in front of the entry just added and its comment.
    #[must_use]
    pub fn blank(mut self) -> Self {
        if let Some(entry) = self.last() {
            entry.blank_before = true;
        }
        self
    }

    /// Prints the key just added as it is, without quotes.
    #[must_use]
    pub fn bare(mut self) -> Self {
        if let Some(entry) = self.last() {
            entry.bare_key = true;
        }
        self
    }

    /// Adds an entry in place, for use in a loop.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Yaml>) {
        self.entries.push(Entry::new(key, value));
        self.left_out = false;
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn last(&mut self) -> Option<&mut Entry> {
        if self.left_out { None } else { self.entries.last_mut() }
    }
}

/// A list under construction whose items carry comments; [`Yaml::list`] is enough for one without.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sequence(Vec<Item>);

impl Sequence {
    /// A list without items.
    pub fn new() -> Self {
        Sequence::default()
    }

    /// Adds an item.
    #[must_use]
    pub fn item(mut self, value: impl Into<Yaml>) -> Self {
        self.push(value);
        self
    }

    /// Puts a comment in front of the item just added.
    #[must_use]
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        if let Some(item) = self.0.last_mut() {
            item.comment = Some(text.into());
        }
        self
    }

    /// Puts an empty line in front of the item just added and its comment.
    #[must_use]
    pub fn blank(mut self) -> Self {
        if let Some(item) = self.0.last_mut() {
            item.blank_before = true;
        }
        self
    }

    /// Adds an item in place, for use in a loop.
    pub fn push(&mut self, value: impl Into<Yaml>) {
        self.0.push(Item::new(value));
    }

    /// Whether it has no item.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Mapping> for Yaml {
    fn from(mapping: Mapping) -> Self {
        Yaml::Map(mapping.entries)
    }
}

impl From<Sequence> for Yaml {
    fn from(sequence: Sequence) -> Self {
        Yaml::List(sequence.0)
    }
}

impl<K: Into<String>, V: Into<Yaml>> FromIterator<(K, V)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(key, value)| Entry::new(key, value)).collect();
        Mapping { entries, left_out: false }
    }
}

impl<V: Into<Yaml>> FromIterator<V> for Sequence {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Sequence(items.into_iter().map(Item::new).collect())
    }
}

impl<V: Into<Yaml>> From<Vec<V>> for Yaml {
    fn from(items: Vec<V>) -> Self {
        Yaml::list(items)
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Yaml::text(text)
    }
}

impl From<&String> for Yaml {
    fn from(text: &String) -> Self {
        Yaml::text(text)
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Yaml::Text(text)
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Yaml::Bool(value)
    }
}

macro_rules! numbers {
    ($($number:ty)+) => {
        $(impl From<$number> for Yaml {
            fn from(number: $number) -> Self {
                Yaml::number(number)
            }
        })+
    };
}

numbers!(u8 u16 u32 u64 usize i32 i64);
