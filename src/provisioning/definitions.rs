//! What a tenant defines for itself while it is served: schemas and resource types. Nothing in use is taken away.

use scim::{
    discovery::{schema_definition, type_definition},
    schema::{Catalog, DefinitionError, Schema, TypeDefinition},
};
use store::{Definitions, Profile, TenantState, Work};

use crate::{
    provisioning::{Directory, Error, Tags, catalogs::build, condition::meant},
    wording::{Phrase, phrase},
};

/// How long the text of a definition may be, in bytes.
pub const MAX_DEFINITION: usize = 256 * 1024;

/// What a change is to the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It can do more, or otherwise.
    Gives,
    /// It can do less.
    Takes,
}

impl From<DefinitionError> for Error {
    fn from(error: DefinitionError) -> Self {
        Self::wrong_value(phrase("definition-unusable").with("reason", error.to_string()))
    }
}

/// What is said of a schema that there is not.
const NO_SCHEMA: &str = "defines-no-schema";
/// The same of a resource type.
const NO_TYPE: &str = "defines-no-type";

fn in_use(said: Phrase) -> Error {
    Error::worded(409, said)
}

fn missing(key: &'static str) -> Error {
    Error::worded(404, phrase(key))
}

/// The definitions as they are and as they are to be.
struct Change {
    before: Definitions,
    after: Definitions,
    old: Catalog,
    new: Catalog,
}

impl Directory {
    /// What the tenant defines, by name.
    pub async fn definitions(&self) -> Result<Definitions, Error> {
        Ok(self.data.definitions().await?)
    }

    /// A schema that the tenant defines.
    pub async fn own_schema(&self, urn: &str) -> Result<Schema, Error> {
        let schemas = self.definitions().await?.schemas;
        let found = schemas.into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
        found.ok_or_else(|| missing(NO_SCHEMA))
    }

    /// A resource type that the tenant defines, or what it adds to a standard one.
    pub async fn own_type(&self, name: &str) -> Result<TypeDefinition, Error> {
        let types = self.definitions().await?.types;
        types.into_iter().find(|definition| definition.name == name).ok_or_else(|| missing(NO_TYPE))
    }

    /// Defines a schema, or defines it anew if it is still as one of these tags says. One in use may only grow. Says whether it is new.
    pub async fn define_schema(&self, schema: Schema, tags: Option<&Tags>) -> Result<bool, Error> {
        self.change(Way::Gives, async |work, profile, before| {
            let known = before.schemas.iter().find(|other| other.id == schema.id);
            let is_new = known.is_none();
            meant(tags, known.map(schema_definition).as_ref())?;
            let mut after = before.clone();
            after.schemas.retain(|other| other.id != schema.id);
            after.schemas.push(schema.clone());
            let change = Change::new(&profile, before, after)?;
            let old = change.before.schemas.iter().find(|other| other.id == schema.id);
            if let Some(old) = old.filter(|old| !old.grows_into(&schema)) {
                change.refuse_used(work, &old.id).await?;
                change.refuse_released(work).await?;
            }
            work.define(&schema).await?;
            Ok(is_new)
        })
        .await
    }

    /// Takes a schema back, if it is still as one of these tags says, that no resource type has.
    pub async fn remove_schema(&self, urn: &str, tags: Option<&Tags>) -> Result<(), Error> {
        self.change(Way::Takes, async |work, profile, before| {
            let Some(schema) = before.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn)) else {
                return Err(missing(NO_SCHEMA));
            };
            meant(tags, Some(&schema_definition(schema)))?;
            let named = schema.id.clone();
            let mut after = before.clone();
            after.schemas.retain(|schema| schema.id != named);
            if Change::new(&profile, before, after).is_err() {
                return Err(in_use(phrase("schema-of-type")));
            }
            Ok(work.undefine::<Schema>(&named).await?)
        })
        .await
    }

    /// Defines a resource type, or the extensions of a standard one, as schemas are defined. Says whether it is new.
    pub async fn define_type(&self, definition: TypeDefinition, tags: Option<&Tags>) -> Result<bool, Error> {
        let definition = definition.beside(&Catalog::standard());
        self.change(Way::Gives, async |work, profile, before| {
            let known = before.types.iter().find(|other| other.name == definition.name);
            let is_new = known.is_none();
            meant(tags, known.map(type_definition).as_ref())?;
            let mut after = before.clone();
            after.types.retain(|other| other.name != definition.name);
            after.types.push(definition.clone());
            let change = Change::new(&profile, before, after)?;
            change.refuse_lost(work, &definition.name).await?;
            change.refuse_released(work).await?;
            change.refuse_inherited(work, &definition.name).await?;
            change.refuse_required(work, &definition).await?;
            work.define(&definition).await?;
            Ok(is_new)
        })
        .await
    }

    /// Takes a resource type back that has no resources, or the extensions of a standard one that nothing uses.
    pub async fn remove_type(&self, name: &str, tags: Option<&Tags>) -> Result<(), Error> {
        self.change(Way::Takes, async |work, profile, before| {
            let Some(known) = before.types.iter().find(|other| other.name == name) else {
                return Err(missing(NO_TYPE));
            };
            meant(tags, Some(&type_definition(known)))?;
            let mut after = before.clone();
            after.types.retain(|other| other.name != name);
            let change = Change::new(&profile, before, after)?;
            change.refuse_lost(work, name).await?;
            change.refuse_released(work).await?;
            Ok(work.undefine::<TypeDefinition>(name).await?)
        })
        .await
    }

    /// Runs a change of settings or definitions, alone among all writers of the tenant.
    pub(super) async fn change<T>(
        &self,
        way: Way,
        change: impl AsyncFnOnce(&Work, Profile, Definitions) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let work = self.data.begin(&self.cause, || self.clock.now()).await?;
        let changed = async {
            self.may(&work, way).await?;
            let (profile, definitions) = work.lock_profile().await?;
            change(&work, profile, definitions).await
        };
        let end = match changed.await {
            Ok(outcome) => work.commit().await.map(|()| outcome).map_err(Error::from),
            Err(error) => {
                let _ = work.roll_back().await;
                Err(error)
            }
        };
        self.catalogs.forget(self.data.id());
        end
    }

    /// Whether the tenant's state lets it be done. The tenant is held meanwhile, so that nothing changes in one that
    /// is being archived. An operator, who is no client, is not bound by a suspension.
    async fn may(&self, work: &Work, way: Way) -> Result<(), Error> {
        match work.hold_tenant().await?.state {
            TenantState::Archived => Err(Error::Archived),
            TenantState::Suspended if way == Way::Gives && self.cause.client.is_some() => Err(Error::Suspended),
            TenantState::Suspended | TenantState::Active => Ok(()),
        }
    }
}

impl Change {
    fn new(profile: &Profile, before: Definitions, after: Definitions) -> Result<Self, Error> {
        let old = build(&profile.settings, &before)?;
        let new = build(&profile.settings, &after)?;
        Ok(Self { before, after, old, new })
    }

    /// Refuses unless no resource has anything of a schema.
    async fn refuse_used(&self, work: &Work, urn: &str) -> Result<(), Error> {
        for kind in self.old.types() {
            let base = kind.schema.id == urn && work.has_any(kind).await?;
            let extends = kind.extensions.iter().any(|extension| extension.schema.id == urn);
            if base || extends && work.uses(kind, urn).await? {
                return Err(in_use(phrase("schema-in-use").with("name", urn)));
            }
        }
        Ok(())
    }

    /// Refuses if an application would lose an attribute that is released to it: another one of that name would be released by itself later.
    async fn refuse_released(&self, work: &Work) -> Result<(), Error> {
        let users = |catalog: &Catalog, path: &str| {
            let mut types = catalog.types().iter();
            types.find(|kind| kind.member_of.is_some()).and_then(|users| users.returnable(path)).is_some()
        };
        for application in work.all_applications().await? {
            let lost = application.released.iter().find(|path| users(&self.old, path) && !users(&self.new, path));
            if let Some(path) = lost {
                let said = phrase("released-in-use").with("attribute", path.as_str());
                return Err(in_use(said.with("application", application.code)));
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
            return Err(in_use(phrase("type-in-use").with("name", name)));
        }
        let left: Vec<String> = after.into_iter().flat_map(|after| after.schema_extensions).map(|e| e.schema).collect();
        for extension in before.schema_extensions.iter().filter(|extension| !left.contains(&extension.schema)) {
            if work.uses(kind, &extension.schema).await? {
                return Err(in_use(phrase("schema-in-use").with("name", extension.schema.as_str())));
            }
        }
        Ok(())
    }

    /// Refuses a new type whose name another one had, whose resources are still there.
    async fn refuse_inherited(&self, work: &Work, name: &str) -> Result<(), Error> {
        match self.new.by_name(name).filter(|_| self.old.by_name(name).is_none()) {
            Some(kind) if work.has_any(kind).await? => Err(in_use(phrase("name-in-use").with("name", name))),
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
                Err(in_use(phrase("type-lacks").with("type", kind.name.as_str()).with("schema", new.schema.as_str())))
            }
            _ => Ok(()),
        }
    }
}
