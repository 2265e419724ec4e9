//! The tolerant reader: what clients send, brought into canonical form or refused with a reason.
//!
//! In tolerant mode it forgives what real identity providers do: `"True"` for a boolean, a bare
//! string or a one-element array where an object belongs, unknown attributes, empty strings.

use std::collections::{HashMap, hash_map::Entry};

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Value};

use crate::{
    Mode,
    error::{Error, invalid_syntax, invalid_value},
    key,
    resource::{Document, MemberRef},
    schema::{Attribute, Container, Mutability, ResourceType, Type},
};

/// The longest text that an attribute may hold, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;
/// The largest whole number that every JSON reader keeps exactly (RFC 8259 §6), and that filters compare exactly.
const MAX_INTEGER: u64 = 1 << 53;
/// The same as a number with a fraction.
const MAX_DECIMAL: f64 = 9_007_199_254_740_992.0;
/// The most values that a list in a document may hold; members are not in the document.
pub const MAX_VALUES: usize = 1000;

/// A resource as a client sent it, taken apart by where its parts are kept.
#[derive(Default)]
pub struct Incoming {
    /// The attributes of the document.
    pub document: Document,
    /// A password in the clear, to be hashed and forgotten.
    pub password: Option<String>,
    /// The members, if the client gave any (an empty list counts).
    pub members: Option<Vec<MemberRef>>,
}

/// Reads the body of a POST or PUT (RFC 7644 §3.3 and §3.5.1).
pub fn resource(kind: &ResourceType, body: &Value, mode: Mode) -> Result<Incoming, Error> {
    let Value::Object(body) = body else {
        return Err(invalid_syntax("The body must be a JSON object."));
    };
    schemas(kind, body, mode)?;
    let mut incoming = Incoming::default();
    for (name, value) in body {
        if let Some(extension) = kind.extension(name) {
            let container = Container::Extension(&extension.schema);
            let Value::Object(object) = value else {
                if value.is_null() {
                    continue;
                }
                return Err(invalid_value(format!("{} must be an object.", extension.schema.id)));
            };
            for (name, value) in object {
                assign(kind, container, extension.schema.attribute(name), name, value, mode, &mut incoming)?;
            }
        } else {
            assign(kind, Container::Root, kind.root_attribute(name), name, value, mode, &mut incoming)?;
        }
    }
    Ok(incoming)
}

/// The attributes that the body of a POST or PUT gives, as paths.
pub fn written(kind: &ResourceType, body: &Value) -> Vec<String> {
    let mut written = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        match (kind.extension(name), value) {
            (Some(extension), Value::Object(object)) => {
                written.extend(object.keys().map(|inner| format!("{}:{inner}", extension.schema.id)));
            }
            _ => written.push(name.clone()),
        }
    }
    written
}

fn assign(
    kind: &ResourceType,
    container: Container<'_>,
    attribute: Option<&Attribute>,
    name: &str,
    value: &Value,
    mode: Mode,
    incoming: &mut Incoming,
) -> Result<(), Error> {
    let Some(attribute) = attribute else {
        return unknown(kind, name, mode);
    };
    if attribute.mutability == Mutability::ReadOnly || attribute.name == "schemas" {
        return Ok(());
    }
    if mode == Mode::Strict && attribute.multi_valued && !(value.is_array() || value.is_null()) {
        return Err(invalid_value(format!("{} takes a list.", attribute.name)));
    }
    if kind.is_membership(attribute) {
        incoming.members = Some(members(attribute, value, mode)?);
        return Ok(());
    }
    let value = self::value(attribute, value, mode)?;
    if is_password(attribute) {
        incoming.password = value.and_then(|value| value.as_str().map(Into::into));
    } else {
        incoming.document.put(container, &attribute.name, value);
    }
    Ok(())
}

fn unknown(kind: &ResourceType, name: &str, mode: Mode) -> Result<(), Error> {
    match mode {
        Mode::Tolerant => Ok(()),
        Mode::Strict => Err(invalid_syntax(format!("{name:?} is not an attribute of {}.", kind.name)).quoting()),
    }
}

/// Whether an attribute holds a secret that is hashed and kept apart.
pub(crate) fn is_password(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::WriteOnly
}

/// RFC 7643 §3: every body says which schemas it uses.
fn schemas(kind: &ResourceType, body: &Map<String, Value>, mode: Mode) -> Result<(), Error> {
    let given = member(body, "schemas").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(given) = given else {
        return Err(invalid_syntax(format!("`schemas` is missing or no list; it must name {}.", kind.schema.id)));
    };
    let mut names = Vec::with_capacity(given.len());
    for urn in given {
        names.push(urn.as_str().ok_or_else(|| invalid_syntax("`schemas` must be a list of strings."))?);
    }
    if mode == Mode::Tolerant {
        return Ok(());
    }
    if let Some(urn) = names.iter().find(|urn| **urn != kind.schema.id && kind.extension(urn).is_none()) {
        return Err(invalid_syntax(format!("{urn:?} is not a schema of {}.", kind.name)).quoting());
    }
    if !names.contains(&kind.schema.id.as_str()) {
        return Err(invalid_syntax(format!("`schemas` must name {}.", kind.schema.id)));
    }
    Ok(())
}

/// A member of a JSON object, in any case.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

/// Reads the value of an attribute; nothing if it unassigns (`null`, `[]`, `""`: RFC 7643 §2.5).
pub(crate) fn value(attribute: &Attribute, value: &Value, mode: Mode) -> Result<Option<Value>, Error> {
    match (attribute.multi_valued, value) {
        (true, Value::Array(items)) => {
            check_length(attribute, items.len())?;
            let mut list: Vec<Value> = Vec::with_capacity(items.len());
            let mut places = HashMap::with_capacity(items.len());
            for item in items {
                if let Some(item) = single(attribute, &attribute.name, item, mode)? {
                    // RFC 7643 §2.4: a pair of value and type stands once.
                    match places.entry(Identity::of(attribute, &item)) {
                        Entry::Occupied(place) => extend(attribute, &mut list[*place.get()], item),
                        Entry::Vacant(place) => {
                            place.insert(list.len());
                            list.push(item);
                        }
                    }
                }
            }
            Ok((!list.is_empty()).then_some(Value::Array(list)))
        }
        (true, one) => Ok(single(attribute, &attribute.name, one, mode)?.map(|one| Value::Array(vec![one]))),
        (false, Value::Array(items)) => match items.as_slice() {
            [] => Ok(None),
            [only] if mode == Mode::Tolerant => single(attribute, &attribute.name, only, mode),
            _ => Err(invalid_value(format!("{} takes one value, not a list.", attribute.name))),
        },
        (false, one) => single(attribute, &attribute.name, one, mode),
    }
}

/// Refuses a list that is too long.
pub(crate) fn check_length(attribute: &Attribute, length: usize) -> Result<(), Error> {
    if length <= MAX_VALUES {
        return Ok(());
    }
    Err(invalid_value(format!("{} may hold at most {MAX_VALUES} values.", attribute.name)))
}

/// What makes a value of a list one with another: `value` and `type` as they compare, a simple value as it compares, or
/// all of it. Made once a value, because preparing text for comparison costs.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// The comparison keys of `value` and `type`, or of a simple value.
    Pair(Option<String>, Option<String>),
    /// The whole value as text.
    Whole(String),
}

impl Identity {
    pub(crate) fn of(attribute: &Attribute, value: &Value) -> Self {
        let key = |name: &str| attribute.sub(name).and_then(|sub| key::of(sub, value.get(name)?));
        match value.get("value") {
            Some(_) => Self::Pair(key("value"), key("type")),
            None if !attribute.is_complex() => Self::Pair(key::of(attribute, value), None),
            None => Self::Whole(value.to_string()),
        }
    }
}

/// A value takes on what another one of the same says.
pub(crate) fn extend(attribute: &Attribute, value: &mut Value, more: Value) {
    if let (Value::Object(present), Value::Object(more)) = (&mut *value, more) {
        present.extend(more);
        *value = in_order(attribute, std::mem::take(present));
    }
}

/// Reads one value of an attribute, whatever its multiplicity.
pub(crate) fn single(attribute: &Attribute, path: &str, value: &Value, mode: Mode) -> Result<Option<Value>, Error> {
    let wrong = |expected: &str| invalid_value(format!("{path} must be {expected}."));
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Type::Complex, Value::Object(object)) => complex(attribute, path, object, mode),
        (Type::Complex, Value::String(text)) if mode == Mode::Tolerant => bare(attribute, path, text, mode),
        (Type::Complex, _) => Err(wrong("an object")),
        (_, Value::String(text)) if text.len() > MAX_TEXT => {
            Err(invalid_value(format!("{path} is longer than {MAX_TEXT} bytes.")))
        }
        (Type::Boolean, Value::Bool(_)) => Ok(Some(value.clone())),
        (Type::Boolean, Value::String(text)) if mode == Mode::Tolerant => {
            if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
                return Ok(Some(text.eq_ignore_ascii_case("true").into()));
            }
            if text.is_empty() { Ok(None) } else { Err(wrong("true or false")) }
        }
        (Type::Boolean, _) => Err(wrong("true or false")),
        (Type::Integer, Value::Number(number)) if number.as_i64().is_some_and(|n| n.unsigned_abs() <= MAX_INTEGER) => {
            Ok(Some(value.clone()))
        }
        (Type::Integer, _) => Err(wrong("a whole number, at most 9007199254740992 in size")),
        // What is larger may have lost digits when it was read.
        (Type::Decimal, Value::Number(number)) if number.as_f64().is_some_and(|n| n.abs() <= MAX_DECIMAL) => {
            Ok(Some(value.clone()))
        }
        (Type::Decimal, _) => Err(wrong("a number, at most 9007199254740992 in size")),
        (_, Value::String(text)) if text.is_empty() => Ok(None),
        (Type::DateTime, Value::String(text)) if key::instant(text).is_some() => Ok(Some(value.clone())),
        (Type::DateTime, _) => Err(wrong("a dateTime such as 2026-05-13T04:42:34Z")),
        (Type::Binary, Value::String(text)) if is_base64(text) => Ok(Some(value.clone())),
        (Type::Binary, _) => Err(wrong("base64 text")),
        (Type::Reference, Value::String(text)) if !text.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Ok(Some(value.clone()))
        }
        (Type::Reference, _) => Err(wrong("a URI")),
        (Type::String, Value::String(text)) => {
            canonical(attribute, path, text, mode)?;
            Ok(Some(value.clone()))
        }
        (Type::String, _) => Err(wrong("a string")),
    }
}

/// `canonicalValues` are suggestions (RFC 7643 §2.3.1); only a strict tenant restricts to them.
fn canonical(attribute: &Attribute, path: &str, text: &str, mode: Mode) -> Result<(), Error> {
    let values = &attribute.canonical_values;
    if mode == Mode::Tolerant || values.is_empty() || values.iter().any(|v| v.eq_ignore_ascii_case(text)) {
        return Ok(());
    }
    Err(invalid_value(format!("{path} must be one of {}.", values.join(", "))))
}

fn complex(attribute: &Attribute, path: &str, object: &Map<String, Value>, mode: Mode) -> Result<Option<Value>, Error> {
    let mut read = Map::with_capacity(object.len());
    for (name, value) in object {
        let Some(sub) = attribute.sub(name) else {
            if mode == Mode::Strict {
                return Err(invalid_syntax(format!("{name:?} is not a sub-attribute of {path}.")).quoting());
            }
            continue;
        };
        if sub.mutability == Mutability::ReadOnly {
            continue;
        }
        let path = format!("{path}.{}", sub.name);
        let value = if sub.multi_valued { self::value(sub, value, mode)? } else { one(sub, &path, value, mode)? };
        if let Some(value) = value {
            read.insert(sub.name.clone(), value);
        }
    }
    Ok((!read.is_empty()).then(|| in_order(attribute, read)))
}

fn one(sub: &Attribute, path: &str, value: &Value, mode: Mode) -> Result<Option<Value>, Error> {
    match value {
        Value::Array(items) if items.is_empty() => Ok(None),
        other => single(sub, path, other, mode),
    }
}

/// A complex value in the order of its schema, so that equal values are equal text.
pub(crate) fn in_order(attribute: &Attribute, mut object: Map<String, Value>) -> Value {
    let names = attribute.sub_attributes.iter().map(|sub| sub.name.as_str());
    names.filter_map(|name| object.shift_remove_entry(name)).collect::<Map<_, _>>().into()
}

/// A bare string where an object belongs stands for its `value`.
fn bare(attribute: &Attribute, path: &str, text: &str, mode: Mode) -> Result<Option<Value>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    if attribute.sub("value").is_none() {
        return Err(invalid_value(format!("{path} must be an object.")));
    }
    let object = Map::from_iter([("value".to_owned(), Value::from(text))]);
    complex(attribute, path, &object, mode)
}

/// Reads a list of members. Only `value` counts, and `type` if it is given (Y-08); a strict tenant has all of it judged.
pub(crate) fn members(attribute: &Attribute, value: &Value, mode: Mode) -> Result<Vec<MemberRef>, Error> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    if mode == Mode::Strict {
        for item in items {
            single(attribute, &attribute.name, item, mode)?;
        }
    }
    items.iter().map(member_ref).collect()
}

fn member_ref(item: &Value) -> Result<MemberRef, Error> {
    let wrong = || invalid_value("members must be a list of objects with the id of a resource in `value`.");
    let (value, kind) = match item {
        Value::String(value) => (value.as_str(), None),
        Value::Object(object) => {
            let value = member(object, "value").and_then(Value::as_str).ok_or_else(wrong)?;
            (value, member(object, "type").and_then(Value::as_str))
        }
        _ => return Err(wrong()),
    };
    if value.is_empty() {
        return Err(wrong());
    }
    Ok(MemberRef { value: value.into(), kind: kind.filter(|k| !k.is_empty()).map(Into::into) })
}

fn is_base64(text: &str) -> bool {
    const ANY_PADDING: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = GeneralPurpose::new(&base64::alphabet::STANDARD, ANY_PADDING);
    let url_safe = GeneralPurpose::new(&base64::alphabet::URL_SAFE, ANY_PADDING);
    standard.decode(text).is_ok() || url_safe.decode(text).is_ok()
}
