//! Makes typed values of a document through serde, and names the path where one does not fit.
//!
//! Where text is expected, a plain number or bool means its source text, so that `1.10` stays `1.10`. Where the type takes
//! whatever there is, a number is its text too; inside [`Typed`] it is the number that YAML says it is.

mod access;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Number;

use self::access::{Entries, Items, Variant};
use super::document::{Data, Document, Value};
use super::scalar::Core;
use crate::source::{SpecPath, Step};

/// Why a document does not fit a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeserializeError {
    /// Where it does not fit.
    pub path: SpecPath,
    /// What does not fit, in serde's words.
    pub message: String,
}

impl DeserializeError {
    /// The same error, seen from one step further out.
    fn under(mut self, step: Step) -> Self {
        self.path.0.insert(0, step);
        self
    }
}

impl fmt::Display for DeserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.0.is_empty() {
            true => write!(f, "{}", self.message),
            false => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

impl std::error::Error for DeserializeError {}

impl serde::de::Error for DeserializeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        DeserializeError { path: SpecPath::root(), message: message.to_string() }
    }
}

impl Document {
    /// The document as a `T`; an empty one as null.
    pub fn deserialize<'de, T: Deserialize<'de>>(&'de self) -> Result<T, DeserializeError> {
        match &self.root {
            Some(value) => T::deserialize(Reader { value, typed: false }),
            None => T::deserialize(serde::de::value::UnitDeserializer::new()),
        }
    }
}

/// A `T` that is read with the types of YAML: a number in it is a number even where `T` would take anything.
///
/// Meant for raw words of other tools, such as `Typed<serde_json::Value>`. Has no effect below `untagged` and `flatten`, for
/// which serde itself reads ahead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed<T>(pub T);

/// By this name a [`Typed`] makes itself known to [`Reader`]; other deserializers pay no attention to it.
const TYPED: &str = "stackc::syntax::Typed";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Typed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TYPED, TypedVisitor(PhantomData))
    }
}

struct TypedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TypedVisitor<T> {
    type Value = Typed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(Typed)
    }
}

/// Reads one value.
#[derive(Debug, Clone, Copy)]
struct Reader<'de> {
    value: &'de Value,
    /// Whether a number is one even where anything is taken.
    typed: bool,
}

impl<'de> Reader<'de> {
    fn number(self) -> Option<Number> {
        match self.value.scalar()?.core() {
            Core::Number(number) => Some(number),
            Core::Null | Core::Bool(_) | Core::Text(_) => None,
        }
    }

    /// The text of a scalar that is not null.
    fn text(self) -> Option<&'de str> {
        self.value.scalar().filter(|_| !self.value.is_null()).map(|scalar| &*scalar.text)
    }

    fn visit_integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.number() {
            Some(number) => visit_number(&whole(number), visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn visit_float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.number().and_then(|number| number.as_f64()) {
            Some(float) => visitor.visit_f64(float),
            None => self.deserialize_any(visitor),
        }
    }

    fn visit_text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.deserialize_any(visitor),
        }
    }

    fn visit_items<V: Visitor<'de>>(self, items: &'de [Value], visitor: V) -> Result<V::Value, DeserializeError> {
        let mut access = Items::new(items, self.typed);
        let value = visitor.visit_seq(&mut access)?;
        match access.left() {
            0 => Ok(value),
            left => Err(DeserializeError::invalid_length(items.len(), &format!("{}", items.len() - left).as_str())),
        }
    }
}

/// `8.0` as the integer that JSON Schema takes it for.
fn whole(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT);
    float.map_or(number, |float| Number::from(float as i64))
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, DeserializeError> {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(unsigned), _, _) => visitor.visit_u64(unsigned),
        (None, Some(signed), _) => visitor.visit_i64(signed),
        (None, None, float) => visitor.visit_f64(float.unwrap_or(f64::NAN)),
    }
}

macro_rules! read_as {
    ($visit:ident: $($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.$visit(visitor)
        })+
    };
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = DeserializeError;

    read_as!(visit_integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128);
    read_as!(visit_integer: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    read_as!(visit_float: deserialize_f32 deserialize_f64);
    read_as!(visit_text: deserialize_char deserialize_str deserialize_string deserialize_identifier);
    forward_to_deserialize_any! { bool bytes byte_buf unit unit_struct seq tuple tuple_struct map struct }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match &*self.value.data {
            Data::List(items) => self.visit_items(items, visitor),
            Data::Map(entries) => visitor.visit_map(Entries::new(entries, self.typed)),
            Data::Scalar(scalar) => match scalar.core() {
                Core::Null => visitor.visit_unit(),
                Core::Bool(bool) => visitor.visit_bool(bool),
                Core::Number(number) if self.typed => visit_number(&number, visitor),
                Core::Number(_) | Core::Text(_) => visitor.visit_borrowed_str(&scalar.text),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(Reader { typed: self.typed || name == TYPED, ..self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let expected = &"a word, or a mapping with one key";
        match (self.text(), self.value.entries()) {
            (Some(word), _) => visitor.visit_enum(Variant::unit(word)),
            (None, [entry]) => visitor.visit_enum(Variant::of(entry, self.typed)),
            (None, []) if self.value.is_null() => Err(DeserializeError::invalid_type(Unexpected::Unit, expected)),
            (None, []) => Err(DeserializeError::invalid_type(Unexpected::Seq, expected)),
            (None, _) => Err(DeserializeError::invalid_type(Unexpected::Map, expected)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }
}
