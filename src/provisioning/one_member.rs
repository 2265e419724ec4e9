//! One user who joins or leaves a group: what identity providers send most, and the shortest way to do it.

use scim::{
    Document,
    patch::{self, MemberChange},
};
use serde_json::Value;
use store::{Action, OneMember};
use uuid::Uuid;

use crate::provisioning::{Conditions, Directory, Error, patch::Patching, read::exact};

impl Directory {
    /// Does it the short way, where there is one and something changes: the version of the group that comes of it. All
    /// else, and above all what is to be refused, goes the long way.
    pub(super) async fn patch_one_member(&self, patching: &Patching<'_>) -> Result<Option<i64>, Error> {
        let Some(one) = self.one_member(patching) else { return Ok(None) };
        let (kind, definitions, now) = (patching.kind, self.service.version, self.clock.now());
        let version = self.data.change_one_member(kind, one, definitions, &self.cause, now).await?;
        if version.is_some() {
            self.notes.written(Action::Changed, &kind.name, &one.changes());
        }
        Ok(version)
    }

    /// The one user that a PATCH lets join or leave, if it does nothing else and rests on nothing.
    fn one_member(&self, patching: &Patching<'_>) -> Option<OneMember> {
        let Conditions { if_match: None, if_none_match: None } = patching.conditions else { return None };
        patching.kind.membership.as_ref()?;
        // Whoever comes or goes is looked at.
        if !self.service.rules.sod.is_empty() {
            return None;
        }
        let [operation] = patching.operations.as_slice() else { return None };
        let of_one_attribute = operation.path.is_some()
            || operation.value.as_ref().and_then(Value::as_object).is_some_and(|attributes| attributes.len() == 1);
        if !of_one_attribute {
            return None;
        }
        let patched = patch::apply(patching.kind, Document::default(), &patching.operations, self.mode).ok()?;
        let (joins, named) = match patched.members.as_slice() {
            [MemberChange::Add(named)] => (true, named),
            [MemberChange::Remove(named)] => (false, named),
            _ => return None,
        };
        let [member] = named.as_slice() else { return None };
        if joins && (self.suspended || member.kind.as_ref().is_some_and(|kind| !kind.eq_ignore_ascii_case("User"))) {
            return None;
        }
        let user = if joins { exact(&member.value) } else { Uuid::parse_str(&member.value).ok() }?;
        Some(OneMember { group: patching.id, user, joins })
    }
}
