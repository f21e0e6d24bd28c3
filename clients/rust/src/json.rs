//! JSON as strictly as something signed deserves.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// The largest whole number every JSON reader keeps exactly (RFC 8259, section 6).
const LARGEST_COUNT: u64 = (1 << 53) - 1;

/// The object in these bytes, or `None` for any other value, broken JSON, text that is not UTF-8, or an object with a member
/// twice. Parsers disagree on which of two members counts (RFC 8725, section 2.6; RFC 7519, section 4): whoever checks must
/// not read another one than whoever uses.
pub(crate) fn object_of(bytes: &[u8]) -> Option<Object> {
    let _unique: Unique = serde_json::from_slice(bytes).ok()?;
    match serde_json::from_slice(bytes).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// A text that says something.
pub(crate) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.is_empty())
}

/// A list of texts and nothing else.
pub(crate) fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    let list = value?.as_array()?;
    list.iter()
        .map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// A whole number from 0, as counters and times are.
pub(crate) fn count(value: Option<&Value>) -> Option<u64> {
    value?.as_u64().filter(|count| *count <= LARGEST_COUNT)
}

/// A member that may be missing but, if it is there, has to read.
pub(crate) fn optional<'a, T>(
    object: &'a Object,
    name: &str,
    read: impl Fn(Option<&'a Value>) -> Option<T>,
) -> Option<Option<T>> {
    match object.get(name) {
        None => Some(None),
        value => read(value).map(Some),
    }
}

/// Any JSON in which no object names a member twice. It keeps nothing: that it was read is what it says. A pass of its own,
/// because serde_json's features, which belong to the whole program, change how its numbers look to other readers.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Unique)
    }
}

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("JSON without repeated members")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Unique>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(serde::de::Error::custom("a member stands there twice"));
            }
            members.next_value::<Unique>()?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_and_nothing_else() {
        assert!(object_of(br#"{"a":{"b":1},"c":[{"b":-1.5},null,true,"x"]}"#).is_some());
        for no in [
            "",
            "null",
            "[]",
            "1",
            "\"{}\"",
            "{",
            "{}x",
            "{\"a\":1,}",
            "\u{feff}{}",
        ] {
            assert!(object_of(no.as_bytes()).is_none(), "{no}");
        }
        assert!(object_of(b"{\"a\":\"\xff\"}").is_none());
    }

    #[test]
    fn a_member_twice_is_refused_however_deep_or_spelt() {
        for no in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":[{"a":1,"b":{},"a":2}]}"#,
        ] {
            assert!(object_of(no.as_bytes()).is_none(), "{no}");
        }
        assert!(object_of(br#"{"a":{"a":{"a":1}}}"#).is_some());
    }

    #[test]
    fn nested_too_deep_is_refused() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));

        assert!(object_of(deep.as_bytes()).is_none());
    }

    #[test]
    fn a_count_is_whole_and_small_enough_to_be_exact() {
        let object = object_of(
            br#"{"a":0,"b":9007199254740991,"c":9007199254740992,"d":-1,"e":1.5,"f":"1","g":1.0}"#,
        );
        let object = object.expect("an object");

        assert_eq!(count(object.get("a")), Some(0));
        assert_eq!(count(object.get("b")), Some(LARGEST_COUNT));
        for name in ["c", "d", "e", "f", "g", "h"] {
            assert_eq!(count(object.get(name)), None, "{name}");
        }
    }
}
