//! Grants that come of requests, and what requests do to them.

use rights::grant::{Grant, NewGrant, State};
use scim::schema::ResourceType;
use uuid::Uuid;

use crate::{AccessGrant, Action, Changes, Error, Settled, Work, grants::GRANT};

impl Work {
    /// Writes a grant that was asked for; the membership follows if it begins at once. The group must be held.
    pub async fn give_asked(
        &self,
        kind: &ResourceType,
        (id, new): (Uuid, NewGrant),
        request: Uuid,
        is_subject_active: bool,
    ) -> Result<(AccessGrant, Settled), Error> {
        let (group, user) = (new.entitlement.0, new.user.0);
        let grant = AccessGrant {
            id,
            grant: Grant::begin(new, is_subject_active, self.instant()),
            source_id: Some(request),
            given: self.deed(None),
            taken: None,
            predecessor: None,
            version: 1,
        };
        let settled = self.settle(kind, group, vec![grant.clone()]).await?;
        let changes = Changes { added: vec![user], ..Changes::default() };
        self.record(Action::Created, GRANT, grant.id, grant.version, &changes).await?;
        Ok((grant, settled))
    }

    /// Writes what has become of a grant; the membership follows. The group must be held.
    pub async fn change_grant(
        &self,
        kind: &ResourceType,
        before: &AccessGrant,
        next: Grant,
        event: &str,
    ) -> Result<(AccessGrant, Settled), Error> {
        let has_ended = matches!(next.state, State::Ended { .. });
        let taken = if has_ended { Some(self.deed(None)) } else { before.taken.clone() };
        let after = AccessGrant { grant: next, taken, version: before.version + 1, ..before.clone() };
        let settled = self.settle(kind, after.grant.entitlement.0, vec![after.clone()]).await?;
        let removed = if has_ended { vec![after.grant.user.0] } else { Vec::new() };
        let changes = Changes { attributes: vec![event.to_owned()], removed, ..Changes::default() };
        self.record(Action::Changed, GRANT, after.id, after.version, &changes).await?;
        Ok((after, settled))
    }
}
