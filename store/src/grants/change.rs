//! Single grants that are given, changed and taken, with a line each in the log.

use rights::{
    EntitlementId, Instant, UserId,
    grant::{self, Ending, Grant, NewGrant, Source},
};
use scim::schema::ResourceType;
use uuid::Uuid;

use super::{AccessGrant, Deed, GRANT, Prolonged, Settled};
use crate::{Action, Changes, Error, Parting, Stored, TimerKind, Update, Work};

/// A grant that is to be given.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// Its id.
    pub id: Uuid,
    /// From which client, rule or request.
    pub source_id: Option<Uuid>,
    /// Whether the person is there: else it waits for them.
    pub is_subject_active: bool,
    /// Why.
    pub comment: Option<&'a str>,
}

impl AccessGrant {
    /// Of what it has to be reminded.
    pub fn timers(&self) -> Vec<(TimerKind, Instant)> {
        let kind = |timer| match timer {
            grant::Timer::Start => TimerKind::GrantStart,
            grant::Timer::Warn => TimerKind::GrantWarn,
            grant::Timer::Expire => TimerKind::GrantEnd,
            grant::Timer::Lapse => TimerKind::GrantReturn,
        };
        self.grant.timers().into_iter().map(|(timer, at)| (kind(timer), at)).collect()
    }
}

impl Work {
    /// Gives somebody something, now or later. The group must be held. The grant, and what became of the membership.
    pub async fn issue(
        &self,
        kind: &ResourceType,
        new: NewGrant,
        issue: Issue<'_>,
    ) -> Result<(AccessGrant, Settled), Error> {
        let group = new.entitlement.0;
        let grant = AccessGrant {
            id: issue.id,
            grant: Grant::begin(new, issue.is_subject_active, self.instant()),
            source_id: issue.source_id,
            given: self.deed(issue.comment),
            taken: None,
            predecessor: None,
            prolonged: Vec::new(),
            version: 1,
        };
        let settled = if self.is_at_once() {
            self.settle_at_once(kind, group, &grant).await?
        } else {
            self.settle(kind, group, vec![grant.clone()]).await?
        };
        let changes = Changes { added: vec![grant.grant.user.0], ..Changes::default() };
        self.record(Action::Created, GRANT, grant.id, grant.version, &changes).await?;
        Ok((grant, settled))
    }

    /// Writes what the rules have made of a grant, and why somebody wanted it. The group must be held if it is there. The grant
    /// as it is then, and what became of the membership.
    pub async fn write_grant(
        &self,
        kind: &ResourceType,
        before: &AccessGrant,
        next: Grant,
        comment: Option<&str>,
    ) -> Result<(AccessGrant, Settled), Error> {
        self.write_grant_by(kind, before, next, (comment, None)).await
    }

    /// The same by an item of a request, which must be held and is written by whoever holds it.
    pub async fn write_grant_by(
        &self,
        kind: &ResourceType,
        before: &AccessGrant,
        next: Grant,
        (comment, item): (Option<&str>, Option<Uuid>),
    ) -> Result<(AccessGrant, Settled), Error> {
        let mut changed = AccessGrant { version: before.version + 1, ..before.clone() };
        if next.state.is_final() && !before.grant.state.is_final() {
            changed.taken = Some(self.deed(comment));
        }
        if let Some(until) = next.until.filter(|_| next.extensions > before.grant.extensions) {
            changed.prolonged.push(Prolonged { at: self.instant(), until, by: self.deed(comment) });
        }
        changed.grant = next;
        let settled = self.settle_by(kind, changed.grant.entitlement.0, vec![changed.clone()], item).await?;
        let told = differences(&before.grant, &changed.grant);
        if !told.is_empty() {
            self.record(Action::Changed, GRANT, changed.id, changed.version, &told).await?;
        }
        Ok((changed, settled))
    }

    /// Takes one grant away, and says why. The grant as it is then, and what became of the membership.
    pub async fn revoke(
        &self,
        kind: &ResourceType,
        grant: &AccessGrant,
        (reason, comment): (Ending, &str),
    ) -> Result<(AccessGrant, Settled), Error> {
        let ended = grant.ended(reason, self.instant(), Deed::default()).grant;
        self.write_grant(kind, grant, ended, Some(comment)).await
    }

    /// Writes that members of a group came and went, if some did. The group must be held; what is written at once rests on it.
    pub async fn note_members(&self, kind: &ResourceType, group: &Stored, settled: Settled) -> Result<(), Error> {
        let changes = Changes { attributes: Vec::new(), added: settled.added, removed: settled.removed };
        if changes.is_empty() {
            self.rest_on(kind, group);
            return Ok(());
        }
        let update = Update { document: None, password: None, changes: &changes, parting: Parting::Usual };
        self.update(kind, group, &update).await?;
        Ok(())
    }

    /// A grant that is active, from that instant or from now.
    pub(super) fn new_grant(
        &self,
        group: Uuid,
        user: Uuid,
        (source, source_id, id): (Source, Option<Uuid>, Uuid),
        since: Option<i64>,
    ) -> AccessGrant {
        let (user, entitlement) = (UserId(user), EntitlementId(group));
        let new = NewGrant { user, entitlement, source, from: None, term: grant::Term::Open };
        let from = since.map_or_else(|| self.instant(), Instant::from_millis);
        AccessGrant {
            id,
            grant: Grant::begin(new, true, from),
            source_id,
            given: self.deed(None),
            taken: None,
            predecessor: None,
            prolonged: Vec::new(),
            version: 1,
        }
    }
}

/// What the log says of a change: that somebody came or went says enough.
fn differences(before: &Grant, after: &Grant) -> Changes {
    let mut changes = Changes::default();
    let user = vec![after.user.0];
    match (grant::is_member([before]), grant::is_member([after])) {
        (false, true) => changes.added = user,
        (true, false) => changes.removed = user,
        _ if after.state.is_final() && !before.state.is_final() => changes.removed = user,
        _ if after.state.word() != before.state.word() => changes.attributes.push("state".into()),
        _ => {}
    }
    if before.until != after.until && after.activated == before.activated {
        changes.attributes.push("until".into());
    }
    changes
}
