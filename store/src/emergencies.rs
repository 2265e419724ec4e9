//! Access that people took in emergencies, and what came of looking at it.

use entity::emergency_access;
use rights::{
    Instant,
    emergency::{Emergency, State},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::LockType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Action, Changes, Error, TenantStore, TimerKind, Work};

/// What the log calls one.
const EMERGENCY: &str = "Emergency";

/// Access that was taken in an emergency, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEmergency {
    /// Its id.
    pub id: Uuid,
    /// The emergency as the rules know it.
    pub emergency: Emergency,
    /// To what: the group.
    pub entitlement: Uuid,
    /// Of which application.
    pub application: Uuid,
    /// The grant that came of it.
    pub grant: Uuid,
    /// When it was taken.
    pub opened: Instant,
    /// Until when it was taken.
    pub until: Instant,
    /// Until when it has to be looked at.
    pub due: Instant,
    /// When an administrator was told that nobody had.
    pub escalated: Option<Instant>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// Which ones are wanted; nothing for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmergencyFilter {
    /// Those of a user.
    pub user: Option<Uuid>,
    /// Those in a state, by its word.
    pub state: Option<&'static str>,
    /// Those that somebody sees: their own, and those of these entitlements.
    pub sees: Option<(Uuid, Vec<Uuid>)>,
}

/// The words of all their states.
pub const EMERGENCY_STATES: [&str; 3] = ["unreviewed", "escalated", "reviewed"];

/// What stands in a row beside what is looked up.
#[derive(Serialize, Deserialize)]
struct Content {
    emergency: Emergency,
    until: Instant,
    due: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalated: Option<Instant>,
}

impl AccessEmergency {
    /// How it stands, by its word.
    pub fn state(&self) -> &'static str {
        match self.emergency.state {
            State::Unreviewed { is_escalated: false, .. } => "unreviewed",
            State::Unreviewed { is_escalated: true, .. } => "escalated",
            State::Reviewed { .. } => "reviewed",
        }
    }

    /// Of what it has to be reminded.
    pub fn timers(&self) -> Vec<(TimerKind, Instant)> {
        self.emergency.timer().map(|at| (TimerKind::EmergencyDue, at)).into_iter().collect()
    }

    /// It with what became of it.
    pub fn next(&self, emergency: Emergency) -> Self {
        Self { emergency, version: self.version + 1, ..self.clone() }
    }
}

impl TenantStore {
    /// Those behind that one, the oldest first.
    pub async fn emergencies(
        &self,
        filter: &EmergencyFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessEmergency>, Error> {
        use emergency_access::Column;
        let seen = filter.sees.as_ref().map(|(user, entitlements)| {
            let of_others = Column::GroupId.is_in(entitlements.iter().copied());
            Condition::any().add(Column::UserId.eq(*user)).add(of_others)
        });
        let wanted = Condition::all()
            .add_option(after.map(|id| Column::Id.gt(id)))
            .add_option(filter.user.map(|user| Column::UserId.eq(user)))
            .add_option(filter.state.map(|state| Column::State.eq(state)))
            .add_option(seen);
        let rows = emergency_access::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// One of them.
    pub async fn emergency(&self, id: Uuid) -> Result<Option<AccessEmergency>, Error> {
        emergency_access::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?.map(read).transpose()
    }

    /// The groups to which access was ever taken so.
    pub async fn groups_of_emergencies(&self) -> Result<Vec<Uuid>, Error> {
        let select = emergency_access::Entity::find()
            .select_only()
            .column(emergency_access::Column::GroupId)
            .distinct()
            .filter(emergency_access::Column::TenantId.eq(self.tenant.0))
            .build(self.store.backend());
        self.store.read.rows(select, |row| row.get(0)).await
    }
}

impl Work {
    /// The one of that id, kept from change by others until this work ends.
    pub async fn lock_emergency(&self, id: Uuid) -> Result<Option<AccessEmergency>, Error> {
        let row = emergency_access::Entity::find_by_id((self.tenant.0, id)).lock(LockType::NoKeyUpdate);
        row.one(&*self.transaction).await?.map(read).transpose()
    }

    /// Writes one, new or changed.
    pub async fn write_emergency(&self, emergency: &AccessEmergency) -> Result<(), Error> {
        use emergency_access::Column;
        let anew = [Column::State, Column::Content, Column::Version];
        let mut together = self.together();
        together.upsert(vec![row(self.tenant.0, emergency)?], &[Column::TenantId, Column::Id], &anew);
        self.renew_timers(&mut together, &[TimerKind::EmergencyDue], &[(emergency.id, emergency.timers())]);
        let (action, attribute) =
            if emergency.version == 1 { (Action::Created, "incident") } else { (Action::Changed, "state") };
        let changes = Changes { attributes: vec![attribute.into()], ..Changes::default() };
        together.insert(self.events(action, EMERGENCY, emergency.id, emergency.version, &changes));
        together.run_whole(self).await
    }
}

pub(crate) fn row(tenant: i64, stored: &AccessEmergency) -> Result<emergency_access::ActiveModel, Error> {
    let AccessEmergency { emergency, until, due, escalated, .. } = stored.clone();
    let user = emergency.user.0;
    let content = Content { emergency, until, due, escalated };
    Ok(emergency_access::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(stored.id),
        user_id: Set(user),
        group_id: Set(stored.entitlement),
        application_id: Set(stored.application),
        grant_id: Set(stored.grant),
        state: Set(stored.state().to_owned()),
        opened: Set(stored.opened.millis()),
        content: Set(serde_json::to_string(&content).map_err(|error| Error::Damaged(error.to_string()))?),
        version: Set(stored.version),
    })
}

pub(crate) fn read(row: emergency_access::Model) -> Result<AccessEmergency, Error> {
    let Content { emergency, until, due, escalated } = serde_json::from_str(&row.content)
        .map_err(|error| Error::Damaged(format!("the content of emergency {}: {error}", row.id)))?;
    Ok(AccessEmergency {
        id: row.id,
        emergency,
        entitlement: row.group_id,
        application: row.application_id,
        grant: row.grant_id,
        opened: Instant::from_millis(row.opened),
        until,
        due,
        escalated,
        version: row.version,
    })
}
