//! Large reviews: their items are made, and what was decided is done, in steps, by whichever node.

use std::sync::Arc;

use caurlaide::access::Timers;
use serde_json::json;

use super::Scene;
use crate::support::Server;

/// More people than are taken at once hold the entitlement.
const PEOPLE: usize = 340;

impl Scene {
    /// A great many people hold the entitlement, and nobody manages them.
    async fn crowd(&self) {
        let group = self.writer.group("crowd", &[]).await.id();
        let mut members = Vec::new();
        for chunk in 0..PEOPLE.div_ceil(170) {
            let new = |number: usize| {
                json!({ "method": "POST", "path": "/Users", "bulkId": format!("b{number}"), "data": {
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("p{number}"),
                } })
            };
            let operations: Vec<_> = (chunk * 170..PEOPLE.min((chunk + 1) * 170)).map(new).collect();
            let bulk = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations,
            });
            let reply = self.writer.post("/Bulk", &bulk).await.expect(200).body;
            for operation in reply["Operations"].as_array().expect("operations") {
                let location = operation["location"].as_str().expect("a location");
                members.push(location.rsplit('/').next().expect("an id").to_owned());
            }
        }
        let values: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
        let change = json!([{ "op": "add", "path": "members", "value": values }]);
        self.writer.patch(&format!("/Groups/{group}"), change).await.expect(204);
        self.entitle(&group, json!({})).await;
    }

    /// How many items a review has, and in which states.
    async fn counts(&self, review: &str) -> serde_json::Value {
        self.now(review).await["counts"].clone()
    }
}

/// Its making stops half-way, as if the node had gone down: nothing is asked of anybody yet. Another goes on behind what is there,
/// and in the end each grant is in it once. The same of what is done when it closes.
async fn what_stops_half_way_goes_on(server: Server) {
    let scene = Scene::new(server).await;
    scene.crowd().await;
    let new = json!({ "name": "All", "silence": "revoke" });
    let review = scene.administrator.json("POST", "/reviews", &new).await.expect(201).id();
    let data = scene.server.store.tenant(scene.server.find("riga").await.id);
    let one = |kind| {
        let data = data.clone();
        async move {
            let timers = data.timers(false, None, 100).await.expect("timers");
            timers.into_iter().find(|timer| timer.kind == kind)
        }
    };
    let timers = Timers::new(scene.server.store.clone(), scene.server.app.clock.clone());
    let begun = one(store::TimerKind::ReviewStart).await.expect("it is due");
    timers.step(&begun).await.expect("a step");
    let now = scene.now(&review).await;
    assert_eq!((&now["state"], &now["items"], &now["prepared"]), (&json!("scheduled"), &json!(300), &json!(false)));
    assert!(scene.waiting("oskars").await.is_empty() && scene.waiting("mara").await.is_empty());
    scene.timers().await;
    let now = scene.now(&review).await;
    assert_eq!((&now["state"], &now["items"]), (&json!("active"), &json!(PEOPLE + 2)));
    assert_eq!(now["counts"], json!({ "open": PEOPLE + 2 }), "each once");
    scene.administrator.ask("POST", &format!("/reviews/{review}/closure")).await.expect(200);
    let closing = one(store::TimerKind::ReviewApply).await.expect("it is due");
    timers.step(&closing).await.expect("a step");
    assert_eq!(scene.counts(&review).await, json!({ "open": PEOPLE + 2 - 100, "doneChanged": 100 }));
    assert_eq!(scene.now(&review).await["state"], "closing");
    scene.timers().await;
    assert_eq!(scene.counts(&review).await, json!({ "doneChanged": PEOPLE + 2 }));
    assert_eq!(scene.now(&review).await["state"], "completed");
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    scene.check().await;
}

/// Two nodes take up the same: each grant is in it once, and everything is done once.
async fn two_nodes_do_it_once(server: Server) {
    let scene = Scene::new(server).await;
    scene.crowd().await;
    let new = json!({ "name": "All" });
    let review = scene.administrator.json("POST", "/reviews", &new).await.expect(201).id();
    let nodes: Vec<Arc<Timers>> =
        (0..2).map(|_| Arc::new(Timers::new(scene.server.store.clone(), scene.server.app.clock.clone()))).collect();
    let run = async || {
        for _ in 0..5 {
            let (first, second) = tokio::join!(nodes[0].run(), nodes[1].run());
            first.expect("timers");
            second.expect("timers");
        }
    };
    Box::pin(run()).await;
    let now = scene.now(&review).await;
    assert_eq!((&now["items"], &now["counts"]), (&json!(PEOPLE + 2), &json!({ "open": PEOPLE + 2 })));
    scene.administrator.ask("POST", &format!("/reviews/{review}/closure")).await.expect(200);
    Box::pin(run()).await;
    assert_eq!(scene.counts(&review).await, json!({ "doneKept": PEOPLE + 2 }));
    assert_eq!(scene.now(&review).await["state"], "completed");
    let grant = scene.item(&review, &scene.anna).await["grant"].as_str().expect("an id").parse().expect("an id");
    let data = scene.server.store.tenant(scene.server.find("riga").await.id);
    assert_eq!(
        data.grant(grant, &store::Bounds::none()).await.expect("a look").expect("a grant").version,
        2,
        "certified once"
    );
}

on_both_databases! {
    what_stops_half_way_goes_on,
    two_nodes_do_it_once,
}
