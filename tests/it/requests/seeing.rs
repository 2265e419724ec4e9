//! Who sees which requests. What somebody may not see is not there.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Scene, id, ids, under};
use crate::support::{Client, Server, client::MUNICIPAL, server::START};

/// Requester, subject, line manager and approvers see a request, each from when it concerns them; administrators all.
async fn people_see_what_concerns_them(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    let request = item["request"].as_str().expect("a request").to_owned();
    let paths = [format!("/requests/{request}"), format!("/request-items/{}", id(&item))];
    let sees = async |name: &str| {
        let listed = ids(&scene.person(name).get("/requests").await.expect(200).body);
        for path in &paths {
            let status = scene.person(name).get(path).await.status;
            assert_eq!(status == 200, listed.contains(&request), "{name} {path}");
            assert!(status == 200 || status == 404);
        }
        listed.contains(&request)
    };
    assert!(sees("anna").await && sees("mara").await);
    assert!(!sees("zane").await && !sees("oskars").await);
    scene.approve("mara", id(&item)).await.expect(200);
    assert!(sees("mara").await && sees("oskars").await && !sees("zane").await);
    scene.approve("oskars", id(&item)).await.expect(200);
    assert!(sees("mara").await && sees("oskars").await && !sees("zane").await);
    for path in &paths {
        scene.administrator.get(path).await.expect(200);
    }
    let unknown = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
    scene.person("anna").get(&format!("/requests/{unknown}")).await.problem(404, "");
    scene.administrator.get(&format!("/request-items/{unknown}")).await.problem(404, "");
    for path in [
        "/requests?state=lost",
        "/requests?colour=red",
        "/requests?count=0",
        "/requests?cursor=x",
        "/request-items",
        "/request-items?waitingFor=mara",
    ] {
        scene.person("anna").get(path).await.problem(400, "invalid");
    }
}

/// Lists come page by page, without gaps and without anybody else's.
async fn lists_have_pages(server: Server) {
    let scene = Scene::new(server).await;
    let sure = json!({ MUNICIPAL: { "assuranceLevel": "high" } });
    for at in 0..7 {
        let name = format!("u{at}");
        scene.writer.user(&name, under(&scene.mara, &sure)).await;
        scene.ask(&name, json!({ "kind": "grant", "entitlement": scene.group })).await;
    }
    scene.ask("mara", json!({ "kind": "grant", "entitlement": scene.group })).await;
    let mara = scene.person("mara");
    for (path, count) in [("/request-items?waitingFor=me&count=3", 7), ("/requests?count=3", 8)] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = mara.get(&format!("{path}{cursor}")).await.expect(200).body;
            found.extend(ids(&page));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let distinct: BTreeSet<&String> = found.iter().collect();
        assert_eq!((found.len(), distinct.len()), (count, count), "{path}");
        assert!(found.is_sorted());
    }
    assert_eq!(ids(&mara.get(&format!("/requests?requester={}", scene.mara)).await.body).len(), 1);
}

/// Another tenant's requests are not there, for its people and its administrators alike.
async fn tenants_do_not_see_each_others_requests(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    let new = json!({ "delegate": scene.zane, "until": "2026-01-30" });
    let delegation = scene.person("mara").json("POST", "/delegations", &new).await.expect(201).id();
    scene.server.tenant("jurmala").await;
    let (_, token) = scene.server.token("jurmala", &["tenant.admin"], START + 1_000_000).await;
    let url = &scene.server.url;
    let stranger = Client::new(url, "jurmala", &token).at(&format!("{url}/t/jurmala/api/v1"));
    for path in [
        format!("/requests/{}", item["request"].as_str().expect("a request")),
        format!("/request-items/{}", id(&item)),
        format!("/delegations/{delegation}"),
    ] {
        stranger.get(&path).await.problem(404, "");
    }
    stranger.ask("DELETE", &format!("/delegations/{delegation}")).await.problem(404, "");
    for list in ["/requests", "/delegations"] {
        assert!(ids(&stranger.get(list).await.expect(200).body).is_empty());
    }
    assert_eq!(
        scene.person("mara").get(&format!("/delegations/{delegation}")).await.expect(200).body["state"],
        "active"
    );
}

on_both_databases! { people_see_what_concerns_them, lists_have_pages, tenants_do_not_see_each_others_requests }
