//! The made-up people, and the requests about them. The same number always makes the same person.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// Numbers that jump about, so that neighbours in time are not neighbours on disk.
pub(crate) fn scatter(n: usize, count: usize) -> usize {
    n.wrapping_mul(7_919) % count.max(1)
}

/// The `userName` of a person who is there from the start.
pub(crate) fn name_of(number: usize) -> String {
    format!("user-{number}@bench.example")
}

/// The `externalId` of a person.
pub(crate) fn external_id(name: &str, number: usize) -> String {
    format!("HR-{number}-{name}")
}

/// A user as an identity provider sends one: some 1 200 bytes once it is stored.
pub(crate) fn user(name: &str, number: usize) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": external_id(name, number),
        "userName": name,
        "name": { "formatted": format!("Ilze Bērziņa {number}"), "familyName": format!("Bērziņa {number}"), "givenName": "Ilze" },
        "displayName": format!("Ilze Bērziņa {number}"),
        "title": "Nodokļu administratore",
        "preferredLanguage": "lv",
        "locale": "lv-LV",
        "active": true,
        "emails": [
            { "value": name, "type": "work", "primary": true },
            { "value": format!("private-{name}"), "type": "home" },
        ],
        "phoneNumbers": [{ "value": format!("+371 2{number:07}"), "type": "mobile" }],
        "addresses": [{ "type": "work", "streetAddress": "Rātslaukums 1", "locality": "Bērzaine", "postalCode": "LV-1000", "country": "LV" }],
        ENTERPRISE: {
            "employeeNumber": number.to_string(),
            "organization": "Bērzaines novada pašvaldība",
            "department": format!("Nodaļa {}", number % 50),
        },
    })
}

/// A user who has another title each time, so that replacing by it is a change.
pub(crate) fn titled(name: &str, number: usize, turn: usize) -> String {
    let mut user = user(name, number);
    user["title"] = format!("Nodokļu administratore {turn}").into();
    user.to_string()
}

/// A group without members.
pub(crate) fn group(name: &str) -> String {
    json!({ "schemas": [GROUP], "displayName": name }).to_string()
}

/// A group with members.
pub(crate) fn full_group(name: &str, ids: &[String]) -> String {
    json!({ "schemas": [GROUP], "displayName": name, "members": members(ids) }).to_string()
}

/// A PATCH that sets `active`.
pub(crate) fn activation(active: bool) -> String {
    patch(&json!({ "op": "replace", "path": "active", "value": active }))
}

/// A PATCH that gives a user another name to show.
pub(crate) fn renaming(turn: usize) -> String {
    patch(&json!({ "op": "replace", "path": "displayName", "value": format!("Ilze Bērziņa, {turn}") }))
}

/// A PATCH that adds members to a group.
pub(crate) fn addition(ids: &[String]) -> String {
    patch(&json!({ "op": "add", "path": "members", "value": members(ids) }))
}

/// A PATCH that removes many members from a group.
pub(crate) fn removals(ids: &[String]) -> String {
    patch(&json!({ "op": "remove", "path": "members", "value": members(ids) }))
}

/// A PATCH that removes a member from a group.
pub(crate) fn removal(id: &str) -> String {
    patch(&json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }))
}

/// The n-th change of members: each of the spare users is added in turn, then each is removed again, and the group
/// keeps its size.
pub(crate) fn member_change(spare: &[String], n: usize) -> String {
    let id = &spare[n % spare.len()];
    if (n / spare.len()).is_multiple_of(2) { addition(std::slice::from_ref(id)) } else { removal(id) }
}

/// A bulk request that creates users, each with the number that it is told.
pub(crate) fn bulk(users: impl Iterator<Item = (usize, Value)>) -> String {
    let operation = |(number, user): (usize, Value)| json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": user });
    json!({ "schemas": [BULK], "Operations": users.map(operation).collect::<Vec<_>>() }).to_string()
}

/// The path of a query for users.
pub(crate) fn query(filter: &str) -> String {
    format!("/Users?filter={}", utf8_percent_encode(filter, NON_ALPHANUMERIC))
}

/// Members that are ids alone.
fn members(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

fn patch(operation: &Value) -> String {
    json!({ "schemas": [PATCH], "Operations": [operation] }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spare_user_joins_and_leaves_again() {
        let spare = ["a".to_owned(), "b".to_owned()];
        let changes: Vec<String> = (0..5).map(|n| member_change(&spare, n)).collect();
        let add = |id: &str| addition(&[id.to_owned()]);
        assert_eq!(changes, [add("a"), add("b"), removal("a"), removal("b"), add("a")]);
    }

    #[test]
    fn every_number_comes_up_once() {
        let mut numbers: Vec<usize> = (0..1000).map(|n| scatter(n, 1000)).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..1000));
        assert_eq!(scatter(5, 0), 0);
    }

    #[test]
    fn a_filter_is_sent_as_one_parameter() {
        assert_eq!(query("userName eq \"a&b\""), "/Users?filter=userName%20eq%20%22a%26b%22");
    }
}
