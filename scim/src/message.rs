//! The messages around resources: lists and the parameters of a query (RFC 7644 §3.4.2).

use std::fmt::Write;

use serde_json::{Number, Value, json};

use crate::{
    Mode,
    error::{Error, ScimType, invalid_syntax, invalid_value},
    filter::{Condition, Field, Filter, bind_among, bind_sort},
    project::Projection,
    read::member,
    schema::ResourceType,
};

/// The media type of SCIM (RFC 7644 §8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// How many tests a filter may hold, counted for each type that it is asked of.
const MAX_TESTS: usize = 1000;
/// How many attributes a projection may name.
const MAX_NAMES: usize = 1000;
const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The parameters of a list, as text from an address.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// `filter`.
    pub filter: Option<String>,
    /// `sortBy`.
    pub sort_by: Option<String>,
    /// `sortOrder`.
    pub sort_order: Option<String>,
    /// `startIndex`.
    pub start_index: Option<String>,
    /// `count`.
    pub count: Option<String>,
    /// `cursor` (RFC 9865 §2); empty text asks for the first page.
    pub cursor: Option<String>,
    /// `attributes`, comma-separated.
    pub attributes: Option<String>,
    /// `excludedAttributes`, comma-separated.
    pub excluded_attributes: Option<String>,
}

/// A query bound to a resource type.
#[derive(Debug)]
pub struct Query<'a> {
    /// Which resources.
    pub condition: Option<Condition<'a>>,
    /// In which order; nothing is the order of creation.
    pub sort: Option<Sort<'a>>,
    /// Where the page starts.
    pub start: Start,
    /// How many results at the most.
    pub count: u64,
    /// What is shown of each.
    pub projection: Projection,
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At that result, from 1.
    Index(u64),
    /// Behind that resource; nothing is the beginning.
    After(Option<Position>),
}

/// The place of a resource in an ordered list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Its sort key, if the list is sorted and it has one.
    pub key: Option<String>,
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// A sort key and its direction.
#[derive(Debug, Clone, Copy)]
pub struct Sort<'a> {
    /// The attribute.
    pub field: Field<'a>,
    /// From the last to the first.
    pub descending: bool,
}

/// How long a page is.
#[derive(Debug, Clone, Copy)]
pub struct PageSize {
    /// Without `count`.
    pub default: u64,
    /// At the most.
    pub maximum: u64,
}

impl Parameters {
    /// What `attributes` and `excludedAttributes` select.
    pub fn projection(&self, kind: &ResourceType) -> Result<Projection, Error> {
        let split =
            |list: &'_ Option<String>| list.as_deref().unwrap_or_default().split(',').map(str::to_owned).collect();
        let attributes: Vec<String> = split(&self.attributes);
        let excluded: Vec<String> = split(&self.excluded_attributes);
        if attributes.len() + excluded.len() > MAX_NAMES {
            return Err(invalid_value(format!("At most {MAX_NAMES} attributes can be named.")));
        }
        Projection::parse(kind, attributes.iter().map(String::as_str), excluded.iter().map(String::as_str))
    }

    /// Binds the parameters to a resource type.
    pub fn query<'a>(&self, kind: &'a ResourceType, page: PageSize, mode: Mode) -> Result<Query<'a>, Error> {
        let mut queries = self.queries(std::slice::from_ref(kind), page, mode)?;
        queries.pop().ok_or_else(|| invalid_value("There is nothing to query."))
    }

    /// Binds the parameters of a query for several types to each of them (RFC 7644 §3.4.2.1).
    pub fn queries<'a>(&self, kinds: &'a [ResourceType], page: PageSize, mode: Mode) -> Result<Vec<Query<'a>>, Error> {
        let filter = self.filter.as_deref().map(Filter::parse).transpose()?;
        let tests = filter.as_ref().map_or(0, Filter::tests) * kinds.len();
        if kinds.len() > 1 && tests > MAX_TESTS {
            let detail = format!(
                "The filter is asked of {} types, {tests} tests in all; at most {MAX_TESTS} are possible.",
                kinds.len()
            );
            return Err(Error::of(ScimType::InvalidFilter, detail));
        }
        let (start, count) = (self.start()?, self.count()?.unwrap_or(page.default).min(page.maximum));
        let descending = self.is_descending()?;
        let fields = self.sort_fields(kinds)?;
        let of = |(kind, field): (&'a ResourceType, Option<Field<'a>>)| {
            Ok(Query {
                condition: filter.as_ref().map(|filter| bind_among(kind, kinds, filter, mode)).transpose()?,
                sort: field.map(|field| Sort { field, descending }),
                start: start.clone(),
                count,
                projection: self.projection(kind)?,
            })
        };
        kinds.iter().zip(fields).map(of).collect()
    }

    /// A page by cursor and a page by number are two things (K-20).
    fn start(&self) -> Result<Start, Error> {
        let index = whole_number("startIndex", self.start_index.as_deref())?;
        match (&self.cursor, index) {
            (None, index) => Ok(Start::Index(index.unwrap_or(1).max(1))),
            (Some(_), None) => Ok(Start::After(None)),
            (Some(_), Some(_)) => Err(invalid_value("cursor and startIndex exclude each other.")),
        }
    }

    fn count(&self) -> Result<Option<u64>, Error> {
        whole_number("count", self.count.as_deref()).map_err(|error| match self.cursor {
            None => error,
            Some(_) => Error::of(ScimType::InvalidCount, error.detail),
        })
    }

    fn is_descending(&self) -> Result<bool, Error> {
        match self.sort_order.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => Ok(false),
            Some("descending") => Ok(true),
            Some(_) => Err(invalid_value("sortOrder must be ascending or descending.")),
        }
    }

    /// What `sortBy` names in each type. One that knows it is enough: others have no value for it.
    fn sort_fields<'a>(&self, kinds: &'a [ResourceType]) -> Result<Vec<Option<Field<'a>>>, Error> {
        let Some(by) = self.sort_by.as_deref().filter(|by| !by.is_empty()) else {
            return Ok(vec![None; kinds.len()]);
        };
        let mut fields = kinds.iter().map(|kind| bind_sort(kind, by));
        if kinds.len() == 1 {
            return fields.map(|field| field.map(Some)).collect();
        }
        let found: Vec<Option<Field<'a>>> = fields.by_ref().map(Result::ok).collect();
        if found.iter().all(Option::is_none) {
            return Err(invalid_value("sortBy names no attribute of any resource type."));
        }
        Ok(found)
    }
}

/// Reads the body of a `.search` request (RFC 7644 §3.4.3).
pub fn search_request(body: &Value) -> Result<Parameters, Error> {
    let Value::Object(body) = body else {
        return Err(invalid_syntax("The body must be a JSON object."));
    };
    let is_search = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST));
    let names = member(body, "schemas").and_then(Value::as_array);
    if !names.is_some_and(|names| names.iter().any(is_search)) {
        return Err(invalid_syntax(format!("`schemas` must name {SEARCH_REQUEST}.")));
    }
    let text = |name: &str| match member(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if matches!(name, "startIndex" | "count") => Ok(Some(written_out(number))),
        Some(_) => Err(invalid_value(format!("`{name}` is not of the right type."))),
    };
    let list = |name: &str| match member(body, name) {
        Some(Value::Array(items)) => {
            let names: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let names = names.ok_or_else(|| invalid_value(format!("`{name}` must be a list of strings.")))?;
            Ok(Some(names.join(",")))
        }
        _ => text(name),
    };
    Ok(Parameters {
        filter: text("filter")?,
        sort_by: text("sortBy")?,
        sort_order: text("sortOrder")?,
        start_index: text("startIndex")?,
        count: text("count")?,
        cursor: text("cursor")?,
        attributes: list("attributes")?,
        excluded_attributes: list("excludedAttributes")?,
    })
}

/// A number as the address would have it: a whole one in digits, however it is written.
fn written_out(number: &Number) -> String {
    match number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) {
        Some(whole) => format!("{whole:.0}"),
        None => number.to_string(),
    }
}

/// A whole number; negative ones count as 0 (RFC 7644 §3.4.2.4).
fn whole_number(name: &str, text: Option<&str>) -> Result<Option<u64>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(invalid_value(format!("{name} must be a whole number.")));
    }
    let number = digits.parse().unwrap_or(u64::MAX).min(i64::MAX as u64);
    Ok(Some(if text.starts_with('-') { 0 } else { number }))
}

/// A list of resources (RFC 7644 §3.4.2).
pub fn list(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// How a page is numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Numbering {
    /// From that result on.
    Index(u64),
    /// By cursors, with the one of the next page unless this is the last (RFC 9865 §2).
    Cursor(Option<String>),
}

/// The text of a list whose resources are texts of JSON objects already.
pub fn list_text(total: u64, numbering: &Numbering, resources: &[String]) -> String {
    let length: usize = resources.iter().map(|resource| resource.len() + 1).sum();
    let mut text = String::with_capacity(length + 400);
    text.push_str(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"#);
    // Writing to text does not fail.
    let _ = write!(text, r#""totalResults":{total},"#);
    let _ = match numbering {
        Numbering::Index(start) => write!(text, r#""startIndex":{start},"#),
        Numbering::Cursor(Some(next)) => write!(text, r#""nextCursor":{},"#, Value::from(next.as_str())),
        Numbering::Cursor(None) => Ok(()),
    };
    let _ = write!(text, r#""itemsPerPage":{},"Resources":["#, resources.len());
    for (at, resource) in resources.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(resource);
    }
    text.push_str("]}");
    text
}

/// Writes the `meta` of a resource (RFC 7643 §3.1) as JSON. `version` is the ETag.
pub fn write_meta(out: &mut String, kind: &ResourceType, location: &str, created: &str, modified: &str, version: &str) {
    let parts = [
        ("{\"resourceType\":", kind.name.as_str()),
        (",\"created\":", created),
        (",\"lastModified\":", modified),
        (",\"location\":", location),
        (",\"version\":", version),
    ];
    for (name, value) in parts {
        out.push_str(name);
        write_string(out, value);
    }
    out.push('}');
}

/// Writes text as a JSON string.
pub fn write_string(out: &mut String, text: &str) {
    let is_special = |byte| byte < 0x20 || matches!(byte, b'"' | b'\\');
    out.reserve(text.len() + 2);
    if !text.bytes().any(is_special) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else if text.bytes().any(|byte| byte < 0x20) {
        out.push_str(&Value::from(text).to_string());
    } else {
        // Every entity tag has quotes.
        out.push('"');
        for piece in text.split_inclusive(['"', '\\']) {
            let plain = piece.trim_end_matches(['"', '\\']);
            out.push_str(plain);
            if plain.len() < piece.len() {
                out.push('\\');
                out.push_str(&piece[plain.len()..]);
            }
        }
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_json_has_them() {
        for text in ["", "plain", "ā", "a\"b", "a\\b", "\"\"\\", "\"ā", "a\nb", "\"\n", "\u{7f}", "W/\"1\""] {
            let mut out = String::new();
            write_string(&mut out, text);
            assert_eq!(out, Value::from(text).to_string());
        }
    }

    #[test]
    fn a_list_of_texts_is_the_list_of_their_values() {
        for resources in [vec![], vec![json!({"id": "1"})], vec![json!({"id": "1"}), json!({"id": "]}"})]] {
            let texts: Vec<String> = resources.iter().map(Value::to_string).collect();
            let text = list_text(7, &Numbering::Index(3), &texts);
            assert_eq!(text, list(7, 3, resources).to_string());
        }
    }
}
