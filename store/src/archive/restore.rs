//! Writing the records of an archive into a tenant that nobody can reach until all of them are there.

use std::collections::BTreeMap;

use entity::{
    access_grant, access_request, admin_role, alarm, application, application_group, approver, campaign, client,
    definition, delegation, emergency_access, employment, entitlement, event, issuer, member, notification, org_node,
    person_view, profile, removal, request_item, resource, resource_value, review_item, reviewer, rule, sod_violation,
    suspension, tenant, timer, token,
};
use rights::{Instant, calendar::Calendar};
use scim::{Document, index, schema::Catalog};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    AccessGrant, Action, Changes, Error, Review, Store, TenantId, TenantState, TenantStore, Work, admin_roles,
    archive::{
        ApplicationGroupRecord, ApplicationRecord, ClientRecord, DefinitionRecord, EntitlementRecord, EventRecord,
        IssuerRecord, MemberRecord, OrganisationUnitRecord, Record, RequestItemRecord, ResourceRecord, RuleRecord,
        SettingsRecord, TokenRecord,
    },
    delegations, emergencies, grants, notifications, requests,
    resources::display,
    reviews, suspensions,
    tenants::{IMPORTING, TENANT},
    timers, violations,
};

/// The rows of some records, in the order in which they are written: what a row refers to comes before it.
#[derive(Default)]
struct Rows {
    profiles: Vec<profile::ActiveModel>,
    definitions: Vec<definition::ActiveModel>,
    resources: Vec<resource::ActiveModel>,
    values: Vec<resource_value::ActiveModel>,
    employments: Vec<employment::ActiveModel>,
    /// Since when nobody has been looked at on their days, in milliseconds since 1970.
    exported: i64,
    /// The ids of the resources, by their type.
    counted: BTreeMap<String, Vec<Uuid>>,
    members: Vec<member::ActiveModel>,
    organisation_units: Vec<org_node::ActiveModel>,
    applications: Vec<application::ActiveModel>,
    application_groups: Vec<application_group::ActiveModel>,
    entitlements: Vec<entitlement::ActiveModel>,
    /// The groups that are entitlements, by their type and whose word makes members.
    governed: BTreeMap<(String, &'static str), Vec<Uuid>>,
    rules: Vec<rule::ActiveModel>,
    grants: Vec<access_grant::ActiveModel>,
    violations: Vec<sod_violation::ActiveModel>,
    emergencies: Vec<emergency_access::ActiveModel>,
    timers: Vec<timer::ActiveModel>,
    requests: Vec<access_request::ActiveModel>,
    items: Vec<request_item::ActiveModel>,
    approvers: Vec<approver::ActiveModel>,
    campaigns: Vec<campaign::ActiveModel>,
    review_items: Vec<review_item::ActiveModel>,
    reviewers: Vec<reviewer::ActiveModel>,
    delegations: Vec<delegation::ActiveModel>,
    suspensions: Vec<suspension::ActiveModel>,
    notifications: Vec<notification::ActiveModel>,
    admin_roles: Vec<admin_role::ActiveModel>,
    clients: Vec<client::ActiveModel>,
    tokens: Vec<token::ActiveModel>,
    issuers: Vec<issuer::ActiveModel>,
    alarms: Vec<alarm::ActiveModel>,
    removals: Vec<removal::ActiveModel>,
    views: Vec<person_view::ActiveModel>,
    events: Vec<event::ActiveModel>,
}

impl Store {
    /// Takes a slug for a tenant that is imported: until [`Work::finish_import`] nothing lists or finds it. [`Error::Taken`]
    /// if there is a tenant of that slug, or another import of it.
    pub async fn begin_import(&self, slug: &str, name: &str, created: i64) -> Result<TenantStore, Error> {
        let row = tenant::ActiveModel {
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            state: Set(IMPORTING.to_owned()),
            reason: Set(None),
            created: Set(created),
            ..Default::default()
        };
        let row = tenant::Entity::insert(row).exec_with_returning(&self.write).await?;
        Ok(self.tenant(TenantId(row.id)))
    }
}

impl Work {
    /// Writes records, 1000 at the most, as they stand in an archive; searchable values and counts are made anew. The
    /// catalogue must have the types of the resources among them. [`Error::Taken`] if an id or a unique value is in use,
    /// [`Error::Conflict`] if what a record refers to is not there; then none of them is to be kept.
    pub async fn restore(&self, catalog: &Catalog, records: &[Record], exported: i64) -> Result<(), Error> {
        self.hold_import().await?;
        let mut rows = Rows { exported, ..Rows::default() };
        for record in records {
            rows.add(self, catalog, record)?;
        }
        let mut together = self.together();
        together.insert(rows.profiles);
        together.insert(rows.definitions);
        together.insert(rows.resources);
        together.insert(rows.values);
        together.insert(rows.employments);
        for (name, ids) in rows.counted {
            if let Some(kind) = catalog.by_name(&name) {
                self.add_to_count(&mut together, kind, ids, 1);
            }
        }
        together.insert(rows.members);
        together.insert(rows.organisation_units);
        together.insert(rows.applications);
        together.insert(rows.application_groups);
        together.insert(rows.entitlements);
        together.insert(rows.rules);
        together.insert(rows.grants);
        together.insert(rows.violations);
        together.insert(rows.emergencies);
        together.insert(rows.timers);
        together.insert(rows.requests);
        together.insert(rows.items);
        together.insert(rows.approvers);
        together.insert(rows.campaigns);
        together.insert(rows.review_items);
        together.insert(rows.reviewers);
        together.insert(rows.delegations);
        together.insert(rows.suspensions);
        together.insert(rows.notifications);
        together.insert(rows.admin_roles);
        together.insert(rows.clients);
        together.insert(rows.tokens);
        together.insert(rows.issuers);
        together.insert(rows.alarms);
        together.insert(rows.removals);
        together.insert(rows.views);
        together.insert(rows.events);
        together.run(self).await?;
        // Afterwards, because parts of one statement do not see each other's rows.
        for ((kind, authority), groups) in rows.governed {
            self.govern_all(&kind, authority, &groups).await?;
        }
        Ok(())
    }

    /// Fails unless the import goes on; until this work ends nobody takes away what is there of it.
    async fn hold_import(&self) -> Result<(), Error> {
        let row = tenant::Entity::find_by_id(self.tenant.0).lock_shared().one(&*self.transaction).await?;
        match row {
            Some(row) if row.state == IMPORTING => Ok(()),
            _ => Err(discarded()),
        }
    }

    /// Makes a tenant of what was imported. The log says that what stands in it before came with an archive.
    pub async fn finish_import(&self, state: TenantState, reason: Option<&str>) -> Result<(), Error> {
        let row = tenant::ActiveModel {
            state: Set(state.word().to_owned()),
            reason: Set(reason.map(Into::into)),
            ..Default::default()
        };
        let done = tenant::Entity::update_many()
            .set(row)
            .filter(tenant::Column::Id.eq(self.tenant.0))
            .filter(tenant::Column::State.eq(IMPORTING))
            .exec(&*self.transaction)
            .await?;
        if done.rows_affected != 1 {
            return Err(discarded());
        }
        if state == TenantState::Archived {
            self.drop_timers().await?;
        }
        let changes = Changes { attributes: vec!["archive".into()], ..Changes::default() };
        self.record(Action::Created, TENANT, Uuid::nil(), 1, &changes).await
    }
}

fn discarded() -> Error {
    Error::Unusable("the import was discarded by somebody else".into())
}

impl Rows {
    fn add(&mut self, work: &Work, catalog: &Catalog, record: &Record) -> Result<(), Error> {
        match record {
            Record::Settings(record) => self.profiles.push(profile_row(work, record)),
            Record::Definition(record) => self.definitions.push(definition_row(work, record)),
            Record::Resource(record) => return self.add_resource(work, catalog, record),
            Record::Member(record) => self.members.push(member_row(work, record)),
            Record::OrganisationUnit(record) => self.organisation_units.push(organisation_unit_row(work, record)),
            Record::Application(record) => self.applications.push(application_row(work, record)?),
            Record::ApplicationGroup(record) => self.application_groups.push(application_group_row(work, record)),
            Record::Entitlement(record) => return self.add_entitlement(work, record),
            Record::Request(record) => {
                let unknown = || Error::Damaged("a request has a state that there is not".into());
                self.requests.push(requests::request(work.tenant.0, &record.request().ok_or_else(unknown)?)?);
            }
            Record::RequestItem(record) => self.add_item(work, record)?,
            Record::Review(record) => self.add_review(work, &record.stored())?,
            Record::ReviewItem(record) => {
                let item = record.stored();
                self.review_items.push(reviews::item_row(work.tenant.0, &item)?);
                self.reviewers.extend(reviews::reviewer_rows(work.tenant.0, &item));
            }
            Record::Delegation(record) => self.delegations.push(delegations::row(work.tenant.0, &record.stored())?),
            Record::Suspension(record) => {
                let suspension = record.stored();
                self.timers.extend(timers::rows(work.tenant, &[(suspension.user, suspension.timers())]));
                self.suspensions.push(suspensions::row(work.tenant.0, &suspension)?);
            }
            Record::Notification(record) => {
                let unknown = || Error::Damaged("a notification has a word that there is not".into());
                let told = record.stored().ok_or_else(unknown)?;
                self.notifications.push(notifications::row(work.tenant.0, &told, work.now)?);
            }
            Record::AdminRole(record) => self.admin_roles.push(admin_roles::row(work.tenant.0, &record.stored())?),
            Record::Rule(record) => self.rules.push(rule_row(work, record)),
            Record::SodViolation(record) => {
                let violation = record.stored();
                self.timers.extend(timers::rows(work.tenant, &[(violation.id, violation.timers())]));
                self.violations.push(violations::row(work.tenant.0, &violation)?);
            }
            Record::Emergency(record) => {
                let emergency = record.stored();
                self.timers.extend(timers::rows(work.tenant, &[(emergency.id, emergency.timers())]));
                self.emergencies.push(emergencies::row(work.tenant.0, &emergency)?);
            }
            Record::Grant(record) => return self.add_grant(work, &record.stored()),
            Record::Client(record) => self.clients.push(client_row(work, record)),
            Record::Token(record) => self.tokens.push(token_row(work, record)),
            Record::Issuer(record) => self.issuers.push(issuer_row(work, record)?),
            Record::Alarm(record) => self.alarms.push(record.row(work)),
            Record::Removal(record) => self.removals.push(record.row(work)),
            Record::View(record) => self.views.push(record.row(work)),
            Record::Event(record) => self.events.push(event_row(work, record)),
        }
        Ok(())
    }

    /// A grant, and what it has to be reminded of.
    fn add_grant(&mut self, work: &Work, grant: &AccessGrant) -> Result<(), Error> {
        self.grants.push(grants::row(work.tenant.0, grant)?);
        self.timers.extend(timers::rows(work.tenant, &[(grant.id, grant.timers())]));
        Ok(())
    }

    /// Who decides and of what there is to be reminded follows from the item.
    fn add_item(&mut self, work: &Work, record: &RequestItemRecord) -> Result<(), Error> {
        let item = record.stored();
        self.items.push(requests::item(work.tenant.0, &item)?);
        let approvers = requests::approvers(&item.item).into_iter();
        self.approvers
            .extend(approvers.map(|(user, waits)| requests::approver_row(work.tenant.0, item.id, user, waits)));
        self.timers.extend(timers::rows(work.tenant, &[(item.id, item.timers())]));
        Ok(())
    }

    /// A campaign, and what it has to be reminded of: by the calendar that the law makes, until it is reminded the first time.
    fn add_review(&mut self, work: &Work, review: &Review) -> Result<(), Error> {
        self.campaigns.push(reviews::campaign_row(work.tenant.0, review)?);
        let timers = review.timers(&Calendar::latvian(), work.instant());
        self.timers.extend(timers::rows(work.tenant, &[(review.id, timers)]));
        Ok(())
    }

    fn add_entitlement(&mut self, work: &Work, record: &EntitlementRecord) -> Result<(), Error> {
        let unknown = || Error::Damaged("an entitlement has a state that there is not".into());
        let entitlement = record.entitlement().ok_or_else(unknown)?;
        let key = (entitlement.group_kind.clone(), entitlement.authority.word());
        self.governed.entry(key).or_default().push(entitlement.group);
        self.entitlements.push(work.row_of_entitlement(&entitlement)?);
        Ok(())
    }

    fn add_resource(&mut self, work: &Work, catalog: &Catalog, record: &ResourceRecord) -> Result<(), Error> {
        let kind = catalog.by_name(&record.resource_type);
        let kind = kind.ok_or_else(|| Error::Damaged(format!("there is no type {}", record.resource_type)))?;
        let document = Document::from_stored(record.document.clone());
        self.values.extend(index::entries(kind, &document).into_iter().map(|entry| work.value(record.id, entry)));
        self.employments.extend(work.employments(kind, record.id, &document));
        let since = Instant::from_millis(self.exported);
        self.timers.extend(work.tenures_since(kind, record.id, &document, since));
        self.counted.entry(kind.name.clone()).or_default().push(record.id);
        self.resources.push(resource::ActiveModel {
            tenant_id: Set(work.tenant.0),
            kind: Set(kind.name.clone()),
            id: Set(record.id),
            created: Set(record.created),
            modified: Set(record.modified),
            version: Set(record.version),
            display: Set(display(&document)),
            password_hash: Set(record.password_hash.clone()),
            document: Set(text(&record.document)?),
            governed_by: Set(None),
        });
        Ok(())
    }
}

fn profile_row(work: &Work, record: &SettingsRecord) -> profile::ActiveModel {
    profile::ActiveModel {
        tenant_id: Set(work.tenant.0),
        version: Set(record.version),
        settings: Set(record.settings.to_string()),
    }
}

fn definition_row(work: &Work, record: &DefinitionRecord) -> definition::ActiveModel {
    definition::ActiveModel {
        tenant_id: Set(work.tenant.0),
        kind: Set(record.of.clone()),
        name: Set(record.name.clone()),
        body: Set(record.body.to_string()),
        modified: Set(record.modified),
    }
}

fn member_row(work: &Work, record: &MemberRecord) -> member::ActiveModel {
    member::ActiveModel {
        tenant_id: Set(work.tenant.0),
        group_kind: Set(record.group_type.clone()),
        group_id: Set(record.group),
        member_kind: Set(record.member_type.clone()),
        member_id: Set(record.member),
        added: Set(record.added),
    }
}

fn organisation_unit_row(work: &Work, record: &OrganisationUnitRecord) -> org_node::ActiveModel {
    org_node::ActiveModel {
        tenant_id: Set(work.tenant.0),
        id: Set(record.id),
        parent_id: Set(record.parent),
        kind: Set(record.unit_type.clone()),
        code: Set(record.code.clone()),
        name: Set(record.name.clone()),
        registration_no: Set(record.registration_number.clone()),
        head_id: Set(record.head),
        deputy_id: Set(record.deputy),
        created: Set(record.created),
        modified: Set(record.modified),
        version: Set(record.version),
    }
}

fn application_row(work: &Work, record: &ApplicationRecord) -> Result<application::ActiveModel, Error> {
    Ok(application::ActiveModel {
        tenant_id: Set(work.tenant.0),
        id: Set(record.id),
        code: Set(record.code.clone()),
        name: Set(record.name.clone()),
        state: Set(record.state.clone()),
        released: Set(text(&record.released)?),
        owner_id: Set(record.owner),
        deputy_id: Set(record.deputy),
        node_id: Set(record.unit),
        created: Set(record.created),
        modified: Set(record.modified),
        version: Set(record.version),
    })
}

fn application_group_row(work: &Work, record: &ApplicationGroupRecord) -> application_group::ActiveModel {
    application_group::ActiveModel {
        tenant_id: Set(work.tenant.0),
        group_kind: Set(record.group_type.clone()),
        group_id: Set(record.group),
        application_id: Set(record.application),
    }
}

fn rule_row(work: &Work, record: &RuleRecord) -> rule::ActiveModel {
    rule::ActiveModel {
        tenant_id: Set(work.tenant.0),
        kind: Set(record.of.clone()),
        id: Set(record.id),
        name: Set(record.name.clone()),
        state: Set(record.state.clone()),
        content: Set(record.content.to_string()),
        created: Set(record.created),
        modified: Set(record.modified),
        version: Set(record.version),
    }
}

fn client_row(work: &Work, record: &ClientRecord) -> client::ActiveModel {
    client::ActiveModel {
        tenant_id: Set(work.tenant.0),
        id: Set(record.id),
        name: Set(record.name.clone()),
        networks: Set(record.networks.join(" ")),
        application_id: Set(record.application),
        created: Set(record.created),
        deleted: Set(record.deleted),
    }
}

fn token_row(work: &Work, record: &TokenRecord) -> token::ActiveModel {
    token::ActiveModel {
        tenant_id: Set(work.tenant.0),
        id: Set(record.id),
        client_id: Set(record.client),
        hash: Set(record.hash.to_vec()),
        scopes: Set(record.scopes.join(" ")),
        created: Set(record.created),
        expires: Set(record.expires),
        revoked: Set(record.revoked),
        replaced_by: Set(record.replaced_by),
        last_used: Set(record.last_used),
    }
}

fn issuer_row(work: &Work, record: &IssuerRecord) -> Result<issuer::ActiveModel, Error> {
    Ok(issuer::ActiveModel {
        tenant_id: Set(work.tenant.0),
        id: Set(record.id),
        name: Set(record.name.clone()),
        url: Set(record.issuer.clone()),
        audiences: Set(text(&record.audiences)?),
        algorithms: Set(record.algorithms.join(" ")),
        jwks: Set(record.jwks.as_ref().map(ToString::to_string)),
        jwks_uri: Set(record.jwks_uri.clone()),
        subject_claim: Set(record.subject_claim.clone()),
        link_by: Set(record.link_by.clone()),
        scopes: Set(record.scopes.join(" ")),
        leeway: Set(record.leeway),
        created: Set(record.created),
    })
}

fn event_row(work: &Work, record: &EventRecord) -> event::ActiveModel {
    event::ActiveModel {
        tenant_id: Set(work.tenant.0),
        at: Set(record.at),
        client_id: Set(record.client),
        user_id: Set(record.user),
        request_id: Set(record.request_id.clone()),
        action: Set(record.action.clone()),
        kind: Set(record.resource_type.clone()),
        resource_id: Set(record.resource),
        version: Set(record.version),
        changes: Set(serde_json::Value::Object(record.changes.clone()).to_string()),
        ..Default::default()
    }
}

fn text(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Damaged(error.to_string()))
}
