//! Entitlements: groups that people are in by grants.

use std::collections::{HashMap, HashSet};

use entity::{entitlement, member, resource};
use rights::{Risk, grant::Authority};
use scim::schema::ResourceType;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement, Value,
    sea_query::{Expr, ExprTrait, LockType, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Action, Bounds, Changes, Error, TenantId, TenantStore, Terms, Work, dialect, grants::PEOPLE,
    resources::ROWS_PER_STATEMENT,
};

/// What the log calls an entitlement.
const ENTITLEMENT: &str = "Entitlement";

/// Whether an entitlement is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntitlementState {
    /// Not yet: nobody is given it by hand.
    Draft,
    /// It is.
    Active,
    /// It is no more: who has it keeps it until it is taken, and nobody is given it.
    Retired,
}

impl EntitlementState {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Active, Self::Retired];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What people read of an entitlement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitlementTexts {
    /// Its names, by language.
    pub names: Names,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// By which law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
}

/// A name in the languages of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// In Latvian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lv: Option<String>,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// An entitlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// The group that it is.
    pub group: Uuid,
    /// The resource type of the group.
    pub group_kind: String,
    /// Of which application.
    pub application: Uuid,
    /// Its name for programs, among those of the application.
    pub code: String,
    /// Whether it is in use.
    pub state: EntitlementState,
    /// Whose word makes somebody a member.
    pub authority: Authority,
    /// How much harm it can do.
    pub risk: Risk,
    /// What people read of it.
    pub texts: EntitlementTexts,
    /// How people come to it.
    pub terms: Terms,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

impl TenantStore {
    /// Entitlements of an application, or of all, behind that group, in the order of groups.
    pub async fn entitlements(
        &self,
        application: Option<Uuid>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Entitlement>, Error> {
        let of = application.map(|application| entitlement::Column::ApplicationId.eq(application));
        let behind = after.map(|group| entitlement::Column::GroupId.gt(group));
        let rows = entitlement::Entity::find()
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(of).add_option(behind))
            .order_by_asc(entitlement::Column::GroupId)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The entitlement that a group is.
    pub async fn entitlement(&self, group: Uuid) -> Result<Option<Entitlement>, Error> {
        entitlement::Entity::find_by_id((self.tenant.0, group)).one(&self.store.read).await?.map(read).transpose()
    }

    /// The entitlements that these groups are. Groups that are none are left out.
    pub async fn entitlements_among(&self, groups: &[Uuid]) -> Result<HashMap<Uuid, Entitlement>, Error> {
        among(&self.store.read, self.tenant, groups).await
    }

    /// Which of these groups are entitlements of applications within bounds.
    pub async fn entitlements_within(&self, bounds: &Bounds, groups: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        use entitlement::Column;
        let mut found = HashSet::with_capacity(groups.len());
        for groups in groups.chunks(ROWS_PER_STATEMENT) {
            let within = bounds.applications(self.tenant, Column::ApplicationId.into_expr());
            let rows: Vec<Uuid> = entitlement::Entity::find()
                .select_only()
                .column(Column::GroupId)
                .filter(Column::TenantId.eq(self.tenant.0))
                .filter(Column::GroupId.is_in(groups.iter().copied()))
                .filter(Condition::all().add_option(within))
                .into_tuple()
                .all(&self.store.read)
                .await?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// Entitlements in use of an application, or of all, behind that group, in the order of groups.
    pub async fn entitlements_in_use(
        &self,
        application: Option<Uuid>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Entitlement>, Error> {
        let of = application.map(|application| entitlement::Column::ApplicationId.eq(application));
        let behind = after.map(|group| entitlement::Column::GroupId.gt(group));
        let rows = entitlement::Entity::find()
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(entitlement::Column::State.eq(EntitlementState::Active.word()))
            .filter(Condition::all().add_option(of).add_option(behind))
            .filter(Expr::exists(group_of_entitlement()))
            .order_by_asc(entitlement::Column::GroupId)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

/// The group of an entitlement, if there still is one.
fn group_of_entitlement() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(resource::Entity)
        .and_where(
            Expr::col((resource::Entity, resource::Column::TenantId))
                .equals((entitlement::Entity, entitlement::Column::TenantId)),
        )
        .and_where(
            Expr::col((resource::Entity, resource::Column::Id))
                .equals((entitlement::Entity, entitlement::Column::GroupId)),
        )
        .take()
}

impl Work {
    /// How many entitlements the tenant has.
    pub async fn count_entitlements(&self) -> Result<u64, Error> {
        let own = entitlement::Entity::find().filter(entitlement::Column::TenantId.eq(self.tenant.0));
        Ok(own.count(&*self.transaction).await?)
    }

    /// How many entitlements an application has, also of groups that are gone.
    pub async fn count_entitlements_of(&self, application: Uuid) -> Result<u64, Error> {
        let of_application = entitlement::Entity::find()
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(entitlement::Column::ApplicationId.eq(application));
        Ok(of_application.count(&*self.transaction).await?)
    }

    /// The entitlement that a group is, kept from change by others until this work ends.
    pub async fn lock_entitlement(&self, group: Uuid) -> Result<Option<Entitlement>, Error> {
        let row = entitlement::Entity::find_by_id((self.tenant.0, group))
            .lock(LockType::NoKeyUpdate)
            .one(&*self.transaction)
            .await?;
        row.map(read).transpose()
    }

    /// The entitlements that these groups are. Groups that are none are left out.
    pub async fn entitlements_among(&self, groups: &[Uuid]) -> Result<HashMap<Uuid, Entitlement>, Error> {
        among(&*self.transaction, self.tenant, groups).await
    }

    /// Fails with [`Error::Conflict`] if an entitlement is no longer as it was read. Whoever changes one holds its group, which must be
    /// held; what is written at once rests on it.
    pub async fn rest_on_entitlement(&self, read: &Entitlement) -> Result<(), Error> {
        let key: [Value; 3] = [self.tenant.0.into(), read.group.into(), read.version.into()];
        if self.is_at_once() {
            let held = "SELECT 1 FROM entitlement WHERE tenant_id = $1 AND group_id = $2 AND version = $3 FOR SHARE";
            self.rest_on_row(held, key);
            return Ok(());
        }
        let same = "SELECT 1 FROM entitlement WHERE tenant_id = $1 AND group_id = $2 AND version = $3";
        let same = Statement::from_sql_and_values(self.backend(), same, key);
        self.transaction.row(same, |_| Ok(())).await?.ok_or(Error::Conflict)
    }

    /// Lets whatever rests on an entitlement be looked at anew, if the group is one: what was read before is another version. The
    /// group must be held.
    pub async fn disturb_entitlement(&self, group: Uuid) -> Result<(), Error> {
        let sql = "UPDATE entitlement SET version = version + 1 WHERE tenant_id = $1 AND group_id = $2";
        let change = Statement::from_sql_and_values(self.backend(), sql, [self.tenant.0.into(), group.into()]);
        self.transaction.execute_raw(change).await?;
        Ok(())
    }

    /// The groups of an application's entitlements that are in use, in the order of ids.
    pub async fn groups_in_use_of(&self, application: Uuid) -> Result<Vec<Uuid>, Error> {
        let select = entitlement::Entity::find()
            .select_only()
            .column(entitlement::Column::GroupId)
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(entitlement::Column::ApplicationId.eq(application))
            .filter(entitlement::Column::State.eq(EntitlementState::Active.word()))
            .order_by_asc(entitlement::Column::GroupId)
            .build(self.backend());
        self.transaction.rows(select, |row| row.get(0)).await
    }

    /// The entitlements that name an approval policy.
    pub async fn entitlements_of_policy(&self, policy: Uuid) -> Result<Vec<Entitlement>, Error> {
        let named = format!("\"approvalPolicy\":\"{policy}\"");
        let rows = entitlement::Entity::find()
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(dialect::contains(self.backend(), Expr::col(entitlement::Column::Content), &named))
            .all(&*self.transaction)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Makes a group an entitlement; who is in it already is granted it from now on. The group must be held. Says how many
    /// those were. [`Error::Taken`] if the application has one of that code.
    pub async fn create_entitlement(
        &self,
        kind: &ResourceType,
        new: &Entitlement,
        ids: &(dyn Fn() -> Uuid + Sync),
    ) -> Result<u64, Error> {
        let row = self.row_of_entitlement(new)?;
        entitlement::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        self.govern(kind, new.group, Some(new.authority)).await?;
        let imported = self.import_members(new.group, ids).await?;
        let attributes =
            ["application", "code", "state", "authority", "risk", "names", "purpose", "legalBasis", "terms"];
        self.record(Action::Created, ENTITLEMENT, new.group, new.version, &changed(&attributes)).await?;
        Ok(imported)
    }

    /// Writes what has changed of an entitlement. Its group must be held if it is there.
    pub async fn change_entitlement(
        &self,
        kind: &ResourceType,
        entitlement: &Entitlement,
        attributes: &[&str],
    ) -> Result<(), Error> {
        entitlement::Entity::update_many()
            .set(self.columns_of_entitlement(entitlement)?)
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(entitlement::Column::GroupId.eq(entitlement.group))
            .exec(&*self.transaction)
            .await?;
        self.govern(kind, entitlement.group, Some(entitlement.authority)).await?;
        self.record(Action::Changed, ENTITLEMENT, entitlement.group, entitlement.version, &changed(attributes)).await
    }

    /// Makes a plain group of an entitlement again that nobody was ever granted. The group must be held if it is there.
    pub async fn delete_entitlement(&self, kind: &ResourceType, entitlement: &Entitlement) -> Result<(), Error> {
        self.govern(kind, entitlement.group, None).await?;
        entitlement::Entity::delete_by_id((self.tenant.0, entitlement.group)).exec(&*self.transaction).await?;
        let version = entitlement.version + 1;
        self.record(Action::Deleted, ENTITLEMENT, entitlement.group, version, &Changes::default()).await
    }

    /// Says on the row of a group whether it is an entitlement, and which.
    async fn govern(&self, kind: &ResourceType, group: Uuid, authority: Option<Authority>) -> Result<(), Error> {
        let word = authority.map(|authority| authority.word().to_owned());
        resource::Entity::update_many()
            .col_expr(resource::Column::GovernedBy, Expr::val(word))
            .filter(resource::Column::TenantId.eq(self.tenant.0))
            .filter(resource::Column::Kind.eq(&kind.name))
            .filter(resource::Column::Id.eq(group))
            .exec(&*self.transaction)
            .await?;
        Ok(())
    }

    /// The authority over a group that is there again, if it is an entitlement.
    pub(crate) async fn authority_over(&self, group: Uuid) -> Result<Option<Authority>, Error> {
        let found = entitlement::Entity::find_by_id((self.tenant.0, group)).one(&*self.transaction).await?;
        Ok(found.map(read).transpose()?.map(|entitlement| entitlement.authority))
    }

    /// Whether somebody other than people is a member of a group.
    pub async fn holds_others(&self, group: Uuid) -> Result<bool, Error> {
        let others = member::Entity::find()
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::GroupId.eq(group))
            .filter(member::Column::MemberKind.ne(PEOPLE))
            .limit(1)
            .all(&*self.transaction)
            .await?;
        Ok(!others.is_empty())
    }

    /// The row of an entitlement that is new here.
    pub(crate) fn row_of_entitlement(&self, new: &Entitlement) -> Result<entitlement::ActiveModel, Error> {
        Ok(entitlement::ActiveModel {
            group_id: Set(new.group),
            group_kind: Set(new.group_kind.clone()),
            application_id: Set(new.application),
            code: Set(new.code.clone()),
            created: Set(new.created),
            ..self.columns_of_entitlement(new)?
        })
    }

    /// Says on the rows of groups that they are entitlements, as far as they are there.
    pub(crate) async fn govern_all(&self, kind: &str, authority: &str, groups: &[Uuid]) -> Result<(), Error> {
        for groups in groups.chunks(ROWS_PER_STATEMENT) {
            resource::Entity::update_many()
                .col_expr(resource::Column::GovernedBy, Expr::val(authority.to_owned()))
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.eq(kind))
                .filter(resource::Column::Id.is_in(groups.iter().copied()))
                .exec(&*self.transaction)
                .await?;
        }
        Ok(())
    }

    fn columns_of_entitlement(&self, entitlement: &Entitlement) -> Result<entitlement::ActiveModel, Error> {
        Ok(entitlement::ActiveModel {
            tenant_id: Set(self.tenant.0),
            state: Set(entitlement.state.word().to_owned()),
            authority: Set(entitlement.authority.word().to_owned()),
            risk: Set(i64::from(u8::from(entitlement.risk))),
            content: Set(written(entitlement)?),
            modified: Set(entitlement.modified),
            version: Set(entitlement.version),
            ..Default::default()
        })
    }
}

async fn among(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    groups: &[Uuid],
) -> Result<HashMap<Uuid, Entitlement>, Error> {
    let mut found = HashMap::with_capacity(groups.len());
    for groups in groups.chunks(ROWS_PER_STATEMENT) {
        let rows = entitlement::Entity::find()
            .filter(entitlement::Column::TenantId.eq(tenant.0))
            .filter(entitlement::Column::GroupId.is_in(groups.iter().copied()))
            .all(connection)
            .await?;
        for row in rows {
            found.insert(row.group_id, read(row)?);
        }
    }
    Ok(found)
}

fn changed(attributes: &[&str]) -> Changes {
    Changes { attributes: attributes.iter().map(|name| (*name).to_owned()).collect(), ..Changes::default() }
}

/// What is not looked up, as it is stored.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(flatten)]
    texts: &'a EntitlementTexts,
    terms: &'a Terms,
}

/// The same as it is read: what was stored before there were terms has none.
#[derive(Deserialize)]
struct Stored {
    #[serde(flatten)]
    texts: EntitlementTexts,
    #[serde(default)]
    terms: Terms,
}

fn written(entitlement: &Entitlement) -> Result<String, Error> {
    let content = Content { texts: &entitlement.texts, terms: &entitlement.terms };
    serde_json::to_string(&content).map_err(|error| Error::Damaged(error.to_string()))
}

pub(crate) fn read(row: entitlement::Model) -> Result<Entitlement, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of entitlement {}", row.group_id));
    let risk = u8::try_from(row.risk).ok().and_then(Risk::from_number);
    let Stored { texts, terms } = serde_json::from_str(&row.content).map_err(|_| damaged("content"))?;
    Ok(Entitlement {
        state: EntitlementState::from_word(&row.state).ok_or_else(|| damaged("state"))?,
        authority: Authority::from_word(&row.authority).ok_or_else(|| damaged("authority"))?,
        risk: risk.ok_or_else(|| damaged("risk"))?,
        texts,
        terms,
        group: row.group_id,
        group_kind: row.group_kind,
        application: row.application_id,
        code: row.code,
        created: row.created,
        modified: row.modified,
        version: row.version,
    })
}
