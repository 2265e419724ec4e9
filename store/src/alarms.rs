//! Alarms: a client took away more within an hour than is usual.

use entity::{alarm, tenant};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::LockType,
};
use uuid::Uuid;

use crate::{Action, Changes, Error, Store, Tally, TenantStore, Work};

/// What the log calls an alarm.
const ALARM: &str = "Alarm";
/// The one kind that there is.
pub(crate) const MASS_CHANGE: &str = "massChange";

/// A client took away more within an hour than is usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its id, which rises with time.
    pub id: Uuid,
    /// The client, or the issuer on whose word people called.
    pub client: Uuid,
    /// What it is about.
    pub kind: String,
    /// When it was raised, in milliseconds since 1970.
    pub began: i64,
    /// How much was taken away within an hour at the worst, since when, and when last.
    pub tally: Tally,
    /// How many users and how many memberships may be.
    pub thresholds: (i64, i64),
    /// When somebody said that they know.
    pub acknowledged: Option<i64>,
    /// Which client said so; nothing for the command line.
    pub acknowledged_by: Option<Uuid>,
    /// What they said.
    pub comment: Option<String>,
}

fn read(row: alarm::Model) -> Alarm {
    Alarm {
        id: row.id,
        client: row.client_id,
        kind: row.kind,
        began: row.began,
        tally: Tally {
            users: row.users,
            memberships: row.memberships,
            first: row.first_removal,
            last: row.last_removal,
        },
        thresholds: (row.users_threshold, row.memberships_threshold),
        acknowledged: row.acknowledged,
        acknowledged_by: row.acknowledged_by,
        comment: row.comment,
    }
}

/// What nobody has acknowledged, or goes on since then.
fn standing(since: i64) -> Condition {
    Condition::any().add(alarm::Column::Acknowledged.is_null()).add(alarm::Column::LastRemoval.gt(since))
}

impl Store {
    /// The alarms of all tenants behind that one, the newest first, with the slugs of their tenants.
    pub async fn alarms(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<(String, Alarm)>, Error> {
        let rows = alarm::Entity::find()
            .filter(Condition::all().add_option(after.map(|id| alarm::Column::Id.lt(id))))
            .order_by_desc(alarm::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        let tenants = rows.iter().map(|row| row.tenant_id);
        let select = tenant::Entity::find()
            .select_only()
            .columns([tenant::Column::Id, tenant::Column::Slug])
            .filter(tenant::Column::Id.is_in(tenants))
            .build(self.backend());
        let slugs: Vec<(i64, String)> = self.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let slug = |id| slugs.iter().find(|(own, _)| *own == id).map(|(_, slug)| slug.clone()).unwrap_or_default();
        Ok(rows.into_iter().map(|row| (slug(row.tenant_id), read(row))).collect())
    }
}

impl TenantStore {
    /// Alarms behind that one, the newest first.
    pub async fn alarms(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<Alarm>, Error> {
        let rows = alarm::Entity::find()
            .filter(alarm::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(after.map(|id| alarm::Column::Id.lt(id))))
            .order_by_desc(alarm::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// One alarm.
    pub async fn alarm(&self, id: Uuid) -> Result<Option<Alarm>, Error> {
        Ok(alarm::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?.map(read))
    }

    /// The alarms that nobody has acknowledged or that have gone on since then, the oldest first.
    pub async fn standing_alarms(&self, since: i64, limit: u64) -> Result<Vec<Alarm>, Error> {
        let rows = alarm::Entity::find()
            .filter(alarm::Column::TenantId.eq(self.tenant.0))
            .filter(standing(since))
            .order_by_asc(alarm::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }
}

impl Work {
    /// Raises an alarm about a client, or brings the one up to date that has gone on since `since`. Says whether it is
    /// a new one. Others who raise one wait until the end.
    pub async fn raise(
        &self,
        id: Uuid,
        client: Uuid,
        tally: Tally,
        thresholds: (i64, i64),
        since: i64,
    ) -> Result<bool, Error> {
        self.lock_tenant().await?;
        let latest = alarm::Entity::find()
            .filter(alarm::Column::TenantId.eq(self.tenant.0))
            .filter(alarm::Column::ClientId.eq(client))
            .order_by_desc(alarm::Column::Id)
            .limit(1)
            .one(&*self.transaction)
            .await?;
        if let Some(row) = latest.filter(|row| row.last_removal > since) {
            self.bring_up_to_date(row, tally).await?;
            return Ok(false);
        }
        let row = alarm::ActiveModel {
            tenant_id: Set(self.tenant.0),
            id: Set(id),
            client_id: Set(client),
            kind: Set(MASS_CHANGE.to_owned()),
            began: Set(self.now),
            first_removal: Set(tally.first),
            last_removal: Set(tally.last),
            users: Set(tally.users),
            users_threshold: Set(thresholds.0),
            memberships: Set(tally.memberships),
            memberships_threshold: Set(thresholds.1),
            acknowledged: Set(None),
            acknowledged_by: Set(None),
            comment: Set(None),
        };
        alarm::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        self.record(Action::Created, ALARM, id, 1, &Changes::default()).await?;
        Ok(true)
    }

    async fn bring_up_to_date(&self, row: alarm::Model, tally: Tally) -> Result<(), Error> {
        let change = alarm::ActiveModel {
            last_removal: Set(row.last_removal.max(tally.last)),
            users: Set(row.users.max(tally.users)),
            memberships: Set(row.memberships.max(tally.memberships)),
            ..Default::default()
        };
        alarm::Entity::update_many()
            .set(change)
            .filter(alarm::Column::TenantId.eq(self.tenant.0))
            .filter(alarm::Column::Id.eq(row.id))
            .exec(&*self.transaction)
            .await?;
        Ok(())
    }

    /// An alarm, kept from change by others until this work ends.
    pub async fn lock_alarm(&self, id: Uuid) -> Result<Option<Alarm>, Error> {
        let row =
            alarm::Entity::find_by_id((self.tenant.0, id)).lock(LockType::NoKeyUpdate).one(&*self.transaction).await?;
        Ok(row.map(read))
    }

    /// Notes that somebody knows of an alarm.
    pub async fn acknowledge(&self, id: Uuid, comment: Option<&str>) -> Result<(), Error> {
        let change = alarm::ActiveModel {
            acknowledged: Set(Some(self.now)),
            acknowledged_by: Set(self.cause.client),
            comment: Set(comment.map(Into::into)),
            ..Default::default()
        };
        alarm::Entity::update_many()
            .set(change)
            .filter(alarm::Column::TenantId.eq(self.tenant.0))
            .filter(alarm::Column::Id.eq(id))
            .exec(&*self.transaction)
            .await?;
        let mut attributes = vec!["acknowledged".to_owned()];
        attributes.extend(comment.map(|_| "comment".to_owned()));
        self.record(Action::Changed, ALARM, id, 2, &Changes { attributes, ..Changes::default() }).await
    }
}
