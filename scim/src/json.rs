//! JSON read strictly at the door: UTF-8, bounded depth, no member named twice (also not in another
//! case), no NUL characters, nothing behind the value.

use std::{cell::Cell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, invalid_syntax};

/// How deep a body may nest.
pub const MAX_DEPTH: usize = 64;
/// How many values a body may hold, of whatever kind: small ones take far more memory than bytes.
pub const MAX_VALUES: usize = 600_000;

/// Reads one JSON value, or says at which line and column it broke.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        invalid_syntax(format!("The body is not UTF-8: the byte at offset {} is invalid.", e.valid_up_to()))
    })?;
    // RFC 8259 §8.1 lets readers ignore a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(invalid_syntax("The body is empty; a JSON object was expected."));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let left = Cell::new(MAX_VALUES);
    let value =
        Strict { depth: 0, left: &left }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|e| {
        // serde_json quotes members but never values in these messages; ours name neither.
        invalid_syntax(format!("The body is not valid JSON: {e}."))
    })
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    /// How many values may still come.
    left: &'a Cell<usize>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(D::Error::custom(format_args!("it holds more than {MAX_VALUES} values")));
        };
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Value, E> {
        self.visit_string(v.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, v: String) -> Result<Value, E> {
        if v.contains('\0') {
            return Err(E::custom("a string holds a NUL character"));
        }
        Ok(Value::String(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.contains('\0') {
                return Err(A::Error::custom("a member name holds a NUL character"));
            }
            if !names.insert(name.to_lowercase()) {
                return Err(A::Error::custom("an object names one of its members twice"));
            }
            let value = map.next_value_seed(inner)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        parse(body.as_bytes()).expect_err("must be refused").detail
    }

    #[test]
    fn says_where_it_broke() {
        assert!(refusal("{\"a\": 1,\n \"b\": }").contains("line 2"));
        assert!(refusal("{} x").contains("trailing"));
        assert!(refusal("  ").contains("empty"));
    }

    #[test]
    fn one_name_once_in_any_case() {
        assert!(refusal(r#"{"userName":"a","USERNAME":"b"}"#).contains("twice"));
        assert!(refusal(r#"{"x":{"a":1,"a":2}}"#).contains("twice"));
    }

    #[test]
    fn depth_nul_and_bytes_are_bounded() {
        let deep = format!("{}1{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
        assert!(refusal(&deep).contains("deep"));
        let fits = format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(parse(fits.as_bytes()).is_ok());
        assert!(refusal(r#"{"a":"x\u0000y"}"#).contains("NUL"));
        assert!(refusal(r#"{"a":"\ud800"}"#).contains("line 1"));
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(parse("\u{feff}{}".as_bytes()).is_ok());
        assert!(refusal(&format!("[{}1]", "1,".repeat(MAX_VALUES))).contains("values"));
    }
}
