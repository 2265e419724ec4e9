//! The story of one person's rights, as `examples/lifecycle.sh` tells it: from the day on which HR writes her to the question who had
//! what. Everything goes through HTTP; only the clock is moved by the test.

mod town;

use serde_json::{Value, json};

use crate::support::{
    Server,
    client::{ENTERPRISE, MUNICIPAL},
};
use town::{DAY, HOUR, Town, hired, items};

/// What the story knows of Anna as it goes on.
struct Anna {
    id: String,
    /// Her request items: for assessing, for viewing.
    asked: [String; 2],
    /// The grants that came of them.
    grants: [String; 2],
}

async fn the_story_of_one_persons_rights(server: Server) {
    let town = Town::new(server).await;
    let id = hr_writes_her_and_she_has_what_her_place_gives(&town).await;
    she_sees_what_is_offered_and_what_stands_against_it(&town, &id).await;
    let asked = she_asks_once(&town, &id).await;
    a_deputy_and_the_owner_decide(&town, &id, &asked).await;
    let grants = the_application_sees_her(&town, &id, &asked).await;
    let anna = Anna { id, asked, grants };
    she_has_it_longer(&town, &anna).await;
    she_moves_and_her_new_manager_looks_at_it(&town, &anna).await;
    a_review_takes_one_right_away(&town, &anna).await;
    she_leaves_and_is_out_in_the_same_second(&town, &anna).await;
    she_returns_and_so_does_what_she_had(&town, &anna).await;
    who_had_what_is_known(&town, &anna).await;
}

/// Her groups, as SCIM shows them, sorted.
async fn groups(town: &Town, user: &str) -> Vec<String> {
    let user = town.hr.get(&format!("/Users/{user}")).await.expect(200).body;
    let groups = user["groups"].as_array().into_iter().flatten();
    let mut groups: Vec<String> = groups.map(|group| group["display"].as_str().expect("a name").to_owned()).collect();
    groups.sort_unstable();
    groups
}

async fn hr_writes_her_and_she_has_what_her_place_gives(town: &Town) -> String {
    let anna = town.hr.user("anna", hired("TAX", "Assessor", Some(&town.mara))).await;
    let id = anna.id();
    assert_eq!(anna.body["groups"][0]["value"], json!(town.write), "in the answer of the same write");
    assert_eq!(groups(town, &id).await, ["write"]);
    let grants = town.list("/grants", &[("user", &id)]).await;
    assert_eq!(grants.len(), 1, "{grants:#?}");
    let by_place = &grants[0];
    assert_eq!((&by_place["source"], &by_place["state"]), (&json!("rule"), &json!("active")));
    assert_eq!(by_place["entitlement"], json!(town.write));
    assert_eq!(by_place["from"], "2026-01-05T08:00:00.000Z", "{by_place:#}");
    assert_eq!(by_place.get("until"), None);
    assert!(town.read_by_application(&town.assess).await.is_empty());
    id
}

/// What she wishes for.
fn wish(town: &Town) -> Value {
    json!({ "justification": "Takes over from Ilze", "items": [
        { "kind": "grant", "entitlement": town.assess, "days": 60 },
        { "kind": "grant", "entitlement": town.view, "days": 180 },
    ] })
}

async fn she_sees_what_is_offered_and_what_stands_against_it(town: &Town, id: &str) {
    let anna = town.person("anna");
    let offers = items(&anna.get("/offers").await.expect(200).body);
    let mut names: Vec<&str> = offers.iter().filter_map(|offer| offer["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Loma assess", "Loma view"], "what she has is not offered");

    let preview = anna.json("POST", "/requests?dryRun=true", &wish(town)).await.expect(200).body;
    let assess = &preview["items"][0];
    assert_eq!(assess["conflicts"], json!([{ "rule": town.rule, "mode": "warn", "excepted": false }]));
    let approvers = |stage: usize| assess["stages"][stage]["approvers"].clone();
    assert_eq!(approvers(0), json!([{ "id": town.mara }]), "{assess:#}");
    assert_eq!(assess["stages"].as_array().map(Vec::len), Some(2), "risk 2: the line manager, then the owner");
    assert_eq!(preview["items"][1]["stages"].as_array().map(Vec::len), Some(1), "risk 1: the line manager");
    assert_eq!(preview["items"][1].get("conflicts"), None);
    assert_eq!((preview.get("id"), preview.get("number")), (None, None), "nothing is written");
    assert!(town.list("/requests", &[("subject", id)]).await.is_empty());
    assert!(town.told("mara").await.is_empty());
}

async fn she_asks_once(town: &Town, id: &str) -> [String; 2] {
    let anna = town.person("anna");
    let ask = async || {
        let request = anna.request("POST", "/requests").header("idempotency-key", "her-wish");
        anna.send(request.json(&wish(town))).await.expect(201).body
    };
    let request = ask().await;
    assert_eq!(ask().await, request, "sent once more it is the same");
    assert_eq!(town.list("/requests", &[("subject", id)]).await.len(), 1);
    assert_eq!((&request["number"], &request["state"]), (&json!("PR-2026-000001"), &json!("open")));
    assert_eq!((&request["subject"], &request["requester"]), (&json!(id), &json!(id)));
    assert_eq!(request["items"][0]["conflicts"][0]["rule"], json!(town.rule), "who decides sees it too");
    assert_eq!(town.told("mara").await, ["decisionWanted", "decisionWanted"]);
    assert_eq!(groups(town, id).await, ["write"], "nobody has decided");
    let item = |number: usize| request["items"][number]["id"].as_str().expect("an id").to_owned();
    [item(0), item(1)]
}

async fn a_deputy_and_the_owner_decide(town: &Town, id: &str, [assess, view]: &[String; 2]) {
    let anna = town.person("anna");
    let (path, vote) = (format!("/request-items/{assess}"), json!({ "decision": "approve" }));
    let read = anna.get(&path).await.expect(200).etag();
    let own = anna.request("POST", &format!("{path}/votes")).header("if-match", read).json(&vote);
    anna.send(own).await.problem(403, "forbidden");
    town.person("ilze").get(&path).await.problem(404, "");

    let holidays =
        json!({ "delegate": town.ilze, "duties": ["approvals"], "from": "2026-01-05", "until": "2026-01-16" });
    town.person("mara").json("POST", "/delegations", &holidays).await.expect(201);
    town.wait(HOUR).await;
    let decided = town.approves("ilze", assess).await;
    let said = &decided["stages"][0]["votes"][0];
    assert_eq!((&said["voter"], &said["onBehalfOf"]), (&json!(town.ilze), &json!(town.mara)));
    assert_eq!((&decided["state"], &decided["stages"][1]["state"]), (&json!("pending"), &json!("open")));
    assert_eq!(decided["stages"][1]["approvers"], json!([{ "id": town.oskars }]));
    assert_eq!(town.approves("ilze", view).await["state"], "fulfilled");
    assert_eq!(groups(town, id).await, ["view", "write"]);

    town.wait(DAY).await;
    assert_eq!(town.told("oskars").await, ["decisionWanted", "decisionDue"], "a day of work has gone by");
    let done = town.approves("oskars", assess).await;
    assert_eq!((&done["state"], &done["stages"][1]["votes"][0]["voter"]), (&json!("fulfilled"), &json!(town.oskars)));
    assert_eq!(groups(town, id).await, ["assess", "view", "write"]);
    assert_eq!(town.told("anna").await, ["fulfilled", "fulfilled"]);
}

async fn the_application_sees_her(town: &Town, id: &str, asked: &[String; 2]) -> [String; 2] {
    for group in [&town.assess, &town.view] {
        assert_eq!(town.read_by_application(group).await, [json!(id)]);
    }
    assert_eq!(town.application.get(&format!("/Users/{id}")).await.expect(200).body["userName"], "anna");
    assert!(town.application.get(&format!("/Groups/{}", town.write)).await.status == 404, "of another application");
    let found = town.list("/sod-violations", &[("user", id)]).await;
    assert_eq!((found.len(), &found[0]["state"]), (1, &json!("detected")), "what was given against a warning");
    let mut grants = Vec::new();
    for item in asked {
        let item = town.administrator.get(&format!("/request-items/{item}")).await.expect(200).body;
        grants.push(item["grant"].as_str().expect("a grant").to_owned());
    }
    let [assess, view] = grants.try_into().expect("two grants");
    let given = town.administrator.get(&format!("/grants/{assess}")).await.expect(200).body;
    assert_eq!((&given["source"], &given["state"]), (&json!("request"), &json!("active")), "{given:#}");
    assert_eq!(given["given"]["user"], json!(town.oskars), "by whom in the end");
    assert_eq!(given["until"], "2026-03-07T09:00:00.000Z", "sixty days from the decision");
    [assess, view]
}

async fn she_has_it_longer(town: &Town, anna: &Anna) {
    town.wait(27 * DAY).await;
    let [assess, _] = &anna.grants;
    let wish = json!({ "justification": "The assessment goes on", "items": [
        { "kind": "extend", "grant": assess, "until": "2026-05-29" },
    ] });
    let asked = town.person("anna").json("POST", "/requests", &wish).await.expect(201).body;
    let item = asked["items"][0]["id"].as_str().expect("an id").to_owned();
    town.person("ilze").get(&format!("/request-items/{item}")).await.problem(404, "");
    let first = town.approves("mara", &item).await;
    assert_eq!(first["state"], "pending", "Māra is back, and the owner decides after her");
    assert_eq!(town.administrator.get(&format!("/grants/{assess}")).await.body["until"], "2026-03-07T09:00:00.000Z");
    let second = town.approves("oskars", &item).await;
    assert_eq!((&second["state"], &second["grant"]), (&json!("fulfilled"), &json!(assess)));
    let longer = town.administrator.get(&format!("/grants/{assess}")).await.expect(200).body;
    assert_eq!(longer["until"], "2026-05-29T20:59:59.000Z", "the last second of that day in Riga");
    assert_eq!((&longer["state"], &longer["extensions"][0]["user"]), (&json!("active"), &json!(town.oskars)));
}

/// HR moves her to the school board, under Dace.
async fn moved(town: &Town, anna: &Anna) {
    let work = json!([{ "value": "1", "organisationUnit": "EDU", "position": "Clerk", "type": "employee" }]);
    let change = json!([
        { "op": "replace", "path": format!("{MUNICIPAL}:employments"), "value": work },
        { "op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": { "value": town.dace } },
    ]);
    town.hr.patch(&format!("/Users/{}", anna.id), change).await.expect(200);
    town.timers().await;
}

async fn she_moves_and_her_new_manager_looks_at_it(town: &Town, anna: &Anna) {
    town.wait(7 * DAY).await;
    moved(town, anna).await;
    let by_place = town.list("/grants", &[("user", &anna.id), ("entitlement", &town.write)]).await;
    assert_eq!((&by_place[0]["state"], &by_place[0]["until"]), (&json!("active"), &json!("2026-02-23T09:00:00.000Z")));
    let reviews = town.list("/reviews", &[]).await;
    assert_eq!((reviews.len(), &reviews[0]["micro"], &reviews[0]["state"]), (1, &json!(true), &json!("active")));
    let review = reviews[0]["id"].as_str().expect("an id");
    assert!(town.told("mara").await.contains(&"reviewWanted".to_owned()));

    let dace = town.person("dace");
    let waiting = items(&dace.get("/review-items?waitingFor=me").await.expect(200).body);
    assert_eq!(waiting.len(), 2, "what she had asked for, not what her place gave");
    for item in &waiting {
        let mut reviewers: Vec<&Value> =
            item["reviewers"].as_array().expect("reviewers").iter().map(|one| &one["id"]).collect();
        reviewers.sort_by_key(|one| one.as_str().map(str::to_owned));
        let mut both = [json!(town.mara), json!(town.dace)];
        both.sort_by_key(|one| one.as_str().map(str::to_owned));
        assert_eq!(reviewers, both.iter().collect::<Vec<_>>());
        let path = format!("/review-items/{}/decision", item["id"].as_str().expect("an id"));
        town.person("anna").json("POST", &path, &json!({ "verdict": "keep" })).await.problem(404, "");
        dace.json("POST", &path, &json!({ "verdict": "keep" })).await.expect(200);
    }
    town.timers().await;
    let over = town.administrator.get(&format!("/reviews/{review}")).await.expect(200).body;
    assert_eq!((&over["state"], &over["counts"]), (&json!("completed"), &json!({ "doneKept": 2 })));
    for item in town.list(&format!("/reviews/{review}/items"), &[]).await {
        assert_eq!((&item["state"], &item["certified"]), (&json!("doneKept"), &json!("2026-02-09T09:00:00.000Z")));
        assert_eq!(item["decisions"][0]["by"], json!(town.dace));
    }
    assert_eq!(groups(town, &anna.id).await, ["assess", "view", "write"]);
    town.wait(14 * DAY).await;
    assert_eq!(groups(town, &anna.id).await, ["assess", "view"], "what her old place gave has run out");
    let found = town.list("/sod-violations", &[("user", &anna.id)]).await;
    assert_eq!(found[0]["state"], "resolved", "and with it the conflict");
}

async fn a_review_takes_one_right_away(town: &Town, anna: &Anna) {
    town.wait(14 * DAY).await;
    let new = json!({ "name": "Property tax", "scope": { "application": town.tax }, "reviewers": ["owner"] });
    let review = town.administrator.json("POST", "/reviews", &new).await.expect(201).id();
    town.timers().await;
    let oskars = town.person("oskars");
    let page = oskars.get(&format!("/reviews/{review}/items")).await.expect(200).body;
    let item_of = |group: &str| {
        let item = items(&page).into_iter().find(|item| item["entitlement"] == group).expect("an item");
        item["id"].as_str().expect("an id").to_owned()
    };
    assert_eq!(items(&page).len(), 2);
    let decide = async |group: &str, verdict: Value| {
        let path = format!("/review-items/{}/decision", item_of(group));
        oskars.json("POST", &path, &verdict).await.expect(200).body
    };
    let revoked = decide(&town.view, json!({ "verdict": "revoke", "comment": "Works elsewhere now" })).await;
    assert_eq!((&revoked["state"], &revoked["decisions"][0]["by"]), (&json!("revoke"), &json!(town.oskars)));
    assert_eq!(groups(town, &anna.id).await, ["assess", "view"], "until the review closes");
    decide(&town.assess, json!({ "verdict": "keep" })).await;
    town.timers().await;
    let over = town.administrator.get(&format!("/reviews/{review}")).await.expect(200).body;
    assert_eq!((&over["state"], &over["counts"]), (&json!("completed"), &json!({ "doneKept": 1, "doneChanged": 1 })));
    assert_eq!(groups(town, &anna.id).await, ["assess"]);
    assert!(town.read_by_application(&town.view).await.is_empty());
    let gone = town.administrator.get(&format!("/grants/{}", anna.grants[1])).await.expect(200).body;
    assert_eq!((&gone["state"], &gone["ending"]), (&json!("ended"), &json!("review")));
    assert_eq!(gone["ended"], "2026-03-09T09:00:00.000Z");
    assert_eq!(town.told("anna").await.last().map(String::as_str), Some("ended"));
}

async fn she_leaves_and_is_out_in_the_same_second(town: &Town, anna: &Anna) {
    town.wait(21 * DAY).await;
    let wish = json!({ "justification": "Longer still", "items": [
        { "kind": "extend", "grant": anna.grants[0], "until": "2026-08-31" },
    ] });
    let open = town.person("anna").json("POST", "/requests", &wish).await.expect(201).body;
    let open = format!("/request-items/{}", open["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(town.person("dace").get(&open).await.expect(200).body["state"], "pending", "her manager now");

    let change = json!([{ "op": "replace", "path": "active", "value": false }]);
    let left = town.hr.patch(&format!("/Users/{}", anna.id), change).await.expect(200).body;
    // No clock has moved and no timer has run.
    assert_eq!((&left["active"], left.get("groups")), (&json!(false), None));
    assert!(town.read_by_application(&town.assess).await.is_empty());
    assert!(groups(town, &anna.id).await.is_empty());
    let item = town.administrator.get(&open).await.expect(200).body;
    assert_eq!((&item["state"], &item["ended"]), (&json!("cancelled"), &json!("2026-03-30T09:00:00.000Z")));
    assert!(town.list("/requests", &[("subject", &anna.id), ("state", "open")]).await.is_empty());
    assert!(items(&town.person("dace").get("/request-items?waitingFor=me").await.expect(200).body).is_empty());
    let grant = town.administrator.get(&format!("/grants/{}", anna.grants[0])).await.expect(200).body;
    assert_eq!(grant["state"], "suspended");
    town.person("anna").get("/me").await.problem(401, "");
    let standing = town.administrator.get(&format!("/users/{}/standing", anna.id)).await.expect(200).body;
    assert_eq!((&standing["state"], &standing["memberships"]), (&json!("deactivated"), &json!(0)), "{standing:#}");
}

async fn she_returns_and_so_does_what_she_had(town: &Town, anna: &Anna) {
    town.wait(11 * DAY).await;
    assert!(groups(town, &anna.id).await.is_empty());
    let change = json!([{ "op": "replace", "path": "active", "value": true }]);
    let back = town.hr.patch(&format!("/Users/{}", anna.id), change).await.expect(200).body;
    assert_eq!(back["groups"][0]["value"], json!(town.assess), "in the answer of the same write");
    assert_eq!(groups(town, &anna.id).await, ["assess"], "what was taken away does not come back");
    assert_eq!(town.read_by_application(&town.assess).await, [json!(anna.id)]);
    let grant = town.administrator.get(&format!("/grants/{}", anna.grants[0])).await.expect(200).body;
    assert_eq!((&grant["state"], &grant["until"]), (&json!("active"), &json!("2026-05-29T20:59:59.000Z")));
    let requests = town.list("/requests", &[("subject", &anna.id), ("state", "open")]).await;
    assert!(requests.is_empty(), "nor does what she had asked for");
    town.person("anna").get("/me").await.expect(200);
}

async fn who_had_what_is_known(town: &Town, anna: &Anna) {
    town.wait(24 * DAY).await;
    let held = async |parameters: &[(&str, &str)]| -> Vec<String> {
        let found = town.list("/holdings", parameters).await;
        let mut codes: Vec<String> = found
            .iter()
            .map(|one| format!("{} by {}", one["code"].as_str().expect("a code"), one["grant"]["source"]))
            .collect();
        codes.sort_unstable();
        codes
    };
    let (assess, view, write) = ("assess by \"request\"", "view by \"request\"", "write by \"rule\"");
    for (at, all) in [
        ("2026-01-05T07:59:59Z", vec![]),
        ("2026-01-05T08:00:00Z", vec![write]),
        ("2026-01-05T09:00:00Z", vec![view, write]),
        ("2026-01-06T09:00:00Z", vec![assess, view, write]),
        ("2026-02-23T09:00:00Z", vec![assess, view]),
        ("2026-03-09T09:00:00Z", vec![assess]),
        ("2026-03-30T08:59:59Z", vec![assess]),
        ("2026-03-30T09:00:00Z", vec![]),
        ("2026-04-10T08:59:59Z", vec![]),
        ("2026-04-10T09:00:00Z", vec![assess]),
        ("2026-05-04T09:00:00Z", vec![assess]),
    ] {
        assert_eq!(held(&[("user", &anna.id), ("at", at)]).await, all, "she at {at}");
        let of_tax: Vec<&str> = all.into_iter().filter(|one| *one != write).collect();
        assert_eq!(held(&[("application", &town.tax), ("at", at)]).await, of_tax, "the application at {at}");
    }
    let own = town.person("anna").get("/me/holdings?at=2026-03-01T00:00:00Z").await.expect(200).body;
    assert_eq!(items(&own).len(), 2, "{own:#}");
    let decided = town.administrator.get(&format!("/request-items/{}", anna.asked[0])).await.expect(200).body;
    assert_eq!(decided["stages"][0]["votes"][0]["onBehalfOf"], json!(town.mara), "and why, by whose decision");
}

on_both_databases! { the_story_of_one_persons_rights }
