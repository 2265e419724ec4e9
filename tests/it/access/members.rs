//! SCIM as a source of grants, and what it may not do.

use serde_json::json;

use super::{Scene, adding, removing, texts};
use crate::support::{Server, client::GROUP};

/// Where grants alone make members, adding takes the scope `grants.write`: by every kind of write, and none of them is half
/// done. Removing never does, and neither does what changes nothing.
async fn adding_takes_a_scope_and_removing_none(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let berta = scene.writer.user("berta", json!({})).await.id();
    let group = scene.writer.group("tax", &[&anna]).await.id();
    scene.entitle(&group, "tax", "grants").await;
    let path = format!("/Groups/{group}");
    let put = |members: &[&String], name: &str| {
        let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
        json!({ "schemas": [GROUP], "displayName": name, "members": members })
    };
    let before = scene.writer.get(&path).await.body;
    for operations in [
        adding(&[&berta]),
        adding(&[&anna, &berta]),
        json!([{ "op": "replace", "path": "displayName", "value": "x" }, adding(&[&berta])[0]]),
        json!([{ "op": "replace", "path": "members", "value": [{ "value": berta }] }]),
    ] {
        let detail = scene.writer.patch(&path, operations).await.refused(403, "");
        assert!(detail.contains("grants.write"), "{detail}");
    }
    scene.writer.put(&path, &put(&[&anna, &berta], "tax")).await.refused(403, "");
    let data = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": adding(&[&berta]) });
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "PATCH", "path": path, "data": data }],
    });
    let outcome = scene.writer.post("/Bulk", &bulk).await.expect(200).body;
    assert_eq!(outcome["Operations"][0]["status"], "403");
    assert_eq!(scene.writer.get(&path).await.body, before, "nothing was changed");
    // Who is one already may be named again, and other attributes may change.
    scene.writer.patch(&path, adding(&[&anna])).await.expect(204);
    scene.writer.put(&path, &put(&[&anna], "taxes")).await.expect(200);

    scene.granter.patch(&path, adding(&[&berta])).await.expect(204);
    let found = scene.grants(&[("user", &berta)]).await;
    assert_eq!((&found[0]["source"], &found[0]["state"]), (&json!("scim"), &json!("active")));
    assert_eq!(found[0]["sourceId"], found[0]["given"]["client"]);
    scene.writer.patch(&path, removing(&berta)).await.expect(204);
    let found = scene.grants(&[("user", &berta)]).await;
    assert_eq!((&found[0]["state"], &found[0]["ending"]), (&json!("ended"), &json!("removed")));
    scene.writer.put(&path, &put(&[], "taxes")).await.expect(200);
    assert_eq!(scene.grants(&[("state", "active")]).await.len(), 0);
    scene.check("all are gone").await;
}

/// An explicit removal ends every grant of the person, whatever it came from; what is given by hand ends alone.
async fn a_removal_ends_all_grants_and_a_revocation_one(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let group = scene.writer.group("tax", &[&anna]).await.id();
    scene.entitle(&group, "tax", "scim").await;
    let by_hand = scene.give(&anna, &group).await;
    let live = scene.grants(&[("user", &anna), ("state", "active")]).await;
    let sources: Vec<_> = live.iter().map(|grant| grant["source"].as_str().expect("a source")).collect();
    assert_eq!(sources, ["import", "administrator"]);
    let version = scene.writer.get(&format!("/Groups/{group}")).await.etag();
    let revoked = scene.revoke(&by_hand).await;
    assert_eq!((&revoked["stillHeld"], &revoked["ending"]), (&json!(true), &json!("administrator")));
    assert_eq!(scene.writer.get(&format!("/Groups/{group}")).await.etag(), version, "the group is as it was");
    let again = scene.revoke(&by_hand).await;
    assert_eq!(again, revoked, "done twice, the second time changes nothing");
    let by_hand = scene.give(&anna, &group).await;
    scene.writer.patch(&format!("/Groups/{group}"), json!([{ "op": "remove", "path": "members" }])).await.expect(204);
    let all = scene.grants(&[("user", &anna)]).await;
    assert!(all.iter().all(|grant| grant["state"] == "ended"), "{all:#?}");
    let removed = all.iter().filter(|grant| grant["ending"] == "removed").count();
    assert_eq!((all.len(), removed), (3, 2));
    assert_eq!(scene.revoke(&by_hand).await["stillHeld"], false);
    scene.check("a removal").await;
}

/// Groups cannot be members where grants alone make some; elsewhere they are members without a grant.
async fn groups_are_members_of_what_clients_govern_alone(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let inner = scene.writer.group("inner", &[&anna]).await.id();
    let group = scene.writer.group("tax", &[&inner]).await.id();
    let path = format!("{}/{group}", scene.entitlements());
    let new = json!({ "group": group, "code": "tax", "names": { "lv": "Nodokļi" }, "authority": "grants" });
    scene.administrator.json("POST", &scene.entitlements(), &new).await.problem(409, "conflict");
    scene.entitle(&group, "tax", "scim").await;
    let govern = json!({ "authority": "grants" });
    scene.administrator.json("PATCH", &path, &govern).await.problem(409, "conflict");
    assert_eq!(scene.members(&group).await.len(), 1);
    scene.writer.patch(&format!("/Groups/{group}"), removing(&inner)).await.expect(204);
    scene.administrator.json("PATCH", &path, &govern).await.expect(200);
    scene.granter.patch(&format!("/Groups/{group}"), adding(&[&inner])).await.refused(400, "invalidValue");
    scene.granter.patch(&format!("/Groups/{group}"), adding(&[&anna])).await.expect(204);
    scene.check("a nested group").await;
}

/// What a client took is given back by grants of the same source, which say whose place they take; also into a group that
/// was deleted, which is the same entitlement again, and where grants alone make members.
async fn a_restoration_gives_grants_back(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let berta = scene.writer.user("berta", json!({})).await.id();
    let (one, other) =
        (scene.writer.group("one", &[&anna]).await.id(), scene.writer.group("other", &[&anna, &berta]).await.id());
    scene.entitle(&one, "one", "grants").await;
    scene.entitle(&other, "other", "grants").await;
    let by_hand = scene.give(&berta, &one).await;
    scene.server.pass(1000);
    let (client, _, token) =
        scene.server.token_of("riga", "careless", &[], &["scim.read", "scim.write"], super::LATER).await;
    let careless = scene.writer.with_token(&token);
    careless.patch(&format!("/Groups/{one}"), json!([{ "op": "remove", "path": "members" }])).await.expect(204);
    careless.delete(&format!("/Groups/{other}")).await.expect(204);
    careless.delete(&format!("/Users/{anna}")).await.expect(204);
    scene.server.pass(1000);
    assert_eq!(scene.grants(&[("state", "active")]).await.len(), 0);
    let leaver = scene.grants(&[("user", &anna)]).await;
    assert!(leaver.iter().all(|grant| grant["state"] == "ended"), "{leaver:#?}");
    scene.restore(client).await;
    assert_eq!(scene.members(&one).await, [anna.clone(), berta.clone()].into());
    assert_eq!(scene.members(&other).await, [anna.clone(), berta.clone()].into());
    let back = scene.grants(&[("entitlement", &one), ("user", &berta), ("state", "active")]).await;
    assert_eq!((&back[0]["source"], &back[0]["predecessor"]), (&json!("administrator"), &json!(by_hand)));
    let back = scene.grants(&[("entitlement", &other), ("state", "active")]).await;
    assert_eq!(texts(back.iter(), "source"), ["import".to_owned()].into());
    scene.check("a restoration").await;
    // It is governed as before.
    let carl = scene.writer.user("carl", json!({})).await.id();
    scene.writer.patch(&format!("/Groups/{other}"), adding(&[&carl])).await.refused(403, "");
}

/// A group that is no entitlement knows nothing of grants.
async fn plain_groups_are_as_before(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let group = scene.writer.group("plain", &[]).await.id();
    scene.writer.patch(&format!("/Groups/{group}"), adding(&[&anna])).await.expect(204);
    scene.writer.patch(&format!("/Groups/{group}"), removing(&anna)).await.expect(204);
    assert_eq!(scene.grants(&[]).await.len(), 0);
}

on_both_databases! {
    adding_takes_a_scope_and_removing_none,
    a_removal_ends_all_grants_and_a_revocation_one,
    groups_are_members_of_what_clients_govern_alone,
    a_restoration_gives_grants_back,
    plain_groups_are_as_before,
}
