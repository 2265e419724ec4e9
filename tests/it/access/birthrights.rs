//! Birthrights: what people have because of where and as what they work.

use std::time::Duration;

use caurlaide::lifecycle::{birthright, everybody::Everybody};
use serde_json::{Value, json};
use store::Cause;

use super::Scene;
use crate::support::{
    Client, Server,
    client::{MUNICIPAL, USER},
};

const DAY: i64 = 24 * 3_600_000;

/// A municipality of finances, with taxes in it, and a school; a right of each of a few groups.
struct Town {
    scene: Scene,
    finances: String,
    school: String,
    /// Of everybody in the finances.
    papers: String,
    /// Of teachers.
    marks: String,
}

impl Town {
    async fn new(server: Server) -> Self {
        let scene = Scene::new(server).await;
        let unit = async |kind: &str, code: &str, parent: Option<&str>| {
            let mut new = json!({ "kind": kind, "code": code, "name": code });
            if let Some(parent) = parent {
                new["parent"] = parent.into();
            }
            scene.administrator.json("POST", "/organisation-units", &new).await.expect(201).id()
        };
        let city = unit("municipality", "RIG", None).await;
        let finances = unit("unit", "FIN", Some(&city)).await;
        unit("unit", "NIN", Some(&finances)).await;
        let school = unit("institution", "SKO", Some(&city)).await;
        let (papers, marks) =
            (scene.writer.group("papers", &[]).await.id(), scene.writer.group("marks", &[]).await.id());
        scene.entitle(&papers, "papers", "grants").await;
        scene.entitle(&marks, "marks", "scim").await;
        Self { scene, finances, school, papers, marks }
    }

    /// A rule of those who meet a condition.
    async fn rule(&self, when: Value, entitlement: &str) -> String {
        let rule = json!({ "name": "Rule", "when": when, "entitlements": [entitlement] });
        self.scene.administrator.json("POST", "/birthright-rules", &rule).await.expect(201).id()
    }

    async fn both_rules(&self) {
        self.rule(json!({ "within": self.finances }), &self.papers).await;
        self.rule(json!({ "all": [{ "within": self.school }, { "position": "SKOLOTĀJS" }] }), &self.marks).await;
    }

    async fn user(&self, name: &str, employments: Value) -> String {
        self.scene.writer.user(name, json!({ MUNICIPAL: { "employments": employments } })).await.id()
    }

    async fn moves(&self, user: &str, employments: Value) {
        let path = format!("{MUNICIPAL}:employments");
        let change = json!([{ "op": "replace", "path": path, "value": employments }]);
        self.scene.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    async fn has(&self, user: &str, group: &str) -> bool {
        self.scene.members(group).await.contains(user)
    }

    /// What rules have given somebody: of what, in which state, until when.
    async fn given(&self, user: &str) -> Vec<(String, String, Option<String>)> {
        let grants = self.scene.grants(&[("user", user)]).await;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let by_rules = grants.iter().filter(|grant| grant["source"] == "rule");
        by_rules
            .map(|grant| {
                let of = |name: &str| text(&grant[name]).expect("a text");
                (of("entitlement"), of("state"), text(&grant["until"]))
            })
            .collect()
    }

    async fn run(&self, administrator: &Client) -> Value {
        administrator.json("POST", "/birthright-runs", &json!({})).await.expect(200).body
    }

    /// The same as each night does.
    async fn night(&self) {
        let app = &self.scene.server.app;
        let riga = self.scene.server.find("riga").await;
        let data = app.store.tenant(riga.id);
        let service = app.catalogs.of(riga.id).await.expect("a service");
        let cause = Cause::operator();
        let everybody =
            Everybody { data: &data, catalog: &service.catalog, cause: &cause, clock: &app.clock, ids: &app.ids };
        everybody.follow(None, Duration::from_mins(1)).await.expect("a night");
    }
}

/// Whoever begins has at once what rules say, in the same write, by whatever write it is; who works nowhere of that has nothing.
async fn who_begins_has_it_at_once(server: Server) {
    let town = Town::new(server).await;
    town.both_rules().await;
    let (scene, writer) = (&town.scene, &town.scene.writer);
    let anna = town.user("anna", json!([{ "organisationUnit": "NIN" }])).await;
    assert!(town.has(&anna, &town.papers).await, "below the unit of the rule");
    assert_eq!(town.given(&anna).await, [(town.papers.clone(), "active".into(), None)]);
    let teacher = town.user("teacher", json!([{ "organisationUnit": "SKO", "position": "Skolotājs" }])).await;
    assert!(town.has(&teacher, &town.marks).await && !town.has(&teacher, &town.papers).await);
    let cook = town.user("cook", json!([{ "organisationUnit": "SKO", "position": "Pavārs" }])).await;
    let guest = writer.user("guest", json!({})).await.id();
    for nobody in [&cook, &guest] {
        assert!(town.given(nobody).await.is_empty());
    }
    let both = json!([{ "organisationUnit": "FIN" }, { "organisationUnit": "SKO", "position": "skolotājs" }]);
    let both = town.user("both", both).await;
    assert_eq!(town.given(&both).await.len(), 2);
    let single = json!({ MUNICIPAL: { "organisationUnit": { "value": "FIN" } } });
    let single = writer.user("single", single).await.id();
    assert!(town.has(&single, &town.papers).await, "by single attributes");
    let later = town.user("later", json!([{ "organisationUnit": "FIN", "start": "2026-01-03" }])).await;
    assert!(!town.has(&later, &town.papers).await, "their first day has not come");

    let new = |name: &str| {
        json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": {
            "schemas": [USER, MUNICIPAL], "userName": name, MUNICIPAL: { "employments": [{ "organisationUnit": "FIN" }] },
        } })
    };
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [new("x"), new("y")],
    });
    writer.post("/Bulk", &bulk).await.expect(200);
    for name in ["x", "y"] {
        let found = writer.find("/Users", &[("filter", &format!("userName eq \"{name}\""))]).await.body;
        let id = found["Resources"][0]["id"].as_str().expect("an id").to_owned();
        assert!(town.has(&id, &town.papers).await, "in bulk");
    }
    scene.check("birthrights").await;
    // What is neither work nor activity changes nothing.
    let before = town.given(&anna).await;
    writer
        .patch(&format!("/Users/{anna}"), json!([{ "op": "replace", "path": "title", "value": "x" }]))
        .await
        .expect(200);
    assert_eq!(town.given(&anna).await, before);
}

/// Whoever moves has at once what the new place gives; what the old one gave runs out after a fortnight, and stays if they come
/// back before. What they had asked for stays.
async fn who_moves_keeps_the_old_for_a_fortnight(server: Server) {
    let town = Town::new(server).await;
    town.both_rules().await;
    let scene = &town.scene;
    let anna = town.user("anna", json!([{ "organisationUnit": "FIN" }])).await;
    let asked = scene.writer.group("asked", &[]).await.id();
    scene.entitle(&asked, "asked", "grants").await;
    let asked_for = scene.give(&anna, &asked).await;
    let teaching = json!([{ "organisationUnit": "SKO", "position": "Skolotājs" }]);
    town.moves(&anna, teaching.clone()).await;
    let until = Some("2026-01-15T00:00:00.000Z".to_owned());
    let expected =
        [(town.papers.clone(), "active".to_owned(), until.clone()), (town.marks.clone(), "active".into(), None)];
    assert_eq!(town.given(&anna).await, expected);
    assert!(town.has(&anna, &town.papers).await && town.has(&anna, &town.marks).await);
    assert!(town.has(&anna, &asked).await);
    let data = scene.server.store.tenant(scene.server.find("riga").await.id);
    let work = data.begin(&Cause::operator(), || 0).await.expect("work");
    let to_review = birthright::to_review(&work, anna.parse().expect("an id")).await.expect("a look");
    work.roll_back().await.expect("undone");
    let to_review: Vec<String> = to_review.iter().map(ToString::to_string).collect();
    assert_eq!(to_review, [asked_for], "what rules gave needs no review");
    // The same once more changes nothing.
    town.moves(&anna, teaching).await;
    town.night().await;
    assert_eq!(town.given(&anna).await, expected);
    scene.server.pass(2 * DAY);
    town.moves(&anna, json!([{ "organisationUnit": "FIN" }])).await;
    let back = town.given(&anna).await;
    assert_eq!(back[0], (town.papers.clone(), "active".into(), None), "it stays after all");
    assert_eq!(back[1].2.as_deref(), Some("2026-01-17T00:00:00.000Z"));
    scene.check("a mover").await;
}

/// A day on which work begins or ends is felt that night.
async fn days_are_felt_at_night(server: Server) {
    let town = Town::new(server).await;
    town.both_rules().await;
    let work = json!([{ "organisationUnit": "FIN", "start": "2026-01-03", "end": "2026-01-10" }]);
    let anna = town.user("anna", work).await;
    town.night().await;
    assert!(town.given(&anna).await.is_empty());
    town.scene.server.pass(2 * DAY);
    town.night().await;
    assert!(town.has(&anna, &town.papers).await);
    town.scene.server.pass(8 * DAY);
    town.night().await;
    assert_eq!(town.given(&anna).await[0].2.as_deref(), Some("2026-01-25T00:00:00.000Z"));
}

/// Nights come by themselves where a tenant has rules: on the day that follows, once, by whichever node.
async fn nights_come_by_themselves(server: Server) {
    let town = Town::new(server).await;
    let app = &town.scene.server.app;
    town.scene.server.pass(DAY);
    assert_eq!(app.timers.nights().await.expect("nights"), 0, "without rules there are none");
    let later = json!([{ "organisationUnit": "FIN", "start": "2026-01-03" }]);
    let anna = town.user("anna", later).await;
    town.both_rules().await;
    // It is two in the morning in Latvia, and the night of the second.
    town.scene.server.pass(DAY - 3 * 3_600_000);
    assert_eq!(app.timers.nights().await.expect("nights"), 0, "it is not over yet");
    town.scene.server.pass(3_600_000 + 5 * 60_000);
    let (one, other) = tokio::join!(app.timers.nights(), app.timers.nights());
    assert_eq!(one.expect("nights") + other.expect("nights"), 1, "of two nodes one");
    assert!(town.has(&anna, &town.papers).await);
    assert_eq!(app.timers.nights().await.expect("nights"), 0);
    town.scene.server.pass(DAY);
    assert_eq!(app.timers.nights().await.expect("nights"), 1, "and again");
}

/// A rule that is new, changed or gone is foreseen, and then applied to everybody; done twice, the second time changes nothing.
async fn a_rule_is_foreseen_and_applied(server: Server) {
    let town = Town::new(server).await;
    let (scene, administrator) = (&town.scene, &town.scene.administrator);
    let mut clerks = Vec::new();
    for at in 0..3 {
        clerks.push(town.user(&format!("clerk{at}"), json!([{ "organisationUnit": "NIN" }])).await);
    }
    let gone = town.user("gone", json!([{ "organisationUnit": "NIN" }])).await;
    let left = json!([{ "op": "replace", "path": "active", "value": false }]);
    scene.writer.patch(&format!("/Users/{gone}"), left).await.expect(200);
    town.user("teacher", json!([{ "organisationUnit": "SKO" }])).await;
    let draft = json!({
        "name": "Papers", "state": "draft", "when": { "within": town.finances }, "entitlements": [town.papers],
    });
    let id = administrator.json("POST", "/birthright-rules", &draft).await.expect(201).id();
    let dry = format!("/birthright-rules/{id}/dry-run");
    let foreseen = administrator.json("POST", &dry, &json!({})).await.expect(200).body;
    assert_eq!((&foreseen["complete"], &foreseen["people"], &foreseen["given"]), (&json!(true), &json!(3), &json!(3)));
    let users: Vec<&str> =
        foreseen["items"].as_array().expect("items").iter().filter_map(|item| item["user"].as_str()).collect();
    assert_eq!(users, clerks);
    assert_eq!(foreseen["items"][0]["give"], json!([town.papers]));
    assert_eq!(town.run(administrator).await["people"], 0, "it does not count yet");
    let change = async |state: &str| {
        let mut rule = draft.clone();
        rule["state"] = state.into();
        let path = format!("/birthright-rules/{id}");
        let change = administrator.request("PUT", &path).header("if-match", "*").json(&rule);
        administrator.send(change).await.expect(200);
    };
    change("active").await;
    let run = town.run(administrator).await;
    assert_eq!((&run["people"], &run["given"], &run["complete"]), (&json!(3), &json!(3), &json!(true)));
    for clerk in &clerks {
        assert!(town.has(clerk, &town.papers).await);
    }
    assert!(!town.has(&gone, &town.papers).await, "who has left gets nothing");
    assert_eq!(town.run(administrator).await["people"], 0);
    let foreseen = administrator.json("POST", &dry, &json!({})).await.expect(200).body;
    assert_eq!(foreseen["people"], 0);
    change("retired").await;
    let run = town.run(administrator).await;
    assert_eq!((&run["people"], &run["runningOut"]), (&json!(3), &json!(3)));
    assert_eq!(town.given(&clerks[0]).await[0].2.as_deref(), Some("2026-01-15T00:00:00.000Z"));
    administrator.json("POST", "/birthright-runs", &json!({ "cursor": "x" })).await.problem(400, "invalid");
    administrator.json("POST", "/birthright-rules/x/dry-run", &json!({})).await.problem(404, "");
    // A group that SCIM is the source of: who is taken out has it no more until the next night.
    scene.check("a run").await;
}

/// Whoever comes back has what rules say; and what rules give is seen by the segregation of duties.
async fn who_comes_back_has_it_too(server: Server) {
    let town = Town::new(server).await;
    town.both_rules().await;
    let scene = &town.scene;
    let rule = json!({ "name": "Apart", "one": [town.papers], "other": [town.marks], "mode": "detect" });
    scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201);
    let anna = town.user("anna", json!([])).await;
    let active = |flag: bool| json!([{ "op": "replace", "path": "active", "value": flag }]);
    scene.writer.patch(&format!("/Users/{anna}"), active(false)).await.expect(200);
    let both = json!([{ "organisationUnit": "FIN" }, { "organisationUnit": "SKO", "position": "skolotājs" }]);
    town.moves(&anna, both).await;
    assert!(town.given(&anna).await.is_empty());
    scene.writer.patch(&format!("/Users/{anna}"), active(true)).await.expect(200);
    assert_eq!(town.given(&anna).await.len(), 2);
    let found = scene.administrator.get(&format!("/sod-violations?user={anna}")).await.expect(200).body;
    assert_eq!(found["items"][0]["state"], "detected");
    scene.server.suspend("riga").await;
    let administrator = scene.server.administrator("riga").await;
    let rules = administrator.get("/birthright-rules").await.expect(200).body;
    let first = rules["items"][0]["id"].as_str().expect("an id").to_owned();
    let gone = administrator.request("DELETE", &format!("/birthright-rules/{first}")).header("if-match", "*");
    administrator.send(gone).await.expect(204);
    assert_eq!(town.run(&administrator).await["runningOut"], 1, "a suspended tenant takes away");
}

on_both_databases! {
    who_begins_has_it_at_once,
    who_moves_keeps_the_old_for_a_fortnight,
    days_are_felt_at_night,
    nights_come_by_themselves,
    a_rule_is_foreseen_and_applied,
    who_comes_back_has_it_too,
}
