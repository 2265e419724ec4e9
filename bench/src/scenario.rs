//! What is measured: each scenario with its floor, its goal, and what its answer must look like.

use std::sync::Arc;

use hyper::Method;
use serde_json::Value;

use crate::{
    Outcome,
    abilities::Abilities,
    answer::{all_made, has_thousand, is_bare, is_none, is_one, is_page, is_user},
    connection::{Connection, Target},
    cursor::Ends,
    data,
    floor::Floor,
    goals::Goal,
    load::Load,
    scene::{Group, Neighbour, Scene},
};

/// How many connections make a crowd.
pub(crate) const CROWD: usize = 64;
/// How many users one bulk request creates.
pub(crate) const BULK: usize = 100;
/// The group whose members are read as well.
pub(crate) const READ_GROUP: usize = 1_000;

/// Every scenario's short name, and what it is.
pub(crate) const KEYS: [(&str, &str); 21] = [
    ("get-user", "get a user by id"),
    ("get-tenants", "get a user by id, each time of another tenant"),
    ("find-user-name", "find a user by `userName eq`"),
    ("find-external-id", "find a user by `externalId eq`"),
    ("find-nobody", "find nobody by `userName eq`"),
    ("find-email", "find a user by `emails[type eq \"work\" and value eq …]`"),
    ("list-first", "list 100 users by cursor, first page"),
    ("list-last", "list 100 users by cursor, last page"),
    ("index-first", "list 100 users by `startIndex`, first page"),
    ("index-deep", "list 100 users by `startIndex`, at 90 %"),
    ("create-user", "create a user"),
    ("patch-active", "PATCH `active` of a user who is in no group"),
    ("patch-active-member", "PATCH `active` of one of those in one group: out of it, and back"),
    ("put-user", "PUT a user"),
    ("members", "add or remove one member, group of"),
    ("get-group", "get a group without its members, group of"),
    ("get-members", "get a group with its 1000 members"),
    ("bulk", "Bulk of 100 creates"),
    ("mixed", "mixed identity-provider load"),
    ("mixed-crowd", "mixed identity-provider load, 64 connections"),
    ("neighbour", "one client of another tenant"),
];

/// One thing that is measured.
pub(crate) struct Scenario {
    pub(crate) key: &'static str,
    pub(crate) name: String,
    /// The size of the group that it is about.
    pub(crate) size: Option<usize>,
    pub(crate) goal: Option<Goal>,
    /// What the floor is asked meanwhile.
    pub(crate) floor: Option<Load>,
    pub(crate) load: Load,
    pub(crate) crowd: Crowd,
    /// What is wrong with an answer, if anything; one answer is looked at before measuring.
    check: fn(&Value) -> Option<&'static str>,
}

/// Who sends a scenario's requests.
pub(crate) enum Crowd {
    /// As many connections as the run has.
    Usual,
    /// [`CROWD`] connections.
    Large,
    /// One client of that tenant, while others are quiet.
    Alone(Target),
    /// One client of that tenant, while [`CROWD`] connections send this load to the first.
    Beside(Target, Load),
}

impl Scenario {
    /// Looks at one answer.
    pub(crate) async fn try_once(&self, target: &Target) -> Outcome<()> {
        let target = match &self.crowd {
            Crowd::Alone(other) | Crowd::Beside(other, _) => other,
            Crowd::Usual | Crowd::Large => target,
        };
        let answer = Connection::open(target).await?.send(&self.load.next()).await?;
        let answer: Value = if answer.is_empty() { Value::Null } else { serde_json::from_slice(&answer)? };
        match (self.check)(&answer) {
            Some(wrong) => Err(wrong.into()),
            None => Ok(()),
        }
    }
}

/// Everything that scenarios are about.
pub(crate) struct Setting<'a> {
    pub(crate) scene: &'a Scene,
    /// Another tenant on the same server.
    pub(crate) other: Option<&'a Scene>,
    /// Further tenants there.
    pub(crate) more: &'a [Neighbour],
    pub(crate) floor: Option<&'a Floor>,
    pub(crate) abilities: Abilities,
    /// Where the first and the last page are, where there are cursors.
    pub(crate) ends: Option<Ends>,
}

/// What can be measured here, and what cannot and why.
pub(crate) struct Programme {
    pub(crate) scenarios: Vec<Scenario>,
    /// By short name.
    pub(crate) left_out: Vec<(&'static str, String)>,
}

impl Setting<'_> {
    /// Every scenario that the server can do, in the order of the page.
    pub(crate) fn programme(&self) -> Programme {
        let mut scenarios = self.reads();
        scenarios.extend(self.tenants());
        scenarios.extend(self.lists());
        scenarios.extend(self.writes());
        scenarios.extend(self.groups());
        scenarios.extend(self.bulk());
        scenarios.extend(self.mixtures());
        Programme { scenarios, left_out: self.left_out() }
    }

    fn left_out(&self) -> Vec<(&'static str, String)> {
        let has_group = self.scene.groups.iter().any(|group| group.size == READ_GROUP);
        let reasons = [
            (
                "list-first",
                self.abilities.cursor,
                "lists by cursor: the server does not offer cursors (RFC 9865)".to_owned(),
            ),
            ("bulk", self.abilities.bulk >= BULK, format!("Bulk: the server does not take {BULK} operations at once")),
            ("get-members", has_group, format!("a group with its members: there is none of {READ_GROUP}")),
            ("neighbour", self.other.is_some(), "a client beside a flood: there is no second tenant".to_owned()),
        ];
        reasons.into_iter().filter(|(_, is_there, _)| !is_there).map(|(key, _, why)| (key, why)).collect()
    }

    fn reads(&self) -> Vec<Scenario> {
        let (target, users, count) = (self.scene.target.clone(), Arc::clone(&self.scene.users), self.scene.users.len());
        let get = {
            let target = target.clone();
            move |n: usize| target.get(format!("/Users/{}", users[data::scatter(n, users.len())]))
        };
        let find = |filter: fn(usize) -> String| {
            let target = target.clone();
            Load::new(move |n| target.get(data::query(&filter(data::scatter(n, count)))))
        };
        let by_name = find(|n| format!("userName eq \"{}\"", data::name_of(n)));
        let by_external_id = find(|n| format!("externalId eq \"{}\"", data::external_id(&data::name_of(n), n)));
        let nobody = find(|n| format!("userName eq \"nobody-{n}@bench.example\""));
        let by_email = find(|n| format!("emails[type eq \"work\" and value eq \"{}\"]", data::name_of(n)));
        let goal = Goal::of(0.7, 0.8).flat();
        let floor = || self.floor.map(|floor| Load::new(floor.document()));
        vec![
            scenario("get-user", Load::new(get)).goal(goal).floor(floor()).check(is_user),
            scenario("find-user-name", by_name).goal(goal).floor(floor()).check(is_one),
            scenario("find-external-id", by_external_id).goal(goal).floor(floor()).check(is_one),
            scenario("find-nobody", nobody).goal(goal).floor(floor()).check(is_none),
            scenario("find-email", by_email).goal(Goal::of(0.6, 0.7).flat()).floor(floor()).check(is_one),
        ]
    }

    fn tenants(&self) -> Option<Scenario> {
        let calls: Vec<(Target, String)> = self
            .more
            .iter()
            .flat_map(|tenant| tenant.users.iter().map(|id| (tenant.target.clone(), format!("/Users/{id}"))))
            .collect();
        if calls.is_empty() {
            return None;
        }
        let load = Load::new(move |n| {
            let (target, path) = &calls[data::scatter(n, calls.len())];
            target.get(path.clone())
        });
        let floor = self.floor.map(|floor| Load::new(floor.document()));
        Some(scenario("get-tenants", load).floor(floor).check(is_user))
    }

    fn lists(&self) -> Vec<Scenario> {
        let list = |query: String| {
            let target = self.scene.target.clone();
            Load::new(move |_| target.get(format!("/Users?{query}&count=100")))
        };
        let page = |key, load| {
            let floor = self.floor.map(|floor| Load::new(floor.page()));
            scenario(key, load).floor(floor).check(is_page)
        };
        let mut lists = Vec::new();
        if let Some(ends) = &self.ends {
            let goal = Goal::of(0.5, 0.5);
            lists.push(page("list-first", list("cursor".into())).goal(goal));
            lists.push(page("list-last", list(ends.last.clone())).goal(goal));
        }
        lists.push(page("index-first", list("startIndex=1".into())));
        lists.push(page("index-deep", list(format!("startIndex={}", self.scene.users.len() * 9 / 10 + 1))));
        lists
    }

    fn writes(&self) -> Vec<Scenario> {
        let target = self.scene.target.clone();
        let create = {
            let target = target.clone();
            move |n: usize| {
                let user = data::user(&format!("new-{n}@bench.example"), n);
                target.call(Method::POST, "/Users".into(), user.to_string())
            }
        };
        // Every walk over the users turns the flag, so that each request is a change.
        let patch = |users: &Arc<Vec<String>>| {
            let (target, users) = (target.clone(), Arc::clone(users));
            Load::new(move |n: usize| {
                let body = data::activation((n / users.len()) % 2 == 1);
                target.call(Method::PATCH, format!("/Users/{}", users[n % users.len()]), body)
            })
        };
        let put = {
            let (target, users) = (target.clone(), Arc::clone(&self.scene.users));
            move |n: usize| {
                let number = n % users.len();
                let body = data::titled(&data::name_of(number), number, n);
                target.call(Method::PUT, format!("/Users/{}", users[number]), body)
            }
        };
        let (insert, touch, touch_again, replace) = (
            self.floor.map(|floor| Load::new(floor.insert())),
            self.floor.map(|floor| Load::new(floor.touch())),
            self.floor.map(|floor| Load::new(floor.touch())),
            self.floor.map(|floor| Load::new(floor.replace())),
        );
        vec![
            scenario("create-user", Load::new(create)).goal(Goal::of(0.5, 0.5)).floor(insert).check(is_user),
            scenario("patch-active", patch(&self.scene.lone)).goal(Goal::of(0.6, 0.6)).floor(touch),
            scenario("patch-active-member", patch(&self.scene.leavers)).goal(Goal::of(0.6, 0.6)).floor(touch_again),
            scenario("put-user", Load::new(put)).goal(Goal::of(0.6, 0.6)).floor(replace).check(is_user),
        ]
    }

    fn groups(&self) -> Vec<Scenario> {
        let mut scenarios: Vec<Scenario> = self.scene.groups.iter().map(|group| self.member_change(group)).collect();
        scenarios.extend(self.scene.groups.iter().map(|group| self.bare_group(group)));
        let read = self.scene.groups.iter().find(|group| group.size == READ_GROUP);
        scenarios.extend(read.map(|group| {
            let (target, path) = (self.scene.target.clone(), format!("/Groups/{}", group.id));
            let floor = self.floor.map(|floor| Load::new(floor.group()));
            let load = Load::new(move |_| target.get(path.clone()));
            scenario("get-members", load).goal(Goal::of(0.5, 0.5)).floor(floor).check(has_thousand)
        }));
        scenarios
    }

    fn member_change(&self, group: &Group) -> Scenario {
        let (target, spare) = (self.scene.target.clone(), Arc::clone(&self.scene.spare));
        let path = format!("/Groups/{}", group.id);
        let change = move |n| target.call(Method::PATCH, path.clone(), data::member_change(&spare, n));
        let floor = self.floor.map(|floor| Load::new(floor.touch()));
        scenario("members", Load::new(change)).sized(group.size).goal(Goal::of(0.6, 0.6)).floor(floor)
    }

    fn bare_group(&self, group: &Group) -> Scenario {
        let target = self.scene.target.clone();
        let path = format!("/Groups/{}?excludedAttributes=members", group.id);
        let floor = self.floor.map(|floor| Load::new(floor.document()));
        let load = Load::new(move |_| target.get(path.clone()));
        scenario("get-group", load).sized(group.size).goal(Goal::of(0.7, 0.8)).floor(floor).check(is_bare)
    }

    fn bulk(&self) -> Option<Scenario> {
        let target = self.scene.target.clone();
        let load = Load::new(move |n| {
            let users = (0..BULK).map(|i| (i, data::user(&format!("bulk-{n}-{i}@bench.example"), n * BULK + i)));
            target.call(Method::POST, "/Bulk".into(), data::bulk(users))
        });
        (self.abilities.bulk >= BULK).then(|| scenario("bulk", load).check(all_made))
    }

    /// The mixed loads share their counts, so that members come and go in order and every name is new.
    fn mixtures(&self) -> Vec<Scenario> {
        let mixed = crate::mixture::of(self.scene);
        let floor = self.floor.map(crate::mixture::of_floor);
        let goal = Goal::of(0.6, 0.6);
        let mut scenarios = vec![
            scenario("mixed", mixed.clone()).goal(goal).floor(floor.clone()),
            scenario("mixed-crowd", mixed.clone()).goal(goal).floor(floor).crowd(Crowd::Large),
        ];
        if let Some(other) = self.other {
            let load = crate::mixture::of(other);
            let quiet = scenario("neighbour", load.clone()).crowd(Crowd::Alone(other.target.clone()));
            let beside = scenario("neighbour", load).crowd(Crowd::Beside(other.target.clone(), mixed));
            scenarios.push(quiet.named("one client of another tenant, quiet"));
            scenarios.push(beside.named("one client of another tenant, beside a flood from 64 connections"));
        }
        scenarios
    }
}

fn scenario(key: &'static str, load: Load) -> Scenario {
    let name = KEYS.iter().find(|(known, _)| *known == key).map_or(key, |(_, name)| name).to_owned();
    Scenario { key, name, size: None, goal: None, floor: None, load, crowd: Crowd::Usual, check: |_| None }
}

impl Scenario {
    fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    fn floor(mut self, floor: Option<Load>) -> Self {
        self.floor = floor;
        self
    }

    fn crowd(mut self, crowd: Crowd) -> Self {
        self.crowd = crowd;
        self
    }

    fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    fn sized(mut self, size: usize) -> Self {
        self.name = format!("{} {size}", self.name);
        self.size = Some(size);
        self
    }

    fn check(mut self, check: fn(&Value) -> Option<&'static str>) -> Self {
        self.check = check;
        self
    }
}
