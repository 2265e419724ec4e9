//! Filters (RFC 7644 §3.4.2.2).

use serde_json::json;

use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL, USER},
};

/// Four people, of whom much is known.
async fn people(server: &Server) -> Client {
    let client = server.client().await;
    client
        .user(
            "anna",
            json!({
                "displayName": "Anna Āboliņa",
                "name": { "familyName": "Āboliņa", "givenName": "Anna" },
                "externalId": "X1",
                "title": "50% \\ _slodze",
                "emails": [
                    { "value": "anna@riga.example", "type": "work", "primary": true },
                    { "value": "anna@mail.example", "type": "home" },
                ],
                ENTERPRISE: { "department": "Nodokļi", "employeeNumber": "7" },
                MUNICIPAL: { "assuranceLevel": "high", "employmentStart": "2020-02-03" },
            }),
        )
        .await;
    server.pass(1500);
    client
        .user(
            "bruno",
            json!({
                "displayName": "Bruno \"B\" Ķirsis",
                "name": { "familyName": "Ķirsis" },
                "externalId": "x1",
                "active": false,
                "emails": [{ "value": "bruno@mail.example", "type": "work" }],
                "roles": [{ "value": "clerk", "primary": true }, { "value": "guard" }],
                ENTERPRISE: { "department": "nodokĻi" },
            }),
        )
        .await;
    server.pass(1500);
    client.user("cecilija", json!({ "name": { "givenName": "ĶIRSIS" }, "userType": "Strasse" })).await;
    server.pass(1500);
    client.user("dace", json!({ "nickName": "  ", "userType": "straße", "title": "and or not ] )" })).await;
    client
}

/// Shows: F-02, F-03, F-04, F-05, F-06, F-07, F-08, F-09, F-20, F-31, Y-02, Y-03, Y-04, F-30, Y-23, F-21, F-38, S-88, S-22, F-28
async fn operators_compare_as_the_attribute_says(server: Server) {
    let client = people(&server).await;
    for (filter, expected) in [
        ("userName eq \"ANNA\"", "anna"),
        ("USERNAME EQ \"Anna\"", "anna"),
        ("externalId eq \"X1\"", "anna"),
        ("externalId eq \"x1\"", "bruno"),
        ("userName ne \"anna\"", "bruno cecilija dace"),
        ("externalId ne \"X1\"", "bruno cecilija dace"),
        ("name.familyName eq \"ķirsis\"", "bruno"),
        ("name.givenName eq \"k\u{327}irsis\"", "cecilija"),
        ("name.familyName sw \"ĀB\"", "anna"),
        ("name.familyName ew \"IŅA\"", "anna"),
        ("name.familyName co \"BOLI\"", "anna"),
        ("userName sw \"anna\"", "anna"),
        ("userName ew \"anna\"", "anna"),
        ("userName co \"c\"", "cecilija dace"),
        ("userType eq \"STRASSE\"", "cecilija dace"),
        ("title co \"%\"", "anna"),
        ("title co \"_\"", "anna"),
        ("title co \"\\\\\"", "anna"),
        ("title sw \"50% \\\\ _S\"", "anna"),
        ("title co \"x%\"", ""),
        ("displayName pr", "anna bruno"),
        ("name pr", "anna bruno cecilija"),
        ("emails pr", "anna bruno"),
        ("emails.value pr", "anna bruno"),
        ("nickName pr", "dace"),
        ("not (title pr)", "bruno cecilija"),
        ("title eq null", "bruno cecilija"),
        ("name eq null", "dace"),
        ("addresses ne null", ""),
        ("title ew \"\"", "anna dace"),
        ("title ne null", "anna dace"),
        ("userName gt \"bruno\"", "cecilija dace"),
        ("userName ge \"BRUNO\"", "bruno cecilija dace"),
        ("userName lt \"Bruno\"", "anna"),
        ("userName le \"bruno\"", "anna bruno"),
        ("name.familyName gt \"z\"", "anna bruno"),
        ("active eq true", "anna cecilija dace"),
        ("active eq \"False\"", "bruno"),
        ("active ne true", "bruno"),
        ("active pr", "anna bruno cecilija dace"),
        ("emails co \"MAIL\"", "anna bruno"),
        ("emails eq \"anna@mail.example\"", "anna"),
        ("emails.type ne \"work\"", "cecilija dace"),
        ("displayName eq \"bruno \\\"b\\\" ķirsis\"", "bruno"),
        ("displayName eq \"\\u0041nna \\u0101boli\\u0146a\"", "anna"),
        ("title eq \"and or not ] )\"", "dace"),
        ("id pr", "anna bruno cecilija dace"),
        ("userName co \"\"", "anna bruno cecilija dace"),
        ("title eq \"\"", ""),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|name| !name.is_empty()).collect();
        assert_eq!(client.filter("/Users", filter).await, expected, "{filter}");
    }
}

/// Shows: F-13, F-14, F-15, F-16, F-17, F-18, F-19, F-22, F-23, F-24, F-29, F-32, F-33
async fn terms_combine_as_the_grammar_says(server: Server) {
    let client = people(&server).await;
    let first = client.find("/Users", &[("filter", "userName eq \"anna\"")]).await;
    let id = first.body["Resources"][0]["id"].as_str().expect("an id").to_owned();
    let location = first.body["Resources"][0]["meta"]["location"].as_str().expect("a location").to_owned();
    for (filter, expected) in [
        ("userName eq \"anna\" or userName eq \"bruno\" and active eq true", "anna"),
        ("(userName eq \"anna\" or userName eq \"bruno\") and active eq true", "anna"),
        ("(userName eq \"anna\" or userName eq \"bruno\") AND NOT (active eq true)", "bruno"),
        ("not(active eq true)", "bruno"),
        ("not (not (active eq false))", "bruno"),
        ("((((userName sw \"a\"))))", "anna"),
        ("not (userName sw \"a\" or userName sw \"b\") and title pr", "dace"),
        ("emails[type eq \"work\" and value co \"mail\"]", "bruno"),
        ("emails.type eq \"work\" and emails.value co \"mail\"", "anna bruno"),
        ("emails[type eq \"work\"].value eq \"anna@riga.example\"", "anna"),
        ("emails[type eq \"work\"].value eq \"anna@mail.example\"", ""),
        ("emails[type eq \"work\" and not (value co \"riga\")]", "bruno"),
        ("emails[not (type eq \"work\")]", "anna"),
        ("emails[(type eq \"home\" or type eq \"fax\") and primary pr]", ""),
        ("emails[type eq \"work\" or type eq \"home\"]", "anna bruno"),
        ("emails[value co \"example\" and display pr]", ""),
        ("emails[primary eq true]", "anna"),
        ("emails[primary eq false]", "anna bruno"),
        ("emails.primary eq false", "anna bruno"),
        ("emails.primary ne true", "bruno cecilija dace"),
        ("roles[primary eq \"True\"].value eq \"clerk\"", "bruno"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"anna\"", "anna"),
        ("URN:IETF:params:scim:schemas:core:2.0:user:EMAILS[type eq \"home\"]", "anna"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"NODOKĻI\"", "anna bruno"),
        ("department eq \"nodokļi\" and active eq true", "anna"),
        ("urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employmentStart lt \"2020-03-01\"", "anna"),
        ("schemas eq \"urn:caurlaide:scim:schemas:extension:municipal:2.0:User\"", "anna"),
        ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"", "anna bruno cecilija dace"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", "anna bruno"),
        ("meta.resourceType eq \"User\"", "anna bruno cecilija dace"),
        ("meta.resourceType eq \"user\"", ""),
        ("meta[resourceType eq \"User\" and created lt \"2026-01-01T00:00:01Z\"]", "anna"),
        ("name[familyName sw \"ā\" and givenName eq \"anna\"]", "anna"),
        ("meta.location eq \"http://elsewhere/Users/1\"", ""),
        ("meta.version eq \"W/\\\"1\\\"\"", "anna bruno cecilija dace"),
        ("meta.version eq \"1\"", ""),
        (&format!("id eq \"{id}\""), "anna"),
        (&format!("id eq \"{}\"", id.to_uppercase()), ""),
        (&format!("id sw \"{}\" and id ew \"{}\"", &id[..20], &id[20..]), "anna"),
        (&format!("id gt \"{id}\""), "bruno cecilija dace"),
        (&format!("meta.location eq \"{location}\""), "anna"),
        ("id eq \"nobody\"", ""),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|name| !name.is_empty()).collect();
        assert_eq!(client.filter("/Users", filter).await, expected, "{filter}");
    }
    let hidden = client.find("/Users", &[("filter", "title sw \"and\""), ("attributes", "active")]).await.expect(200);
    assert_eq!(hidden.body["totalResults"], 1);
    assert!(hidden.body["Resources"][0].get("title").is_none());
}

/// Shows: F-10
async fn dates_compare_as_instants(server: Server) {
    let client = people(&server).await;
    // anna at 00:00:00, bruno at :01.5, cecilija at :03, dace at :04.5
    for (filter, expected) in [
        ("meta.created eq \"2026-01-01T00:00:01.5Z\"", "bruno"),
        ("meta.created eq \"2026-01-01T02:00:01.500+02:00\"", "bruno"),
        ("meta.created gt \"2026-01-01T02:00:01.500+02:00\"", "cecilija dace"),
        ("meta.created ge \"2025-12-31T19:00:01.5-05:00\"", "bruno cecilija dace"),
        ("meta.created lt \"2026-01-01T00:00:01.500000001Z\"", "anna bruno"),
        ("meta.created le \"2026-01-01T00:00:01.4999999Z\"", "anna"),
        ("meta.created eq \"2026-01-01T00:00:01.5000001Z\"", ""),
        ("meta.created ne \"2026-01-01T00:00:01.5Z\"", "anna cecilija dace"),
        ("meta.lastModified ge \"2026-01-01T00:00:03\"", "cecilija dace"),
        ("meta.lastModified pr", "anna bruno cecilija dace"),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|name| !name.is_empty()).collect();
        assert_eq!(client.filter("/Users", filter).await, expected, "{filter}");
    }
}

/// Shows: F-12, F-25, F-26, F-27, F-36, F-37, Y-05, Y-33, X-07
async fn what_is_no_filter_is_refused_and_says_so(server: Server) {
    let client = server.client().await;
    let deep = format!("{}userName pr{}", "(".repeat(33), ")".repeat(33));
    let many = vec!["active eq true"; 257].join(" or ");
    for filter in [
        "",
        " ",
        "userName",
        "userName eq",
        "userName eq anna",
        "userName eq 'anna'",
        "userName is \"anna\"",
        "userName eq \"anna",
        "userName eq \"anna\" and",
        "userName eq \"anna\" xor active eq true",
        "(userName eq \"anna\"",
        "userName eq \"anna\")",
        "not userName eq \"anna\"",
        "emails[type eq \"work\"",
        "emails[emails[type eq \"x\"]]",
        "emails[]",
        "schemas[value eq \"x\"]",
        "userName[value eq \"x\"]",
        "emails[type eq \"work\"].nothing eq \"x\"",
        "nothing eq \"x\"",
        "name.nothing pr",
        "urn:example:none:userName eq \"x\"",
        "active gt true",
        "active co \"t\"",
        "active eq 5",
        "userName eq 5",
        "userName eq true",
        "userName gt null",
        "meta.created gt \"yesterday\"",
        "meta.created co \"2026\"",
        "x509Certificates.value gt \"x\"",
        "name eq \"x\"",
        "userName eq \"\\x\"",
        "userName eq \"\\ud800\"",
        "userName.value eq \"x\"",
        "1 eq 1",
        "userName eq \"a\" userName eq \"b\"",
        &deep,
        &many,
    ] {
        let reply = client.find("/Users", &[("filter", filter)]).await;
        assert_eq!(reply.status, 400, "{filter}: {:#}", reply.body);
        assert!(!reply.refused(400, "invalidFilter").is_empty());
    }
    let long = format!("userName eq \"{}\"", "x".repeat(4100));
    client.find("/Users", &[("filter", &long)]).await.refused(400, "invalidFilter");
}

/// Texts longer than an index key still compare whole. Shows: F-04, F-06
async fn long_values_compare_to_their_end(server: Server) {
    let client = server.client().await;
    let long = |end: &str| format!("{}{end}", "ā".repeat(300));
    client.user("one", json!({ "title": long("1") })).await;
    client.user("two", json!({ "title": long("2") })).await;
    client.user("short", json!({ "title": "ā".repeat(256) })).await;
    for (filter, expected) in [
        (format!("title eq \"{}\"", long("1").to_uppercase()), vec!["one"]),
        (format!("title eq \"{}\"", "ā".repeat(256)), vec!["short"]),
        (format!("title gt \"{}\"", long("1")), vec!["two"]),
        (format!("title le \"{}\"", long("1")), vec!["one", "short"]),
        (format!("title sw \"{}\"", "ā".repeat(290)), vec!["one", "two"]),
        (format!("title sw \"{}\"", "ā".repeat(256)), vec!["one", "short", "two"]),
        ("title ew \"ā2\"".to_owned(), vec!["two"]),
        ("title co \"ā1\"".to_owned(), vec!["one"]),
    ] {
        assert_eq!(client.filter("/Users", &filter).await, expected, "{filter}");
    }
    let found = client.find("/Users", &[("sortBy", "title")]).await;
    assert_eq!(Client::names(&found), ["short", "one", "two"]);
}

/// Shows: G-08, G-16
async fn queries_are_decoded_once(server: Server) {
    let client = server.client().await;
    client.post("/Users", &json!({ "schemas": [USER], "userName": "a+b %41" })).await.expect(201);
    for query in ["filter=userName+eq+%22a%2Bb+%2541%22", "filter=userName%20eq%20%22a%2Bb%20%2541%22&strange=1"] {
        assert_eq!(client.get(&format!("/Users?{query}")).await.expect(200).body["totalResults"], 1, "{query}");
    }
    client.get("/Users?filter=userName+eq+%22%FF%22").await.refused(400, "invalidFilter");
    client.get("/Users?filter=userName+eq+%22%00%22").await.refused(400, "invalidFilter");
    client.get("/Users?sortBy=%FF").await.refused(400, "invalidValue");
    client.get("/Users/?filter=userName+pr").await.expect(200);
}

/// Who has a value is found once, however many of their values are it, and counted to the end of the page and beyond it.
async fn who_has_a_value_is_found_once(server: Server) {
    let client = server.client().await;
    let twice = json!([{ "value": "x@y.lv", "type": "work" }, { "value": "X@Y.LV", "type": "home" }]);
    client.user("a", json!({ "title": "t", "emails": twice })).await;
    client.user("b", json!({ "title": "T", "emails": [{ "value": "x@y.lv", "type": "home" }] })).await;
    client.user("c", json!({ "title": "t", "emails": [{ "value": "z@y.lv", "type": "work" }] })).await;
    for (filter, names) in [
        ("title eq \"t\"", vec!["a", "b", "c"]),
        ("emails.value eq \"x@y.lv\"", vec!["a", "b"]),
        ("emails[value eq \"x@y.lv\"]", vec!["a", "b"]),
        ("emails[type eq \"home\" and value eq \"x@y.lv\"]", vec!["a", "b"]),
        ("emails[value eq \"x@y.lv\" and type eq \"work\"]", vec!["a"]),
        ("emails[value eq \"z@y.lv\" and type eq \"home\"]", vec![]),
        ("emails[value eq \"x@y.lv\" and value eq \"z@y.lv\"]", vec![]),
    ] {
        for count in [0, 1, 2, 3, 100] {
            let page = client.find("/Users", &[("filter", filter), ("count", &count.to_string())]).await.expect(200);
            assert_eq!(page.body["totalResults"], names.len(), "{filter} by {count}");
            assert_eq!(Client::names(&page), names[..names.len().min(count)], "{filter} by {count}");
        }
    }
}

on_both_databases! {
    who_has_a_value_is_found_once,
    operators_compare_as_the_attribute_says,
    terms_combine_as_the_grammar_says,
    dates_compare_as_instants,
    what_is_no_filter_is_refused_and_says_so,
    long_values_compare_to_their_end,
    queries_are_decoded_once,
}
