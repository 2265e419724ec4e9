//! What must be true of a record before it is written: what the API would not have let in, an archive does not bring in.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rights::{
    Instant,
    administration::{Assignment, Role, Scope as RoleScope},
    delegation::Delegation,
    grant::{Grant, Source, State},
    request::MAX_TEXT,
    review::Campaign,
};
use scim::{
    Document, Mode, read,
    schema::{Catalog, Choices, ResourceType, Schema, TypeDefinition},
    validate,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{
    ApplicationState, Defined, Definitions, Issuer, Link, Place, RuleKind, TenantSettings,
    archive::{
        AdminRoleRecord, AlarmRecord, ApplicationGroupRecord, ApplicationRecord, ClientRecord, DefinitionRecord,
        DelegationRecord, EmergencyRecord, EntitlementRecord, EventRecord, GrantRecord, IssuerRecord, MemberRecord,
        NotificationRecord, OrganisationUnitRecord, Part, Record, RemovalRecord, RequestItemRecord, RequestRecord,
        ResourceRecord, ReviewItemRecord, ReviewRecord, RuleRecord, SettingsRecord, SodViolationRecord, TokenRecord,
        ViewRecord,
    },
};
use uuid::Uuid;

use crate::{
    administration::{
        LONGEST_LIFE, MAX_UNITS, NewApplication, NewClient, NewEntitlement, NewIssuer, NewUnit,
        archive::nesting::Nesting, error::check, limits, organisation::Tree, rules, tokens::reads_for_somebody,
    },
    auth::Scope,
    provisioning::{catalog_of, check_settings},
};

/// The longest name that the log has for something, and the longest id of a request, in characters.
const LONGEST_WORD: usize = 64;
/// The longest name of an event that people were told, in characters.
const LONGEST_EVENT: usize = 120;
/// The longest route of a request, in characters.
const LONGEST_ROUTE: usize = 255;
/// No number of changes comes near it.
const LARGEST: i64 = 1 << 53;
const ACTIONS: [&str; 3] = ["created", "changed", "deleted"];
/// The last instant that answers can show: the end of the year 9999.
const LAST_INSTANT: i64 = 253_402_300_799_999;

/// Judges one record after the other.
#[derive(Debug)]
pub(super) struct Check {
    /// The kind of the last record.
    last: Part,
    settings: Option<SettingsRecord>,
    definitions: Definitions,
    /// Which resources there can be, once all definitions are known.
    catalog: Option<Arc<Catalog>>,
    nesting: Nesting,
    /// Where each organisation unit is, and on which line it stands.
    organisation: Vec<(Place, u64)>,
    applications: HashSet<Uuid>,
    entitlements: HashSet<Uuid>,
    /// For which application each client reads, if for one.
    clients: HashMap<Uuid, Option<Uuid>>,
    /// The requests that stand before their items.
    requests: HashSet<Uuid>,
    /// The reviews that stand before their items.
    reviews: HashSet<Uuid>,
    now: i64,
}

impl Check {
    /// Nothing was judged yet; `now` is in milliseconds since 1970.
    pub(super) fn new(now: i64) -> Self {
        Self {
            last: Part::Settings,
            settings: None,
            definitions: Definitions::default(),
            catalog: None,
            nesting: Nesting::default(),
            organisation: Vec::new(),
            applications: HashSet::new(),
            entitlements: HashSet::new(),
            clients: HashMap::new(),
            requests: HashSet::new(),
            reviews: HashSet::new(),
            now,
        }
    }

    /// Says why a record cannot be taken. It repeats no value.
    pub(super) fn record(&mut self, record: &Record, line: u64) -> Result<(), String> {
        let part = record.part();
        if part < self.last {
            return Err(format!(
                "a line of the kind {} cannot stand behind one of the kind {}",
                part.word(),
                self.last.word()
            ));
        }
        self.last = part;
        if !instants(record).into_iter().flatten().all(is_instant) {
            return Err("it has an instant before 1970 or behind the year 9999".into());
        }
        match record {
            Record::Settings(record) => self.settings(record),
            Record::Definition(record) => self.definition(record),
            Record::Resource(record) => resource(&*self.catalog()?, record),
            Record::Member(record) => self.member(record, line),
            Record::OrganisationUnit(record) => self.organisation_unit(record, line),
            Record::Application(record) => self.application(record),
            Record::ApplicationGroup(record) => application_group(&*self.catalog()?, record),
            Record::Entitlement(record) => self.entitlement(record),
            Record::Rule(record) => self.rule(record),
            Record::Request(record) => self.request(record),
            Record::RequestItem(record) => self.request_item(record),
            Record::Review(record) => self.review(record),
            Record::ReviewItem(record) => self.review_item(record),
            Record::Delegation(record) => delegation(record),
            Record::Notification(record) => notification(record),
            Record::AdminRole(record) => admin_role(record),
            Record::Grant(record) => self.grant(record),
            Record::SodViolation(record) => violation(record),
            Record::Emergency(record) => emergency(record),
            Record::Suspension(_) => Ok(()),
            Record::Client(record) => self.client(record),
            Record::Token(record) => self.token(record),
            Record::Issuer(record) => issuer(record),
            Record::Alarm(record) => alarm(record),
            Record::Removal(record) => removal(record),
            Record::View(record) => view(record),
            Record::Event(record) => event(record),
        }
    }

    /// Which resources there can be. From now on nothing more is defined.
    pub(super) fn catalog(&mut self) -> Result<Arc<Catalog>, String> {
        if let Some(catalog) = &self.catalog {
            return Ok(Arc::clone(catalog));
        }
        let catalog = Arc::new(self.build()?);
        self.catalog = Some(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// The line of a membership by which a group is in itself.
    pub(super) fn circle(&mut self) -> Option<u64> {
        std::mem::take(&mut self.nesting).circle()
    }

    /// The line of an organisation unit that is in a place where it cannot be, and why.
    pub(super) fn misplaced(&mut self) -> Option<(u64, String)> {
        let units = std::mem::take(&mut self.organisation);
        let tree = Tree::of(units.iter().map(|(place, _)| *place));
        units.iter().find_map(|(place, line)| {
            let fault = tree.depth(*place).err()?;
            Some((*line, format!("its {} {}", fault.pointer.trim_start_matches('/'), fault.reason)))
        })
    }

    fn settings(&mut self, record: &SettingsRecord) -> Result<(), String> {
        if self.settings.is_some() {
            return Err("the settings stand twice".into());
        }
        check_settings(&settings_of(record)?, self.now)
            .map_err(|error| format!("the settings cannot be used: {}", error.told().detail))?;
        self.settings = Some(record.clone());
        Ok(())
    }

    fn definition(&mut self, record: &DefinitionRecord) -> Result<(), String> {
        match record.of.as_str() {
            Schema::KIND => self.definitions.schemas.push(defined(record)?),
            TypeDefinition::KIND => self.definitions.types.push(defined(record)?),
            _ => return Err("it defines neither a schema nor a type".into()),
        }
        Ok(())
    }

    fn build(&self) -> Result<Catalog, String> {
        let settings = self.settings.as_ref().map(settings_of).transpose()?.unwrap_or_default();
        let defines = !self.definitions.schemas.is_empty() || !self.definitions.types.is_empty();
        // Servers take a tenant of version 0 for one that has changed nothing.
        let version = self.settings.as_ref().map_or(0, |record| record.version);
        if version < 0 || version == 0 && (defines || settings != TenantSettings::default()) {
            return Err("there are settings or definitions before it, and no settings whose version counts them".into());
        }
        let built = catalog_of(&settings, &self.definitions);
        let own = built.map_err(|error| format!("the definitions before it cannot be used: {error}"))?;
        Ok(with_catalogues(&own, &settings))
    }

    /// An organisation unit as one could be made, but for what it is part of: that may stand behind it. Who led it may be
    /// gone.
    fn organisation_unit(&mut self, record: &OrganisationUnitRecord, line: u64) -> Result<(), String> {
        version(record.version)?;
        let unit = NewUnit {
            kind: record.unit_type.clone(),
            code: record.code.clone(),
            name: record.name.clone(),
            parent: record.parent,
            registration_number: record.registration_number.clone(),
            head: record.head,
            deputy: record.deputy,
        };
        let place = unit.check_stored(record.id).map_err(|error| error.to_string())?;
        if self.organisation.len() >= MAX_UNITS {
            return Err(format!("there are more than {MAX_UNITS} organisation units"));
        }
        self.organisation.push((place, line));
        Ok(())
    }

    /// An application as one could be made, or changed to be. What is released may name what the tenant no longer has.
    fn application(&mut self, record: &ApplicationRecord) -> Result<(), String> {
        version(record.version)?;
        if ApplicationState::from_word(&record.state).is_none() {
            return Err("its state is none that an application has".into());
        }
        let released = record.released.clone();
        // Who answered for it may be gone.
        let (code, name) = (record.code.clone(), record.name.clone());
        let application = NewApplication { code, name, released, ..NewApplication::default() };
        check(&application).map_err(|error| error.to_string())?;
        self.applications.insert(record.id);
        Ok(())
    }

    /// An entitlement as one could be made, or changed to be. Its group may be gone.
    fn entitlement(&mut self, record: &EntitlementRecord) -> Result<(), String> {
        version(record.version)?;
        let entitlement = record.entitlement().ok_or("its state is none that an entitlement has")?;
        NewEntitlement::check_stored(&entitlement).map_err(|error| error.to_string())?;
        if !self.applications.contains(&record.application) {
            return Err("its application is not in the archive".into());
        }
        is_group(&*self.catalog()?, &record.group_type)?;
        self.entitlements.insert(record.group);
        Ok(())
    }

    /// A rule as one could be made. The people and groups that it names may be gone.
    fn rule(&self, record: &RuleRecord) -> Result<(), String> {
        version(record.version)?;
        let rule = record.rule().ok_or("it is no rule that this version of Caurlaide knows")?;
        rules::check_stored(&rule).map_err(|error| error.to_string())?;
        if rule.content.entitlements().iter().any(|id| !self.entitlements.contains(id)) {
            return Err("an entitlement that it names is not in the archive".into());
        }
        if rule.content.units().iter().any(|id| self.organisation.iter().all(|(place, _)| place.id != *id)) {
            return Err("an organisation unit that it names is not in the archive".into());
        }
        // Servers take a tenant of version 0 for one that has no such rules.
        let is_counted = self.settings.as_ref().is_some_and(|settings| settings.version > 0);
        if rule.content.kind() != RuleKind::Scheme && !is_counted {
            return Err("there are no settings before it whose version counts it".into());
        }
        Ok(())
    }

    /// A grant. Whom and what it was of may be gone.
    fn grant(&self, record: &GrantRecord) -> Result<(), String> {
        version(record.version)?;
        // Where somebody was in a plain group, and waits for them, is a grant that never began.
        let is_place = record.grant.source == Source::Scim && record.grant.activated.is_none();
        if !is_place && !self.entitlements.contains(&record.grant.entitlement.0) {
            return Err("its entitlement is not in the archive".into());
        }
        let comments = [Some(&record.given), record.taken.as_ref()].into_iter().flatten();
        let mut comments = comments.filter_map(|deed| deed.comment.as_deref());
        // What somebody says of a request may be longer than what an administrator says.
        let fits = |comment: &str| {
            let length = comment.trim().chars().count();
            (1..=MAX_TEXT).contains(&length) && !comment.chars().any(|c| c.is_control() && c != '\n')
        };
        if !comments.all(fits) {
            return Err("what was said of it cannot be taken".into());
        }
        Ok(())
    }

    /// A request. Whom and what it is about may be gone.
    fn request(&mut self, record: &RequestRecord) -> Result<(), String> {
        if record.request().is_none() || record.number < 1 {
            return Err("its state or its number is none that a request has".into());
        }
        let texts = [&record.texts.justification, &record.texts.legal_basis];
        if texts.into_iter().flatten().any(|text| text.trim().is_empty() || text.chars().count() > MAX_TEXT) {
            return Err("what was said of it cannot be taken".into());
        }
        self.requests.insert(record.id);
        Ok(())
    }

    fn request_item(&self, record: &RequestItemRecord) -> Result<(), String> {
        version(record.version)?;
        if !self.requests.contains(&record.request) {
            return Err("its request is not in the archive".into());
        }
        Ok(())
    }

    /// A review. Whom and what it is about may be gone.
    fn review(&mut self, record: &ReviewRecord) -> Result<(), String> {
        version(record.version)?;
        limits::line(&record.plan.name).map_err(|_| "its name cannot be taken")?;
        self.reviews.insert(record.id);
        Ok(())
    }

    fn review_item(&self, record: &ReviewItemRecord) -> Result<(), String> {
        version(record.version)?;
        if self.reviews.contains(&record.review) { Ok(()) } else { Err("its review is not in the archive".into()) }
    }

    /// A client as one could be made. One that was deleted may have read for an application that is gone.
    fn client(&mut self, record: &ClientRecord) -> Result<(), String> {
        let networks = record.networks.clone();
        let client = NewClient { name: record.name.clone(), networks, application_id: record.application };
        check(&client).map_err(|error| error.to_string())?;
        let is_known = record.application.is_none_or(|application| self.applications.contains(&application));
        if record.deleted.is_none() && !is_known {
            return Err("its application is not in the archive".into());
        }
        self.clients.insert(record.id, record.application);
        Ok(())
    }

    fn token(&self, record: &TokenRecord) -> Result<(), String> {
        let of_tenants = |word: &String| Scope::OF_TENANTS.iter().any(|scope| scope.word() == word);
        if record.scopes.is_empty() || !record.scopes.iter().all(of_tenants) {
            return Err("it has a scope that no token of a tenant has".into());
        }
        let reads_for = self.clients.get(&record.client).copied().flatten();
        reads_for_somebody(reads_for, &record.scopes).map_err(|error| error.to_string())?;
        if record.expires.saturating_sub(record.created) > LONGEST_LIFE * 1000 {
            return Err(format!("it lives longer than {LONGEST_LIFE} seconds"));
        }
        Ok(())
    }

    fn member(&mut self, record: &MemberRecord, line: u64) -> Result<(), String> {
        let catalog = self.catalog()?;
        let of = |name: &str| {
            catalog.by_name(name).ok_or("its group or its member is of a type that the archive does not define")
        };
        let (groups, members) = (of(&record.group_type)?, of(&record.member_type)?);
        if groups.membership.is_none() {
            return Err("what it says to be a group is of a type that has no members".into());
        }
        if members.membership.is_some() {
            self.nesting.add(record.group, record.member, line);
        }
        Ok(())
    }
}

fn delegation(record: &DelegationRecord) -> Result<(), String> {
    let delegation = &record.delegation;
    if delegation.until <= delegation.from || delegation.delegator == delegation.delegate {
        return Err("its period is empty, or somebody stands in for themselves".into());
    }
    Ok(())
}

fn admin_role(record: &AdminRoleRecord) -> Result<(), String> {
    let AdminRoleRecord { assignment: role, ended, ended_by, .. } = record;
    if role.until.is_some_and(|until| until <= role.from) {
        return Err("its period is empty".into());
    }
    if role.role == Role::TenantAdministrator && role.scope != RoleScope::Tenant {
        return Err("a tenant administrator looks after the whole tenant".into());
    }
    if ended.is_some() != ended_by.is_some() {
        return Err("that it ended and who ended it stand together".into());
    }
    Ok(())
}

/// What somebody was told. Who was told, and of what, may be gone.
fn notification(record: &NotificationRecord) -> Result<(), String> {
    if record.event.chars().count() > LONGEST_EVENT || record.event.contains(char::is_control) {
        return Err(format!("its event may be {LONGEST_EVENT} characters long at the most"));
    }
    match record.stored() {
        Some(_) => Ok(()),
        None => Err("its notice or its mail is none that is known, or its mail is not settled".into()),
    }
}

/// What counts changes counts from 1, and has room to go on.
fn version(version: i64) -> Result<(), String> {
    match version {
        ..1 => Err("its version is less than 1".into()),
        1..LARGEST => Ok(()),
        LARGEST.. => Err("its version is larger than any that changes lead to".into()),
    }
}

/// Whether an instant can be shown.
pub(super) fn is_instant(millis: i64) -> bool {
    (0..=LAST_INSTANT).contains(&millis)
}

/// The instants of a record, as far as it has them.
fn instants(record: &Record) -> [Option<i64>; 4] {
    match record {
        Record::Settings(_) => [None; 4],
        Record::Definition(record) => [Some(record.modified), None, None, None],
        Record::Resource(record) => [Some(record.created), Some(record.modified), None, None],
        Record::Member(record) => [Some(record.added), None, None, None],
        Record::OrganisationUnit(record) => [Some(record.created), Some(record.modified), None, None],
        Record::Application(record) => [Some(record.created), Some(record.modified), None, None],
        Record::ApplicationGroup(_) => [None; 4],
        Record::Entitlement(record) => [Some(record.created), Some(record.modified), None, None],
        Record::Request(record) => [Some(record.created), None, None, None],
        Record::RequestItem(record) => {
            let ended = record.item.ended.map(Instant::millis);
            [Some(record.item.submitted.millis()), Some(record.item.expires.millis()), ended, None]
        }
        Record::Review(record) => {
            let Campaign { starts, deadline, .. } = &record.campaign;
            let ended = record.progress.ended.map(Instant::millis);
            [Some(record.created), Some(starts.millis()), Some(deadline.millis()), ended]
        }
        Record::ReviewItem(record) => [record.item.until.map(Instant::millis), None, None, None],
        Record::Delegation(record) => {
            let Delegation { from, until, cancelled, .. } = &record.delegation;
            [Some(from.millis()), Some(until.millis()), cancelled.map(Instant::millis), None]
        }
        Record::Notification(record) => [record.read, record.content.at.map(Instant::millis), None, None],
        Record::AdminRole(record) => {
            let Assignment { from, until, .. } = record.assignment;
            [Some(from.millis()), until.map(Instant::millis), Some(record.created), record.ended]
        }
        Record::Rule(record) => [Some(record.created), Some(record.modified), None, None],
        Record::Grant(record) => instants_of_grant(&record.grant),
        Record::SodViolation(record) => [Some(record.found), record.ended, None, None],
        Record::Emergency(record) => {
            let escalated = record.escalated.map(Instant::millis);
            [Some(record.opened.millis()), Some(record.until.millis()), Some(record.due.millis()), escalated]
        }
        Record::Suspension(record) => [Some(record.since.millis()), record.until.map(Instant::millis), None, None],
        Record::Client(record) => [Some(record.created), record.deleted, None, None],
        Record::Token(record) => [Some(record.created), Some(record.expires), record.revoked, record.last_used],
        Record::Issuer(record) => [Some(record.created), None, None, None],
        Record::Alarm(record) => {
            [Some(record.began), Some(record.first_removal), Some(record.last_removal), record.acknowledged]
        }
        Record::Removal(record) => [Some(record.at), Some(record.created), record.restored, None],
        Record::View(record) => [Some(record.at), None, None, None],
        Record::Event(record) => [Some(record.at), None, None, None],
    }
}

/// When a grant begins, has begun, ends by itself and has ended.
fn instants_of_grant(grant: &Grant) -> [Option<i64>; 4] {
    let ended = match grant.state {
        State::Ended { at, .. } => Some(at.millis()),
        _ => None,
    };
    [Some(grant.from.millis()), grant.activated.map(Instant::millis), grant.until.map(Instant::millis), ended]
}

fn settings_of(record: &SettingsRecord) -> Result<TenantSettings, String> {
    let unknown = |_| "the settings have a member that this version of Caurlaide does not know, or one of another form";
    serde_json::from_value(record.settings.clone()).map_err(unknown).map_err(Into::into)
}

fn defined<D: Defined + DeserializeOwned>(record: &DefinitionRecord) -> Result<D, String> {
    let text = record.body.to_string();
    let defined: D = serde_json::from_str(&text).map_err(|_| "its body is no definition")?;
    if defined.key() != record.name {
        return Err("its name is not the one in its body".into());
    }
    Ok(defined)
}

/// A tenant keeps what stands in its catalogues while it does not serve them.
fn with_catalogues(own: &Catalog, settings: &TenantSettings) -> Catalog {
    let choices = Choices { unique_group_names: settings.unique_group_names, roles_and_entitlements: true };
    let mut types: Vec<ResourceType> = own.types().to_vec();
    let all = Catalog::of(choices);
    types.extend(all.types().iter().filter(|kind| own.by_name(&kind.name).is_none()).cloned());
    Catalog::new(types.into_iter().map(|kind| if kind.is_read_only() { kind.writable() } else { kind }).collect())
}

/// A document must be what this server would have stored: known attributes in their own spelling, canonical values.
fn resource(catalog: &Catalog, record: &ResourceRecord) -> Result<(), String> {
    let kind = catalog.by_name(&record.resource_type).ok_or("it is of a type that the archive does not define")?;
    version(record.version)?;
    if record.password_hash.as_deref().is_some_and(|hash| !hash.starts_with("$argon2id$")) {
        return Err("its password is not hashed with argon2id".into());
    }
    if record.document.get("id").and_then(Value::as_str) != Some(record.id.to_string().as_str()) {
        return Err("its document has another id".into());
    }
    let document = Document::from_stored(record.document.clone());
    let mut schemas = document.schemas(kind);
    let named = record.document.get("schemas").and_then(Value::as_array);
    let mut named: Vec<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
    named.sort_unstable();
    schemas.sort_unstable();
    if named != schemas {
        return Err("its document does not name the schemas that it uses".into());
    }
    let incoming = read::resource(kind, &Value::Object(record.document.clone()), Mode::Tolerant);
    let incoming = incoming.map_err(|error| wrong_document(&error))?;
    if incoming.document != document {
        return Err(format!(
            "its document is not as a {} is stored: attributes that are not known, or values in another form",
            kind.name
        ));
    }
    validate::document(kind, &document, validate::Context::Create).map_err(|error| wrong_document(&error))
}

/// What a client would be told, unless it repeats what the client wrote.
fn wrong_document(error: &scim::Error) -> String {
    if error.quotes {
        return "its document cannot be taken".to_owned();
    }
    format!("its document cannot be taken: {}", error.detail.trim_end_matches('.'))
}

fn application_group(catalog: &Catalog, record: &ApplicationGroupRecord) -> Result<(), String> {
    is_group(catalog, &record.group_type)
}

fn is_group(catalog: &Catalog, name: &str) -> Result<(), String> {
    let is_group = catalog.by_name(name).is_some_and(|kind| kind.membership.is_some());
    if is_group { Ok(()) } else { Err("what it says to be a group is of a type that has no members".into()) }
}

/// A conflict. Who it was found in and by which rule may be gone.
fn violation(record: &SodViolationRecord) -> Result<(), String> {
    version(record.version)?;
    if (record.violation.state == rights::sod::State::Resolved) != record.ended.is_some() {
        return Err("its state does not suit its end".into());
    }
    Ok(())
}

/// Access that was taken in an emergency. Who took it and what it was taken to may be gone.
fn emergency(record: &EmergencyRecord) -> Result<(), String> {
    version(record.version)?;
    if record.until <= record.opened {
        return Err("its period is empty".into());
    }
    Ok(())
}

fn issuer(record: &IssuerRecord) -> Result<(), String> {
    let issuer = Issuer {
        id: record.id,
        name: record.name.clone(),
        url: record.issuer.clone(),
        audiences: record.audiences.clone(),
        algorithms: record.algorithms.clone(),
        jwks: record.jwks.as_ref().map(ToString::to_string),
        jwks_uri: record.jwks_uri.clone(),
        subject_claim: record.subject_claim.clone(),
        link: Link::from_word(&record.link_by).ok_or("its linkBy names no attribute that links")?,
        scopes: record.scopes.clone(),
        leeway: record.leeway,
        created: record.created,
    };
    NewIssuer::check_stored(&issuer).map_err(|error| error.to_string())
}

/// That a client took away too much. Which client that was may be gone.
fn alarm(record: &AlarmRecord) -> Result<(), String> {
    if record.comment.as_deref().is_some_and(|comment| comment.chars().count() > MAX_TEXT) {
        return Err(format!("its comment may be {MAX_TEXT} characters long at the most"));
    }
    if record.is_possible() { Ok(()) } else { Err("it is no alarm that a server raises".into()) }
}

/// What was taken away. What it was taken from, and its type, may be gone.
fn removal(record: &RemovalRecord) -> Result<(), String> {
    if record.resource_type.chars().count() > LONGEST_WORD || record.resource_type.contains(char::is_control) {
        return Err(format!("its type may be {LONGEST_WORD} characters long at the most"));
    }
    if record.is_possible() { Ok(()) } else { Err("its content is not what is kept of such a removal".into()) }
}

/// Who looked at whose data. All of them may be gone.
fn view(record: &ViewRecord) -> Result<(), String> {
    let is_word = |text: &str, longest| text.chars().count() <= longest && !text.contains(char::is_control);
    if is_word(&record.route, LONGEST_ROUTE) && is_word(&record.request_id, LONGEST_WORD) {
        return Ok(());
    }
    Err(format!("its route may be {LONGEST_ROUTE} characters long at the most, and its requestId {LONGEST_WORD}"))
}

fn event(record: &EventRecord) -> Result<(), String> {
    let is_word = |text: &str| text.chars().count() <= LONGEST_WORD && !text.contains(char::is_control);
    if !is_word(&record.request_id) || !is_word(&record.resource_type) {
        return Err(format!("its requestId and its type may be {LONGEST_WORD} characters long at the most"));
    }
    if ACTIONS.contains(&record.action.as_str()) { Ok(()) } else { Err("its action is none that is known".into()) }
}
