//! Conflicts of segregation of duties that were found. A rule and a user have one that is not over at the most.

use entity::sod_violation;
use rights::{
    Instant,
    sod::{State, Timer, Violation},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Action, Bounds, Changes, Deed, Error, TenantId, TenantStore, TimerKind, Work, resources::ROWS_PER_STATEMENT,
};

/// What the log calls a conflict.
const VIOLATION: &str = "SodViolation";

/// A conflict as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SodViolation {
    /// Its id.
    pub id: Uuid,
    /// The conflict as the rules know it.
    pub violation: Violation,
    /// Who allowed it for a while.
    pub excepted: Option<Deed>,
    /// When it was found, in milliseconds since 1970.
    pub found: i64,
    /// When it was over.
    pub ended: Option<i64>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// Which conflicts are wanted; nothing for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViolationFilter {
    /// Those of a user.
    pub user: Option<Uuid>,
    /// Those of a rule.
    pub rule: Option<Uuid>,
    /// Those in a state, by its word.
    pub state: Option<&'static str>,
}

/// The words of all states of conflicts.
pub const VIOLATION_STATES: [&str; 3] = ["detected", "excepted", "resolved"];

/// What stands in a row beside what is looked up.
#[derive(Serialize, Deserialize)]
struct Content {
    violation: Violation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    excepted: Option<Deed>,
}

impl TenantStore {
    /// Conflicts of people within bounds behind that one, the oldest first.
    pub async fn violations(
        &self,
        filter: &ViolationFilter,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<SodViolation>, Error> {
        use sod_violation::Column;
        let wanted = Condition::all()
            .add_option(after.map(|id| Column::Id.gt(id)))
            .add_option(filter.user.map(|user| Column::UserId.eq(user)))
            .add_option(filter.rule.map(|rule| Column::RuleId.eq(rule)))
            .add_option(filter.state.map(|state| Column::State.eq(state)))
            .add_option(bounds.people(self.tenant, Column::UserId.into_expr()));
        let rows = sod_violation::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// One conflict, if it is that of somebody within bounds.
    pub async fn violation(&self, id: Uuid, bounds: &Bounds) -> Result<Option<SodViolation>, Error> {
        let within = bounds.people(self.tenant, sod_violation::Column::UserId.into_expr());
        let row = sod_violation::Entity::find_by_id((self.tenant.0, id))
            .filter(Condition::all().add_option(within))
            .one(&self.store.read)
            .await?;
        row.map(read).transpose()
    }

    /// The conflicts of people that are not over.
    pub async fn open_violations(&self, users: &[Uuid]) -> Result<Vec<SodViolation>, Error> {
        open(&self.store.read, self.tenant, users).await
    }

    /// Users behind that one with a conflict that is not over, in the order of ids.
    pub async fn users_in_conflict(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>, Error> {
        use sea_orm::QueryTrait;
        use sod_violation::Column;
        let select = sod_violation::Entity::find()
            .select_only()
            .column(Column::UserId)
            .distinct()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Ended.is_null())
            .filter(Column::UserId.gt(after.unwrap_or_else(Uuid::nil)))
            .order_by_asc(Column::UserId)
            .limit(limit)
            .build(self.store.backend());
        self.store.read.rows(select, |row| row.get(0)).await
    }
}

impl Work {
    /// The conflicts of people that are not over.
    pub async fn open_violations(&self, users: &[Uuid]) -> Result<Vec<SodViolation>, Error> {
        open(&*self.transaction, self.tenant, users).await
    }

    /// The conflicts by a rule that are not over.
    pub async fn open_violations_of(&self, rule: Uuid) -> Result<Vec<SodViolation>, Error> {
        use sod_violation::Column;
        let open = sod_violation::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::RuleId.eq(rule))
            .filter(Column::Ended.is_null())
            .order_by_asc(Column::Id);
        open.all(&*self.transaction).await?.into_iter().map(read).collect()
    }

    /// The conflict of that id, kept from change by others until this work ends.
    pub async fn lock_violation(&self, id: Uuid) -> Result<Option<SodViolation>, Error> {
        let row = sod_violation::Entity::find_by_id((self.tenant.0, id)).lock(LockType::NoKeyUpdate);
        row.one(&*self.transaction).await?.map(read).transpose()
    }

    /// Writes a conflict, a new one or one that has changed.
    pub async fn write_violation(&self, violation: &SodViolation) -> Result<(), Error> {
        use sod_violation::Column;
        let anew = [Column::State, Column::Ended, Column::Content, Column::Version];
        let mut together = self.together();
        together.upsert(vec![row(self.tenant.0, violation)?], &[Column::TenantId, Column::Id], &anew);
        self.renew_timers(&mut together, &[TimerKind::Exception], &[(violation.id, violation.timers())]);
        let (action, attributes) =
            if violation.version == 1 { (Action::Created, "finding") } else { (Action::Changed, "state") };
        let changes = Changes { attributes: vec![attributes.into()], ..Changes::default() };
        together.insert(self.events(action, VIOLATION, violation.id, violation.version, &changes));
        together.run_whole(self).await
    }

    /// Who does this, and what they say.
    pub fn deed_of(&self, comment: Option<&str>) -> Deed {
        Deed { client: self.cause.client, user: self.cause.user, comment: comment.map(Into::into) }
    }
}

async fn open(connection: &impl ConnectionTrait, tenant: TenantId, users: &[Uuid]) -> Result<Vec<SodViolation>, Error> {
    use sod_violation::Column;
    let mut open = Vec::new();
    for users in users.chunks(ROWS_PER_STATEMENT) {
        let rows = sod_violation::Entity::find()
            .filter(Column::TenantId.eq(tenant.0))
            .filter(Column::UserId.is_in(users.iter().copied()))
            .filter(Column::Ended.is_null())
            .order_by_asc(Column::Id)
            .all(connection)
            .await?;
        for row in rows {
            open.push(read(row)?);
        }
    }
    Ok(open)
}

pub(crate) fn row(tenant: i64, stored: &SodViolation) -> Result<sod_violation::ActiveModel, Error> {
    let content = Content { violation: stored.violation.clone(), excepted: stored.excepted.clone() };
    Ok(sod_violation::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(stored.id),
        rule_id: Set(stored.violation.finding.rule.0),
        user_id: Set(stored.violation.subject.0),
        state: Set(stored.violation.state.word().to_owned()),
        found: Set(stored.found),
        ended: Set(stored.ended),
        content: Set(serde_json::to_string(&content).map_err(|error| Error::Damaged(error.to_string()))?),
        version: Set(stored.version),
    })
}

pub(crate) fn read(row: sod_violation::Model) -> Result<SodViolation, Error> {
    let Content { violation, excepted } = serde_json::from_str(&row.content)
        .map_err(|error| Error::Damaged(format!("the content of conflict {}: {error}", row.id)))?;
    Ok(SodViolation { id: row.id, violation, excepted, found: row.found, ended: row.ended, version: row.version })
}

impl SodViolation {
    /// Of what it has to be reminded.
    pub fn timers(&self) -> Vec<(TimerKind, Instant)> {
        let lapses = self.violation.timers().into_iter().filter(|(timer, _)| *timer == Timer::Lapse);
        lapses.map(|(_, at)| (TimerKind::Exception, at)).collect()
    }

    /// The conflict with what became of it at an instant.
    pub fn next(&self, violation: Violation, now: i64) -> Self {
        let is_over = violation.state == State::Resolved;
        Self { violation, ended: is_over.then_some(now), version: self.version + 1, ..self.clone() }
    }
}
