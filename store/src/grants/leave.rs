//! People who leave and come back. In the transaction in which somebody leaves every membership of theirs ends; what they were
//! granted waits for them for a while, and so does their place in plain groups, as a grant that never began.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

use entity::{access_grant, timer};
use rights::{
    EntitlementId, Instant, UserId,
    grant::{Ending, Event, Facts, Grant, Limits, NewGrant, Source, State, Term},
};
use scim::schema::{Catalog, ResourceType};
use sea_orm::{
    ColumnTrait, DatabaseBackend, QueryFilter, QueryTrait, Statement, Value,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{
    AccessGrant, PEOPLE, Settled,
    rows::{read_whole, whole},
};
use crate::{
    Action, Cause, Changes, EntitlementState, Error, Removed, Stored, Ties, TimerKind, Work, query,
    resources::ROWS_PER_STATEMENT, ties::TiedGroup, together::Together,
};

impl Work {
    /// Takes somebody who has left, or is suspended, out of every group. Until then, or for however long that lasts, their grants and their
    /// places wait for them; what had not begun is over for who has left. The person must be held. Says which groups they were in.
    pub async fn set_aside(
        &self,
        groups: &ResourceType,
        user: Uuid,
        ties: &Ties,
        return_by: Option<Instant>,
        ids: &(dyn Fn() -> Uuid + Sync),
    ) -> Result<Vec<Uuid>, Error> {
        let theirs: Vec<&TiedGroup> = ties.groups.iter().filter(|group| group.kind == groups.name).collect();
        let mut together = self.together();
        let (left, mut waiting) = if ties.is_granted || theirs.iter().any(|group| group.is_governed) {
            let held = self.lock_governed(groups, self.groups_held_by(user).await?).await?;
            let left = self.leave_all(user).await?;
            if left.iter().any(|group| !held.contains_key(group)) {
                // Somebody was let in while the groups were waited for.
                return Err(Error::Conflict);
            }
            let mut timers = Differences::default();
            let waiting = self.let_grants_wait(user, return_by, &mut timers).await?;
            timers.plan(self, &mut together);
            let plain = |group: &Uuid| held.get(group) == Some(&false);
            (left.into_iter().map(|group| (group, plain(&group))).collect(), waiting)
        } else if self.backend() == DatabaseBackend::Postgres {
            let left = theirs.into_iter().map(|group| (group.id, true)).collect::<Vec<_>>();
            let ids: Vec<Uuid> = left.iter().map(|(group, _)| *group).collect();
            // Who leaves may be let into a group right afterwards; who is suspended keeps a place in it instead.
            if !ids.is_empty() || return_by.is_none() {
                self.plan_to_leave(&mut together, groups, user, &ids);
            }
            (left, Vec::new())
        } else {
            let left = if theirs.is_empty() { Vec::new() } else { self.leave_all(user).await? };
            (left.into_iter().map(|group| (group, true)).collect::<Vec<_>>(), Vec::new())
        };
        let plain = left.iter().filter(|(_, is_plain)| *is_plain);
        waiting.extend(plain.map(|(group, _)| self.place(*group, user, return_by, ids())));
        let left: Vec<Uuid> = left.into_iter().map(|(group, _)| group).collect();
        self.note_leaver(&mut together, groups, &left, user, return_by.is_some());
        self.plan_grants(&mut together, &waiting)?;
        if let (Some(last), false) = (return_by, waiting.is_empty()) {
            self.plan_timers(&mut together, &[(user, vec![(TimerKind::LeaverReturn, last)])]);
        }
        together.run_whole(self).await?;
        Ok(left)
    }

    /// What somebody was granted, as it waits for them.
    async fn let_grants_wait(
        &self,
        user: Uuid,
        return_by: Option<Instant>,
        timers: &mut Differences,
    ) -> Result<Vec<AccessGrant>, Error> {
        let facts = facts(self.instant(), false, true);
        let mut waiting = Vec::new();
        for before in self.live_grants_of(user).await? {
            let Ok(outcome) = before.grant.apply(Event::Suspend { return_by }, &facts) else { continue };
            if outcome.next != before.grant {
                let after = AccessGrant { grant: outcome.next, version: before.version + 1, ..before.clone() };
                timers.note(&before, &after);
                waiting.push(after);
            }
        }
        Ok(waiting)
    }

    /// Plans to take somebody out of these plain groups, on PostgreSQL, all in one statement: whoever else leaves one of them waits for
    /// that alone. It meets somebody if one of them has become something else meanwhile, or they are in another one.
    fn plan_to_leave(&self, together: &mut Together, kind: &ResourceType, user: Uuid, groups: &[Uuid]) {
        let count = groups.len() as u64;
        let mut values = vec![self.tenant.0.into(), kind.name.as_str().into()];
        let these = are_these(true, groups, &mut values);
        let statement = |sql: &str, values: Vec<Value>| Statement::from_sql_and_values(self.backend(), sql, values);
        let sql = format!(
            "SELECT id FROM resource WHERE tenant_id = $1 AND kind = $2 AND {these} AND governed_by IS NULL \
             ORDER BY id FOR NO KEY UPDATE"
        );
        together.add_named("held", count, statement(&sql, values));
        let sql = "DELETE FROM member WHERE tenant_id = $1 AND member_id = $2 RETURNING group_id";
        together.add_named("gone", count, statement(sql, vec![self.tenant.0.into(), user.into()]));
    }

    /// Plans to write that these groups have lost a member who leaves, all at once. Where nobody is said to have left nobody can bring
    /// them back but whoever suspended them.
    fn note_leaver(&self, together: &mut Together, kind: &ResourceType, groups: &[Uuid], user: Uuid, has_left: bool) {
        let is_postgres = self.backend() == DatabaseBackend::Postgres;
        let changes = Changes { removed: vec![user], ..Changes::default() }.rows().concat();
        let content = serde_json::Value::from(vec![user.to_string()]).to_string();
        let Cause { client, user: on_behalf, request } = &self.cause;
        // PostgreSQL takes a list as one parameter.
        for some in groups.chunks(if is_postgres { groups.len().max(1) } else { ROWS_PER_STATEMENT }) {
            // A statement about these groups: its own values are behind the tenant and the type, and the groups come last.
            let about = |sql: &str, own: &[Value]| {
                let mut values = vec![self.tenant.0.into(), kind.name.as_str().into()];
                values.extend_from_slice(own);
                let these = are_these(is_postgres, some, &mut values);
                (sql.replace("{these}", &format!("tenant_id = $1 AND kind = $2 AND {these}")), values)
            };
            let statement =
                |(sql, values): (String, Vec<Value>)| Statement::from_sql_and_values(self.backend(), sql, values);
            // What they have become is what the change returns, or stands there in what follows.
            let written = |sql: &str, own: &[Value]| {
                if is_postgres {
                    let mut values = vec![self.tenant.0.into(), kind.name.as_str().into()];
                    values.extend_from_slice(own);
                    return statement((format!("{sql} FROM changed"), values));
                }
                statement(about(&format!("{sql} FROM resource WHERE {{these}}"), own))
            };
            let latest = if is_postgres { "GREATEST" } else { "max" };
            let renewal = format!(
                "UPDATE resource SET version = version + 1, modified = {latest}(modified, $3) WHERE {{these}}{}",
                if is_postgres { " RETURNING id, version, created" } else { "" }
            );
            together.add_named("changed", some.len() as u64, statement(about(&renewal, &[self.now.into()])));
            together.add(written(
                "INSERT INTO event (tenant_id, kind, at, client_id, user_id, request_id, action, resource_id, version, changes)                  SELECT $1, $2, $3, $4, $5, $6, $7, id, version, $8",
                &[
                    self.now.into(),
                    (*client).into(),
                    (*on_behalf).into(),
                    request.as_str().into(),
                    Action::Changed.word().into(),
                    changes.as_str().into(),
                ],
            ));
            if has_left {
                together.add(written(
                    "INSERT INTO removal (tenant_id, kind, at, client_id, what, resource_id, version, part, weight, created, content)                      SELECT $1, $2, $3, $4, $5, id, version, 0, 0, created, $6",
                    &[self.now.into(), (*client).into(), Removed::Leavers.word().into(), content.as_str().into()],
                ));
            }
        }
    }

    /// Which of these groups are entitlements, held against other writers until the end.
    async fn lock_governed(&self, kind: &ResourceType, groups: Vec<Uuid>) -> Result<HashMap<Uuid, bool>, Error> {
        let is_postgres = self.backend() == DatabaseBackend::Postgres;
        let mut held = HashMap::with_capacity(groups.len());
        for some in groups.chunks(if is_postgres { groups.len().max(1) } else { ROWS_PER_STATEMENT }) {
            let mut values = vec![self.tenant.0.into(), kind.name.as_str().into()];
            let these = are_these(is_postgres, some, &mut values);
            let lock = if is_postgres { " FOR NO KEY UPDATE" } else { "" };
            let sql = format!(
                "SELECT id, governed_by IS NOT NULL FROM resource WHERE tenant_id = $1 AND kind = $2 AND {these} ORDER BY id{lock}"
            );
            let select = Statement::from_sql_and_values(self.backend(), sql, values);
            held.extend(self.transaction.rows(select, |row| Ok((row.get(0)?, row.get::<bool>(1)?))).await?);
        }
        Ok(held)
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
        let mut waiting = Query::select();
        waiting.column(("member", "member_id")).from_subquery(self.waiting_places(group.id), "member");
        let whose: Cow<'_, [Uuid]> = match whose {
            Whose::These(users) => users.into(),
            Whose::AllBut(users) => {
                let users: HashSet<&Uuid> = users.iter().collect();
                let mut others: Vec<Uuid> = self.ids_at_length(&waiting).await?;
                others.retain(|user| !users.contains(user));
                others.into()
            }
            Whose::Meeting(condition) => {
                let search = query::Search::new(self.backend(), self.tenant, catalog, kind);
                waiting.and_where(search.of_member(condition).into_expr());
                self.ids_at_length(&waiting).await?.into()
            }
        };
        for some in whose.chunks(ROWS_PER_STATEMENT) {
            let given_up = self.live(group.id, Some(some)).await?;
            if !given_up.is_empty() {
                self.end_places(&given_up, Ending::Removed).await?;
            }
        }
        Ok(())
    }

    async fn ids_at_length(&self, select: &SelectStatement) -> Result<Vec<Uuid>, Error> {
        self.transaction.rows_at_length(self.backend().build(select), |row| row.get(0)).await
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
        self.hold_people(&away).await?;
        // Who has come back until then is there.
        let away: Vec<Uuid> = self.suspended_among(&away).await?.into_iter().collect();
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

/// The condition that a row is one of these, whose ids are added to the values: as one text on PostgreSQL, so that there is one statement
/// for any number of them.
fn are_these(is_postgres: bool, ids: &[Uuid], values: &mut Vec<Value>) -> String {
    let first = values.len() + 1;
    if is_postgres {
        let list: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        values.push(list.join(",").into());
        return format!("id = ANY (string_to_array(${first}, ',')::uuid[])");
    }
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let marks: Vec<String> = (first..first + ids.len()).map(|at| format!("${at}")).collect();
    format!("id IN ({})", marks.join(", "))
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
