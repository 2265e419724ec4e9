//! A tenant full of people and groups.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hyper::Method;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Outcome,
    abilities::Abilities,
    connection::{Connection, Target},
    data,
};

/// How many members one request adds while a group is filled.
const MEMBERS_A_REQUEST: usize = 1_000;
/// Users beside those who fill the groups, so that there is always somebody to add.
const SPARE: usize = 64;
/// The same for the mixed load, which comes from more connections.
const SPARE_OF_MANY: usize = 256;
/// How many are switched off and on again who are in no group, and how many who are in one together. They are in nothing else that is measured.
const SWITCHED: usize = 1000;
/// After how many users progress is shown.
const STEP: usize = 10_000;

/// What was made.
pub(crate) struct Scene {
    pub(crate) target: Target,
    /// The ids of the users, by number.
    pub(crate) users: Arc<Vec<String>>,
    /// The ids of users who are in no group.
    pub(crate) spare: Arc<Vec<String>>,
    /// Others of them, for the mixed load.
    pub(crate) spare_of_many: Arc<Vec<String>>,
    /// Others of them, who are switched off and on.
    pub(crate) lone: Arc<Vec<String>>,
    /// The same, in one group.
    pub(crate) leavers: Arc<Vec<String>>,
    /// From the smallest to the largest.
    pub(crate) groups: Vec<Group>,
    /// How long it took to make the users.
    pub(crate) filled: Duration,
    /// How many were made, the spare ones included.
    pub(crate) made: usize,
}

/// A group and how many members it has.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) size: usize,
}

/// A tenant with a few users and nothing else.
pub(crate) struct Neighbour {
    pub(crate) target: Target,
    /// Their ids.
    pub(crate) users: Vec<String>,
}

impl Scene {
    /// Fills a tenant with that many users, and with groups of those sizes.
    pub(crate) async fn fill(
        target: &Target,
        abilities: Abilities,
        users: usize,
        groups: &[usize],
        connections: usize,
    ) -> Outcome<Self> {
        let made = users + SPARE + SPARE_OF_MANY + 2 * SWITCHED;
        let started = Instant::now();
        let mut ids = create_users(target, made, abilities.bulk, connections).await?;
        let filled = started.elapsed();
        let leavers = Arc::new(ids.split_off(users + SPARE + SPARE_OF_MANY + SWITCHED));
        let lone = Arc::new(ids.split_off(users + SPARE + SPARE_OF_MANY));
        let spare_of_many = Arc::new(ids.split_off(users + SPARE));
        let spare = Arc::new(ids.split_off(users));
        let mut connection = Connection::open(target).await?;
        let mut made_groups = Vec::new();
        for size in groups {
            made_groups.push(create_group(&mut connection, target, "group", &ids[..*size]).await?);
        }
        create_group(&mut connection, target, "leavers", &leavers).await?;
        let (target, users) = (target.clone(), Arc::new(ids));
        Ok(Self { target, users, spare, spare_of_many, lone, leavers, groups: made_groups, filled, made })
    }

    /// The group that the mixed load changes.
    pub(crate) fn largest_group(&self) -> Option<&Group> {
        self.groups.last()
    }
}

/// Makes users and gives their ids by number: many at once where that is possible, else one after the other.
pub(crate) async fn create_users(
    target: &Target,
    count: usize,
    bulk: usize,
    connections: usize,
) -> Outcome<Vec<String>> {
    let user: MakeUser = Arc::new(|number| data::user(&data::name_of(number), number));
    create_users_as(target, count, bulk, connections, user).await
}

/// What a user looks like, by number.
pub(crate) type MakeUser = Arc<dyn Fn(usize) -> Value + Send + Sync>;

/// The same for users that look otherwise.
pub(crate) async fn create_users_as(
    target: &Target,
    count: usize,
    bulk: usize,
    connections: usize,
    user: MakeUser,
) -> Outcome<Vec<String>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = Vec::new();
    for _ in 0..connections {
        let (target, next) = (target.clone(), Arc::clone(&next));
        let connection = Connection::open(&target).await?;
        workers.push(tokio::spawn(create_share(connection, target, next, (count, bulk), Arc::clone(&user))));
    }
    let mut ids = vec![String::new(); count];
    for worker in workers {
        for (number, id) in worker.await?? {
            *ids.get_mut(number).ok_or("the server answers for a user that was not sent")? = id;
        }
    }
    match ids.iter().position(String::is_empty) {
        Some(number) => Err(format!("the server does not say what became of user {number}").into()),
        None => Ok(ids),
    }
}

/// What one connection makes: the next few numbers, again and again.
async fn create_share(
    mut connection: Connection,
    target: Target,
    next: Arc<AtomicUsize>,
    (count, bulk): (usize, usize),
    user: MakeUser,
) -> Outcome<Vec<(usize, String)>> {
    let step = bulk.max(1);
    let mut made = Vec::new();
    loop {
        let start = next.fetch_add(step, Ordering::Relaxed);
        if start >= count {
            return Ok(made);
        }
        let end = count.min(start + step);
        if start / STEP != end / STEP {
            eprintln!("  {end} of {count} users");
        }
        if bulk > 1 {
            let users = (start..end).map(|number| (number, user(number)));
            let answer = connection.send(&target.call(Method::POST, "/Bulk".into(), data::bulk(users))).await?;
            made.extend(ids_of(&serde_json::from_slice(&answer)?)?);
        } else {
            let body = user(start).to_string();
            let answer = connection.send(&target.call(Method::POST, "/Users?attributes=id".into(), body)).await?;
            made.push((start, id_of(&answer)?));
        }
    }
}

/// The numbers and ids in the answer to a bulk request.
fn ids_of(answer: &Value) -> Outcome<Vec<(usize, String)>> {
    let operations = answer["Operations"].as_array().ok_or("a bulk answer without Operations")?;
    operations.iter().map(made_by).collect()
}

fn made_by(operation: &Value) -> Outcome<(usize, String)> {
    let number = operation["bulkId"].as_str().and_then(|id| id.parse().ok());
    let id = operation["location"].as_str().and_then(|url| url.rsplit('/').next());
    let (number, id) = number.zip(id).ok_or_else(|| format!("a bulk operation failed: {operation}"))?;
    Ok((number, id.to_owned()))
}

async fn create_group(connection: &mut Connection, target: &Target, name: &str, members: &[String]) -> Outcome<Group> {
    let size = members.len();
    let body = data::group(&format!("{name} of {size}"));
    let id = id_of(&connection.send(&target.call(Method::POST, "/Groups".into(), body)).await?)?;
    for members in members.chunks(MEMBERS_A_REQUEST) {
        let body = data::addition(members);
        connection.send(&target.call(Method::PATCH, format!("/Groups/{id}"), body)).await?;
    }
    Ok(Group { id, size })
}

pub(crate) fn id_of(answer: &[u8]) -> Outcome<String> {
    let resource: Value = serde_json::from_slice(answer)?;
    Ok(resource["id"].as_str().ok_or("an answer without id")?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bulk_answer_says_which_user_got_which_id() {
        let answer = json!({ "Operations": [
            { "bulkId": "7", "status": "201", "location": "https://x/Users/b" },
            { "bulkId": "3", "status": "201", "location": "https://x/Users/a" },
        ] });
        assert_eq!(ids_of(&answer).expect("ids"), [(7, "b".to_owned()), (3, "a".to_owned())]);
        assert!(ids_of(&json!({ "Operations": [{ "bulkId": "7", "status": "409" }] })).is_err());
        assert!(ids_of(&json!({})).is_err());
    }
}
