//! `/t/{tenant}/api/v1/request-items/{item}`: votes, questions, answers, and handing on.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::{Server, client::ENTERPRISE};

/// Nobody decides about themselves or what they asked for, nor without having read what it is now.
async fn only_those_decide_who_are_asked(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.approve("anna", id(&item)).await.problem(403, "forbidden");
    // She is not asked, and does not even see it.
    let path = format!("/request-items/{}/votes", id(&item));
    let vote = json!({ "decision": "approve" });
    let person = scene.person("zane");
    let call = person.request("POST", &path).header("if-match", "W/\"1\"").header("content-type", "application/json");
    person.send(call.body(vote.to_string())).await.problem(404, "");
    scene.person("mara").json("POST", &path, &vote).await.problem(428, "");
    let stale = scene.person("mara").request("POST", &path).header("if-match", "W/\"7\"");
    let stale = stale.header("content-type", "application/json").body(vote.to_string());
    scene.person("mara").send(stale).await.problem(412, "stale");
    for (vote, pointer) in [
        (json!({ "decision": "reject" }), "/comment"),
        (json!({ "decision": "perhaps" }), "/decision"),
        (json!({ "decision": "approve", "comment": "" }), "/comment"),
        (json!({ "decision": "approve", "until": "never" }), "/until"),
        (json!({ "decision": "approve", "until": "2020-01-01" }), "/until"),
        (json!({}), "/decision"),
    ] {
        let reply = scene.vote("mara", id(&item), vote.clone()).await;
        let pointers: Vec<&Value> =
            reply.body["errors"].as_array().into_iter().flatten().map(|error| &error["pointer"]).collect();
        assert!(pointers == [&json!(pointer)] || pointers == [&json!("")], "{vote}: {pointers:?}");
        reply.problem(400, "invalid");
    }
    let someone = json!({ "decision": "approve", "onBehalfOf": scene.zane });
    scene.vote("mara", id(&item), someone).await.problem(403, "forbidden");
    assert_eq!(scene.item(id(&item)).await["version"], 1, "nothing has changed");
    scene.approve("mara", id(&item)).await.expect(200);
    scene.approve("mara", id(&item)).await.problem(403, "forbidden");
}

/// One no is enough. What has ended says so to whatever else is tried, with its state and that nothing is possible.
async fn one_no_is_enough(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    let rejected = scene.reject("mara", id(&item)).await.expect(200).body;
    assert_eq!((&rejected["state"], &rejected["reason"]), (&json!("rejected"), &json!("vote")));
    assert_eq!(rejected["stages"][0]["votes"][0]["comment"], "not now");
    assert_eq!(rejected["stages"][1]["state"], "cancelled");
    let refused = [
        scene.approve("mara", id(&item)).await,
        scene.deed("mara", id(&item), "questions", &json!({ "question": "why?" })).await,
        scene.deed("anna", id(&item), "answers", &json!({ "answer": "so" })).await,
        scene.deed("anna", id(&item), "answers", &json!({ "change": { "days": 3 } })).await,
        scene.deed("mara", id(&item), "reassignments", &json!({ "to": scene.zane, "reason": "x" })).await,
        scene.withdraw("anna", id(&item)).await,
    ];
    for reply in refused {
        assert_eq!((&reply.body["state"], &reply.body["possible"]), (&json!("rejected"), &json!([])));
        reply.problem(409, "state");
    }
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    // What was rejected may be asked for again.
    scene.asked().await;
}

/// Two who decide in one moment, one so and one so: exactly one outcome, and the other is told that it has changed.
async fn two_votes_at_once_have_one_outcome(server: Server) {
    let scene = Scene::new(server).await;
    let (berta, carlo) = (scene.user("berta").await, scene.user("carlo").await);
    let board = scene.writer.group("board", &[&berta, &carlo]).await.id();
    let group = scene.governed("one of two", json!([{ "resolver": { "group": board } }])).await;
    for round in 0..6 {
        let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
        let approve = scene.approve("berta", id(&item));
        let reject = scene.reject("carlo", id(&item));
        let (yes, no) = tokio::join!(approve, reject);
        let mut statuses = [yes.status, no.status];
        statuses.sort_unstable();
        let is_other = statuses[1] == 409 || statuses[1] == 412;
        assert!(statuses[0] == 200 && is_other, "{round}: {statuses:?}");
        let state = scene.item(id(&item)).await["state"].clone();
        assert_eq!(state, if yes.status == 200 { "fulfilled" } else { "rejected" });
        assert_eq!(scene.holds(&scene.anna, &group).await, yes.status == 200);
        if yes.status == 200 {
            let grant = scene.item(id(&item)).await["grant"].clone();
            scene.ask("anna", json!({ "kind": "revoke", "grant": grant })).await;
        }
        scene.check().await;
    }
}

/// A quorum is counted, and one person votes once.
async fn a_quorum_is_counted(server: Server) {
    let scene = Scene::new(server).await;
    let (berta, carlo, dace) = (scene.user("berta").await, scene.user("carlo").await, scene.user("dace").await);
    let board = scene.writer.group("board", &[&berta, &carlo, &dace, &scene.anna]).await.id();
    let stages = json!([{ "resolver": { "group": board }, "quorum": { "atLeast": 2 } }]);
    let group = scene.governed("two of three", stages).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    assert_eq!(item["stages"][0]["approvers"].as_array().expect("approvers").len(), 3, "not whom it is for");
    let voted = scene.approve("berta", id(&item)).await.expect(200).body;
    assert_eq!((&voted["state"], &voted["stages"][0]["needed"]), (&json!("pending"), &json!(2)));
    let twice = scene.approve("berta", id(&item)).await;
    assert_eq!(twice.body["state"], "pending");
    twice.problem(409, "state");
    assert!(scene.waiting("berta").await.is_empty() && scene.waiting("carlo").await.len() == 1);
    scene.approve("carlo", id(&item)).await.expect(200);
    assert!(scene.holds(&scene.anna, &group).await && scene.waiting("dace").await.is_empty());
    let all = json!([{ "resolver": { "group": board }, "quorum": "all" }]);
    let group = scene.governed("all", all).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    for name in ["berta", "carlo"] {
        scene.approve(name, id(&item)).await.expect(200);
    }
    scene.reject("dace", id(&item)).await.expect(200);
    assert!(!scene.holds(&scene.anna, &group).await);
}

/// A question stops the clocks until it is answered, three times at the most; another wish is decided anew.
async fn questions_are_asked_first(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": scene.group, "until": "2026-12-31" })).await;
    let question = json!({ "question": "Until when?" });
    scene.deed("anna", id(&item), "questions", &question).await.problem(403, "forbidden");
    scene.deed("anna", id(&item), "answers", &json!({ "answer": "x" })).await.problem(409, "state");
    let asked = scene.deed("mara", id(&item), "questions", &question).await.expect(200).body;
    // Ten working days to decide, five to answer: without the holiday and the weekends.
    assert_eq!((&asked["state"], &asked["expires"]), (&json!("infoRequested"), &json!("2026-01-08T15:00:00.000Z")));
    assert!(scene.waiting("mara").await.is_empty());
    let early = scene.approve("mara", id(&item)).await;
    assert_eq!(early.body["possible"], json!(["answer", "amend", "handOver", "expire", "withdraw", "cancel"]));
    early.problem(409, "state");
    scene.deed("mara", id(&item), "answers", &json!({ "answer": "x" })).await.problem(403, "forbidden");
    scene.deed("anna", id(&item), "answers", &json!({})).await.problem(400, "invalid");
    // Two working days go by.
    scene.server.pass(5 * 86_400_000);
    let answered = scene.deed("anna", id(&item), "answers", &json!({ "answer": "Until May" })).await.expect(200).body;
    assert_eq!((&answered["state"], &answered["expires"]), (&json!("pending"), &json!("2026-01-19T15:00:00.000Z")));
    assert_eq!(answered["questions"][0]["answer"], "Until May");
    scene.deed("mara", id(&item), "questions", &question).await.expect(200);
    let same = json!({ "change": { "until": "2026-12-31" } });
    scene.deed("anna", id(&item), "answers", &same).await.problem(400, "invalid");
    scene.deed("anna", id(&item), "answers", &json!({ "answer": "again" })).await.expect(200);
    scene.approve("mara", id(&item)).await.expect(200);
    scene.deed("oskars", id(&item), "questions", &question).await.expect(200);
    let other = scene.deed("anna", id(&item), "answers", &json!({ "change": { "until": "2026-05-31" } })).await;
    let other = other.expect(200).body;
    assert_eq!((&other["state"], &other["until"]), (&json!("pending"), &json!("2026-05-31T20:59:59.000Z")));
    assert_eq!(other["void"][0]["votes"][0]["voter"], json!(scene.mara), "what was decided is evidence");
    assert_eq!((&other["stages"][0]["state"], &other["stages"][0]["votes"]), (&json!("open"), &json!([])));
    scene.deed("mara", id(&item), "questions", &question).await.problem(409, "state");
    scene.approve("mara", id(&item)).await.expect(200);
    scene.approve("oskars", id(&item)).await.expect(200);
    assert!(scene.holds(&scene.anna, &scene.group).await);
}

/// An approver hands a decision on, with a reason, to somebody who is there and not concerned.
async fn a_decision_is_handed_on(server: Server) {
    let scene = Scene::new(server).await;
    let (berta, away) = (scene.user("berta").await, scene.user("away").await);
    scene.active(&away, false).await;
    let item = scene.asked().await;
    let hand = async |name: &str, to: &str, reason: &str| {
        scene.deed(name, id(&item), "reassignments", &json!({ "to": to, "reason": reason })).await
    };
    hand("mara", &away, "x").await.problem(400, "invalid");
    hand("mara", &scene.anna, "x").await.problem(400, "invalid");
    hand("mara", &scene.mara, "x").await.problem(400, "invalid");
    hand("mara", &berta, " ").await.problem(400, "invalid");
    hand("anna", &berta, "x").await.problem(403, "forbidden");
    let handed = hand("mara", &berta, "knows the register").await.expect(200).body;
    let change = &handed["stages"][0]["changes"][0];
    assert_eq!(
        (&change["kind"], &change["by"], &change["to"]),
        (&json!("reassigned"), &json!(scene.mara), &json!(berta))
    );
    assert!(scene.waiting("mara").await.is_empty());
    scene.approve("mara", id(&item)).await.problem(403, "forbidden");
    scene.approve("berta", id(&item)).await.expect(200);
    scene.approve("oskars", id(&item)).await.expect(200);
    assert!(scene.holds(&scene.anna, &scene.group).await);
    let group =
        scene.governed("not handed on", json!([{ "resolver": { "lineManager": 1 }, "mayReassign": false }])).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    let hand_on = json!({ "to": berta, "reason": "x" });
    scene.deed("mara", id(&item), "reassignments", &hand_on).await.problem(403, "forbidden");
}

/// Stages are skipped, or have others, or nobody: then it is a no, whatever was asked.
async fn stages_find_their_people(server: Server) {
    let scene = Scene::new(server).await;
    // Nobody stands above Zane.
    let item = scene.ask("zane", json!({ "kind": "grant", "entitlement": scene.group })).await;
    assert_eq!((&item["state"], &item["reason"]), (&json!("rejected"), &json!("noApprover")));
    assert_eq!(item["stages"][0]["reason"], "noApprover");
    // Who has approved already need not do so again.
    let under =
        json!([{ "op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": { "value": scene.oskars } }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), under).await.expect(200);
    let item = scene.asked().await;
    let done = scene.approve("oskars", id(&item)).await.expect(200).body;
    assert_eq!((&done["state"], &done["stages"][1]["reason"]), (&json!("fulfilled"), &json!("alreadyApproved")));
    // The head of the unit, or of what it is part of; the deputy where the head is away.
    let (ilze, juris) = (scene.user("ilze").await, scene.user("juris").await);
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga", "head": ilze, "deputy": juris });
    let city = scene.administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let unit = json!({ "kind": "unit", "code": "FIN", "name": "Finance", "parent": city, "head": scene.anna });
    scene.administrator.json("POST", "/organisation-units", &unit).await.expect(201);
    let at_work = json!([{ "op": "add", "path": "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employments",
        "value": [{ "value": "1", "organisationUnit": "FIN" }] }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), at_work).await.expect(200);
    let stages = json!([{ "resolver": "nodeHead", "fallback": { "person": scene.zane } }]);
    let group = scene.governed("head", stages).await;
    let head = async |expected: &str, is_fallback: bool| {
        let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
        assert_eq!(item["stages"][0]["approvers"], json!([{ "id": expected }]));
        assert_eq!(item["stages"][0]["fallback"] == true, is_fallback);
        scene.withdraw("anna", id(&item)).await.expect(200);
    };
    head(&ilze, false).await;
    scene.active(&ilze, false).await;
    head(&juris, false).await;
    scene.active(&juris, false).await;
    head(&scene.zane, true).await;
    scene.active(&scene.zane, false).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    assert_eq!((&item["state"], &item["reason"]), (&json!("rejected"), &json!("noApprover")));
    // Where little harm is done, the policy may let it pass.
    let policy = json!({ "name": "passes", "risk": 1, "stages": [{ "resolver": "nodeHead", "onEmpty": "skip" }] });
    let policy = scene.administrator.json("POST", "/approval-policies", &policy).await.expect(201).id();
    let group = scene.entitlement("passes", json!({ "risk": 1, "approvalPolicy": policy })).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    assert_eq!((&item["state"], &item["stages"][0]["reason"]), (&json!("fulfilled"), &json!("nobody")));
    scene.check().await;
}

/// A policy that is a draft, or retired, decides nothing: those decide whom the risk names.
async fn only_a_policy_in_use_decides(server: Server) {
    let scene = Scene::new(server).await;
    let body = |state: &str| {
        let stages = json!([{ "resolver": { "person": scene.zane } }]);
        json!({ "name": "only Zane", "risk": 1, "stages": stages, "state": state })
    };
    let policy = scene.administrator.json("POST", "/approval-policies", &body("active")).await.expect(201).id();
    for (state, who) in [("active", "zane"), ("draft", "mara"), ("retired", "mara")] {
        let group = scene.entitlement(state, json!({ "risk": 1, "approvalPolicy": policy })).await;
        let path = format!("/approval-policies/{policy}");
        let change = scene.administrator.request("PUT", &path).header("if-match", "*").json(&body(state));
        scene.administrator.send(change).await.expect(200);
        let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
        assert!(scene.waiting(who).await.contains(&id(&item).to_owned()), "{state}: {item:#}");
    }
}

/// What is given keeps to the limits of the day on which it is given: it ends with the contract as that is by then, and lasts no longer
/// than the entitlement allows by then. The item shows it.
async fn what_is_given_keeps_to_the_limits_of_then(server: Server) {
    let scene = Scene::new(server).await;
    let low = scene.entitlement("low", json!({ "risk": 1 })).await;
    let path = "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employments";
    let contract = async |end: &str| {
        let value = json!([{ "value": "1", "type": "contractor", "end": end, "manager": scene.mara }]);
        let change = json!([{ "op": "replace", "path": path, "value": value }]);
        scene.writer.patch(&format!("/Users/{}", scene.anna), change).await.expect(200);
    };
    contract("2026-06-30").await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": low, "until": "2026-06-01" })).await;
    contract("2026-02-28").await;
    let given = scene.approve("mara", id(&item)).await.expect(200).body;
    assert_eq!((&given["state"], &given["until"]), (&json!("fulfilled"), &json!("2026-02-28T21:59:59.000Z")));
    let grant = scene.administrator.get(&format!("/grants/{}", given["grant"].as_str().expect("a grant"))).await.body;
    assert_eq!(grant["until"], given["until"]);

    let group = scene.entitlement("long", json!({ "risk": 1, "duration": { "longest": 400 * 86_400 } })).await;
    let item = scene.ask("mara", json!({ "kind": "grant", "entitlement": group, "days": 300 })).await;
    let entitlement = format!("/applications/{}/entitlements/{group}", scene.application);
    let shorter = json!({ "duration": { "longest": 10 * 86_400 } });
    scene.administrator.json("PATCH", &entitlement, &shorter).await.expect(200);
    let given = scene.approve("zane", id(&item)).await.expect(200).body;
    assert_eq!((&given["state"], &given["until"]), (&json!("fulfilled"), &json!("2026-01-11T00:00:00.000Z")));
    assert_eq!(given.get("length"), None);
    scene.check().await;
}

/// An approver lets it end earlier, never later, where the policy lets them.
async fn an_end_comes_nearer(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("low", json!({ "risk": 1 })).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group, "until": "2026-05-31" })).await;
    let until = |day: &str| json!({ "decision": "approve", "until": day });
    scene.vote("mara", id(&item), until("2026-06-30")).await.problem(400, "invalid");
    let done = scene.vote("mara", id(&item), until("2026-03-31")).await.expect(200).body;
    assert_eq!((&done["state"], &done["until"]), (&json!("fulfilled"), &json!("2026-03-31T20:59:59.000Z")));
    let stages = json!([{ "resolver": { "lineManager": 1 }, "mayShorten": false }]);
    let group = scene.governed("as asked", stages).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group, "until": "2026-05-31" })).await;
    scene.vote("mara", id(&item), until("2026-03-31")).await.problem(403, "forbidden");
}

on_both_databases! {
    only_a_policy_in_use_decides,
    what_is_given_keeps_to_the_limits_of_then,
    only_those_decide_who_are_asked,
    one_no_is_enough,
    two_votes_at_once_have_one_outcome,
    a_quorum_is_counted,
    questions_are_asked_first,
    a_decision_is_handed_on,
    stages_find_their_people,
    an_end_comes_nearer,
}
