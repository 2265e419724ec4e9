//! Roles that see, take or ask alone.

use serde_json::json;

use super::{
    super::{of, tenant, within},
    Parts, extend, faulty, give, listed, take,
};
use crate::support::{Client, Server};

/// Helpdesk takes and gives nothing; an auditor sees and changes nothing.
async fn some_roles_take_or_see_alone(server: Server) {
    let parts = Parts::new(server).await;
    let helpdesk = parts.holder("helga", "helpdesk", tenant()).await;
    give(&helpdesk, &parts.dita, &parts.assessors).await.problem(403, "forbidden");
    extend(&helpdesk, &parts.dita_has).await.problem(403, "forbidden");
    take(&helpdesk, &parts.dita_has).await.expect(200);
    let auditor = parts.holder("aivars", "auditor", tenant()).await;
    assert_eq!(listed(&auditor, "/grants").await.len(), 2);
    auditor.get(&format!("/users/{}/views", parts.edgars)).await.expect(200);
    give(&auditor, &parts.dita, &parts.assessors).await.problem(403, "forbidden");
    take(&auditor, &parts.edgars_has).await.problem(403, "forbidden");
    auditor.json("POST", "/applications", &json!({ "code": "x", "name": "x" })).await.problem(403, "forbidden");
    assert_eq!(parts.state(&parts.edgars_has).await, "active");
    // What they saw is told to whom they looked at.
    assert!(parts.scene.server.app.calls.flush().await);
    let views = parts.scene.administrator.get(&format!("/users/{}/views", parts.edgars)).await.expect(200).body;
    let seen = views["items"].as_array().expect("items");
    assert!(seen.iter().any(|view| view["route"] == "/api/v1/users/{user}/views"), "{views:#}");
}

/// Whoever has a role for it asks for others within its scope, and learns of no others.
async fn some_roles_ask_for_others(server: Server) {
    let parts = Parts::new(server).await;
    let ask = async |by: &Client, subject: &str, entitlement: &str| {
        let items = json!([{ "kind": "grant", "entitlement": entitlement }]);
        by.json("POST", "/requests?dryRun=true", &json!({ "subject": subject, "items": items })).await
    };
    let berta = parts.scene.person("berta");
    ask(&berta, &parts.dita, &parts.judges).await.expect(200);
    faulty(ask(&berta, &parts.edgars, &parts.judges).await, "/subject");
    let owner = parts.holder("ilze", "applicationOwner", of(&parts.tax)).await;
    ask(&owner, &parts.edgars, &parts.judges).await.expect(200);
    faulty(ask(&owner, &parts.edgars, &parts.keys).await, "/subject");
    let auditor = parts.holder("aivars", "auditor", tenant()).await;
    faulty(ask(&auditor, &parts.dita, &parts.judges).await, "/subject");
    let helpdesk = parts.holder("helga", "helpdesk", within(&parts.scene.baths)).await;
    ask(&helpdesk, &parts.edgars, &parts.assessors).await.expect(200);
    let unsure = parts.scene.issuer.person(&parts.scene.server, "helga", "low");
    faulty(ask(&unsure, &parts.edgars, &parts.assessors).await, "/subject");
    faulty(ask(&helpdesk, &parts.dita, &parts.assessors).await, "/subject");
}

/// An auditor begins a review and reads all of them; who decides, and what silence means, is not theirs to choose.
async fn an_auditor_begins_reviews(server: Server) {
    let parts = Parts::new(server).await;
    let auditor = parts.holder("aivars", "auditor", tenant()).await;
    let me = auditor.get("/me").await.expect(200).id();
    let begin = async |by: &Client, more: serde_json::Value| {
        let mut new = json!({ "name": "Yearly", "silence": "keep" });
        for (name, value) in more.as_object().expect("an object") {
            new[name] = value.clone();
        }
        by.json("POST", "/reviews", &new).await
    };
    faulty(begin(&auditor, json!({ "silence": "revoke" })).await, "/silence");
    faulty(begin(&auditor, json!({ "silence": "byRisk" })).await, "/silence");
    faulty(begin(&auditor, json!({ "reviewers": ["owner", { "person": me }] })).await, "/reviewers/1");
    let review = begin(&auditor, json!({})).await.expect(201).id();
    auditor.get(&format!("/reviews/{review}")).await.expect(200);
    assert_eq!(listed(&auditor, "/reviews").await, [review.as_str()]);
    let cancel = json!({ "reason": "r" });
    auditor.json("POST", &format!("/reviews/{review}/cancellation"), &cancel).await.problem(403, "forbidden");
    let berta = parts.scene.person("berta");
    faulty(begin(&berta, json!({})).await, "/scope");
    berta.get(&format!("/reviews/{review}")).await.problem(404, "");
}

on_both_databases! {
    an_auditor_begins_reviews,
    some_roles_take_or_see_alone,
    some_roles_ask_for_others,
}
