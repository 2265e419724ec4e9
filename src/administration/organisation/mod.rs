//! The organisation of a tenant: listing, making, changing and deleting its nodes. Who works where is said by the users
//! themselves ([`people`]).

mod people;
mod tree;
mod wish;

use scim::schema::{Catalog, ResourceType};
use serde::Serialize;
use store::{Bounds, OrganisationUnit, Place, UnitFilter, Work};
use uuid::Uuid;

pub use people::{EmploymentManager, EmploymentRecord, EmploymentUnit, Here, PersonRecord, UnmatchedRecord};
pub(super) use tree::Tree;
pub use tree::{MAX_DEPTH, MAX_UNITS};
pub use wish::{NewUnit, UnitChange};

use crate::{
    administration::{
        Administration, Error, Fault, NamedUser, Slice,
        entitlements::wrong,
        error::check,
        organisation::wish::{differences, judge},
        people::{People, unknown_people},
        rules::is_unnamed,
    },
    clock::timestamp,
    provisioning::Tags,
    wording::phrase,
};

/// A node as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: &'static str,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Uuid>,
    /// Its number in the register of enterprises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// Who leads it, as long as there is such a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<NamedUser>,
    /// Who stands in for the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deputy: Option<NamedUser>,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub modified: String,
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
}

impl Administration {
    /// Nodes within bounds behind that one, the oldest first.
    pub async fn units(
        &self,
        filter: &UnitFilter,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<UnitRecord>, Error> {
        let found = Slice::of(self.data.units(filter, bounds, after, limit + 1).await?, limit);
        Ok(Slice { items: self.show_units(found.items).await?, has_more: found.has_more })
    }

    /// One node, if it is within bounds.
    pub async fn unit(&self, id: Uuid, bounds: &Bounds) -> Result<UnitRecord, Error> {
        let unit = self.data.unit(id, bounds).await?.ok_or_else(missing)?;
        self.show_unit(unit).await
    }

    /// Makes a node.
    pub async fn create_unit(&self, catalog: &Catalog, new: &NewUnit) -> Result<UnitRecord, Error> {
        check(new)?;
        let work = self.begin().await?;
        if self.may_give(&work).await?.is_platform() {
            return Err(Error::Missing("tenant"));
        }
        work.hold_organisation().await?;
        let now = self.clock.now();
        let unit = new.unit(self.ids.next(), now);
        let tree = Tree::of(work.places().await?);
        if tree.len() >= MAX_UNITS {
            return Err(Error::Conflict(phrase("most-units").with("most", MAX_UNITS).into()));
        }
        judge(&unit)?;
        self.may_organise(&work, None, &unit).await?;
        tree.admits(place(&unit)).map_err(invalid)?;
        self.know_people(&work, catalog, &unit, None).await?;
        work.create_unit(&unit).await.map_err(code_taken)?;
        work.commit().await?;
        self.show_unit(unit).await
    }

    /// Changes a node, if it is still at one of these versions. While the tenant is suspended, head and deputy can only go.
    pub async fn change_unit(
        &self,
        catalog: &Catalog,
        id: Uuid,
        change: UnitChange,
        versions: &Tags,
    ) -> Result<UnitRecord, Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let before = self.expected_unit(&work, id, versions).await?;
        let wanted = change.wanted(&before);
        check(&wanted)?;
        self.must_organise(&work, &before).await?;
        let mut after =
            OrganisationUnit { created: before.created, version: before.version, ..wanted.unit(id, before.modified) };
        let attributes = differences(&before, &after);
        if attributes.is_empty() {
            work.roll_back().await?;
            return self.show_unit(before).await;
        }
        let empties =
            |name: &&str| *name == "head" && after.head.is_none() || *name == "deputy" && after.deputy.is_none();
        if !attributes.iter().all(empties) {
            self.may_give(&work).await?;
        }
        judge(&after)?;
        self.may_organise(&work, Some(&before), &after).await?;
        if (before.parent, before.kind) != (after.parent, after.kind) {
            Tree::of(work.places().await?).admits(place(&after)).map_err(invalid)?;
        }
        self.know_people(&work, catalog, &after, Some(&before)).await?;
        (after.version, after.modified) = (before.version + 1, self.clock.now());
        work.change_unit(&after, &attributes).await.map_err(code_taken)?;
        work.commit().await?;
        self.show_unit(after).await
    }

    /// Deletes a node that nothing is part of and where nobody works, if it is still at one of these versions.
    pub async fn delete_unit(&self, id: Uuid, versions: &Tags) -> Result<(), Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let unit = self.expected_unit(&work, id, versions).await?;
        self.must_organise(&work, &unit).await?;
        if Tree::of(work.places().await?).has_parts(id) {
            return Err(Error::Conflict(phrase("has-units").into()));
        }
        let employments = work.count_employments(&unit.code, &self.today()).await?;
        if employments > 0 {
            return Err(Error::Conflict(phrase("has-employments").with("count", employments).into()));
        }
        is_unnamed(&work, |rule| rule.units().contains(&id)).await?;
        let applications = work.count_applications_of(id).await?;
        if applications > 0 {
            return Err(Error::Conflict(phrase("has-applications").with("count", applications).into()));
        }
        work.delete_unit(&unit).await?;
        Ok(work.commit().await?)
    }

    /// A node that nobody else changes until the work ends.
    async fn expected_unit(&self, work: &Work, id: Uuid, versions: &Tags) -> Result<OrganisationUnit, Error> {
        work.hold_organisation().await?;
        let unit = work.held_unit(id).await?.ok_or_else(missing)?;
        if versions.names_version(unit.version) { Ok(unit) } else { Err(Error::Stale(unit.version)) }
    }

    /// Refuses to change a node that does not lie below what whoever asks looks after.
    async fn must_organise(&self, work: &Work, unit: &OrganisationUnit) -> Result<(), Error> {
        let mandate = self.mandate(work).await?;
        if self.organises(work, &mandate, unit.parent).await? {
            return Ok(());
        }
        if self.organises(work, &mandate, Some(unit.id)).await? {
            return Err(Error::Forbidden(phrase("unit-by-above").into()));
        }
        Err(missing())
    }

    /// Refuses a node that would reach further than whoever makes or changes it: part of something else, with the people
    /// of a code that personnel systems name already, or led by themselves.
    async fn may_organise(
        &self,
        work: &Work,
        before: Option<&OrganisationUnit>,
        after: &OrganisationUnit,
    ) -> Result<(), Error> {
        let mandate = self.mandate(work).await?;
        if mandate.is_whole() {
            return Ok(());
        }
        if !self.organises(work, &mandate, after.parent).await? {
            return Err(wrong("/parent", phrase("none-of-the-units")));
        }
        let is_new_code = before.is_none_or(|before| before.code != after.code);
        if is_new_code && work.count_employments(&after.code, &self.today()).await? > 0 {
            return Err(wrong("/code", phrase("code-by-whole")));
        }
        let (head, deputy) = before.map(|before| (before.head, before.deputy)).unwrap_or_default();
        self.must_name_others(work, &mandate, &[("/head", head, after.head), ("/deputy", deputy, after.deputy)]).await
    }

    /// Head and deputy must be users of the tenant when they are named.
    async fn know_people(
        &self,
        work: &Work,
        catalog: &Catalog,
        unit: &OrganisationUnit,
        before: Option<&OrganisationUnit>,
    ) -> Result<(), Error> {
        let named = [
            ("/head", unit.head.filter(|head| before.and_then(|before| before.head) != Some(*head))),
            ("/deputy", unit.deputy.filter(|deputy| before.and_then(|before| before.deputy) != Some(*deputy))),
        ];
        let faults = unknown_people(work, catalog, &named).await?;
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    async fn show_unit(&self, unit: OrganisationUnit) -> Result<UnitRecord, Error> {
        self.show_units(vec![unit]).await?.pop().ok_or_else(missing)
    }

    async fn show_units(&self, units: Vec<OrganisationUnit>) -> Result<Vec<UnitRecord>, Error> {
        let named: Vec<Uuid> = units.iter().flat_map(|unit| [unit.head, unit.deputy]).flatten().collect();
        let people = People::of(&self.data, &named).await?;
        let show = |unit: OrganisationUnit| UnitRecord {
            id: unit.id,
            kind: unit.kind.word(),
            code: unit.code,
            name: unit.name,
            parent: unit.parent,
            registration_number: unit.registration_number,
            head: people.named(unit.head),
            deputy: people.named(unit.deputy),
            created: timestamp(unit.created),
            modified: timestamp(unit.modified),
            version: unit.version,
        };
        Ok(units.into_iter().map(show).collect())
    }
}

fn place(unit: &OrganisationUnit) -> Place {
    Place { id: unit.id, parent: unit.parent, kind: unit.kind }
}

/// The type of users.
fn users(catalog: &Catalog) -> Result<&ResourceType, Error> {
    catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))
}

fn missing() -> Error {
    Error::Missing("organisation unit")
}

fn invalid(fault: Fault) -> Error {
    Error::Invalid(vec![fault])
}

fn code_taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Taken(phrase("unit-taken").into()),
        other => other.into(),
    }
}
