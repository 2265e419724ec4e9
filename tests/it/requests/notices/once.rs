//! Nobody hears of one thing twice, whatever is tried again.

use caurlaide::{
    clock::Ids,
    notices::{self, About, Telling},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use rights::{Audience, Instant, Notice, UserId};
use serde_json::json;
use sqlx::{AnyPool, Row};
use store::{Cause, NotificationContent};
use uuid::Uuid;

use super::Scene;
use crate::support::{Server, server::START};

async fn rows(look: &AnyPool) -> i64 {
    let row = sqlx::query("SELECT COUNT(*) FROM notification").fetch_one(look).await.expect("a count");
    row.get(0)
}

/// Of any events, told to anybody any number of times in any order, each of those who are there hears once.
async fn whatever_is_told_again_is_told_once(server: Server) {
    let scene = Scene::new(server).await;
    let gone = scene.user("gone").await;
    scene.active(&gone, false).await;
    let look = scene.server.database.look().await;
    let people: Vec<Uuid> =
        [&scene.anna, &scene.mara, &gone].into_iter().map(|id| id.parse().expect("an id")).collect();
    let objects: Vec<Uuid> = (1..=2).map(Uuid::from_u128).collect();
    let notices = vec![Notice::DecisionWanted, Notice::DecisionDue];
    let one = (select(objects), select(notices), 1..=2_i64, vec(select(people.clone()), 1..3));
    let telling = one.prop_map(|(object, notice, occurrence, users)| Telling {
        notice,
        audience: Audience::People(users.into_iter().map(UserId).collect()),
        about: About {
            content: NotificationContent { object: "requestItem".into(), id: object, ..Default::default() },
            occurrence,
            reviewers: Vec::new(),
        },
    });
    let mut runner = TestRunner::deterministic();
    let mut expected = std::collections::BTreeSet::new();
    let riga = scene.server.store.tenant(scene.server.find("riga").await.id);
    let ids = Ids::new(scene.server.app.clock.clone());
    let now = Instant::from_millis(START);
    let cause = Cause { client: None, user: None, request: "a test".into() };
    for round in 0..80 {
        let tree = vec(telling.clone(), 0..6).new_tree(&mut runner).expect("tellings");
        let tellings = proptest::strategy::ValueTree::current(&tree);
        let work = riga.begin(&cause, || START).await.expect("work");
        notices::tell(&work, &ids, now, &tellings).await.expect("told");
        if round % 4 == 3 {
            work.roll_back().await.expect("undone");
        } else {
            work.commit().await.expect("committed");
            for telling in &tellings {
                let Audience::People(users) = &telling.audience else { continue };
                for user in users.iter().filter(|user| user.0 != people[2]) {
                    let about = &telling.about;
                    expected.insert((about.content.id, telling.notice, about.occurrence, user.0));
                }
            }
        }
        assert_eq!(rows(&look).await, i64::try_from(expected.len()).expect("few"));
    }
    assert_eq!(expected.len(), 16, "everything was told at last");
}

/// Timers of two nodes tell once; whoever presses a button twice too.
async fn two_nodes_tell_once(mut server: Server) {
    let other = server.beside().await;
    let scene = Scene::new(server).await;
    scene.asked().await;
    scene.server.pass(7 * 86_400_000);
    let (here, there) = tokio::join!(scene.server.app.timers.run(), other.timers.run());
    assert!(here.expect("timers") + there.expect("timers") >= 2);
    assert_eq!(scene.kinds("zane").await, ["escalated"]);
    assert_eq!(scene.kinds("mara").await, ["decisionWanted", "decisionDue"]);
    let grant = json!({ "user": scene.anna, "entitlement": scene.group, "reason": "a test" });
    let given = scene.administrator.json("POST", "/grants", &grant).await.expect(201).id();
    let why = json!({ "reason": "a test" });
    let path = format!("/grants/{given}/revocation");
    let (one, two) =
        tokio::join!(scene.administrator.json("POST", &path, &why), scene.administrator.json("POST", &path, &why));
    assert!(one.status == 200 || two.status == 200);
    assert_eq!(scene.kinds("anna").await, ["ended"]);
}

/// A group of many is emptied with few statements, and after ninety days nobody knows of it.
async fn many_are_told_and_all_is_forgotten(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("many", json!({ "authority": "scim" })).await;
    let mut members = Vec::new();
    for at in 0..30 {
        members.push(scene.user(&format!("user{at}")).await);
    }
    let named: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    let all = json!([{ "op": "add", "path": "members", "value": named }]);
    scene.writer.patch(&format!("/Groups/{group}"), all).await.expect(204);
    let none = json!([{ "op": "remove", "path": "members" }]);
    scene.writer.patch(&format!("/Groups/{group}"), none).await.expect(204);
    let look = scene.server.database.look().await;
    assert_eq!(rows(&look).await, 30);
    assert_eq!(scene.kinds("user7").await, ["ended"]);
    let day = 86_400_000;
    assert_eq!(notices::forget_old(&scene.server.store, START + 90 * day).await.expect("forgotten"), 0);
    assert_eq!(notices::forget_old(&scene.server.store, START + 90 * day + 1).await.expect("forgotten"), 30);
    assert_eq!(rows(&look).await, 0);
}

on_both_databases! {
    whatever_is_told_again_is_told_once,
    two_nodes_tell_once,
    many_are_told_and_all_is_forgotten,
}
