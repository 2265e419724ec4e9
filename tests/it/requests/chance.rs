//! What is written by SCIM, asked for, decided, taken back and over, and those who leave and return: in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Scene, id, under};
use crate::{
    access::model::Chance,
    support::{Client, Server, client::MUNICIPAL, seed, server::START},
};

const HOUR: i64 = 3_600_000;
/// How long what somebody had waits for them.
const WINDOW: i64 = 30 * 24 * HOUR;
/// How many things happen in a run.
const STEPS: usize = 240;

/// A group and a user.
type Pair = (usize, usize);

/// What should be true, in the simplest form there is.
#[derive(Default)]
struct Model {
    now: i64,
    /// Who is away, and since when.
    away: BTreeMap<usize, i64>,
    /// What clients have given.
    written: BTreeSet<Pair>,
    /// What was asked for and approved, and until when if it has an end.
    asked: BTreeMap<Pair, Option<i64>>,
    /// What is not decided: the item, whose and of what, and until when it is wanted.
    open: BTreeMap<String, (Pair, Option<i64>)>,
}

impl Model {
    fn members(&self, group: usize) -> BTreeSet<usize> {
        let all = self.written.iter().chain(self.asked.keys());
        all.filter(|(of, user)| *of == group && !self.away.contains_key(user)).map(|(_, user)| *user).collect()
    }

    fn pass(&mut self, millis: i64) {
        self.now += millis;
        let (now, away) = (self.now, &self.away);
        let is_lost = |user: &usize| away.get(user).is_some_and(|since| since + WINDOW <= now);
        self.written.retain(|(_, user)| !is_lost(user));
        self.asked.retain(|(_, user), until| !is_lost(user) && until.is_none_or(|until| until > now));
    }
}

/// A run of what happens.
struct Run {
    scene: Scene,
    granter: Client,
    chance: Chance,
    model: Model,
    users: Vec<(&'static str, String)>,
    groups: Vec<String>,
    story: Vec<String>,
    /// How many requests were fulfilled, and how many came to nothing.
    fulfilled: usize,
    in_vain: usize,
}

impl Run {
    async fn new(server: Server) -> Self {
        let scene = Scene::new(server).await;
        let later = START + 1_000_000_000_000;
        let (_, token) = scene.server.token("riga", &["scim.read", "scim.write", "grants.write"], later).await;
        let granter = Client::new(&scene.server.url, "riga", &token);
        let mut users = vec![("anna", scene.anna.clone())];
        for name in ["berta", "cilda"] {
            let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
            users.push((name, scene.writer.user(name, under(&scene.mara, &sure)).await.id()));
        }
        let mixed = scene.entitlement("mixed", json!({ "authority": "scim" })).await;
        let groups = vec![scene.group.clone(), mixed];
        let model = Model { now: START, ..Model::default() };
        let chance = Chance(seed(20_261_130));
        let story = Vec::new();
        Self { scene, granter, chance, model, users, groups, story, fulfilled: 0, in_vain: 0 }
    }

    async fn step(&mut self) {
        let (group, user) = (self.chance.below(self.groups.len()), self.chance.below(self.users.len()));
        let is_away = self.model.away.contains_key(&user);
        match self.chance.below(20) {
            0..=4 if !is_away => self.ask((group, user)).await,
            5..=11 => self.decide().await,
            12 => self.withdraw().await,
            13 if !is_away => self.write((group, user), true).await,
            14..=16 => self.write((group, user), false).await,
            17 => self.switch(user, is_away).await,
            _ => self.wait().await,
        }
        self.check().await;
    }

    async fn ask(&mut self, pair: Pair) {
        let hours = self.chance.below(700);
        let until = (hours > 200).then(|| self.model.now + i64::try_from(hours).expect("hours") * HOUR);
        self.story.push(format!("ask for {pair:?} until {until:?}"));
        let mut item = json!({ "kind": "grant", "entitlement": self.groups[pair.0] });
        if let Some(until) = until {
            item["until"] = caurlaide::clock::timestamp(until).into();
        }
        let (name, _) = self.users[pair.1];
        let reply = self.scene.person(name).json("POST", "/requests", &json!({ "items": [item] })).await;
        if self.model.open.values().any(|(other, _)| *other == pair) {
            reply.problem(400, "invalid");
        } else if reply.status == 201 {
            self.model.open.insert(id(&reply.body["items"][0]).to_owned(), (pair, until));
        } else {
            // Nobody asks for what was asked for and given already.
            assert!(self.model.asked.contains_key(&pair), "{:#} after {:#?}", reply.body, self.story);
        }
    }

    async fn decide(&mut self) {
        let open: Vec<String> = self.model.open.keys().cloned().collect();
        if open.is_empty() {
            return;
        }
        let item = self.chance.one_of(&open);
        let mut decider = "";
        for name in ["mara", "oskars", "zane"] {
            if self.scene.waiting(name).await.contains(&item) {
                decider = name;
                break;
            }
        }
        assert!(!decider.is_empty(), "nobody decides {item} after {:#?}", self.story);
        let approves = self.chance.below(8) > 0;
        self.story.push(format!("{decider} decides {item}: {approves}"));
        let reply =
            if approves { self.scene.approve(decider, &item).await } else { self.scene.reject(decider, &item).await };
        if reply.status == 200 {
            self.follow(&item, &reply.body);
        } else {
            // What was wanted until then cannot begin any more.
            let (_, until) = self.model.open[&item];
            assert_eq!(reply.status, 409, "{:#}", reply.body);
            assert!(until.is_some_and(|until| until <= self.model.now), "{:#} after {:#?}", reply.body, self.story);
        }
    }

    async fn withdraw(&mut self) {
        let open: Vec<String> = self.model.open.keys().cloned().collect();
        if open.is_empty() {
            return;
        }
        let item = self.chance.one_of(&open);
        self.story.push(format!("withdraw {item}"));
        let ((_, user), _) = self.model.open[&item];
        let now = self.scene.withdraw(self.users[user].0, &item).await.expect(200).body;
        self.follow(&item, &now);
        assert!(!self.model.open.contains_key(&item), "{:#?}", self.story);
    }

    /// Lets the model follow what an item is now.
    fn follow(&mut self, item: &str, now: &Value) {
        let state = now["state"].as_str().expect("a state");
        if state == "pending" {
            return;
        }
        let Some((pair, until)) = self.model.open.remove(item) else { return };
        if state == "fulfilled" {
            self.fulfilled += 1;
            self.model.asked.insert(pair, until);
        } else {
            self.in_vain += 1;
        }
    }

    async fn write(&mut self, pair: Pair, joins: bool) {
        self.story.push(format!("SCIM: {pair:?} joins: {joins}"));
        let (path, user) = (format!("/Groups/{}", self.groups[pair.0]), &self.users[pair.1].1);
        let operation = if joins {
            json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }])
        } else {
            json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }])
        };
        self.granter.patch(&path, operation).await.expect(204);
        if !joins {
            self.model.written.remove(&pair);
            self.model.asked.remove(&pair);
        } else if !self.model.asked.contains_key(&pair) {
            self.model.written.insert(pair);
        }
    }

    async fn switch(&mut self, user: usize, is_away: bool) {
        self.story.push(format!("active {user}: {is_away}"));
        self.scene.active(&self.users[user].1, is_away).await;
        if is_away {
            self.model.away.remove(&user);
            return;
        }
        self.model.away.insert(user, self.model.now);
        let theirs: Vec<String> =
            self.model.open.iter().filter(|(_, ((_, of), _))| *of == user).map(|(item, _)| item.clone()).collect();
        for item in theirs {
            let now = self.scene.item(&item).await;
            assert_eq!(now["state"], "cancelled", "{:#?}", self.story);
            self.follow(&item, &now);
        }
    }

    async fn wait(&mut self) {
        // Mostly short, so that much is decided in time.
        let longest = if self.chance.below(9) == 0 { 800 } else { 40 };
        let millis = i64::try_from(1 + self.chance.below(longest)).expect("hours") * HOUR;
        self.story.push(format!("wait {millis}"));
        self.scene.server.pass(millis);
        self.scene.server.app.timers.run().await.expect("what is due");
        self.model.pass(millis);
        // Nobody may have decided in time.
        for item in self.model.open.keys().cloned().collect::<Vec<_>>() {
            let now = self.scene.item(&item).await;
            assert_ne!(now["state"], "fulfilled", "silence approves nothing: {:#?}", self.story);
            self.follow(&item, &now);
        }
    }

    async fn check(&self) {
        self.scene.check().await;
        for (at, group) in self.groups.iter().enumerate() {
            let body = self.scene.writer.get(&format!("/Groups/{group}")).await.expect(200).body;
            let members = body["members"].as_array().into_iter().flatten();
            let members: BTreeSet<&str> = members.map(|member| member["value"].as_str().expect("an id")).collect();
            let expected: BTreeSet<&str> =
                self.model.members(at).into_iter().map(|user| self.users[user].1.as_str()).collect();
            assert_eq!(members, expected, "group {at} of {:?} after {:#?}", self.users, self.story);
        }
    }
}

/// Whatever happens, somebody is in a group exactly while a client has put them there, or what they asked for was approved and lasts,
/// and they are there themselves.
async fn requests_and_memberships_stay_in_step(server: Server) {
    let mut run = Run::new(server).await;
    for _ in 0..STEPS {
        run.step().await;
    }
    assert!(run.fulfilled > 8 && run.in_vain > 3, "{} fulfilled, {} in vain", run.fulfilled, run.in_vain);
}

on_both_databases! { requests_and_memberships_stay_in_step }
