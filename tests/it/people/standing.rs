//! How somebody stands, and what proves that they are out: `/users/{user}/standing`; and what people hold themselves.

use serde_json::json;

use super::trust;
use crate::support::{Server, issuer::Issuer};

/// What is told of somebody who left: when it was written, until when they may return, and when applications have read it.
async fn it_is_proven_that_somebody_is_out(server: Server) {
    let scim = server.client().await;
    let anna = scim.user("anna", json!({})).await.id();
    let reader = scim.group("reader", &[&anna]).await.id();
    let (tax, application) = server.application("riga", "tax", &["userName"], &[&reader]).await;
    let administrator = server.administrator("riga").await;
    let entitlement = json!({ "group": reader, "code": "reader", "names": { "en": "Reader" }, "authority": "grants" });
    administrator.json("POST", &format!("/applications/{tax}/entitlements"), &entitlement).await.expect(201);
    let path = format!("/users/{anna}/standing");
    let told = async || {
        assert!(server.app.calls.flush().await);
        administrator.get(&path).await.expect(200).body
    };
    application.get(&format!("/Groups/{reader}")).await.expect(200);
    server.pass(60_000);
    assert_eq!(told().await, json!({ "user": anna, "state": "active", "memberships": 1 }));

    let active = |active: bool| json!([{ "op": "replace", "path": "active", "value": active }]);
    scim.patch(&format!("/Users/{anna}"), active(false)).await.expect(200);
    let out = told().await;
    assert_eq!((&out["state"], &out["memberships"]), (&json!("deactivated"), &json!(0)), "{out}");
    let departure = &out["departure"];
    assert_eq!(departure["committed"], "2026-01-01T00:01:00.000Z");
    assert_eq!(departure["returnBy"], "2026-01-31T00:01:00.000Z");
    // It read before, and not since.
    assert_eq!(departure["applications"], json!([{ "id": tax, "groups": 1 }]));
    server.pass(5_000);
    application.get("/Groups").await.expect(200);
    server.pass(5_000);
    application.get("/Groups").await.expect(200);
    let read = told().await["departure"]["applications"].clone();
    assert_eq!(read, json!([{ "id": tax, "groups": 1, "read": "2026-01-01T00:01:05.000Z" }]));

    scim.patch(&format!("/Users/{anna}"), active(true)).await.expect(200);
    assert_eq!(told().await, json!({ "user": anna, "state": "active", "memberships": 1 }));
    scim.delete(&format!("/Users/{anna}")).await.expect(204);
    let gone = told().await;
    assert_eq!((&gone["state"], &gone["memberships"]), (&json!("deleted"), &json!(0)), "{gone}");
    assert!(gone["departure"].get("returnBy").is_none(), "{gone}");
    administrator.get(&format!("/users/{reader}/standing")).await.problem(404, "");
    server.tenant("liepaja").await;
    server.administrator("liepaja").await.get(&path).await.problem(404, "");
}

/// People see what they hold and held, and nobody else's.
async fn people_see_what_they_hold(server: Server) {
    let scim = server.client().await;
    let anna = scim.user("anna", json!({})).await.id();
    let berta = scim.user("berta", json!({})).await.id();
    let reader = scim.group("reader", &[&anna, &berta]).await.id();
    let (tax, _) = server.application("riga", "tax", &["userName"], &[&reader]).await;
    let administrator = server.administrator("riga").await;
    let entitlement = json!({ "group": reader, "code": "reader", "names": { "en": "Reader" }, "authority": "grants" });
    administrator.json("POST", &format!("/applications/{tax}/entitlements"), &entitlement).await.expect(201);
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({ "scopes": ["rights"] })).await;
    let me = issuer.person(&server, "anna", "high");
    let mine = me.get("/me/holdings").await.expect(200).body;
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(1), "{mine}");
    assert_eq!((&mine["items"][0]["code"], &mine["items"][0]["grant"]["user"]), (&json!("reader"), &json!(anna)));
    let before = me.get("/me/holdings?at=2025-01-01T00:00:00Z").await.expect(200).body;
    assert_eq!(before["items"], json!([]));
    me.get(&format!("/me/holdings?user={berta}")).await.problem(400, "invalid");
}

on_both_databases! {
    it_is_proven_that_somebody_is_out,
    people_see_what_they_hold,
}
