//! People who leave and come back. In the transaction in which somebody leaves every membership of theirs ends; what they were
//! granted waits for them for a while, and so does their place in plain groups, as a grant that never began.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{access_grant, resource, timer};
use rights::{
    EntitlementId, Instant, UserId,
    grant::{Ending, Event, Facts, Grant, Limits, NewGrant, Source, State, Term},
};
use scim::schema::{Catalog, ResourceType};
use sea_orm::{
    ColumnTrait, QueryFilter, QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{
    AccessGrant, PEOPLE, Settled,
    rows::{read_whole, whole},
};
use crate::{
    Action, Changes, EntitlementState, Error, Parting, Stored, TimerKind, Update, Work, query,
    resources::ROWS_PER_STATEMENT, together::Together,
};

impl Work {
    /// Takes somebody who has left, or is suspended, out of every group. Until then, or for however long that lasts, their grants and their
    /// places wait for them; what had not begun is over for who has left. The person must be held. Says which groups they were in.
    pub async fn set_aside(
        &self,
        groups: &ResourceType,
        user: Uuid,
        return_by: Option<Instant>,
        ids: &(dyn Fn() -> Uuid + Sync),
    ) -> Result<Vec<Uuid>, Error> {
        let of_theirs = self.groups_held_by(user).await?;
        if of_theirs.is_empty() {
            return Ok(Vec::new());
        }
        if self.transaction.is_at_once() {
            // Groups have to be held.
            return Err(Error::Conflict);
        }
        let held = self.lock(groups, of_theirs).await?;
        let left = self.leave_all(user).await?;
        let gone: HashSet<Uuid> = left.iter().copied().collect();
        let facts = facts(self.instant(), false, true);
        let (mut waiting, mut timers) = (Vec::new(), Differences::default());
        for before in self.live_grants_of(user).await? {
            let outcome = before.grant.apply(Event::Suspend { return_by }, &facts);
            let Ok(outcome) = outcome else { continue };
            if outcome.next != before.grant {
                let after = AccessGrant { grant: outcome.next, version: before.version + 1, ..before.clone() };
                timers.note(&before, &after);
                waiting.push(after);
            }
        }
        let plain = |group: &&Stored| group.governed_by.is_none() && gone.contains(&group.id);
        waiting.extend(held.iter().filter(plain).map(|group| self.place(group.id, user, return_by, ids())));
        let mut together = self.together();
        self.plan_grants(&mut together, &waiting)?;
        timers.plan(self, &mut together);
        if let (Some(last), false) = (return_by, waiting.is_empty()) {
            self.plan_timers(&mut together, &[(user, vec![(TimerKind::LeaverReturn, last)])]);
        }
        let touched: Vec<&Stored> = held.iter().filter(|group| gone.contains(&group.id)).collect();
        self.note_leaver(&mut together, groups, &touched, user, return_by.is_some());
        together.run_whole(self).await?;
        Ok(left)
    }

    /// Plans to write that these groups have lost a member who leaves, all at once. They must be held. Where nobody is said to have
    /// left nobody can bring them back but whoever suspended them.
    fn note_leaver(
        &self,
        together: &mut Together,
        kind: &ResourceType,
        groups: &[&Stored],
        user: Uuid,
        has_left: bool,
    ) {
        let changes = Changes { removed: vec![user], ..Changes::default() };
        let update = Update { document: None, password: None, changes: &changes, parting: Parting::Leavers };
        let (mut events, mut taken) = (Vec::new(), Vec::new());
        for group in groups {
            events.extend(self.events(Action::Changed, &kind.name, group.id, group.version + 1, &changes));
            if has_left {
                taken.extend(self.taken_by_change(kind, group, &update));
            }
        }
        for some in groups.chunks(ROWS_PER_STATEMENT) {
            let modified = || Expr::col(resource::Column::Modified);
            let later = Expr::case(modified().lt(self.now), self.now).finally(modified());
            let renewal = Query::update()
                .table(resource::Entity)
                .value(resource::Column::Modified, later)
                .value(resource::Column::Version, Expr::col(resource::Column::Version).add(1))
                .and_where(Expr::col(resource::Column::TenantId).eq(self.tenant.0))
                .and_where(Expr::col(resource::Column::Kind).eq(kind.name.as_str()))
                .and_where(Expr::col(resource::Column::Id).is_in(some.iter().map(|group| group.id)))
                .take();
            together.add(self.backend().build(&renewal));
        }
        together.insert(events);
        together.insert(taken);
    }

    /// Lets what waits for somebody come back with them, if it still may. The person must be held. Says which groups they are in
    /// again.
    pub async fn bring_back(&self, groups: &ResourceType, user: Uuid) -> Result<Vec<Uuid>, Error> {
        let waits = |grant: &AccessGrant| matches!(grant.grant.state, State::Suspended { .. });
        let waiting = self.live_grants_of(user).await?;
        let of_theirs: Vec<Uuid> = waiting.iter().filter(|g| waits(g)).map(|g| g.grant.entitlement.0).collect();
        if of_theirs.is_empty() {
            return Ok(Vec::new());
        }
        if self.transaction.is_at_once() {
            return Err(Error::Conflict);
        }
        let held = self.lock(groups, of_theirs.iter().copied()).await?;
        let known = self.entitlements_among(&of_theirs).await?;
        let mut by_group: HashMap<Uuid, Vec<AccessGrant>> = HashMap::new();
        // Only who holds the groups sees them as they are.
        for grant in self.live_grants_of(user).await?.into_iter().filter(waits) {
            by_group.entry(grant.grant.entitlement.0).or_default().push(grant);
        }
        let mut back = Vec::new();
        for group in held {
            let waiting = by_group.remove(&group.id).unwrap_or_default();
            let in_use = known.get(&group.id).is_some_and(|known| known.state == EntitlementState::Active);
            let settled = match group.governed_by {
                Some(_) => self.resume(groups, group.id, waiting, in_use).await?,
                None => self.take_place(groups, group.id, user, &waiting).await?,
            };
            if !settled.added.is_empty() {
                back.push(group.id);
            }
            self.note_members(groups, &group, settled).await?;
        }
        Ok(back)
    }

    async fn resume(
        &self,
        groups: &ResourceType,
        group: Uuid,
        waiting: Vec<AccessGrant>,
        in_use: bool,
    ) -> Result<Settled, Error> {
        let facts = facts(self.instant(), true, in_use);
        let resumed = waiting.into_iter().filter_map(|before| {
            let outcome = before.grant.apply(Event::Resume, &facts).ok()?;
            Some(AccessGrant { grant: outcome.next, version: before.version + 1, ..before })
        });
        self.settle(groups, group, resumed.collect()).await
    }

    /// A place in a plain group is taken again, and is nothing more than that.
    async fn take_place(
        &self,
        groups: &ResourceType,
        group: Uuid,
        user: Uuid,
        waiting: &[AccessGrant],
    ) -> Result<Settled, Error> {
        let now = self.instant();
        let may = |grant: &AccessGrant| match grant.grant.state {
            State::Suspended { return_by } => return_by.is_none_or(|last| now < last),
            _ => false,
        };
        let members = waiting.iter().any(may).then(|| (user, PEOPLE.to_owned())).into_iter().collect();
        self.end_places(waiting, Ending::Cancelled).await?;
        Ok(Settled { added: self.add_members(groups, group, &members).await?, removed: Vec::new() })
    }

    /// Lets nobody come back into a plain group who is taken out of it while they are away: these, or whoever meets a
    /// condition, or all but some. The group must be held.
    pub async fn give_up_places(
        &self,
        catalog: &Catalog,
        kind: &ResourceType,
        group: &Stored,
        whose: Whose<'_>,
    ) -> Result<(), Error> {
        if group.governed_by.is_some() {
            return Ok(());
        }
        let waiting = self.live(group.id, None).await?;
        let whose: Vec<Uuid> = match whose {
            _ if waiting.is_empty() => return Ok(()),
            Whose::These(users) => users.to_vec(),
            Whose::AllBut(users) => {
                let user = |grant: &AccessGrant| grant.grant.user.0;
                waiting.iter().map(user).filter(|user| !users.contains(user)).collect()
            }
            Whose::Meeting(condition) => {
                let search = query::Search::new(self.backend(), self.tenant, catalog, kind);
                let select = Query::select()
                    .column(("member", "member_id"))
                    .from_subquery(self.waiting_places(group.id), "member")
                    .and_where(search.of_member(condition).into_expr())
                    .take();
                self.transaction.rows_at_length(self.backend().build(&select), |row| row.get(0)).await?
            }
        };
        let given_up: Vec<AccessGrant> =
            waiting.into_iter().filter(|grant| whose.contains(&grant.grant.user.0)).collect();
        self.end_places(&given_up, Ending::Removed).await
    }

    /// The places that wait in a group, as if they were members.
    fn waiting_places(&self, group: Uuid) -> SelectStatement {
        Query::select()
            .columns(["tenant_id", "group_id"])
            .expr_as(Expr::col("user_id"), "member_id")
            .expr_as(Expr::val(PEOPLE), "member_kind")
            .from("access_grant")
            .and_where(Expr::col("tenant_id").eq(self.tenant.0))
            .and_where(Expr::col("group_id").eq(group))
            .and_where(Expr::col("ended").is_null())
            .take()
    }

    /// Keeps places in a plain group for those of these people who are suspended: they are in none until they are there again. Says
    /// who they are. The group must be held.
    pub(super) async fn keep_places(
        &self,
        group: Uuid,
        people: &[Uuid],
        ids: &(dyn Fn() -> Uuid + Sync),
    ) -> Result<Vec<Uuid>, Error> {
        let away: Vec<Uuid> = self.suspended_among(people).await?.into_iter().collect();
        if away.is_empty() {
            return Ok(away);
        }
        let kept: HashSet<Uuid> =
            self.live_grants(group, &away).await?.iter().map(|grant| grant.grant.user.0).collect();
        let new = away.iter().filter(|user| !kept.contains(user)).map(|user| self.place(group, *user, None, ids()));
        self.write_with_timers(&new.collect::<Vec<_>>()).await?;
        Ok(away)
    }

    async fn end_places(&self, waiting: &[AccessGrant], reason: Ending) -> Result<(), Error> {
        let ended = waiting.iter().map(|grant| grant.ended(reason, self.instant(), self.deed(None)));
        let ended: Vec<AccessGrant> = ended.collect();
        self.write_with_timers(&ended).await
    }

    /// Where somebody was in a plain group.
    fn place(&self, group: Uuid, user: Uuid, return_by: Option<Instant>, id: Uuid) -> AccessGrant {
        let new = NewGrant {
            user: UserId(user),
            entitlement: EntitlementId(group),
            source: Source::Scim,
            from: None,
            term: Term::Open,
        };
        let mut grant = Grant::begin(new, false, self.instant());
        grant.state = State::Suspended { return_by };
        AccessGrant {
            id,
            grant,
            source_id: None,
            given: self.deed(None),
            taken: None,
            predecessor: None,
            prolonged: Vec::new(),
            version: 1,
        }
    }

    /// What somebody was granted and has not ended.
    pub async fn live_grants_of(&self, user: Uuid) -> Result<Vec<AccessGrant>, Error> {
        let live = whole()
            .filter(access_grant::Column::TenantId.eq(self.tenant.0))
            .filter(access_grant::Column::UserId.eq(user))
            .filter(access_grant::Column::Ended.is_null())
            .build(self.backend());
        self.transaction.rows(live, read_whole).await
    }

    /// The groups that somebody is in, or has something of.
    pub(crate) async fn groups_held_by(&self, user: Uuid) -> Result<Vec<Uuid>, Error> {
        let granted = Query::select()
            .column("group_id")
            .from("access_grant")
            .and_where(Expr::col("tenant_id").eq(self.tenant.0))
            .and_where(Expr::col("user_id").eq(user))
            .and_where(Expr::col("ended").is_null())
            .take();
        let select = Query::select()
            .column("group_id")
            .from("member")
            .and_where(Expr::col("tenant_id").eq(self.tenant.0))
            .and_where(Expr::col("member_id").eq(user))
            .union(UnionType::Distinct, granted)
            .take();
        self.transaction.rows(self.backend().build(&select), |row| row.get(0)).await
    }

    async fn leave_all(&self, user: Uuid) -> Result<Vec<Uuid>, Error> {
        let delete = Query::delete()
            .from_table("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "member_id")).eq(user))
            .returning(Query::returning().column("group_id"))
            .take();
        self.transaction.rows_at_length(self.backend().build(&delete), |row| row.get(0)).await
    }
}

impl AccessGrant {
    /// Lets a new one wait for somebody who is away.
    pub(super) fn wait(&mut self) {
        let Grant { user, entitlement, source, from, term, .. } = self.grant.clone();
        let new = NewGrant { user, entitlement, source, from: None, term };
        self.grant = Grant::begin(new, false, from);
    }
}

/// In which timers grants differ that somebody leaves. That they come back until some day is one timer of the person.
#[derive(Default)]
struct Differences {
    over: BTreeMap<TimerKind, Vec<Uuid>>,
    new: Vec<(Uuid, Vec<(TimerKind, Instant)>)>,
}

impl Differences {
    fn note(&mut self, before: &AccessGrant, after: &AccessGrant) {
        let (was, mut is) = (before.timers(), after.timers());
        is.retain(|(kind, _)| *kind != TimerKind::GrantReturn);
        for (kind, _) in was.iter().filter(|(kind, _)| is.iter().all(|(other, _)| other != kind)) {
            self.over.entry(*kind).or_default().push(after.id);
        }
        is.retain(|timer| !was.contains(timer));
        if !is.is_empty() {
            self.new.push((after.id, is));
        }
    }

    fn plan(self, work: &Work, together: &mut Together) {
        for (kind, grants) in self.over {
            for some in grants.chunks(ROWS_PER_STATEMENT) {
                let delete = Query::delete()
                    .from_table(timer::Entity)
                    .and_where(timer::Column::TenantId.eq(work.tenant.0))
                    .and_where(timer::Column::Kind.eq(kind.word()))
                    .and_where(timer::Column::ObjectId.is_in(some.iter().copied()))
                    .take();
                together.add(work.backend().build(&delete));
            }
        }
        work.plan_timers(together, &self.new);
    }
}

/// Whose places are meant.
pub enum Whose<'a> {
    /// Those of these people.
    These(&'a [Uuid]),
    /// Those of everybody but these.
    AllBut(&'a [Uuid]),
    /// Those of whoever meets a condition.
    Meeting(&'a scim::filter::Condition<'a>),
}

fn facts(now: Instant, is_subject_active: bool, is_entitlement_active: bool) -> Facts<'static> {
    static LIMITS: std::sync::LazyLock<Limits> = std::sync::LazyLock::new(Limits::default);
    Facts { now, is_subject_active, is_entitlement_active, conflicts: &[], limits: &LIMITS }
}
