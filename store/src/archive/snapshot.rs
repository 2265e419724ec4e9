//! Reading a tenant as it is at one instant, page by page, while others go on writing.

use entity::{
    access_grant, access_request, admin_role, alarm, application, application_group, campaign, client, definition,
    delegation, emergency_access, entitlement, event, issuer, member, notification, org_node, person_view, profile,
    removal, request_item, resource, review_item, rule, sod_violation, suspension, tenant, token,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    Error, RuleKind, Tenant, TenantId, TenantStore, admin_roles,
    archive::{
        AdminRoleRecord, AlarmRecord, ApplicationGroupRecord, ApplicationRecord, ClientRecord, Contents,
        DefinitionRecord, DelegationRecord, EmergencyRecord, EntitlementRecord, EventRecord, GrantRecord, IssuerRecord,
        MemberRecord, NotificationRecord, OrganisationUnitRecord, Part, Record, RemovalRecord, RequestItemRecord,
        RequestRecord, ResourceRecord, ReviewItemRecord, ReviewRecord, RuleRecord, SettingsRecord, SodViolationRecord,
        SuspensionRecord, TokenRecord, ViewRecord,
    },
    clients::words,
    delegations, emergencies, entitlements, grants, notifications,
    reader::Still,
    requests, reviews, suspensions, tenants, violations,
};

/// How many rows are read at once.
const ROWS: u64 = 500;
/// The same of resources, of which each may be long.
const RESOURCES: u64 = 100;

/// A tenant as it is at one instant. It keeps a connection and a transaction that reads until it is dropped.
pub struct Snapshot {
    transaction: Still,
    tenant: TenantId,
    contents: Contents,
    /// How many parts have been read.
    read: usize,
    /// How far the present part has been read.
    after: After,
    /// The resource types that are left, the next one last.
    types: Vec<String>,
}

/// The last row that was read of a part.
#[derive(Clone, Copy)]
enum After {
    Nothing,
    /// There are no further pages.
    All,
    Id(Uuid),
    Pair(Uuid, Uuid),
    Removal(Uuid, i64, i32),
    Rule(RuleKind, Uuid),
    Number(i64),
}

impl TenantStore {
    /// The tenant as it is now.
    pub async fn snapshot(&self, contents: Contents) -> Result<(Tenant, Snapshot), Error> {
        let transaction = self.store.read.snapshot().await?;
        let row = tenant::Entity::find_by_id(self.tenant.0).one(&transaction).await?;
        let tenant = row.map_or_else(|| Err(Error::Damaged("a tenant vanished".into())), tenants::read)?;
        let types = types(&transaction, self.tenant).await?;
        let snapshot = Snapshot { transaction, tenant: self.tenant, contents, read: 0, after: After::Nothing, types };
        Ok((tenant, snapshot))
    }
}

/// The names of the types of which there are resources, from the last to the first: also of types that the tenant does
/// not serve just now.
async fn types(transaction: &Still, tenant: TenantId) -> Result<Vec<String>, Error> {
    let mut types: Vec<String> = Vec::new();
    loop {
        let next: Option<String> = resource::Entity::find()
            .select_only()
            .column(resource::Column::Kind)
            .filter(resource::Column::TenantId.eq(tenant.0))
            .filter(Condition::all().add_option(types.last().map(|last| resource::Column::Kind.gt(last))))
            .order_by_asc(resource::Column::Kind)
            .limit(1)
            .into_tuple()
            .one(transaction)
            .await?;
        match next {
            Some(next) => types.push(next),
            None => break,
        }
    }
    // Databases sort names each in its own way.
    types.sort_unstable_by(|a, b| b.cmp(a));
    Ok(types)
}

impl Snapshot {
    /// The next records; none behind the last.
    pub async fn page(&mut self) -> Result<Vec<Record>, Error> {
        while let Some(part) = Part::ALL.get(self.read).copied() {
            let page = self.of(part).await?;
            if !page.is_empty() {
                return Ok(page);
            }
            self.read += 1;
            self.after = After::Nothing;
        }
        Ok(Vec::new())
    }

    async fn of(&mut self, part: Part) -> Result<Vec<Record>, Error> {
        match part {
            Part::Settings => self.settings().await,
            Part::Definition => self.definitions().await,
            Part::Resource => self.resources().await,
            Part::Member => self.members().await,
            Part::OrganisationUnit => self.organisation_units().await,
            Part::Application => self.applications().await,
            Part::ApplicationGroup => self.application_groups().await,
            Part::Entitlement => self.entitlements().await,
            Part::Rule => self.rules().await,
            Part::Grant => self.grants().await,
            Part::SodViolation => self.violations().await,
            Part::Emergency => self.emergencies().await,
            Part::Request => self.requests().await,
            Part::RequestItem => self.request_items().await,
            Part::Review => self.reviews().await,
            Part::ReviewItem => self.review_items().await,
            Part::Delegation => self.delegations().await,
            Part::Suspension => self.suspensions().await,
            Part::Notification => self.notifications().await,
            Part::AdminRole => self.admin_roles().await,
            Part::Client => self.clients().await,
            Part::Token if self.contents.credentials => self.tokens().await,
            Part::Issuer => self.issuers().await,
            Part::Alarm => self.alarms().await,
            Part::Removal => self.removals().await,
            Part::View if self.contents.events => self.views().await,
            Part::Event if self.contents.events => self.events().await,
            Part::Token | Part::View | Part::Event => Ok(Vec::new()),
        }
    }

    async fn settings(&mut self) -> Result<Vec<Record>, Error> {
        if matches!(std::mem::replace(&mut self.after, After::All), After::All) {
            return Ok(Vec::new());
        }
        let row = profile::Entity::find_by_id(self.tenant.0).one(&self.transaction).await?;
        row.map(|row| {
            let settings = json(&row.settings, || "settings".into())?;
            Ok(Record::Settings(SettingsRecord { version: row.version, settings }))
        })
        .into_iter()
        .collect()
    }

    async fn definitions(&mut self) -> Result<Vec<Record>, Error> {
        if matches!(std::mem::replace(&mut self.after, After::All), After::All) {
            return Ok(Vec::new());
        }
        let mut rows = definition::Entity::find()
            .filter(definition::Column::TenantId.eq(self.tenant.0))
            .all(&self.transaction)
            .await?;
        rows.sort_unstable_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
        rows.into_iter()
            .map(|row| {
                let body = json(&row.body, || format!("the definition {}", row.name))?;
                Ok(Record::Definition(DefinitionRecord { of: row.kind, name: row.name, modified: row.modified, body }))
            })
            .collect()
    }

    async fn resources(&mut self) -> Result<Vec<Record>, Error> {
        while let Some(of_type) = self.types.last() {
            let rows = resource::Entity::find()
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.eq(of_type))
                .filter(Condition::all().add_option(self.id().map(|id| resource::Column::Id.gt(id))))
                .order_by_asc(resource::Column::Id)
                .limit(RESOURCES)
                .all(&self.transaction)
                .await?;
            if let Some(last) = rows.last() {
                self.after = After::Id(last.id);
                return rows.into_iter().map(|row| resource_record(row, self.contents.passwords)).collect();
            }
            self.types.pop();
            self.after = After::Nothing;
        }
        Ok(Vec::new())
    }

    async fn members(&mut self) -> Result<Vec<Record>, Error> {
        let key = Expr::tuple([Expr::col(member::Column::GroupId), Expr::col(member::Column::MemberId)]);
        let behind = match self.after {
            After::Pair(group, member) => Some(key.gt(Expr::tuple([Expr::val(group), Expr::val(member)]))),
            _ => None,
        };
        let rows = member::Entity::find()
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(behind))
            .order_by_asc(member::Column::GroupId)
            .order_by_asc(member::Column::MemberId)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        if let Some(last) = rows.last() {
            self.after = After::Pair(last.group_id, last.member_id);
        }
        let record = |row: member::Model| {
            Record::Member(MemberRecord {
                group_type: row.group_kind,
                group: row.group_id,
                member_type: row.member_kind,
                member: row.member_id,
                added: row.added,
            })
        };
        Ok(rows.into_iter().map(record).collect())
    }

    async fn organisation_units(&mut self) -> Result<Vec<Record>, Error> {
        let rows = org_node::Entity::find()
            .filter(org_node::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| org_node::Column::Id.gt(id))))
            .order_by_asc(org_node::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row: org_node::Model| {
            Record::OrganisationUnit(OrganisationUnitRecord {
                id: row.id,
                parent: row.parent_id,
                unit_type: row.kind,
                code: row.code,
                name: row.name,
                registration_number: row.registration_no,
                head: row.head_id,
                deputy: row.deputy_id,
                created: row.created,
                modified: row.modified,
                version: row.version,
            })
        };
        Ok(rows.into_iter().map(record).collect())
    }

    async fn applications(&mut self) -> Result<Vec<Record>, Error> {
        let rows = application::Entity::find()
            .filter(application::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| application::Column::Id.gt(id))))
            .order_by_asc(application::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        rows.into_iter().map(application_record).collect()
    }

    async fn application_groups(&mut self) -> Result<Vec<Record>, Error> {
        let rows = application_group::Entity::find()
            .filter(application_group::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| application_group::Column::GroupId.gt(id))))
            .order_by_asc(application_group::Column::GroupId)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.group_id));
        let record = |row: application_group::Model| {
            Record::ApplicationGroup(ApplicationGroupRecord {
                application: row.application_id,
                group_type: row.group_kind,
                group: row.group_id,
            })
        };
        Ok(rows.into_iter().map(record).collect())
    }

    async fn entitlements(&mut self) -> Result<Vec<Record>, Error> {
        let rows = entitlement::Entity::find()
            .filter(entitlement::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| entitlement::Column::GroupId.gt(id))))
            .order_by_asc(entitlement::Column::GroupId)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.group_id));
        let record = |row| Ok(Record::Entitlement(EntitlementRecord::of(entitlements::read(row)?)));
        rows.into_iter().map(record).collect()
    }

    async fn rules(&mut self) -> Result<Vec<Record>, Error> {
        let key = Expr::tuple([Expr::col(rule::Column::Kind), Expr::col(rule::Column::Id)]);
        let behind = match self.after {
            After::Rule(kind, id) => Some(key.gt(Expr::tuple([Expr::val(kind.word()), Expr::val(id)]))),
            _ => None,
        };
        let rows = rule::Entity::find()
            .filter(rule::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(behind))
            .order_by_asc(rule::Column::Kind)
            .order_by_asc(rule::Column::Id)
            .limit(RESOURCES)
            .all(&self.transaction)
            .await?;
        if let Some(last) = rows.last() {
            let kind = RuleKind::from_word(&last.kind).ok_or_else(|| Error::Damaged("the kind of a rule".into()))?;
            self.after = After::Rule(kind, last.id);
        }
        rows.into_iter().map(rule_record).collect()
    }

    async fn grants(&mut self) -> Result<Vec<Record>, Error> {
        let rows = access_grant::Entity::find()
            .filter(access_grant::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| access_grant::Column::Id.gt(id))))
            .order_by_asc(access_grant::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::Grant(Box::new(GrantRecord::of(grants::read(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn violations(&mut self) -> Result<Vec<Record>, Error> {
        let rows = sod_violation::Entity::find()
            .filter(sod_violation::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| sod_violation::Column::Id.gt(id))))
            .order_by_asc(sod_violation::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::SodViolation(Box::new(SodViolationRecord::of(violations::read(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn emergencies(&mut self) -> Result<Vec<Record>, Error> {
        let rows = emergency_access::Entity::find()
            .filter(emergency_access::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| emergency_access::Column::Id.gt(id))))
            .order_by_asc(emergency_access::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::Emergency(Box::new(EmergencyRecord::of(emergencies::read(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn requests(&mut self) -> Result<Vec<Record>, Error> {
        let rows = access_request::Entity::find()
            .filter(access_request::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| access_request::Column::Id.gt(id))))
            .order_by_asc(access_request::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::Request(RequestRecord::of(requests::read_request(row)?)));
        rows.into_iter().map(record).collect()
    }

    async fn request_items(&mut self) -> Result<Vec<Record>, Error> {
        let rows = request_item::Entity::find()
            .filter(request_item::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| request_item::Column::Id.gt(id))))
            .order_by_asc(request_item::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::RequestItem(Box::new(RequestItemRecord::of(requests::read_item(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn reviews(&mut self) -> Result<Vec<Record>, Error> {
        let rows = campaign::Entity::find()
            .filter(campaign::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| campaign::Column::Id.gt(id))))
            .order_by_asc(campaign::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::Review(Box::new(ReviewRecord::of(reviews::read_campaign(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn review_items(&mut self) -> Result<Vec<Record>, Error> {
        let rows = review_item::Entity::find()
            .filter(review_item::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| review_item::Column::Id.gt(id))))
            .order_by_asc(review_item::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::ReviewItem(Box::new(ReviewItemRecord::of(reviews::read_item(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn suspensions(&mut self) -> Result<Vec<Record>, Error> {
        let rows = suspension::Entity::find()
            .filter(suspension::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| suspension::Column::UserId.gt(id))))
            .order_by_asc(suspension::Column::UserId)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.user_id));
        let record = |row| Ok(Record::Suspension(SuspensionRecord::of(suspensions::read(row)?)));
        rows.into_iter().map(record).collect()
    }

    async fn delegations(&mut self) -> Result<Vec<Record>, Error> {
        let rows = delegation::Entity::find()
            .filter(delegation::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| delegation::Column::Id.gt(id))))
            .order_by_asc(delegation::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::Delegation(DelegationRecord::of(delegations::read(row)?)));
        rows.into_iter().map(record).collect()
    }

    async fn admin_roles(&mut self) -> Result<Vec<Record>, Error> {
        let rows = admin_role::Entity::find()
            .filter(admin_role::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| admin_role::Column::Id.gt(id))))
            .order_by_asc(admin_role::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::AdminRole(AdminRoleRecord::of(admin_roles::read(row)?)));
        rows.into_iter().map(record).collect()
    }

    async fn notifications(&mut self) -> Result<Vec<Record>, Error> {
        let rows = notification::Entity::find()
            .filter(notification::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| notification::Column::Id.gt(id))))
            .order_by_asc(notification::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row| Ok(Record::Notification(Box::new(NotificationRecord::of(notifications::read(row)?))));
        rows.into_iter().map(record).collect()
    }

    async fn alarms(&mut self) -> Result<Vec<Record>, Error> {
        let rows = alarm::Entity::find()
            .filter(alarm::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| alarm::Column::Id.gt(id))))
            .order_by_asc(alarm::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        Ok(rows.into_iter().map(|row| Record::Alarm(AlarmRecord::of(row))).collect())
    }

    async fn removals(&mut self) -> Result<Vec<Record>, Error> {
        use removal::Column;
        let key = Expr::tuple([Column::ResourceId, Column::Version, Column::Part].map(Expr::col));
        let behind = match self.after {
            After::Removal(resource, version, part) => {
                Some(key.gt(Expr::tuple([Expr::val(resource), Expr::val(version), Expr::val(part)])))
            }
            _ => None,
        };
        let rows = removal::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(behind))
            .order_by_asc(Column::ResourceId)
            .order_by_asc(Column::Version)
            .order_by_asc(Column::Part)
            .limit(RESOURCES)
            .all(&self.transaction)
            .await?;
        if let Some(last) = rows.last() {
            self.after = After::Removal(last.resource_id, last.version, last.part);
        }
        rows.into_iter().map(|row| Ok(Record::Removal(Box::new(RemovalRecord::of(row)?)))).collect()
    }

    async fn views(&mut self) -> Result<Vec<Record>, Error> {
        let rows = person_view::Entity::find()
            .filter(person_view::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| person_view::Column::Id.gt(id))))
            .order_by_asc(person_view::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        Ok(rows.into_iter().map(|row| Record::View(ViewRecord::of(row))).collect())
    }

    async fn clients(&mut self) -> Result<Vec<Record>, Error> {
        let rows = client::Entity::find()
            .filter(client::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| client::Column::Id.gt(id))))
            .order_by_asc(client::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        let record = |row: client::Model| {
            Record::Client(ClientRecord {
                id: row.id,
                name: row.name,
                networks: words(&row.networks),
                application: row.application_id,
                created: row.created,
                deleted: row.deleted,
            })
        };
        Ok(rows.into_iter().map(record).collect())
    }

    async fn tokens(&mut self) -> Result<Vec<Record>, Error> {
        let rows = token::Entity::find()
            .filter(token::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| token::Column::Id.gt(id))))
            .order_by_asc(token::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        rows.into_iter().map(token_record).collect()
    }

    async fn issuers(&mut self) -> Result<Vec<Record>, Error> {
        let rows = issuer::Entity::find()
            .filter(issuer::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(self.id().map(|id| issuer::Column::Id.gt(id))))
            .order_by_asc(issuer::Column::Id)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        self.behind(rows.last().map(|last| last.id));
        rows.into_iter().map(issuer_record).collect()
    }

    async fn events(&mut self) -> Result<Vec<Record>, Error> {
        let behind = if let After::Number(seq) = self.after { Some(event::Column::Seq.gt(seq)) } else { None };
        let rows = event::Entity::find()
            .filter(event::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(behind))
            .order_by_asc(event::Column::Seq)
            .limit(ROWS)
            .all(&self.transaction)
            .await?;
        if let Some(last) = rows.last() {
            self.after = After::Number(last.seq);
        }
        rows.into_iter().map(event_record).collect()
    }

    /// The id of the last row that was read of the present part.
    fn id(&self) -> Option<Uuid> {
        if let After::Id(id) = self.after { Some(id) } else { None }
    }

    fn behind(&mut self, last: Option<Uuid>) {
        self.after = last.map_or(self.after, After::Id);
    }
}

fn resource_record(row: resource::Model, with_password: bool) -> Result<Record, Error> {
    let document = json(&row.document, || format!("the document of {}", row.id))?;
    Ok(Record::Resource(ResourceRecord {
        resource_type: row.kind,
        id: row.id,
        created: row.created,
        modified: row.modified,
        version: row.version,
        password_hash: row.password_hash.filter(|_| with_password),
        document,
    }))
}

fn rule_record(row: rule::Model) -> Result<Record, Error> {
    Ok(Record::Rule(RuleRecord {
        content: json(&row.content, || format!("the content of rule {}", row.id))?,
        of: row.kind,
        id: row.id,
        name: row.name,
        state: row.state,
        created: row.created,
        modified: row.modified,
        version: row.version,
    }))
}

fn application_record(row: application::Model) -> Result<Record, Error> {
    Ok(Record::Application(ApplicationRecord {
        released: json(&row.released, || format!("what is released to application {}", row.id))?,
        id: row.id,
        code: row.code,
        name: row.name,
        state: row.state,
        owner: row.owner_id,
        deputy: row.deputy_id,
        unit: row.node_id,
        created: row.created,
        modified: row.modified,
        version: row.version,
    }))
}

fn token_record(row: token::Model) -> Result<Record, Error> {
    let hash = row.hash.try_into().map_err(|_| Error::Damaged(format!("the hash of token {}", row.id)))?;
    Ok(Record::Token(TokenRecord {
        id: row.id,
        client: row.client_id,
        hash,
        scopes: words(&row.scopes),
        created: row.created,
        expires: row.expires,
        revoked: row.revoked,
        replaced_by: row.replaced_by,
        last_used: row.last_used,
    }))
}

fn issuer_record(row: issuer::Model) -> Result<Record, Error> {
    let damaged = |what: &str| format!("the {what} of issuer {}", row.id);
    Ok(Record::Issuer(IssuerRecord {
        audiences: json(&row.audiences, || damaged("audiences"))?,
        jwks: row.jwks.as_ref().map(|keys| json(keys, || damaged("keys"))).transpose()?,
        id: row.id,
        name: row.name,
        issuer: row.url,
        algorithms: words(&row.algorithms),
        jwks_uri: row.jwks_uri,
        subject_claim: row.subject_claim,
        link_by: row.link_by,
        scopes: words(&row.scopes),
        leeway: row.leeway,
        created: row.created,
    }))
}

fn event_record(row: event::Model) -> Result<Record, Error> {
    Ok(Record::Event(EventRecord {
        changes: json(&row.changes, || format!("event {}", row.seq))?,
        at: row.at,
        client: row.client_id,
        user: row.user_id,
        request_id: row.request_id,
        action: row.action,
        resource_type: row.kind,
        resource: row.resource_id,
        version: row.version,
    }))
}

fn json<T: DeserializeOwned>(text: &str, what: impl FnOnce() -> String) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Damaged(format!("{}: {error}", what())))
}
