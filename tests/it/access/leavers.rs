//! People who leave and come back.

use futures_util::future::join_all;
use serde_json::json;

use super::Scene;
use crate::support::{Client, Reply, Server};

const DAY: i64 = 86_400_000;

async fn active(client: &Client, user: &str, is_active: bool) -> Reply {
    let operation = json!([{ "op": "replace", "path": "active", "value": is_active }]);
    client.patch(&format!("/Users/{user}"), operation).await.expect(200)
}

impl Scene {
    async fn in_step(&self) {
        let riga = self.server.find("riga").await;
        assert_eq!(self.server.store.tenant(riga.id).out_of_step().await.expect("a look"), None);
    }

    async fn is_in(&self, user: &str, group: &str) -> bool {
        self.members(group).await.contains(user)
    }

    async fn states(&self, user: &str) -> Vec<String> {
        let grants = self.grants(&[("user", user)]).await;
        grants.iter().map(|grant| grant["state"].as_str().expect("a state").to_owned()).collect()
    }
}

/// In the write that deactivates somebody every membership of theirs ends, whatever it came from; within thirty days all of it
/// comes back with them, and who had what in between is known.
async fn who_leaves_is_out_at_once_and_comes_back(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let berta = scene.writer.user("berta", json!({})).await.id();
    let plain = scene.writer.group("plain", &[&anna, &berta]).await.id();
    let mixed = scene.writer.group("mixed", &[&anna]).await.id();
    let given = scene.writer.group("given", &[]).await.id();
    scene.entitle(&mixed, "mixed", "scim").await;
    scene.entitle(&given, "given", "grants").await;
    scene.give(&anna, &given).await;
    scene.give(&anna, &mixed).await;
    scene.server.pass(DAY);
    let left = active(&scene.writer, &anna, false).await;
    assert_eq!(left.body.get("groups"), None, "{:#}", left.body);
    assert_eq!(scene.writer.get(&format!("/Users/{anna}")).await.etag(), left.etag());
    for group in [&plain, &mixed, &given] {
        assert!(!scene.is_in(&anna, group).await);
    }
    assert!(scene.is_in(&berta, &plain).await);
    assert_eq!(scene.states(&anna).await, ["suspended"; 4]);
    scene.in_step().await;
    assert_eq!(scene.wait(29 * DAY).await, 0, "nothing is over yet");
    let back = active(&scene.writer, &anna, true).await;
    assert_eq!(back.body["groups"].as_array().map(Vec::len), Some(3), "{:#}", back.body);
    for group in [&plain, &mixed, &given] {
        assert!(scene.is_in(&anna, group).await);
    }
    scene.in_step().await;
    scene.server.pass(DAY / 2);
    for (at, held) in [("2026-01-01T12:00:00Z", 3), ("2026-01-10T00:00:00Z", 0), ("2026-01-31T12:00:00Z", 3)] {
        let found = scene.administrator.find("/holdings", &[("user", &anna), ("at", at)]).await.expect(200).body;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(held), "{at}");
    }
    // What was taken away since is gone for good.
    scene
        .writer
        .patch(
            &format!("/Groups/{plain}"),
            json!([{ "op": "remove", "path": format!("members[value eq \"{anna}\"]") }]),
        )
        .await;
    active(&scene.writer, &anna, false).await;
    active(&scene.writer, &anna, true).await;
    assert!(!scene.is_in(&anna, &plain).await);
    scene.in_step().await;
}

/// Behind the window nothing comes back, and what has not begun when somebody leaves never does.
async fn behind_the_window_nothing_comes_back(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let plain = scene.writer.group("plain", &[&anna]).await.id();
    let given = scene.writer.group("given", &[]).await.id();
    let later = scene.writer.group("later", &[]).await.id();
    scene.entitle(&given, "given", "grants").await;
    scene.entitle(&later, "later", "grants").await;
    scene.give(&anna, &given).await;
    scene.give_for(&anna, &later, Some("2026-02-10T00:00:00Z"), None).await;
    active(&scene.writer, &anna, false).await;
    scene.wait(31 * DAY).await;
    let endings: Vec<_> = scene.grants(&[("user", &anna)]).await.iter().map(|grant| grant["ending"].clone()).collect();
    assert_eq!(endings, [json!("leaver"), json!("leaver"), json!("leaver")]);
    active(&scene.writer, &anna, true).await;
    scene.wait(31 * DAY).await;
    for group in [&plain, &given, &later] {
        assert!(!scene.is_in(&anna, group).await);
    }
    scene.in_step().await;
}

/// One timer a person waits for the end of the window, and it counts from the last time that they left.
async fn the_window_counts_from_the_last_time(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let plain = scene.writer.group("plain", &[&anna]).await.id();
    let given = scene.writer.group("given", &[]).await.id();
    let lost = scene.writer.group("lost", &[]).await.id();
    for group in [&given, &lost] {
        scene.entitle(group, &format!("e{}", &group[30..]), "grants").await;
        scene.give(&anna, group).await;
    }
    active(&scene.writer, &anna, false).await;
    let waits = async || {
        let timers = scene.administrator.get("/timers").await.expect(200).body;
        let timers = timers["items"].as_array().expect("items").clone();
        timers.into_iter().map(|one| (one["object"].clone(), one["kind"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(waits().await, [(json!(anna), json!("leaverReturn"))]);
    scene.server.pass(20 * DAY);
    active(&scene.writer, &anna, true).await;
    active(&scene.writer, &anna, false).await;
    assert_eq!(waits().await, [(json!(anna), json!("leaverReturn"))]);
    assert_eq!(scene.wait(11 * DAY).await, 0, "the first window is not what counts");
    active(&scene.writer, &anna, true).await;
    for group in [&plain, &given, &lost] {
        assert!(scene.is_in(&anna, group).await);
    }
    // Whoever has come back loses nothing when the window would have been over.
    assert_eq!(scene.wait(31 * DAY).await, 1);
    assert_eq!(waits().await, []);
    assert!(scene.is_in(&anna, &given).await && scene.is_in(&anna, &plain).await);
    scene.in_step().await;
}

/// Whoever is taken out of a group while they are away does not come back into it, however that is said.
async fn removal_wins_while_somebody_is_away(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let ways = ["filter", "value", "replaced", "put", "governed", "deleted"];
    let mut groups = Vec::new();
    // As they were left, and when somebody was let in once more meanwhile.
    for name in ways.iter().flat_map(|way| [way.to_string(), format!("{way} after all")]) {
        groups.push(scene.writer.group(&name, &[&anna]).await.id());
    }
    let kept = scene.writer.group("kept", &[&anna]).await.id();
    for (place, group) in groups.iter().enumerate().filter(|(place, _)| ways[place / 2] == "governed") {
        scene.entitle(group, &format!("governed-{place}"), "scim").await;
    }
    active(&scene.writer, &anna, false).await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": anna }] }]);
    for (place, group) in groups.iter().enumerate().filter(|(place, _)| place % 2 == 1) {
        scene.writer.patch(&format!("/Groups/{group}"), add.clone()).await;
        assert_eq!(scene.is_in(&anna, group).await, ways[place / 2] != "governed");
    }
    let by_filter = json!([{ "op": "remove", "path": format!("members[value eq \"{anna}\"]") }]);
    let by_value = json!([{ "op": "remove", "path": "members", "value": [{ "value": anna }] }]);
    let all = json!([{ "op": "replace", "path": "members", "value": [] }]);
    for (place, group) in groups.iter().enumerate() {
        let path = format!("/Groups/{group}");
        match ways[place / 2] {
            "value" => scene.writer.patch(&path, by_value.clone()).await.expect(204),
            "replaced" => scene.writer.patch(&path, all.clone()).await.expect(204),
            "put" => {
                let body = json!({ "schemas": [crate::support::client::GROUP], "displayName": path });
                scene.writer.put(&path, &body).await.expect(200)
            }
            "deleted" => scene.writer.delete(&path).await.expect(204),
            _ => scene.writer.patch(&path, by_filter.clone()).await.expect(204),
        };
    }
    let back = active(&scene.writer, &anna, true).await;
    let theirs: Vec<&str> =
        back.body["groups"].as_array().expect("groups").iter().filter_map(|group| group["value"].as_str()).collect();
    assert_eq!(theirs, [kept.as_str()]);
    scene.in_step().await;
}

/// What SCIM adds to somebody who is away waits for them where grants stand behind memberships; deletion ends all.
async fn what_comes_for_somebody_who_is_away_waits(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({ "active": false })).await.id();
    let group = scene.writer.group("group", &[]).await.id();
    scene.entitle(&group, "group", "scim").await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": anna }] }]);
    scene.writer.patch(&format!("/Groups/{group}"), add.clone()).await;
    assert!(!scene.is_in(&anna, &group).await);
    scene.in_step().await;
    active(&scene.writer, &anna, true).await;
    assert!(scene.is_in(&anna, &group).await);
    active(&scene.writer, &anna, false).await;
    scene.writer.delete(&format!("/Users/{anna}")).await.expect(204);
    assert_eq!(scene.states(&anna).await, ["ended"]);
    scene.in_step().await;
}

/// A restoration of what a client deactivated brings memberships back as well; they do not count beside the people.
async fn a_restoration_brings_memberships_back(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let group = scene.writer.group("group", &[&anna]).await.id();
    let given = scene.writer.group("given", &[]).await.id();
    scene.entitle(&given, "given", "grants").await;
    scene.give(&anna, &given).await;
    active(&scene.writer, &anna, false).await;
    scene.restore(scene.writer_id).await;
    assert!(scene.is_in(&anna, &group).await && scene.is_in(&anna, &given).await);
    scene.in_step().await;
}

/// What a restoration would give back is only tried: nobody has anything of it, not even for a moment in the history.
async fn a_restoration_that_is_tried_gives_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let (anna, berta) =
        (scene.writer.user("anna", json!({})).await.id(), scene.writer.user("berta", json!({})).await.id());
    let groups = [("given", "grants"), ("mixed", "scim")];
    let mut ids = Vec::new();
    for (name, authority) in groups {
        let group = scene.writer.group(name, &[]).await.id();
        scene.entitle(&group, name, authority).await;
        scene.give(&anna, &group).await;
        scene.give(&berta, &group).await;
        ids.push(group);
    }
    scene.server.pass(1000);
    for group in &ids {
        let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": anna }] }]);
        scene.writer.patch(&format!("/Groups/{group}"), remove).await.expect(204);
    }
    scene.writer.delete(&format!("/Users/{berta}")).await.expect(204);
    let before = (scene.grants(&[]).await, scene.grants(&[("user", &anna)]).await);
    let wish = json!({
        "clientId": scene.writer_id, "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "dryRun": true,
    });
    for _ in 0..2 {
        let report = scene.administrator.json("POST", "/restorations", &wish).await.expect(200).body;
        assert_eq!(
            (&report["restored"]["users"], &report["restored"]["memberships"]),
            (&json!(1), &json!(4)),
            "{report:#}"
        );
        assert_eq!((scene.grants(&[]).await, scene.grants(&[("user", &anna)]).await), before);
        scene.writer.get(&format!("/Users/{berta}")).await.refused(404, "");
        for group in &ids {
            assert!(scene.members(group).await.is_empty());
        }
    }
    scene.in_step().await;
    scene.restore(scene.writer_id).await;
    for group in &ids {
        assert_eq!(scene.members(group).await.len(), 2);
    }
    scene.in_step().await;
}

/// Many who leave the same groups in the same moment: each is a change of its own, and none is lost.
async fn many_leave_the_same_groups_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let mut people = Vec::new();
    for n in 0..12 {
        people.push(scene.writer.user(&format!("user-{n}"), json!({})).await.id());
    }
    let stays = scene.writer.user("stays", json!({})).await.id();
    let everybody: Vec<&String> = people.iter().chain([&stays]).collect();
    let everybody: Vec<&str> = everybody.into_iter().map(String::as_str).collect();
    let (all, some) = (scene.writer.group("all", &everybody).await, scene.writer.group("some", &everybody).await);
    let half = scene.writer.group("half", &everybody[..6]).await;
    let first = scene.writer.get(&format!("/Groups/{}", all.id())).await;
    join_all(people.iter().map(|user| active(&scene.writer, user, false))).await;
    for group in [&all, &some, &half] {
        let left: Vec<String> = scene.members(&group.id()).await.into_iter().collect();
        assert_eq!(left, if group.id() == half.id() { vec![] } else { vec![stays.clone()] });
    }
    let version = |reply: &Reply| -> i64 {
        let etag = reply.etag();
        etag.trim_start_matches("W/").trim_matches('"').parse().expect("a version")
    };
    let after = scene.writer.get(&format!("/Groups/{}", all.id())).await;
    assert_eq!(version(&after), version(&first) + 12);
    assert!(after.body["meta"]["lastModified"].as_str() >= first.body["meta"]["lastModified"].as_str());
    for user in &people {
        let is_in_half = people.iter().position(|other| other == user) < Some(6);
        assert_eq!(scene.states(user).await, vec!["suspended"; if is_in_half { 3 } else { 2 }]);
    }
    scene.in_step().await;
    join_all(people.iter().map(|user| active(&scene.writer, user, true))).await;
    assert_eq!(scene.members(&all.id()).await.len(), 13);
    assert_eq!(scene.members(&half.id()).await.len(), 6);
    scene.in_step().await;
}

on_both_databases! {
    a_restoration_that_is_tried_gives_nothing,
    many_leave_the_same_groups_at_once,
    who_leaves_is_out_at_once_and_comes_back,
    behind_the_window_nothing_comes_back,
    the_window_counts_from_the_last_time,
    removal_wins_while_somebody_is_away,
    what_comes_for_somebody_who_is_away_waits,
    a_restoration_brings_memberships_back,
}
