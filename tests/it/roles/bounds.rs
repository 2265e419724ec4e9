//! Lists are cut to what somebody looks after: in the database as in the rules, whatever the organisation looks like.

use std::collections::{BTreeMap, BTreeSet};

use rights::{
    ApplicationId, Instant, NodeId, UserId,
    administration::{Action, Assignment, Place, Role, Scope, may, reach},
};
use serde_json::{Value, json};
use store::{Bounds, GrantFilter, UnitFilter};
use uuid::Uuid;

use super::Scene;
use crate::{
    access::model::Chance,
    support::{Server, client::MUNICIPAL, seed},
};

const DAY: &str = "2026-01-01";

/// What was made, as a test remembers it.
#[derive(Default)]
struct World {
    /// The units, each with its parent.
    parents: BTreeMap<Uuid, Option<Uuid>>,
    /// The applications, each with its unit.
    applications: BTreeMap<Uuid, Option<Uuid>>,
    /// The people, each with where they work that day.
    people: BTreeMap<Uuid, Vec<Uuid>>,
    /// The grants: of whom and of which application.
    grants: BTreeMap<Uuid, (Uuid, Uuid)>,
}

impl World {
    /// A unit and all that it is part of.
    fn path(&self, unit: Uuid) -> Vec<NodeId> {
        let mut path = vec![NodeId(unit)];
        let mut at = self.parents[&unit];
        while let Some(parent) = at {
            path.push(NodeId(parent));
            at = self.parents[&parent];
        }
        path
    }

    fn place_of_person(&self, user: Uuid) -> Place {
        let path = self.people[&user].iter().flat_map(|unit| self.path(*unit)).collect();
        Place { path, application: None }
    }

    async fn random(scene: &Scene, chance: &mut Chance) -> Self {
        let uuid = |text: &str| -> Uuid { text.parse().expect("an id") };
        let mut world = Self::default();
        let mut codes: Vec<(Uuid, String)> = Vec::new();
        for (id, parent, code) in [
            (&scene.city, None, "city"),
            (&scene.schools, Some(&scene.city), "schools"),
            (&scene.school, Some(&scene.schools), "school"),
            (&scene.baths, Some(&scene.city), "baths"),
        ] {
            world.parents.insert(uuid(id), parent.map(|parent| uuid(parent)));
            codes.push((uuid(id), code.to_owned()));
        }
        for number in 0..6 {
            let (parent, _) = chance.one_of(&codes);
            let code = format!("unit-{number}");
            let new = json!({ "kind": "unit", "code": code, "name": code, "parent": parent });
            let id = uuid(&scene.administrator.json("POST", "/organisation-units", &new).await.expect(201).id());
            world.parents.insert(id, Some(parent));
            codes.push((id, code));
        }
        let mut groups = Vec::new();
        for number in 0..5 {
            let unit = (chance.below(3) > 0).then(|| chance.one_of(&codes).0);
            let code = format!("app-{number}");
            let mut new = json!({ "code": code, "name": code });
            if let Some(unit) = unit {
                new["unit"] = json!(unit);
            }
            let id = scene.administrator.json("POST", "/applications", &new).await.expect(201).id();
            world.applications.insert(uuid(&id), unit);
            for _ in 0..2 {
                let name = format!("group-{}", groups.len());
                let group = scene.writer.group(&name, &[]).await.id();
                let new = json!({ "group": group, "code": name, "names": { "en": name }, "authority": "grants" });
                let path = format!("/applications/{id}/entitlements");
                scene.administrator.json("POST", &path, &new).await.expect(201);
                groups.push((group, uuid(&id)));
            }
        }
        for number in 0..12 {
            let mut works = Vec::new();
            let mut employments: Vec<Value> = Vec::new();
            for _ in 0..chance.below(3) {
                let (unit, code) = chance.one_of(&codes);
                // Before that day, on it alone, after it, or without bounds.
                let (start, end, counts) = chance.one_of(&[
                    (None, None, true),
                    (Some(DAY), Some(DAY), true),
                    (None, Some("2025-12-31"), false),
                    (Some("2026-01-02"), None, false),
                ]);
                let mut one = json!({ "organisationUnit": code });
                for (name, day) in [("start", start), ("end", end)] {
                    if let Some(day) = day {
                        one[name] = day.into();
                    }
                }
                employments.push(one);
                if counts {
                    works.push(unit);
                }
            }
            let more = json!({ MUNICIPAL: { "employments": employments } });
            let user = scene.writer.user(&format!("user-{number}"), more).await.id();
            world.people.insert(uuid(&user), works);
            for (group, application) in chance.some_of(&groups) {
                let new = json!({ "user": user, "entitlement": group, "reason": "a test" });
                let grant = scene.administrator.json("POST", "/grants", &new).await.expect(201).id();
                world.grants.insert(uuid(&grant), (uuid(&user), application));
            }
        }
        world
    }

    fn some_roles(&self, chance: &mut Chance) -> Vec<Assignment> {
        let (units, applications): (Vec<Uuid>, Vec<Uuid>) =
            (self.parents.keys().copied().collect(), self.applications.keys().copied().collect());
        let one = |chance: &mut Chance| {
            let scope = match chance.below(9) {
                0 => Scope::Tenant,
                1..5 => Scope::Node(NodeId(chance.one_of(&units))),
                _ => Scope::Application(ApplicationId(chance.one_of(&applications))),
            };
            let role = chance.one_of(&Role::ALL);
            let from = Instant::from_millis(i64::from(chance.below(8) == 0) * 100);
            let until = (chance.below(8) == 0).then_some(Instant::from_millis(50));
            Assignment { user: UserId(Uuid::nil()), role, scope, from, until }
        };
        (0..chance.below(4)).map(|_| one(chance)).collect()
    }
}

async fn lists_are_cut_as_the_rules_say(server: Server) {
    let scene = Scene::new(server).await;
    let data = scene.server.store.tenant(scene.server.find("riga").await.id);
    let (mut chance, now) = (Chance(seed(20_260_101)), Instant::from_millis(60));
    let world = World::random(&scene, &mut chance).await;
    let mut seen = 0;
    for round in 0..150 {
        let held = world.some_roles(&mut chance);
        let action =
            chance.one_of(&[Action::See, Action::Revoke, Action::Grant, Action::Catalogue, Action::Organisation]);
        let bounds = Bounds { reach: reach(&held, action, now), day: DAY.to_owned() };
        let may = |place: &Place| may(&held, action, place, now);
        let told = format!("round {round}: {action:?} by {held:?}");

        let of_grant = |(user, application): &(Uuid, Uuid)| Place {
            application: Some(ApplicationId(*application)),
            ..world.place_of_person(*user)
        };
        let expected: BTreeSet<Uuid> =
            world.grants.iter().filter(|(_, grant)| may(&of_grant(grant))).map(|(id, _)| *id).collect();
        let grants = data.grants(&GrantFilter::default(), &bounds, None, 1000).await.expect("grants");
        let found: BTreeSet<Uuid> = grants.iter().map(|grant| grant.id).collect();
        assert_eq!(found, expected, "{told}");
        seen += usize::from(!expected.is_empty() && expected.len() < world.grants.len());
        let (some, _) = world.grants.iter().nth(chance.below(world.grants.len())).expect("a grant");
        let one = data.grant(*some, &bounds).await.expect("a look");
        assert_eq!(one.is_some(), expected.contains(some), "{told}");

        for application in world.applications.keys() {
            let held =
                data.holdings_of_application(*application, &bounds, i64::MAX, None, 1000).await.expect("holdings");
            let found: BTreeSet<Uuid> = held.iter().map(|grant| grant.id).collect();
            let of_it = |id: &&Uuid| world.grants[*id].1 == *application;
            assert_eq!(found, expected.iter().filter(of_it).copied().collect(), "{told}");
        }
        for user in world.people.keys() {
            let found = data.is_person_within(&bounds, *user).await.expect("a look");
            assert_eq!(found, may(&world.place_of_person(*user)), "{told}");
        }
        let units = data.units(&UnitFilter::default(), &bounds, None, 1000).await.expect("units");
        let expected = world.parents.keys().filter(|unit| may(&Place { path: world.path(**unit), application: None }));
        let found: BTreeSet<Uuid> = units.iter().map(|unit| unit.id).collect();
        assert_eq!(found, expected.copied().collect(), "{told}");
        let of_application = |(id, unit): (&Uuid, &Option<Uuid>)| Place {
            path: unit.map(|unit| world.path(unit)).unwrap_or_default(),
            application: Some(ApplicationId(*id)),
        };
        let expected = world.applications.iter().filter(|one| may(&of_application(*one))).map(|(id, _)| *id);
        let applications = data.applications(&bounds, None, 1000).await.expect("applications");
        let found: BTreeSet<Uuid> = applications.iter().map(|application| application.id).collect();
        assert_eq!(found, expected.collect(), "{told}");
    }
    assert!(seen > 30, "only {seen} rounds cut something");
}

on_both_databases! {
    lists_are_cut_as_the_rules_say,
}
