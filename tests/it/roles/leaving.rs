//! How roles end: with their holder, and not with the last one.

use serde_json::json;

use super::{Scene, give, revoke, tenant};
use crate::support::Server;

/// The last role that keeps the tenant looked after stays, whoever asks; one that ends by itself does not count.
async fn the_last_tenant_administrator_stays(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.person("anna");
    let brief = json!({ "until": "2026-12-31T00:00:00.000Z" });
    let brief = give(&anna, &scene.cilda, "tenantAdministrator", tenant(), brief).await.expect(201).id();
    for by in [&anna, &scene.administrator] {
        let refused = revoke(by, &scene.whole).await;
        assert_eq!(refused.body["state"], "active");
        refused.problem(409, "state");
    }
    revoke(&anna, &brief).await.expect(200);
    let later = json!({ "from": "2026-02-01T00:00:00.000Z" });
    give(&anna, &scene.berta, "tenantAdministrator", tenant(), later).await.expect(201);
    revoke(&anna, &scene.whole).await.problem(409, "state");
    scene.server.pass(60 * 86_400_000);
    revoke(&scene.person("anna"), &scene.whole).await.expect(200);
    scene.person("anna").get("/clients").await.problem(403, "forbidden");
    scene.person("berta").get("/clients").await.expect(200);
}

/// Two who each take the other's away do not both succeed.
async fn the_last_two_are_not_taken_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let mut whole = scene.whole.clone();
    for round in 0..5 {
        let name = format!("u{round}");
        let user = scene.user(&name, "school").await;
        let other = scene.give(&user, "tenantAdministrator", tenant()).await.expect(201).id();
        let by = [&scene.administrator, &scene.administrator];
        let (one, two) = tokio::join!(revoke(by[0], &whole), revoke(by[1], &other));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
        whole = if one.status == 200 { other } else { whole };
    }
}

/// Whoever leaves holds nothing any more, also the last one, and nothing comes back with them.
async fn a_leaver_holds_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let later = json!({ "from": "2026-02-01T00:00:00.000Z" });
    give(&scene.administrator, &scene.anna, "auditor", tenant(), later).await.expect(201);
    scene.person("anna").get("/clients").await.expect(200);
    scene.active(&scene.anna, false).await;
    assert_eq!(scene.states(&scene.anna).await, ["revoked", "revoked"]);
    scene.active(&scene.anna, true).await;
    scene.person("anna").get("/clients").await.problem(403, "forbidden");
    scene.writer.delete(&format!("/Users/{}", scene.berta)).await.expect(204);
    assert_eq!(scene.states(&scene.berta).await, ["revoked"]);
    // The tenant finds somebody else.
    scene.give(&scene.cilda, "tenantAdministrator", tenant()).await.expect(201);
    scene.person("cilda").get("/clients").await.expect(200);
}

/// A role is not given beside the one who leaves: what comes second finds nobody, or takes the role away.
async fn nobody_is_given_a_role_as_they_leave(server: Server) {
    let scene = Scene::new(server).await;
    for round in 0..8 {
        let user = scene.user(&format!("u{round}"), "school").await;
        let leaves = async {
            if round % 2 == 0 {
                scene.active(&user, false).await;
            } else {
                scene.writer.delete(&format!("/Users/{user}")).await.expect(204);
            }
        };
        let (reply, ()) = tokio::join!(scene.give(&user, "auditor", tenant()), leaves);
        let expected: &[&str] = if reply.status == 201 { &["revoked"] } else { &[] };
        assert_eq!(scene.states(&user).await, expected, "round {round}: {}", reply.body);
    }
}

/// Nobody suspends themselves, and a person not the last who looks after the whole tenant; a client may, which can lift it.
async fn the_last_one_is_not_suspended_by_a_person(server: Server) {
    let scene = Scene::new(server).await;
    let suspend = async |by: &crate::support::Client, user: &str| {
        by.json("PUT", &format!("/users/{user}/suspension"), &json!({ "reason": "a test" })).await
    };
    let until = json!({ "until": "2026-12-31T00:00:00Z" });
    give(&scene.administrator, &scene.cilda, "tenantAdministrator", tenant(), until).await.expect(201);
    let (anna, cilda) = (scene.person("anna"), scene.person("cilda"));
    suspend(&anna, &scene.anna).await.problem(403, "forbidden");
    suspend(&cilda, &scene.anna).await.problem(409, "state");
    suspend(&scene.administrator, &scene.anna).await.expect(200);
    anna.get("/clients").await.expect(401);
    scene.administrator.ask("DELETE", &format!("/users/{}/suspension", scene.anna)).await.expect(204);
    suspend(&anna, &scene.cilda).await.expect(200);
}

on_both_databases! {
    the_last_one_is_not_suspended_by_a_person,
    the_last_tenant_administrator_stays,
    the_last_two_are_not_taken_at_once,
    a_leaver_holds_nothing,
    nobody_is_given_a_role_as_they_leave,
}
