//! `/t/{tenant}/api/v1/notifications`: who is told what, when.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::{
    requests::{ids, under},
    support::{Server, client::MUNICIPAL, server::START},
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// From the wish to the grant each hears once of what they have to do or have waited for; whoever does something knows it.
async fn each_hears_once_of_what_concerns_them(server: Server) {
    let scene = Scene::new(server).await;
    let berta = scene.user("berta").await;
    let new = json!({ "delegate": berta, "from": "2026-01-01", "until": "2026-06-30" });
    scene.person("mara").json("POST", "/delegations", &new).await.expect(201);
    let item = scene.asked().await;
    assert_eq!(scene.kinds("mara").await, ["decisionWanted"]);
    assert_eq!(scene.kinds("berta").await, ["decisionWanted"]);
    assert!(scene.told("anna").await.is_empty() && scene.told("oskars").await.is_empty());
    let deputy = &scene.told("berta").await[0];
    assert_eq!(deputy["deputyOf"], json!(scene.mara));
    assert_eq!(scene.told("mara").await[0].get("deputyOf"), None);
    let about = json!({
        "kind": "requestItem", "id": id(&item), "request": item["request"], "entitlement": scene.group, "subject": scene.anna,
    });
    let told = &scene.told("mara").await[0];
    assert!(item["request"].is_null() || told["about"] == about, "{told:#}");
    assert_eq!(told["about"]["id"], json!(id(&item)));

    scene.deed("mara", id(&item), "questions", &json!({ "question": "Why?" })).await.expect(200);
    assert_eq!(scene.kinds("anna").await, ["questionAsked"]);
    scene.deed("anna", id(&item), "answers", &json!({ "answer": "Because" })).await.expect(200);
    assert_eq!(scene.kinds("mara").await, ["decisionWanted", "questionAnswered"]);
    assert_eq!(scene.kinds("berta").await, ["decisionWanted", "questionAnswered"]);
    scene.approve("berta", id(&item)).await.expect(200);
    assert_eq!(scene.kinds("oskars").await, ["decisionWanted"]);
    scene.approve("oskars", id(&item)).await.expect(200);
    assert_eq!(scene.kinds("anna").await, ["questionAsked", "fulfilled"]);
    assert_eq!(scene.kinds("mara").await.len(), 2);
    assert!(scene.told("zane").await.is_empty());
}

/// What comes to nothing, and what is handed on, is told to those who asked, who decided and who have to decide now.
async fn what_comes_to_nothing_is_told(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.approve("mara", id(&item)).await.expect(200);
    scene.reject("oskars", id(&item)).await.expect(200);
    assert_eq!(scene.kinds("anna").await, ["rejected"]);
    assert_eq!(scene.kinds("mara").await, ["decisionWanted", "rejected"], "who has decided hears how it ended");
    assert_eq!(scene.kinds("oskars").await, ["decisionWanted"], "and who ended it knows");

    let item = scene.asked().await;
    scene.withdraw("anna", id(&item)).await.expect(200);
    assert_eq!(scene.kinds("mara").await[2..], ["decisionWanted", "withdrawn"]);
    let item = scene.asked().await;
    let handed = json!({ "to": scene.zane, "reason": "she knows" });
    scene.deed("mara", id(&item), "reassignments", &handed).await.expect(200);
    assert_eq!(scene.kinds("zane").await, ["reassigned"]);
    scene.withdraw("anna", id(&item)).await.expect(200);

    let new = json!({ "subject": scene.anna, "items": [{ "kind": "grant", "entitlement": scene.group, "from": "2026-02-01" }] });
    let item = scene.person("mara").json("POST", "/requests", &new).await.expect(201).body["items"][0].clone();
    assert_eq!(scene.kinds("anna").await, ["rejected", "askedFor"]);
    scene.approve("zane", id(&item)).await.expect(200);
    scene.approve("oskars", id(&item)).await.expect(200);
    assert_eq!(scene.kinds("anna").await[2..], ["scheduled"]);
    assert_eq!(scene.kinds("mara").await.last().map(String::as_str), Some("scheduled"));
    scene.wait(32 * DAY).await;
    assert_eq!(scene.kinds("anna").await[3..], ["fulfilled"]);
    assert_eq!(scene.kinds("mara").await.last().map(String::as_str), Some("fulfilled"));
}

/// Time reminds those who decide, tells others that they may, and both sides that nobody did.
async fn time_tells_too(server: Server) {
    let scene = Scene::new(server).await;
    scene.asked().await;
    scene.wait(2 * DAY).await;
    assert_eq!(scene.kinds("mara").await, ["decisionWanted", "decisionDue"]);
    scene.wait(5 * DAY).await;
    assert_eq!(scene.kinds("zane").await, ["escalated"]);
    scene.wait(30 * DAY).await;
    assert_eq!(scene.kinds("anna").await, ["expired"]);
    let told = scene.told("anna").await;
    assert!(told[0]["text"].as_str().expect("a text").contains("PR-2026-000001"), "{told:#?}");

    let new = json!({
        "user": scene.anna, "entitlement": scene.group, "until": "2026-03-13T14:50:00Z", "reason": "a test",
    });
    scene.administrator.json("POST", "/grants", &new).await.expect(201);
    let until = 1_773_413_400_000 - START - 37 * DAY;
    scene.wait(until - DAY + HOUR).await;
    let told = scene.person("anna").get("/notifications?kind=endsSoon").await.expect(200).body;
    let text = told["items"][0]["text"].as_str().expect("a text");
    assert!(text.contains("13.03.2026. plkst. 16:50") && text.contains("atlikusi 1 diena"), "{text}");
    assert!(scene.kinds("mara").await.contains(&"endsSoon".to_owned()), "and whoever she reports to");
    scene.wait(DAY).await;
    let told = scene.told("anna").await;
    assert_eq!(told[0]["kind"], "ended");
    assert!(told[0]["text"].as_str().expect("a text").contains("beidzies to termiņš"), "{told:#?}");
}

/// Whose grant an administrator or a client takes away is told so; who leaves is told nothing, and whoever asked for them is.
async fn losses_are_told_to_who_is_there(server: Server) {
    let scene = Scene::new(server).await;
    let grant = json!({ "user": scene.anna, "entitlement": scene.group, "reason": "a test" });
    let given = scene.administrator.json("POST", "/grants", &grant).await.expect(201).id();
    let why = json!({ "reason": "a test" });
    scene.administrator.json("POST", &format!("/grants/{given}/revocation"), &why).await.expect(200);
    assert_eq!(scene.kinds("anna").await, ["ended"]);
    scene.administrator.json("POST", &format!("/grants/{given}/revocation"), &why).await.expect(200);
    assert_eq!(scene.kinds("anna").await, ["ended"], "it was over");
    scene.administrator.json("POST", "/grants", &grant).await.expect(201);
    let away = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", scene.anna) }]);
    scene.writer.patch(&format!("/Groups/{}", scene.group), away).await.expect(204);
    assert_eq!(scene.kinds("anna").await, ["ended", "ended"]);

    let new = json!({ "subject": scene.anna, "items": [{ "kind": "grant", "entitlement": scene.group }] });
    scene.person("mara").json("POST", "/requests", &new).await.expect(201);
    scene.active(&scene.anna, false).await;
    assert_eq!(scene.kinds("mara").await, ["cancelled"]);
    scene.active(&scene.anna, true).await;
    assert_eq!(
        scene.kinds("anna").await,
        ["ended", "ended", "askedFor"],
        "what happened while she was away is not told"
    );

    scene.active(&scene.mara, false).await;
    let item = scene.asked().await;
    assert_eq!(item["stages"][0]["approvers"][0]["id"], json!(scene.zane));
    scene.active(&scene.zane, false).await;
    scene.wait(1000).await;
    assert_eq!(scene.item(id(&item)).await["state"], "rejected", "nobody is left who could decide");
    scene.active(&scene.mara, true).await;
    assert_eq!(scene.kinds("mara").await, ["cancelled"]);
    assert_eq!(scene.kinds("anna").await[3..], ["rejected"]);

    scene.server.pass(1000);
    scene.asked().await;
    scene.server.pass(1000);
    let retired = json!({ "state": "retired" });
    let path = format!("/applications/{}/entitlements/{}", scene.application, scene.group);
    scene.administrator.json("PATCH", &path, &retired).await.expect(200);
    assert_eq!(scene.kinds("anna").await[4..], ["cancelled"]);
    assert_eq!(scene.kinds("mara").await, ["cancelled", "decisionWanted"]);
}

/// Who looks after security hears of conflicts and of the end of what allowed them.
async fn security_hears_of_conflicts(server: Server) {
    let scene = Scene::new(server).await;
    let sofija = scene.user("sofija").await;
    let gone = scene.user("gone").await;
    let officers = scene.writer.group("officers", &[&sofija, &gone]).await.id();
    scene.active(&gone, false).await;
    scene.administrator.json("PATCH", "/settings", &json!({ "securityOfficers": officers })).await.expect(200);
    let other = scene.entitlement("collectors", json!({ "authority": "scim" })).await;
    let open = scene.entitlement("payers", json!({ "authority": "scim" })).await;
    let rule = json!({ "name": "Collects and pays", "one": [open], "other": [other], "mode": "detect" });
    scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201);
    for group in [&other, &open] {
        let joins = json!([{ "op": "add", "path": "members", "value": [{ "value": scene.anna }] }]);
        scene.writer.patch(&format!("/Groups/{group}"), joins).await.expect(204);
    }
    let told = scene.told("sofija").await;
    assert_eq!((told.len(), &told[0]["kind"]), (1, &json!("conflictFound")), "{told:#?}");
    assert!(told[0]["text"].as_str().expect("a text").contains("Collects and pays"), "{told:#?}");
    let violation = told[0]["about"]["id"].as_str().expect("an id").to_owned();
    let allowed = json!({ "reason": "a test", "control": "she is watched", "until": "2026-02-01T00:00:00Z" });
    let path = format!("/sod-violations/{violation}/exception");
    scene.administrator.json("POST", &path, &allowed).await.expect(200);
    scene.wait(40 * DAY).await;
    assert_eq!(scene.kinds("sofija").await, ["conflictFound", "exceptionEnds"]);
    let allowed = json!({ "reason": "a test", "control": "she is watched", "until": "2026-04-01T00:00:00Z" });
    scene.administrator.json("POST", &path, &allowed).await.expect(200);
    scene.administrator.ask("DELETE", &path).await.expect(200);
    assert_eq!(scene.kinds("sofija").await, ["conflictFound", "exceptionEnds", "exceptionEnds"]);
    scene.active(&gone, true).await;
    assert!(scene.told("gone").await.is_empty());
}

/// What is only tried, or refused, is told to nobody.
async fn what_does_not_happen_is_not_told(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({ "items": [{ "kind": "grant", "entitlement": scene.group }] });
    scene.person("anna").json("POST", "/requests?dryRun=true", &new).await.expect(200);
    let wrong = json!({ "items": [
        { "kind": "grant", "entitlement": scene.group }, { "kind": "grant", "entitlement": scene.group, "days": 0 },
    ] });
    scene.person("anna").json("POST", "/requests", &wrong).await.problem(400, "invalid");
    let other = scene.entitlement("collectors", json!({})).await;
    let rule = json!({ "name": "Apart", "one": [scene.group], "other": [other], "mode": "block" });
    scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201);
    let officers = scene.writer.group("officers", &[&scene.zane]).await.id();
    scene.administrator.json("PATCH", "/settings", &json!({ "securityOfficers": officers })).await.expect(200);
    let grant = |of: &str| json!({ "user": scene.anna, "entitlement": of, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &grant(&scene.group)).await.expect(201);
    scene.administrator.json("POST", "/grants", &grant(&other)).await.problem(409, "conflict");
    for name in ["anna", "mara", "zane", "oskars"] {
        assert!(scene.told(name).await.is_empty(), "{name}");
    }
}

/// A person sees their own, page by page, in the language that they want, and notes what they have read.
async fn people_read_their_own(server: Server) {
    let scene = Scene::new(server).await;
    let mut seen = Vec::new();
    for name in ["a", "b", "c"] {
        let group = scene.entitlement(name, json!({ "names": { "lv": "Vērtētājs", "en": "Assessor" } })).await;
        scene.server.pass(1000);
        seen.push(scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await);
    }
    let mara = scene.person("mara");
    let first = mara.get("/notifications?count=2").await.expect(200);
    assert_eq!(first.header("content-language"), Some("lv"), "nobody said");
    let cursor = first.body["nextCursor"].as_str().expect("more").to_owned();
    let newest = ids(&first.body);
    let about = |page: &Value| -> Vec<Value> {
        page["items"].as_array().expect("items").iter().map(|one| one["about"]["id"].clone()).collect()
    };
    assert_eq!(about(&first.body), [seen[2]["id"].clone(), seen[1]["id"].clone()], "the newest first");
    let last = mara.get(&format!("/notifications?count=2&cursor={cursor}")).await.expect(200).body;
    assert_eq!(about(&last), [seen[0]["id"].clone()]);
    assert!(last.get("nextCursor").is_none());

    let path = format!("/notifications/{}", newest[0]);
    let read = async |language: &str| {
        let request = mara.request("GET", &path).header("accept-language", language);
        mara.send(request).await.expect(200)
    };
    let latvian = read("lv").await.body;
    assert_eq!(latvian["subject"], "Vajadzīgs Jūsu lēmums: Vērtētājs");
    let text = latvian["text"].as_str().expect("a text");
    assert!(text.contains("PR-2026-000003") && text.contains("15.01.2026. plkst. 17:00"), "{text}");
    let english = read("en-GB").await;
    assert_eq!(english.header("content-language"), Some("en"));
    assert_eq!(english.body["subject"], "Your decision is needed: Assessor");
    assert_eq!(
        (english.body["created"].as_str(), english.body["mail"].as_str()),
        (Some("2026-01-01T00:00:03.000Z"), Some("none"))
    );

    for stranger in ["anna", "zane"] {
        scene.person(stranger).get(&path).await.problem(404, "");
        scene.person(stranger).ask("POST", &format!("{path}/reading")).await.problem(404, "");
    }
    assert!(mara.get(&path).await.expect(200).body.get("read").is_none());
    let noted = mara.ask("POST", &format!("{path}/reading")).await.expect(200).body;
    scene.server.pass(60_000);
    assert_eq!(mara.ask("POST", &format!("{path}/reading")).await.expect(200).body["read"], noted["read"]);
    assert_eq!(ids(&mara.get("/notifications?unread=true").await.expect(200).body).len(), 2);
    assert_eq!(ids(&mara.get("/notifications?unread=false").await.expect(200).body), newest[..1]);
    let until = json!({ "until": newest[1] });
    assert_eq!(mara.json("POST", "/notifications/readings", &until).await.expect(200).body["read"], 2);
    assert_eq!(mara.json("POST", "/notifications/readings", &json!({})).await.expect(200).body["read"], 0);
    assert!(ids(&mara.get("/notifications?kind=decisionDue").await.expect(200).body).is_empty());
    for wrong in ["kind=nothing", "unread=maybe", "count=0", "cursor=x", "unread=true&unread=false"] {
        mara.get(&format!("/notifications?{wrong}")).await.problem(400, "invalid");
    }
    mara.json("POST", "/notifications/readings", &json!({ "until": "x" })).await.problem(400, "invalid");
    scene.administrator.get("/notifications").await.problem(403, "");
}

/// Names are shown in a line, whatever stands in them, and what is gone has no name.
async fn names_do_not_break_lines(server: Server) {
    let scene = Scene::new(server).await;
    let evil = json!({ "displayName": "Eva\r\nBcc: all@riga.example", MUNICIPAL: { "assuranceLevel": "substantial" } });
    let eva = scene.writer.user("eva", under(&scene.mara, &evil)).await.id();
    let item = scene.ask("eva", json!({ "kind": "grant", "entitlement": scene.group })).await;
    let text = scene.told("mara").await[0]["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("Eva Bcc: all@riga.example") && !text.contains('\r'), "{text}");
    scene.writer.delete(&format!("/Users/{eva}")).await.expect(204);
    let text = scene.told("mara").await[0]["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("persona, kuras vairs nav"), "{text}");
    assert_eq!(scene.item(id(&item)).await["state"], "cancelled");
}

on_both_databases! {
    each_hears_once_of_what_concerns_them,
    what_comes_to_nothing_is_told,
    time_tells_too,
    losses_are_told_to_who_is_there,
    security_hears_of_conflicts,
    what_does_not_happen_is_not_told,
    people_read_their_own,
    names_do_not_break_lines,
}
