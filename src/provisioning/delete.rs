//! DELETE: a resource goes, and with it all that referred to it (RFC 7644 §3.6, Y-31).

use rights::lifecycle::{Event, Standing};
use scim::{
    Document,
    filter::Field,
    schema::{Attribute, Container, ResourceType},
};
use serde_json::Value;
use store::{Action, Changes, Parting, Reference, Update, Work};
use uuid::Uuid;

use crate::provisioning::{Conditions, Directory, End, Error, Step, leaving::is_active, read::parse_id};

/// A resource on its way out.
pub(super) struct Deletion<'a> {
    pub(super) kind: &'a ResourceType,
    pub(super) id: Uuid,
    pub(super) conditions: &'a Conditions,
}

impl Step for Deletion<'_> {
    type Output = ();

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<()>, Error> {
        let (kind, id) = (self.kind, self.id);
        if kind.membership.is_some() {
            // Requests before groups, as everywhere.
            work.drop_requests(id).await?;
        }
        let stored = work.lock_resource(kind, id).await?.ok_or_else(|| Error::not_found(kind))?;
        self.conditions.check_write(stored.version)?;
        if kind.membership.is_some() {
            if stored.governed_by.is_some() {
                // Who asks for it at once rests on it, and looks again.
                work.disturb_entitlement(id).await?;
            }
            if work.has_open_requests(id).await? {
                // Somebody has asked for it meanwhile.
                return Err(Error::Store(store::Error::Conflict));
            }
        }
        // People before groups, as everywhere: two deletions in one group do not wait for each other.
        directory.drop_references(work, id).await?;
        let watched = directory.watched(work, id).await?;
        let mut gone = Changes::default();
        if kind.member_of.is_some() {
            let standing = if is_active(&stored.document()?) { Standing::Active } else { Standing::Deactivated };
            gone.removed.extend(directory.follow(work, id, standing, Event::Delete).await?.removed);
            directory.forget_suspension(work, &stored).await?;
        } else {
            for groups in directory.catalog.types().iter().filter(|kind| kind.membership.is_some()) {
                gone.removed.extend(work.leave_groups(groups, id).await?);
            }
        }
        let members = match kind.membership {
            Some(_) => work.clear_members(kind, &stored).await?,
            None => Vec::new(),
        };
        // Its memberships end as well as those of its members.
        gone.removed.extend(&members);
        work.delete(kind, &stored, members).await?;
        directory.watch_people(work, watched).await?;
        directory.notes.written(Action::Deleted, &kind.name, &gone);
        Ok(End::Written(()))
    }
}

impl Directory {
    /// Deletes a resource, ends its memberships and empties what named it.
    pub async fn delete(&self, kind: &ResourceType, id: &str, conditions: &Conditions) -> Result<(), Error> {
        let id = parse_id(kind, id)?;
        self.write(&Deletion { kind, id, conditions }).await
    }

    /// `manager` and whatever else names the resource is unassigned.
    async fn drop_references(&self, work: &Work, id: Uuid) -> Result<(), Error> {
        let text = id.to_string();
        for kind in self.catalog.types() {
            for (container, attribute) in kind.references() {
                let value = Field { urn: container.urn(), attribute, sub: attribute.sub("value") };
                let mut holders = work.holders(kind, &value, &text).await?;
                holders.retain(|holder| *holder != id);
                for holder in work.lock(kind, holders).await? {
                    let before = holder.document()?;
                    let mut after = before.clone();
                    if !after.forget(container, attribute, &text) {
                        continue;
                    }
                    let after = after.arranged(kind);
                    let changes = Changes { attributes: before.changes(&after, kind), ..Changes::default() };
                    let reference = reference(container, attribute, &before, &text);
                    work.keep_reference(kind, &holder, &reference).await?;
                    let document = Some((&before, &after));
                    let update = Update { document, password: None, changes: &changes, parting: Parting::Usual };
                    work.update(kind, &holder, &update).await?;
                }
            }
        }
        Ok(())
    }
}

/// What an attribute says of the resource with that id.
fn reference(container: Container<'_>, attribute: &Attribute, document: &Document, id: &str) -> Reference {
    let value = match document.get(container, &attribute.name) {
        Some(Value::Array(list)) => {
            let naming = list.iter().filter(|value| value.get("value").and_then(Value::as_str) == Some(id));
            naming.cloned().collect()
        }
        value => value.cloned().unwrap_or_default(),
    };
    Reference { urn: container.urn().map(Into::into), attribute: attribute.name.clone(), value }
}
