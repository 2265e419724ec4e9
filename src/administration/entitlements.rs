//! Entitlements of applications: groups that people are in by grants.

use rights::{Risk, grant::Authority};
use scim::schema::{Catalog, ResourceType};
use serde::{Deserialize, Serialize};
use store::{Assigned, Entitlement, EntitlementState, EntitlementTexts, Names, Stored, Work};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{Administration, Error, Fault, Given, Slice, error::check, limits},
    clock::timestamp,
};

/// How many entitlements a tenant has at the most.
pub const MAX_ENTITLEMENTS: u64 = 10_000;

/// An entitlement that somebody wants a group to be.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewEntitlement {
    /// The group.
    pub group: Uuid,
    /// Its name for programs, among those of the application.
    #[validate(custom(function = limits::slug))]
    pub code: String,
    /// Its names for people.
    #[validate(custom(function = names))]
    pub names: Names,
    /// Whether it is in use.
    #[serde(default = "active")]
    #[validate(custom(function = state))]
    pub state: String,
    /// Whose word makes somebody a member.
    #[serde(default = "scim")]
    #[validate(custom(function = authority))]
    pub authority: String,
    /// How much harm it can do.
    #[serde(default = "medium")]
    #[validate(custom(function = risk))]
    pub risk: i64,
    /// What it is for.
    #[validate(custom(function = limits::text))]
    pub purpose: Option<String>,
    /// By which law.
    #[validate(custom(function = limits::text))]
    pub legal_basis: Option<String>,
}

/// What somebody wants to be different about an entitlement; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct EntitlementChange {
    /// Its names for people, in place of those it had.
    pub names: Given<Names>,
    /// Whether it is in use.
    pub state: Given<String>,
    /// Whose word makes somebody a member.
    pub authority: Given<String>,
    /// How much harm it can do.
    pub risk: Given<i64>,
    /// What it is for; null for nothing.
    pub purpose: Given<Option<String>>,
    /// By which law; null for none.
    pub legal_basis: Given<Option<String>>,
}

/// An entitlement as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitlementRecord {
    /// The group that it is.
    pub group: Uuid,
    /// Of which application.
    pub application: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its names for people.
    pub names: Names,
    /// Whether it is in use.
    pub state: &'static str,
    /// Whose word makes somebody a member.
    pub authority: &'static str,
    /// How much harm it can do.
    pub risk: u8,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// By which law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub modified: String,
}

impl From<Entitlement> for EntitlementRecord {
    fn from(entitlement: Entitlement) -> Self {
        let EntitlementTexts { names, purpose, legal_basis } = entitlement.texts;
        Self {
            group: entitlement.group,
            application: entitlement.application,
            code: entitlement.code,
            names,
            state: entitlement.state.word(),
            authority: entitlement.authority.word(),
            risk: entitlement.risk.into(),
            purpose,
            legal_basis,
            created: timestamp(entitlement.created),
            modified: timestamp(entitlement.modified),
        }
    }
}

impl NewEntitlement {
    fn state(&self) -> EntitlementState {
        EntitlementState::from_word(&self.state).unwrap_or(EntitlementState::Draft)
    }

    fn authority(&self) -> Authority {
        Authority::from_word(&self.authority).unwrap_or(Authority::Grants)
    }

    fn risk(&self) -> Risk {
        u8::try_from(self.risk).ok().and_then(Risk::from_number).unwrap_or(Risk::High)
    }

    fn texts(&self) -> EntitlementTexts {
        let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
        EntitlementTexts {
            names: Names { lv: trimmed(&self.names.lv), en: trimmed(&self.names.en) },
            purpose: trimmed(&self.purpose),
            legal_basis: trimmed(&self.legal_basis),
        }
    }

    /// An entitlement as it would have to be asked for, with what is to be different.
    fn changed(before: &Entitlement, change: EntitlementChange) -> Self {
        let EntitlementTexts { names, purpose, legal_basis } = before.texts.clone();
        Self {
            group: before.group,
            code: before.code.clone(),
            names: change.names.0.unwrap_or(names),
            state: change.state.0.unwrap_or_else(|| before.state.word().to_owned()),
            authority: change.authority.0.unwrap_or_else(|| before.authority.word().to_owned()),
            risk: change.risk.0.unwrap_or_else(|| i64::from(u8::from(before.risk))),
            purpose: change.purpose.0.unwrap_or(purpose),
            legal_basis: change.legal_basis.0.unwrap_or(legal_basis),
        }
    }

    /// Says what is wrong with an entitlement that comes with an archive.
    pub(super) fn check_stored(entitlement: &Entitlement) -> Result<(), Error> {
        check(&Self::changed(entitlement, EntitlementChange::default()))
    }
}

impl Administration {
    /// Entitlements of an application, or of all, behind that group.
    pub async fn entitlements(
        &self,
        application: Option<Uuid>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<EntitlementRecord>, Error> {
        if let Some(application) = application {
            self.application(application).await?;
        }
        let found = self.data.entitlements(application, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// One entitlement of an application.
    pub async fn entitlement(&self, application: Uuid, group: Uuid) -> Result<EntitlementRecord, Error> {
        let found = self.data.entitlement(group).await?.filter(|found| found.application == application);
        found.map(Into::into).ok_or(Error::Missing("entitlement"))
    }

    /// Makes a group an entitlement of an application. Whoever is in it is granted it from then on. Says how many those are.
    pub async fn create_entitlement(
        &self,
        catalog: &Catalog,
        application: Uuid,
        new: &NewEntitlement,
    ) -> Result<(EntitlementRecord, u64), Error> {
        check(new)?;
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let owner = work.lock_application(application).await?.ok_or(Error::Missing("application"))?;
        let group = work.lock_resource(kind, new.group).await?.ok_or_else(|| wrong("/group", "is no group here"))?;
        if group.governed_by.is_some() {
            return Err(Error::Taken("the group is an entitlement already".into()));
        }
        if work.count_entitlements().await? >= MAX_ENTITLEMENTS {
            let text = format!("the tenant has {MAX_ENTITLEMENTS} entitlements already, which is the most");
            return Err(Error::Conflict(text));
        }
        holds_people_alone(&work, new.authority(), &group).await?;
        if work.assign_group(&owner, kind, group.id).await? == Assigned::Elsewhere {
            return Err(Error::Conflict("the group belongs to another application".into()));
        }
        let now = self.clock.now();
        let entitlement = Entitlement {
            group: group.id,
            group_kind: kind.name.clone(),
            application,
            code: new.code.clone(),
            state: new.state(),
            authority: new.authority(),
            risk: new.risk(),
            texts: new.texts(),
            created: now,
            modified: now,
            version: 1,
        };
        let ids = || self.ids.next();
        let imported = work.create_entitlement(kind, &entitlement, &ids).await.map_err(code_taken)?;
        work.commit().await?;
        Ok((entitlement.into(), imported))
    }

    /// Changes an entitlement. While the tenant is suspended it can only become harder to get.
    pub async fn change_entitlement(
        &self,
        catalog: &Catalog,
        application: Uuid,
        group: Uuid,
        change: EntitlementChange,
    ) -> Result<EntitlementRecord, Error> {
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let (stored, before) = locked(&work, kind, application, group).await?;
        let wanted = NewEntitlement::changed(&before, change);
        check(&wanted)?;
        let mut after = Entitlement {
            state: wanted.state(),
            authority: wanted.authority(),
            risk: wanted.risk(),
            texts: wanted.texts(),
            ..before.clone()
        };
        let attributes = differences(&before, &after);
        if attributes.is_empty() {
            work.roll_back().await?;
            return Ok(before.into());
        }
        if widens(&before, &after) {
            self.may_give(&work).await?;
        }
        if let Some(stored) = &stored {
            holds_people_alone(&work, after.authority, stored).await?;
        }
        (after.version, after.modified) = (before.version + 1, self.clock.now());
        work.change_entitlement(kind, &after, &attributes).await.map_err(code_taken)?;
        work.commit().await?;
        Ok(after.into())
    }

    /// Makes a plain group again of an entitlement that nobody was ever granted: it was made by mistake.
    pub async fn delete_entitlement(&self, catalog: &Catalog, application: Uuid, group: Uuid) -> Result<(), Error> {
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let (_, entitlement) = locked(&work, kind, application, group).await?;
        if work.was_granted(group).await? {
            let text = "it was granted to somebody, and its grants are evidence; change its state to retired instead";
            return Err(Error::Conflict(text.into()));
        }
        work.delete_entitlement(kind, &entitlement).await?;
        Ok(work.commit().await?)
    }
}

/// The resource type of groups.
pub(super) fn groups(catalog: &Catalog) -> Result<&ResourceType, Error> {
    catalog.types().iter().find(|kind| kind.membership.is_some()).ok_or(Error::Missing("group"))
}

/// An entitlement of that application, with its group if that is still there.
async fn locked(
    work: &Work,
    kind: &ResourceType,
    application: Uuid,
    group: Uuid,
) -> Result<(Option<Stored>, Entitlement), Error> {
    let stored = work.lock_resource(kind, group).await?;
    let entitlement = work.lock_entitlement(group).await?.filter(|found| found.application == application);
    Ok((stored, entitlement.ok_or(Error::Missing("entitlement"))?))
}

/// Where grants alone make members, groups are none: nobody would be granted what comes through them.
async fn holds_people_alone(work: &Work, authority: Authority, group: &Stored) -> Result<(), Error> {
    if authority == Authority::Grants && work.holds_others(group.id).await? {
        let text = "groups are members of the group; where grants alone make members, all of them are people";
        return Err(Error::Conflict(text.into()));
    }
    Ok(())
}

/// What differs, by the names that administrators know.
fn differences(before: &Entitlement, after: &Entitlement) -> Vec<&'static str> {
    [
        ("names", before.texts.names != after.texts.names),
        ("state", before.state != after.state),
        ("authority", before.authority != after.authority),
        ("risk", before.risk != after.risk),
        ("purpose", before.texts.purpose != after.texts.purpose),
        ("legalBasis", before.texts.legal_basis != after.texts.legal_basis),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Whether it is then easier to get.
fn widens(before: &Entitlement, after: &Entitlement) -> bool {
    let (active, scim) = (EntitlementState::Active, Authority::Scim);
    after.state == active && before.state != active || after.authority == scim && before.authority != scim
}

fn code_taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Taken("the application has an entitlement of that code already".into()),
        other => other.into(),
    }
}

/// One value that cannot be taken.
pub(super) fn wrong(pointer: &str, reason: &str) -> Error {
    Error::Invalid(vec![Fault { pointer: pointer.into(), reason: reason.into() }])
}

fn names(names: &Names) -> Result<(), ValidationError> {
    if names.lv.is_none() && names.en.is_none() {
        return Err(limits::fault("must have a name in lv or in en".into()));
    }
    [&names.lv, &names.en].into_iter().flatten().try_for_each(|name| limits::line(name))
}

fn state(word: &str) -> Result<(), ValidationError> {
    one_of(word, &EntitlementState::ALL.map(EntitlementState::word))
}

fn authority(word: &str) -> Result<(), ValidationError> {
    one_of(word, &Authority::ALL.map(Authority::word))
}

fn one_of(word: &str, known: &[&str]) -> Result<(), ValidationError> {
    if known.contains(&word) { Ok(()) } else { Err(limits::fault(format!("must be one of {}", known.join(", ")))) }
}

fn risk(number: i64) -> Result<(), ValidationError> {
    if (0..=3).contains(&number) { Ok(()) } else { Err(limits::fault("must be 0 to 3".into())) }
}

fn active() -> String {
    EntitlementState::Active.word().to_owned()
}

fn scim() -> String {
    Authority::Scim.word().to_owned()
}

/// What nobody has judged may do some harm.
fn medium() -> i64 {
    i64::from(u8::from(Risk::Medium))
}
