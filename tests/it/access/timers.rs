//! What happens to grants by itself, and `/t/{tenant}/api/v1/timers`.

use serde_json::{Value, json};
use sqlx::Row;

use super::{LATER, Scene, adding};
use crate::support::{Client, Kind, Server, program::Program};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// An entitlement that grants alone give, with anna, who is not in it.
async fn scene(server: Server) -> (Scene, String, String) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let group = scene.writer.group("tax", &[]).await.id();
    scene.entitle(&group, "tax", "grants").await;
    (scene, anna, group)
}

/// A grant begins and ends to the second, and the membership with it. Who had it when is known afterwards, and the log
/// says that nobody did it.
async fn it_begins_and_ends_by_itself(server: Server) {
    let (scene, anna, group) = scene(server).await;
    let grant = scene.give_for(&anna, &group, Some("2026-01-01T00:10:00Z"), Some("2026-01-01T00:30:00Z")).await;
    let shown = scene.grant(&grant).await;
    assert_eq!((&shown["state"], &shown["until"]), (&json!("scheduled"), &json!("2026-01-01T00:30:00.000Z")));
    assert_eq!(scene.wait(10 * MINUTE - 1).await, 0);
    assert!(scene.members(&group).await.is_empty());
    assert_eq!(scene.wait(1).await, 1);
    assert_eq!(scene.grant(&grant).await["state"], "active");
    assert!(scene.members(&group).await.contains(&anna));
    // Two announcements of the end, when a fifth and when a twentieth are left.
    assert_eq!(scene.wait(20 * MINUTE - 1).await, 1);
    assert!(scene.members(&group).await.contains(&anna));
    assert_eq!(scene.wait(1).await, 1);
    assert!(scene.members(&group).await.is_empty());
    let ended = scene.grant(&grant).await;
    assert_eq!((&ended["state"], &ended["ending"]), (&json!("ended"), &json!("expired")));
    assert_eq!(
        (&ended["from"], &ended["ended"]),
        (&json!("2026-01-01T00:10:00.000Z"), &json!("2026-01-01T00:30:00.000Z"))
    );
    assert_eq!(scene.wait(100 * DAY).await, 0, "nothing is left");
    for (at, held) in [("00:09:59", 0), ("00:10:00", 1), ("00:29:59", 1), ("00:30:00", 0)] {
        let at = format!("2026-01-01T{at}Z");
        assert_eq!(scene.grants(&[("user", &anna), ("at", &at)]).await.len(), held, "{at}");
    }
    let log = sqlx::query("SELECT changes, request_id FROM event WHERE kind = 'Grant' ORDER BY seq")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    let told: Vec<(Value, String)> =
        log.iter().map(|row| (serde_json::from_str(&row.get::<String, _>(0)).expect("JSON"), row.get(1))).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!((&told[1].0["added"], told[1].1.as_str()), (&json!([anna]), "timer"));
    assert_eq!((&told[2].0["removed"], told[2].1.as_str()), (&json!([anna]), "timer"));
    scene.check("by itself").await;
}

/// What cannot begin when its time has come ends instead: nobody gets what is not in use any more, or whom nobody knows.
/// Who is taken out before loses what was to come.
async fn what_cannot_begin_ends(server: Server) {
    let (scene, anna, group) = scene(server).await;
    let berta = scene.writer.user("berta", json!({})).await.id();
    let carl = scene.writer.user("carl", json!({})).await.id();
    let other = scene.writer.group("other", &[]).await.id();
    scene.entitle(&other, "other", "grants").await;
    let from = Some("2026-01-02T00:00:00Z");
    let retired = scene.give_for(&anna, &other, from, None).await;
    let taken = scene.give_for(&anna, &group, from, None).await;
    let gone = scene.give_for(&berta, &group, from, None).await;
    let open = scene.give_for(&carl, &group, from, None).await;
    let one = format!("{}/{other}", scene.entitlements());
    scene.administrator.json("PATCH", &one, &json!({ "state": "retired" })).await.expect(200);
    scene.revoke(&taken).await;
    scene.writer.delete(&format!("/Users/{berta}")).await.expect(204);
    scene.wait(DAY).await;
    for (grant, ending) in [(&retired, "retired"), (&taken, "administrator"), (&gone, "leaver")] {
        let grant = scene.grant(grant).await;
        assert_eq!((&grant["state"], &grant["ending"]), (&json!("ended"), &json!(ending)));
    }
    assert_eq!(scene.grant(&open).await["state"], "active");
    assert_eq!(scene.members(&group).await, [carl].into());
    scene.check("what could not begin").await;
}

/// What somebody may have by hand: no past, no end before the beginning, no high risk without an end, no longer than the
/// entitlement allows.
async fn spans_have_to_make_sense(server: Server) {
    let (scene, anna, group) = scene(server).await;
    let one = format!("{}/{group}", scene.entitlements());
    let refused = async |from: Option<&str>, until: Option<&str>, pointer: &str| {
        let mut new = json!({ "user": anna, "entitlement": group, "reason": "a test" });
        for (name, value) in [("from", from), ("until", until)] {
            if let Some(value) = value {
                new[name] = value.into();
            }
        }
        let reply = scene.administrator.json("POST", "/grants", &new).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{new}: {:#}", reply.body);
        reply.problem(400, "invalid");
    };
    refused(Some("2025-12-31T23:59:59Z"), None, "/from").await;
    refused(Some("tomorrow"), None, "/from").await;
    refused(None, Some("2026-01-01T00:00:00Z"), "/until").await;
    refused(Some("2026-02-01T00:00:00Z"), Some("2026-02-01T00:00:00Z"), "/until").await;
    refused(None, Some("2026-02-30"), "/until").await;
    scene.administrator.json("PATCH", &one, &json!({ "risk": 3 })).await.expect(200);
    refused(None, None, "/until").await;
    scene
        .administrator
        .json("PATCH", &one, &json!({ "risk": 1, "duration": { "longest": 2_592_000 } }))
        .await
        .expect(200);
    refused(None, None, "/until").await;
    refused(None, Some("2026-01-31T00:00:01Z"), "/until").await;
    assert!(scene.grants(&[]).await.is_empty(), "nothing has changed");
    scene.give_for(&anna, &group, None, Some("2026-01-31T00:00:00Z")).await;
}

/// The end of a grant moves away, within what the entitlement allows, and it says who did that and why.
async fn ends_move_away(server: Server) {
    let (scene, anna, group) = scene(server).await;
    let one = format!("{}/{group}", scene.entitlements());
    let lengths = json!({ "duration": { "longest": 864_000, "total": 1_296_000 } });
    scene.administrator.json("PATCH", &one, &lengths).await.expect(200);
    let grant = scene.give_for(&anna, &group, None, Some("2026-01-06T00:00:00Z")).await;
    let path = format!("/grants/{grant}/extension");
    let extend = async |until: &str| {
        scene.administrator.json("POST", &path, &json!({ "until": until, "reason": "not done" })).await
    };
    let extended = extend("2026-01-09T00:00:00Z").await.expect(200).body;
    assert_eq!(extended["until"], "2026-01-09T00:00:00.000Z");
    assert_eq!(
        (&extended["extensions"][0]["reason"], &extended["extensions"][0]["until"]),
        (&json!("not done"), &extended["until"])
    );
    extend("2026-01-08T00:00:00Z").await.problem(400, "invalid");
    scene.wait(6 * DAY).await;
    assert_eq!(scene.grant(&grant).await["state"], "active", "the first end counts no more");
    extend("2026-01-17T00:00:00Z").await.problem(400, "invalid");
    extend("2026-01-15T00:00:00Z").await.expect(200);
    scene.wait(8 * DAY - 1).await;
    assert!(scene.members(&group).await.contains(&anna));
    scene.wait(1).await;
    assert!(scene.members(&group).await.is_empty());
    extend("2026-01-20T00:00:00Z").await.problem(409, "state");
}

/// What fails is put off, longer each time, and says why; an administrator finds it. When the cause is gone it is done. All
/// else goes on meanwhile.
async fn what_fails_is_tried_again(server: Server) {
    let (scene, anna, group) = scene(server).await;
    let berta = scene.writer.user("berta", json!({})).await.id();
    let until = Some("2026-01-01T00:10:00Z");
    let (broken, whole) =
        (scene.give_for(&anna, &group, None, until).await, scene.give_for(&berta, &group, None, until).await);
    let pool = scene.server.database.look().await;
    let content = |id: String| {
        let pool = pool.clone();
        let column = if scene.server.kind() == Kind::Postgres { "CAST(id AS text)" } else { "lower(hex(id))" };
        let id = if scene.server.kind() == Kind::Postgres { id } else { id.replace('-', "") };
        async move {
            let select = format!("SELECT content FROM access_grant WHERE {column} = '{id}'");
            let row = sqlx::query(sqlx::AssertSqlSafe(select)).fetch_one(&pool).await.expect("a grant");
            row.get::<String, _>(0)
        }
    };
    let sound = content(broken.clone()).await;
    let swap = async |from: &str, to: &str| {
        sqlx::query("UPDATE access_grant SET content = $1 WHERE content = $2")
            .bind(to)
            .bind(from)
            .execute(&pool)
            .await
            .expect("written");
    };
    swap(&sound, "{}").await;
    scene.wait(10 * MINUTE).await;
    assert_eq!(scene.grant(&whole).await["state"], "ended");
    let failed = async || scene.administrator.get("/timers?failed=true").await.expect(200).body["items"].clone();
    let told = failed().await;
    let end = told.as_array().expect("items").iter().find(|timer| timer["kind"] == "end").expect("one").clone();
    assert_eq!((&end["object"], &end["attempts"]), (&json!(broken), &json!(1)));
    assert_eq!(end["due"], "2026-01-01T00:10:01.000Z");
    assert!(end["failure"].as_str().is_some_and(|text| text.contains(&broken)), "{end}");
    assert_eq!(scene.wait(999).await, 0);
    scene.wait(1).await;
    let again = failed().await;
    let end = again.as_array().expect("items").iter().find(|timer| timer["kind"] == "end").expect("one");
    assert_eq!((&end["attempts"], &end["due"]), (&json!(2), &json!("2026-01-01T00:10:03.000Z")));
    assert!(scene.members(&group).await.contains(&anna), "nothing is half done");
    swap("{}", &sound).await;
    scene.wait(2000).await;
    assert_eq!(scene.grant(&broken).await["state"], "ended");
    assert_eq!(failed().await, json!([]));
    assert!(scene.members(&group).await.is_empty());
}

/// A tenant that is suspended gives nothing, and takes away all the same; what was to begin does so when it is back.
async fn a_suspended_tenant_takes_away_alone(server: Server) {
    let (scene, anna, group) = scene(server).await;
    let berta = scene.writer.user("berta", json!({})).await.id();
    let ends = scene.give_for(&anna, &group, None, Some("2026-01-01T00:10:00Z")).await;
    let begins = scene.give_for(&berta, &group, Some("2026-01-01T00:10:00Z"), None).await;
    scene.server.suspend("riga").await;
    scene.wait(10 * MINUTE).await;
    assert_eq!(
        (&scene.grant(&ends).await["state"], &scene.grant(&begins).await["state"]),
        (&json!("ended"), &json!("scheduled"))
    );
    scene.server.resume("riga").await;
    assert_eq!(scene.wait(0).await, 1);
    assert_eq!(scene.grant(&begins).await["state"], "active");
}

/// Timers are listed page by page, of one's own tenant alone.
async fn timers_are_listed(server: Server) {
    let (scene, anna, group) = scene(server).await;
    for name in ["b", "c"] {
        let user = scene.writer.user(name, json!({})).await.id();
        scene.give_for(&user, &group, None, Some("2026-06-01T00:00:00Z")).await;
    }
    scene.give_for(&anna, &group, Some("2026-02-01T00:00:00Z"), None).await;
    let mut all = Vec::new();
    let mut next = String::new();
    loop {
        let page = scene.administrator.get(&format!("/timers?count=2{next}")).await.expect(200).body;
        let kinds = page["items"].as_array().expect("items").iter();
        all.extend(kinds.map(|timer| timer["kind"].as_str().expect("a kind").to_owned()));
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    all.sort_unstable();
    assert_eq!(all, ["end", "end", "start", "warn", "warn"]);
    for query in ["?failed=maybe", "?count=0", "?cursor=x", "?kind=end"] {
        scene.administrator.get(&format!("/timers{query}")).await.problem(400, "invalid");
    }
    scene.server.tenant("jurmala").await;
    let stranger = scene.server.administrator("jurmala").await;
    assert_eq!(stranger.get("/timers").await.expect(200).body, json!({ "items": [] }));
}

/// Whoever stops in between misses nothing: the program does what was due before it says that it is there.
async fn what_was_missed_is_made_up_for(server: Server) {
    server.tenant("jurmala").await;
    let (mut scene, anna, group) = scene(server).await;
    let grant = scene.give_for(&anna, &group, None, Some("2026-01-02T00:00:00Z")).await;
    let later = scene.writer.user("berta", json!({})).await.id();
    let begins = scene.give_for(&later, &group, Some("2026-01-03T00:00:00Z"), None).await;
    let (_, _, token) = scene.server.token_of("riga", "late", &[], &["tenant.admin"], LATER).await;
    assert!(scene.server.stop().await);
    // The real clock is years ahead.
    let program = Program::serve(&scene.server.database, &[]);
    let client = Client::new(&program.url, "riga", &token).at(&format!("{}/t/riga/api/v1", program.url));
    assert_eq!(client.get(&format!("/grants/{grant}")).await.expect(200).body["ending"], "expired");
    assert_eq!(client.get(&format!("/grants/{begins}")).await.expect(200).body["state"], "active");
    program.stop();
}

/// Two nodes look for what is due at once, and each timer is done by one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_do_it_once() {
    let (mut scene, _, group) = scene(Server::start(Kind::Postgres).await).await;
    let mut users = Vec::new();
    for number in 0..12 {
        let user = scene.writer.user(&format!("u{number}"), json!({})).await.id();
        scene.give_for(&user, &group, Some("2026-01-01T00:10:00Z"), None).await;
        users.push(user);
    }
    let other = scene.server.beside().await;
    scene.server.pass(10 * MINUTE);
    let (here, there) = tokio::join!(scene.server.app.timers.run(), other.timers.run());
    let (here, there) = (here.expect("what is due"), there.expect("what is due"));
    assert_eq!(here + there, 12, "{here} and {there}");
    assert_eq!(scene.members(&group).await.len(), 12);
    let versions = sqlx::query("SELECT version FROM event WHERE kind = 'Group' ORDER BY seq")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    assert_eq!(versions.len(), 13, "one event for each");
    let plain = scene.writer.group("plain", &[]).await.id();
    scene.writer.patch(&format!("/Groups/{plain}"), adding(&[&users[0]])).await.expect(204);
}

on_both_databases! {
    it_begins_and_ends_by_itself,
    what_cannot_begin_ends,
    spans_have_to_make_sense,
    ends_move_away,
    what_fails_is_tried_again,
    a_suspended_tenant_takes_away_alone,
    timers_are_listed,
    what_was_missed_is_made_up_for,
}
