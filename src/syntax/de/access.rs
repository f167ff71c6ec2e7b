//! Items of lists, entries of mappings and variants of enums, each adding its step to the path of an error.
//!
//! Keys and names of variants are text as it was written, also where they look like numbers.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{DeserializeError, Reader};
use crate::source::Step;
use crate::syntax::document::{Entry, Value};

/// The items of a list.
pub(super) struct Items<'de> {
    rest: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
    typed: bool,
}

impl<'de> Items<'de> {
    /// All of `items`; `typed` keeps the types that the document gives its scalars.
    pub fn new(items: &'de [Value], typed: bool) -> Self {
        Items { rest: items.iter().enumerate(), typed }
    }

    /// How many were not read.
    pub fn left(&self) -> usize {
        self.rest.len()
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DeserializeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Self::Error> {
        let Some((index, value)) = self.rest.next() else { return Ok(None) };
        let reader = Reader { value, typed: self.typed };
        seed.deserialize(reader).map(Some).map_err(|error| error.under(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The entries of a mapping.
pub(super) struct Entries<'de> {
    rest: std::slice::Iter<'de, Entry>,
    current: Option<&'de Entry>,
    typed: bool,
}

impl<'de> Entries<'de> {
    /// All of `entries`; `typed` keeps the types that the document gives its scalars.
    pub fn new(entries: &'de [Entry], typed: bool) -> Self {
        Entries { rest: entries.iter(), current: None, typed }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = DeserializeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        self.current = self.rest.next();
        let Some(entry) = self.current else { return Ok(None) };
        seed.deserialize(Word(&entry.key.text)).map(Some).map_err(|error| error.under(step(entry)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        let entry = self.current.expect("serde asks for a key before its value");
        let reader = Reader { value: &entry.value, typed: self.typed };
        seed.deserialize(reader).map_err(|error| error.under(step(entry)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

fn step(entry: &Entry) -> Step {
    Step::Key(entry.key.text.to_string())
}

/// A key, which is always text.
struct Word<'de>(&'de str);

impl<'de> Deserializer<'de> for Word<'de> {
    type Error = DeserializeError;

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(Variant::unit(self.0))
    }
}

/// A variant of an enum: a word, or a mapping whose one key names it.
pub(super) struct Variant<'de> {
    name: &'de str,
    content: Option<(&'de Entry, bool)>,
}

impl<'de> Variant<'de> {
    /// A word alone.
    pub fn unit(name: &'de str) -> Self {
        Variant { name, content: None }
    }

    /// The key of `entry`, with its value.
    pub fn of(entry: &'de Entry, typed: bool) -> Self {
        Variant { name: &entry.key.text, content: Some((entry, typed)) }
    }

    /// Reads the content, adding the name to the path of an error.
    fn read<T>(self, read: impl FnOnce(Reader<'de>) -> Result<T, DeserializeError>) -> Result<T, DeserializeError> {
        let Some((entry, typed)) = self.content else {
            return Err(DeserializeError::invalid_type(Unexpected::UnitVariant, &"a mapping with this key"));
        };
        read(Reader { value: &entry.value, typed }).map_err(|error| error.under(step(entry)))
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DeserializeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Self::Error> {
        seed.deserialize(Word(self.name)).map(|name| (name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = DeserializeError;

    fn unit_variant(self) -> Result<(), Self::Error> {
        match self.content {
            Some((entry, _)) if !entry.value.is_null() => {
                let error = DeserializeError::invalid_type(Unexpected::NewtypeVariant, &"this word alone");
                Err(error.under(step(entry)))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error> {
        self.read(|reader| seed.deserialize(reader))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.read(|reader| reader.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.read(|reader| reader.deserialize_map(visitor))
    }
}
