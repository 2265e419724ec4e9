//! What a tenant sets and defines for itself: settings, schemas, resource types.

use entity::{definition, profile, resource, resource_value};
use scim::{
    filter::Field,
    index,
    schema::{ResourceType, Schema, TypeDefinition},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{Action, Changes, Error, TenantStore, Work, WorkingTime};

/// What the log calls them.
const PROFILE: &str = "Settings";

/// How a tenant wants to be served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct TenantSettings {
    /// The letter of the RFC where practice differs from it.
    pub strict: bool,
    /// No two groups have the same name.
    pub unique_group_names: bool,
    /// The catalogues `/Roles` and `/Entitlements` are served.
    pub roles_and_entitlements: bool,
    /// Users can only be given roles and entitlements that are in the catalogues.
    pub known_roles_only: bool,
    /// How long a page is that was asked for without `count`.
    pub page_size: u64,
    /// How long a page may be.
    pub max_page_size: u64,
    /// How many requests a second all clients together may send to a node, if it is fewer than the operator allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// The same for each client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_requests_per_second: Option<u32>,
    /// A provisioning client is refused what a rule of segregation of duties blocks; else it is only noted.
    pub sod_blocks_provisioning: bool,
    /// So many users or memberships a client may take away within an hour in any case without an alarm.
    pub mass_change_count: u32,
    /// The same as a share of all there are, in percent: the greater of the two counts.
    pub mass_change_percent: u32,
    /// What is taken away before that instant is expected: no alarm. In milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mass_change_paused_until: Option<i64>,
    /// When it is worked: deadlines run in working time.
    pub working_time: WorkingTime,
    /// The group of those who look after security: they decide where the risk is high.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_officers: Option<Uuid>,
    /// People are told by mail too, if the operator sends mails.
    pub mail_notifications: bool,
    /// The group of those who may take access in emergencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_group: Option<Uuid>,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            strict: false,
            unique_group_names: true,
            roles_and_entitlements: false,
            known_roles_only: false,
            page_size: 100,
            max_page_size: 1000,
            requests_per_second: None,
            client_requests_per_second: None,
            sod_blocks_provisioning: false,
            mass_change_count: 50,
            mass_change_percent: 20,
            mass_change_paused_until: None,
            working_time: WorkingTime::default(),
            security_officers: None,
            emergency_group: None,
            mail_notifications: true,
        }
    }
}

/// The settings of a tenant, and a number that grows with each change of settings or definitions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// 0 if nothing was ever changed.
    pub version: i64,
    /// The settings.
    pub settings: TenantSettings,
}

/// What a tenant defines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definitions {
    /// Schemas, by URN.
    pub schemas: Vec<Schema>,
    /// Resource types, and extensions of standard ones, by name.
    pub types: Vec<TypeDefinition>,
}

/// Something that can be defined.
pub trait Defined: Serialize + DeserializeOwned + Sync {
    /// What the table calls it.
    const KIND: &'static str;
    /// Its key.
    fn key(&self) -> &str;
}

impl Defined for Schema {
    const KIND: &'static str = "schema";

    fn key(&self) -> &str {
        &self.id
    }
}

impl Defined for TypeDefinition {
    const KIND: &'static str = "type";

    fn key(&self) -> &str {
        &self.name
    }
}

pub(crate) fn read(row: Option<profile::Model>) -> Result<Profile, Error> {
    let Some(row) = row else { return Ok(Profile::default()) };
    let settings = serde_json::from_str(&row.settings).map_err(|e| Error::Damaged(format!("settings: {e}")))?;
    Ok(Profile { version: row.version, settings })
}

fn sorted(rows: Vec<definition::Model>) -> Result<Definitions, Error> {
    let mut definitions = Definitions::default();
    for row in rows {
        let damaged = |e: serde_json::Error| Error::Damaged(format!("the definition {}: {e}", row.name));
        if row.kind == Schema::KIND {
            definitions.schemas.push(serde_json::from_str(&row.body).map_err(damaged)?);
        } else {
            definitions.types.push(serde_json::from_str(&row.body).map_err(damaged)?);
        }
    }
    Ok(definitions)
}

impl TenantStore {
    /// The tenant's settings.
    pub async fn profile(&self) -> Result<Profile, Error> {
        read(profile::Entity::find_by_id(self.tenant.0).one(&self.store.read).await?)
    }

    /// The tenant's definitions.
    pub async fn definitions(&self) -> Result<Definitions, Error> {
        let rows = definition::Entity::find()
            .filter(definition::Column::TenantId.eq(self.tenant.0))
            .order_by_asc(definition::Column::Name)
            .all(&self.store.read)
            .await?;
        sorted(rows)
    }
}

impl Work {
    /// The settings and definitions, held against whoever writes or changes them until the end.
    pub async fn lock_profile(&self) -> Result<(Profile, Definitions), Error> {
        self.keep_profile().await?;
        let row = profile::Entity::find_by_id(self.tenant.0).lock(LockType::Update).one(&*self.transaction).await?;
        let rows = definition::Entity::find()
            .filter(definition::Column::TenantId.eq(self.tenant.0))
            .order_by_asc(definition::Column::Name)
            .all(&*self.transaction)
            .await?;
        Ok((read(row)?, sorted(rows)?))
    }

    /// Whether settings and definitions are still those of that version; they stay so until the end. Tenants that
    /// never changed them are not asked.
    pub async fn is_current(&self, version: i64) -> Result<bool, Error> {
        if version == 0 {
            return Ok(true);
        }
        if self.is_at_once() {
            self.rest_on_profile(version);
            return Ok(true);
        }
        let row = profile::Entity::find_by_id(self.tenant.0).lock(LockType::KeyShare).one(&*self.transaction).await?;
        Ok(row.is_some_and(|row| row.version == version))
    }

    /// Lets what is written at once rest on settings and definitions of that version, also on it that nobody ever changed them.
    pub fn rest_on_profile(&self, version: i64) {
        if version == 0 {
            self.rest_on_rows(0, "SELECT 1 FROM profile WHERE tenant_id = $1 AND version > 0", [self.tenant.0.into()]);
        } else {
            let held = "SELECT 1 FROM profile WHERE tenant_id = $1 AND version = $2 FOR KEY SHARE";
            self.rest_on_row(held, [self.tenant.0.into(), version.into()]);
        }
    }

    /// Writes settings.
    pub async fn set_settings(&self, settings: &TenantSettings, changed: Vec<String>) -> Result<(), Error> {
        let text = serde_json::to_string(settings).map_err(|e| Error::Damaged(e.to_string()))?;
        profile::Entity::update_many()
            .col_expr(profile::Column::Settings, Expr::val(text))
            .filter(profile::Column::TenantId.eq(self.tenant.0))
            .exec(&*self.transaction)
            .await?;
        self.next_version(Action::Changed, PROFILE, changed).await
    }

    /// Writes a definition, in the place of an earlier one of that name.
    pub async fn define<D: Defined>(&self, defined: &D) -> Result<(), Error> {
        let row = definition::ActiveModel {
            tenant_id: Set(self.tenant.0),
            kind: Set(D::KIND.to_owned()),
            name: Set(defined.key().to_owned()),
            body: Set(serde_json::to_string(defined).map_err(|e| Error::Damaged(e.to_string()))?),
            modified: Set(self.now),
        };
        let key = [definition::Column::TenantId, definition::Column::Kind, definition::Column::Name];
        let renew = OnConflict::columns(key)
            .update_columns([definition::Column::Body, definition::Column::Modified])
            .to_owned();
        definition::Entity::insert(row).on_conflict(renew).exec_without_returning(&*self.transaction).await?;
        self.next_version(Action::Changed, D::KIND, vec![defined.key().to_owned()]).await
    }

    /// Removes a definition.
    pub async fn undefine<D: Defined>(&self, name: &str) -> Result<(), Error> {
        definition::Entity::delete_by_id((self.tenant.0, D::KIND.to_owned(), name.to_owned()))
            .exec(&*self.transaction)
            .await?;
        self.next_version(Action::Deleted, D::KIND, vec![name.to_owned()]).await
    }

    async fn next_version(&self, action: Action, kind: &str, attributes: Vec<String>) -> Result<(), Error> {
        self.add_to_version().await?;
        let changes = Changes { attributes, ..Changes::default() };
        self.record(action, kind, Uuid::nil(), 1, &changes).await
    }

    async fn add_to_version(&self) -> Result<(), Error> {
        profile::Entity::update_many()
            .col_expr(profile::Column::Version, Expr::col(profile::Column::Version).add(1))
            .filter(profile::Column::TenantId.eq(self.tenant.0))
            .exec(&*self.transaction)
            .await?;
        Ok(())
    }

    /// Counts a change of what writers remember beside settings and definitions: whoever was judged by what was there
    /// before is judged again.
    pub(crate) async fn count_definitions(&self) -> Result<(), Error> {
        self.keep_profile().await?;
        self.add_to_version().await
    }

    /// Makes the row of the settings, if the tenant has none.
    async fn keep_profile(&self) -> Result<(), Error> {
        let default = serde_json::to_string(&TenantSettings::default()).unwrap_or_default();
        let row = profile::ActiveModel { tenant_id: Set(self.tenant.0), version: Set(0), settings: Set(default) };
        let keep = OnConflict::column(profile::Column::TenantId).do_nothing().to_owned();
        profile::Entity::insert(row).on_conflict(keep).exec_without_returning(&*self.transaction).await?;
        Ok(())
    }

    /// Whether there is a resource of a type.
    pub async fn has_any(&self, kind: &ResourceType) -> Result<bool, Error> {
        let found: Option<Uuid> = resource::Entity::find()
            .select_only()
            .column(resource::Column::Id)
            .filter(resource::Column::TenantId.eq(self.tenant.0))
            .filter(resource::Column::Kind.eq(&kind.name))
            .limit(1)
            .into_tuple()
            .one(&*self.transaction)
            .await?;
        Ok(found.is_some())
    }

    /// Whether a resource of a type uses an extension.
    pub async fn uses(&self, kind: &ResourceType, extension: &str) -> Result<bool, Error> {
        let Some(attribute) = kind.root_attribute("schemas") else { return Ok(false) };
        let field = index::field_id(kind, &Field { urn: None, attribute, sub: None });
        let found = resource_value::Entity::find()
            .filter(resource_value::Column::TenantId.eq(self.tenant.0))
            .filter(resource_value::Column::Field.eq(field))
            .filter(resource_value::Column::Value.eq(index::key(attribute, extension)))
            .one(&*self.transaction)
            .await?;
        Ok(found.is_some())
    }

    /// Lets the database see to it that an attribute's values are unique. [`Error::Taken`] if they are not.
    pub async fn make_unique(&self, kind: &ResourceType, field: &Field<'_>, unique: bool) -> Result<(), Error> {
        resource_value::Entity::update_many()
            .col_expr(resource_value::Column::IsUnique, Expr::val(unique))
            .filter(resource_value::Column::TenantId.eq(self.tenant.0))
            .filter(resource_value::Column::Field.eq(index::field_id(kind, field)))
            .exec(&*self.transaction)
            .await?;
        Ok(())
    }
}
