//! People who leave and return, or are suspended for a while, and grants that end by themselves, in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Scene, adding, model::Chance, removing};
use crate::support::{Server, seed, server::START};

const HOUR: i64 = 3_600_000;
/// How long what somebody had waits for them.
const WINDOW: i64 = 30 * 24 * HOUR;
/// How many things happen in a run.
const STEPS: usize = 120;

/// A group and a user.
type Pair = (usize, usize);

/// What should be true, in the simplest form there is.
#[derive(Default)]
struct Model {
    now: i64,
    /// Who is away, and since when.
    away: BTreeMap<usize, i64>,
    /// Who is suspended, and until when if that ends by itself.
    suspended: BTreeMap<usize, Option<i64>>,
    /// What somebody has until it is taken.
    open: BTreeSet<Pair>,
    /// What somebody has until then.
    timed: BTreeMap<Pair, i64>,
}

impl Model {
    fn members(&self, group: usize) -> BTreeSet<usize> {
        let all = self.open.iter().chain(self.timed.keys());
        all.filter(|(of, user)| *of == group && self.is_there(*user)).map(|(_, user)| *user).collect()
    }

    fn is_there(&self, user: usize) -> bool {
        !self.away.contains_key(&user) && !self.suspended.contains_key(&user)
    }

    fn pass(&mut self, millis: i64) {
        self.now += millis;
        let (now, away) = (self.now, &self.away);
        self.suspended.retain(|_, until| until.is_none_or(|until| until > now));
        let is_lost = |user: &usize| away.get(user).is_some_and(|since| since + WINDOW <= now);
        self.open.retain(|(_, user)| !is_lost(user));
        self.timed.retain(|(_, user), until| !is_lost(user) && *until > now);
    }
}

/// Whoever is away is in no group; what they had and nobody took from them, and that has not ended meanwhile, comes back with them
/// within thirty days and not behind that. So it is with whoever is suspended, without a window, until they are there again or leave:
/// SCIM does not wake them up. After every single thing that happens by chance.
async fn who_comes_and_goes_stays_in_step(server: Server) {
    let scene = Scene::new(server).await;
    let mut chance = Chance(seed(20_261_129));
    let mut model = Model { now: START, ..Model::default() };
    let mut users = Vec::new();
    for name in 0..4 {
        users.push(scene.writer.user(&format!("u{name}"), json!({})).await.id());
    }
    let mut groups = Vec::new();
    for (name, authority) in [("plain", None), ("mixed", Some("scim")), ("given", Some("grants"))] {
        let group = scene.writer.group(name, &[]).await.id();
        if let Some(authority) = authority {
            scene.entitle(&group, name, authority).await;
        }
        groups.push(group);
    }
    let mut story = Vec::new();
    for _ in 0..STEPS {
        let (group, user) = (chance.below(groups.len()), chance.below(users.len()));
        let pair = (group, user);
        let path = format!("/Groups/{}", groups[group]);
        let (is_away, is_there) = (model.away.contains_key(&user), model.is_there(user));
        let suspension = format!("/users/{}/suspension", users[user]);
        match chance.below(12) {
            // Whoever is suspended is let in when they are there again.
            0 | 1 if !is_away => {
                story.push(format!("add {pair:?}"));
                scene.granter.patch(&path, adding(&[&users[user]])).await.expect(204);
                if !model.timed.contains_key(&pair) {
                    model.open.insert(pair);
                }
            }
            2 => {
                story.push(format!("remove {pair:?}"));
                scene.granter.patch(&path, removing(&users[user])).await.expect(204);
                model.open.remove(&pair);
                model.timed.remove(&pair);
            }
            3 if is_there && group > 0 && !model.timed.contains_key(&pair) => {
                let until = model.now + i64::try_from(1 + chance.below(400)).expect("hours") * HOUR;
                story.push(format!("give {pair:?} until {until}"));
                let until_text = caurlaide::clock::timestamp(until);
                scene.give_for(&users[user], &groups[group], None, Some(&until_text)).await;
                model.timed.insert(pair, until);
            }
            4 | 5 => {
                story.push(format!("active {user}: {is_away}"));
                let operation = json!([{ "op": "replace", "path": "active", "value": is_away }]);
                scene.writer.patch(&format!("/Users/{}", users[user]), operation).await.expect(200);
                if is_away {
                    model.away.remove(&user);
                } else {
                    model.suspended.remove(&user);
                    model.away.insert(user, model.now);
                }
            }
            6 | 7 if is_there => {
                let until = (chance.below(2) == 0)
                    .then(|| model.now + i64::try_from(1 + chance.below(400)).expect("hours") * HOUR);
                story.push(format!("suspend {user} until {until:?}"));
                let mut new = json!({ "reason": "long leave" });
                if let Some(until) = until {
                    new["until"] = caurlaide::clock::timestamp(until).into();
                }
                scene.administrator.json("PUT", &suspension, &new).await.expect(200);
                model.suspended.insert(user, until);
            }
            6 if !is_away => {
                story.push(format!("lift {user}"));
                scene.administrator.ask("DELETE", &suspension).await.expect(204);
                model.suspended.remove(&user);
            }
            7 if !is_away => {
                story.push(format!("wake {user} up"));
                let operation = json!([{ "op": "replace", "path": "active", "value": true }]);
                let shown = scene.writer.patch(&format!("/Users/{}", users[user]), operation).await.expect(200);
                assert_eq!(shown.body["active"], false, "{story:#?}");
            }
            _ => {
                let millis = i64::try_from(1 + chance.below(300)).expect("hours") * HOUR;
                story.push(format!("wait {millis}"));
                scene.wait(millis).await;
                model.pass(millis);
            }
        }
        scene.check(&format!("{story:#?}")).await;
        for (at, group) in groups.iter().enumerate() {
            let expected: BTreeSet<String> = model.members(at).into_iter().map(|user| users[user].clone()).collect();
            assert_eq!(scene.members(group).await, expected, "group {at} of {users:?} after {story:#?}");
        }
    }
}

on_both_databases! { who_comes_and_goes_stays_in_step }
