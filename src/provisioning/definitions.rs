//! What a tenant defines for itself while it is served: schemas, resource types, settings. Nothing in use is taken
//! away.

use scim::{
    filter::Field,
    schema::{Catalog, DefinitionError, Schema, TypeDefinition},
};
use store::{Definitions, Profile, TenantSettings, Work};

use crate::provisioning::{Directory, Error, catalogs::build};

/// The most that a page may hold.
const MAX_PAGE: u64 = 1000;

impl From<DefinitionError> for Error {
    fn from(error: DefinitionError) -> Self {
        scim::Error::of(scim::ScimType::InvalidValue, format!("The definition cannot be used: {error}.")).into()
    }
}

fn in_use(what: &str) -> Error {
    scim::Error::new(409, format!("{what} is in use; remove what uses it first.")).into()
}

fn missing(what: &str) -> Error {
    scim::Error::new(404, format!("This tenant defines no {what}.")).into()
}

/// The definitions as they are and as they are to be.
struct Change {
    before: Definitions,
    after: Definitions,
    old: Catalog,
}

impl Directory {
    /// Defines a schema, or defines it anew. One in use may only grow.
    pub async fn define_schema(&self, schema: Schema) -> Result<(), Error> {
        self.change(async |work, profile, before| {
            let mut after = before.clone();
            after.schemas.retain(|other| other.id != schema.id);
            after.schemas.push(schema.clone());
            let change = Change::new(&profile, before, after)?;
            let old = change.before.schemas.iter().find(|other| other.id == schema.id);
            if let Some(old) = old.filter(|old| !old.grows_into(&schema)) {
                change.refuse_used(work, &old.id).await?;
            }
            Ok(work.define(&schema).await?)
        })
        .await
    }

    /// Takes a schema back that no resource type has.
    pub async fn remove_schema(&self, urn: &str) -> Result<(), Error> {
        self.change(async |work, profile, before| {
            let Some(schema) = before.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn)) else {
                return Err(missing("such schema"));
            };
            let named = schema.id.clone();
            let mut after = before.clone();
            after.schemas.retain(|schema| schema.id != named);
            if Change::new(&profile, before, after).is_err() {
                return Err(in_use("A schema that a resource type has"));
            }
            Ok(work.undefine::<Schema>(&named).await?)
        })
        .await
    }

    /// Defines a resource type, or the extensions of a standard one.
    pub async fn define_type(&self, definition: TypeDefinition) -> Result<(), Error> {
        self.change(async |work, profile, before| {
            let mut after = before.clone();
            after.types.retain(|other| other.name != definition.name);
            after.types.push(definition.clone());
            let change = Change::new(&profile, before, after)?;
            change.refuse_lost(work, &definition.name).await?;
            change.refuse_inherited(work, &profile, &definition.name).await?;
            change.refuse_required(work, &definition).await?;
            Ok(work.define(&definition).await?)
        })
        .await
    }

    /// Takes a resource type back that has no resources, or the extensions of a standard one that nothing uses.
    pub async fn remove_type(&self, name: &str) -> Result<(), Error> {
        self.change(async |work, profile, before| {
            if before.types.iter().all(|other| other.name != name) {
                return Err(missing("such resource type"));
            }
            let mut after = before.clone();
            after.types.retain(|other| other.name != name);
            let change = Change::new(&profile, before, after)?;
            change.refuse_lost(work, name).await?;
            Ok(work.undefine::<TypeDefinition>(name).await?)
        })
        .await
    }

    /// Sets how the tenant is served.
    pub async fn set_settings(&self, settings: TenantSettings) -> Result<(), Error> {
        let sizes = 1..=MAX_PAGE;
        if !sizes.contains(&settings.page_size) || !sizes.contains(&settings.max_page_size) {
            let detail = format!("pageSize and maxPageSize must be from 1 to {MAX_PAGE}.");
            return Err(scim::Error::of(scim::ScimType::InvalidValue, detail).into());
        }
        self.change(async |work, profile, definitions| {
            let catalog = build(&settings, &definitions)?;
            if settings.unique_group_names != profile.settings.unique_group_names {
                unique_group_names(work, &catalog, settings.unique_group_names).await?;
            }
            Ok(work.set_settings(&settings, changed(&profile.settings, &settings)).await?)
        })
        .await
    }

    /// Runs a change of settings or definitions, alone among all writers of the tenant.
    async fn change(
        &self,
        change: impl AsyncFnOnce(&Work, Profile, Definitions) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let work = self.data.begin(&self.cause, || self.clock.now()).await?;
        let (profile, definitions) = work.lock_profile().await?;
        let changed = change(&work, profile, definitions).await;
        let end = match changed {
            Ok(()) => work.commit().await.map_err(Error::from),
            Err(error) => {
                let _ = work.roll_back().await;
                Err(error)
            }
        };
        self.catalogs.forget(self.data.id());
        end
    }
}

impl Change {
    fn new(profile: &Profile, before: Definitions, after: Definitions) -> Result<Self, Error> {
        let old = build(&profile.settings, &before)?;
        build(&profile.settings, &after)?;
        Ok(Self { before, after, old })
    }

    /// Refuses unless no resource has anything of a schema.
    async fn refuse_used(&self, work: &Work, urn: &str) -> Result<(), Error> {
        for kind in self.old.types() {
            let base = kind.schema.id == urn && work.has_any(kind).await?;
            let extends = kind.extensions.iter().any(|extension| extension.schema.id == urn);
            if base || extends && work.uses(kind, urn).await? {
                return Err(in_use(&format!("The schema {urn}")));
            }
        }
        Ok(())
    }

    /// Refuses if resources of a type would lose what they have.
    async fn refuse_lost(&self, work: &Work, name: &str) -> Result<(), Error> {
        let find = |list: &[TypeDefinition]| list.iter().find(|other| other.name == name).cloned();
        let (before, after) = (find(&self.before.types), find(&self.after.types));
        let (Some(before), Some(kind)) = (before, self.old.by_name(name)) else { return Ok(()) };
        let same = |after: &TypeDefinition| after.schema == before.schema && after.endpoint == before.endpoint;
        if before.schema.is_some() && !after.as_ref().is_some_and(same) && work.has_any(kind).await? {
            return Err(in_use(&format!("The resource type {name}")));
        }
        let left: Vec<String> = after.into_iter().flat_map(|after| after.schema_extensions).map(|e| e.schema).collect();
        for extension in before.schema_extensions.iter().filter(|extension| !left.contains(&extension.schema)) {
            if work.uses(kind, &extension.schema).await? {
                return Err(in_use(&format!("The schema {}", extension.schema)));
            }
        }
        Ok(())
    }

    /// Refuses a new type whose name another one had, whose resources are still there.
    async fn refuse_inherited(&self, work: &Work, profile: &Profile, name: &str) -> Result<(), Error> {
        let new = build(&profile.settings, &self.after)?;
        match new.by_name(name).filter(|_| self.old.by_name(name).is_none()) {
            Some(kind) if work.has_any(kind).await? => Err(in_use(&format!("The name {name}"))),
            _ => Ok(()),
        }
    }

    /// Refuses an extension that those who are there already would lack.
    async fn refuse_required(&self, work: &Work, definition: &TypeDefinition) -> Result<(), Error> {
        let Some(kind) = self.old.by_name(&definition.name) else { return Ok(()) };
        let was = |urn: &str| kind.extensions.iter().any(|old| old.schema.id == urn && old.required);
        let new = definition.schema_extensions.iter().find(|new| new.required && !was(&new.schema));
        match new {
            Some(new) if work.has_any(kind).await? => {
                Err(in_use(&format!("{} has resources without {}: it", kind.name, new.schema)))
            }
            _ => Ok(()),
        }
    }
}

async fn unique_group_names(work: &Work, catalog: &Catalog, unique: bool) -> Result<(), Error> {
    for kind in catalog.types().iter().filter(|kind| kind.membership.is_some()) {
        if let Some(attribute) = kind.root_attribute("displayName") {
            let field = Field { urn: None, attribute, sub: None };
            work.make_unique(kind, &field, unique).await.map_err(|error| match error {
                store::Error::Taken => {
                    scim::Error::new(409, "There are groups with the same name; rename them first.").into()
                }
                other => Error::from(other),
            })?;
        }
    }
    Ok(())
}

/// The names of the settings that differ.
fn changed(before: &TenantSettings, after: &TenantSettings) -> Vec<String> {
    let values = |settings| serde_json::to_value(settings).unwrap_or_default();
    let (before, after) = (values(before), values(after));
    let names = after.as_object().into_iter().flat_map(|object| object.keys());
    names.filter(|name| before[name.as_str()] != after[name.as_str()]).cloned().collect()
}
