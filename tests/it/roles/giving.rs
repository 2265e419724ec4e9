//! `/t/{tenant}/api/v1/admin-roles`

use serde_json::json;

use super::{Scene, give, ids, of, revoke, tenant, within};
use crate::support::Server;

/// A role is shown with who gave it and why, to those within whose scope it is, and to its holder.
async fn a_role_is_shown(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.person("anna");
    let until = json!({ "until": "2026-06-30T21:00:00.000Z" });
    let made = give(&anna, &scene.cilda, "helpdesk", within(&scene.school), until).await.expect(201);
    let shown = made.body.clone();
    assert_eq!(shown["scope"], within(&scene.school));
    assert_eq!((&shown["state"], &shown["until"]), (&json!("active"), &json!("2026-06-30T21:00:00.000Z")));
    assert_eq!((&shown["given"]["user"], &shown["given"]["reason"]), (&json!(scene.anna), &json!("a test")));
    let path = format!("/admin-roles/{}", made.id());
    for name in ["anna", "berta"] {
        assert_eq!(scene.person(name).get(&path).await.expect(200).body, shown);
    }
    assert_eq!(scene.person("cilda").get(&path).await.expect(200).body, shown, "one's own");
    assert_eq!(scene.person("cilda").get("/me").await.expect(200).body["roles"], json!([shown]));
    let list = async |query: &str| ids(&anna.get(&format!("/admin-roles{query}")).await.expect(200).body);
    assert_eq!(list("").await.len(), 3);
    assert_eq!(list("?role=helpdesk").await, [made.id()]);
    assert_eq!(list(&format!("?user={}", scene.cilda)).await, [made.id()]);
    assert_eq!(list(&format!("?user={}&role=auditor", scene.cilda)).await, [] as [String; 0]);
    assert_eq!(list("?count=1").await.len(), 1);
    for query in ["?role=king", "?user=berta", "?cursor=x"] {
        anna.get(&format!("/admin-roles{query}")).await.problem(400, "invalid");
    }
}

/// Nobody gives more, wider or longer than they hold, nor to themselves, and a client of administration gives all.
async fn nobody_gives_more_than_they_hold(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({ "code": "tax", "name": "Property tax", "unit": scene.schools });
    let inside = scene.administrator.json("POST", "/applications", &new).await.expect(201).id();
    let new = json!({ "code": "pool", "name": "Pool", "unit": scene.baths });
    let outside = scene.administrator.json("POST", "/applications", &new).await.expect(201).id();
    let (anna, berta) = (scene.person("anna"), scene.person("berta"));
    // Berta looks after the schools, without an end.
    for (role, scope, status) in [
        ("helpdesk", within(&scene.schools), 201),
        ("helpdesk", within(&scene.school), 201),
        ("unitAdministrator", within(&scene.school), 201),
        ("helpdesk", of(&inside), 201),
        ("helpdesk", of(&outside), 403),
        ("helpdesk", within(&scene.city), 403),
        ("helpdesk", within(&scene.baths), 403),
        ("auditor", tenant(), 403),
        ("tenantAdministrator", tenant(), 403),
        // Owners change policies, which Berta may not.
        ("applicationOwner", of(&inside), 403),
    ] {
        let reply = give(&berta, &scene.cilda, role, scope.clone(), json!({})).await;
        assert_eq!(reply.status, status, "{role} {scope}: {}", reply.body);
    }
    give(&berta, &scene.berta, "helpdesk", within(&scene.school), json!({})).await.problem(403, "forbidden");
    give(&anna, &scene.anna, "auditor", tenant(), json!({})).await.problem(403, "forbidden");
    give(&anna, &scene.cilda, "applicationOwner", of(&inside), json!({})).await.expect(201);
    // Whoever holds something until then gives nothing beyond.
    let until = |text: &str| json!({ "until": text });
    let dana = scene.user("dana", "school").await;
    let short = until("2026-03-01T00:00:00.000Z");
    give(&anna, &dana, "unitAdministrator", within(&scene.baths), short.clone()).await.expect(201);
    let dana = scene.person("dana");
    for (more, status) in [
        (json!({}), 403),
        (until("2026-03-01T00:00:00.001Z"), 403),
        (short, 201),
        (until("2026-02-01T00:00:00.000Z"), 409),
    ] {
        let reply = give(&dana, &scene.cilda, "helpdesk", within(&scene.baths), more.clone()).await;
        assert_eq!(reply.status, status, "{more}: {}", reply.body);
    }
    // Who holds nothing gives nothing.
    scene.user("edgars", "school").await;
    give(&scene.person("edgars"), &scene.anna, "helpdesk", within(&scene.school), json!({})).await.expect(403);
}

/// What makes no sense is refused with the field that is wrong; what is another tenant's is not there.
async fn a_role_has_to_make_sense(server: Server) {
    let scene = Scene::new(server).await;
    scene.server.tenant("jurmala").await;
    let stranger = scene.server.client_of("jurmala").await.user("x", json!({})).await.id();
    let other = scene.server.administrator("jurmala").await;
    let city = json!({ "kind": "municipality", "code": "J", "name": "J" });
    let elsewhere = other.json("POST", "/organisation-units", &city).await.expect(201).id();
    let away = scene.user("away", "school").await;
    scene.active(&away, false).await;
    let anna = scene.person("anna");
    for (user, role, scope, more, pointer) in [
        (&stranger, "auditor", tenant(), json!({}), "/user"),
        (&away, "auditor", tenant(), json!({}), "/user"),
        (&scene.city, "auditor", tenant(), json!({}), "/user"),
        (&scene.cilda, "auditor", within(&elsewhere), json!({}), "/scope/id"),
        (&scene.cilda, "auditor", of(&scene.city), json!({}), "/scope/id"),
        (&scene.cilda, "tenantAdministrator", within(&scene.city), json!({}), "/scope"),
        (&scene.cilda, "king", tenant(), json!({}), "/role"),
        (&scene.cilda, "auditor", tenant(), json!({ "until": "2025-01-01T00:00:00.000Z" }), "/until"),
        (&scene.cilda, "auditor", tenant(), json!({ "from": "2025-01-01T00:00:00.000Z" }), "/from"),
        (&scene.cilda, "auditor", tenant(), json!({ "until": "soon" }), "/until"),
        (&scene.cilda, "auditor", tenant(), json!({ "reason": " " }), "/reason"),
    ] {
        for by in [&anna, &scene.administrator] {
            let reply = give(by, user, role, scope.clone(), more.clone()).await;
            assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{role} {scope} {more}: {}", reply.body);
            reply.problem(400, "invalid");
        }
    }
    let later = json!({ "from": "2026-05-01T00:00:00.000Z" });
    give(&anna, &scene.cilda, "auditor", tenant(), later).await.expect(201);
    give(&anna, &scene.cilda, "auditor", tenant(), json!({})).await.problem(409, "taken");
    let before = json!({ "until": "2026-05-01T00:00:00.000Z" });
    give(&anna, &scene.cilda, "auditor", tenant(), before).await.expect(201);
    other.get(&format!("/admin-roles/{}", scene.whole)).await.problem(404, "");
    revoke(&other, &scene.whole).await.problem(404, "");
    assert_eq!(scene.states(&scene.anna).await, ["active"]);
}

/// The same key makes one role.
async fn a_role_is_given_once(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({ "user": scene.cilda, "role": "auditor", "scope": tenant(), "reason": "a test" });
    let send = async || {
        let request = scene.administrator.request("POST", "/admin-roles").header("idempotency-key", "one");
        scene.administrator.send(request.json(&new)).await.expect(201).id()
    };
    assert_eq!(send().await, send().await);
    assert_eq!(scene.states(&scene.cilda).await, ["active"]);
}

/// Taken away is taken away: once, by whom it is within, and by the holder.
async fn a_role_is_taken_away(server: Server) {
    let scene = Scene::new(server).await;
    let mut roles = Vec::new();
    for unit in [&scene.school, &scene.baths] {
        roles.push(scene.give(&scene.cilda, "unitAdministrator", within(unit)).await.expect(201).id());
    }
    let (berta, cilda) = (scene.person("berta"), scene.person("cilda"));
    revoke(&berta, &roles[1]).await.problem(404, "");
    let taken = revoke(&berta, &roles[0]).await.expect(200).body;
    assert_eq!((&taken["state"], &taken["taken"]["user"]), (&json!("revoked"), &json!(scene.berta)));
    assert_eq!(revoke(&berta, &roles[0]).await.expect(200).body, taken);
    revoke(&cilda, &roles[1]).await.expect(200);
    revoke(&cilda, &roles[1]).await.expect(200);
    assert_eq!(scene.states(&scene.cilda).await, ["revoked", "revoked"]);
    // What is wider than what Berta looks after is not seen by her.
    revoke(&berta, &scene.whole).await.problem(404, "");
}

/// While the tenant is suspended roles are taken and not given.
async fn a_suspended_tenant_gives_no_roles(server: Server) {
    let scene = Scene::new(server).await;
    let role = scene.give(&scene.cilda, "auditor", tenant()).await.expect(201).id();
    scene.server.suspend("riga").await;
    scene.give(&scene.cilda, "helpdesk", tenant()).await.problem(403, "suspended");
    revoke(&scene.person("anna"), &role).await.expect(200);
}

/// Whoever holds a role sees it and lays it down, also without a right to give or take any; nobody else's.
async fn a_role_is_laid_down(server: Server) {
    let scene = Scene::new(server).await;
    let role = scene.give(&scene.cilda, "auditor", within(&scene.baths)).await.expect(201).id();
    let other = scene.give(&scene.cilda, "helpdesk", within(&scene.baths)).await.expect(201).id();
    let user = scene.user("dita", "baths").await;
    scene.give(&user, "helpdesk", within(&scene.baths)).await.expect(201);
    let dita = scene.person("dita");
    dita.get(&format!("/admin-roles/{role}")).await.problem(404, "");
    revoke(&dita, &role).await.problem(404, "");
    let cilda = scene.person("cilda");
    assert_eq!(cilda.get(&format!("/admin-roles/{other}")).await.expect(200).body["role"], "helpdesk");
    assert_eq!(revoke(&cilda, &other).await.expect(200).body["state"], "revoked");
    revoke(&cilda, &role).await.expect(200);
    assert_eq!(scene.states(&scene.cilda).await, ["revoked", "revoked"]);
    revoke(&scene.person("anna"), &scene.whole).await.problem(409, "state");
}

on_both_databases! {
    a_role_is_laid_down,
    a_role_is_shown,
    nobody_gives_more_than_they_hold,
    a_role_has_to_make_sense,
    a_role_is_given_once,
    a_role_is_taken_away,
    a_suspended_tenant_gives_no_roles,
}
