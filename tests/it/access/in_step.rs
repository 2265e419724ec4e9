//! Memberships and grants stay in step, whatever happens in whatever order.

use std::collections::{BTreeSet, btree_map::Entry};

use serde_json::{Value, json};

use super::{
    Scene, adding,
    model::{Chance, Model},
    removing, texts,
};
use crate::support::{Client, Server, client::GROUP, seed};

/// How many things happen in a run.
const STEPS: usize = 260;

struct Run {
    scene: Scene,
    chance: Chance,
    model: Model,
    users: Vec<String>,
    groups: Vec<String>,
    /// Counts what is made, so that names differ.
    made: usize,
    /// What has happened so far.
    story: Vec<String>,
}

impl Run {
    async fn user(&mut self) {
        self.made += 1;
        let id = self.scene.writer.user(&format!("u{}", self.made), json!({})).await.id();
        self.users.push(id);
    }

    /// A new group with some members, which may become an entitlement.
    async fn group(&mut self) {
        self.made += 1;
        let members = self.chance.some_of(&self.users);
        let named: Vec<&str> = members.iter().map(String::as_str).collect();
        let id = self.scene.writer.group(&format!("g{}", self.made), &named).await.id();
        self.model.members.insert(id.clone(), members.into_iter().collect());
        self.groups.push(id.clone());
        let kind = self.chance.below(5);
        if kind > 0 {
            self.entitle(&id, kind > 2).await;
        }
    }

    async fn entitle(&mut self, group: &str, alone: bool) {
        self.made += 1;
        self.scene.entitle(group, &format!("e{}", self.made), if alone { "grants" } else { "scim" }).await;
        self.model.governed.insert(group.to_owned(), alone);
        let present = self.model.members[group].iter().map(|user| (group.to_owned(), user.clone()));
        self.model.otherwise.extend(present);
    }

    /// One thing that happens, and what should come of it.
    async fn step(&mut self) {
        let group = self.chance.one_of(&self.groups);
        let user = self.chance.one_of(&self.users);
        match self.chance.below(15) {
            0..=2 => self.change(&group, "add one", vec![user], true).await,
            3 | 4 => self.change(&group, "remove one", vec![user], false).await,
            5 => {
                let some = self.chance.some_of(&self.users);
                self.change(&group, "add some", some, true).await;
            }
            6 => self.put(&group).await,
            7 => self.bulk(&group).await,
            8 | 9 => self.give(&group, &user).await,
            10 | 11 => self.revoke().await,
            12 => self.ungrouped(&group, &user).await,
            13 => self.restore().await,
            _ => self.rule(&group).await,
        }
        let group = self.groups.last().cloned().filter(|_| self.chance.below(3) == 0).unwrap_or(group);
        self.check(&group).await;
    }

    fn client(&mut self) -> (Client, bool) {
        let gives_grants = self.chance.below(2) == 0;
        let client = if gives_grants { &self.scene.granter } else { &self.scene.writer };
        (client.clone(), gives_grants)
    }

    /// Members come or go by a PATCH, one by one in the shortest way there is.
    async fn change(&mut self, group: &str, what: &str, users: Vec<String>, joins: bool) {
        let (client, gives_grants) = self.client();
        self.story.push(format!("{what}: {group} {users:?}, gives grants: {gives_grants}"));
        let mut wanted = self.model.members[group].clone();
        let operations = match (joins, users.as_slice()) {
            (true, users) => {
                wanted.extend(users.iter().cloned());
                adding(&users.iter().map(String::as_str).collect::<Vec<_>>())
            }
            (false, [user]) => {
                wanted.remove(user);
                removing(user)
            }
            (false, _) => return,
        };
        let expected = if self.model.admits(group, &wanted, gives_grants) { 204 } else { 403 };
        client.patch(&format!("/Groups/{group}"), operations).await.expect(expected);
        if expected == 204 {
            self.model.set(group, wanted);
        }
    }

    async fn put(&mut self, group: &str) {
        let (client, gives_grants) = self.client();
        let wanted: BTreeSet<String> = self.chance.some_of(&self.users).into_iter().collect();
        self.story.push(format!("put: {group} {wanted:?}, gives grants: {gives_grants}"));
        let members: Vec<Value> = wanted.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": format!("n{group}"), "members": members });
        let expected = if self.model.admits(group, &wanted, gives_grants) { 200 } else { 403 };
        client.put(&format!("/Groups/{group}"), &body).await.expect(expected);
        if expected == 200 {
            self.model.set(group, wanted);
        }
    }

    /// Several changes in one request, each whole or not at all.
    async fn bulk(&mut self, group: &str) {
        let (client, gives_grants) = self.client();
        let mut operations = Vec::new();
        let mut expected = Vec::new();
        for _ in 0..3 {
            let user = self.chance.one_of(&self.users);
            let mut wanted = self.model.members[group].clone();
            let patch = match self.chance.below(3) {
                0 => {
                    wanted.clear();
                    json!([{ "op": "remove", "path": "members" }])
                }
                1 => {
                    wanted.remove(&user);
                    removing(&user)
                }
                _ => {
                    wanted.insert(user.clone());
                    adding(&[&user])
                }
            };
            let data = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": patch });
            operations.push(json!({ "method": "PATCH", "path": format!("/Groups/{group}"), "data": data }));
            let is_admitted = self.model.admits(group, &wanted, gives_grants);
            expected.push(if is_admitted { "204" } else { "403" });
            if is_admitted {
                self.model.set(group, wanted);
            }
        }
        self.story.push(format!("bulk: {}, gives grants: {gives_grants}", json!(operations)));
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations,
        });
        let answer = client.post("/Bulk", &body).await.expect(200).body;
        let statuses: Vec<&str> = answer["Operations"]
            .as_array()
            .expect("outcomes")
            .iter()
            .filter_map(|one| one["status"].as_str())
            .collect();
        assert_eq!(statuses, expected, "{:#?}", self.story);
    }

    async fn give(&mut self, group: &str, user: &str) {
        self.story.push(format!("give: {group} {user}"));
        let new = json!({ "user": user, "entitlement": group, "reason": "chance" });
        let reply = self.scene.administrator.json("POST", "/grants", &new).await;
        let key = (group.to_owned(), user.to_owned());
        if !self.model.governed.contains_key(group) {
            reply.problem(400, "invalid");
        } else if let Entry::Vacant(place) = self.model.by_hand.entry(key) {
            place.insert(reply.expect(201).id());
            self.model.members.entry(group.to_owned()).or_default().insert(user.to_owned());
        } else {
            reply.problem(409, "taken");
        }
    }

    /// One grant ends, whatever it comes from.
    async fn revoke(&mut self) {
        let held: Vec<(String, String)> =
            self.model.by_hand.keys().cloned().chain(self.model.otherwise.iter().cloned()).collect();
        if held.is_empty() {
            return;
        }
        let (group, user) = self.chance.one_of(&held);
        let live = self.scene.grants(&[("user", &user), ("entitlement", &group), ("state", "active")]).await;
        let grant = self.chance.one_of(&live);
        self.story.push(format!("revoke: {group} {user} from {}", grant["source"]));
        let revoked = self.scene.revoke(grant["id"].as_str().expect("an id")).await;
        let key = (group.clone(), user.clone());
        if grant["source"] == "administrator" {
            self.model.by_hand.remove(&key);
        } else {
            self.model.otherwise.remove(&key);
        }
        let still = self.model.by_hand.contains_key(&key) || self.model.otherwise.contains(&key);
        assert_eq!(revoked["stillHeld"], still, "{:#?}", self.story);
        if !still {
            self.model.members.entry(group).or_default().remove(&user);
        }
    }

    /// A user or a group goes, and another comes.
    async fn ungrouped(&mut self, group: &str, user: &str) {
        if self.chance.below(2) == 0 {
            self.story.push(format!("delete user: {user}"));
            self.scene.writer.delete(&format!("/Users/{user}")).await.expect(204);
            self.users.retain(|other| other != user);
            self.model.members.values_mut().for_each(|members| {
                members.remove(user);
            });
            self.model.by_hand.retain(|(_, other), _| other != user);
            self.model.otherwise.retain(|(_, other)| other != user);
            self.user().await;
        } else {
            self.story.push(format!("delete group: {group}"));
            self.scene.writer.delete(&format!("/Groups/{group}")).await.expect(204);
            self.groups.retain(|other| other != group);
            self.model.members.remove(group);
            self.model.governed.remove(group);
            self.model.by_hand.retain(|(other, _), _| other != group);
            self.model.otherwise.retain(|(other, _)| other != group);
            let left = self.scene.grants(&[("entitlement", group), ("state", "active")]).await;
            assert_eq!(left, Vec::<Value>::new(), "{:#?}", self.story);
            self.group().await;
        }
    }

    /// What a client took is given back, as far as nobody else has had their say since. What that comes to is not foretold,
    /// but that it is in step.
    async fn restore(&mut self) {
        self.story.push("restore".to_owned());
        self.scene.restore(self.scene.writer_id).await;
        self.scene.check(&format!("{:#?}", self.story)).await;
        let users = self.scene.writer.get("/Users?count=1000").await.expect(200).body;
        let groups = self.scene.writer.get("/Groups?count=1000").await.expect(200).body;
        let listed = |list: &Value| list["Resources"].as_array().cloned().unwrap_or_default();
        self.users = texts(listed(&users).iter(), "id").into_iter().collect();
        self.groups = texts(listed(&groups).iter(), "id").into_iter().collect();
        self.model = Model::default();
        for group in listed(&groups) {
            let members = texts(group["members"].as_array().into_iter().flatten(), "value");
            let id = group["id"].as_str().expect("an id").to_owned();
            let path = format!("{}/{id}", self.scene.entitlements());
            let entitlement = self.scene.administrator.get(&path).await;
            if entitlement.status == 200 {
                self.model.governed.insert(id.clone(), entitlement.body["authority"] == "grants");
            }
            self.model.members.insert(id, members);
        }
        for grant in self.scene.grants(&[("state", "active")]).await {
            let text = |name: &str| grant[name].as_str().expect("a text").to_owned();
            let key = (text("entitlement"), text("user"));
            if grant["source"] == "administrator" {
                self.model.by_hand.insert(key, text("id"));
            } else {
                self.model.otherwise.insert(key);
            }
        }
    }

    /// A group becomes an entitlement, or its authority another.
    async fn rule(&mut self, group: &str) {
        match self.model.governed.get(group).copied() {
            None => {
                let alone = self.chance.below(2) == 0;
                self.story.push(format!("entitle: {group}, grants alone: {alone}"));
                self.entitle(group, alone).await;
            }
            Some(alone) => {
                self.story.push(format!("govern: {group}, grants alone: {}", !alone));
                let change = json!({ "authority": if alone { "scim" } else { "grants" } });
                let path = format!("{}/{group}", self.scene.entitlements());
                self.scene.administrator.json("PATCH", &path, &change).await.expect(200);
                self.model.governed.insert(group.to_owned(), !alone);
            }
        }
    }

    async fn check(&self, group: &str) {
        let story = format!("{:#?}", self.story);
        self.scene.check(&story).await;
        let expected = self.model.members.get(group).cloned().unwrap_or_default();
        assert_eq!(self.scene.members(group).await, expected, "members of {group} after {story}");
        if self.model.governed.contains_key(group) {
            let active = self.scene.grants(&[("entitlement", group), ("state", "active")]).await;
            assert_eq!(texts(active.iter(), "user"), expected, "who was granted {group} after {story}");
            let backed = self.model.by_hand.keys().chain(&self.model.otherwise).filter(|(of, _)| of == group).count();
            assert_eq!(active.len(), backed, "how often {group} was granted after {story}");
        }
    }
}

/// A user is a member of an entitlement's group exactly while a grant is active: after every single one of many things
/// that happen by chance, and as a model says that knows nothing but sets.
async fn memberships_and_grants_stay_in_step(server: Server) {
    let scene = Scene::new(server).await;
    let mut run = Run {
        scene,
        chance: Chance(seed(20_261_128)),
        model: Model::default(),
        users: Vec::new(),
        groups: Vec::new(),
        made: 0,
        story: Vec::new(),
    };
    for _ in 0..5 {
        run.user().await;
    }
    for _ in 0..4 {
        run.group().await;
    }
    for _ in 0..STEPS {
        run.scene.server.pass(1000);
        run.step().await;
    }
    for group in run.groups.clone() {
        run.check(&group).await;
    }
}

/// Those who write at the same time do not bring memberships and grants out of step: clients that add and remove one by
/// one, an administrator who gives and takes, and the moment in which the group becomes an entitlement.
async fn writers_at_the_same_time_stay_in_step(server: Server) {
    let scene = Scene::new(server).await;
    let mut users = Vec::new();
    for name in 0..6 {
        users.push(scene.writer.user(&format!("u{name}"), json!({})).await.id());
    }
    for round in 0..4 {
        let group = scene.writer.group(&format!("g{round}"), &[&users[0], &users[1]]).await.id();
        let path = format!("/Groups/{group}");
        let coming = async |first: usize| {
            for turn in 0..12 {
                let user = &users[(first + turn) % users.len()];
                let operations = if (first + turn) % 3 == 2 { removing(user) } else { adding(&[user]) };
                let reply = scene.writer.patch(&path, operations).await;
                assert!(matches!(reply.status, 204 | 503), "{:#}", reply.body);
            }
        };
        let code = format!("e{round}");
        let entitling = scene.entitle(&group, &code, "scim");
        tokio::join!(coming(0), coming(1), coming(2), coming(3), entitling);
        scene.check("one became an entitlement").await;
        let giving = async |first: usize| {
            for turn in 0..6 {
                let user = &users[(first + turn) % users.len()];
                let new = json!({ "user": user, "entitlement": group, "reason": "at once" });
                let given = scene.administrator.json("POST", "/grants", &new).await;
                assert!(matches!(given.status, 201 | 409 | 503), "{:#}", given.body);
                if given.status == 201 && turn % 2 == 0 {
                    let path = format!("/grants/{}/revocation", given.id());
                    scene.administrator.json("POST", &path, &json!({ "reason": "at once" })).await;
                }
            }
        };
        tokio::join!(coming(0), coming(2), giving(0), giving(3));
        scene.check("some came, some went").await;
        let active = scene.grants(&[("entitlement", &group), ("state", "active")]).await;
        assert_eq!(texts(active.iter(), "user"), scene.members(&group).await);
    }
}

on_both_databases! { memberships_and_grants_stay_in_step, writers_at_the_same_time_stay_in_step }
