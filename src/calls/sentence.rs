//! A call in a sentence, for people.

use std::collections::BTreeMap;

use store::Call;

use crate::provisioning::{Reason, Summary};

/// What a call was and what came of it.
pub(super) fn sentence(call: &Call, changes: &Summary) -> String {
    let Call { method, route, status, .. } = call;
    match (method.as_str(), *status) {
        (_, 499) => format!("{method} of {route} was not answered: the client hung up"),
        (_, 500..) => format!("failed: {}", reason(call)),
        (_, 400..) => format!("refused: {}", reason(call)),
        (_, 304) => format!("{method} found {route} unchanged"),
        ("GET" | "HEAD", _) => format!("{method} read {route}"),
        _ if route.ends_with("/.search") => format!("{method} searched {}", route.trim_end_matches("/.search")),
        _ => format!("{} {}{}", who(method, changes), done(changes), failures(changes)),
    }
}

/// Why operations of a bulk request failed, one sentence a reason.
fn failures(changes: &Summary) -> String {
    let told = changes.reasons.iter().map(|failure| {
        let Reason { status, scim_type, detail, first, count } = failure;
        let more = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        format!(". Operation {first}{more} ({status}): {}", why(detail.as_deref(), scim_type.as_deref(), *status))
    });
    told.map(|sentence| sentence.trim_end_matches('.').to_owned()).collect()
}

fn reason(call: &Call) -> String {
    why(call.detail.as_deref(), call.scim_type.as_deref(), call.status)
}

/// Why something was refused. A reason that repeats the client's own words was not kept.
fn why(detail: Option<&str>, scim_type: Option<&str>, status: u16) -> String {
    if let Some(detail) = detail {
        return detail.to_owned();
    }
    let what = match (scim_type, status) {
        (Some("invalidFilter"), _) => "the filter names an attribute that there is not",
        (Some("invalidPath"), _) => "a path names an attribute that there is not",
        (Some("invalidSyntax"), _) => "the body names an attribute or a schema that there is not",
        (Some("invalidValue"), _) => "a parameter names an attribute that there is not",
        (_, 405) => "the method is not possible there",
        _ => "the reason was not kept",
    };
    format!("{what}.")
}

fn who(method: &str, changes: &Summary) -> String {
    let Some(operations) = changes.operations else { return method.to_owned() };
    let failed: u64 = changes.failures.values().sum();
    let ran = format!("Bulk ran {}", counted(operations, "operation"));
    if failed == 0 {
        return format!("{ran} and");
    }
    let by_status: Vec<String> =
        changes.failures.iter().map(|(status, count)| format!("{count} with {status}")).collect();
    format!("{ran}, of which {failed} failed ({}), and", by_status.join(", "))
}

fn done(changes: &Summary) -> String {
    let Summary { created, changed, deleted, attributes, members_added, members_removed, .. } = changes;
    let mut parts = Vec::new();
    parts.extend((!created.is_empty()).then(|| format!("created {}", kinds(created))));
    // One resource is the one of the route; of a group whose members alone differ, they say it all.
    let many = changed.values().sum::<u64>() > 1;
    let names: Vec<&str> = attributes.iter().map(String::as_str).collect();
    match (many, names.is_empty()) {
        (true, true) => parts.push(format!("changed {}", kinds(changed))),
        (true, false) => parts.push(format!("changed {} ({})", kinds(changed), names.join(", "))),
        (false, false) => parts.push(format!("changed {}", listed(&names))),
        (false, true) => {}
    }
    parts.extend((*members_added > 0).then(|| format!("added {}", counted(*members_added, "membership"))));
    parts.extend((*members_removed > 0).then(|| format!("removed {}", counted(*members_removed, "membership"))));
    parts.extend((!deleted.is_empty()).then(|| format!("deleted {}", kinds(deleted))));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if parts.is_empty() { "changed nothing".to_owned() } else { listed(&parts) }
}

fn kinds(counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<String> = counts.iter().map(|(kind, count)| counted(*count, kind)).collect();
    listed(&counts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn counted(count: u64, of: &str) -> String {
    if count == 1 { format!("1 {of}") } else { format!("{count} {of}s") }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn call(method: &str, route: &str, status: u16) -> Call {
        Call {
            id: Uuid::nil(),
            at: 0,
            client: None,
            method: method.into(),
            route: route.into(),
            status,
            scim_type: None,
            detail: None,
            micros: 0,
            request: String::new(),
            changes: String::new(),
        }
    }

    fn said(method: &str, changes: &str) -> String {
        sentence(&call(method, "/Groups/{id}", 200), &serde_json::from_str(changes).expect("a summary"))
    }

    #[test]
    fn what_changed_is_a_sentence() {
        let patch = r#"{"changed":{"Group":1},"attributes":["active"],"membersRemoved":2}"#;
        assert_eq!(said("PATCH", patch), "PATCH changed active and removed 2 memberships");
        assert_eq!(said("PATCH", r#"{"changed":{"Group":1},"membersAdded":1}"#), "PATCH added 1 membership");
        assert_eq!(said("PUT", "{}"), "PUT changed nothing");
        assert_eq!(said("POST", r#"{"created":{"User":1}}"#), "POST created 1 User");
        assert_eq!(
            said("DELETE", r#"{"deleted":{"Group":1},"membersRemoved":3}"#),
            "DELETE removed 3 memberships and deleted 1 Group"
        );
        let bulk = r#"{"operations":9,"failures":{"400":1,"409":2},"created":{"Group":1,"User":3},"changed":{"User":2},"attributes":["title"]}"#;
        assert_eq!(
            said("POST", bulk),
            "Bulk ran 9 operations, of which 3 failed (1 with 400, 2 with 409), and created 1 Group and 3 Users and changed 2 Users (title)"
        );
        let bulk = r#"{"operations":3,"failures":{"400":1,"409":2},"reasons":[
            {"status":409,"scimType":"uniqueness","detail":"userName is taken by another User.","first":1,"count":2},
            {"status":400,"scimType":"invalidPath","first":2,"count":1}]}"#;
        assert_eq!(
            said("POST", bulk),
            "Bulk ran 3 operations, of which 3 failed (1 with 400, 2 with 409), and changed nothing. Operation 1 and 1 more \
            (409): userName is taken by another User. Operation 2 (400): a path names an attribute that there is not"
        );
    }

    #[test]
    fn reading_and_refusing_are_told_too() {
        let none = Summary::default();
        assert_eq!(sentence(&call("GET", "/Users", 200), &none), "GET read /Users");
        assert_eq!(sentence(&call("GET", "/Users/{id}", 304), &none), "GET found /Users/{id} unchanged");
        assert_eq!(sentence(&call("POST", "/Users/.search", 200), &none), "POST searched /Users");
        assert_eq!(
            sentence(&call("PUT", "/Users/{id}", 499), &none),
            "PUT of /Users/{id} was not answered: the client hung up"
        );
        let taken = Call { detail: Some("userName is taken by another User.".into()), ..call("POST", "/Users", 409) };
        assert_eq!(sentence(&taken, &none), "refused: userName is taken by another User.");
        let quoted = Call { scim_type: Some("invalidFilter".into()), ..call("GET", "/Users", 400) };
        assert_eq!(sentence(&quoted, &none), "refused: the filter names an attribute that there is not.");
    }
}
