//! `bulkId:x` where an id belongs: the resource that the operation named `x` makes (RFC 7644 §3.7.2).

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::{
    bulk::Operation,
    error::{Error, invalid_value},
};

const PREFIX: &str = "bulkId:";

/// Whether a text stands for the id of a resource that is yet to be made.
pub(super) fn is_reference(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl Operation {
    /// The names that it refers to.
    pub(super) fn references(&mut self, holders: &BTreeSet<String>) -> Vec<String> {
        let mut names = Vec::new();
        self.each(holders, &mut |name| {
            names.push(name.to_owned());
            None
        });
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Puts ids where references stand. Fails on a name without an id, so that no reference is ever stored.
    /// `holders` are the attributes that refer to resources, in small letters.
    pub fn resolve(&mut self, holders: &BTreeSet<String>, ids: &HashMap<String, String>) -> Result<(), Error> {
        let mut missing = false;
        self.each(holders, &mut |name| {
            let id = ids.get(name).cloned();
            missing |= id.is_none();
            id
        });
        if missing {
            let detail = "A bulkId that this operation refers to names no resource that was made by this request.";
            return Err(invalid_value(detail));
        }
        Ok(())
    }

    /// Shows every name that is referred to, and puts what it is to become.
    fn each(&mut self, holders: &BTreeSet<String>, find: &mut impl FnMut(&str) -> Option<String>) {
        if let Some(id) = &mut self.id {
            put(id, resolved, find);
        }
        replace(&mut self.data, holders, find);
    }
}

fn put<F: FnMut(&str) -> Option<String>>(text: &mut String, read: fn(&str, &mut F) -> Option<String>, find: &mut F) {
    if let Some(new) = read(text, find) {
        *text = new;
    }
}

/// The id for a text that is a reference.
fn resolved(text: &str, find: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    find(text.strip_prefix(PREFIX)?)
}

/// Whether a member of an object holds ids: `value`, or an attribute that refers to resources and is named by its bare
/// id; also behind a path, as in `manager.value`.
fn holds_ids(holders: &BTreeSet<String>, key: &str) -> bool {
    let last = key.rsplit(['.', ':']).next().unwrap_or(key).to_ascii_lowercase();
    last == "value" || holders.contains(&last)
}

fn replace(value: &mut Value, holders: &BTreeSet<String>, find: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, holders, find)),
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if holds_ids(holders, key) => put(text, resolved, find),
                    Value::String(text) if key.eq_ignore_ascii_case("path") => put(text, path, find),
                    Value::Array(items) if holds_ids(holders, key) => items.iter_mut().for_each(|item| match item {
                        Value::String(text) => put(text, resolved, find),
                        other => replace(other, holders, find),
                    }),
                    other => replace(other, holders, find),
                }
            }
        }
        _ => {}
    }
}

/// A PATCH path with ids for the references in its filter, as in `members[value eq "bulkId:x"]`.
fn path(text: &str, find: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut parts = text.split("\"bulkId:");
    let mut whole = parts.next()?.to_owned();
    let mut changed = false;
    for part in parts {
        let (name, rest) = part.split_once('"')?;
        let id = find(name);
        changed |= id.is_some();
        whole.push_str(&format!("\"{}\"{rest}", id.unwrap_or_else(|| format!("{PREFIX}{name}"))));
    }
    changed.then_some(whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bulk::Method;

    fn operation(id: Option<&str>, data: Value) -> Operation {
        Operation { method: Method::Patch, endpoint: "Users".into(), id: id.map(Into::into), version: None, data }
    }

    fn holders() -> BTreeSet<String> {
        ["members", "manager"].map(str::to_owned).into()
    }

    /// Shows: B-13, B-21, B-16
    #[test]
    fn references_become_ids_wherever_ids_belong() {
        let data = json!({
            "displayName": "bulkId:a",
            "members": [{ "value": "bulkId:a" }, "bulkId:b", { "value": "x" }],
            "urn:x": { "manager": { "value": "bulkId:c" } },
            "urn:y": { "manager": "bulkId:c" },
            "Operations": [
                { "op": "add", "path": "manager.value", "value": "bulkId:a" },
                { "op": "add", "value": { "manager.value": "bulkId:b" } },
                { "op": "add", "path": "members", "value": ["bulkId:a"] },
                { "op": "remove", "path": "members[value eq \"bulkId:a\" or value eq \"bulkId:c\"]" },
            ],
        });
        let mut operation = operation(Some("bulkId:d"), data);
        assert_eq!(operation.references(&holders()), ["a", "b", "c", "d"]);
        let ids =
            HashMap::from([("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")].map(|(name, id)| (name.into(), id.into())));
        operation.resolve(&holders(), &ids).expect("resolved");
        assert_eq!(operation.id.as_deref(), Some("4"));
        assert_eq!(
            operation.data,
            json!({
                "displayName": "bulkId:a",
                "members": [{ "value": "1" }, "2", { "value": "x" }],
                "urn:x": { "manager": { "value": "3" } },
                "urn:y": { "manager": "3" },
                "Operations": [
                    { "op": "add", "path": "manager.value", "value": "1" },
                    { "op": "add", "value": { "manager.value": "2" } },
                    { "op": "add", "path": "members", "value": ["1"] },
                    { "op": "remove", "path": "members[value eq \"1\" or value eq \"3\"]" },
                ],
            })
        );
    }

    #[test]
    fn a_name_without_an_id_fails() {
        let mut unknown = operation(None, json!({ "manager": { "value": "bulkId:a" } }));
        assert_eq!(unknown.resolve(&holders(), &HashMap::new()).expect_err("unknown").status, 400);
        let mut in_path = operation(None, json!({ "path": "members[value eq \"bulkId:a\"]" }));
        let mut bare = operation(None, json!({ "urn:x:manager": "bulkId:a" }));
        assert!(bare.resolve(&holders(), &HashMap::new()).is_err());
        assert!(in_path.resolve(&holders(), &HashMap::new()).is_err());
    }
}
