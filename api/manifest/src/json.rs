//! JSON as manifests use it: objects whose members have different names, lists, text, booleans, and whole
//! numbers. Neither null nor fractions: each meaning has one form.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The largest number: RFC 8785 writes numbers as ECMAScript does, which has every integer to this one.
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Bool(bool),
    /// At most [`INTEGER_MAX`].
    Integer(u64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// An object of the members that are given.
    pub(crate) fn object<const N: usize>(members: [(&str, Option<Self>); N]) -> Self {
        let members = members.into_iter();
        let given = members.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Self::Object(given.collect())
    }

    /// A text.
    pub(crate) fn text(text: impl fmt::Display) -> Self {
        Self::Text(text.to_string())
    }

    /// A list, or nothing if it is empty.
    pub(crate) fn list<T>(items: &[T], write: impl Fn(&T) -> Self) -> Option<Self> {
        (!items.is_empty()).then(|| Self::List(items.iter().map(write).collect()))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an object, a list, text, a boolean, or a whole number from 0 to 9007199254740991",
        )
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        if value > INTEGER_MAX {
            return Err(E::invalid_value(serde::de::Unexpected::Unsigned(value), &self));
        }
        Ok(Json::Integer(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            match object.entry(name) {
                Entry::Vacant(entry) => entry.insert(members.next_value()?),
                Entry::Occupied(entry) => {
                    let name = entry.key();
                    return Err(A::Error::custom(format_args!("member {name:?} is given twice")));
                }
            };
        }
        Ok(Json::Object(object))
    }
}
