//! What two administrators might overwrite is changed with the tag of what was read.

use serde_json::{Value, json};

use crate::{
    scim::definitions::{VEHICLE, kind, vehicle},
    support::{Client, Reply, Server, issuer::Issuer},
};

async fn with_tag(client: &Client, method: &str, path: &str, tag: &str, body: Option<&Value>) -> Reply {
    let request = client.request(method, path).header("if-match", tag);
    client
        .send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
}

/// A thing is changed by its tag and by no other, by any or by none; and deleted likewise, if it can be.
async fn check(client: &Client, (method, path, is_deleted): (&str, &str, bool), bodies: [Value; 3]) {
    let tag = async || client.get(path).await.expect(200).etag();
    let [one, other, third] = bodies;
    let first = tag().await;
    assert!(first.starts_with("W/\""), "{path}: {first}");
    assert_eq!(tag().await, first, "{path}: reading changes nothing");
    let second = with_tag(client, method, path, &first, Some(&one)).await.expect(200).etag();
    assert!(second != first && tag().await == second, "{path}: {first} {second}");
    with_tag(client, method, path, &first, Some(&other)).await.problem(412, "stale");
    assert_eq!(tag().await, second, "{path}: nothing has changed");
    with_tag(client, method, path, "x", Some(&other)).await.problem(400, "invalid");
    let third_tag =
        with_tag(client, method, path, &format!("{first}, {second}"), Some(&other)).await.expect(200).etag();
    with_tag(client, method, path, "*", Some(&third)).await.expect(200);
    let last = client.json(method, path, &one).await.expect(200).etag();
    assert!(last != third_tag && tag().await == last, "{path}");
    if is_deleted {
        with_tag(client, "DELETE", path, &third_tag, None).await.problem(412, "stale");
        assert_eq!(tag().await, last, "{path}: it is still there");
        with_tag(client, "DELETE", path, &last, None).await.expect(204);
        client.get(path).await.problem(404, "");
    }
}

async fn changes_are_bound_to_what_was_read(server: Server) {
    let administrator = server.administrator("riga").await;
    let named = |name: &str| json!({ "name": name });
    let made = administrator.json("POST", "/clients", &named("a")).await.expect(201);
    let path = format!("/clients/{}", made.id());
    assert_eq!(administrator.get(&path).await.expect(200).etag(), made.etag());
    check(&administrator, ("PATCH", &path, true), [named("b"), named("c"), named("d")]).await;

    let made = administrator.json("POST", "/issuers", &Issuer::new("EdDSA", "a").registration()).await.expect(201);
    let path = format!("/issuers/{}", made.id());
    assert_eq!(administrator.get(&path).await.expect(200).etag(), made.etag());
    check(&administrator, ("PATCH", &path, true), [named("b"), named("c"), named("d")]).await;

    let pages = |size: u64| json!({ "pageSize": size });
    check(&administrator, ("PATCH", "/settings", false), [pages(10), pages(11), pages(12)]).await;

    administrator.json("PATCH", "/settings", &json!({ "rolesAndEntitlements": true })).await.expect(200);
    let valued = |value: &str| json!({ "value": value });
    for catalogue in ["/roles", "/entitlements"] {
        let made = administrator.json("POST", catalogue, &valued("a")).await.expect(201);
        let path = format!("{catalogue}/{}", made.id());
        assert_eq!(administrator.get(&path).await.expect(200).etag(), made.etag());
        check(&administrator, ("PUT", &path, true), [valued("b"), valued("c"), valued("d")]).await;
    }

    let user = server.client().await.user("anna", json!({})).await.id();
    let path = format!("/users/{user}/suspension");
    let because = |reason: &str| json!({ "reason": reason });
    with_tag(&administrator, "PUT", &path, "*", Some(&because("a"))).await.problem(412, "stale");
    administrator.json("PUT", &path, &because("a")).await.expect(200);
    check(&administrator, ("PUT", &path, true), [because("b"), because("c"), because("d")]).await;
}

async fn definitions_are_bound_to_what_was_read(server: Server) {
    let administrator = server.administrator("riga").await;
    let described = |mut definition: Value, text: &str| {
        definition["description"] = text.into();
        definition
    };
    let of = |definition: fn() -> Value| ["b", "c", "d"].map(|text| described(definition(), text));
    let (schema, vehicles) = (format!("/schemas/{VEHICLE}"), "/resource-types/Vehicle");
    with_tag(&administrator, "PUT", &schema, "*", Some(&vehicle())).await.problem(412, "stale");
    let made = administrator.json("PUT", &schema, &vehicle()).await.expect(201);
    assert_eq!(administrator.get(&schema).await.expect(200).etag(), made.etag());
    administrator.json("PUT", vehicles, &kind()).await.expect(201);
    check(&administrator, ("PUT", vehicles, true), of(kind)).await;
    check(&administrator, ("PUT", &schema, true), of(vehicle)).await;
}

/// Of two who read the same, one changes it.
async fn one_of_two_comes_first(server: Server) {
    let administrator = server.administrator("riga").await;
    let tag = administrator.get("/settings").await.expect(200).etag();
    let (one, other) = (json!({ "pageSize": 10 }), json!({ "pageSize": 20 }));
    let (one, other) = tokio::join!(
        with_tag(&administrator, "PATCH", "/settings", &tag, Some(&one)),
        with_tag(&administrator, "PATCH", "/settings", &tag, Some(&other)),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

on_both_databases! {
    changes_are_bound_to_what_was_read,
    definitions_are_bound_to_what_was_read,
    one_of_two_comes_first,
}
