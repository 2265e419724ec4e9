//! One member who comes or goes, in one statement on PostgreSQL: what provisioning does most. Everybody who changes a
//! group's members queues for the group, so what counts is how short each holds it.

use std::sync::OnceLock;

use scim::schema::ResourceType;
use sea_orm::{DatabaseBackend, Statement, Value};
use uuid::Uuid;

use crate::{Action, Cause, Changes, Error, Row, TenantStore, at_once, removals::Removed, writer::Writer};

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

/// The group is held first, as in every other change of its members. `{current}` may hold the tenant's definitions.
const JOIN: &str = "WITH {current} held AS MATERIALIZED (SELECT 1 FROM resource WHERE tenant_id = $1 AND kind = $2 \
     AND id = $3 {if_current} FOR NO KEY UPDATE), \
     joined AS (INSERT INTO member (tenant_id, group_kind, group_id, member_kind, member_id, added) \
     SELECT $1, $2, $3, kind, id, $5 FROM resource WHERE tenant_id = $1 AND kind = 'User' AND id = $4 \
     AND EXISTS (SELECT 1 FROM held) ON CONFLICT DO NOTHING RETURNING 1), \
     changed AS (UPDATE resource SET version = version + 1, modified = GREATEST(modified, $5) WHERE tenant_id = $1 \
     AND kind = $2 AND id = $3 AND EXISTS (SELECT 1 FROM joined) RETURNING version), \
     logged AS (INSERT INTO event (tenant_id, at, client_id, user_id, request_id, action, kind, resource_id, version, \
     changes) SELECT $1, $5, $6, $7, $8, $9, $2, $3, version, $10 FROM changed) SELECT version FROM changed";

/// What goes is kept for a while, so that it can be given back.
const LEAVE: &str = "WITH {current} held AS MATERIALIZED (SELECT 1 FROM resource WHERE tenant_id = $1 AND kind = $2 \
     AND id = $3 {if_current} FOR NO KEY UPDATE), \
     gone AS (DELETE FROM member WHERE tenant_id = $1 AND group_id = $3 AND member_id = $4 \
     AND EXISTS (SELECT 1 FROM held) RETURNING 1), \
     changed AS (UPDATE resource SET version = version + 1, modified = GREATEST(modified, $5) WHERE tenant_id = $1 \
     AND kind = $2 AND id = $3 AND EXISTS (SELECT 1 FROM gone) RETURNING version, created), \
     kept AS (INSERT INTO removal (tenant_id, resource_id, version, part, at, client_id, what, kind, weight, created, \
     content) SELECT $1, $3, version, 0, $5, $6, $11, $2, 1, created, $12 FROM changed), \
     logged AS (INSERT INTO event (tenant_id, at, client_id, user_id, request_id, action, kind, resource_id, version, \
     changes) SELECT $1, $5, $6, $7, $8, $9, $2, $3, version, $10 FROM changed) SELECT version FROM changed";

/// The text of a statement, for a tenant that has definitions of its own or not.
fn text(joins: bool, defines: bool) -> &'static str {
    static TEXTS: [OnceLock<String>; 4] = [const { OnceLock::new() }; 4];
    TEXTS[usize::from(joins) | usize::from(defines) << 1].get_or_init(|| {
        let (text, version) = if joins { (JOIN, "$11") } else { (LEAVE, "$13") };
        let current = format!(
            "current AS MATERIALIZED (SELECT 1 FROM profile WHERE tenant_id = $1 AND version = {version} FOR KEY SHARE),"
        );
        let (current, condition) =
            if defines { (current.as_str(), "AND EXISTS (SELECT 1 FROM current)") } else { ("", "") };
        text.replace("{current}", current).replace("{if_current}", condition)
    })
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
        let changes = one.changes();
        let mut values: Vec<Value> = vec![
            self.tenant.0.into(),
            kind.name.as_str().into(),
            group.into(),
            user.into(),
            now.into(),
            cause.client.into(),
            cause.user.into(),
            cause.request.as_str().into(),
            Action::Changed.word().into(),
            changes.rows().concat().into(),
        ];
        if !joins {
            values.push(Removed::Members.word().into());
            values.push(format!("[\"{user}\"]").into());
        }
        let defines = definitions != 0;
        if defines {
            values.push(definitions.into());
        }
        let statement = Statement::from_sql_and_values(DatabaseBackend::Postgres, text(joins, defines), values);
        match connections.rows(statement).await.map_err(at_once::outcome) {
            Ok(rows) => rows.first().map(|row| Row::Postgres(row).get(0)).transpose(),
            Err(Error::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
