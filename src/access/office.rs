//! What is needed to carry requests on, whoever does so: a person, the time, or somebody who leaves.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use futures_util::future::try_join_all;
use rights::{
    Instant, UserId,
    approval::{Candidate, Candidates, Resolver, Scheme},
    calendar::{self, Calendar},
    sod::Rule,
};
use scim::{
    Document,
    employment::{self, Employment},
    fold,
    schema::{Container, ResourceType},
};
use serde_json::Value;
use store::{Bounds, Cause, Entitlement, RuleKind, RuleState, Stored, TenantState, TenantStore, Work};
use uuid::Uuid;

use crate::{
    administration::Error,
    clock::{Clock, Ids},
    lifecycle::duties,
    provisioning::Service,
};

/// How often a step is tried that others were in the way of.
const ATTEMPTS: u32 = 5;
/// The most members of a group who are asked to decide.
const MAX_APPROVERS: u64 = 200;
/// The furthest up that somebody is looked for who leads a unit.
pub(super) const MAX_DEPTH: usize = 16;

/// What is needed to carry requests on.
#[derive(Clone, Debug)]
pub(super) struct Office {
    pub(super) data: TenantStore,
    pub(super) service: Arc<Service>,
    pub(super) cause: Cause,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
}

/// Whom a request is for, as far as it matters who decides about it.
pub(super) struct Place {
    pub(super) user: Uuid,
    /// What they work as, the one that counts first.
    employments: Vec<Employment>,
}

impl Office {
    pub(super) fn now(&self) -> Instant {
        Instant::from_millis(self.clock.now())
    }

    /// The day that it is in Latvia.
    pub(super) fn today(&self) -> String {
        calendar::local(self.now()).0.to_string()
    }

    pub(super) async fn calendar(&self) -> Result<Calendar, Error> {
        Ok(self.data.profile().await?.settings.working_time.calendar())
    }

    /// The rules of segregation of duties. Those that are remembered are those that count while the version is theirs.
    pub(super) async fn duties(&self, work: &Work, version: i64) -> Result<Cow<'_, [Rule]>, Error> {
        if self.service.version == version {
            return Ok(Cow::Borrowed(&self.service.rules.sod));
        }
        Ok(Cow::Owned(duties::rules(work).await?))
    }

    /// The resource type of people. Every tenant has it.
    pub(super) fn people(&self) -> Result<&ResourceType, Error> {
        self.service.catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))
    }

    /// The resource type of groups.
    pub(super) fn groups(&self) -> Result<&ResourceType, Error> {
        self.service.catalog.types().iter().find(|kind| kind.membership.is_some()).ok_or(Error::Missing("group"))
    }

    pub(super) async fn begin(&self) -> Result<Work, Error> {
        Ok(self.data.begin(&self.cause, || self.clock.now()).await?)
    }

    /// The same for what is small at the first attempt, where that saves something: nothing is held, and all is written at once.
    pub(super) fn at_once(&self, attempt: u32) -> Option<Work> {
        (attempt == 0).then(|| self.data.begin_at_once(&self.cause, self.clock.now())).flatten()
    }

    /// Whether the tenant gives; an error where nothing in it changes any more.
    pub(super) async fn gives(work: &Work) -> Result<bool, Error> {
        match work.hold_tenant().await?.state {
            TenantState::Active => Ok(true),
            TenantState::Suspended => Ok(false),
            TenantState::Archived => Err(Error::Archived),
        }
    }

    /// The same of what is written at the end: at once it rests on a tenant that gives, and otherwise takes a transaction.
    pub(super) async fn gives_at_last(work: &Work) -> Result<bool, Error> {
        if work.is_at_once() {
            work.rest_on_tenant(TenantState::Active);
            return Ok(true);
        }
        Self::gives(work).await
    }

    /// A user.
    pub(super) async fn person(&self, id: Uuid) -> Result<Option<Stored>, Error> {
        Ok(self.data.find(self.people()?, id, false).await?)
    }

    /// The document of a user.
    pub(super) async fn user(&self, id: Uuid) -> Result<Option<Document>, Error> {
        Ok(self.person(id).await?.map(|stored| stored.document()).transpose()?)
    }

    /// A person as they were read before a work began: it holds them from now on, or rests on them. [`store::Error::Conflict`] if
    /// they have changed.
    pub(super) async fn hold_person(&self, work: &Work, read: &Stored) -> Result<(), Error> {
        let people = self.people()?;
        if work.is_at_once() {
            work.rest_on(people, read);
            return Ok(());
        }
        let is_same = work.lock_version(people, read.id).await? == Some(read.version);
        if is_same { Ok(()) } else { Err(Error::Store(store::Error::Conflict)) }
    }

    /// Where somebody works, by what their document says.
    pub(super) fn place(&self, user: Uuid, document: &Document) -> Place {
        Place { user, employments: employment::lasting(document, &self.today()) }
    }

    /// Who decides about an entitlement where its policy says so, or its risk.
    pub(super) async fn scheme(&self, entitlement: &Entitlement) -> Result<Scheme, Error> {
        let usual = || Scheme::of_risk(entitlement.risk);
        let Some(policy) = entitlement.terms.approval_policy else { return Ok(usual()) };
        let rule = self.data.rule(RuleKind::Scheme, policy).await?;
        // One that is not in use does not count.
        let counts = rule.filter(|rule| rule.state == RuleState::Active);
        Ok(counts.and_then(|rule| rule.scheme()).unwrap_or_else(usual))
    }

    /// Who could decide at the stages of a scheme.
    pub(super) async fn candidates(
        &self,
        scheme: &Scheme,
        place: &Place,
        entitlement: Option<&Entitlement>,
    ) -> Result<Candidates, Error> {
        let of_stage = |stage: &rights::approval::Stage| [Some(stage.resolver), stage.fallback, stage.escalate_to];
        let resolvers: BTreeSet<Resolver> = scheme.stages.iter().flat_map(of_stage).flatten().collect();
        let found = resolvers.iter().map(|resolver| self.resolve(*resolver, place, entitlement));
        let found = try_join_all(found).await?;
        let everybody: BTreeSet<Uuid> = found.iter().flatten().copied().collect();
        let active = self.data.active_among(&everybody.into_iter().collect::<Vec<_>>()).await?;
        let candidate = |user: Uuid| Candidate { user: UserId(user), is_active: active.contains(&user) };
        let mut candidates = Candidates::none();
        for (resolver, found) in resolvers.into_iter().zip(found) {
            candidates = candidates.with(resolver, found.into_iter().map(candidate).collect::<Vec<_>>());
        }
        Ok(candidates)
    }

    pub(super) async fn resolve(
        &self,
        resolver: Resolver,
        place: &Place,
        entitlement: Option<&Entitlement>,
    ) -> Result<Vec<Uuid>, Error> {
        match resolver {
            Resolver::LineManager(level) => self.manager(place, level).await.map(|id| id.into_iter().collect()),
            Resolver::NodeHead => self.head(place).await.map(|id| id.into_iter().collect()),
            Resolver::Owner => {
                let owners = self.data.owners_of(&entitlement.cloned().into_iter().collect::<Vec<_>>()).await?;
                Ok(owners.into_values().collect())
            }
            Resolver::SecurityOfficer => match self.data.profile().await?.settings.security_officers {
                Some(group) => self.members(group).await,
                None => Ok(Vec::new()),
            },
            Resolver::Group(group) => self.members(group.0).await,
            Resolver::Person(user) => Ok(vec![user.0]),
        }
    }

    async fn members(&self, group: Uuid) -> Result<Vec<Uuid>, Error> {
        let people = &self.people()?.name;
        let members = self.data.members_after(group, None, MAX_APPROVERS).await?;
        Ok(members.into_iter().filter(|member| member.kind == *people).map(|member| member.id).collect())
    }

    /// The manager of somebody, or the manager's manager and so on.
    pub(super) async fn manager(&self, place: &Place, level: u8) -> Result<Option<Uuid>, Error> {
        let mut manager = place.manager();
        for _ in 1..level {
            let Some(id) = manager else { return Ok(None) };
            manager = match self.user(id).await? {
                Some(document) => self.place(id, &document).manager(),
                None => None,
            };
        }
        Ok(manager)
    }

    /// Who leads the nearest unit that somebody else leads, or stands in there.
    pub(super) async fn head(&self, place: &Place) -> Result<Option<Uuid>, Error> {
        let mut next = self.unit(place).await?;
        for _ in 0..MAX_DEPTH {
            let Some(unit) = next else { return Ok(None) };
            let Some(unit) = self.data.unit(unit, &Bounds::none()).await? else { return Ok(None) };
            let heads: Vec<Uuid> = [unit.head, unit.deputy].into_iter().flatten().collect();
            let active = self.data.active_among(&heads).await?;
            if let Some(head) = heads.into_iter().find(|id| *id != place.user && active.contains(id)) {
                return Ok(Some(head));
            }
            next = unit.parent;
        }
        Ok(None)
    }

    /// The unit in which somebody works.
    async fn unit(&self, place: &Place) -> Result<Option<Uuid>, Error> {
        let codes: Vec<String> =
            place.employments.iter().find_map(|one| one.unit.as_deref()).map(fold::exact).into_iter().collect();
        Ok(self.data.units_of_codes(&codes).await?.into_iter().map(|(id, ..)| id).next())
    }

    /// Whether somebody leads a unit in which another person works, or one above it.
    pub(super) async fn leads(&self, person: Uuid, place: &Place) -> Result<bool, Error> {
        let mut next = self.unit(place).await?;
        for _ in 0..MAX_DEPTH {
            let Some(unit) = next else { return Ok(false) };
            let Some(unit) = self.data.unit(unit, &Bounds::none()).await? else { return Ok(false) };
            if [unit.head, unit.deputy].contains(&Some(person)) {
                return Ok(true);
            }
            next = unit.parent;
        }
        Ok(false)
    }
}

impl Place {
    /// Of nobody in particular.
    pub(super) fn nowhere() -> Self {
        Self { user: Uuid::nil(), employments: Vec::new() }
    }

    /// The codes of the units that they name.
    pub(super) fn codes(&self) -> impl Iterator<Item = String> {
        self.employments.iter().filter_map(|one| one.unit.as_deref().map(fold::exact))
    }

    /// The code of the unit that counts first.
    pub(super) fn first_code(&self) -> Option<String> {
        self.codes().next()
    }

    /// What they work as that day.
    pub(super) fn current(&self, day: &str) -> impl Iterator<Item = &Employment> {
        self.employments.iter().filter(move |one| one.is_current(day))
    }

    /// The nearest manager.
    pub(super) fn manager(&self) -> Option<Uuid> {
        self.employments.iter().find_map(|one| one.manager.as_deref()?.parse().ok())
    }

    /// Whether somebody manages them in one of their employments.
    pub(super) fn reports_to(&self, person: Uuid) -> bool {
        let of = |one: &Employment| one.manager.as_deref().and_then(|id| id.parse().ok()) == Some(person);
        self.employments.iter().any(of)
    }

    /// The same as it is that day: without what is to come.
    pub(super) fn on(mut self, day: &str) -> Self {
        self.employments.retain(|one| one.is_current(day));
        self
    }

    /// The last day of the longest contract; nothing if one of them goes on, or nothing is known.
    pub(super) fn contract_end(&self) -> Option<Instant> {
        let ends: Option<Vec<&str>> = self.employments.iter().map(|one| one.ends.as_deref()).collect();
        ends?.into_iter().max().and_then(super::requests::day).map(calendar::end_of_day)
    }
}

/// Whether a user is active.
pub(super) fn is_active(document: &Document) -> bool {
    document.get(Container::Root, "active") != Some(&Value::Bool(false))
}

/// Whether something is to be tried again because others were in the way.
pub(super) fn again<T>(result: &Result<T, Error>, attempt: &mut u32) -> bool {
    *attempt += 1;
    *attempt < ATTEMPTS && matches!(result, Err(Error::Store(store::Error::Conflict)))
}

/// Somebody else made the same in the same moment: a second look says what that means.
pub(super) fn twin(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Store(store::Error::Conflict),
        other => other.into(),
    }
}
