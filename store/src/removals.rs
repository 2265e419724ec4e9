//! What was taken away, kept for thirty days beside the log so that it can be given back: documents of what was
//! deleted, who was deactivated, who is no longer a member, which references were emptied. Rows are written in the
//! transaction that takes away, and hold no password.

use std::collections::{HashMap, HashSet};

use entity::{client, issuer, member, removal, resource_value};
use scim::{
    Document,
    filter::Field,
    index,
    schema::{Container, ResourceType, USER},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Action, Changes, Error, New, Parting, Row, Stored, TenantStore, Update, Work};

/// How many members one row names at the most.
const MEMBERS_PER_ROW: usize = 1000;
/// What the log calls the giving back of what a client took.
const RESTORATION: &str = "Restoration";

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removed {
    /// A user was deactivated.
    Activity,
    /// A resource was deleted.
    Resource,
    /// Members were taken out of a group.
    Members,
    /// Members went out of a group because they were deleted themselves.
    Leavers,
    /// A reference was emptied because what it named was deleted.
    Reference,
    /// A group no longer belongs to an application because it was deleted.
    Assignment,
}

impl Removed {
    const ALL: [Self; 6] =
        [Self::Activity, Self::Resource, Self::Members, Self::Leavers, Self::Reference, Self::Assignment];

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.word() == word)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Activity => "deactivated",
            Self::Resource => "deleted",
            Self::Members => "removed",
            Self::Leavers => "left",
            Self::Reference => "unassigned",
            Self::Assignment => "withdrawn",
        }
    }
}

/// What a client took away in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The client, or the issuer.
    pub client: Uuid,
    /// Not before, in milliseconds since 1970.
    pub from: i64,
    /// Before, in milliseconds since 1970.
    pub until: i64,
}

/// The place of a removal among those of a tenant: by time, then by what was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovalPlace {
    /// When.
    pub at: i64,
    /// Which resource.
    pub resource: Uuid,
    /// The version that came of it.
    pub version: i64,
}

/// A removal that can be undone: of members, [`Losses`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its place, which is its key too.
    pub place: RemovalPlace,
    /// The resource type.
    pub kind: String,
    /// When the resource was created.
    pub created: i64,
    /// A document or a reference as JSON.
    pub content: Option<String>,
}

/// A value that named a resource that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The extension that the attribute stands in.
    pub urn: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// What was in it: a value, or those of a list.
    pub value: Value,
}

/// The life that a resource had before it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// When it was created.
    pub created: i64,
    /// The version that its deletion was.
    pub version: i64,
}

/// Who is no longer in a group because of a client, and has not been taken out again by others since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// The members, each with the version of the group that came of its removal.
    pub members: HashMap<Uuid, i64>,
    /// The latest removal from the group that was looked at.
    pub seen: i64,
}

/// How much a client took away in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many users were deactivated, and how many resources of every type deleted, each counted once.
    pub users: i64,
    /// How many memberships were taken from those who stayed.
    pub memberships: i64,
    /// When the first removal was, in milliseconds since 1970.
    pub first: i64,
    /// When the last was.
    pub last: i64,
}

/// Whether a change says of a user that they have left.
pub(crate) fn deactivates(kind: &ResourceType, update: &Update<'_>) -> bool {
    let is_switched_off = || update.document.is_some_and(|(before, after)| is_inactive(after) && !is_inactive(before));
    match update.parting {
        Parting::Usual | Parting::Leavers => kind.schema.id == USER && is_switched_off(),
        Parting::Suspension => false,
        Parting::Departure => true,
    }
}

fn is_inactive(document: &Document) -> bool {
    document.get(Container::Root, "active") == Some(&Value::Bool(false))
}

fn members_of(text: Option<&str>) -> Result<Vec<Uuid>, Error> {
    let Some(text) = text else { return Ok(Vec::new()) };
    serde_json::from_str(text).map_err(|error| Error::Damaged(format!("the members of a removal: {error}")))
}

fn read(row: removal::Model) -> Removal {
    Removal {
        place: RemovalPlace { at: row.at, resource: row.resource_id, version: row.version },
        kind: row.kind,
        created: row.created,
        content: row.content,
    }
}

impl TenantStore {
    /// What a client took away since then.
    pub async fn tally(&self, client: Uuid, since: i64) -> Result<Tally, Error> {
        let of_client = || {
            removal::Entity::find()
                .select_only()
                .filter(removal::Column::TenantId.eq(self.tenant.0))
                .filter(removal::Column::At.gt(since))
                .filter(removal::Column::ClientId.eq(client))
        };
        let users: Option<i64> = of_client()
            .column_as(Expr::col(removal::Column::ResourceId).count_distinct(), "users")
            .filter(removal::Column::What.is_in([Removed::Activity.word(), Removed::Resource.word()]))
            .into_tuple()
            .one(&self.store.read)
            .await?;
        let whole = of_client()
            .column_as(Expr::col(removal::Column::Weight).sum().cast_as("bigint"), "memberships")
            .column_as(removal::Column::At.min(), "first")
            .column_as(removal::Column::At.max(), "last")
            .build(self.store.backend());
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let whole: Option<(Option<i64>, Option<i64>, Option<i64>)> = self.store.read.row(whole, read).await?;
        let (memberships, first, last) = whole.unwrap_or_default();
        Ok(Tally {
            users: users.unwrap_or_default(),
            memberships: memberships.unwrap_or_default(),
            first: first.unwrap_or_default(),
            last: last.unwrap_or_default(),
        })
    }

    /// Which clients took something away since then.
    pub async fn removers(&self, since: i64) -> Result<Vec<Uuid>, Error> {
        let clients: Vec<Option<Uuid>> = removal::Entity::find()
            .select_only()
            .column(removal::Column::ClientId)
            .distinct()
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::At.gt(since))
            .into_tuple()
            .all(&self.store.read)
            .await?;
        Ok(clients.into_iter().flatten().collect())
    }

    /// How many users are active.
    pub async fn count_active(&self, users: &ResourceType) -> Result<u64, Error> {
        let Some(attribute) = users.root_attribute("active") else { return Ok(0) };
        let field = index::field_id(users, &Field { urn: None, attribute, sub: None });
        let count = resource_value::Entity::find()
            .filter(resource_value::Column::TenantId.eq(self.tenant.0))
            .filter(resource_value::Column::Field.eq(field))
            .filter(resource_value::Column::Value.eq("true"));
        Ok(count.count(&self.store.read).await?)
    }

    /// How many memberships there are.
    pub async fn count_memberships(&self) -> Result<u64, Error> {
        let count = member::Entity::find().filter(member::Column::TenantId.eq(self.tenant.0));
        Ok(count.count(&self.store.read).await?)
    }

    /// Whether that id is or was one of a client, or of an issuer, or something was taken away under it.
    pub async fn knows_remover(&self, id: Uuid) -> Result<bool, Error> {
        let read = &self.store.read;
        let client = client::Entity::find_by_id((self.tenant.0, id)).one(read).await?.is_some();
        Ok(client
            || issuer::Entity::find_by_id((self.tenant.0, id)).one(read).await?.is_some()
            || self.has_removed(id).await?)
    }

    async fn has_removed(&self, client: Uuid) -> Result<bool, Error> {
        let found: Option<i64> = removal::Entity::find()
            .select_only()
            .column(removal::Column::At)
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::ClientId.eq(client))
            .limit(1)
            .into_tuple()
            .one(&self.store.read)
            .await?;
        Ok(found.is_some())
    }

    /// What is still taken away of these types, the earliest first, behind that place.
    pub async fn removals(
        &self,
        stretch: &Stretch,
        what: Removed,
        kinds: &[&str],
        after: Option<RemovalPlace>,
        limit: u64,
    ) -> Result<Vec<Removal>, Error> {
        use removal::Column;
        let behind = after.map(|place| {
            let later = Column::At.gt(place.at);
            let next = Column::ResourceId.gt(place.resource);
            let same = Column::ResourceId.eq(place.resource).and(Column::Version.gt(place.version));
            later.or(Column::At.eq(place.at).and(next.or(same)))
        });
        let rows = removal::Entity::find()
            .filter(self.within(stretch))
            .filter(Column::What.eq(what.word()))
            .filter(Column::Kind.is_in(kinds.iter().copied()))
            .filter(Condition::all().add_option(behind))
            .order_by_asc(Column::At)
            .order_by_asc(Column::ResourceId)
            .order_by_asc(Column::Version)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The groups that members were taken out of and that still lack them, behind that one, in the order of ids.
    pub async fn bereft_groups(&self, stretch: &Stretch, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>, Error> {
        use removal::Column;
        let groups: Vec<Uuid> = removal::Entity::find()
            .select_only()
            .column(Column::ResourceId)
            .distinct()
            .filter(self.within(stretch))
            .filter(of_members())
            .filter(Condition::all().add_option(after.map(|after| Column::ResourceId.gt(after))))
            .order_by_asc(Column::ResourceId)
            .limit(limit)
            .into_tuple()
            .all(&self.store.read)
            .await?;
        Ok(groups)
    }

    /// Whom a group still lacks because of a client: of each member the latest removal counts.
    pub async fn losses(&self, group: Uuid, stretch: &Stretch) -> Result<Losses, Error> {
        use removal::Column;
        let select = removal::Entity::find()
            .select_only()
            .columns([Column::ClientId, Column::At, Column::Restored, Column::Version, Column::Content])
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ResourceId.eq(group))
            .filter(of_members())
            .filter(Column::At.gte(stretch.from))
            .order_by_asc(Column::Version)
            .build(self.store.backend());
        let mut losses = Losses::default();
        let mut count = |row: &Row<'_>| {
            let (client, at, restored) = (row.get::<Option<Uuid>>(0)?, row.get::<i64>(1)?, row.get::<Option<i64>>(2)?);
            let is_wanted = client == Some(stretch.client) && at < stretch.until && restored.is_none();
            losses.seen = row.get(3)?;
            for id in members_of(row.get::<Option<String>>(4)?.as_deref())? {
                if is_wanted {
                    losses.members.insert(id, losses.seen);
                } else {
                    losses.members.remove(&id);
                }
            }
            Ok(true)
        };
        self.store.read.visit(select, &mut count).await?;
        Ok(losses)
    }

    /// What is not yet restored of what a client took.
    fn within(&self, stretch: &Stretch) -> Condition {
        Condition::all()
            .add(removal::Column::TenantId.eq(self.tenant.0))
            .add(removal::Column::At.gte(stretch.from))
            .add(removal::Column::At.lt(stretch.until))
            .add(removal::Column::ClientId.eq(stretch.client))
            .add(removal::Column::Restored.is_null())
    }

    /// Forgets removals from before that instant, that many at the most. Says how many.
    pub async fn forget_removals(&self, before: i64, limit: u64) -> Result<u64, Error> {
        let key = [removal::Column::ResourceId, removal::Column::Version, removal::Column::Part];
        let old = Query::select()
            .columns(key)
            .from(removal::Entity)
            .and_where(removal::Column::TenantId.eq(self.tenant.0))
            .and_where(removal::Column::At.lt(before))
            .limit(limit)
            .to_owned();
        let gone = removal::Entity::delete_many()
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(Expr::tuple(key.map(Expr::col)).in_subquery(old))
            .exec(&self.store.write)
            .await?;
        Ok(gone.rows_affected)
    }
}

/// How many rows of a change there are.
fn next_part(rows: &[removal::ActiveModel]) -> i32 {
    i32::try_from(rows.len()).unwrap_or(i32::MAX)
}

/// Rows that name members.
fn of_members() -> Expr {
    removal::Column::What.is_in([Removed::Members.word(), Removed::Leavers.word()])
}

impl Work {
    /// What a change takes away.
    pub(crate) fn taken_by_change(
        &self,
        kind: &ResourceType,
        stored: &Stored,
        update: &Update<'_>,
    ) -> Vec<removal::ActiveModel> {
        let mut rows = Vec::new();
        if deactivates(kind, update) {
            rows.push(self.removal(kind, stored, Removed::Activity, None));
        }
        let what = if update.parting == Parting::Leavers { Removed::Leavers } else { Removed::Members };
        self.add_members_gone(&mut rows, kind, stored, what, &update.changes.removed);
        rows
    }

    /// What a deletion takes away: the resource, from its members that they were some, and from an application that it
    /// was one of its groups.
    pub(crate) fn taken_by_deletion(
        &self,
        kind: &ResourceType,
        stored: &Stored,
        members: &[Uuid],
        application: Option<Uuid>,
    ) -> Vec<removal::ActiveModel> {
        // Those who keep a catalogue write it anew.
        if kind.catalogue_of.is_some() {
            return Vec::new();
        }
        let mut rows = vec![self.removal(kind, stored, Removed::Resource, Some(stored.document.clone()))];
        self.add_members_gone(&mut rows, kind, stored, Removed::Members, members);
        if let Some(application) = application {
            let mut row = self.removal(kind, stored, Removed::Assignment, Some(application.to_string()));
            row.part = Set(next_part(&rows));
            rows.push(row);
        }
        rows
    }

    fn add_members_gone(
        &self,
        rows: &mut Vec<removal::ActiveModel>,
        kind: &ResourceType,
        stored: &Stored,
        what: Removed,
        members: &[Uuid],
    ) {
        for some in members.chunks(MEMBERS_PER_ROW) {
            let ids: Value = some.iter().map(Uuid::to_string).collect();
            let mut row = self.removal(kind, stored, what, Some(ids.to_string()));
            row.part = Set(next_part(rows));
            // Who is deleted counts as a user already.
            row.weight = Set(if what == Removed::Leavers { 0 } else { i64::try_from(some.len()).unwrap_or(i64::MAX) });
            rows.push(row);
        }
    }

    /// A row about the change that comes next after what is stored.
    fn removal(
        &self,
        kind: &ResourceType,
        stored: &Stored,
        what: Removed,
        content: Option<String>,
    ) -> removal::ActiveModel {
        removal::ActiveModel {
            tenant_id: Set(self.tenant.0),
            resource_id: Set(stored.id),
            version: Set(stored.version + 1),
            part: Set(0),
            at: Set(self.now),
            client_id: Set(self.cause.client),
            what: Set(what.word().to_owned()),
            kind: Set(kind.name.clone()),
            weight: Set(0),
            created: Set(stored.created),
            content: Set(content),
            restored: Set(None),
        }
    }

    /// Keeps what a reference said that a change of this resource empties.
    pub async fn keep_reference(
        &self,
        kind: &ResourceType,
        stored: &Stored,
        reference: &Reference,
    ) -> Result<(), Error> {
        let text = serde_json::to_string(reference).map_err(|error| Error::Damaged(error.to_string()))?;
        let row = self.removal(kind, stored, Removed::Reference, Some(text));
        removal::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        Ok(())
    }

    /// The version of a resource that came of the latest removal of that sort.
    pub async fn latest_removal(&self, resource: Uuid, what: Removed) -> Result<Option<i64>, Error> {
        let version: Option<i64> = removal::Entity::find()
            .select_only()
            .column(removal::Column::Version)
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::ResourceId.eq(resource))
            .filter(removal::Column::What.eq(what.word()))
            .order_by_desc(removal::Column::Version)
            .limit(1)
            .into_tuple()
            .one(&*self.transaction)
            .await?;
        Ok(version)
    }

    /// The document that a resource had when it was last deleted, as long as it is kept.
    pub async fn kept_document(&self, resource: Uuid) -> Result<Option<Document>, Error> {
        let content: Option<Option<String>> = removal::Entity::find()
            .select_only()
            .column(removal::Column::Content)
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::ResourceId.eq(resource))
            .filter(removal::Column::What.eq(Removed::Resource.word()))
            .order_by_desc(removal::Column::Version)
            .limit(1)
            .into_tuple()
            .one(&*self.transaction)
            .await?;
        let parse = |text: String| {
            let attributes = serde_json::from_str(&text);
            attributes.map_err(|error| Error::Damaged(format!("the kept document of {resource}: {error}")))
        };
        Ok(content.flatten().map(parse).transpose()?.map(Document::from_stored))
    }

    /// The application that a group belonged to when it was deleted, as long as that is kept.
    pub async fn kept_application(&self, place: RemovalPlace) -> Result<Option<Uuid>, Error> {
        let content: Option<Option<String>> = removal::Entity::find()
            .select_only()
            .column(removal::Column::Content)
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::ResourceId.eq(place.resource))
            .filter(removal::Column::Version.eq(place.version))
            .filter(removal::Column::What.eq(Removed::Assignment.word()))
            .into_tuple()
            .one(&*self.transaction)
            .await?;
        let damaged = |_| Error::Damaged(format!("the kept application of {}", place.resource));
        content.flatten().map(|id| Uuid::parse_str(&id).map_err(damaged)).transpose()
    }

    /// The references of a resource that were emptied behind that version of it.
    pub async fn references_after(&self, resource: Uuid, version: i64) -> Result<Vec<Reference>, Error> {
        let rows: Vec<Option<String>> = removal::Entity::find()
            .select_only()
            .column(removal::Column::Content)
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::ResourceId.eq(resource))
            .filter(removal::Column::Version.gt(version))
            .filter(removal::Column::What.eq(Removed::Reference.word()))
            .into_tuple()
            .all(&*self.transaction)
            .await?;
        let damaged = |error| Error::Damaged(format!("a kept reference of {resource}: {error}"));
        rows.into_iter().flatten().map(|text| serde_json::from_str(&text).map_err(damaged)).collect()
    }

    /// Who was taken out of a group behind that version of it.
    pub async fn removed_after(&self, group: Uuid, version: i64) -> Result<HashSet<Uuid>, Error> {
        let rows: Vec<Option<String>> = removal::Entity::find()
            .select_only()
            .column(removal::Column::Content)
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::ResourceId.eq(group))
            .filter(removal::Column::Version.gt(version))
            .filter(of_members())
            .into_tuple()
            .all(&*self.transaction)
            .await?;
        let mut removed = HashSet::new();
        for row in rows {
            removed.extend(members_of(row.as_deref())?);
        }
        Ok(removed)
    }

    /// Makes a resource that was deleted again: it has its id, the time of its creation, and the next version.
    /// [`Error::Taken`] if a unique value is in use.
    pub async fn create_again(&self, kind: &ResourceType, new: &New<'_>, past: Past) -> Result<Stored, Error> {
        let (mut stored, mut row) = self.fresh(kind, new);
        (stored.created, stored.version) = (past.created, past.version + 1);
        (row.created, row.version) = (Set(stored.created), Set(stored.version));
        if kind.membership.is_some() {
            stored.governed_by = self.authority_over(new.id).await?;
            row.governed_by = Set(stored.governed_by.map(|authority| authority.word().to_owned()));
        }
        let attributes = Document::default().changes(new.document, kind);
        let changes = Changes { attributes, ..Changes::default() };
        let mut together = self.together();
        together.insert(vec![row]);
        let values = index::entries(kind, new.document).into_iter().map(|entry| self.value(new.id, entry));
        together.insert(values.collect());
        together.insert(self.employments(kind, new.id, new.document));
        together.insert(self.new_tenures(kind, new.id, new.document).into_iter().collect());
        together.insert(self.events(Action::Created, &kind.name, new.id, stored.version, &changes));
        self.add_to_count(&mut together, kind, [new.id], 1);
        together.run(self).await?;
        Ok(stored)
    }

    /// Notes that a removal is undone. What was kept for that is forgotten.
    pub async fn settle_removal(&self, place: RemovalPlace, what: Removed) -> Result<(), Error> {
        self.settle_rows(
            Condition::all()
                .add(removal::Column::ResourceId.eq(place.resource))
                .add(removal::Column::Version.eq(place.version))
                .add(removal::Column::What.eq(what.word())),
        )
        .await
    }

    /// Notes that a client's removals of members from a group are undone, but for these versions.
    pub async fn settle_members(&self, group: Uuid, stretch: &Stretch, upto: i64, except: &[i64]) -> Result<(), Error> {
        self.settle_rows(
            Condition::all()
                .add(removal::Column::ResourceId.eq(group))
                .add(of_members())
                .add(removal::Column::ClientId.eq(stretch.client))
                .add(removal::Column::At.gte(stretch.from))
                .add(removal::Column::At.lt(stretch.until))
                .add(removal::Column::Version.lte(upto))
                .add(removal::Column::Version.is_not_in(except.iter().copied())),
        )
        .await
    }

    /// The ids of members stay: they say who has been taken out since when. A document does not.
    async fn settle_rows(&self, which: Condition) -> Result<(), Error> {
        let kept = Expr::case(of_members(), Expr::col(removal::Column::Content)).finally(Option::<String>::None);
        removal::Entity::update_many()
            .col_expr(removal::Column::Restored, Expr::val(self.now))
            .col_expr(removal::Column::Content, kept.into())
            .filter(removal::Column::TenantId.eq(self.tenant.0))
            .filter(removal::Column::Restored.is_null())
            .filter(which)
            .exec(&*self.transaction)
            .await?;
        Ok(())
    }

    /// Says in the log that what a client took away is being given back in this request.
    pub async fn record_restoration(&self, client: Uuid) -> Result<(), Error> {
        self.record(Action::Created, RESTORATION, client, 1, &Changes::default()).await
    }
}
