//! PUT: all that a client owns of a resource, anew (RFC 7644 §3.5.1).

use scim::{
    Document, MemberRef,
    patch::MemberChange,
    read::{self, Incoming},
    schema::{Container, ResourceType},
    validate::{self, Context},
};
use serde_json::Value;
use store::{Changes, Stored, Work};
use uuid::Uuid;

use crate::provisioning::{
    Answer, Directory, Error, Shown, Step, Tags, check_version,
    members::Net,
    patch::Change,
    read::parse_id,
};

impl Directory {
    /// Replaces a resource with the body of a PUT.
    pub async fn replace(
        &self,
        kind: &ResourceType,
        id: &str,
        body: &Value,
        if_match: Option<&Tags>,
        answer: &Answer,
    ) -> Result<Shown, Error> {
        let id = parse_id(kind, id)?;
        let Incoming { document, password, members } = read::resource(kind, body, self.mode)?;
        let password = self.passwords.hash_some(password).await?;
        let incoming = Replacement { document, password, members: members.unwrap_or_default() };
        let written = self
            .write(async |work| self.replace_once(work, kind, id, &incoming, if_match).await)
            .await;
        let stored = self.name_taken(kind, &incoming.document, Some(id), written).await?;
        self.answer(kind, stored, answer).await
    }

    async fn replace_once(
        &self,
        work: &Work,
        kind: &ResourceType,
        id: Uuid,
        incoming: &Replacement,
        if_match: Option<&Tags>,
    ) -> Result<Step<Stored>, Error> {
        let stored = work.lock(kind, [id]).await?.pop().ok_or_else(|| Error::not_found(kind))?;
        check_version(if_match, &stored)?;
        let before = stored.document()?;
        let mut after = incoming.document.clone();
        keep_active(kind, &before, &mut after);
        let after = after.arranged(kind);
        validate::document(kind, &after, Context::Change { before: &before })?;
        let mut net = Net::default();
        if kind.membership.is_some() {
            let change = MemberChange::Replace(incoming.members.clone());
            self.change_members(work, kind, id, &change, &mut net).await?;
        }
        let (added, removed) = net.into_sorted();
        let changes = Changes { attributes: before.changes(&after, kind), added, removed };
        let password = incoming.password.as_deref().map(Some);
        self.finish(work, kind, Change { stored, before, after, password, changes }).await
    }
}

/// What a PUT brings.
struct Replacement {
    document: Document,
    password: Option<String>,
    members: Vec<MemberRef>,
}

/// A PUT that does not speak of `active` leaves it: clearing it would wake a leaver up.
fn keep_active(kind: &ResourceType, before: &Document, after: &mut Document) {
    if kind.root_attribute("active").is_some() && after.get(Container::Root, "active").is_none() {
        after.put(Container::Root, "active", before.get(Container::Root, "active").cloned());
    }
}
