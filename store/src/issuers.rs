//! Issuers: whose tokens (JWT) a tenant believes, and whom of its users they speak of.

use entity::{issuer, resource_value, tenant};
use scim::{
    Document,
    filter::Field,
    index,
    schema::{Container, ResourceType},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, Query},
};
use uuid::Uuid;

use crate::{
    Action, Changes, Error, PLATFORM, Store, Stored, Tenant, TenantStore, Work, clients::words, query::cut,
    resources::COLUMNS, tenants,
};

/// What the log calls an issuer.
const ISSUER: &str = "Issuer";

/// Which attribute of a user names the person that a token speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The id that this service gave.
    Id,
    /// The login name.
    UserName,
    /// The id that the tenant's identity system gave.
    ExternalId,
}

impl Link {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Id, Self::UserName, Self::ExternalId];

    /// The attribute's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
        }
    }

    /// The one of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|link| link.word() == word)
    }
}

/// An issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// What its tokens say in `iss`.
    pub url: String,
    /// For whom its tokens must be meant.
    pub audiences: Vec<String>,
    /// How its tokens may be signed.
    pub algorithms: Vec<String>,
    /// Its keys: a JWK Set (RFC 7517 §5).
    pub jwks: Option<String>,
    /// Where its keys are, if they are not here.
    pub jwks_uri: Option<String>,
    /// Which claim names the person.
    pub subject_claim: String,
    /// Which attribute of a user that is.
    pub link: Link,
    /// What its tokens may do at the most.
    pub scopes: Vec<String>,
    /// How far its clock may be off, in seconds.
    pub leeway: i64,
    /// When it was registered, in milliseconds since 1970.
    pub created: i64,
}

impl Store {
    /// The tenant of a slug and the issuer that it knows by that URL.
    pub async fn trusted_issuer(&self, slug: &str, url: &str) -> Result<Option<(Tenant, Issuer)>, Error> {
        let tenant = tenant::Entity::find().filter(tenant::Column::Slug.eq(slug)).one(&self.read).await?;
        let Some(tenant) = tenant.filter(|row| row.slug != PLATFORM && tenants::is_whole(row)) else { return Ok(None) };
        let issuer = issuer::Entity::find()
            .filter(issuer::Column::TenantId.eq(tenant.id))
            .filter(issuer::Column::Url.eq(url))
            .one(&self.read)
            .await?;
        let Some(issuer) = issuer else { return Ok(None) };
        Ok(Some((tenants::read(tenant)?, read(issuer)?)))
    }
}

impl TenantStore {
    /// Issuers behind that one, the oldest first.
    pub async fn issuers(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<Issuer>, Error> {
        let rows = issuer::Entity::find()
            .filter(issuer::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(after.map(|id| issuer::Column::Id.gt(id))))
            .order_by_asc(issuer::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The issuer of that id.
    pub async fn issuer(&self, id: Uuid) -> Result<Option<Issuer>, Error> {
        issuer::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?.map(read).transpose()
    }

    /// The one user that a value names and that is active. Several of one `externalId` are nobody.
    pub async fn person(
        &self,
        users: &ResourceType,
        link: Link,
        value: &str,
    ) -> Result<Option<(Uuid, Document)>, Error> {
        let found = match link {
            Link::Id => {
                let Some(id) = Uuid::parse_str(value).ok().filter(|id| id.to_string() == value) else {
                    return Ok(None);
                };
                self.find(users, id, false).await?.into_iter().collect()
            }
            Link::UserName | Link::ExternalId => self.holders_of(users, link.word(), value).await?,
        };
        let [stored] = found.as_slice() else { return Ok(None) };
        let document = stored.document()?;
        let is_active = document.get(Container::Root, "active") == Some(&true.into());
        Ok(is_active.then_some((stored.id, document)))
    }

    /// Two at the most of those whose attribute has that value.
    async fn holders_of(&self, kind: &ResourceType, name: &str, value: &str) -> Result<Vec<Stored>, Error> {
        let Some(attribute) = kind.root_attribute(name) else { return Ok(Vec::new()) };
        let key = index::key(attribute, value);
        let part = cut(&key);
        let rest = if part == key {
            resource_value::Column::Rest.is_null()
        } else {
            resource_value::Column::Rest.eq(key.as_str())
        };
        let of = |column: &'static str| Expr::col(("resource", column));
        let is_theirs = of("tenant_id")
            .eq(self.tenant.0)
            .and(of("kind").eq(kind.name.as_str()))
            .and(of("id").equals(("resource_value", "resource_id")));
        let select = Query::select()
            .columns(COLUMNS.map(|column| ("resource", column)))
            .from(resource_value::Entity)
            .cross_join("resource")
            .and_where(is_theirs)
            .and_where(resource_value::Column::TenantId.eq(self.tenant.0))
            .and_where(
                resource_value::Column::Field.eq(index::field_id(kind, &Field { urn: None, attribute, sub: None })),
            )
            .and_where(resource_value::Column::Value.eq(part))
            .and_where(rest)
            .limit(2)
            .take();
        let select = self.store.backend().build(&select);
        self.store.read.rows(select, |row| Ok(Stored::read(row, false)?.0)).await
    }
}

impl Work {
    /// How many issuers the tenant has.
    pub async fn count_issuers(&self) -> Result<u64, Error> {
        let own = issuer::Entity::find().filter(issuer::Column::TenantId.eq(self.tenant.0));
        Ok(own.count(&*self.transaction).await?)
    }

    /// Registers an issuer. [`Error::Taken`] if the tenant knows that URL.
    pub async fn create_issuer(&self, new: &Issuer) -> Result<(), Error> {
        let row = issuer::ActiveModel { created: Set(new.created), id: Set(new.id), ..self.columns(new)? };
        issuer::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        let attributes = ["name", "issuer", "audiences", "algorithms", "keys", "linkBy", "scopes"];
        self.record(Action::Created, ISSUER, new.id, 1, &changed(&attributes)).await
    }

    /// The issuer of that id, kept from change by others until this work ends.
    pub async fn lock_issuer(&self, id: Uuid) -> Result<Option<Issuer>, Error> {
        let row =
            issuer::Entity::find_by_id((self.tenant.0, id)).lock(LockType::NoKeyUpdate).one(&*self.transaction).await?;
        row.map(read).transpose()
    }

    /// Writes what has changed of an issuer. [`Error::Taken`] if the tenant knows another by that URL.
    pub async fn change_issuer(&self, issuer: &Issuer, attributes: &[&str]) -> Result<(), Error> {
        issuer::Entity::update_many()
            .set(self.columns(issuer)?)
            .filter(issuer::Column::TenantId.eq(self.tenant.0))
            .filter(issuer::Column::Id.eq(issuer.id))
            .exec(&*self.transaction)
            .await?;
        self.record(Action::Changed, ISSUER, issuer.id, 2, &changed(attributes)).await
    }

    /// Removes an issuer: its tokens open nothing from now on.
    pub async fn delete_issuer(&self, id: Uuid) -> Result<(), Error> {
        issuer::Entity::delete_by_id((self.tenant.0, id)).exec(&*self.transaction).await?;
        self.record(Action::Deleted, ISSUER, id, 2, &Changes::default()).await
    }

    fn columns(&self, issuer: &Issuer) -> Result<issuer::ActiveModel, Error> {
        let audiences = serde_json::to_string(&issuer.audiences).map_err(|error| Error::Damaged(error.to_string()))?;
        Ok(issuer::ActiveModel {
            tenant_id: Set(self.tenant.0),
            name: Set(issuer.name.clone()),
            url: Set(issuer.url.clone()),
            audiences: Set(audiences),
            algorithms: Set(issuer.algorithms.join(" ")),
            jwks: Set(issuer.jwks.clone()),
            jwks_uri: Set(issuer.jwks_uri.clone()),
            subject_claim: Set(issuer.subject_claim.clone()),
            link_by: Set(issuer.link.word().to_owned()),
            scopes: Set(issuer.scopes.join(" ")),
            leeway: Set(issuer.leeway),
            ..Default::default()
        })
    }
}

fn changed(attributes: &[&str]) -> Changes {
    Changes { attributes: attributes.iter().map(|name| (*name).to_owned()).collect(), ..Changes::default() }
}

fn read(row: issuer::Model) -> Result<Issuer, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of issuer {}", row.id));
    Ok(Issuer {
        audiences: serde_json::from_str(&row.audiences).map_err(|_| damaged("audiences"))?,
        link: Link::from_word(&row.link_by).ok_or_else(|| damaged("link"))?,
        id: row.id,
        name: row.name,
        url: row.url,
        algorithms: words(&row.algorithms),
        jwks: row.jwks,
        jwks_uri: row.jwks_uri,
        subject_claim: row.subject_claim,
        scopes: words(&row.scopes),
        leeway: row.leeway,
        created: row.created,
    })
}
