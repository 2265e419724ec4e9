//! The messages around resources: lists and the parameters of a query (RFC 7644 §3.4.2).

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::{
    error::{Error, invalid_value},
    filter::{Condition, Field, Filter, bind, bind_sort},
    project::Projection,
    schema::ResourceType,
};

/// The media type of SCIM (RFC 7644 §8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

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
    /// The first result, from 1.
    pub start_index: u64,
    /// How many results at the most.
    pub count: u64,
    /// What is shown of each.
    pub projection: Projection,
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
        Projection::parse(kind, attributes.iter().map(String::as_str), excluded.iter().map(String::as_str))
    }

    /// Binds the parameters to a resource type.
    pub fn query<'a>(&self, kind: &'a ResourceType, page: PageSize) -> Result<Query<'a>, Error> {
        let condition = match self.filter.as_deref() {
            None => None,
            Some(text) => Some(bind(kind, &Filter::parse(text)?)?),
        };
        let count = whole_number("count", self.count.as_deref())?;
        Ok(Query {
            condition,
            sort: self.sort(kind)?,
            start_index: whole_number("startIndex", self.start_index.as_deref())?.unwrap_or(1).max(1),
            count: count.unwrap_or(page.default).min(page.maximum),
            projection: self.projection(kind)?,
        })
    }

    fn sort<'a>(&self, kind: &'a ResourceType) -> Result<Option<Sort<'a>>, Error> {
        let descending = match self.sort_order.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(_) => return Err(invalid_value("sortOrder must be ascending or descending.")),
        };
        let by = self.sort_by.as_deref().filter(|by| !by.is_empty());
        by.map(|by| Ok(Sort { field: bind_sort(kind, by)?, descending })).transpose()
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

/// The text of a list whose resources are texts of JSON objects already.
pub fn list_text(total: u64, start_index: u64, resources: &[String]) -> String {
    let length: usize = resources.iter().map(|resource| resource.len() + 1).sum();
    let mut text = String::with_capacity(length + 200);
    text.push_str(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"#);
    let per_page = resources.len();
    // Writing to text does not fail.
    let _ =
        write!(text, r#""totalResults":{total},"startIndex":{start_index},"itemsPerPage":{per_page},"Resources":["#);
    for (at, resource) in resources.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(resource);
    }
    text.push_str("]}");
    text
}

/// The `meta` of a resource (RFC 7643 §3.1). `version` is the ETag.
pub fn meta(kind: &ResourceType, location: &str, created: &str, modified: &str, version: &str) -> Map<String, Value> {
    let text = |text: &str| Value::String(text.to_owned());
    Map::from_iter([
        ("resourceType".to_owned(), text(&kind.name)),
        ("created".to_owned(), text(created)),
        ("lastModified".to_owned(), text(modified)),
        ("location".to_owned(), text(location)),
        ("version".to_owned(), text(version)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_texts_is_the_list_of_their_values() {
        for resources in [vec![], vec![json!({"id": "1"})], vec![json!({"id": "1"}), json!({"id": "]}"})]] {
            let texts: Vec<String> = resources.iter().map(Value::to_string).collect();
            let text = list_text(7, 3, &texts);
            assert_eq!(text, list(7, 3, resources).to_string());
        }
    }
}
