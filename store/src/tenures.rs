//! When people are to be looked at because an employment begins or is over: a timer for each, written with their documents.

use std::collections::BTreeMap;

use entity::{
    employment::{self, Column},
    timer,
};
use rights::{
    Instant, calendar,
    tenure::{Tenure, next_change, next_look},
};
use scim::{
    Document,
    employment::{self as read, Employment},
    schema::ResourceType,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement,
    sea_query::{Expr, OnConflict},
};
use time::{Date, macros::format_description};
use uuid::Uuid;

use crate::{Error, TenantId, TimerKind, Work, resources::ROWS_PER_STATEMENT, timers, together::Together};

/// How many employments are read at once where timers are set for all.
const ROWS: u64 = 1000;

/// From when until when somebody works, by what their document says.
pub fn tenures(employments: &[Employment]) -> Vec<Tenure> {
    let tenure = |one: &Employment| Tenure { starts: day(one.starts.as_deref()), ends: day(one.ends.as_deref()) };
    employments.iter().map(tenure).collect()
}

fn day(text: Option<&str>) -> Option<Date> {
    Date::parse(text?, format_description!("[year]-[month]-[day]")).ok()
}

/// Sets the timers of those who were there before the step that has just been taken. What had begun or was over by then stays as it
/// is.
pub(crate) async fn fill(connection: &impl ConnectionTrait) -> Result<(), Error> {
    let now = step_taken(connection).await?;
    let today = calendar::local(now).0.to_string();
    let mut next: BTreeMap<(i64, Uuid), Instant> = BTreeMap::new();
    let mut last = (i64::MIN, Uuid::nil(), 0);
    loop {
        let key = [Column::TenantId, Column::UserId, Column::Number].map(Expr::col);
        let rows = employment::Entity::find()
            .filter(Expr::tuple(key).gt(Expr::tuple([last.0.into(), last.1.into(), last.2.into()])))
            .filter(Column::Starts.gt(&today).or(Column::Ends.gte(&today)))
            .order_by_asc(Column::TenantId)
            .order_by_asc(Column::UserId)
            .order_by_asc(Column::Number)
            .limit(ROWS)
            .all(connection)
            .await?;
        let Some(end) = rows.last() else { break };
        last = (end.tenant_id, end.user_id, end.number);
        for row in rows {
            let tenure = Tenure { starts: day(row.starts.as_deref()), ends: day(row.ends.as_deref()) };
            let Some(due) = next_change(&[tenure], now) else { continue };
            next.entry((row.tenant_id, row.user_id)).and_modify(|known| *known = due.min(*known)).or_insert(due);
        }
    }
    let timers = |(key, due): (&(i64, Uuid), &Instant)| {
        let looks = [(key.1, vec![(TimerKind::Employment, *due)])];
        timers::rows(TenantId(key.0), &looks).collect::<Vec<_>>()
    };
    let rows: Vec<timer::ActiveModel> = next.iter().flat_map(timers).collect();
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        timer::Entity::insert_many(some.to_vec()).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// When the latest step was taken, by the clock of whoever took it.
async fn step_taken(connection: &impl ConnectionTrait) -> Result<Instant, Error> {
    let sql = "SELECT MAX(applied_at) AS taken FROM seaql_migrations";
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    let seconds: Option<i64> = row.map(|row| row.try_get("", "taken")).transpose()?.flatten();
    Ok(Instant::from_millis(seconds.unwrap_or(0).saturating_mul(1000)))
}

impl Work {
    /// The timer of a new resource.
    pub(crate) fn new_tenures(&self, kind: &ResourceType, id: Uuid, document: &Document) -> Option<timer::ActiveModel> {
        self.tenures_since(kind, id, document, self.instant())
    }

    /// The timer of a resource at which nobody has looked since then.
    pub(crate) fn tenures_since(
        &self,
        kind: &ResourceType,
        id: Uuid,
        document: &Document,
        since: Instant,
    ) -> Option<timer::ActiveModel> {
        let due = next_change(&tenures(&read::of(document)), since).filter(|_| read::has(kind))?;
        timers::rows(self.tenant, &[(id, vec![(TimerKind::Employment, due)])]).next()
    }

    /// Writes the timer anew where the work of somebody may be another. One that is due stays: it finds what is true then.
    pub(crate) fn change_tenures(
        &self,
        together: &mut Together,
        kind: &ResourceType,
        id: Uuid,
        (before, after): (&Document, &Document),
    ) {
        if !read::has(kind) || !read::may_differ(before, after) {
            return;
        }
        let (before, after) = (tenures(&read::of(before)), tenures(&read::of(after)));
        if before == after {
            return;
        }
        match next_look(&before, &after, self.instant()) {
            Some(due) => {
                let looks = [(id, vec![(TimerKind::Employment, due)])];
                let rows = timers::rows(self.tenant, &looks);
                together.add(timer::Entity::insert_many(rows).on_conflict(self.unless_due()).build(self.backend()));
            }
            None => {
                let delete = self.timer_of(id).filter(timer::Column::Due.gt(self.now));
                // One that was tried in vain is due, however far it was put off.
                let delete = delete.filter(timer::Column::Attempts.eq(0));
                together.add(delete.build(self.backend()));
            }
        }
    }

    /// Takes away the timer of a resource that goes.
    pub(crate) fn drop_tenures(&self, together: &mut Together, kind: &ResourceType, id: Uuid, document: &Document) {
        if read::has(kind) && !read::of(document).is_empty() {
            together.add(self.timer_of(id).build(self.backend()));
        }
    }

    /// Sets the timer of a user for what comes next, where it has just been taken. The user must be held.
    pub async fn plan_tenures(&self, user: Uuid, document: &Document) -> Result<(), Error> {
        let due = next_change(&tenures(&read::of(document)), self.instant());
        let wanted: Vec<_> = due.map(|due| (TimerKind::Employment, due)).into_iter().collect();
        self.set_timers(user, &[TimerKind::Employment], &wanted).await
    }

    fn timer_of(&self, user: Uuid) -> sea_orm::DeleteMany<timer::Entity> {
        timer::Entity::delete_many()
            .filter(timer::Column::TenantId.eq(self.tenant.0))
            .filter(timer::Column::ObjectId.eq(user))
            .filter(timer::Column::Kind.eq(TimerKind::Employment.word()))
    }

    fn unless_due(&self) -> OnConflict {
        use timer::Column;
        let column = |column: Column| Expr::col((timer::Entity, column));
        let waits = column(Column::Due).gt(self.now).and(column(Column::Attempts).eq(0));
        OnConflict::columns([Column::TenantId, Column::ObjectId, Column::Kind])
            .update_columns([Column::Due, Column::Attempts, Column::Failure])
            .action_and_where(waits)
            .to_owned()
    }
}
