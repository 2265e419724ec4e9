//! A whole tenant as records: what an archive has between its first and its last line.
//!
//! Whoever adds a table of tenants adds a [`Part`] here, and the compiler leads through the rest: how its rows are read
//! ([`Snapshot`]), how they are written ([`Work::restore`](crate::Work::restore)), and how what an import has left of them goes.

mod kept;
mod remains;
mod restore;
mod snapshot;

use rights::{
    Instant, Notice, Risk,
    administration::Assignment,
    delegation::Delegation,
    emergency::Emergency,
    grant::{Authority, Grant},
    request::{Item, Overall},
    review,
    sod::Violation,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    AccessDelegation, AccessEmergency, AccessGrant, AccessRequest, AdminRole, Deed, Entitlement, EntitlementState,
    EntitlementTexts, Known, MailState, Notification, NotificationContent, Prolonged, RequestItem, RequestNumber,
    RequestTexts, Review, ReviewItem, ReviewPlan, ReviewProgress, Rule, SodViolation, Terms, UserSuspension, rules,
};

pub use kept::{AlarmRecord, RemovalRecord, ViewRecord};
pub use remains::Remains;
pub use snapshot::Snapshot;

/// The kinds of records, in the order in which they follow one another: what a record refers to comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What the tenant has set.
    Settings,
    /// Its own schemas and resource types.
    Definition,
    /// Its resources.
    Resource,
    /// Who is in which group.
    Member,
    /// Its organisation.
    OrganisationUnit,
    /// Its applications.
    Application,
    /// Which groups are theirs.
    ApplicationGroup,
    /// Which groups are entitlements.
    Entitlement,
    /// Its rules about access rights.
    Rule,
    /// Why people are or were in these.
    Grant,
    /// Who holds together what nobody should, or did.
    SodViolation,
    /// What people took in emergencies.
    Emergency,
    /// What people ask for.
    Request,
    /// Item by item.
    RequestItem,
    /// What is reviewed.
    Review,
    /// Grant by grant.
    ReviewItem,
    /// Who stands in for whom.
    Delegation,
    /// Whom an administrator has suspended.
    Suspension,
    /// What people were told.
    Notification,
    /// Who looks after what.
    AdminRole,
    /// Its clients.
    Client,
    /// Their tokens.
    Token,
    /// Whose tokens it believes.
    Issuer,
    /// Which clients took away too much.
    Alarm,
    /// What was taken away and can be given back.
    Removal,
    /// Who looked at whose data.
    View,
    /// What was changed, when and by whom.
    Event,
}

impl Part {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::Settings,
        Self::Definition,
        Self::Resource,
        Self::Member,
        Self::OrganisationUnit,
        Self::Application,
        Self::ApplicationGroup,
        Self::Entitlement,
        Self::Rule,
        Self::Grant,
        Self::SodViolation,
        Self::Emergency,
        Self::Request,
        Self::RequestItem,
        Self::Review,
        Self::ReviewItem,
        Self::Delegation,
        Self::Suspension,
        Self::Notification,
        Self::AdminRole,
        Self::Client,
        Self::Token,
        Self::Issuer,
        Self::Alarm,
        Self::Removal,
        Self::View,
        Self::Event,
    ];

    /// What a record of that kind says it is.
    pub fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Definition => "definition",
            Self::Resource => "resource",
            Self::Member => "member",
            Self::OrganisationUnit => "organisationUnit",
            Self::Application => "application",
            Self::ApplicationGroup => "applicationGroup",
            Self::Entitlement => "entitlement",
            Self::Rule => "rule",
            Self::Grant => "grant",
            Self::SodViolation => "sodViolation",
            Self::Emergency => "emergency",
            Self::Request => "request",
            Self::RequestItem => "requestItem",
            Self::Review => "review",
            Self::ReviewItem => "reviewItem",
            Self::Delegation => "delegation",
            Self::Suspension => "suspension",
            Self::Notification => "notification",
            Self::AdminRole => "adminRole",
            Self::Client => "client",
            Self::Token => "token",
            Self::Issuer => "issuer",
            Self::Alarm => "alarm",
            Self::Removal => "removal",
            Self::View => "view",
            Self::Event => "event",
        }
    }
}

/// What an archive holds beside what it always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The hashes of passwords.
    pub passwords: bool,
    /// The tokens of clients, as hashes.
    pub credentials: bool,
    /// The log of changes, and of who looked at whose data.
    pub events: bool,
}

/// A record. Instants are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Record {
    /// What the tenant has set.
    Settings(SettingsRecord),
    /// A schema or a resource type of its own.
    Definition(DefinitionRecord),
    /// A resource.
    Resource(ResourceRecord),
    /// A direct membership.
    Member(MemberRecord),
    /// A node of the organisation.
    OrganisationUnit(OrganisationUnitRecord),
    /// An application.
    Application(ApplicationRecord),
    /// A group of an application.
    ApplicationGroup(ApplicationGroupRecord),
    /// A group that is an entitlement.
    Entitlement(EntitlementRecord),
    /// A rule about access rights.
    Rule(RuleRecord),
    /// Why somebody is or was in one.
    Grant(Box<GrantRecord>),
    /// Somebody who holds together what nobody should, or did.
    SodViolation(Box<SodViolationRecord>),
    /// Access that somebody took in an emergency.
    Emergency(Box<EmergencyRecord>),
    /// What somebody asks for.
    Request(RequestRecord),
    /// One entitlement of it.
    RequestItem(Box<RequestItemRecord>),
    /// What is reviewed.
    Review(Box<ReviewRecord>),
    /// One grant of it.
    ReviewItem(Box<ReviewItemRecord>),
    /// Somebody stands in for somebody.
    Delegation(DelegationRecord),
    /// Somebody whom an administrator has suspended.
    Suspension(SuspensionRecord),
    /// Somebody was told something.
    Notification(Box<NotificationRecord>),
    /// Somebody looks after something.
    AdminRole(AdminRoleRecord),
    /// A client, also one that was deleted, because the log names it.
    Client(ClientRecord),
    /// A token of a client.
    Token(TokenRecord),
    /// An issuer.
    Issuer(IssuerRecord),
    /// A client took away too much.
    Alarm(AlarmRecord),
    /// Something was taken away.
    Removal(Box<RemovalRecord>),
    /// Somebody looked at somebody's data.
    View(ViewRecord),
    /// A change.
    Event(EventRecord),
}

impl Record {
    /// Which kind it is.
    pub fn part(&self) -> Part {
        match self {
            Self::Settings(_) => Part::Settings,
            Self::Definition(_) => Part::Definition,
            Self::Resource(_) => Part::Resource,
            Self::Member(_) => Part::Member,
            Self::OrganisationUnit(_) => Part::OrganisationUnit,
            Self::Application(_) => Part::Application,
            Self::ApplicationGroup(_) => Part::ApplicationGroup,
            Self::Entitlement(_) => Part::Entitlement,
            Self::Rule(_) => Part::Rule,
            Self::Grant(_) => Part::Grant,
            Self::SodViolation(_) => Part::SodViolation,
            Self::Emergency(_) => Part::Emergency,
            Self::Request(_) => Part::Request,
            Self::RequestItem(_) => Part::RequestItem,
            Self::Review(_) => Part::Review,
            Self::ReviewItem(_) => Part::ReviewItem,
            Self::Delegation(_) => Part::Delegation,
            Self::Suspension(_) => Part::Suspension,
            Self::Notification(_) => Part::Notification,
            Self::AdminRole(_) => Part::AdminRole,
            Self::Client(_) => Part::Client,
            Self::Token(_) => Part::Token,
            Self::Issuer(_) => Part::Issuer,
            Self::Alarm(_) => Part::Alarm,
            Self::Removal(_) => Part::Removal,
            Self::View(_) => Part::View,
            Self::Event(_) => Part::Event,
        }
    }
}

/// What the tenant has set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsRecord {
    /// Counts the changes of settings and definitions.
    pub version: i64,
    /// The settings.
    pub settings: Value,
}

/// A schema or a resource type of the tenant's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionRecord {
    /// `schema` or `type`.
    pub of: String,
    /// The URN of a schema, the name of a type.
    pub name: String,
    /// When it was last written.
    pub modified: i64,
    /// The definition (RFC 7643 §7 and §6).
    pub body: Value,
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceRecord {
    /// Its resource type.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Its id.
    pub id: Uuid,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
    /// The hash of its password, in PHC string format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The resource without `meta`, members and derived values.
    pub document: Map<String, Value>,
}

/// A direct membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberRecord {
    /// The resource type of the group.
    pub group_type: String,
    /// The group.
    pub group: Uuid,
    /// The resource type of the member.
    pub member_type: String,
    /// The member.
    pub member: Uuid,
    /// Since when.
    pub added: i64,
}

/// A node of the organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationUnitRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is part of, which may stand behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Uuid>,
    /// What it is.
    #[serde(rename = "type")]
    pub unit_type: String,
    /// Its code in the municipality's own register.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Its number in the register of enterprises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The user who leads it, or led it until they were deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Uuid>,
    /// The user who stands in for the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is in use.
    pub state: String,
    /// The attributes of users that it may see, as paths.
    pub released: Vec<String>,
    /// The user who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Uuid>,
    /// The user who stands in for the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<Uuid>,
    /// The organisation unit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// A group of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationGroupRecord {
    /// The application.
    pub application: Uuid,
    /// The resource type of the group.
    pub group_type: String,
    /// The group.
    pub group: Uuid,
}

/// A group that is an entitlement, also when the group is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntitlementRecord {
    /// The group.
    pub group: Uuid,
    /// The resource type of the group.
    pub group_type: String,
    /// The application.
    pub application: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Whether it is in use.
    pub state: String,
    /// Whose word makes somebody a member.
    pub authority: Authority,
    /// How much harm it can do.
    pub risk: Risk,
    /// What people read of it.
    pub texts: EntitlementTexts,
    /// How people come to it.
    #[serde(default)]
    pub terms: Terms,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// A rule about access rights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRecord {
    /// `scheme`, `sod` or `birthright`.
    pub of: String,
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// Whether it counts.
    pub state: String,
    /// What it says.
    pub content: Value,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// Why somebody is or was in the group of an entitlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantRecord {
    /// Its id.
    pub id: Uuid,
    /// The grant as the rules know it.
    pub grant: Grant,
    /// From which client, rule or request it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Uuid>,
    /// Who gave it.
    pub given: Deed,
    /// Who took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Deed>,
    /// The grant that it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Uuid>,
    /// How its end moved away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prolonged: Vec<Prolonged>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// What is reviewed. Who reviews it may be gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReviewRecord {
    /// Its id.
    pub id: Uuid,
    /// The campaign as the rules know it.
    pub campaign: review::Campaign,
    /// What it is about.
    pub plan: ReviewPlan,
    /// How far it has come.
    pub progress: ReviewProgress,
    /// When it was made.
    pub created: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// One grant of what is reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReviewItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Of which campaign.
    pub review: Uuid,
    /// Of which group.
    pub group: Uuid,
    /// The item as the rules know it.
    pub item: review::Item,
    /// What was known when it was made.
    pub known: Known,
    /// Counts its changes from 1.
    pub version: i64,
}

/// Somebody who holds together what nobody should, or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SodViolationRecord {
    /// Its id.
    pub id: Uuid,
    /// The conflict as the rules know it.
    pub violation: Violation,
    /// Who allowed it for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excepted: Option<Deed>,
    /// When it was found.
    pub found: i64,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Which networks it may call from; none for all.
    pub networks: Vec<String>,
    /// The application that it reads for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<i64>,
}

/// A token of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRecord {
    /// Its id, which is no secret.
    pub id: Uuid,
    /// Its client.
    pub client: Uuid,
    /// SHA-256 of the token.
    #[serde(with = "hex")]
    pub hash: [u8; 32],
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was issued.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<i64>,
    /// Which token it was rotated to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Uuid>,
    /// When it was last seen, to about a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<i64>,
}

/// An issuer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// For whom its tokens must be meant.
    pub audiences: Vec<String>,
    /// How its tokens may be signed.
    pub algorithms: Vec<String>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its keys are, if they are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Which claim names the person.
    pub subject_claim: String,
    /// Which attribute of a user that is.
    pub link_by: String,
    /// What its tokens may do at the most.
    pub scopes: Vec<String>,
    /// How far its clock may be off, in seconds.
    pub leeway: i64,
    /// When it was registered.
    pub created: i64,
}

/// A change. Its place in the log is its place in the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventRecord {
    /// When.
    pub at: i64,
    /// Which client, or which issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// On behalf of which user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Under which request.
    pub request_id: String,
    /// What was done.
    pub action: String,
    /// To what type of thing.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// To which one.
    pub resource: Uuid,
    /// The version that came of it.
    pub version: i64,
    /// What changed: names of attributes and ids of members, no values.
    pub changes: Map<String, Value>,
}

impl EntitlementRecord {
    /// The entitlement, if it has a state that there is.
    pub fn entitlement(&self) -> Option<Entitlement> {
        Some(Entitlement {
            group: self.group,
            group_kind: self.group_type.clone(),
            application: self.application,
            code: self.code.clone(),
            state: EntitlementState::from_word(&self.state)?,
            authority: self.authority,
            risk: self.risk,
            texts: self.texts.clone(),
            terms: self.terms.clone(),
            created: self.created,
            modified: self.modified,
            version: self.version,
        })
    }

    pub(crate) fn of(entitlement: Entitlement) -> Self {
        Self {
            group: entitlement.group,
            group_type: entitlement.group_kind,
            application: entitlement.application,
            code: entitlement.code,
            state: entitlement.state.word().to_owned(),
            authority: entitlement.authority,
            risk: entitlement.risk,
            texts: entitlement.texts,
            terms: entitlement.terms,
            created: entitlement.created,
            modified: entitlement.modified,
            version: entitlement.version,
        }
    }
}

impl RuleRecord {
    /// The rule, if it is one.
    pub fn rule(&self) -> Option<Rule> {
        rules::read(self.row()).ok()
    }

    fn row(&self) -> entity::rule::Model {
        entity::rule::Model {
            tenant_id: 0,
            kind: self.of.clone(),
            id: self.id,
            name: self.name.clone(),
            state: self.state.clone(),
            content: self.content.to_string(),
            created: self.created,
            modified: self.modified,
            version: self.version,
        }
    }
}

impl ReviewRecord {
    pub(crate) fn of(stored: Review) -> Self {
        let Review { id, campaign, plan, progress, created, version } = stored;
        Self { id, campaign, plan, progress, created, version }
    }

    pub(crate) fn stored(&self) -> Review {
        let Self { id, campaign, plan, progress, created, version } = self.clone();
        Review { id, campaign, plan, progress, created, version }
    }
}

impl ReviewItemRecord {
    pub(crate) fn of(stored: ReviewItem) -> Self {
        let ReviewItem { id, review, group, item, known, version } = stored;
        Self { id, review, group, item, known, version }
    }

    pub(crate) fn stored(&self) -> ReviewItem {
        let Self { id, review, group, item, known, version } = self.clone();
        ReviewItem { id, review, group, item, known, version }
    }
}

impl SodViolationRecord {
    pub(crate) fn of(stored: SodViolation) -> Self {
        let SodViolation { id, violation, excepted, found, ended, version } = stored;
        Self { id, violation, excepted, found, ended, version }
    }

    pub(crate) fn stored(&self) -> SodViolation {
        let Self { id, violation, excepted, found, ended, version } = self.clone();
        SodViolation { id, violation, excepted, found, ended, version }
    }
}

impl GrantRecord {
    pub(crate) fn of(stored: AccessGrant) -> Self {
        let AccessGrant { id, grant, source_id, given, taken, predecessor, prolonged, version } = stored;
        Self { id, grant, source_id, given, taken, predecessor, prolonged, version }
    }

    pub(crate) fn stored(&self) -> AccessGrant {
        let Self { id, grant, source_id, given, taken, predecessor, prolonged, version } = self.clone();
        AccessGrant { id, grant, source_id, given, taken, predecessor, prolonged, version }
    }
}

/// What somebody asks for. People and groups may be gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRecord {
    /// Its id.
    pub id: Uuid,
    /// The year and its place in it.
    pub number: i64,
    /// Who asks.
    pub requester: Uuid,
    /// For whom.
    pub subject: Uuid,
    /// How it stands.
    pub state: String,
    /// When it was asked for.
    pub created: i64,
    /// Why.
    pub texts: RequestTexts,
}

impl RequestRecord {
    pub(crate) fn of(request: AccessRequest) -> Self {
        let AccessRequest { id, number, requester, subject, state, created, texts } = request;
        Self { id, number: number.0, requester, subject, state: state.word().to_owned(), created, texts }
    }

    /// The request, if it has a state that there is.
    pub fn request(&self) -> Option<AccessRequest> {
        let Self { id, number, requester, subject, state, created, texts } = self.clone();
        let state = Overall::from_word(&state)?;
        Some(AccessRequest { id, number: RequestNumber(number), requester, subject, state, created, texts })
    }
}

/// One entitlement of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Of which request.
    pub request: Uuid,
    /// The item as the rules know it.
    pub item: Item,
    /// The grant that it is about, or that came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Uuid>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl RequestItemRecord {
    pub(crate) fn of(item: RequestItem) -> Self {
        let RequestItem { id, request, item, grant, version } = item;
        Self { id, request, item, grant, version }
    }

    pub(crate) fn stored(&self) -> RequestItem {
        let Self { id, request, item, grant, version } = self.clone();
        RequestItem { id, request, item, grant, version }
    }
}

/// Somebody stands in for somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DelegationRecord {
    /// Its id.
    pub id: Uuid,
    /// The delegation as the rules know it.
    pub delegation: Delegation,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Deed>,
}

impl DelegationRecord {
    pub(crate) fn of(stored: AccessDelegation) -> Self {
        let AccessDelegation { id, delegation, reason, ended_by } = stored;
        Self { id, delegation, reason, ended_by }
    }

    pub(crate) fn stored(&self) -> AccessDelegation {
        let Self { id, delegation, reason, ended_by } = self.clone();
        AccessDelegation { id, delegation, reason, ended_by }
    }
}

/// Somebody was told something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationRecord {
    /// Its id, which says when it was written.
    pub id: Uuid,
    /// Who was told.
    pub recipient: Uuid,
    /// What happened, by a name that no other event has.
    pub event: String,
    /// Of what kind it is.
    pub notice: String,
    /// What it is about.
    pub content: NotificationContent,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<i64>,
    /// What has become of the mail. One that was not sent yet is sent by nobody else.
    pub mail: String,
}

impl NotificationRecord {
    pub(crate) fn of(stored: Notification) -> Self {
        let mail = match stored.mail {
            MailState::Due | MailState::Sending => MailState::None,
            settled => settled,
        };
        Self {
            id: stored.id,
            recipient: stored.recipient,
            event: stored.event,
            notice: stored.notice.word().to_owned(),
            content: stored.content,
            read: stored.read,
            mail: mail.word().to_owned(),
        }
    }

    /// What is stored, if its words are known.
    pub fn stored(&self) -> Option<Notification> {
        let Self { id, recipient, event, notice, content, read, mail } = self.clone();
        let mail = MailState::from_word(&mail).filter(|mail| !matches!(mail, MailState::Due | MailState::Sending))?;
        Some(Notification { id, recipient, event, notice: Notice::from_word(&notice)?, content, read, mail })
    }
}

/// Access that somebody took in an emergency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRecord {
    /// Its id.
    pub id: Uuid,
    /// The emergency as the rules know it.
    pub emergency: Emergency,
    /// To what: the group.
    pub entitlement: Uuid,
    /// Of which application.
    pub application: Uuid,
    /// The grant that came of it.
    pub grant: Uuid,
    /// When it was taken.
    pub opened: Instant,
    /// Until when it was taken.
    pub until: Instant,
    /// Until when it has to be looked at.
    pub due: Instant,
    /// When an administrator was told that nobody had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated: Option<Instant>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl EmergencyRecord {
    pub(crate) fn of(stored: AccessEmergency) -> Self {
        let AccessEmergency { id, emergency, entitlement, application, grant, opened, until, due, escalated, version } =
            stored;
        Self { id, emergency, entitlement, application, grant, opened, until, due, escalated, version }
    }

    pub(crate) fn stored(&self) -> AccessEmergency {
        let Self { id, emergency, entitlement, application, grant, opened, until, due, escalated, version } =
            self.clone();
        AccessEmergency { id, emergency, entitlement, application, grant, opened, until, due, escalated, version }
    }
}

/// A role of somebody who looks after something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdminRoleRecord {
    /// Its id.
    pub id: Uuid,
    /// The role as the rules know it.
    pub assignment: Assignment,
    /// Who gave it, and why.
    pub given: Deed,
    /// When it was given.
    pub created: i64,
    /// When it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
    /// Who did, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Deed>,
}

impl AdminRoleRecord {
    pub(crate) fn of(stored: AdminRole) -> Self {
        let AdminRole { id, assignment, given, created, ended, ended_by } = stored;
        Self { id, assignment, given, created, ended, ended_by }
    }

    pub(crate) fn stored(&self) -> AdminRole {
        let Self { id, assignment, given, created, ended, ended_by } = self.clone();
        AdminRole { id, assignment, given, created, ended, ended_by }
    }
}

/// Somebody whom an administrator has suspended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspensionRecord {
    /// Who.
    pub user: Uuid,
    /// Since when.
    pub since: Instant,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Who did it, and why.
    pub by: Deed,
}

impl SuspensionRecord {
    pub(crate) fn of(stored: UserSuspension) -> Self {
        let UserSuspension { user, since, until, by } = stored;
        Self { user, since, until, by }
    }

    pub(crate) fn stored(&self) -> UserSuspension {
        let Self { user, since, until, by } = self.clone();
        UserSuspension { user, since, until, by }
    }
}

/// Bytes as text of two digits each.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        let digits: String = bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect();
        to.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        let bytes: Option<Vec<u8>> = pairs.collect();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| D::Error::custom("64 hexadecimal digits are expected"))
    }
}
