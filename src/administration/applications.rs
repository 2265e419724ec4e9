//! Applications: listing, making, changing, deleting, and which groups they have.

use std::collections::BTreeSet;

use rights::{
    Instant, NodeId,
    administration::{Action, Scope},
};
use scim::schema::Catalog;
use serde::{Deserialize, Serialize};
use store::{Application, ApplicationState, Assigned, Bounds, Work};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{
        Administration, Error, Fault, Given, NamedUser, Slice,
        entitlements::{again, wrong},
        error::{check, meant},
        limits,
        mandate::Mandate,
        people::{People, unknown_people},
    },
    clock::timestamp,
    notices,
    provisioning::{Service, Tags},
    wording::phrase,
};

/// How many applications a tenant has at the most.
pub const MAX_APPLICATIONS: u64 = 1000;
/// How many attributes are released to an application at the most.
const MAX_RELEASED: usize = 200;
/// The longest path of an attribute, in characters.
const LONGEST_PATH: usize = 500;

/// An application that somebody wants.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Its name for programs.
    #[validate(custom(function = limits::slug))]
    pub code: String,
    /// Its name for people.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// The attributes of users that it may see.
    #[serde(default)]
    #[validate(custom(function = paths))]
    pub released: Vec<String>,
    /// The user who answers for it.
    pub owner: Option<Uuid>,
    /// The user who stands in for the owner.
    pub deputy: Option<Uuid>,
    /// The organisation unit that it belongs to.
    pub unit: Option<Uuid>,
}

/// What somebody wants to be different about an application; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApplicationChange {
    /// Its name for people.
    pub name: Given<String>,
    /// Whether it is in use.
    pub state: Given<String>,
    /// The attributes of users that it may see.
    pub released: Given<Vec<String>>,
    /// The user who answers for it; null for nobody.
    pub owner: Given<Option<Uuid>>,
    /// The user who stands in for the owner; null for nobody.
    pub deputy: Given<Option<Uuid>>,
    /// The organisation unit that it belongs to; null for none.
    pub unit: Given<Option<Uuid>>,
}

/// An application as it is to be.
#[derive(Validate)]
struct Wanted {
    #[validate(custom(function = limits::line))]
    name: String,
    #[validate(custom(function = state))]
    state: String,
    #[validate(custom(function = paths))]
    released: Vec<String>,
}

/// An application as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationRecord {
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
    /// Its id.
    pub id: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is in use.
    pub state: &'static str,
    /// The attributes of users that it may see.
    pub released: Vec<String>,
    /// Who owns it, as long as there is such a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<NamedUser>,
    /// Who stands in for the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deputy: Option<NamedUser>,
    /// The organisation unit that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Uuid>,
    /// Who answers for it just now; nothing if nobody is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<NamedUser>,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub modified: String,
}

/// A group of an application as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

impl Administration {
    /// Applications within bounds behind that one, the oldest first.
    pub async fn applications(
        &self,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ApplicationRecord>, Error> {
        let found = Slice::of(self.data.applications(bounds, after, limit + 1).await?, limit);
        Ok(Slice { items: self.show_applications(found.items).await?, has_more: found.has_more })
    }

    /// One application, if it is within bounds.
    pub async fn application(&self, id: Uuid, bounds: &Bounds) -> Result<ApplicationRecord, Error> {
        self.show_application(self.known_application(id, bounds).await?).await
    }

    /// The application of that code.
    pub async fn application_by_code(&self, code: &str) -> Result<ApplicationRecord, Error> {
        let application = self.data.application_by_code(code).await?.ok_or(Error::Missing("application"))?;
        self.show_application(application).await
    }

    /// The application of that id, if it is within bounds.
    pub(super) async fn known_application(&self, id: Uuid, bounds: &Bounds) -> Result<Application, Error> {
        self.data.application(id, bounds).await?.ok_or(Error::Missing("application"))
    }

    /// Makes an application. What is released must be an attribute of users in the catalogue by which the tenant is served.
    pub async fn create_application(
        &self,
        service: &Service,
        new: &NewApplication,
    ) -> Result<ApplicationRecord, Error> {
        check(new)?;
        let released = released_paths(&service.catalog, &new.released)?;
        let work = self.begin().await?;
        stays_defined(&work, service, &released).await?;
        if self.may_give(&work).await?.is_platform() {
            return Err(Error::Missing("tenant"));
        }
        if work.count_applications().await? >= MAX_APPLICATIONS {
            return Err(Error::Conflict(phrase("most-applications").with("most", MAX_APPLICATIONS).into()));
        }
        let now = self.clock.now();
        let application = Application {
            id: self.ids.next(),
            code: new.code.clone(),
            name: new.name.trim().to_owned(),
            state: ApplicationState::Active,
            released,
            owner: new.owner,
            deputy: new.deputy,
            unit: new.unit,
            created: now,
            modified: now,
            version: 1,
        };
        self.must_hold(&work, &application).await?;
        self.judge_owners(&work, &service.catalog, &application, None).await?;
        work.create_application(&application).await.map_err(code_taken)?;
        work.commit().await?;
        self.show_application(application).await
    }

    /// Changes an application, if it is still at one of these versions. While the tenant is suspended it can only come to see less.
    /// One that is retired takes its entitlements out of use.
    pub async fn change_application(
        &self,
        service: &Service,
        id: Uuid,
        change: ApplicationChange,
        versions: Option<&Tags>,
    ) -> Result<ApplicationRecord, Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_change_application(service, id, change.clone(), versions).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_change_application(
        &self,
        service: &Service,
        id: Uuid,
        change: ApplicationChange,
        versions: Option<&Tags>,
    ) -> Result<ApplicationRecord, Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let retires = change.state.0.as_deref() == Some(ApplicationState::Retired.word());
        let mut has_retired = false;
        if retires {
            // Who may not do it holds up nobody.
            self.mandate_over(&work, id).await?;
            has_retired = self.retire_entitlements(&service.catalog, &work, id).await?;
        }
        let before = locked(&work, id).await?;
        if retires && !work.groups_in_use_of(id).await?.is_empty() {
            // Somebody has put one in use meanwhile.
            return Err(Error::Store(store::Error::Conflict));
        }
        let mandate = self.mandate_over(&work, id).await?;
        meant(versions, before.version)?;
        let wanted = Wanted {
            name: change.name.0.unwrap_or_else(|| before.name.clone()),
            state: change.state.0.unwrap_or_else(|| before.state.word().to_owned()),
            released: change.released.0.clone().unwrap_or_default(),
        };
        check(&wanted)?;
        let released = match change.released.0 {
            Some(paths) => {
                stays_defined(&work, service, &paths).await?;
                released_paths(&service.catalog, &paths)?
            }
            None => before.released.clone(),
        };
        let mut after = Application {
            name: wanted.name.trim().to_owned(),
            state: ApplicationState::from_word(&wanted.state).unwrap_or(before.state),
            released,
            owner: change.owner.0.unwrap_or(before.owner),
            deputy: change.deputy.0.unwrap_or(before.deputy),
            unit: change.unit.0.unwrap_or(before.unit),
            ..before.clone()
        };
        let attributes = differences(&before, &after);
        if attributes.is_empty() {
            if has_retired {
                // It was out of use before they were.
                notices::tell_of_losses(&work, &self.ids, Instant::from_millis(self.clock.now())).await?;
                work.commit().await?;
            } else {
                work.roll_back().await?;
            }
            return self.show_application(before).await;
        }
        if widens(&before, &after) {
            self.may_give(&work).await?;
        }
        if !mandate.is_whole() {
            self.stays_within(&work, &mandate, &before, &after).await?;
        }
        self.judge_owners(&work, &service.catalog, &after, Some(&before)).await?;
        (after.version, after.modified) = (before.version + 1, self.clock.now());
        work.change_application(&after, &attributes).await?;
        notices::tell_of_losses(&work, &self.ids, Instant::from_millis(self.clock.now())).await?;
        work.commit().await?;
        self.show_application(after).await
    }

    /// Deletes an application, if it is still at one of these versions, that nothing belongs to any more.
    pub async fn delete_application(&self, id: Uuid, versions: Option<&Tags>) -> Result<(), Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let application = locked(&work, id).await?;
        self.mandate_over(&work, id).await?;
        meant(versions, application.version)?;
        let (clients, groups) = work.count_of_application(id).await?;
        if clients + groups > 0 {
            let said = phrase("application-in-use").with("clients", clients).with("groups", groups);
            return Err(Error::Conflict(said.into()));
        }
        // Also of groups that are gone: what was granted of them is to be understood.
        let entitlements = work.count_entitlements_of(id).await?;
        if entitlements > 0 {
            return Err(Error::Conflict(phrase("has-entitlements").with("count", entitlements).into()));
        }
        work.delete_application(&application).await?;
        Ok(work.commit().await?)
    }

    /// Groups of an application within bounds behind that one.
    pub async fn application_groups(
        &self,
        (id, bounds): (Uuid, &Bounds),
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<GroupRecord>, Error> {
        self.known_application(id, bounds).await?;
        let found = self.data.groups_of_application(id, after, limit + 1).await?;
        let groups = found.into_iter().map(|(id, display_name)| GroupRecord { id, display_name });
        Ok(Slice::of(groups.collect(), limit))
    }

    /// Gives a group to an application: its clients see it and who is in it.
    pub async fn assign_group(&self, catalog: &Catalog, id: Uuid, group: Uuid) -> Result<(), Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_assign_group(catalog, id, group).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_assign_group(&self, catalog: &Catalog, id: Uuid, group: Uuid) -> Result<(), Error> {
        let kind = catalog.types().iter().find(|kind| kind.membership.is_some()).ok_or(Error::Missing("group"))?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let application = locked(&work, id).await?;
        let entitlement = work.lock_entitlement(group).await?;
        if entitlement.is_some_and(|entitlement| entitlement.application != id) {
            return Err(Error::Conflict(phrase("entitlement-elsewhere").into()));
        }
        match work.assign_group(&application, kind, group).await? {
            Assigned::Now => Ok(work.commit().await?),
            Assigned::Before => Ok(work.roll_back().await?),
            Assigned::Elsewhere => Err(Error::Conflict(phrase("group-elsewhere").into())),
            Assigned::Nowhere => Err(Error::Missing("group")),
        }
    }

    /// Takes a group from an application.
    pub async fn unassign_group(&self, id: Uuid, group: Uuid) -> Result<(), Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_unassign_group(id, group).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_unassign_group(&self, id: Uuid, group: Uuid) -> Result<(), Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let application = locked(&work, id).await?;
        self.mandate_over(&work, id).await?;
        if work.lock_entitlement(group).await?.is_some_and(|entitlement| entitlement.application == id) {
            return Err(Error::Conflict(phrase("entitlement-stays").into()));
        }
        if !work.unassign_group(&application, group).await? {
            return Err(Error::Missing("group of the application"));
        }
        Ok(work.commit().await?)
    }

    /// Refuses a new application that whoever makes it does not look after.
    async fn must_hold(&self, work: &Work, new: &Application) -> Result<(), Error> {
        let mandate = self.mandate(work).await?;
        if mandate.is_whole() {
            return Ok(());
        }
        let nothing = Application { released: Vec::new(), owner: None, deputy: None, unit: None, ..new.clone() };
        if new.unit.is_none() {
            return Err(wrong("/unit", phrase("must-be-looked-after")));
        }
        self.stays_within(work, &mandate, &nothing, new).await
    }

    /// Refuses what reaches further than whoever looks after a part of the tenant: another unit, more of people, themselves.
    async fn stays_within(
        &self,
        work: &Work,
        mandate: &Mandate,
        before: &Application,
        after: &Application,
    ) -> Result<(), Error> {
        if before.unit != after.unit {
            let place = match after.unit.filter(|_| before.unit.is_none()) {
                Some(unit) => work.place_of(Scope::Node(NodeId(unit))).await?,
                // Who leads another unit would decide.
                None => return Err(wrong("/unit", phrase("for-whole"))),
            };
            if !place.is_some_and(|place| mandate.may(Action::Catalogue, &place)) {
                return Err(wrong("/unit", phrase("must-be-looked-after")));
            }
        }
        if after.released.iter().any(|path| !before.released.contains(path)) {
            return Err(wrong("/released", phrase("released-by-whole")));
        }
        let named = [("/owner", before.owner, after.owner), ("/deputy", before.deputy, after.deputy)];
        self.must_name_others(work, mandate, &named).await
    }

    /// Owner and deputy must be two users of the tenant, and the unit one of its own, when they are named.
    async fn judge_owners(
        &self,
        work: &Work,
        catalog: &Catalog,
        after: &Application,
        before: Option<&Application>,
    ) -> Result<(), Error> {
        let named = [
            ("/owner", after.owner.filter(|owner| before.and_then(|before| before.owner) != Some(*owner))),
            ("/deputy", after.deputy.filter(|deputy| before.and_then(|before| before.deputy) != Some(*deputy))),
        ];
        let mut faults = unknown_people(work, catalog, &named).await?;
        if after.deputy.is_some() && after.deputy == after.owner {
            faults.push(Fault::new("/deputy", phrase("other-than-owner")));
        }
        let unit = after.unit.filter(|unit| before.and_then(|before| before.unit) != Some(*unit));
        if let Some(unit) = unit {
            // Nobody deletes it meanwhile.
            work.hold_organisation().await?;
            if work.held_unit(unit).await?.is_none() {
                faults.push(Fault::new("/unit", phrase("no-unit")));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    async fn show_application(&self, application: Application) -> Result<ApplicationRecord, Error> {
        self.show_applications(vec![application]).await?.pop().ok_or(Error::Missing("application"))
    }

    async fn show_applications(&self, applications: Vec<Application>) -> Result<Vec<ApplicationRecord>, Error> {
        let responsible = self.data.owners(&applications).await?;
        let named = applications.iter().flat_map(|application| [application.owner, application.deputy]).flatten();
        let named: Vec<Uuid> = named.chain(responsible.values().copied()).collect();
        let people = People::of(&self.data, &named).await?;
        let show = |application: Application| ApplicationRecord {
            version: application.version,
            id: application.id,
            code: application.code,
            name: application.name,
            state: application.state.word(),
            released: application.released,
            owner: people.named(application.owner),
            deputy: people.named(application.deputy),
            unit: application.unit,
            responsible: people.named(responsible.get(&application.id).copied()),
            created: timestamp(application.created),
            modified: timestamp(application.modified),
        };
        Ok(applications.into_iter().map(show).collect())
    }
}

async fn locked(work: &Work, id: Uuid) -> Result<Application, Error> {
    work.lock_application(id).await?.ok_or(Error::Missing("application"))
}

/// Makes sure that nobody takes away meanwhile what defines attributes that are to be released.
async fn stays_defined(work: &Work, service: &Service, paths: &[String]) -> Result<(), Error> {
    if paths.is_empty() || work.is_current(service.version).await? {
        return Ok(());
    }
    Err(store::Error::Conflict.into())
}

/// Paths of users' attributes as they are called, each once.
fn released_paths(catalog: &Catalog, paths: &[String]) -> Result<Vec<String>, Error> {
    let users = catalog.types().iter().find(|kind| kind.member_of.is_some());
    let (mut names, mut faults) = (BTreeSet::new(), Vec::new());
    for (at, path) in paths.iter().enumerate() {
        if let Some(name) = users.and_then(|users| users.returnable(path)) {
            names.insert(name);
        } else {
            faults.push(Fault::new(format!("/released/{at}"), phrase("no-attribute-to-release")));
        }
    }
    if faults.is_empty() { Ok(names.into_iter().collect()) } else { Err(Error::Invalid(faults)) }
}

/// What differs, by the names that administrators know.
fn differences(before: &Application, after: &Application) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("state", before.state != after.state),
        ("released", before.released != after.released),
        ("owner", before.owner != after.owner),
        ("deputy", before.deputy != after.deputy),
        ("unit", before.unit != after.unit),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Whether its clients may then see something that they do not see now, or somebody else answers for it.
fn widens(before: &Application, after: &Application) -> bool {
    let is_new = |path: &String| !before.released.contains(path);
    let pairs = [(before.owner, after.owner), (before.deputy, after.deputy), (before.unit, after.unit)];
    let names_another = pairs.into_iter().any(|(before, after)| after.is_some() && after != before);
    names_another
        || after.released.iter().any(is_new)
        || before.state == ApplicationState::Retired && after.state == ApplicationState::Active
}

fn code_taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Taken(phrase("application-taken").into()),
        other => other.into(),
    }
}

fn paths(paths: &[String]) -> Result<(), ValidationError> {
    if paths.len() > MAX_RELEASED {
        return Err(limits::refuse("most-attributes", &[("most", MAX_RELEASED.into())]));
    }
    let wrong = paths.iter().position(|path| path.chars().count() > LONGEST_PATH);
    wrong.map_or(Ok(()), |at| {
        Err(limits::at_item(at, limits::refuse("most-characters", &[("most", LONGEST_PATH.into())])))
    })
}

fn state(word: &str) -> Result<(), ValidationError> {
    if ApplicationState::from_word(word).is_some() {
        return Ok(());
    }
    let words = ApplicationState::ALL.map(ApplicationState::word).join(" / ");
    Err(limits::refuse("must-be", &[("what", words.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sees_less_widens_nothing() {
        let of = |state, released: &[&str]| Application {
            id: Uuid::nil(),
            code: "a".into(),
            name: "A".into(),
            state,
            released: released.iter().map(|path| (*path).to_owned()).collect(),
            owner: None,
            deputy: None,
            unit: None,
            created: 0,
            modified: 0,
            version: 1,
        };
        let (active, retired) = (ApplicationState::Active, ApplicationState::Retired);
        assert!(!widens(&of(active, &["a", "b"]), &of(retired, &["b"])));
        assert!(widens(&of(active, &["a"]), &of(active, &["b"])) && widens(&of(retired, &[]), &of(active, &[])));
    }
}
