//! Those who look after an application.

use serde_json::json;

use super::{super::of, Parts, faulty, give, listed, take};
use crate::support::Server;

/// Whoever looks after an application gives anybody what has a low risk of it, sees who has something of it, and of people
/// nothing else.
async fn an_application_is_looked_after(server: Server) {
    let parts = Parts::new(server).await;
    let owner = parts.holder("ilze", "applicationOwner", of(&parts.tax)).await;
    let given = give(&owner, &parts.edgars, &parts.assessors).await.expect(201).id();
    give(&owner, &parts.edgars, &parts.judges).await.problem(403, "forbidden");
    faulty(give(&owner, &parts.edgars, &parts.keys).await, "/entitlement");
    assert_eq!(listed(&owner, "/grants").await, [given.as_str()]);
    owner.get(&format!("/grants/{}", parts.edgars_has)).await.problem(404, "");
    take(&owner, &parts.edgars_has).await.problem(404, "");
    owner.get(&format!("/users/{}/standing", parts.edgars)).await.problem(404, "");
    assert!(listed(&owner, "/organisation-units").await.is_empty());
    assert_eq!(listed(&owner, "/applications").await, [parts.tax.as_str()]);
    owner.get(&format!("/applications/{}", parts.pool)).await.problem(404, "");
    owner.get(&format!("/applications/{}/entitlements", parts.pool)).await.problem(404, "");
    owner.get(&format!("/applications/{}/groups", parts.pool)).await.problem(404, "");
    take(&owner, &given).await.expect(200);
}

/// What decides who gets something, or shows more of people, is not for those who look after the application alone.
async fn an_application_is_not_made_wider(server: Server) {
    let parts = Parts::new(server).await;
    let owner = parts.holder("ilze", "applicationOwner", of(&parts.tax)).await;
    let (tax, me) = (format!("/applications/{}", parts.tax), owner.get("/me").await.expect(200).id());
    owner.json("PATCH", &tax, &json!({ "name": "Taxes" })).await.expect(200);
    faulty(owner.json("PATCH", &tax, &json!({ "released": ["displayName"] })).await, "/released");
    faulty(owner.json("PATCH", &tax, &json!({ "owner": me })).await, "/owner");
    faulty(owner.json("PATCH", &tax, &json!({ "unit": parts.scene.baths })).await, "/unit");
    // Who is in charge decides: that is left to those who look after the whole.
    faulty(owner.json("PATCH", &tax, &json!({ "owner": parts.dita })).await, "/owner");
    parts.scene.administrator.json("PATCH", &tax, &json!({ "owner": parts.dita })).await.expect(200);
    faulty(owner.json("PATCH", &tax, &json!({ "owner": null })).await, "/owner");
    faulty(owner.json("PATCH", &tax, &json!({ "unit": null })).await, "/unit");
    owner.json("PATCH", &format!("/applications/{}", parts.pool), &json!({ "name": "x" })).await.problem(404, "");
    owner.ask("DELETE", &format!("/applications/{}", parts.pool)).await.problem(404, "");
    faulty(owner.json("POST", "/applications", &json!({ "code": "mine", "name": "Mine" })).await, "/unit");

    let judges = format!("{tax}/entitlements/{}", parts.judges);
    owner.json("PATCH", &judges, &json!({ "names": { "en": "Judges" } })).await.expect(200);
    let policy = json!({ "name": "p", "risk": 2, "stages": [{ "resolver": "owner" }] });
    let policy = parts.scene.administrator.json("POST", "/approval-policies", &policy).await.expect(201).id();
    for change in [
        json!({ "risk": 1 }),
        json!({ "risk": 3 }),
        json!({ "authority": "scim" }),
        json!({ "owner": parts.edgars }),
        json!({ "approvalPolicy": policy }),
        json!({ "emergency": true }),
    ] {
        let told = owner.json("PATCH", &judges, &change).await.problem(403, "forbidden");
        assert!(told.contains("whole tenant"), "{told}");
    }
    let keys = format!("/applications/{}/entitlements/{}", parts.pool, parts.keys);
    owner.json("PATCH", &keys, &json!({ "names": { "en": "x" } })).await.problem(404, "");
    owner.ask("DELETE", &keys).await.problem(404, "");
    owner.ask("DELETE", &judges).await.problem(403, "forbidden");

    let group = parts.scene.writer.group("clerks", &[]).await.id();
    let new = |risk: i64| json!({ "group": group, "code": "clerks", "names": { "en": "Clerks" }, "risk": risk });
    let make = async |risk: i64| owner.json("POST", &format!("{tax}/entitlements"), &new(risk)).await;
    faulty(make(2).await, "/group");
    owner.ask("PUT", &format!("{tax}/groups/{group}")).await.problem(403, "forbidden");
    parts.scene.administrator.ask("PUT", &format!("{tax}/groups/{group}")).await.expect(204);
    faulty(make(1).await, "/risk");
    make(2).await.expect(201);
}

on_both_databases! {
    an_application_is_looked_after,
    an_application_is_not_made_wider,
}
