//! Grants: why somebody is in the group of an entitlement. Somebody is a member of it exactly while one of their grants is
//! active, and [`Work::settle`] is the one door by which both are written. Whoever comes in holds the group, as in every
//! other change of its members; so nobody else writes grants of it meanwhile.

mod change;
mod leave;
mod rows;

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::member;
use rights::{
    Instant,
    grant::{self, Ending, Grant, NewGrant, Source, Term},
};
use scim::schema::ResourceType;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use change::Issue;
pub use leave::Whose;
pub(crate) use rows::{read, row};

use crate::{Error, Gone, Stored, TimerKind, Work, resources::ROWS_PER_STATEMENT};

/// The resource type of people: nobody else is granted anything.
pub(crate) const PEOPLE: &str = "User";
/// What the log calls a grant that is given or taken by hand.
const GRANT: &str = "Grant";

/// A grant as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessGrant {
    /// Its id.
    pub id: Uuid,
    /// The grant as the rules know it.
    pub grant: Grant,
    /// From which client, rule or request it comes.
    pub source_id: Option<Uuid>,
    /// Who gave it.
    pub given: Deed,
    /// Who took it away.
    pub taken: Option<Deed>,
    /// The grant that it takes the place of, because that had been taken away by mistake.
    pub predecessor: Option<Uuid>,
    /// How its end moved away.
    pub prolonged: Vec<Prolonged>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// That the end of a grant moved away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prolonged {
    /// When somebody did it.
    pub at: Instant,
    /// To when.
    pub until: Instant,
    /// Who did, and why.
    pub by: Deed,
}

/// Who did something to a grant, and what they said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// The client, or the issuer of the token; nothing for the server itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// The user on whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Where new grants come from.
#[derive(Clone, Copy)]
pub struct Giving<'a> {
    /// Where from.
    pub source: Source,
    /// From which client, rule or request.
    pub source_id: Option<Uuid>,
    /// Whether each takes the place of the last one that the person had, with its source.
    pub again: bool,
    /// New ids.
    pub ids: &'a (dyn Fn() -> Uuid + Sync),
}

/// What became of memberships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Who became a member.
    pub added: Vec<Uuid>,
    /// Who is no longer a member.
    pub removed: Vec<Uuid>,
}

/// Who was let into a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    /// Who became a member.
    pub added: Vec<Uuid>,
    /// Who will be one when they are there.
    pub waiting: Vec<Uuid>,
}

impl Settled {
    /// Whether nobody came or went.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl AccessGrant {
    /// The grant that ends now; nothing more happens to one that has ended.
    fn ended(&self, reason: Ending, now: Instant, taken: Deed) -> Self {
        let mut all = grant::take_all(std::slice::from_ref(&self.grant), reason, now);
        match all.pop() {
            Some(grant) if grant != self.grant => {
                Self { grant, taken: Some(taken), version: self.version + 1, ..self.clone() }
            }
            _ => self.clone(),
        }
    }
}

impl Work {
    /// Lets resources be members of a group: of an entitlement, people by a grant each. Who is a member stays one, and is
    /// given nothing; for whoever is away it waits.
    pub async fn admit(
        &self,
        kind: &ResourceType,
        group: &Stored,
        members: &HashMap<Uuid, String>,
        giving: &Giving<'_>,
    ) -> Result<Admitted, Error> {
        let is_person = |id: &Uuid| members.get(id).is_some_and(|kind| kind == PEOPLE);
        if group.governed_by.is_none() {
            let people: Vec<Uuid> = members.keys().copied().filter(is_person).collect();
            let waiting = self.keep_places(group.id, &people, giving.ids).await?;
            let there = members.iter().filter(|(id, _)| !waiting.contains(id));
            let there = there.map(|(id, kind)| (*id, kind.clone())).collect();
            return Ok(Admitted { added: self.add_members(kind, group.id, &there).await?, waiting });
        }
        let (mut people, others): (Vec<Uuid>, Vec<Uuid>) = members.keys().copied().partition(is_person);
        let present = self.members_among(group.id, &people).await?;
        people.retain(|id| !present.contains(id));
        people.sort_unstable();
        let there = self.there_among(&people).await?;
        let mut waiting: Vec<Uuid> = people.iter().copied().filter(|id| !there.contains(id)).collect();
        if !waiting.is_empty() {
            let known: HashSet<Uuid> =
                self.live_grants(group.id, &waiting).await?.iter().map(|grant| grant.grant.user.0).collect();
            waiting.retain(|id| !known.contains(id));
            people.retain(|id| !known.contains(id));
        }
        let mut grants = self.new_grants(group.id, &people, giving).await?;
        for grant in grants.iter_mut().filter(|grant| waiting.contains(&grant.grant.user.0)) {
            grant.wait();
        }
        let mut added = self.settle(kind, group.id, grants).await?.added;
        let others = others.into_iter().filter_map(|id| Some((id, members.get(&id)?.clone()))).collect();
        added.extend(self.add_members(kind, group.id, &others).await?);
        Ok(Admitted { added, waiting })
    }

    /// Takes members out of a group, and whatever they were granted of it. Says who was one.
    pub async fn expel(
        &self,
        kind: &ResourceType,
        group: &Stored,
        members: &[Uuid],
        reason: Ending,
    ) -> Result<Vec<Uuid>, Error> {
        let mut removed = Vec::new();
        if group.governed_by.is_some() {
            let live = self.live_grants(group.id, members).await?;
            removed.extend(self.take(kind, group.id, &live, reason).await?.removed);
        }
        removed.extend(self.remove_members(group.id, members).await?);
        Ok(removed)
    }

    /// Ends grants of one group, whatever they came from.
    async fn take(
        &self,
        kind: &ResourceType,
        group: Uuid,
        grants: &[AccessGrant],
        reason: Ending,
    ) -> Result<Settled, Error> {
        let ended = grants.iter().map(|grant| grant.ended(reason, self.instant(), self.deed(None)));
        let ended: Vec<AccessGrant> = ended.collect();
        // Who leaves has nobody to tell.
        if reason != Ending::Leaver {
            self.note_gone(ended.iter().map(|grant| Gone::Grant(Box::new(grant.clone()))));
        }
        self.settle(kind, group, ended).await
    }

    /// Writes grants of a group, new ones and changed ones, and lets the memberships of these people follow, and what is asked for
    /// of those that have ended.
    pub async fn settle(&self, kind: &ResourceType, group: Uuid, grants: Vec<AccessGrant>) -> Result<Settled, Error> {
        self.settle_by(kind, group, grants, None).await
    }

    /// The same by an item, which is looked after by whoever holds it.
    async fn settle_by(
        &self,
        kind: &ResourceType,
        group: Uuid,
        grants: Vec<AccessGrant>,
        item: Option<Uuid>,
    ) -> Result<Settled, Error> {
        self.end_requests_about(group, &grants, item).await?;
        let users: BTreeSet<Uuid> = grants.iter().map(|grant| grant.grant.user.0).collect();
        let users: Vec<Uuid> = users.into_iter().collect();
        self.write_with_timers(&grants).await?;
        let mut live: HashMap<Uuid, Vec<Grant>> = HashMap::new();
        for AccessGrant { grant, .. } in self.live_grants(group, &users).await? {
            live.entry(grant.user.0).or_default().push(grant);
        }
        let is_member = |user: &Uuid| live.get(user).is_some_and(grant::is_member);
        let (members, others): (Vec<Uuid>, Vec<Uuid>) = users.into_iter().partition(is_member);
        let members = members.into_iter().map(|id| (id, PEOPLE.to_owned())).collect();
        Ok(Settled {
            added: self.add_members(kind, group, &members).await?,
            removed: self.remove_members(group, &others).await?,
        })
    }

    /// The same of one new grant, written at once: to whoever is not in the group and has nothing of it. The version of the group says
    /// whether somebody else changed its members meanwhile.
    async fn settle_at_once(&self, kind: &ResourceType, group: Uuid, new: &AccessGrant) -> Result<Settled, Error> {
        let user = new.grant.user.0;
        self.rest_on_no_grant(group, user);
        self.rest_on_rows(
            0,
            "SELECT 1 FROM member WHERE tenant_id = $1 AND group_id = $2 AND member_id = $3",
            [self.tenant.0.into(), group.into(), user.into()],
        );
        let mut together = self.together();
        self.plan_grants(&mut together, std::slice::from_ref(new))?;
        self.plan_timers(&mut together, &[(new.id, new.timers())]);
        let mut settled = Settled::default();
        if grant::is_member([&new.grant]) {
            together.add(self.backend().build(&self.new_members(kind, group, &[(&user, PEOPLE)])));
            settled.added.push(user);
        }
        together.run(self).await?;
        Ok(settled)
    }

    /// Lets what is written at once rest on it that somebody has nothing of a group.
    pub fn rest_on_no_grant(&self, group: Uuid, user: Uuid) {
        self.rest_on_rows(
            0,
            "SELECT 1 FROM access_grant WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3 AND ended IS NULL",
            [self.tenant.0.into(), group.into(), user.into()],
        );
    }

    /// Writes grants, new ones and changed ones, with the timers that follow from them.
    async fn write_with_timers(&self, grants: &[AccessGrant]) -> Result<(), Error> {
        let timers = |grant: &AccessGrant| (grant.id, grant.timers());
        let (new, changed): (Vec<&AccessGrant>, Vec<&AccessGrant>) =
            grants.iter().partition(|grant| grant.version == 1);
        let mut together = self.together();
        self.plan_grants(&mut together, grants)?;
        self.plan_timers(&mut together, &new.into_iter().map(timers).collect::<Vec<_>>());
        let changed: Vec<_> = changed.into_iter().map(timers).collect();
        self.renew_timers(&mut together, &TimerKind::OF_GRANTS, &changed);
        together.run_whole(self).await
    }

    /// Takes every grant of a group that is about to go, some at a time. Says who was a member by one.
    pub(crate) async fn take_all_of(&self, kind: &ResourceType, group: Uuid) -> Result<Vec<Uuid>, Error> {
        let mut removed = Vec::new();
        loop {
            let live = self.live(group, None).await?;
            if live.is_empty() {
                return Ok(removed);
            }
            removed.extend(self.take(kind, group, &live, Ending::Removed).await?.removed);
        }
    }

    /// Gives those who are in a group already what it is from now on, since they came into it.
    pub(crate) async fn import_members(&self, group: Uuid, ids: &(dyn Fn() -> Uuid + Sync)) -> Result<u64, Error> {
        let (mut count, mut after) = (0, None);
        loop {
            let behind = after.map(|id: Uuid| member::Column::MemberId.gt(id));
            let select = member::Entity::find()
                .select_only()
                .columns([member::Column::MemberId, member::Column::Added])
                .filter(member::Column::TenantId.eq(self.tenant.0))
                .filter(member::Column::GroupId.eq(group))
                .filter(member::Column::MemberKind.eq(PEOPLE))
                .filter(Condition::all().add_option(behind))
                .order_by_asc(member::Column::MemberId)
                .limit(ROWS_PER_STATEMENT as u64)
                .build(self.backend());
            let some: Vec<(Uuid, i64)> = self.transaction.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?;
            let Some((last, _)) = some.last() else { return Ok(count) };
            after = Some(*last);
            count += some.len() as u64;
            let of =
                |(user, added): &(Uuid, i64)| self.new_grant(group, *user, (Source::Import, None, ids()), Some(*added));
            self.write_grants(&some.iter().map(of).collect::<Vec<_>>()).await?;
        }
    }

    /// New grants for people who have none that is active.
    async fn new_grants(&self, group: Uuid, users: &[Uuid], giving: &Giving<'_>) -> Result<Vec<AccessGrant>, Error> {
        let last = if giving.again { self.last_grants(group, users).await? } else { HashMap::new() };
        let new = users.iter().filter_map(|user| {
            let grant = self.new_grant(group, *user, (giving.source, giving.source_id, (giving.ids)()), None);
            let Some(last) = last.get(user) else { return Some(grant) };
            let again = self.again(&last.grant)?;
            Some(AccessGrant { grant: again, source_id: last.source_id, predecessor: Some(last.id), ..grant })
        });
        Ok(new.collect())
    }

    /// The same once more: with its source, and no longer than it would have lasted.
    fn again(&self, last: &Grant) -> Option<Grant> {
        let now = self.instant();
        let term = match last.until {
            Some(until) if until <= now => return None,
            until => until.map_or(Term::Open, Term::Until),
        };
        let (user, entitlement, source) = (last.user, last.entitlement, last.source);
        Some(Grant::begin(NewGrant { user, entitlement, source, from: None, term }, true, now))
    }

    pub(crate) fn instant(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    fn deed(&self, comment: Option<&str>) -> Deed {
        Deed { client: self.cause.client, user: self.cause.user, comment: comment.map(Into::into) }
    }
}
