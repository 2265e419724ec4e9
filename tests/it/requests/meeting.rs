//! Those who meet: what is asked for and decided while others write what it rests on comes out as if one had gone after the other.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Scene, id, ids, under};
use crate::support::{Server, client::MUNICIPAL};

const ROUNDS: usize = 8;

impl Scene {
    /// People who report to Māra.
    async fn team(&self, name: &str) -> Vec<(String, String)> {
        let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
        let mut team = Vec::new();
        for number in 0..ROUNDS {
            let name = format!("{name}{number}");
            let user = self.writer.user(&name, under(&self.mara, &sure)).await.id();
            team.push((name, user));
        }
        team
    }

    /// An entitlement about which the line manager decides alone.
    async fn of_managers(&self) -> String {
        self.governed("of managers", json!([{ "resolver": { "lineManager": 1 } }])).await
    }

    async fn open_items(&self) -> Vec<String> {
        let requests = self.administrator.get("/requests?state=open").await.expect(200).body;
        ids(&requests)
    }
}

/// Somebody leaves in the moment in which their manager says yes: they are in no group, and nothing of theirs is open.
async fn who_leaves_while_it_is_decided_is_out(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.of_managers().await;
    for (name, user) in scene.team("leaver").await {
        let item = scene.ask(&name, json!({ "kind": "grant", "entitlement": group })).await;
        let (vote, ()) = tokio::join!(scene.approve("mara", id(&item)), scene.active(&user, false));
        let now = scene.item(id(&item)).await;
        let expected = if vote.status == 200 { "fulfilled" } else { "cancelled" };
        assert_eq!(now["state"], expected, "{}: {:#}", vote.status, vote.body);
        assert!(!scene.holds(&user, &group).await);
        let grants = scene.administrator.get(&format!("/grants?user={user}")).await.expect(200).body;
        let states: Vec<&Value> = grants["items"].as_array().expect("items").iter().map(|one| &one["state"]).collect();
        assert!(states.iter().all(|state| *state == "suspended"), "{states:?}");
        scene.check().await;
    }
    assert_eq!(scene.open_items().await, Vec::<String>::new());
}

/// Somebody asks in the moment in which they leave: nothing stays open that nobody would end.
async fn who_asks_while_they_leave_has_nothing_open(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.of_managers().await;
    for (name, user) in scene.team("asker").await {
        let new = json!({ "items": [{ "kind": "grant", "entitlement": group }] });
        let person = scene.person(&name);
        let (asked, ()) = tokio::join!(person.json("POST", "/requests", &new), scene.active(&user, false));
        assert!([201, 400, 401].contains(&asked.status), "{}: {:#}", asked.status, asked.body);
        assert_eq!(scene.open_items().await, Vec::<String>::new(), "{}", asked.status);
    }
}

/// Many get the same in one moment: each of them is a member, and the group has changed as often.
async fn many_decisions_about_one_group_all_count(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.of_managers().await;
    let team = scene.team("member").await;
    let mut items = Vec::new();
    for (name, _) in &team {
        items.push(scene.ask(name, json!({ "kind": "grant", "entitlement": group })).await);
    }
    let before = scene.writer.get(&format!("/Groups/{group}")).await.etag();
    let votes = join_all(items.iter().map(|item| scene.approve("mara", id(item)))).await;
    for vote in votes {
        assert_eq!(vote.expect(200).body["state"], "fulfilled");
    }
    for (_, user) in &team {
        assert!(scene.holds(user, &group).await);
    }
    let after = scene.writer.get(&format!("/Groups/{group}")).await.etag();
    let number =
        |tag: &str| tag.chars().filter(char::is_ascii_digit).collect::<String>().parse::<usize>().expect("a number");
    assert_eq!(number(&after), number(&before) + ROUNDS);
    scene.check().await;
}

/// Many ask in one moment: each has a number of their own, and none is left out.
async fn many_requests_have_their_numbers(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.of_managers().await;
    let team = scene.team("person").await;
    let new = json!({ "items": [{ "kind": "grant", "entitlement": group }] });
    let people: Vec<_> = team.iter().map(|(name, _)| scene.person(name)).collect();
    let made = join_all(people.iter().map(|person| person.json("POST", "/requests", &new))).await;
    let mut numbers: Vec<String> =
        made.into_iter().map(|one| one.expect(201).body["number"].as_str().expect("a number").to_owned()).collect();
    numbers.sort_unstable();
    let expected: Vec<String> = (1..=ROUNDS).map(|number| format!("PR-2026-{number:06}")).collect();
    assert_eq!(numbers, expected);
}

/// An entitlement is retired in the moment in which somebody asks for it: either nobody could, or it has come to nothing.
async fn what_is_retired_meanwhile_is_not_asked_for(server: Server) {
    let scene = Scene::new(server).await;
    for (name, _) in scene.team("late").await {
        let group = scene.entitlement(&format!("for {name}"), json!({})).await;
        let new = json!({ "items": [{ "kind": "grant", "entitlement": group }] });
        let (person, path) = (scene.person(&name), format!("/applications/{}/entitlements/{group}", scene.application));
        let retired = json!({ "state": "retired" });
        let (asked, retired) =
            tokio::join!(person.json("POST", "/requests", &new), scene.administrator.json("PATCH", &path, &retired));
        retired.expect(200);
        assert!([201, 400].contains(&asked.status), "{}: {:#}", asked.status, asked.body);
        assert_eq!(scene.open_items().await, Vec::<String>::new(), "{}", asked.status);
    }
}

/// The group of an entitlement is deleted in the moment in which somebody asks for it: nothing stays open.
async fn what_is_deleted_meanwhile_is_not_asked_for(server: Server) {
    let scene = Scene::new(server).await;
    for (name, _) in scene.team("late").await {
        let group = scene.entitlement(&format!("for {name}"), json!({})).await;
        let new = json!({ "items": [{ "kind": "grant", "entitlement": group }] });
        let (person, path) = (scene.person(&name), format!("/Groups/{group}"));
        let (asked, deleted) = tokio::join!(person.json("POST", "/requests", &new), scene.writer.delete(&path));
        assert_eq!(deleted.status, 204, "{:#}", deleted.body);
        assert!([201, 400].contains(&asked.status), "{}: {:#}", asked.status, asked.body);
        assert_eq!(scene.open_items().await, Vec::<String>::new(), "{}", asked.status);
    }
}

/// Somebody is deleted in the moment in which they are let into a group, there or away: nothing is kept for who is not there.
async fn who_is_deleted_while_they_are_let_in_has_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let governed = scene.entitlement("of clients", json!({ "authority": "scim" })).await;
    let plain = scene.writer.group("plain", &[]).await.id();
    for (number, (_, user)) in scene.team("new").await.into_iter().enumerate() {
        if number % 2 == 1 {
            scene.active(&user, false).await;
        }
        let group = format!("/Groups/{}", if number % 4 < 2 { &governed } else { &plain });
        let path = format!("/Users/{user}");
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
        let (added, deleted) = tokio::join!(scene.writer.patch(&group, add), scene.writer.delete(&path));
        assert_eq!(deleted.status, 204, "{:#}", deleted.body);
        assert!([200, 204, 400].contains(&added.status), "{}: {:#}", added.status, added.body);
        let grants = scene.administrator.get(&format!("/grants?user={user}")).await.expect(200).body;
        let states: Vec<&Value> = grants["items"].as_array().expect("items").iter().map(|one| &one["state"]).collect();
        assert!(states.iter().all(|state| *state == "ended"), "{states:?}");
        scene.check().await;
    }
}

on_both_databases! {
    who_leaves_while_it_is_decided_is_out,
    who_asks_while_they_leave_has_nothing_open,
    many_decisions_about_one_group_all_count,
    many_requests_have_their_numbers,
    what_is_retired_meanwhile_is_not_asked_for,
    what_is_deleted_meanwhile_is_not_asked_for,
    who_is_deleted_while_they_are_let_in_has_nothing,
}
