//! A tenant full of people, entitlements and grants.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    Outcome,
    connection::{Call, Connection, Target},
    data,
    rights::{Options, people::Issuer},
    scene::{create_users_as, id_of},
};

/// How many people leave.
pub(crate) const LEAVERS: usize = 30;
/// How many groups each of them is in.
pub(crate) const HELD_BY_LEAVERS: usize = 200;
/// For how many people there is one who manages them.
const TEAM: usize = 50;
const UNITS: usize = 200;
const APPLICATIONS: usize = 20;
/// How many rules of each kind there are.
pub(crate) const RULES: usize = 20;
/// How many connections fill, and how many users each of their requests makes.
const CONNECTIONS: usize = 8;
const BULK: usize = 500;
const MUNICIPAL: &str = "urn:caurlaide:scim:schemas:extension:municipal:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What was made.
pub(crate) struct Scene {
    pub(crate) scim: Target,
    pub(crate) api: Target,
    pub(crate) issuer: Issuer,
    /// The ids of everybody but those who manage and those who will leave.
    pub(crate) users: Vec<String>,
    pub(crate) leavers: Vec<String>,
    /// The groups that are entitlements.
    pub(crate) entitlements: Vec<String>,
    managers: usize,
    plan: Plan,
}

/// Who is in which entitlement, by numbers.
#[derive(Clone, Copy)]
struct Plan {
    users: usize,
    entitlements: usize,
    /// How many are in each, but for those who will leave.
    members: usize,
}

impl Plan {
    fn of(options: &Options) -> Self {
        let usual = options.grants.saturating_sub(LEAVERS * HELD_BY_LEAVERS.min(options.entitlements));
        let members = (usual / options.entitlements).clamp(1, options.users);
        Self { users: options.users, entitlements: options.entitlements, members }
    }

    fn members(self, entitlement: usize) -> impl Iterator<Item = usize> {
        let first = entitlement * self.members;
        (first..first + self.members).map(move |at| at % self.users)
    }

    fn leavers(self, entitlement: usize) -> impl Iterator<Item = usize> {
        (0..LEAVERS).filter(move |leaver| (entitlement + leaver * 37) % self.entitlements < HELD_BY_LEAVERS)
    }

    fn is_in(self, user: usize, entitlement: usize) -> bool {
        let first = entitlement * self.members % self.users;
        (user + self.users - first) % self.users < self.members
    }
}

impl Scene {
    /// Fills a tenant.
    pub(crate) async fn fill(options: &Options, scim: Target, token: &str) -> Outcome<Self> {
        let api = scim.api(token)?;
        let issuer = Issuer::new()?;
        let mut connection = Connection::open(&scim).await?;
        connection.send(&api.call(Method::POST, "/issuers".into(), issuer.registration().to_string())).await?;
        let units = units(&mut connection, &api).await?;
        let managers = options.users.div_ceil(TEAM);
        let make = Arc::new(|number| data::user(&manager_name(number), number));
        let above = create_users_as(&scim, managers, BULK, CONNECTIONS, make).await?;
        let make = Arc::new(move |number| person(number, &above[number / TEAM % above.len()]));
        let mut users = create_users_as(&scim, options.users + LEAVERS, BULK, CONNECTIONS, make).await?;
        let leavers = users.split_off(options.users);
        let plan = Plan::of(options);
        let mut scene = Self { scim, api, issuer, users, leavers, entitlements: Vec::new(), managers, plan };
        scene.entitlements = scene.entitle().await?;
        scene.rules(&mut connection, &units).await?;
        Ok(scene)
    }

    /// The tenant as one of its users sees it.
    pub(crate) fn person(&self, user: usize) -> Outcome<Target> {
        self.issuer.person(&self.scim, &data::name_of(user))
    }

    /// The tenant as whoever manages a user sees it.
    pub(crate) fn manager(&self, user: usize) -> Outcome<Target> {
        self.issuer.person(&self.scim, &manager_name(user / TEAM % self.managers))
    }

    /// An entitlement that somebody does not have.
    pub(crate) fn lacking(&self, user: usize) -> &str {
        let number =
            (0..self.plan.entitlements).find(|number| !self.plan.is_in(user, (user + number) % self.plan.entitlements));
        &self.entitlements[(user + number.unwrap_or(0)) % self.entitlements.len()]
    }

    /// Groups of so many members, each an entitlement of an application.
    async fn entitle(&self) -> Outcome<Vec<String>> {
        let mut connection = Connection::open(&self.api).await?;
        let mut applications = Vec::new();
        for number in 0..APPLICATIONS {
            let body = json!({ "code": format!("application-{number}"), "name": format!("Application {number}") });
            let made = connection.send(&self.api.call(Method::POST, "/applications".into(), body.to_string())).await?;
            applications.push(id_of(&made)?);
        }
        let next = AtomicUsize::new(0);
        let share = || self.entitle_share(&applications, &next);
        let shares = tokio::try_join!(share(), share(), share(), share())?;
        let mut made: Vec<(usize, String)> = [shares.0, shares.1, shares.2, shares.3].into_iter().flatten().collect();
        made.sort_unstable();
        Ok(made.into_iter().map(|(_, group)| group).collect())
    }

    async fn entitle_share(&self, applications: &[String], next: &AtomicUsize) -> Outcome<Vec<(usize, String)>> {
        let mut connection = Connection::open(&self.api).await?;
        let mut made = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.plan.entitlements {
                return Ok(made);
            }
            if number > 0 && number.is_multiple_of(500) {
                eprintln!("  {number} of {} entitlements", self.plan.entitlements);
            }
            let users = self.plan.members(number).map(|user| &self.users[user]);
            let leavers = self.plan.leavers(number).map(|user| &self.leavers[user]);
            let members: Vec<Value> = users.chain(leavers).map(|id| json!({ "value": id })).collect();
            let group = json!({ "displayName": format!("Entitlement {number}"), "members": members,
                                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"] });
            let group = self.scim.call(Method::POST, "/Groups?attributes=id".into(), group.to_string());
            let group = id_of(&connection.send(&group).await?)?;
            let body = json!({ "group": group, "code": format!("entitlement-{number}"), "names": { "en": format!("Entitlement {number}") },
                               "authority": "grants", "requestable": true, "risk": 1 });
            let path = format!("/applications/{}/entitlements", applications[number % applications.len()]);
            connection.send(&self.api.call(Method::POST, path, body.to_string())).await?;
            made.push((number, group));
        }
    }

    /// Rules that a night looks at.
    async fn rules(&self, connection: &mut Connection, units: &[String]) -> Outcome<()> {
        let all = self.entitlements.len();
        for number in 0..RULES {
            let [one, other, given] =
                [number, number + all / 2, number + all / 3].map(|at| &self.entitlements[at % all]);
            let body = json!({ "name": format!("Duties {number}"), "one": [one], "other": [other], "mode": "detect" });
            connection.send(&self.api.call(Method::POST, "/sod-rules".into(), body.to_string())).await?;
            let body = json!({ "name": format!("Place {number}"), "when": { "within": units[number % units.len()] },
                               "entitlements": [given] });
            connection.send(&self.api.call(Method::POST, "/birthright-rules".into(), body.to_string())).await?;
        }
        Ok(())
    }

    /// A grant by hand that ends then.
    pub(crate) fn ending(&self, user: usize, until: &str) -> Call {
        let body = json!({ "user": self.users[user], "entitlement": self.lacking(user), "until": until, "reason": "For a while" });
        self.api.call(Method::POST, "/grants".into(), body.to_string())
    }
}

fn manager_name(number: usize) -> String {
    format!("manager-{number}@bench.example")
}

/// Somebody with a manager and a place.
fn person(number: usize, manager: &str) -> Value {
    let mut user = data::user(&data::name_of(number), number);
    user[ENTERPRISE]["manager"] = json!({ "value": manager });
    user[MUNICIPAL] = json!({ "employments": [{
        "value": "1", "organisationUnit": format!("U-{}", number % UNITS), "position": "Clerk", "type": "employee",
    }] });
    let schemas = user["schemas"].as_array_mut();
    schemas.into_iter().for_each(|schemas| schemas.push(MUNICIPAL.into()));
    user
}

/// A municipality with institutions.
async fn units(connection: &mut Connection, api: &Target) -> Outcome<Vec<String>> {
    let mut make = async |body: Value| {
        id_of(&connection.send(&api.call(Method::POST, "/organisation-units".into(), body.to_string())).await?)
    };
    let above = make(json!({ "kind": "municipality", "code": "M", "name": "Municipality" })).await?;
    let mut units = Vec::new();
    for number in 0..UNITS {
        let name = format!("Institution {number}");
        units.push(
            make(json!({ "kind": "institution", "code": format!("U-{number}"), "name": name, "parent": above }))
                .await?,
        );
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_know_who_is_in_what() {
        let plan = Plan { users: 97, entitlements: 30, members: 13 };
        for entitlement in 0..plan.entitlements {
            let members: Vec<usize> = plan.members(entitlement).collect();
            assert!((0..plan.users).all(|user| members.contains(&user) == plan.is_in(user, entitlement)));
        }
    }
}
