//! `/t/{tenant}/api/v1/delegations`

use serde_json::json;

use super::{Scene, id, ids};
use crate::support::Server;

/// A deputy decides in somebody's name, and both names are kept; before it begins and after its end they do not.
async fn a_deputy_decides_in_somebodys_name(server: Server) {
    let scene = Scene::new(server).await;
    let berta = scene.user("berta").await;
    let new = json!({ "delegate": berta, "from": "2026-01-05", "until": "2026-01-09", "reason": " holidays " });
    let made = scene.person("mara").json("POST", "/delegations", &new).await.expect(201);
    let shown = json!({
        "id": made.id(), "delegator": scene.mara, "delegate": berta, "duties": ["approvals"], "state": "planned",
        "from": "2026-01-04T22:00:00.000Z", "until": "2026-01-09T21:59:59.000Z", "reason": "holidays",
    });
    assert_eq!(made.body, shown);
    let item = scene.asked().await;
    let path = format!("/request-items/{}", id(&item));
    scene.person("berta").get(&path).await.problem(404, "");
    assert!(scene.waiting("berta").await.is_empty());
    scene.server.pass(4 * 86_400_000);
    let seen = scene.person("berta").get(&path).await.expect(200).body;
    assert_eq!(seen["stages"][0]["approvers"], json!([{ "id": scene.mara, "deputies": [berta] }]));
    assert_eq!(scene.waiting("berta").await, [id(&item)]);
    let voted = scene.approve("berta", id(&item)).await.expect(200).body;
    let vote = &voted["stages"][0]["votes"][0];
    assert_eq!((&vote["voter"], &vote["onBehalfOf"]), (&json!(berta), &json!(scene.mara)));
    // Whoever has decided sees what becomes of it, also as a deputy.
    scene.person("berta").get(&path).await.expect(200);
    scene.approve("oskars", id(&item)).await.expect(200);
    scene.server.pass(6 * 86_400_000);
    let listed = scene.person("berta").get("/delegations").await.expect(200).body;
    assert_eq!(listed["items"][0]["state"], "ended");
    let grant = scene.item(id(&item)).await["grant"].clone();
    scene.ask("anna", json!({ "kind": "revoke", "grant": grant })).await;
    let item = scene.asked().await;
    scene.person("berta").get(&format!("/request-items/{}", id(&item))).await.problem(404, "");
}

/// A deputy has no deputy, nobody stands in for themselves or in the past, and not twice at a time.
async fn a_delegation_has_to_make_sense(server: Server) {
    let scene = Scene::new(server).await;
    let (berta, away) = (scene.user("berta").await, scene.user("away").await);
    scene.active(&away, false).await;
    let ask = async |name: &str, delegate: &str, from: &str, until: &str| {
        let new = json!({ "delegate": delegate, "from": from, "until": until });
        scene.person(name).json("POST", "/delegations", &new).await
    };
    for (delegate, from, until, pointer) in [
        (&*scene.mara, "2026-01-05", "2026-01-09", "/delegate"),
        (&away, "2026-01-05", "2026-01-09", "/delegate"),
        (&scene.group, "2026-01-05", "2026-01-09", "/delegate"),
        (&berta, "2026-01-09", "2026-01-05", "/until"),
        (&berta, "2025-12-01", "2025-12-24", "/from"),
        (&berta, "2025-12-31", "2026-01-24", "/from"),
        (&berta, "2026-01-05", "2028-01-05", "/until"),
        (&berta, "soon", "2026-01-05", "/from"),
        (&berta, "2026-01-05", "later", "/until"),
    ] {
        let reply = ask("mara", delegate, from, until).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{delegate} {from} {until}");
        reply.problem(400, "invalid");
    }
    // What begins today begins now.
    let today = ask("mara", &berta, "2026-01-01", "2026-01-02").await.expect(201).body;
    assert_eq!(today["from"], "2026-01-01T00:00:00.000Z", "{today:#}");
    let none = json!({ "delegate": berta, "until": "2026-01-09", "duties": [] });
    scene.person("mara").json("POST", "/delegations", &none).await.problem(400, "invalid");
    let first = ask("mara", &berta, "2026-01-05", "2026-01-09").await.expect(201).id();
    ask("mara", &berta, "2026-01-08", "2026-01-12").await.problem(409, "taken");
    for (name, delegate) in [("berta", &scene.zane), ("zane", &scene.mara)] {
        let reply = ask(name, delegate, "2026-01-09", "2026-01-12").await;
        assert_eq!(reply.body["errors"][0]["pointer"], "/delegate");
        reply.problem(400, "invalid");
    }
    ask("berta", &scene.zane, "2026-01-10", "2026-01-12").await.expect(201);
    // Who made it ends it, or an administrator; whoever is named in it only reads it, and nobody else does.
    let path = format!("/delegations/{first}");
    scene.person("anna").get(&path).await.problem(404, "");
    scene.person("anna").ask("DELETE", &path).await.problem(404, "");
    scene.person("berta").ask("DELETE", &path).await.problem(403, "forbidden");
    scene.person("mara").ask("DELETE", &path).await.expect(204);
    assert_eq!(scene.person("berta").get(&path).await.expect(200).body["state"], "cancelled");
    let again = scene.person("mara").ask("DELETE", &path).await;
    assert_eq!(again.body["state"], "cancelled");
    again.problem(409, "state");
    let second = ask("mara", &berta, "2026-01-05", "2026-01-09").await.expect(201).id();
    scene.administrator.ask("DELETE", &format!("/delegations/{second}")).await.expect(204);
    assert_eq!(ids(&scene.administrator.get("/delegations").await.body).len(), 4);
    assert_eq!(ids(&scene.person("zane").get("/delegations").await.body).len(), 1);
}

/// Two who name each other in one moment: one of them does.
async fn deputies_do_not_name_each_other(server: Server) {
    let scene = Scene::new(server).await;
    let of = |delegate: &str| json!({ "delegate": delegate, "until": "2026-01-09" });
    let (mara, zane) = (scene.person("mara"), scene.person("zane"));
    let (to_zane, to_mara) = (of(&scene.zane), of(&scene.mara));
    let (one, two) =
        tokio::join!(mara.json("POST", "/delegations", &to_zane), zane.json("POST", "/delegations", &to_mara));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
}

/// Whom it is for does not decide in anybody's name.
async fn nobody_decides_about_themselves_as_a_deputy(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({ "delegate": scene.anna, "until": "2026-01-30" });
    scene.person("mara").json("POST", "/delegations", &new).await.expect(201);
    let item = scene.asked().await;
    scene.approve("anna", id(&item)).await.problem(403, "forbidden");
    assert!(scene.waiting("anna").await.is_empty());
    let for_mara = scene.ask("mara", json!({ "kind": "grant", "entitlement": scene.group })).await;
    // Zane decides about Mara; Anna stands in for Mara, and not for Zane.
    scene.person("anna").get(&format!("/request-items/{}", id(&for_mara))).await.problem(404, "");
}

on_both_databases! {
    a_deputy_decides_in_somebodys_name,
    a_delegation_has_to_make_sense,
    deputies_do_not_name_each_other,
    nobody_decides_about_themselves_as_a_deputy,
}
