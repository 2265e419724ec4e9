//! The organisation of a tenant: the municipality, its institutions and companies, and their units, as a tree.

use entity::{org_node, resource};
use scim::schema::ResourceType;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Order, Query},
};
use uuid::Uuid;

use crate::{
    Action, Bounds, Changes, Error, Row, Stored, TenantStore, Work, dialect,
    resources::{COLUMNS, ROWS_PER_STATEMENT},
};

/// What the log calls a node.
const UNIT: &str = "OrganisationUnit";

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// The municipality itself.
    Municipality,
    /// An institution of it.
    Institution,
    /// An agency of it.
    Agency,
    /// A company that belongs to it.
    Company,
    /// A part of one of these, or of another unit.
    Unit,
}

impl UnitKind {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Municipality, Self::Institution, Self::Agency, Self::Company, Self::Unit];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Municipality => "municipality",
            Self::Institution => "institution",
            Self::Agency => "agency",
            Self::Company => "company",
            Self::Unit => "unit",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A node of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationUnit {
    /// Its id.
    pub id: Uuid,
    /// What it is part of.
    pub parent: Option<Uuid>,
    /// What it is.
    pub kind: UnitKind,
    /// Its code in the municipality's own register, which employments name.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Its number in the register of enterprises.
    pub registration_number: Option<String>,
    /// The user who leads it.
    pub head: Option<Uuid>,
    /// The user who stands in for the head.
    pub deputy: Option<Uuid>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// Where a node is in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The node.
    pub id: Uuid,
    /// What it is part of.
    pub parent: Option<Uuid>,
    /// What it is.
    pub kind: UnitKind,
}

/// Which nodes are wanted; nothing for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitFilter {
    /// Those that are part of this one.
    pub parent: Option<Uuid>,
    /// Those of this kind.
    pub kind: Option<UnitKind>,
    /// The one of this code.
    pub code: Option<String>,
}

impl TenantStore {
    /// Nodes within bounds behind that one, the oldest first.
    pub async fn units(
        &self,
        filter: &UnitFilter,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<OrganisationUnit>, Error> {
        let wanted = Condition::all()
            .add_option(after.map(|id| org_node::Column::Id.gt(id)))
            .add_option(filter.parent.map(|parent| org_node::Column::ParentId.eq(parent)))
            .add_option(filter.kind.map(|kind| org_node::Column::Kind.eq(kind.word())))
            .add_option(filter.code.as_ref().map(|code| org_node::Column::Code.eq(code)))
            .add_option(bounds.nodes(self.tenant, org_node::Column::Id.into_expr()));
        let rows = org_node::Entity::find()
            .filter(org_node::Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(org_node::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The node of that id, if it is within bounds.
    pub async fn unit(&self, id: Uuid, bounds: &Bounds) -> Result<Option<OrganisationUnit>, Error> {
        let within = bounds.nodes(self.tenant, org_node::Column::Id.into_expr());
        let row = org_node::Entity::find_by_id((self.tenant.0, id))
            .filter(Condition::all().add_option(within))
            .one(&self.store.read)
            .await?;
        row.map(read).transpose()
    }

    /// The id, the code and the name of each node that has one of these codes.
    pub async fn units_of_codes(&self, codes: &[String]) -> Result<Vec<(Uuid, String, String)>, Error> {
        let mut units = Vec::with_capacity(codes.len());
        for codes in codes.chunks(ROWS_PER_STATEMENT) {
            let select = org_node::Entity::find()
                .select_only()
                .columns([org_node::Column::Id, org_node::Column::Code, org_node::Column::Name])
                .filter(org_node::Column::TenantId.eq(self.tenant.0))
                .filter(org_node::Column::Code.is_in(codes))
                .build(self.store.backend());
            units.extend(self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await?);
        }
        Ok(units)
    }

    /// The resources of those ids, in the order of ids. Ids that do not exist are left out.
    pub async fn several(&self, kind: &ResourceType, ids: &[Uuid]) -> Result<Vec<Stored>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = Query::select()
                .columns(COLUMNS)
                .from(resource::Entity)
                .and_where(resource::Column::TenantId.eq(self.tenant.0))
                .and_where(resource::Column::Kind.eq(kind.name.as_str()))
                .and_where(resource::Column::Id.is_in(ids.iter().copied()))
                .order_by(resource::Column::Id, Order::Asc)
                .take();
            let select = self.store.backend().build(&select);
            found.extend(self.store.read.rows(select, |row| Ok(Stored::read(row, false)?.0)).await?);
        }
        Ok(found)
    }
}

impl Work {
    /// Makes others who change the organisation wait: two who put each of two nodes into the other would not see each
    /// other.
    pub async fn hold_organisation(&self) -> Result<(), Error> {
        dialect::lock_organisation(&*self.transaction, self.tenant.0).await
    }

    /// Where each node is.
    pub async fn places(&self) -> Result<Vec<Place>, Error> {
        let select = org_node::Entity::find()
            .select_only()
            .columns([org_node::Column::Id, org_node::Column::ParentId, org_node::Column::Kind])
            .filter(org_node::Column::TenantId.eq(self.tenant.0))
            .build(self.backend());
        let place = |row: &Row<'_>| {
            let (id, parent): (Uuid, Option<Uuid>) = (row.get(0)?, row.get(1)?);
            let kind = row.text(2)?;
            let kind = kind.as_deref().and_then(UnitKind::from_word).ok_or_else(|| damaged_kind(id))?;
            Ok(Place { id, parent, kind })
        };
        self.transaction.rows(select, place).await
    }

    /// Which of these ids are those of resources of a type.
    pub async fn existing(&self, kind: &ResourceType, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = resource::Entity::find()
            .select_only()
            .column(resource::Column::Id)
            .filter(resource::Column::TenantId.eq(self.tenant.0))
            .filter(resource::Column::Kind.eq(&kind.name))
            .filter(resource::Column::Id.is_in(ids.iter().copied()))
            .build(self.backend());
        self.transaction.rows(select, |row| row.get(0)).await
    }

    /// The node of that id, kept from change by others until this work ends, if they hold the organisation too.
    pub async fn held_unit(&self, id: Uuid) -> Result<Option<OrganisationUnit>, Error> {
        org_node::Entity::find_by_id((self.tenant.0, id)).one(&*self.transaction).await?.map(read).transpose()
    }

    /// Makes a node. [`Error::Taken`] if the tenant has one of that code.
    pub async fn create_unit(&self, new: &OrganisationUnit) -> Result<(), Error> {
        let row = org_node::ActiveModel { id: Set(new.id), created: Set(new.created), ..self.columns_of_unit(new) };
        org_node::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        let given = [
            ("kind", true),
            ("code", true),
            ("name", true),
            ("parent", new.parent.is_some()),
            ("registrationNumber", new.registration_number.is_some()),
            ("head", new.head.is_some()),
            ("deputy", new.deputy.is_some()),
        ];
        let attributes: Vec<&str> = given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
        self.record(Action::Created, UNIT, new.id, new.version, &changed(&attributes)).await
    }

    /// Writes what has changed of a node. [`Error::Taken`] if another has its code.
    pub async fn change_unit(&self, unit: &OrganisationUnit, attributes: &[&str]) -> Result<(), Error> {
        org_node::Entity::update_many()
            .set(self.columns_of_unit(unit))
            .filter(org_node::Column::TenantId.eq(self.tenant.0))
            .filter(org_node::Column::Id.eq(unit.id))
            .exec(&*self.transaction)
            .await?;
        self.record(Action::Changed, UNIT, unit.id, unit.version, &changed(attributes)).await
    }

    /// Deletes a node that nothing is part of.
    pub async fn delete_unit(&self, unit: &OrganisationUnit) -> Result<(), Error> {
        org_node::Entity::delete_by_id((self.tenant.0, unit.id)).exec(&*self.transaction).await?;
        self.record(Action::Deleted, UNIT, unit.id, unit.version + 1, &Changes::default()).await
    }

    fn columns_of_unit(&self, unit: &OrganisationUnit) -> org_node::ActiveModel {
        org_node::ActiveModel {
            tenant_id: Set(self.tenant.0),
            parent_id: Set(unit.parent),
            kind: Set(unit.kind.word().to_owned()),
            code: Set(unit.code.clone()),
            name: Set(unit.name.clone()),
            registration_no: Set(unit.registration_number.clone()),
            head_id: Set(unit.head),
            deputy_id: Set(unit.deputy),
            modified: Set(unit.modified),
            version: Set(unit.version),
            ..Default::default()
        }
    }
}

fn changed(attributes: &[&str]) -> Changes {
    Changes { attributes: attributes.iter().map(|name| (*name).to_owned()).collect(), ..Changes::default() }
}

fn damaged_kind(id: Uuid) -> Error {
    Error::Damaged(format!("the kind of organisation unit {id}"))
}

fn read(row: org_node::Model) -> Result<OrganisationUnit, Error> {
    Ok(OrganisationUnit {
        kind: UnitKind::from_word(&row.kind).ok_or_else(|| damaged_kind(row.id))?,
        id: row.id,
        parent: row.parent_id,
        code: row.code,
        name: row.name,
        registration_number: row.registration_no,
        head: row.head_id,
        deputy: row.deputy_id,
        created: row.created,
        modified: row.modified,
        version: row.version,
    })
}
