//! Sorting and pages (RFC 7644 §3.4.2.3, §3.4.2.4).

use serde_json::json;

use crate::support::{Client, Server, client::ENTERPRISE};

async fn sorted(client: &Client, by: &str, order: &str) -> String {
    let parameters = [("sortBy", by), ("sortOrder", order)];
    let parameters = if order.is_empty() { &parameters[..1] } else { &parameters[..] };
    Client::names(&client.find("/Users", parameters).await).join(" ")
}

/// Shows: O-02, O-03, O-05, O-06, O-07, O-08, O-09, O-04
async fn lists_are_sorted_by_the_key_of_the_attribute(server: Server) {
    let client = server.client().await;
    client.user("b", json!({ "externalId": "b", "title": "Ābele", "emails": [{ "value": "z" }, { "value": "a", "primary": true }] })).await;
    client
        .user("a", json!({ "externalId": "B", "title": "ābols", "emails": [{ "value": "m" }, { "value": "b" }] }))
        .await;
    client.user("C", json!({ "externalId": "a", "title": "Zars", ENTERPRISE: { "department": "d" } })).await;
    client.user("d", json!({ "title": "zars", "name": { "familyName": "x" } })).await;
    for (by, order, expected) in [
        ("userName", "", "a b C d"),
        ("userName", "descending", "d C b a"),
        ("USERNAME", "Ascending", "a b C d"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", "", "a b C d"),
        ("externalId", "", "a C b d"),
        ("externalId", "descending", "d b C a"),
        ("title", "", "C d b a"),
        ("emails.value", "", "b a C d"),
        ("emails", "descending", "C d a b"),
        ("name.familyName", "", "d b a C"),
        ("department", "descending", "b a d C"),
        ("meta.created", "", "b a C d"),
        ("id", "descending", "d C a b"),
        ("meta.version", "", "b a C d"),
        ("meta.location", "descending", "d C a b"),
    ] {
        assert_eq!(sorted(&client, by, order).await, expected, "{by} {order}");
    }
    let filtered = client
        .find("/Users", &[("filter", "title sw \"z\""), ("sortBy", "userName"), ("count", "1"), ("startIndex", "2")])
        .await;
    assert_eq!(Client::names(&filtered), ["d"]);
    assert_eq!(filtered.body["totalResults"], 2);
    // Long filters are asked for in another way.
    let long: Vec<String> = (0..40).map(|n| format!("title ne \"t{n}\"")).collect();
    let long = format!("{} and title sw \"z\"", long.join(" and "));
    let filtered = client.find("/Users", &[("filter", &long), ("sortBy", "userName")]).await;
    assert_eq!(Client::names(&filtered), ["C", "d"]);
    assert_eq!(filtered.body["totalResults"], 2);
    assert_eq!(sorted(&client, "", "").await, "b a C d");
}

/// Shows: O-02, O-10, Y-06
async fn what_cannot_be_sorted_by_is_refused(server: Server) {
    let client = server.client().await;
    for (by, order) in [
        ("nothing", ""),
        ("name", ""),
        ("name.nothing", ""),
        ("userName", "upwards"),
        ("a b", ""),
        ("manager", ""),
        ("groups.display", ""),
        (ENTERPRISE, ""),
    ] {
        client.find("/Users", &[("sortBy", by), ("sortOrder", order)]).await.refused(400, "invalidValue");
    }
}

/// Shows: P-01, P-02, P-03, P-04, P-06, P-07, P-08, G-04, G-05, G-06, G-07, G-15, F-40
async fn pages_are_counted_from_one(server: Server) {
    let client = server.client().await;
    for name in ["a", "b", "c", "d", "e"] {
        client.user(name, json!({ "title": if name == "e" { "no" } else { "yes" } })).await;
    }
    for (start, count, index, names) in [
        ("", "", 1, "a b c d e"),
        ("1", "2", 1, "a b"),
        ("2", "2", 2, "b c"),
        ("5", "2", 5, "e"),
        ("6", "2", 6, ""),
        ("0", "1", 1, "a"),
        ("-3", "1", 1, "a"),
        ("1", "0", 1, ""),
        ("1", "-1", 1, ""),
        ("1", "5000", 1, "a b c d e"),
        ("99999999999999999999", "1", i64::MAX, ""),
    ] {
        for (filter, total, without) in [("", 5, ""), ("title eq \"yes\"", 4, "e")] {
            let mut parameters = vec![("startIndex", start), ("count", count)];
            if !filter.is_empty() {
                parameters.push(("filter", filter));
            }
            let reply = client.find("/Users", &parameters).await;
            let names: Vec<&str> = names.split(' ').filter(|name| !name.is_empty() && *name != without).collect();
            assert_eq!(Client::names(&reply), names, "{start} {count} {filter}");
            assert_eq!(reply.body["totalResults"], total, "{start} {count} {filter}");
            assert_eq!(reply.body["itemsPerPage"], names.len(), "{start} {count}");
            assert_eq!(reply.body["startIndex"], index, "{start} {count}");
        }
    }
    for wrong in [("startIndex", "x"), ("count", "1.5"), ("count", "1e3")] {
        client.find("/Users", &[wrong]).await.refused(400, "invalidValue");
    }
    let none = client.find("/Users", &[("filter", "title eq \"none\"")]).await.expect(200);
    assert_eq!((&none.body["totalResults"], &none.body["Resources"]), (&json!(0), &json!([])));
}

/// Shows: P-05, P-09, Y-36
async fn a_page_has_a_default_length_and_a_longest(server: Server) {
    let client = server.client().await;
    let makers: Vec<_> = (0..4)
        .map(|maker| {
            let client = client.clone();
            tokio::spawn(async move {
                for number in (maker..1001).step_by(4) {
                    client.user(&format!("u{number}"), json!({})).await;
                }
            })
        })
        .collect();
    for maker in makers {
        maker.await.expect("made");
    }
    for (query, length, index) in
        [("", 100, 1), ("?count=5000", 1000, 1), ("?count=5000&startIndex=1001", 1, 1001), ("?count=101", 101, 1)]
    {
        let page = client.get(&format!("/Users{query}")).await.expect(200).body;
        assert_eq!(
            (&page["itemsPerPage"], &page["startIndex"], &page["totalResults"]),
            (&json!(length), &json!(index), &json!(1001)),
            "{query}"
        );
        assert_eq!(page["Resources"].as_array().map(Vec::len), Some(length));
    }
    let config = client.get("/ServiceProviderConfig").await.body;
    assert_eq!(config["filter"]["maxResults"], 1000);
}

on_both_databases! {
    a_page_has_a_default_length_and_a_longest,
    lists_are_sorted_by_the_key_of_the_attribute,
    what_cannot_be_sorted_by_is_refused,
    pages_are_counted_from_one,
}
