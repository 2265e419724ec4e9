//! Resources: a document, its searchable values, and the counters that make totals cheap.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{resource, resource_count, resource_value};
use rights::grant::Authority;
use scim::{
    Document,
    filter::Field,
    index::{self, Entry},
    schema::{Container, ResourceType},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Statement,
    sea_query::{DeleteStatement, Expr, ExprTrait, JoinType, LockType, OnConflict, Order, Query},
};
use uuid::Uuid;

use crate::{
    Action, Changes, Error, GroupRef, Row, TenantStore, Work, groups,
    query::cut,
    removals::deactivates,
    together::{Part, Together},
    transaction::Transaction,
};

/// How many rows one statement carries: both databases bound the parameters of a statement.
pub(crate) const ROWS_PER_STATEMENT: usize = 1000;
/// Counters are split so that concurrent creates do not queue for one row.
const SHARDS: u8 = 8;

/// A resource as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: Uuid,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
    /// What other resources show of it.
    pub display: Option<String>,
    /// Its document: a JSON object with `schemas` and `id`, without meta, members and derived values.
    pub document: String,
    /// The groups that it was in when it was read, in the order of ids; nothing if nobody asked.
    pub groups: Option<Vec<GroupRef>>,
    /// Of a group that is an entitlement, and was read to be changed: whose word makes somebody a member.
    pub governed_by: Option<Authority>,
}

/// The columns of a stored resource, in the order in which they are read.
pub(crate) const COLUMNS: [&str; 6] = ["id", "created", "modified", "version", "display", "document"];

/// A resource to be made.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Its id, which the server gives.
    pub id: Uuid,
    /// What the client owns.
    pub document: &'a Document,
    /// The hash of its password.
    pub password: Option<&'a str>,
    /// Its members, by id, with their types.
    pub members: &'a HashMap<Uuid, String>,
}

/// A change of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The document as it was and as it will be, if it changes.
    pub document: Option<(&'a Document, &'a Document)>,
    /// A new password hash, or nothing in it to remove the password.
    pub password: Option<Option<&'a str>>,
    /// What changed, for the log.
    pub changes: &'a Changes,
    /// How those go who go with it.
    pub parting: Parting,
}

/// How much is put behind a document when it is shown: `meta`, and some groups.
const ROOM: usize = 800;

/// How those go who go with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Parting {
    /// A user who is switched off leaves; members are taken out.
    #[default]
    Usual,
    /// Members are about to be deleted, or leave every group.
    Leavers,
    /// A user is suspended, and has not left.
    Suspension,
    /// A user who was suspended has left.
    Departure,
}

impl Stored {
    /// Reads a row of [`COLUMNS`], with what `groups` made behind them. Says whether there may be further groups above
    /// those.
    pub(crate) fn read(row: &Row<'_>, with_groups: bool) -> Result<(Self, bool), Error> {
        let (groups, more) = if with_groups { groups::read(row.text(6)?.as_deref())? } else { (Vec::new(), false) };
        let text = row.text(5)?.unwrap_or_default();
        let mut document = String::with_capacity(text.len() + ROOM);
        document.push_str(&text);
        let stored = Self {
            id: row.get(0)?,
            created: row.get(1)?,
            modified: row.get(2)?,
            version: row.get(3)?,
            display: row.get(4)?,
            document,
            groups: with_groups.then_some(groups),
            governed_by: None,
        };
        Ok((stored, more))
    }

    /// The document, parsed.
    pub fn document(&self) -> Result<Document, Error> {
        let attributes = serde_json::from_str(&self.document)
            .map_err(|e| Error::Damaged(format!("the document of {}: {e}", self.id)))?;
        Ok(Document::from_stored(attributes))
    }
}

impl TenantStore {
    /// The resource of that id, with the groups that it is in if they are wanted.
    pub async fn find(&self, kind: &ResourceType, id: Uuid, with_groups: bool) -> Result<Option<Stored>, Error> {
        if !self.sees(kind, id).await? {
            return Ok(None);
        }
        let statement = groups::find(self.store.backend(), self.tenant, kind, id, with_groups, false);
        let found = self.store.read.row(statement, |row| Stored::read(row, with_groups)).await?;
        Ok(self.complete(found.into_iter().collect()).await?.pop())
    }

    /// Adds the groups above groups where there are any, and leaves out those that are not seen.
    pub(crate) async fn complete(&self, found: Vec<(Stored, bool)>) -> Result<Vec<Stored>, Error> {
        let nested: Vec<Uuid> = found.iter().filter(|(_, more)| *more).map(|(stored, _)| stored.id).collect();
        let mut all = self.all_groups_of(&nested).await?;
        let completed = found.into_iter().map(|(stored, _)| match all.remove(&stored.id) {
            Some(groups) => Stored { groups: Some(groups), ..stored },
            None => stored,
        });
        let mut completed: Vec<Stored> = completed.collect();
        self.leave_seen(completed.iter_mut().filter_map(|stored| stored.groups.as_mut())).await?;
        Ok(completed)
    }

    /// What other resources show of these, by id. Ids that do not exist are left out.
    pub async fn displays(
        &self,
        kind: &ResourceType,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Option<String>>, Error> {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let mut displays = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = resource::Entity::find()
                .select_only()
                .columns([resource::Column::Id, resource::Column::Display])
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.eq(&kind.name))
                .filter(resource::Column::Id.is_in(ids.iter().copied()))
                .build(self.store.backend());
            displays.extend(self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?);
        }
        Ok(displays)
    }

    /// How many resources of a type there are.
    pub async fn count(&self, kind: &ResourceType) -> Result<u64, Error> {
        let select = resource_count::Entity::find()
            .select_only()
            .column(resource_count::Column::Count)
            .filter(resource_count::Column::TenantId.eq(self.tenant.0))
            .filter(resource_count::Column::Kind.eq(&kind.name))
            .build(self.store.backend());
        let counts: Vec<i64> = self.store.read.rows(select, |row| row.get(0)).await?;
        Ok(u64::try_from(counts.iter().sum::<i64>()).unwrap_or(0))
    }

    /// How many resources of a type have each of these comparison keys in a field. Keys that nobody has are left out.
    pub async fn count_holders(
        &self,
        kind: &ResourceType,
        field: &Field<'_>,
        keys: impl Iterator<Item = &String>,
    ) -> Result<HashMap<String, u64>, Error> {
        let keys: Vec<&str> = keys.map(|key| cut(key)).collect();
        let mut counts = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(ROWS_PER_STATEMENT) {
            let select = resource_value::Entity::find()
                .select_only()
                .column(resource_value::Column::Value)
                .column_as(Expr::col(resource_value::Column::ResourceId).count_distinct(), "holders")
                .filter(resource_value::Column::TenantId.eq(self.tenant.0))
                .filter(resource_value::Column::Field.eq(index::field_id(kind, field)))
                .filter(resource_value::Column::Value.is_in(keys.iter().copied()))
                .filter(resource_value::Column::Rest.is_null())
                .group_by(resource_value::Column::Value)
                .build(self.store.backend());
            let read = |row: &Row<'_>| Ok((row.get(0)?, u64::try_from(row.get::<i64>(1)?).unwrap_or(0)));
            counts.extend(self.store.read.rows(select, read).await?);
        }
        Ok(counts)
    }

    /// How many resources of a type have any of these comparison keys in a field.
    pub async fn count_holders_of_any(
        &self,
        kind: &ResourceType,
        field: &Field<'_>,
        keys: &BTreeSet<&str>,
    ) -> Result<u64, Error> {
        let select = resource_value::Entity::find()
            .select_only()
            .column_as(Expr::col(resource_value::Column::ResourceId).count_distinct(), "holders")
            .filter(resource_value::Column::TenantId.eq(self.tenant.0))
            .filter(resource_value::Column::Field.eq(index::field_id(kind, field)))
            .filter(resource_value::Column::Value.is_in(keys.iter().map(|key| cut(key))))
            .filter(resource_value::Column::Rest.is_null())
            .build(self.store.backend());
        let count: Option<i64> = self.store.read.row(select, |row| row.get(0)).await?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// What resources of a type have in one field that have one of these keys in another: such a key, and a key beside it.
    pub async fn values_beside(
        &self,
        kind: &ResourceType,
        known: &Field<'_>,
        keys: &[String],
        wanted: &Field<'_>,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut pairs = Vec::new();
        for keys in keys.chunks(ROWS_PER_STATEMENT) {
            let of = |table: &'static str, field: &Field<'_>| {
                Expr::col((table, "tenant_id"))
                    .eq(self.tenant.0)
                    .and(Expr::col((table, "field")).eq(index::field_id(kind, field)))
            };
            let select = Query::select()
                .column(("known", "value"))
                .column(("wanted", "value"))
                .from_as(resource_value::Entity, "known")
                .join_as(
                    JoinType::Join,
                    resource_value::Entity,
                    "wanted",
                    Expr::col(("wanted", "resource_id")).eq(Expr::col(("known", "resource_id"))),
                )
                .and_where(of("known", known))
                .and_where(Expr::col(("known", "value")).is_in(keys.iter().map(|key| cut(key))))
                .and_where(of("wanted", wanted))
                .take();
            pairs.extend(
                self.store.read.rows(self.store.backend().build(&select), |row| Ok((row.get(0)?, row.get(1)?))).await?,
            );
        }
        Ok(pairs)
    }

    /// Which unique attribute of a document another resource already has the value of.
    pub async fn taken(
        &self,
        kind: &ResourceType,
        document: &Document,
        own: Option<Uuid>,
    ) -> Result<Option<String>, Error> {
        for entry in index::entries(kind, document).into_iter().filter(|entry| entry.unique) {
            let select = resource_value::Entity::find()
                .select_only()
                .column(resource_value::Column::ResourceId)
                .filter(resource_value::Column::TenantId.eq(self.tenant.0))
                .filter(resource_value::Column::Field.eq(entry.field))
                .filter(resource_value::Column::Value.eq(cut(&entry.key)))
                .filter(resource_value::Column::IsUnique.eq(true))
                .limit(1)
                .build(self.store.backend());
            let holder: Option<Uuid> = self.store.read.row(select, |row| row.get(0)).await?;
            if holder.is_some_and(|holder| Some(holder) != own) {
                return Ok(unique_attribute(kind, entry.field));
            }
        }
        Ok(None)
    }
}

fn unique_attribute(kind: &ResourceType, field: i64) -> Option<String> {
    kind.containers().find_map(|(container, attributes)| {
        let field_of = |attribute| index::field_id(kind, &Field { urn: container.urn(), attribute, sub: None });
        attributes.iter().find(|attribute| field_of(attribute) == field).map(|attribute| attribute.name.clone())
    })
}

impl Work {
    /// The resource of that id with the groups that it is in, held against other writers until the end.
    pub async fn lock_resource(&self, kind: &ResourceType, id: Uuid) -> Result<Option<Stored>, Error> {
        let with_groups = kind.member_of.is_some();
        // What is written at once says what it rests on.
        let to_change = !matches!(*self.transaction, Transaction::AtOnce(_));
        let statement = groups::find(self.backend(), self.tenant, kind, id, with_groups, to_change);
        let read = |row: &Row<'_>| {
            let (mut stored, more) = Stored::read(row, with_groups)?;
            if to_change {
                stored.governed_by = authority(row.get(COLUMNS.len() + usize::from(with_groups))?)?;
            }
            Ok((stored, more))
        };
        let found = self.transaction.row(statement, read).await?;
        let Some((mut stored, more)) = found else { return Ok(None) };
        if more {
            stored.groups = Some(self.groups_of(id).await?);
        }
        Ok(Some(stored))
    }

    /// The version of a resource, held against other writers until the end.
    pub async fn lock_version(&self, kind: &ResourceType, id: Uuid) -> Result<Option<i64>, Error> {
        let select = Query::select()
            .column(resource::Column::Version)
            .from(resource::Entity)
            .and_where(Expr::col(resource::Column::TenantId).eq(self.tenant.0))
            .and_where(Expr::col(resource::Column::Kind).eq(kind.name.as_str()))
            .and_where(Expr::col(resource::Column::Id).eq(id))
            .lock(LockType::NoKeyUpdate)
            .take();
        self.transaction.row(self.backend().build(&select), |row| row.get(0)).await
    }

    /// The resources of those ids, in the order of ids, held against other writers until the end.
    pub async fn lock(&self, kind: &ResourceType, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<Stored>, Error> {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        ids.sort_unstable();
        let mut locked = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = Query::select()
                .columns(COLUMNS)
                .column(resource::Column::GovernedBy)
                .from(resource::Entity)
                .and_where(Expr::col(resource::Column::TenantId).eq(self.tenant.0))
                .and_where(Expr::col(resource::Column::Kind).eq(kind.name.as_str()))
                .and_where(Expr::col(resource::Column::Id).is_in(ids.iter().copied()))
                .order_by(resource::Column::Id, Order::Asc)
                // Rows may still be referred to meanwhile: a new membership does not wait for a change of its user.
                .lock(LockType::NoKeyUpdate)
                .take();
            let select = self.backend().build(&select);
            let read = |row: &Row<'_>| {
                let governed_by = authority(row.get(COLUMNS.len())?)?;
                Ok(Stored { governed_by, ..Stored::read(row, false)?.0 })
            };
            locked.extend(self.transaction.rows(select, read).await?);
        }
        Ok(locked)
    }

    /// Holds resources against other writers until the end, in the order of ids, where writers meet: whoever is about to change
    /// several of them in an order of their own does not wait for somebody who waits for them.
    pub async fn hold(&self, mut ids: Vec<Uuid>) -> Result<(), Error> {
        if ids.len() < 2 || self.backend() != DatabaseBackend::Postgres {
            return Ok(());
        }
        ids.sort_unstable();
        let list: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let sql = "SELECT 1 FROM resource WHERE tenant_id = $1 AND id = ANY (string_to_array($2, ',')::uuid[]) \
             ORDER BY id FOR NO KEY UPDATE";
        let values = [self.tenant.0.into(), list.join(",").into()];
        let hold = Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values);
        self.transaction.rows(hold, |_| Ok(())).await.map(drop)
    }

    /// Makes resources of one type: the statements are as many for a hundred as for one. [`Error::Taken`] if a
    /// unique value is in use; then none of them is to be kept.
    pub async fn create(&self, kind: &ResourceType, new: &[New<'_>]) -> Result<Vec<Stored>, Error> {
        let mut stored = Vec::with_capacity(new.len());
        let (mut rows, mut values, mut employments, mut events) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut timers = Vec::new();
        for new in new {
            let (fresh, row) = self.fresh(kind, new);
            stored.push(fresh);
            rows.push(row);
            employments.extend(self.employments(kind, new.id, new.document));
            timers.extend(self.new_tenures(kind, new.id, new.document));
            values.extend(index::entries(kind, new.document).into_iter().map(|entry| self.value(new.id, entry)));
        }
        for new in new {
            let attributes = Document::default().changes(new.document, kind);
            // A member that is named is a member: the group is new.
            let mut added: Vec<Uuid> = new.members.keys().copied().collect();
            added.sort_unstable();
            let changes = Changes { attributes, added, removed: Vec::new() };
            events.extend(self.events(Action::Created, &kind.name, new.id, 1, &changes));
        }
        let mut together = self.together();
        together.insert(rows);
        together.insert(values);
        together.insert(employments);
        together.insert(timers);
        together.insert(events);
        self.add_to_count(&mut together, kind, new.iter().map(|new| new.id), 1);
        together.run(self).await?;
        for new in new {
            self.add_members(kind, new.id, new.members).await?;
        }
        Ok(stored)
    }

    pub(crate) fn fresh(&self, kind: &ResourceType, new: &New<'_>) -> (Stored, resource::ActiveModel) {
        let stored = Stored {
            id: new.id,
            created: self.now,
            modified: self.now,
            version: 1,
            display: display(new.document),
            document: new.document.to_stored(kind, &new.id.to_string()),
            // Nobody can have put it into a group yet.
            groups: Some(Vec::new()),
            governed_by: None,
        };
        let row = resource::ActiveModel {
            tenant_id: Set(self.tenant.0),
            kind: Set(kind.name.clone()),
            id: Set(stored.id),
            created: Set(stored.created),
            modified: Set(stored.modified),
            version: Set(stored.version),
            display: Set(stored.display.clone()),
            password_hash: Set(new.password.map(Into::into)),
            document: Set(stored.document.clone()),
            governed_by: Set(None),
        };
        (stored, row)
    }

    /// Writes a change; the version rises by one.
    pub async fn update(&self, kind: &ResourceType, stored: &Stored, update: &Update<'_>) -> Result<Stored, Error> {
        if deactivates(kind, update) && self.is_at_once() {
            // Who leaves is held while it is found out what goes with them.
            return Err(Error::Conflict);
        }
        let mut changed =
            Stored { modified: Ord::max(self.now, stored.modified), version: stored.version + 1, ..stored.clone() };
        let mut row = resource::ActiveModel {
            tenant_id: Set(self.tenant.0),
            kind: Set(kind.name.clone()),
            id: Set(stored.id),
            modified: Set(changed.modified),
            version: Set(changed.version),
            ..Default::default()
        };
        if let Some((_, after)) = update.document {
            changed.display = display(after);
            changed.document = after.to_stored(kind, &stored.id.to_string());
            row.display = Set(changed.display.clone());
            row.document = Set(changed.document.clone());
        }
        if let Some(password) = update.password {
            row.password_hash = Set(password.map(Into::into));
        }
        let mut renewal = resource::Entity::update(row).validate()?.into_query();
        let mut together = self.together();
        if let Transaction::AtOnce(at_once) = &*self.transaction {
            // Before its values, as in a transaction: who holds the resource may write them.
            renewal.and_where(Expr::col(resource::Column::Version).eq(stored.version));
            renewal.returning(Query::returning().expr(Expr::val(1)));
            at_once.add([Part { statement: self.backend().build(&renewal), rows: Some(1), name: None }]);
        } else {
            together.add(self.backend().build(&renewal));
        }
        if let Some((before, after)) = update.document {
            let new = self.replace_values(kind, stored.id, before, after).await?;
            together.insert(new.into_iter().map(|entry| self.value(stored.id, entry)).collect());
            self.change_employments(&mut together, kind, stored.id, (before, after));
            self.change_tenures(&mut together, kind, stored.id, (before, after));
        }
        together.insert(self.events(Action::Changed, &kind.name, stored.id, changed.version, update.changes));
        together.insert(self.taken_by_change(kind, stored, update));
        together.run(self).await?;
        Ok(changed)
    }

    /// Removes a resource. Its memberships must be gone, and its members, who were those.
    pub async fn delete(&self, kind: &ResourceType, stored: &Stored, members: Vec<Uuid>) -> Result<(), Error> {
        let document = stored.document()?;
        let entries: HashSet<Entry> = index::entries(kind, &document).into_iter().collect();
        if !self.delete_values(stored.id, &entries).await? {
            self.clear_values(stored.id).await?;
        }
        let application = if kind.membership.is_some() { self.hold_assignment(kind, stored.id).await? } else { None };
        let taken = self.taken_by_deletion(kind, stored, &members, application);
        let changes = Changes { removed: members, ..Changes::default() };
        let mut together = self.together();
        let key = (self.tenant.0, kind.name.clone(), stored.id);
        together.add(resource::Entity::delete_by_id(key).build(self.backend()));
        self.drop_employments(&mut together, kind, stored.id, &document);
        self.drop_tenures(&mut together, kind, stored.id, &document);
        together.insert(self.events(Action::Deleted, &kind.name, stored.id, stored.version + 1, &changes));
        together.insert(taken);
        self.add_to_count(&mut together, kind, [stored.id], -1);
        together.run(self).await
    }

    /// Whether a resource has a password.
    pub async fn has_password(&self, kind: &ResourceType, id: Uuid) -> Result<bool, Error> {
        let found: Option<Uuid> = resource::Entity::find()
            .select_only()
            .column(resource::Column::Id)
            .filter(resource::Column::TenantId.eq(self.tenant.0))
            .filter(resource::Column::Kind.eq(&kind.name))
            .filter(resource::Column::Id.eq(id))
            .filter(resource::Column::PasswordHash.is_not_null())
            .into_tuple()
            .one(&*self.transaction)
            .await?;
        Ok(found.is_some())
    }

    /// The resources of a type that have that comparison key in a field.
    pub async fn holders(&self, kind: &ResourceType, field: &Field<'_>, key: &str) -> Result<Vec<Uuid>, Error> {
        let rows = resource_value::Entity::find()
            .select_only()
            .column(resource_value::Column::ResourceId)
            .filter(resource_value::Column::TenantId.eq(self.tenant.0))
            .filter(resource_value::Column::Field.eq(index::field_id(kind, field)))
            .filter(resource_value::Column::Value.eq(cut(key)))
            .filter(if cut(key).len() == key.len() {
                resource_value::Column::Rest.is_null()
            } else {
                resource_value::Column::Rest.eq(key)
            })
            .into_tuple()
            .all(&*self.transaction)
            .await?;
        Ok(rows)
    }

    /// Removes the values that a document no longer has. Says which are to be inserted.
    async fn replace_values(
        &self,
        kind: &ResourceType,
        id: Uuid,
        before: &Document,
        after: &Document,
    ) -> Result<Vec<Entry>, Error> {
        let mut gone: HashSet<Entry> = index::entries(kind, before).into_iter().collect();
        let mut new = index::entries(kind, after);
        new.retain(|entry| !gone.remove(entry));
        if let Transaction::AtOnce(at_once) = &*self.transaction {
            // Parts of one statement run in no order that is promised: none may make room for another.
            let place = |entry: &Entry| (entry.field, cut(&entry.key).to_owned());
            let left: HashSet<(i64, String)> = gone.iter().map(place).collect();
            if gone.len() > ROWS_PER_STATEMENT || new.iter().any(|entry| left.contains(&place(entry))) {
                return Err(Error::Conflict);
            }
            if !gone.is_empty() {
                let entries: Vec<&Entry> = gone.iter().collect();
                let rows = entries.len() as u64;
                let mut delete = self.value_deletion(id, &entries);
                delete.returning(Query::returning().expr(Expr::val(1)));
                at_once.add([Part { statement: self.backend().build(&delete), rows: Some(rows), name: None }]);
            }
            return Ok(new);
        }
        if !self.delete_values(id, &gone).await? {
            self.clear_values(id).await?;
            new = index::entries(kind, after);
        }
        Ok(new)
    }

    pub(crate) fn value(&self, id: Uuid, entry: Entry) -> resource_value::ActiveModel {
        let value = cut(&entry.key).to_owned();
        resource_value::ActiveModel {
            tenant_id: Set(self.tenant.0),
            field: Set(entry.field),
            rest: Set((value.len() < entry.key.len()).then_some(entry.key)),
            value: Set(value),
            resource_id: Set(id),
            element: Set(entry.element),
            is_unique: Set(entry.unique),
        }
    }

    /// Rows go by their whole key, so that no index by resource is needed. False if some were not there: another
    /// version made other keys of the same values.
    async fn delete_values(&self, id: Uuid, entries: &HashSet<Entry>) -> Result<bool, Error> {
        if entries.is_empty() {
            return Ok(true);
        }
        let entries: Vec<&Entry> = entries.iter().collect();
        let mut deleted = 0;
        for entries in entries.chunks(ROWS_PER_STATEMENT) {
            deleted += self.transaction.execute(&self.value_deletion(id, entries)).await?.rows_affected();
        }
        Ok(deleted == entries.len() as u64)
    }

    fn value_deletion(&self, id: Uuid, entries: &[&Entry]) -> DeleteStatement {
        let keys = entries.iter().map(|entry| (entry.field, cut(&entry.key).to_owned(), entry.element));
        Query::delete()
            .from_table(resource_value::Entity)
            .and_where(Expr::col(resource_value::Column::TenantId).eq(self.tenant.0))
            .and_where(Expr::col(resource_value::Column::ResourceId).eq(id))
            .and_where(
                Expr::tuple([
                    Expr::col(resource_value::Column::Field),
                    Expr::col(resource_value::Column::Value),
                    Expr::col(resource_value::Column::Element),
                ])
                .in_tuples(keys),
            )
            .take()
    }

    /// Removes whatever rows a resource has, by a look at all of the tenant's.
    async fn clear_values(&self, id: Uuid) -> Result<(), Error> {
        let delete = resource_value::Entity::delete_many()
            .filter(resource_value::Column::TenantId.eq(self.tenant.0))
            .filter(resource_value::Column::ResourceId.eq(id))
            .build(self.backend());
        self.transaction.rows_at_length(delete, |_| Ok(())).await?;
        Ok(())
    }

    pub(crate) fn add_to_count(
        &self,
        together: &mut Together,
        kind: &ResourceType,
        ids: impl IntoIterator<Item = Uuid>,
        change: i64,
    ) {
        // In the order of shards, so that no two writers wait for each other.
        let mut changes: BTreeMap<u8, i64> = BTreeMap::new();
        for id in ids {
            *changes.entry(id.as_bytes()[15] % SHARDS).or_default() += change;
        }
        for (shard, change) in changes {
            let row = resource_count::ActiveModel {
                tenant_id: Set(self.tenant.0),
                kind: Set(kind.name.clone()),
                shard: Set(i32::from(shard)),
                count: Set(change),
            };
            let key = [resource_count::Column::TenantId, resource_count::Column::Kind, resource_count::Column::Shard];
            let sum = Expr::col((resource_count::Entity, resource_count::Column::Count)).add(change);
            let add = OnConflict::columns(key).value(resource_count::Column::Count, sum).to_owned();
            together.add(resource_count::Entity::insert(row).on_conflict(add).build(self.backend()));
        }
    }
}

/// What stands on the row of a group that is an entitlement.
fn authority(word: Option<String>) -> Result<Option<Authority>, Error> {
    let known =
        |word: String| Authority::from_word(&word).ok_or_else(|| Error::Damaged("the authority over a group".into()));
    word.map(known).transpose()
}

pub(crate) fn display(document: &Document) -> Option<String> {
    document.get(Container::Root, "displayName").and_then(|name| name.as_str()).map(Into::into)
}
