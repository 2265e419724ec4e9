//! What becomes of requests when somebody leaves.

use serde_json::json;

use super::{Scene, id, under};
use crate::support::{Server, client::MUNICIPAL};

/// Whoever leaves asks for nothing any more, and nothing is asked for them: at once, in the same write.
async fn what_a_leaver_asked_for_comes_to_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let low = scene.entitlement("low", json!({ "risk": 1 })).await;
    let later = scene.ask("anna", json!({ "kind": "grant", "entitlement": low, "from": "2026-02-01" })).await;
    scene.approve("mara", id(&later)).await.expect(200);
    let own = scene.asked().await;
    // Māra asks for Anna as well, and her own manager decides about it.
    let other = scene.entitlement("other", json!({})).await;
    let new = json!({ "subject": scene.anna, "items": [{ "kind": "grant", "entitlement": other }] });
    let by_mara = scene.person("mara").json("POST", "/requests", &new).await.expect(201).body["items"][0].clone();
    let hers = scene.ask("mara", json!({ "kind": "grant", "entitlement": scene.group })).await;
    scene.active(&scene.anna, false).await;
    for item in [&own, &later, &by_mara] {
        let gone = scene.item(id(item)).await;
        assert_eq!((&gone["state"], &gone["reason"]), (&json!("cancelled"), &json!("subjectLeft")));
    }
    assert!(scene.waiting("mara").await.is_empty());
    assert_eq!(scene.waiting("zane").await, [id(&hers)]);
    scene.writer.delete(&format!("/Users/{}", scene.mara)).await.expect(204);
    assert_eq!(scene.item(id(&hers)).await["reason"], "subjectLeft");
    assert!(scene.waiting("zane").await.is_empty());
    scene.server.app.timers.run().await.expect("timers");
    scene.server.pass(60 * 86_400_000);
    scene.server.app.timers.run().await.expect("timers");
    assert!(!scene.holds(&scene.anna, &low).await);
    scene.check().await;
}

/// Whoever decides and leaves is followed by their deputy, else by their manager; their delegations end. Where nobody is
/// left to decide, it is a no.
async fn decisions_are_handed_over(server: Server) {
    let scene = Scene::new(server).await;
    let berta = scene.user("berta").await;
    let item = scene.asked().await;
    let new = json!({ "delegate": berta, "until": "2026-03-01" });
    let delegation = scene.person("mara").json("POST", "/delegations", &new).await.expect(201).id();
    scene.active(&scene.mara, false).await;
    scene.server.app.timers.run().await.expect("timers");
    let handed = scene.item(id(&item)).await;
    let change = &handed["stages"][0]["changes"][0];
    assert_eq!(
        (&change["kind"], &change["from"], &change["to"]),
        (&json!("handedOver"), &json!(scene.mara), &json!(berta))
    );
    assert_eq!(scene.waiting("berta").await, [id(&item)]);
    let ended = scene.administrator.get(&format!("/delegations/{delegation}")).await.expect(200).body;
    assert!(ended["state"] == "ended" || ended["state"] == "cancelled", "{ended}");
    scene.approve("berta", id(&item)).await.expect(200);
    scene.active(&scene.oskars, false).await;
    scene.server.app.timers.run().await.expect("timers");
    let nobody = scene.item(id(&item)).await;
    assert_eq!((&nobody["state"], &nobody["reason"]), (&json!("rejected"), &json!("noApprover")));

    let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
    let chief = scene.writer.user("chief", under(&scene.zane, &sure)).await.id();
    let clerk = scene.writer.user("clerk", under(&chief, &sure)).await.id();
    let low = scene.entitlement("low", json!({ "risk": 1 })).await;
    let item = scene.ask("clerk", json!({ "kind": "grant", "entitlement": low })).await;
    scene.active(&chief, false).await;
    scene.server.app.timers.run().await.expect("timers");
    assert_eq!(scene.waiting("zane").await, [id(&item)]);
    scene.approve("zane", id(&item)).await.expect(200);
    assert!(scene.holds(&clerk, &low).await);
    scene.check().await;
}

/// What an owner who leaves had to decide goes to whoever answers from now on, as whatever is asked for from then on, and to nobody whom
/// it is about.
async fn the_deputy_owner_decides_after_the_owner(server: Server) {
    let scene = Scene::new(server).await;
    let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
    let chief = scene.writer.user("chief", sure.clone()).await.id();
    let owner = scene.writer.user("owner", under(&chief, &sure)).await.id();
    let deputy = scene.user("deputy").await;
    let new = json!({ "code": "land", "name": "Land", "owner": owner, "deputy": deputy });
    let application = scene.administrator.json("POST", "/applications", &new).await.expect(201).id();
    let scene = Scene { application, ..scene };
    let group = scene.governed("owned", json!([{ "resolver": "owner" }])).await;
    let usual = scene.entitlement("usual", json!({})).await;
    let by_chief = scene.ask("chief", json!({ "kind": "grant", "entitlement": group })).await;
    let by_anna = scene.ask("anna", json!({ "kind": "grant", "entitlement": usual })).await;
    scene.approve("mara", id(&by_anna)).await.expect(200);
    assert_eq!(scene.waiting("owner").await.len(), 2);
    scene.active(&owner, false).await;
    scene.server.app.timers.run().await.expect("timers");
    for item in [&by_chief, &by_anna] {
        let handed = scene.item(id(item)).await;
        assert_eq!(handed["state"], "pending", "{handed}");
        scene.approve("deputy", id(item)).await.expect(200);
    }
    assert!(scene.holds(&chief, &group).await && scene.holds(&scene.anna, &usual).await);
    // Where nobody stands in the next in line decides who is neither who asks nor whom it is about.
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": scene.group })).await;
    scene.active(&scene.mara, false).await;
    scene.server.app.timers.run().await.expect("timers");
    assert_eq!(scene.waiting("zane").await, [id(&item)]);
    scene.check().await;
}

/// Whoever comes back before others have taken over goes on deciding.
async fn who_comes_back_decides(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.active(&scene.mara, false).await;
    scene.active(&scene.mara, true).await;
    scene.server.app.timers.run().await.expect("timers");
    assert_eq!(scene.waiting("mara").await, [id(&item)]);
    scene.approve("mara", id(&item)).await.expect(200);
}

/// Whoever is suspended does nothing, and others decide in their place; what they had asked for goes on, who stands in for them does so, and
/// their roles wait for them.
async fn who_is_suspended_is_waited_for(server: Server) {
    let scene = Scene::new(server).await;
    let berta = scene.user("berta").await;
    let own = scene.asked().await;
    let hers = scene.ask("mara", json!({ "kind": "grant", "entitlement": scene.group })).await;
    let new = json!({ "delegate": berta, "until": "2026-12-01" });
    let delegation = scene.person("mara").json("POST", "/delegations", &new).await.expect(201).id();
    let role = async |user: &str| {
        let scope = json!({ "kind": "tenant" });
        let new = json!({ "user": user, "role": "tenantAdministrator", "scope": scope, "reason": "for the test" });
        scene.administrator.json("POST", "/admin-roles", &new).await.expect(201).id()
    };
    let (role, other) = (role(&scene.mara).await, role(&scene.zane).await);
    let path = format!("/users/{}/suspension", scene.mara);
    scene.administrator.json("PUT", &path, &json!({ "reason": "child care" })).await.expect(200);
    scene.server.app.timers.run().await.expect("timers");
    assert!(matches!(scene.person("mara").get("/me").await.status, 401 | 403));
    assert_eq!(scene.waiting("berta").await, [id(&own)], "her deputy has it");
    assert_eq!(scene.item(id(&hers)).await["state"], "pending");
    let delegation = scene.administrator.get(&format!("/delegations/{delegation}")).await.expect(200).body;
    assert_eq!(delegation["state"], "active");
    let found = scene.administrator.get(&format!("/admin-roles/{role}")).await.expect(200).body;
    assert!(found.get("ended").is_none(), "{found}");
    let revoke = async || {
        let why = json!({ "reason": "for the test" });
        scene.administrator.json("POST", &format!("/admin-roles/{other}/revocation"), &why).await
    };
    assert_eq!(revoke().await.status, 409, "nobody else looks after the tenant meanwhile");
    scene.approve("berta", id(&own)).await.expect(200);
    scene.administrator.ask("DELETE", &path).await.expect(204);
    scene.person("mara").get("/me").await.expect(200);
    revoke().await.expect(200);
    scene.check().await;
}

/// Whose work is over by its date leaves with all that follows, as by `active`.
async fn who_leaves_by_date_asks_for_nothing_any_more(server: Server) {
    let scene = Scene::new(server).await;
    let own = scene.asked().await;
    let work = |manager: &str| json!([{ "manager": manager, "start": "2025-01-01", "end": "2026-01-01" }]);
    for (user, manager) in [(&scene.anna, &scene.mara), (&scene.mara, &scene.zane)] {
        let path = format!("{MUNICIPAL}:employments");
        let change = json!([{ "op": "replace", "path": path, "value": work(manager) }]);
        scene.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }
    scene.server.pass(86_400_000);
    scene.server.app.timers.run().await.expect("timers");
    let gone = scene.item(id(&own)).await;
    assert_eq!((&gone["state"], &gone["reason"]), (&json!("cancelled"), &json!("subjectLeft")));
    assert!(scene.waiting("zane").await.is_empty());
    scene.check().await;
}

on_both_databases! {
    what_a_leaver_asked_for_comes_to_nothing,
    decisions_are_handed_over,
    the_deputy_owner_decides_after_the_owner,
    who_comes_back_decides,
    who_is_suspended_is_waited_for,
    who_leaves_by_date_asks_for_nothing_any_more,
}
