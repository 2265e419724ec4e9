//! Bulk requests (RFC 7644 §3.7): many operations in one message, which may refer to each other's new resources.

mod plan;
mod reference;

use std::{collections::HashSet, fmt};

use serde_json::{Map, Value, json};

use crate::{
    error::{Error, invalid_path, invalid_syntax, invalid_value},
    read::member,
};

pub use plan::{Plan, plan};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// How many operations one request may hold.
pub const MAX_OPERATIONS: usize = 1000;
/// The longest `bulkId`, in bytes.
const MAX_BULK_ID: usize = 256;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Makes a resource.
    Post,
    /// Replaces one.
    Put,
    /// Changes one.
    Patch,
    /// Removes one.
    Delete,
}

impl Method {
    fn parse(word: &str) -> Option<Self> {
        let methods = [Self::Post, Self::Put, Self::Patch, Self::Delete];
        methods.into_iter().find(|method| method.word().eq_ignore_ascii_case(word))
    }

    /// The method as HTTP writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An operation that can be tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub method: Method,
    /// The endpoint of a resource type, e.g. `Users`.
    pub endpoint: String,
    /// Which resource; nothing for POST. It may be a reference until it is [resolved](Operation::resolve).
    pub id: Option<String>,
    /// The version that the resource must have, as in `If-Match`.
    pub version: Option<String>,
    /// What the single request would have as its body; `null` for DELETE.
    pub data: Value,
}

/// One entry of `Operations`: what its result repeats, and the operation or why it is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The method as the client wrote it.
    pub method: String,
    /// The name that the client gave it.
    pub bulk_id: Option<String>,
    /// The resource that its path names, e.g. `Users/2819c223`, whether or not the operation can be read; nothing for
    /// POST and for a reference.
    pub named: Option<String>,
    /// The operation.
    pub operation: Result<Operation, Error>,
}

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its operations, in the client's order.
    pub items: Vec<Item>,
    /// After how many errors to stop.
    pub fail_on_errors: Option<u64>,
}

/// Reads a bulk request. An operation that cannot be read fails alone; what makes the whole unreadable, or leaves
/// open which resource a name means, refuses all of it.
pub fn request(body: Value) -> Result<Request, Error> {
    let Value::Object(mut body) = body else {
        return Err(invalid_syntax("The body must be a JSON object."));
    };
    let names = member(&body, "schemas").and_then(Value::as_array);
    let is_request = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(REQUEST));
    if !names.is_some_and(|names| names.iter().any(is_request)) {
        return Err(invalid_syntax(format!("`schemas` must name {REQUEST}.")));
    }
    let fail_on_errors = match member(&body, "failOnErrors") {
        None | Some(Value::Null) => None,
        Some(number) => {
            let wrong = || invalid_value("failOnErrors must be a whole number from 1.");
            Some(number.as_u64().filter(|number| *number > 0).ok_or_else(wrong)?)
        }
    };
    let Some(Value::Array(list)) = take(&mut body, "Operations").filter(|list| list != &json!([])) else {
        return Err(invalid_syntax("`Operations` must be a list of at least one operation."));
    };
    if list.len() > MAX_OPERATIONS {
        let detail = format!(
            "The request holds {} operations; maxOperations is {MAX_OPERATIONS}. Send them in several requests.",
            list.len()
        );
        return Err(Error::new(413, detail));
    }
    let items: Vec<Item> = list.into_iter().map(item).collect();
    let mut seen = HashSet::with_capacity(items.len());
    if items.iter().filter_map(|item| item.bulk_id.as_deref()).any(|name| !seen.insert(name)) {
        return Err(invalid_value("Two operations have the same bulkId."));
    }
    Ok(Request { items, fail_on_errors })
}

fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    object.shift_remove(&key)
}

fn item(value: Value) -> Item {
    let Value::Object(mut object) = value else {
        let operation = Err(invalid_syntax("Each operation must be an object."));
        return Item { method: String::new(), bulk_id: None, named: None, operation };
    };
    let text = |name: &str| member(&object, name).and_then(Value::as_str).map(str::to_owned);
    let (method, bulk_id) = (text("method").unwrap_or_default(), text("bulkId").filter(|name| !name.is_empty()));
    let known = Method::parse(&method);
    let named = known.zip(text("path")).and_then(|(method, path)| named(method, &path));
    let operation = operation(&mut object, bulk_id.as_deref());
    let method = known.map_or(method, |known| known.to_string());
    Item { method, bulk_id, named, operation }
}

fn operation(object: &mut Map<String, Value>, bulk_id: Option<&str>) -> Result<Operation, Error> {
    let text = |name: &str| match member(object, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid_syntax(format!("`{name}` must be a string."))),
    };
    let method = text("method")?.as_deref().and_then(Method::parse);
    let method = method.ok_or_else(|| invalid_syntax("`method` must be POST, PUT, PATCH or DELETE."))?;
    let named = text("bulkId")?.filter(|name| !name.is_empty());
    if method == Method::Post && named.is_none() {
        return Err(invalid_value("A POST needs a bulkId."));
    }
    if bulk_id.is_some_and(|name| name.len() > MAX_BULK_ID) {
        return Err(invalid_value(format!("A bulkId may be at most {MAX_BULK_ID} bytes long.")));
    }
    let (endpoint, id) = path(method, &text("path")?.unwrap_or_default())?;
    let version = text("version")?.filter(|version| !version.is_empty());
    let data = take(object, "data").unwrap_or_default();
    if method != Method::Delete && !data.is_object() {
        return Err(invalid_syntax(format!("A {method} needs an object in `data`.")));
    }
    Ok(Operation { method, endpoint, id, version, data })
}

fn named(method: Method, text: &str) -> Option<String> {
    let (endpoint, id) = path(method, text).ok()?;
    id.filter(|id| !reference::is_reference(id)).map(|id| format!("{endpoint}/{id}"))
}

/// The endpoint and the id of a path such as `/Users/2819c223`.
fn path(method: Method, path: &str) -> Result<(String, Option<String>), Error> {
    let trimmed = path.strip_prefix('/').unwrap_or(path);
    let (endpoint, id) = match trimmed.split_once('/') {
        None => (trimmed, None),
        Some((endpoint, "")) => (endpoint, None),
        Some((endpoint, id)) => (endpoint, Some(id)),
    };
    let plain = |part: &str| !part.is_empty() && !part.contains(['/', '?', '#']);
    let one = id.is_none_or(|id| plain(id) && !id.starts_with('.'));
    match (method, id) {
        _ if !plain(endpoint) || !one => {
            Err(invalid_path("`path` must be an endpoint such as /Users, or a resource such as /Users/{id}."))
        }
        (Method::Post, Some(_)) => Err(invalid_path("The path of a POST must be an endpoint such as /Users.")),
        (Method::Put | Method::Patch | Method::Delete, None) => {
            Err(invalid_path(format!("The path of a {method} must name a resource, such as /Users/{{id}}.")))
        }
        _ => Ok((endpoint.to_owned(), id.map(Into::into))),
    }
}

/// What came of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The HTTP status that the single request would have had.
    pub status: u16,
    /// The address of the resource; nothing for a POST that failed.
    pub location: Option<String>,
    /// The resource's entity tag.
    pub version: Option<String>,
    /// Why it failed.
    pub error: Option<Error>,
}

/// The text of a bulk response: a result for each operation that was tried, in the client's order.
pub fn response(results: impl IntoIterator<Item = (Item, Outcome)>) -> String {
    let results = results.into_iter().map(|(item, outcome)| {
        let mut result = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                result.insert(name.to_owned(), value);
            }
        };
        put("location", outcome.location.map(Value::from));
        put("method", Some(item.method.into()));
        put("bulkId", item.bulk_id.map(Value::from));
        put("version", outcome.version.map(Value::from));
        put("status", Some(outcome.status.to_string().into()));
        put("response", outcome.error.map(|error| error.body()));
        Value::Object(result)
    });
    let results: Vec<Value> = results.collect();
    json!({ "schemas": [RESPONSE], "Operations": results }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(operations: Value) -> Value {
        json!({ "schemas": [REQUEST], "failOnErrors": null, "Operations": operations })
    }

    fn only(operation: Value) -> Result<Operation, Error> {
        request(with(json!([operation]))).expect("a request").items.remove(0).operation
    }

    /// Shows: B-02, B-03, B-04, B-05
    #[test]
    fn operations_are_read_one_by_one() {
        let post = only(json!({ "method": "post", "path": "/Users", "bulkId": "a", "data": {} })).expect("read");
        assert_eq!((post.method, post.endpoint.as_str(), post.id), (Method::Post, "Users", None));
        let put = only(json!({ "method": "PUT", "path": "Users/1", "version": "W/\"2\"", "data": {} })).expect("read");
        assert_eq!((put.id.as_deref(), put.version.as_deref()), (Some("1"), Some("W/\"2\"")));
        for wrong in [
            json!({ "method": "POST", "path": "/Users", "data": {} }),
            json!({ "method": "POST", "path": "/Users/1", "bulkId": "a", "data": {} }),
            json!({ "method": "POST", "path": "/Users", "bulkId": "a" }),
            json!({ "method": "GET", "path": "/Users/1" }),
            json!({ "method": "PATCH", "path": "/Users/1" }),
            json!({ "method": "DELETE", "path": "/Users" }),
            json!({ "method": "DELETE", "path": "/Users/1/2" }),
            json!({ "method": "POST", "path": "/Users/.search", "bulkId": "a", "data": {} }),
            json!({ "method": "POST", "path": "https://elsewhere.example/Users", "bulkId": "a", "data": {} }),
            json!({ "method": 1, "path": "/Users/1" }),
            json!("DELETE"),
        ] {
            assert_eq!(only(wrong.clone()).expect_err("must fail").status, 400, "{wrong}");
        }
    }

    /// Shows: B-08, B-19
    #[test]
    fn what_makes_the_whole_unreadable_refuses_it() {
        let delete = || json!({ "method": "DELETE", "path": "/Users/1" });
        let named = || json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": {} });
        assert!(request(with(json!([]))).is_err());
        assert!(request(json!({ "schemas": [RESPONSE], "Operations": [delete()] })).is_err());
        assert!(request(with(json!([named(), named()]))).is_err());
        let mut limit = with(json!([delete()]));
        limit["failOnErrors"] = 2.into();
        assert_eq!(request(limit.clone()).expect("read").fail_on_errors, Some(2));
        limit["failOnErrors"] = json!(0);
        assert!(request(limit).is_err());
        let many: Vec<Value> = (0..=MAX_OPERATIONS).map(|_| delete()).collect();
        let refused = request(with(many.into())).expect_err("too many");
        assert_eq!(refused.status, 413);
        assert!(refused.detail.contains("maxOperations"), "{}", refused.detail);
    }
}
