//! One user who joins or leaves a group, on PostgreSQL: what identity providers send most. Whoever changes the members of
//! one group has to wait for the group, so those who wait go together: one statement, one commit, and yet each is a
//! change of its own in the log. See docs/decisions/0030.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use scim::schema::ResourceType;
use sea_orm::{
    DbErr,
    sqlx::{
        Arguments, Row as _,
        postgres::{PgArguments, PgRow},
    },
};
use tokio::{sync::oneshot, time::timeout};
use uuid::Uuid;

use crate::{Cause, Changes, Error, TenantStore, at_once::outcome, postgres::Connections, writer::Writer};

/// How long the database may take to answer: what it does by itself ends after thirty seconds.
const LONGEST: Duration = Duration::from_secs(35);
/// The most who go together.
const TOGETHER: usize = 200;

/// A user who is to come or to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneMember {
    /// The group.
    pub group: Uuid,
    /// The user.
    pub user: Uuid,
    /// Whether to come.
    pub joins: bool,
}

impl OneMember {
    /// What that changes of the group.
    pub fn changes(self) -> Changes {
        let mut changes = Changes::default();
        let list = if self.joins { &mut changes.added } else { &mut changes.removed };
        list.push(self.user);
        changes
    }
}

/// The group is held first, as in every other change of its members. Users are found one by one, by their whole keys: among a thousand tenants
/// PostgreSQL takes each for a few rows, and would look through all users of this one. Of an entitlement grants have to be written as well:
/// that takes the long way. `{current}` may hold the tenant's definitions.
const JOIN: &str = "WITH {current} held AS MATERIALIZED (SELECT 1 FROM resource WHERE tenant_id = $1 AND kind = $2 \
     AND id = $3 AND governed_by IS NULL {if_current} FOR NO KEY UPDATE), \
     asked AS MATERIALIZED (SELECT * FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::text[]) WITH ORDINALITY \
     AS asked (member_id, client_id, user_id, request_id, place)), \
     done AS (INSERT INTO member (tenant_id, group_kind, group_id, member_kind, member_id, added) \
     SELECT $1, $2, $3, resource.kind, resource.id, $4 FROM asked CROSS JOIN LATERAL (SELECT kind, id FROM resource \
     WHERE resource.tenant_id = $1 AND resource.kind = 'User' AND resource.id = asked.member_id LIMIT 1) AS resource \
     WHERE EXISTS (SELECT 1 FROM held) \
     AND NOT EXISTS (SELECT 1 FROM suspension WHERE tenant_id = $1 AND suspension.user_id = asked.member_id) \
     ON CONFLICT DO NOTHING RETURNING member_id), ";

/// What goes is kept for a while, so that it can be given back. For whom a place waits there as well, of when they were
/// away, it has to end: that takes the long way.
const LEAVE: &str = "WITH {current} held AS MATERIALIZED (SELECT 1 FROM resource WHERE tenant_id = $1 AND kind = $2 \
     AND id = $3 AND governed_by IS NULL {if_current} FOR NO KEY UPDATE), \
     asked AS MATERIALIZED (SELECT * FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::text[]) WITH ORDINALITY \
     AS asked (member_id, client_id, user_id, request_id, place)), \
     done AS (DELETE FROM member WHERE tenant_id = $1 AND group_id = $3 AND member_id = ANY ($5::uuid[]) \
     AND EXISTS (SELECT 1 FROM held) AND NOT EXISTS (SELECT 1 FROM access_grant WHERE access_grant.tenant_id = $1 \
     AND access_grant.group_id = $3 AND access_grant.user_id = member.member_id AND access_grant.ended IS NULL OFFSET 0) \
     RETURNING member_id), \
     kept AS (INSERT INTO removal (tenant_id, resource_id, version, part, at, client_id, what, kind, weight, created, \
     content) SELECT $1, $3, counted.version, 0, $4, counted.client_id, 'removed', $2, 1, counted.created, \
     format('[\"%s\"]', counted.member_id) FROM counted), ";

/// Each has a version of the group, in the order in which they asked.
const COUNT: &str = "changed AS (UPDATE resource SET version = version + (SELECT count(*) FROM done), \
     modified = GREATEST(modified, $4) WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND EXISTS (SELECT 1 FROM done) \
     RETURNING version - (SELECT count(*) FROM done) AS before, created), \
     counted AS MATERIALIZED (SELECT asked.*, changed.created, \
     changed.before + row_number() OVER (ORDER BY asked.place) AS version \
     FROM asked JOIN done ON done.member_id = asked.member_id CROSS JOIN changed), ";

const LOG: &str = "logged AS (INSERT INTO event (tenant_id, at, client_id, user_id, request_id, action, kind, \
     resource_id, version, changes) SELECT $1, $4, client_id, user_id, request_id, 'changed', $2, $3, version, \
     format('{\"{done}\":[\"%s\"]}', member_id) FROM counted ORDER BY version) SELECT member_id, version FROM counted";

/// The text of a statement, for a tenant that has definitions of its own or not.
fn text(joins: bool, defines: bool) -> &'static str {
    static TEXTS: [OnceLock<String>; 4] = [const { OnceLock::new() }; 4];
    TEXTS[usize::from(joins) | usize::from(defines) << 1].get_or_init(|| {
        let current = "current AS MATERIALIZED (SELECT 1 FROM profile WHERE tenant_id = $1 AND version = $9 \
                       FOR KEY SHARE),";
        let (current, condition) = if defines { (current, "AND EXISTS (SELECT 1 FROM current)") } else { ("", "") };
        let (change, word) = if joins { (JOIN, "added") } else { (LEAVE, "removed") };
        // What is kept of those who leave has their versions.
        let (first, rest) = change.split_at(change.find("kept AS").unwrap_or(change.len()));
        format!("{first}{COUNT}{rest}{LOG}")
            .replace("{current}", current)
            .replace("{if_current}", condition)
            .replace("{done}", word)
    })
}

/// Whom a statement is about: all who go together have the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Way {
    tenant: i64,
    kind: String,
    group: Uuid,
    joins: bool,
    definitions: i64,
}

/// Somebody who waits to be written.
#[derive(Debug)]
struct Waiting {
    user: Uuid,
    cause: Cause,
    now: i64,
    tell: oneshot::Sender<Result<Option<i64>, Error>>,
}

/// Who waits for which group. Whose list is there has somebody at work for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crowds(Arc<Mutex<HashMap<Way, Vec<Waiting>>>>);

impl Crowds {
    fn lists(&self) -> MutexGuard<'_, HashMap<Way, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes along with the others. The work is a task of its own: who gives up does not stop it.
    fn join(&self, connections: &Connections, way: Way, waiting: Waiting) {
        match self.lists().entry(way) {
            Entry::Occupied(mut list) => list.get_mut().push(waiting),
            Entry::Vacant(place) => {
                let way = place.key().clone();
                place.insert(vec![waiting]);
                tokio::spawn(work(self.clone(), connections.clone(), way));
            }
        }
    }

    /// Those who go next; nobody when nobody waits, and then whoever comes starts anew.
    fn next(&self, way: &Way) -> Vec<Waiting> {
        let mut lists = self.lists();
        let Some(list) = lists.get_mut(way) else { return Vec::new() };
        let some: Vec<Waiting> = list.drain(..list.len().min(TOGETHER)).collect();
        if some.is_empty() {
            lists.remove(way);
        }
        some
    }
}

/// Somebody at work for a list. Whatever becomes of it, nobody waits for it in vain.
struct AtWork {
    crowds: Crowds,
    way: Way,
    ended: bool,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        if !self.ended {
            self.crowds.lists().remove(&self.way);
        }
    }
}

async fn work(crowds: Crowds, connections: Connections, way: Way) {
    let mut work = AtWork { crowds, way, ended: false };
    while !work.ended {
        let crowd = work.crowds.next(&work.way);
        work.ended = crowd.is_empty();
        if !work.ended {
            write(&connections, &work.way, crowd).await;
        }
    }
}

/// Writes for all of them, and tells each what came of it.
async fn write(connections: &Connections, way: &Way, crowd: Vec<Waiting>) {
    // Who has given up is not written any more; who asks the same as another does it by himself.
    let crowd = crowd.into_iter().filter(|one| !one.tell.is_closed());
    let mut users = HashSet::new();
    let (firsts, others): (Vec<Waiting>, Vec<Waiting>) = crowd.partition(|one| users.insert(one.user));
    if firsts.is_empty() {
        return;
    }
    let written = match arguments(way, &firsts) {
        Ok(arguments) => {
            let rows = connections.rows_of(text(way.joins, way.definitions != 0), arguments);
            match timeout(LONGEST, rows).await {
                Ok(rows) => rows.map_err(outcome),
                Err(_) => Err(Error::Unknown("the database does not answer".into())),
            }
        }
        Err(error) => Err(error),
    };
    let is_crowd = firsts.len() > 1;
    let versions: Result<HashMap<Uuid, i64>, Error> = written.and_then(|rows| rows.iter().map(version).collect());
    for one in firsts {
        let _ = one.tell.send(match &versions {
            Ok(versions) => Ok(versions.get(&one.user).copied()),
            Err(unknown @ Error::Unknown(_)) => Err(again(unknown)),
            // What one of them met was refused to all; each is tried alone.
            Err(_) if is_crowd => Ok(None),
            Err(error) => Err(again(error)),
        });
    }
    for other in others {
        let _ = other.tell.send(Ok(None));
    }
}

fn arguments(way: &Way, crowd: &[Waiting]) -> Result<PgArguments, Error> {
    let users: Vec<Uuid> = crowd.iter().map(|one| one.user).collect();
    let clients: Vec<Option<Uuid>> = crowd.iter().map(|one| one.cause.client).collect();
    let on_behalf: Vec<Option<Uuid>> = crowd.iter().map(|one| one.cause.user).collect();
    let requests: Vec<&str> = crowd.iter().map(|one| one.cause.request.as_str()).collect();
    let now = crowd.iter().map(|one| one.now).max().unwrap_or_default();
    let mut arguments = PgArguments::default();
    let add = || {
        arguments.add(way.tenant)?;
        arguments.add(way.kind.as_str())?;
        arguments.add(way.group)?;
        arguments.add(now)?;
        arguments.add(users)?;
        arguments.add(clients)?;
        arguments.add(on_behalf)?;
        arguments.add(requests)?;
        if way.definitions != 0 {
            arguments.add(way.definitions)?;
        }
        Ok(())
    };
    add().map_err(|error: sea_orm::sqlx::error::BoxDynError| Error::Database(DbErr::Type(error.to_string())))?;
    Ok(arguments)
}

fn version(row: &PgRow) -> Result<(Uuid, i64), Error> {
    let damaged = |error: sea_orm::sqlx::Error| Error::Database(DbErr::Type(error.to_string()));
    Ok((row.try_get(0).map_err(damaged)?, row.try_get(1).map_err(damaged)?))
}

/// The same error for one more who has it.
fn again(error: &Error) -> Error {
    match error {
        Error::Taken => Error::Taken,
        Error::Conflict => Error::Conflict,
        Error::Busy(reason) => Error::Busy(reason.clone()),
        Error::Long => Error::Long,
        Error::Unknown(reason) => Error::Unknown(reason.clone()),
        Error::Damaged(reason) => Error::Damaged(reason.clone()),
        Error::Unusable(reason) => Error::Unusable(reason.clone()),
        Error::Database(cause) => Error::Database(cause.clone()),
    }
}

impl TenantStore {
    /// Lets one user join or leave a group, if the tenant's definitions are still those of that version. Says which
    /// version the group has then; nothing if nothing was changed, for whatever reason, or if this database does it no
    /// better than step by step.
    pub async fn change_one_member(
        &self,
        kind: &ResourceType,
        one: OneMember,
        definitions: i64,
        cause: &Cause,
        now: i64,
    ) -> Result<Option<i64>, Error> {
        let Writer::Postgres(connections) = &self.store.write else { return Ok(None) };
        let OneMember { group, user, joins } = one;
        let way = Way { tenant: self.tenant.0, kind: kind.name.clone(), group, joins, definitions };
        let (tell, told) = oneshot::channel();
        self.store.crowds.join(connections, way, Waiting { user, cause: cause.clone(), now, tell });
        match told.await {
            Ok(Err(Error::Conflict)) => Ok(None),
            Ok(settled) => settled,
            Err(_) => Err(Error::Unknown("the change of a group's members was given up".into())),
        }
    }
}
