//! Timers: what has to happen by itself, and when. An object has one of each kind, and they follow from its state: whoever
//! changes it writes them anew. Whoever fires one holds the object first, as every other writer does, and then takes the row
//! away in the same transaction: so it is done once, by whichever node, or after a crash once more from the start.

use entity::{tenant, timer};
use rights::Instant;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use uuid::Uuid;

use crate::{
    Error, Row, Store, TenantId, TenantState, TenantStore, Work, resources::ROWS_PER_STATEMENT, together::Together,
};

/// What a timer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// A grant begins.
    GrantStart,
    /// Somebody is told that a grant ends soon.
    GrantWarn,
    /// A grant ends.
    GrantEnd,
    /// The time is over in which a grant comes back with somebody.
    GrantReturn,
    /// The same of all that waits for a user since they left.
    LeaverReturn,
    /// Those are reminded who decide about an item of a request.
    ItemRemind,
    /// Others may decide about it as well.
    ItemEscalate,
    /// Nobody has decided about it in time, or answered.
    ItemExpire,
    /// What an item was approved for has begun.
    ItemStart,
    /// Others take on what somebody decided who has left.
    HandOver,
    /// An exception from a rule of segregation of duties is over.
    Exception,
    /// A review begins, step by step.
    ReviewStart,
    /// Those are reminded who review.
    ReviewRemind,
    /// A review closes.
    ReviewClose,
    /// What a review has decided is done, step by step.
    ReviewApply,
    /// Nobody has looked at access that was taken in an emergency.
    EmergencyDue,
    /// The suspension of a user is over.
    SuspensionEnd,
    /// An employment of a user begins, or is over.
    Employment,
    /// Rules are looked at for everybody of the tenant.
    Nightly,
}

impl TimerKind {
    /// Every one of them.
    pub const ALL: [Self; 19] = [
        Self::GrantStart,
        Self::GrantWarn,
        Self::GrantEnd,
        Self::GrantReturn,
        Self::LeaverReturn,
        Self::ItemRemind,
        Self::ItemEscalate,
        Self::ItemExpire,
        Self::ItemStart,
        Self::HandOver,
        Self::Exception,
        Self::ReviewStart,
        Self::ReviewRemind,
        Self::ReviewClose,
        Self::ReviewApply,
        Self::EmergencyDue,
        Self::SuspensionEnd,
        Self::Employment,
        Self::Nightly,
    ];
    /// Those that are taken up one after the other, each within a moment: all but nights.
    pub const BY_THEMSELVES: [Self; 18] = [
        Self::GrantStart,
        Self::GrantWarn,
        Self::GrantEnd,
        Self::GrantReturn,
        Self::LeaverReturn,
        Self::ItemRemind,
        Self::ItemEscalate,
        Self::ItemExpire,
        Self::ItemStart,
        Self::HandOver,
        Self::Exception,
        Self::ReviewStart,
        Self::ReviewRemind,
        Self::ReviewClose,
        Self::ReviewApply,
        Self::EmergencyDue,
        Self::SuspensionEnd,
        Self::Employment,
    ];
    /// Those of an item of a request.
    pub const OF_ITEMS: [Self; 4] = [Self::ItemRemind, Self::ItemEscalate, Self::ItemExpire, Self::ItemStart];
    /// Those of a review.
    pub const OF_REVIEWS: [Self; 4] = [Self::ReviewStart, Self::ReviewRemind, Self::ReviewClose, Self::ReviewApply];
    /// Those of a grant.
    pub const OF_GRANTS: [Self; 4] = [Self::GrantStart, Self::GrantWarn, Self::GrantEnd, Self::GrantReturn];
    /// Those that give somebody something: a tenant that is suspended lets them wait.
    const GIVING: [Self; 3] = [Self::GrantStart, Self::ItemStart, Self::SuspensionEnd];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::GrantStart => "start",
            Self::GrantWarn => "warn",
            Self::GrantEnd => "end",
            Self::GrantReturn => "return",
            Self::LeaverReturn => "leaverReturn",
            Self::ItemRemind => "remind",
            Self::ItemEscalate => "escalate",
            Self::ItemExpire => "expire",
            Self::ItemStart => "begin",
            Self::HandOver => "handOver",
            Self::Exception => "exception",
            Self::ReviewStart => "reviewStart",
            Self::ReviewRemind => "reviewRemind",
            Self::ReviewClose => "reviewClose",
            Self::ReviewApply => "reviewApply",
            Self::EmergencyDue => "emergencyDue",
            Self::SuspensionEnd => "suspensionEnd",
            Self::Employment => "employment",
            Self::Nightly => "nightly",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it gives somebody something.
    pub fn gives(self) -> bool {
        Self::GIVING.contains(&self)
    }
}

/// A timer as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Of which tenant.
    pub tenant: TenantId,
    /// What it is about.
    pub object: Uuid,
    /// What is to happen.
    pub kind: TimerKind,
    /// When, in milliseconds since 1970.
    pub due: i64,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// Why the last attempt came to nothing.
    pub failure: Option<String>,
}

const COLUMNS: [timer::Column; 6] = [
    timer::Column::TenantId,
    timer::Column::ObjectId,
    timer::Column::Kind,
    timer::Column::Due,
    timer::Column::Attempts,
    timer::Column::Failure,
];

fn read(row: &Row<'_>) -> Result<Timer, Error> {
    let kind: String = row.get(2)?;
    Ok(Timer {
        tenant: TenantId(row.get(0)?),
        object: row.get(1)?,
        kind: TimerKind::from_word(&kind).ok_or_else(|| Error::Damaged(format!("the kind {kind:?} of a timer")))?,
        due: row.get(3)?,
        attempts: row.get(4)?,
        failure: row.get(5)?,
    })
}

impl Store {
    /// What of these kinds is due in tenants that are served, the oldest first. What gives something waits while its tenant is suspended.
    pub async fn due_timers(&self, kinds: &[TimerKind], now: i64, limit: u64) -> Result<Vec<Timer>, Error> {
        let column = |column: timer::Column| Expr::col((timer::Entity, column));
        let state = || Expr::col((tenant::Entity, tenant::Column::State));
        let giving = TimerKind::GIVING.map(TimerKind::word);
        let taken_up = state()
            .eq(TenantState::Active.word())
            .or(state().eq(TenantState::Suspended.word()).and(column(timer::Column::Kind).is_not_in(giving)));
        let select = Query::select()
            .columns(COLUMNS.map(|column| (timer::Entity, column)))
            .from(timer::Entity)
            .inner_join(
                tenant::Entity,
                Expr::col((tenant::Entity, tenant::Column::Id)).equals((timer::Entity, timer::Column::TenantId)),
            )
            .and_where(column(timer::Column::Due).lte(now))
            // A node of another version may know kinds that this one does not.
            .and_where(column(timer::Column::Kind).is_in(kinds.iter().map(|kind| kind.word())))
            .and_where(taken_up)
            .order_by((timer::Entity, timer::Column::Due), Order::Asc)
            .limit(limit)
            .take();
        self.read.rows(self.backend().build(&select), read).await
    }
}

impl TenantStore {
    /// Timers behind that one, in the order of what they are about: all, or those that were tried in vain.
    pub async fn timers(
        &self,
        failed: bool,
        after: Option<(Uuid, TimerKind)>,
        limit: u64,
    ) -> Result<Vec<Timer>, Error> {
        let behind = after.map(|(object, kind)| {
            Condition::any()
                .add(timer::Column::ObjectId.gt(object))
                .add(Condition::all().add(timer::Column::ObjectId.eq(object)).add(timer::Column::Kind.gt(kind.word())))
        });
        let select = Query::select()
            .columns(COLUMNS)
            .from(timer::Entity)
            .and_where(timer::Column::TenantId.eq(self.tenant.0))
            .and_where(timer::Column::Kind.is_in(TimerKind::ALL.map(TimerKind::word)))
            .cond_where(Condition::all().add_option(failed.then(|| timer::Column::Attempts.gt(0))).add_option(behind))
            .order_by(timer::Column::ObjectId, Order::Asc)
            .order_by(timer::Column::Kind, Order::Asc)
            .limit(limit)
            .take();
        self.store.read.rows(self.store.backend().build(&select), read).await
    }
}

impl Work {
    /// Lets an object have these timers, and no others of its kinds.
    pub async fn set_timers(
        &self,
        object: Uuid,
        kinds: &[TimerKind],
        wanted: &[(TimerKind, Instant)],
    ) -> Result<(), Error> {
        let mut together = self.together();
        self.renew_timers(&mut together, kinds, &[(object, wanted.to_vec())]);
        together.run_whole(self).await
    }

    /// Adds timers of objects that are new.
    pub(crate) async fn add_timers(&self, objects: &[(Uuid, Vec<(TimerKind, Instant)>)]) -> Result<(), Error> {
        let mut together = self.together();
        self.plan_timers(&mut together, objects);
        together.run_whole(self).await
    }

    /// Plans to add timers of objects that are new.
    pub(crate) fn plan_timers(&self, together: &mut Together, objects: &[(Uuid, Vec<(TimerKind, Instant)>)]) {
        let key = [timer::Column::TenantId, timer::Column::ObjectId, timer::Column::Kind];
        let anew = [timer::Column::Due, timer::Column::Attempts, timer::Column::Failure];
        together.upsert(rows(self.tenant, objects).collect(), &key, &anew);
    }

    /// Plans that objects have these timers of these kinds, and no others. No row is touched twice, so that it can be done in one
    /// statement.
    pub(crate) fn renew_timers(
        &self,
        together: &mut Together,
        kinds: &[TimerKind],
        objects: &[(Uuid, Vec<(TimerKind, Instant)>)],
    ) {
        for some in objects.chunks(ROWS_PER_STATEMENT) {
            let mut over = Condition::any();
            for kind in kinds {
                let has = |wanted: &[(TimerKind, Instant)]| wanted.iter().any(|(other, _)| other == kind);
                let without: Vec<Uuid> =
                    some.iter().filter(|(_, wanted)| !has(wanted)).map(|(object, _)| *object).collect();
                if !without.is_empty() {
                    let of_these = timer::Column::ObjectId.is_in(without);
                    over = over.add(Condition::all().add(timer::Column::Kind.eq(kind.word())).add(of_these));
                }
            }
            if !over.is_empty() {
                let delete = Query::delete()
                    .from_table(timer::Entity)
                    .and_where(timer::Column::TenantId.eq(self.tenant.0))
                    .cond_where(over)
                    .take();
                together.add(self.backend().build(&delete));
            }
        }
        self.plan_timers(together, objects);
    }

    /// Takes a timer away that fires in this work. False if it has fired, or was set anew, meanwhile: then there is nothing
    /// to do. What it is about must be held.
    pub async fn take_timer(&self, timer: &Timer) -> Result<bool, Error> {
        let taken = timer::Entity::delete_many().filter(is(timer)).exec(&*self.transaction).await?;
        Ok(taken.rows_affected == 1)
    }

    /// Puts a timer off that was tried in vain, unless it was set anew meanwhile.
    pub async fn put_off_timer(&self, timer: &Timer, due: i64, failure: &str) -> Result<(), Error> {
        let row = timer::ActiveModel {
            due: Set(due),
            attempts: Set(timer.attempts.saturating_add(1)),
            failure: Set(Some(failure.to_owned())),
            ..Default::default()
        };
        timer::Entity::update_many().set(row).filter(is(timer)).exec(&*self.transaction).await?;
        Ok(())
    }

    /// Takes every timer of the tenant away, which is not served any more.
    pub(crate) async fn drop_timers(&self) -> Result<(), Error> {
        timer::Entity::delete_many().filter(timer::Column::TenantId.eq(self.tenant.0)).exec(&*self.transaction).await?;
        Ok(())
    }
}

fn is(timer: &Timer) -> Condition {
    Condition::all()
        .add(timer::Column::TenantId.eq(timer.tenant.0))
        .add(timer::Column::ObjectId.eq(timer.object))
        .add(timer::Column::Kind.eq(timer.kind.word()))
        .add(timer::Column::Due.eq(timer.due))
}

/// The rows of timers that are new.
pub(crate) fn rows(
    tenant: TenantId,
    objects: &[(Uuid, Vec<(TimerKind, Instant)>)],
) -> impl Iterator<Item = timer::ActiveModel> {
    objects.iter().flat_map(move |(object, timers)| {
        timers.iter().map(move |(kind, due)| timer::ActiveModel {
            tenant_id: Set(tenant.0),
            object_id: Set(*object),
            kind: Set(kind.word().to_owned()),
            due: Set(due.millis()),
            attempts: Set(0),
            failure: Set(None),
        })
    })
}
