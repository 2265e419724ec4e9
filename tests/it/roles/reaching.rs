//! What roles open.

use serde_json::json;

use super::{Scene, give, revoke, tenant};
use crate::support::{Server, client::MUNICIPAL};

/// Whoever looks after the tenant does what a client of administration does; nobody else, and nobody whose identity is not sure
/// changes anything.
async fn a_tenant_administrator_administers(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.person("anna");
    anna.get("/clients").await.expect(200);
    let made = anna.json("POST", "/clients", &json!({ "name": "HR" })).await.expect(201);
    for name in ["berta", "cilda"] {
        let person = scene.person(name);
        person.get("/clients").await.problem(403, "forbidden");
        person.json("POST", "/clients", &json!({ "name": "HR 2" })).await.problem(403, "forbidden");
        person.ask("DELETE", &format!("/clients/{}", made.id())).await.problem(403, "forbidden");
    }
    let unsure = scene.issuer.person(&scene.server, "anna", "low");
    unsure.get("/clients").await.expect(200);
    let refused = unsure.json("POST", "/clients", &json!({ "name": "HR 3" })).await;
    assert_eq!(refused.body["needed"], "substantial");
    refused.problem(403, "assurance");
    give(&unsure, &scene.cilda, "auditor", tenant(), json!({})).await.problem(403, "assurance");
    let look = scene.server.database.look().await;
    let sql = "SELECT count(*) FROM event WHERE user_id IS NOT NULL AND kind = 'Client'";
    let told: (i64,) = sqlx::query_as(sql).fetch_one(&look).await.expect("a count");
    assert_eq!(told.0, 1, "the log says who");
}

/// A role counts from its beginning to its end, to the millisecond, and not once it is taken away.
async fn a_role_counts_in_its_time(server: Server) {
    let scene = Scene::new(server).await;
    let day = 86_400_000;
    let span = json!({ "from": "2026-02-01T00:00:00.000Z", "until": "2026-03-01T00:00:00.000Z" });
    give(&scene.administrator, &scene.cilda, "tenantAdministrator", tenant(), span).await.expect(201);
    assert_eq!(scene.states(&scene.cilda).await, ["planned"]);
    scene.person("cilda").get("/clients").await.problem(403, "forbidden");
    scene.server.pass(45 * day);
    assert_eq!(scene.states(&scene.cilda).await, ["active"]);
    scene.person("cilda").get("/clients").await.expect(200);
    scene.server.pass(30 * day);
    assert_eq!(scene.states(&scene.cilda).await, ["ended"]);
    scene.person("cilda").get("/clients").await.problem(403, "forbidden");
    assert_eq!(scene.person("cilda").get("/me").await.expect(200).body.get("roles"), None);
    let role = scene.give(&scene.cilda, "tenantAdministrator", tenant()).await.expect(201).id();
    scene.person("cilda").get("/clients").await.expect(200);
    revoke(&scene.administrator, &role).await.expect(200);
    scene.person("cilda").get("/clients").await.problem(403, "forbidden");
}

/// A token does not outlast the role of whoever makes it, and nobody gives a grant to themselves.
async fn a_role_is_not_stretched(server: Server) {
    let scene = Scene::new(server).await;
    let until = json!({ "until": "2026-01-11T00:00:00.000Z" });
    give(&scene.administrator, &scene.cilda, "tenantAdministrator", tenant(), until).await.expect(201);
    let client = scene.administrator.json("POST", "/clients", &json!({ "name": "HR" })).await.expect(201).id();
    let tokens = format!("/clients/{client}/tokens");
    let new = |days: i64| json!({ "scopes": ["scim.read"], "expiresIn": days * 86_400 });
    let cilda = scene.person("cilda");
    // A client of administration has no end, and gives to anybody: people make none, whoever they are.
    for scope in ["tenant.admin", "grants.write"] {
        let more = json!({ "scopes": [scope], "expiresIn": 3600 });
        for person in [&cilda, &scene.person("anna")] {
            person.json("POST", &tokens, &more).await.problem(403, "forbidden");
        }
    }
    let refused = cilda.json("POST", &tokens, &new(11)).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/expiresIn");
    refused.problem(400, "invalid");
    let made = cilda.json("POST", &tokens, &new(9)).await.expect(201).id();
    let rotate = format!("{tokens}/{made}/rotate");
    cilda.json("POST", &rotate, &json!({ "expiresIn": 11 * 86_400 })).await.problem(400, "invalid");
    cilda.json("POST", &rotate, &json!({ "expiresIn": 86_400 })).await.expect(201);
    scene.person("anna").json("POST", &tokens, &new(90)).await.expect(201);
    let application = json!({ "code": "tax", "name": "Property tax" });
    let application = scene.administrator.json("POST", "/applications", &application).await.expect(201).id();
    let group = scene.writer.group("assessors", &[]).await.id();
    let new = json!({ "group": group, "code": "a", "names": { "en": "A" }, "authority": "grants" });
    let path = format!("/applications/{application}/entitlements");
    scene.administrator.json("POST", &path, &new).await.expect(201);
    let grant = |user: &str| json!({ "user": user, "entitlement": group, "reason": "a test" });
    cilda.json("POST", "/grants", &grant(&scene.cilda)).await.problem(403, "forbidden");
    cilda.json("POST", "/grants", &grant(&scene.anna)).await.expect(201);
}

/// A role of one tenant opens nothing in another.
async fn a_role_is_of_one_tenant(server: Server) {
    let scene = Scene::new(server).await;
    scene.server.tenant("jurmala").await;
    let other = scene.server.administrator("jurmala").await;
    let mut registration = scene.issuer.registration();
    registration["scopes"] = json!(["rights"]);
    other.json("POST", "/issuers", &registration).await.expect(201);
    let sure = json!({ MUNICIPAL: { "assuranceLevel": "high" } });
    scene.server.client_of("jurmala").await.user("anna", sure).await;
    let site = format!("{}/t/jurmala/api/v1", scene.server.url);
    let there = scene.person("anna").at(&site);
    there.get("/me").await.expect(200);
    there.get("/clients").await.problem(403, "forbidden");
    there.get(&format!("/admin-roles/{}", scene.whole)).await.problem(404, "");
}

on_both_databases! {
    a_tenant_administrator_administers,
    a_role_counts_in_its_time,
    a_role_is_not_stretched,
    a_role_is_of_one_tenant,
}
