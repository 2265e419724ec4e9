//! `POST /t/{tenant}/api/v1/requests`

use serde_json::json;

use super::{Scene, id, ids};
use crate::support::Server;

/// From the wish to the membership: the line manager decides, then the owner, and with the last yes the person is a
/// member. Each sees it in its turn.
async fn what_is_approved_is_there_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({
        "justification": " takes over from Ilze ",
        "items": [{ "kind": "grant", "entitlement": scene.group, "until": "2026-05-31" }],
    });
    let made = scene.person("anna").json("POST", "/requests", &new).await.expect(201);
    let place = format!("{}/t/riga/api/v1/requests/{}", scene.server.url, made.id());
    assert_eq!(made.header("location"), Some(place.as_str()));
    assert_eq!((&made.body["number"], &made.body["state"]), (&json!("PR-2026-000001"), &json!("open")));
    assert_eq!(made.body["justification"], "takes over from Ilze");
    let item = made.body["items"][0].clone();
    assert_eq!(item["until"], "2026-05-31T20:59:59.000Z", "a day ends with its last second in Latvia");
    assert_eq!(item["stages"][0]["approvers"], json!([{ "id": scene.mara }]));
    assert_eq!((scene.waiting("mara").await, scene.waiting("oskars").await), (vec![id(&item).to_owned()], vec![]));

    let voted = scene.approve("mara", id(&item)).await.expect(200);
    assert_eq!((voted.body["version"].clone(), voted.etag()), (json!(2), "W/\"2\"".to_owned()));
    assert_eq!(voted.body["stages"][0]["votes"][0]["voter"], json!(scene.mara));
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    assert_eq!((scene.waiting("mara").await, scene.waiting("oskars").await), (vec![], vec![id(&item).to_owned()]));
    let done = scene.approve("oskars", id(&item)).await.expect(200).body;
    assert_eq!((&done["state"], &done["stages"][1]["state"]), (&json!("fulfilled"), &json!("approved")));
    assert!(scene.holds(&scene.anna, &scene.group).await);
    let grant = scene.administrator.get(&format!("/grants/{}", done["grant"].as_str().expect("a grant"))).await.body;
    assert_eq!((&grant["source"], &grant["sourceId"]), (&json!("request"), &made.body["id"]));
    assert_eq!((&grant["state"], &grant["until"]), (&json!("active"), &item["until"]));
    let shown = scene.person("anna").get(&format!("/requests/{}", made.id())).await.expect(200).body;
    assert_eq!(shown["state"], "completed");
    for (filter, count) in [("state=completed", 1), ("state=open", 0), (&*format!("subject={}", scene.anna), 1)] {
        let page = scene.administrator.get(&format!("/requests?{filter}")).await.expect(200).body;
        assert_eq!(ids(&page).len(), count, "{filter}");
    }
    scene.check().await;
}

on_both_databases! { what_is_approved_is_there_at_once }
