//! What answers must look like: each function says what is wrong with one, if anything.

use serde_json::Value;

use crate::scenario::{BULK, READ_GROUP};

/// A user.
pub(crate) fn is_user(answer: &Value) -> Option<&'static str> {
    unless(answer["id"].is_string() && answer["userName"].is_string(), "the answer is no user")
}

/// A list of one.
pub(crate) fn is_one(answer: &Value) -> Option<&'static str> {
    unless(answer["totalResults"] == 1, "the filter does not find exactly one")
}

/// A list of nobody.
pub(crate) fn is_none(answer: &Value) -> Option<&'static str> {
    unless(answer["totalResults"] == 0, "the filter does not find nobody")
}

/// A page of 100 users.
pub(crate) fn is_page(answer: &Value) -> Option<&'static str> {
    unless(answer["Resources"].as_array().is_some_and(|page| page.len() == 100), "the page does not hold 100 users")
}

/// A group without its members.
pub(crate) fn is_bare(answer: &Value) -> Option<&'static str> {
    unless(answer["id"].is_string() && answer["members"].is_null(), "the answer is no group without members")
}

/// A group with its members.
pub(crate) fn has_thousand(answer: &Value) -> Option<&'static str> {
    // The mixed load may have added somebody, if this is the largest group.
    let size = answer["members"].as_array().map_or(0, Vec::len);
    unless(size >= READ_GROUP, "the group does not have its members")
}

/// A bulk request of which everything was done.
pub(crate) fn all_made(answer: &Value) -> Option<&'static str> {
    let operations = answer["Operations"].as_array().map_or(&[][..], Vec::as_slice);
    let made = operations.iter().filter(|operation| operation["location"].is_string()).count();
    unless(made == BULK, "not every operation made a user")
}

fn unless(right: bool, wrong: &'static str) -> Option<&'static str> {
    (!right).then_some(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_that_overlooks_a_filter_is_found_out() {
        assert_eq!(is_one(&json!({ "totalResults": 1 })), None);
        assert!(is_one(&json!({ "totalResults": 1000 })).is_some());
        assert!(is_none(&json!({ "totalResults": 1 })).is_some());
        assert!(is_page(&json!({ "Resources": [] })).is_some());
        assert!(is_bare(&json!({ "id": "1", "members": [] })).is_some());
        assert!(all_made(&json!({ "Operations": [{ "status": "409" }] })).is_some());
    }
}
