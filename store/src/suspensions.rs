//! Users whom an administrator has suspended, as long as it lasts.

use std::collections::HashSet;

use entity::suspension;
use rights::Instant;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{Action, Changes, Deed, Error, TenantStore, TimerKind, Work, resources::ROWS_PER_STATEMENT};

/// What the log calls one.
const SUSPENSION: &str = "Suspension";

/// A suspension as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSuspension {
    /// Whose.
    pub user: Uuid,
    /// Since when.
    pub since: Instant,
    /// Until when; nothing for as long as nobody lifts it.
    pub until: Option<Instant>,
    /// Who did it, and why.
    pub by: Deed,
}

impl UserSuspension {
    /// Of what it has to be reminded.
    pub fn timers(&self) -> Vec<(TimerKind, Instant)> {
        self.until.map(|until| (TimerKind::SuspensionEnd, until)).into_iter().collect()
    }
}

impl TenantStore {
    /// The suspension of a user, if an administrator has suspended them.
    pub async fn suspension(&self, user: Uuid) -> Result<Option<UserSuspension>, Error> {
        suspension::Entity::find_by_id((self.tenant.0, user)).one(&self.store.read).await?.map(read).transpose()
    }
}

impl Work {
    /// The suspension of a user, if there is one. Whoever changes it holds the user.
    pub async fn suspension(&self, user: Uuid) -> Result<Option<UserSuspension>, Error> {
        suspension::Entity::find_by_id((self.tenant.0, user)).one(&*self.transaction).await?.map(read).transpose()
    }

    /// Which of these people are suspended.
    pub(crate) async fn suspended_among(&self, users: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        let mut suspended = HashSet::new();
        for users in users.chunks(ROWS_PER_STATEMENT) {
            let select = suspension::Entity::find()
                .select_only()
                .column(suspension::Column::UserId)
                .filter(suspension::Column::TenantId.eq(self.tenant.0))
                .filter(suspension::Column::UserId.is_in(users.iter().copied()))
                .build(self.backend());
            suspended.extend(self.transaction.rows(select, |row| row.get::<Uuid>(0)).await?);
        }
        Ok(suspended)
    }

    /// Writes one, new or changed. The user must be held.
    pub async fn write_suspension(&self, suspension: &UserSuspension, is_new: bool) -> Result<(), Error> {
        use suspension::Column;
        let known = OnConflict::columns([Column::TenantId, Column::UserId])
            .update_columns([Column::Until, Column::Deed])
            .to_owned();
        suspension::Entity::insert(row(self.tenant.0, suspension)?)
            .on_conflict(known)
            .exec_without_returning(&*self.transaction)
            .await?;
        self.set_timers(suspension.user, &[TimerKind::SuspensionEnd], &suspension.timers()).await?;
        self.log_suspension(suspension.user, if is_new { Action::Created } else { Action::Changed }).await
    }

    /// Takes it away, and its timer. The user must be held.
    pub async fn end_suspension(&self, user: Uuid) -> Result<(), Error> {
        suspension::Entity::delete_by_id((self.tenant.0, user)).exec(&*self.transaction).await?;
        self.set_timers(user, &[TimerKind::SuspensionEnd], &[]).await?;
        self.log_suspension(user, Action::Deleted).await
    }

    async fn log_suspension(&self, user: Uuid, action: Action) -> Result<(), Error> {
        let changes = Changes { attributes: vec!["suspension".into()], ..Changes::default() };
        self.record(action, SUSPENSION, user, 1, &changes).await
    }
}

pub(crate) fn row(tenant: i64, stored: &UserSuspension) -> Result<suspension::ActiveModel, Error> {
    Ok(suspension::ActiveModel {
        tenant_id: Set(tenant),
        user_id: Set(stored.user),
        since: Set(stored.since.millis()),
        until: Set(stored.until.map(Instant::millis)),
        deed: Set(serde_json::to_string(&stored.by).map_err(|error| Error::Damaged(error.to_string()))?),
    })
}

pub(crate) fn read(row: suspension::Model) -> Result<UserSuspension, Error> {
    let by = serde_json::from_str(&row.deed)
        .map_err(|error| Error::Damaged(format!("the suspension of {}: {error}", row.user_id)))?;
    Ok(UserSuspension {
        user: row.user_id,
        since: Instant::from_millis(row.since),
        until: row.until.map(Instant::from_millis),
        by,
    })
}
