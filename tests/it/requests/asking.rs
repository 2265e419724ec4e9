//! `POST /t/{tenant}/api/v1/requests`

use serde_json::{Value, json};

use super::{Scene, id, ids};
use crate::support::{Server, server::START};

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
    assert_eq!(done["stages"][1]["votes"][0]["voter"], json!(scene.oskars));
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

/// A manager asks for who reports to them, who leads a unit for who works there, who answers for an entitlement for
/// anybody; nobody else does, and nobody learns who is there. Whoever has asked does not decide.
async fn some_ask_for_others(server: Server) {
    let scene = Scene::new(server).await;
    let ilze = scene.user("ilze").await;
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga", "head": ilze });
    let city = scene.administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let unit = json!({ "kind": "unit", "code": "FIN", "name": "Finance", "parent": city });
    scene.administrator.json("POST", "/organisation-units", &unit).await.expect(201);
    let at_work = json!([{ "op": "add", "path": "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employments",
        "value": [{ "value": "1", "organisationUnit": "FIN", "manager": scene.mara }] }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), at_work).await.expect(200);
    let asked = async |name: &str, subject: &str| {
        let new = json!({ "subject": subject, "items": [{ "kind": "grant", "entitlement": scene.group }] });
        scene.person(name).json("POST", "/requests", &new).await
    };
    for name in ["ilze", "oskars"] {
        let item = asked(name, &scene.anna).await.expect(201).body["items"][0].clone();
        assert_eq!(item["stages"][0]["approvers"][0]["id"], json!(scene.mara), "{name}");
        scene.vote("mara", id(&item), json!({ "decision": "reject", "comment": "no" })).await.expect(200);
    }
    let item = asked("mara", &scene.anna).await.expect(201).body["items"][0].clone();
    assert_eq!(item["stages"][0]["approvers"][0]["id"], json!(scene.zane), "her own manager decides instead");
    assert_eq!(item["stages"][0]["fallback"], true);
    scene.approve("mara", id(&item)).await.problem(403, "forbidden");
    scene.approve("zane", id(&item)).await.expect(200);
    scene.approve("oskars", id(&item)).await.expect(200);
    assert!(scene.holds(&scene.anna, &scene.group).await);
    let told = asked("zane", &scene.anna).await;
    assert_eq!(told.body["errors"][0]["pointer"], "/subject");
    let told = told.problem(400, "invalid");
    assert_eq!(asked("zane", "019b2c3f-0a1b-7c2d-9e3f-405162738495").await.problem(400, "invalid"), told);
}

/// What cannot be asked for is refused by the name of the field, all of it at once, and nothing is written.
async fn what_cannot_be_asked_for_is_refused(server: Server) {
    let scene = Scene::new(server).await;
    let limits = json!({
        "duration": { "longest": 30 * 86_400, "extensions": 1 }, "needsJustification": true, "needsLegalBasis": true,
        "prerequisites": [scene.group],
    });
    let strict = scene.entitlement("strict", limits).await;
    let hidden = scene.entitlement("hidden", json!({ "requestable": false })).await;
    let draft = scene.entitlement("draft", json!({ "state": "draft" })).await;
    let plain = scene.writer.group("plain", &[]).await.id();
    let foreign = scene
        .administrator
        .json("POST", "/grants", &json!({ "user": scene.zane, "entitlement": scene.group, "reason": "x" }))
        .await
        .id();
    let group = &scene.group;
    let grant = |more: Value| {
        let mut item = json!({ "kind": "grant", "entitlement": group });
        more.as_object().expect("an object").iter().for_each(|(name, value)| item[name] = value.clone());
        item
    };
    for (item, pointer) in [
        (grant(json!({ "until": "2025-12-31" })), "until"),
        (grant(json!({ "from": "2026-03-01", "until": "2026-02-01" })), "until"),
        (grant(json!({ "from": "2025-12-01" })), "from"),
        (grant(json!({ "from": "2028-01-01" })), "from"),
        (grant(json!({ "until": "2026-02-01", "days": 3 })), "days"),
        (grant(json!({ "days": 0 })), "days"),
        (grant(json!({ "until": "soon" })), "until"),
        (grant(json!({ "until": "2026-02-30" })), "until"),
        (grant(json!({ "entitlement": plain })), "entitlement"),
        (grant(json!({ "entitlement": draft })), "entitlement"),
        (grant(json!({ "entitlement": hidden })), "entitlement"),
        (grant(json!({ "entitlement": scene.anna })), "entitlement"),
        (grant(json!({ "grant": foreign })), "grant"),
        (json!({ "kind": "grant" }), "entitlement"),
        (json!({ "kind": "extend", "until": "2026-02-01" }), "grant"),
        (json!({ "kind": "extend", "grant": foreign, "until": "2026-02-01" }), "grant"),
        (json!({ "kind": "revoke", "grant": foreign }), "grant"),
        (json!({ "kind": "revoke", "grant": scene.anna }), "grant"),
        (json!({ "kind": "take" }), "kind"),
        (grant(json!({ "colour": "red" })), "colour"),
    ] {
        let new = json!({ "items": [item] });
        let reply = scene.person("anna").json("POST", "/requests", &new).await;
        let wanted = format!("/items/0/{pointer}");
        let found: Vec<&str> = reply.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|error| error["pointer"].as_str())
            .collect();
        assert!(found.contains(&wanted.as_str()), "{new}: {found:?}");
        reply.problem(400, "invalid");
    }
    let new = json!({ "items": [{ "kind": "grant", "entitlement": strict }, grant(json!({})), grant(json!({}))] });
    let reply = scene.person("anna").json("POST", "/requests", &new).await;
    let found: Vec<&str> =
        reply.body["errors"].as_array().expect("errors").iter().filter_map(|error| error["pointer"].as_str()).collect();
    assert_eq!(
        found,
        ["/items/0/entitlement", "/items/0/until", "/items/2/entitlement", "/justification", "/legalBasis"]
    );
    for body in [json!({}), json!({ "items": [] }), json!({ "items": [grant(json!({}))], "justification": " " })] {
        scene.person("anna").json("POST", "/requests", &body).await.problem(400, "invalid");
    }
    let retire = format!("/applications/{}/entitlements/{group}", scene.application);
    scene.administrator.json("PATCH", &retire, &json!({ "state": "retired" })).await.expect(200);
    let retired = json!({ "items": [grant(json!({}))] });
    scene.person("anna").json("POST", "/requests", &retired).await.problem(400, "invalid");
    assert!(ids(&scene.administrator.get("/requests").await.body).is_empty(), "nothing was written");
}

/// People ask where they work today, or for the day from which on they work there.
async fn who_works_there_later_asks_for_later(server: Server) {
    let scene = Scene::new(server).await;
    let unit = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let unit = scene.administrator.json("POST", "/organisation-units", &unit).await.expect(201).id();
    let audience = json!({ "units": [unit], "employmentTypes": ["employee"] });
    let group = scene.entitlement("there", json!({ "risk": 0, "audience": audience })).await;
    let work = json!([
        { "value": "1", "organisationUnit": "ELSEWHERE", "type": "employee", "manager": scene.mara },
        { "value": "2", "organisationUnit": "RIG", "type": "employee", "start": "2026-06-01", "end": "2026-09-30" },
    ]);
    let path = "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:employments";
    let change = json!([{ "op": "add", "path": path, "value": work }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), change).await.expect(200);
    for from in [Value::Null, json!("2026-05-31"), json!("2026-10-01")] {
        let mut item = json!({ "kind": "grant", "entitlement": group });
        if !from.is_null() {
            item["from"] = from;
        }
        let reply = scene.person("anna").json("POST", "/requests", &json!({ "items": [item] })).await;
        assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/from", "{item}");
        reply.problem(400, "invalid");
    }
    assert!(!scene.holds(&scene.anna, &group).await);
    let item = json!({ "kind": "grant", "entitlement": group, "from": "2026-06-01" });
    assert_eq!(scene.ask("anna", item).await["state"], "scheduled");
    let stranger = json!({ "items": [{ "kind": "grant", "entitlement": group }] });
    let reply = scene.person("zane").json("POST", "/requests", &stranger).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/entitlement");
    scene.check().await;
}

/// A preview shows who would decide, or what is wrong, and writes nothing.
async fn a_preview_writes_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let free = scene.entitlement("free", json!({ "risk": 0 })).await;
    let new = json!({ "items": [
        { "kind": "grant", "entitlement": scene.group, "days": 30 }, { "kind": "grant", "entitlement": free },
    ] });
    let shown = scene.person("anna").json("POST", "/requests?dryRun=true", &new).await.expect(200).body;
    assert!(shown.get("id").is_none() && shown.get("number").is_none() && shown["items"][0].get("id").is_none());
    assert_eq!((&shown["items"][0]["state"], &shown["items"][1]["state"]), (&json!("pending"), &json!("fulfilled")));
    assert_eq!(shown["items"][0]["length"], 30 * 86_400);
    assert_eq!(shown["items"][0]["stages"][0]["approvers"], json!([{ "id": scene.mara }]));
    assert!(ids(&scene.administrator.get("/requests").await.body).is_empty());
    assert!(!scene.holds(&scene.anna, &free).await && scene.waiting("mara").await.is_empty());
    let wrong = json!({ "items": [{ "kind": "grant", "entitlement": scene.group, "until": "2020-01-01" }] });
    scene.person("anna").json("POST", "/requests?dryRun=true", &wrong).await.problem(400, "invalid");
    scene.person("anna").json("POST", "/requests?dryRun=maybe", &new).await.problem(400, "invalid");
}

/// Whoever names no period asks for the one that the entitlement proposes. It counts from the day on which it begins, and stands for the
/// end that great risk needs; whoever names a period has that.
async fn who_names_no_period_has_the_one_proposed(server: Server) {
    const DAY: i64 = 86_400;
    let scene = Scene::new(server).await;
    let lengths = json!({ "default": 60 * DAY, "longest": 90 * DAY });
    let group = scene.entitlement("proposed", json!({ "risk": 1, "duration": lengths })).await;
    let wish = json!({ "kind": "grant", "entitlement": group });
    let preview = json!({ "items": [wish] });
    let shown = scene.person("anna").json("POST", "/requests?dryRun=true", &preview).await.expect(200).body;
    assert_eq!((&shown["items"][0]["length"], shown["items"][0].get("until")), (&json!(60 * DAY), None));
    let item = scene.ask("anna", wish).await;
    assert_eq!(item["length"], json!(60 * DAY));
    scene.server.pass(DAY * 1000);
    let done = scene.approve("mara", id(&item)).await.expect(200).body;
    let grant = scene.administrator.get(&format!("/grants/{}", done["grant"].as_str().expect("a grant"))).await.body;
    let until = caurlaide::clock::timestamp(START + 61 * DAY * 1000);
    assert_eq!((&grant["state"], &grant["until"]), (&json!("active"), &json!(until)), "since it was decided");

    let said = scene.ask("mara", json!({ "kind": "grant", "entitlement": group, "days": 10 })).await;
    assert_eq!(said["length"], json!(10 * DAY), "what is said counts");
    scene.deed("zane", id(&said), "questions", &json!({ "question": "Ten days?" })).await.expect(200);
    let later = json!({ "change": { "from": "2026-01-20" } });
    let changed = scene.deed("mara", id(&said), "answers", &later).await.expect(200).body;
    assert_eq!(changed["length"], json!(60 * DAY), "what is asked for instead has it as well");
    let grave = scene.entitlement("grave", json!({ "risk": 3, "duration": { "default": 30 * DAY } })).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": grave })).await;
    assert_eq!((&item["state"], &item["length"]), (&json!("pending"), &json!(30 * DAY)));
    scene.check().await;
}

/// Risk 0 needs nobody's leave; risk 3 needs an end, a security officer, and people whose identity is sure.
async fn the_risk_says_who_decides(server: Server) {
    let scene = Scene::new(server).await;
    let free = scene.entitlement("free", json!({ "risk": 0 })).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": free })).await;
    assert_eq!((&item["state"], &item["stages"][0]["reason"]), (&json!("fulfilled"), &json!("notifyOnly")));
    assert!(scene.holds(&scene.anna, &free).await);

    let grave = scene.entitlement("grave", json!({ "risk": 3 })).await;
    let open = json!({ "items": [{ "kind": "grant", "entitlement": grave }] });
    let reply = scene.person("anna").json("POST", "/requests", &open).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/until");
    reply.problem(400, "invalid");
    let sofija = scene.user("sofija").await;
    let officers = scene.writer.group("officers", &[&sofija]).await.id();
    scene.administrator.json("PATCH", "/settings", &json!({ "securityOfficers": officers })).await.expect(200);
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": grave, "until": "2026-06-30" })).await;
    let now = scene.administrator.get(&format!("/request-items/{}", id(&item))).await.etag();
    let unsure = scene.issuer.person(&scene.server, "mara", "low");
    let vote = unsure.request("POST", &format!("/request-items/{}/votes", id(&item))).header("if-match", now);
    let vote = vote.header("content-type", "application/json").body(json!({ "decision": "approve" }).to_string());
    let told = unsure.send(vote).await;
    assert_eq!(told.body["needed"], "substantial");
    told.problem(403, "assurance");
    for name in ["mara", "oskars", "sofija"] {
        assert!(!scene.holds(&scene.anna, &grave).await, "{name}");
        let shown = scene.approve(name, id(&item)).await.expect(200).body;
        let stages = shown["stages"].as_array().expect("stages");
        let mut votes = stages.iter().filter_map(|stage| stage["votes"].as_array()).flatten();
        assert!(votes.all(|vote| vote["assurance"] == "substantial"));
    }
    assert!(scene.holds(&scene.anna, &grave).await);
    scene.check().await;
}

/// Who holds something may have it longer, if those agree who gave it, and give it back, which needs nobody's leave.
async fn what_is_held_is_prolonged_and_given_back(server: Server) {
    let scene = Scene::new(server).await;
    let limits = json!({ "risk": 1, "duration": { "longest": 30 * 86_400, "total": 50 * 86_400, "extensions": 1 } });
    let group = scene.entitlement("limited", limits).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group, "days": 30 })).await;
    let grant = scene.approve("mara", id(&item)).await.expect(200).body["grant"].clone();
    let again = json!({ "items": [{ "kind": "grant", "entitlement": group, "days": 30 }] });
    let reply = scene.person("anna").json("POST", "/requests", &again).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/entitlement");
    let extend = |until: &str| json!({ "kind": "extend", "grant": grant, "until": until });
    for until in ["2026-01-15", "2026-03-15"] {
        let wrong = json!({ "items": [extend(until)] });
        let reply = scene.person("anna").json("POST", "/requests", &wrong).await;
        assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/until", "{until}");
    }
    scene.server.pass(15 * 86_400_000);
    let item = scene.ask("anna", extend("2026-02-10")).await;
    assert_eq!(item["stages"][0]["approvers"][0]["id"], json!(scene.mara));
    let twin = scene.person("anna").json("POST", "/requests", &json!({ "items": [extend("2026-02-09")] })).await;
    assert_eq!(twin.body["errors"][0]["pointer"], "/items/0/grant");
    scene.approve("mara", id(&item)).await.expect(200);
    let path = format!("/grants/{}", grant.as_str().expect("a grant"));
    assert_eq!(scene.administrator.get(&path).await.body["until"], "2026-02-10T21:59:59.000Z");
    let reply = scene.person("anna").json("POST", "/requests", &json!({ "items": [extend("2026-02-12")] })).await;
    reply.problem(400, "invalid");
    let done = scene.ask("anna", json!({ "kind": "revoke", "grant": grant })).await;
    assert_eq!((&done["state"], &done["stages"]), (&json!("fulfilled"), &json!([])));
    assert!(!scene.holds(&scene.anna, &group).await);
    assert_eq!(scene.administrator.get(&path).await.body["ending"], "givenBack");
    let reply = scene
        .person("anna")
        .json("POST", "/requests", &json!({ "items": [{ "kind": "revoke", "grant": grant }] }))
        .await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/grant");
    for over in [json!({ "kind": "revoke", "grant": grant }), extend("2026-02-20")] {
        let reply = scene.person("anna").json("POST", "/requests", &json!({ "items": [over] })).await;
        let ended = json!({ "pointer": "/items/0/grant", "detail": "Has ended already." });
        assert_eq!(reply.body["errors"][0], ended);
    }
    scene.check().await;
}

/// An extension is decided by the grant as it is by then: one that lasts longer already, or for ever, is not made longer.
async fn what_lasts_longer_already_is_not_prolonged(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("held", json!({ "risk": 1, "duration": { "extensions": 2 } })).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group, "days": 30 })).await;
    let grant = scene.approve("mara", id(&item)).await.expect(200).body["grant"].clone();
    let item = scene.ask("anna", json!({ "kind": "extend", "grant": grant, "until": "2026-03-01" })).await;
    let path = format!("/grants/{}/extension", grant.as_str().expect("a grant"));
    let by_hand = json!({ "until": "2026-06-01T00:00:00Z", "reason": "for the test" });
    scene.administrator.json("POST", &path, &by_hand).await.expect(200);
    let late = scene.approve("mara", id(&item)).await;
    assert_eq!(late.body["state"], "active");
    assert!(late.body["detail"].as_str().expect("a detail").contains("it lasts as long already"), "{}", late.body);
    late.problem(409, "state");
    assert_eq!(scene.item(id(&item)).await["state"], "pending");
    let endless = scene.entitlement("endless", json!({ "risk": 1, "duration": { "extensions": 2 } })).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": endless })).await;
    let grant = scene.approve("mara", id(&item)).await.expect(200).body["grant"].clone();
    let extend = json!({ "items": [{ "kind": "extend", "grant": grant, "until": "2026-03-01" }] });
    let reply = scene.person("anna").json("POST", "/requests", &extend).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/until");
    assert!(reply.body["errors"][0]["detail"].as_str().expect("a detail").contains("has no end"));
    reply.problem(400, "invalid");
    scene.check().await;
}

/// The same call with the same key makes one request, another call with it is refused, and a day later the key is forgotten.
async fn a_key_makes_a_call_known_again(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.entitlement("other", json!({})).await;
    let call = async |entitlement: &str, key: &str| {
        let person = scene.person("anna");
        let body = json!({ "items": [{ "kind": "grant", "entitlement": entitlement }] }).to_string();
        let call = person.request("POST", "/requests").header("idempotency-key", key);
        person.send(call.header("content-type", "application/json").body(body)).await
    };
    let first = call(&scene.group, "k1").await.expect(201);
    let again = call(&scene.group, "k1").await.expect(201);
    assert_eq!((first.id(), first.header("location")), (again.id(), again.header("location")));
    call(&other, "k1").await.problem(422, "idempotency");
    call(&scene.group, "k2").await.problem(400, "invalid");
    call(&scene.group, "").await.problem(400, "invalid");
    assert_eq!(ids(&scene.administrator.get("/requests").await.body).len(), 1);
    scene.server.pass(24 * 3_600_000 + 1);
    call(&other, "k1").await.expect(201);
    assert_eq!(ids(&scene.administrator.get("/requests").await.body).len(), 2);
}

/// Two who ask for the same in one moment: one of them has.
async fn the_same_is_asked_for_once(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({ "subject": scene.anna, "items": [{ "kind": "grant", "entitlement": scene.group }] });
    let (anna, mara, oskars) = (scene.person("anna"), scene.person("mara"), scene.person("oskars"));
    let (one, two, three) = tokio::join!(
        anna.json("POST", "/requests", &new),
        mara.json("POST", "/requests", &new),
        oskars.json("POST", "/requests", &new),
    );
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400]);
    // Numbers have no gaps.
    let second = json!({ "items": [{ "kind": "grant", "entitlement": scene.group }] });
    let made = scene.person("oskars").json("POST", "/requests", &second).await.expect(201);
    assert_eq!(made.body["number"], "PR-2026-000002");
}

on_both_databases! {
    what_lasts_longer_already_is_not_prolonged,
    who_works_there_later_asks_for_later,
    what_is_approved_is_there_at_once,
    some_ask_for_others,
    what_cannot_be_asked_for_is_refused,
    a_preview_writes_nothing,
    who_names_no_period_has_the_one_proposed,
    the_risk_says_who_decides,
    what_is_held_is_prolonged_and_given_back,
    a_key_makes_a_call_known_again,
    the_same_is_asked_for_once,
}
