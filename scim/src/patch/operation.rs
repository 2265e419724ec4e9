//! What a client may send: a list of add, remove and replace with paths.

use std::fmt;

use serde_json::Value;

use crate::{
    error::{Error, ScimType, invalid_path, invalid_syntax, no_target},
    filter::{Filter, MAX_LENGTH, Parser},
    path::AttrPath,
    read::member,
    schema::ResourceType,
};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// How many operations one PATCH may hold.
pub const MAX_OPERATIONS: usize = 1000;

/// The kinds of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds values.
    Add,
    /// Removes values.
    Remove,
    /// Replaces values.
    Replace,
}

/// A PATCH path: an attribute, perhaps some of its values, perhaps a sub-attribute of those.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The attribute; with a sub-attribute only where no filter stands between them.
    pub attribute: AttrPath,
    /// Which values.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the filter.
    pub sub: Option<String>,
}

/// One operation. `value` is absent, or present and perhaps `null`: these differ for `remove`.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// To what; nothing means the resource.
    pub path: Option<Path>,
    /// With what.
    pub value: Option<Value>,
}

impl Path {
    /// Reads a path such as `emails[type eq "work"].value`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // The text may hold a value, and is not repeated.
        let malformed = || {
            invalid_path(
                "The path is not valid; it must be like userName, name.givenName, emails[type eq \"work\"] or emails[type eq \"work\"].value.",
            )
        };
        if text.trim().len() > MAX_LENGTH {
            return Err(invalid_path(format!("The path is longer than {MAX_LENGTH} bytes.")));
        }
        let mut parser = Parser::new(text.trim()).map_err(|_| malformed())?;
        let attribute = parser.path().map_err(|_| malformed())?;
        match parser.peek() {
            None => return Ok(Self { attribute, filter: None, sub: None }),
            Some(b'[') if attribute.sub.is_none() => {}
            Some(_) => return Err(malformed()),
        }
        let filter = Some(parser.brackets()?);
        let sub = match parser.rest() {
            "" => None,
            rest => {
                let name = rest.strip_prefix('.').ok_or_else(malformed)?;
                let path = AttrPath::parse(name).map_err(|_| malformed())?;
                if path.urn.is_some() || path.sub.is_some() {
                    return Err(malformed());
                }
                Some(path.name)
            }
        };
        Ok(Self { attribute, filter, sub })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// The attributes that operations write, as paths.
pub fn written(kind: &ResourceType, operations: &[Operation]) -> Vec<String> {
    let mut written = Vec::new();
    for operation in operations {
        match (&operation.path, &operation.value) {
            (Some(path), _) => {
                let sub = path.sub.as_ref().or(path.attribute.sub.as_ref()).cloned();
                written.push(AttrPath { sub, ..path.attribute.clone() }.to_string());
            }
            (None, Some(value)) => written.extend(crate::read::written(kind, value)),
            (None, None) => {}
        }
    }
    written
}

/// Reads the body of a PATCH request.
pub fn operations(body: &Value) -> Result<Vec<Operation>, Error> {
    let Value::Object(body) = body else {
        return Err(invalid_syntax("The body must be a JSON object."));
    };
    if let Some(schemas) = member(body, "schemas") {
        let named = schemas.as_array().is_some_and(|list| list.iter().any(is_patch_op));
        if !named {
            return Err(invalid_syntax(format!("`schemas` must name {PATCH_OP}.")));
        }
    } else {
        return Err(invalid_syntax(format!("`schemas` is missing; it must name {PATCH_OP}.")));
    }
    let list = member(body, "Operations").and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| invalid_syntax("`Operations` must be a list of at least one operation."))?;
    if list.len() > MAX_OPERATIONS {
        return Err(Error::new(413, format!("A PATCH may hold at most {MAX_OPERATIONS} operations.")));
    }
    list.iter().map(operation).collect()
}

fn is_patch_op(urn: &Value) -> bool {
    urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_OP))
}

fn operation(item: &Value) -> Result<Operation, Error> {
    let Value::Object(item) = item else {
        return Err(invalid_syntax("Each operation must be an object."));
    };
    let word = member(item, "op").and_then(Value::as_str).map(str::to_ascii_lowercase);
    let op = match word.as_deref() {
        Some("add") => Op::Add,
        Some("remove") => Op::Remove,
        Some("replace") => Op::Replace,
        _ => return Err(invalid_syntax("`op` must be add, remove or replace.")),
    };
    let path = match member(item, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => Some(Path::parse(text)?),
        Some(_) => return Err(invalid_path("`path` must be a string.")),
    };
    let value = member(item, "value").cloned();
    match (op, &path, &value) {
        (Op::Remove, None, _) => Err(no_target("A remove operation needs a path.")),
        (Op::Add | Op::Replace, _, None) => {
            Err(Error::of(ScimType::InvalidValue, "An add or replace operation needs a value."))
        }
        _ => Ok(Operation { op, path, value }),
    }
}
