//! What ties somebody to a tenant who leaves, found by one look: most people decide nothing and look after nothing.

use std::sync::OnceLock;

use sea_orm::{DatabaseBackend, Statement};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Error, Row, Work};

/// What ties somebody to a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own to one question")]
pub struct Ties {
    /// Whether something is open that they asked for, or that was asked for them.
    pub(crate) asks: bool,
    /// Whether they may have to decide something, or stand in for somebody who does.
    pub(crate) decides: bool,
    /// Whether they look after the tenant, or a part of it.
    pub(crate) looks_after: bool,
    /// Whether they were granted something that has not ended.
    pub(crate) is_granted: bool,
    /// The groups that they are in.
    pub(crate) groups: Vec<TiedGroup>,
}

/// A group that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TiedGroup {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    /// Whether it is an entitlement.
    pub(crate) is_governed: bool,
}

/// A group as the look shows it: SQLite has numbers for truth.
#[derive(Deserialize)]
struct Found(Uuid, String, u8);

const LOOK: &str = "SELECT EXISTS (SELECT 1 FROM request_item WHERE tenant_id = $1 AND subject_id = $2 AND ended IS NULL) \
     OR EXISTS (SELECT 1 FROM request_item WHERE tenant_id = $1 AND requester_id = $2 AND ended IS NULL), \
     EXISTS (SELECT 1 FROM approver WHERE tenant_id = $1 AND user_id = $2 AND waits) \
     OR EXISTS (SELECT 1 FROM delegation WHERE tenant_id = $1 AND delegator_id = $2 AND ends > $3 AND cancelled IS NULL) \
     OR EXISTS (SELECT 1 FROM delegation WHERE tenant_id = $1 AND delegate_id = $2 AND ends > $3 AND cancelled IS NULL) \
     OR EXISTS (SELECT 1 FROM application WHERE tenant_id = $1 AND owner_id = $2) \
     OR EXISTS (SELECT 1 FROM application WHERE tenant_id = $1 AND deputy_id = $2) \
     OR EXISTS (SELECT 1 FROM review_item WHERE tenant_id = $1 AND subject_id = $2 AND state = 'open') \
     OR EXISTS (SELECT 1 FROM reviewer JOIN campaign ON campaign.tenant_id = $1 AND campaign.id = reviewer.campaign_id \
     WHERE reviewer.tenant_id = $1 AND reviewer.user_id = $2 AND campaign.state IN ('scheduled', 'active')), \
     EXISTS (SELECT 1 FROM admin_role WHERE tenant_id = $1 AND user_id = $2 AND ended IS NULL), \
     EXISTS (SELECT 1 FROM access_grant WHERE tenant_id = $1 AND user_id = $2 AND ended IS NULL), \
     (SELECT {list} FROM member own CROSS JOIN resource held WHERE own.tenant_id = $1 AND own.member_id = $2 \
     AND held.tenant_id = $1 AND held.kind = own.group_kind AND held.id = own.group_id)";

fn text(backend: DatabaseBackend) -> &'static str {
    static SQLITE: OnceLock<String> = OnceLock::new();
    static POSTGRES: OnceLock<String> = OnceLock::new();
    if backend == DatabaseBackend::Postgres {
        let list =
            "json_agg(json_build_array(own.group_id, own.group_kind, (held.governed_by IS NOT NULL)::integer))::text";
        return POSTGRES.get_or_init(|| LOOK.replace("{list}", list));
    }
    let list = "json_group_array(json_array(lower(hex(own.group_id)), own.group_kind, held.governed_by IS NOT NULL))";
    SQLITE.get_or_init(|| LOOK.replace("{list}", list))
}

impl Work {
    /// What ties somebody to the tenant. They must be held, or it may be more in the next moment.
    pub async fn ties(&self, person: Uuid) -> Result<Ties, Error> {
        if self.is_at_once() {
            return Err(Error::Conflict);
        }
        let values = [self.tenant.0.into(), person.into(), self.now.into()];
        let look = Statement::from_sql_and_values(self.backend(), text(self.backend()), values);
        let read = |row: &Row<'_>| {
            Ok(Ties {
                asks: row.get(0)?,
                decides: row.get(1)?,
                looks_after: row.get(2)?,
                is_granted: row.get(3)?,
                groups: groups(row.get(4)?)?,
            })
        };
        Ok(self.transaction.row(look, read).await?.unwrap_or_default())
    }
}

fn groups(text: Option<String>) -> Result<Vec<TiedGroup>, Error> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let found: Vec<Found> =
        serde_json::from_str(&text).map_err(|e| Error::Damaged(format!("the groups of a leaver: {e}")))?;
    let group = |Found(id, kind, governed)| TiedGroup { id, kind, is_governed: governed != 0 };
    Ok(found.into_iter().map(group).collect())
}
