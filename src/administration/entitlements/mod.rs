//! Entitlements of applications: groups that people are in by grants.

mod shapes;
mod terms;

use rights::{Instant, Risk, grant::Authority};
use scim::schema::{Catalog, ResourceType};
use store::{Application, ApplicationState, Assigned, Bounds, Entitlement, EntitlementState, Stored, Terms, Work};
use uuid::Uuid;

pub use shapes::{EntitlementChange, EntitlementRecord, NewEntitlement};

use crate::{
    administration::{
        Administration, Error, Fault, Slice,
        error::{check, meant},
        people::People,
        rules::{fits_policy, is_unnamed},
    },
    notices,
    provisioning::Tags,
    wording::{Text, phrase},
};

/// How many entitlements a tenant has at the most.
pub const MAX_ENTITLEMENTS: u64 = 10_000;
/// How often a change is tried that others were in the way of.
const ATTEMPTS: u32 = 5;
/// What decides who gets it: whoever looks after an application alone changes none of these.
const GUARDED: [&str; 5] = ["authority", "risk", "owner", "approvalPolicy", "emergency"];

impl Administration {
    /// Entitlements of an application within bounds, or of all, behind that group.
    pub async fn entitlements(
        &self,
        application: Option<(Uuid, &Bounds)>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<EntitlementRecord>, Error> {
        if let Some((application, bounds)) = application {
            self.known_application(application, bounds).await?;
        }
        let application = application.map(|(id, _)| id);
        let found = Slice::of(self.data.entitlements(application, after, limit + 1).await?, limit);
        Ok(Slice { items: self.show_entitlements(found.items).await?, has_more: found.has_more })
    }

    /// One entitlement of an application within bounds.
    pub async fn entitlement(
        &self,
        application: Uuid,
        group: Uuid,
        bounds: &Bounds,
    ) -> Result<EntitlementRecord, Error> {
        self.known_application(application, bounds).await?;
        let found = self.data.entitlement(group).await?.filter(|found| found.application == application);
        self.show_entitlement(found.ok_or(Error::Missing("entitlement"))?).await
    }

    /// Makes a group an entitlement of an application. Whoever is in it is granted it from then on. Says how many those are.
    pub async fn create_entitlement(
        &self,
        catalog: &Catalog,
        application: Uuid,
        new: &NewEntitlement,
    ) -> Result<(EntitlementRecord, u64), Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_create_entitlement(catalog, application, new).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_create_entitlement(
        &self,
        catalog: &Catalog,
        application: Uuid,
        new: &NewEntitlement,
    ) -> Result<(EntitlementRecord, u64), Error> {
        check(new)?;
        terms::judge(&new.terms(), new.group)?;
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let owner = work.lock_application(application).await?.ok_or(Error::Missing("application"))?;
        let mandate = self.mandate_over(&work, application).await?;
        let group = work.lock_resource(kind, new.group).await?.ok_or_else(|| wrong("/group", phrase("no-group")))?;
        if group.governed_by.is_some() {
            return Err(Error::Taken(phrase("group-is-entitlement").into()));
        }
        if work.count_entitlements().await? >= MAX_ENTITLEMENTS {
            return Err(Error::Conflict(phrase("most-entitlements").with("most", MAX_ENTITLEMENTS).into()));
        }
        may_be_in_use(new.state(), &owner)?;
        holds_people_alone(&work, new.authority(), &group).await?;
        terms::know(&work, catalog, group.id, &new.terms(), &Terms::default()).await?;
        fits_policy(&work, new.terms().approval_policy, new.risk()).await?;
        let assigned = work.assign_group(&owner, kind, group.id).await?;
        if !mandate.is_whole() {
            may_make(new, assigned)?;
        }
        if assigned == Assigned::Elsewhere {
            return Err(Error::Conflict(phrase("group-elsewhere").into()));
        }
        let now = self.clock.now();
        let entitlement = Entitlement {
            group: group.id,
            group_kind: kind.name.clone(),
            application,
            code: new.code.clone(),
            state: new.state(),
            authority: new.authority(),
            risk: new.risk(),
            texts: new.texts(),
            terms: new.terms(),
            created: now,
            modified: now,
            version: 1,
        };
        let ids = || self.ids.next();
        let imported = work.create_entitlement(kind, &entitlement, &ids).await.map_err(code_taken)?;
        work.commit().await?;
        Ok((self.show_entitlement(entitlement).await?, imported))
    }

    /// Changes an entitlement, if it is still at one of these versions. While the tenant is suspended it can only become harder to get.
    pub async fn change_entitlement(
        &self,
        catalog: &Catalog,
        place: (Uuid, Uuid),
        change: EntitlementChange,
        versions: Option<&Tags>,
    ) -> Result<EntitlementRecord, Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_change_entitlement(catalog, place, change.clone(), versions).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_change_entitlement(
        &self,
        catalog: &Catalog,
        (application, group): (Uuid, Uuid),
        change: EntitlementChange,
        versions: Option<&Tags>,
    ) -> Result<EntitlementRecord, Error> {
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        // Requests before groups, as everywhere.
        let retires = change.state.0.as_deref() == Some(EntitlementState::Retired.word());
        if retires {
            work.retire_requests(group).await?;
        }
        let (stored, before) = locked(&work, kind, application, group).await?;
        if retires && work.has_open_requests(group).await? {
            // Somebody has asked for it meanwhile.
            return Err(Error::Store(store::Error::Conflict));
        }
        let mandate = self.mandate_over(&work, application).await?;
        meant(versions, before.version)?;
        let wanted = NewEntitlement::changed(&before, change);
        check(&wanted)?;
        terms::judge(&wanted.terms(), group)?;
        let mut after = Entitlement {
            state: wanted.state(),
            authority: wanted.authority(),
            risk: wanted.risk(),
            texts: wanted.texts(),
            terms: wanted.terms(),
            ..before.clone()
        };
        let attributes = differences(&before, &after);
        if attributes.is_empty() {
            work.roll_back().await?;
            return self.show_entitlement(before).await;
        }
        if widens(&before, &after) {
            self.may_give(&work).await?;
        }
        if before.state != after.state {
            let owner = work.lock_application(application).await?.ok_or(Error::Missing("application"))?;
            may_be_in_use(after.state, &owner)?;
        }
        if let Some(name) = attributes.iter().find(|name| GUARDED.contains(name)).filter(|_| !mandate.is_whole()) {
            return Err(Error::Forbidden(phrase("changed-by-whole").with("name", *name).into()));
        }
        if let Some(stored) = &stored {
            holds_people_alone(&work, after.authority, stored).await?;
        }
        terms::know(&work, catalog, group, &after.terms, &before.terms).await?;
        let by = |entitlement: &Entitlement| (entitlement.terms.approval_policy, entitlement.risk);
        if by(&before) != by(&after) {
            fits_policy(&work, after.terms.approval_policy, after.risk).await?;
        }
        (after.version, after.modified) = (before.version + 1, self.clock.now());
        work.change_entitlement(kind, &after, &attributes).await.map_err(code_taken)?;
        notices::tell_of_losses(&work, &self.ids, Instant::from_millis(self.clock.now())).await?;
        work.commit().await?;
        self.show_entitlement(after).await
    }

    /// Takes the entitlements out of use of an application that is about to be: nobody gets them any more, and what is asked for of
    /// them comes to nothing. Says whether there were any.
    pub(super) async fn retire_entitlements(
        &self,
        catalog: &Catalog,
        work: &Work,
        application: Uuid,
    ) -> Result<bool, Error> {
        let kind = groups(catalog)?;
        let in_use = work.groups_in_use_of(application).await?;
        // Requests before groups, as everywhere.
        for group in &in_use {
            work.retire_requests(*group).await?;
        }
        work.lock(kind, in_use.iter().copied()).await?;
        let mut has_retired = false;
        for group in in_use {
            let entitlement = work.lock_entitlement(group).await?.filter(|found| found.application == application);
            let Some(before) = entitlement.filter(|found| found.state == EntitlementState::Active) else { continue };
            if work.has_open_requests(group).await? {
                // Somebody has asked for it meanwhile.
                return Err(Error::Store(store::Error::Conflict));
            }
            let (state, version, modified) = (EntitlementState::Retired, before.version + 1, self.clock.now());
            work.change_entitlement(kind, &Entitlement { state, version, modified, ..before }, &["state"]).await?;
            has_retired = true;
        }
        Ok(has_retired)
    }

    /// Makes a plain group again of an entitlement that nobody was ever granted: it was made by mistake.
    pub async fn delete_entitlement(
        &self,
        catalog: &Catalog,
        place: (Uuid, Uuid),
        versions: Option<&Tags>,
    ) -> Result<(), Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_delete_entitlement(catalog, place, versions).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_delete_entitlement(
        &self,
        catalog: &Catalog,
        (application, group): (Uuid, Uuid),
        versions: Option<&Tags>,
    ) -> Result<(), Error> {
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        work.retire_requests(group).await?;
        let (_, entitlement) = locked(&work, kind, application, group).await?;
        if work.has_open_requests(group).await? {
            return Err(Error::Store(store::Error::Conflict));
        }
        // Made anew it would be asked for on other terms.
        if !self.mandate_over(&work, application).await?.is_whole() {
            return Err(Error::Forbidden(phrase("whole-tenant-only").into()));
        }
        meant(versions, entitlement.version)?;
        if work.was_granted(group).await? {
            return Err(Error::Conflict(phrase("was-granted").into()));
        }
        is_unnamed(&work, |rule| rule.entitlements().contains(&group)).await?;
        work.delete_entitlement(kind, &entitlement).await?;
        notices::tell_of_losses(&work, &self.ids, Instant::from_millis(self.clock.now())).await?;
        Ok(work.commit().await?)
    }

    async fn show_entitlement(&self, entitlement: Entitlement) -> Result<EntitlementRecord, Error> {
        self.show_entitlements(vec![entitlement]).await?.pop().ok_or(Error::Missing("entitlement"))
    }

    async fn show_entitlements(&self, entitlements: Vec<Entitlement>) -> Result<Vec<EntitlementRecord>, Error> {
        let responsible = self.data.owners_of(&entitlements).await?;
        let named = entitlements.iter().filter_map(|entitlement| entitlement.terms.owner);
        let named: Vec<Uuid> = named.chain(responsible.values().copied()).collect();
        let people = People::of(&self.data, &named).await?;
        let show = |entitlement: Entitlement| {
            let responsible = responsible.get(&entitlement.group).copied();
            EntitlementRecord::of(entitlement, responsible, &people)
        };
        Ok(entitlements.into_iter().map(show).collect())
    }
}

/// Whether something is to be tried again because others were in the way.
pub(super) fn again<T>(result: &Result<T, Error>, attempt: &mut u32) -> bool {
    *attempt += 1;
    *attempt < ATTEMPTS && matches!(result, Err(Error::Store(store::Error::Conflict)))
}

/// The resource type of groups.
pub(super) fn groups(catalog: &Catalog) -> Result<&ResourceType, Error> {
    catalog.types().iter().find(|kind| kind.membership.is_some()).ok_or(Error::Missing("group"))
}

/// An entitlement of that application, with its group if that is still there.
async fn locked(
    work: &Work,
    kind: &ResourceType,
    application: Uuid,
    group: Uuid,
) -> Result<(Option<Stored>, Entitlement), Error> {
    let stored = work.lock_resource(kind, group).await?;
    let entitlement = work.lock_entitlement(group).await?.filter(|found| found.application == application);
    Ok((stored, entitlement.ok_or(Error::Missing("entitlement"))?))
}

/// What belongs to an application that is out of use is so, too.
fn may_be_in_use(state: EntitlementState, of: &Application) -> Result<(), Error> {
    if state == EntitlementState::Active && of.state == ApplicationState::Retired {
        return Err(wrong("/state", phrase("application-out-of-use")));
    }
    Ok(())
}

/// Where grants alone make members, groups are none: nobody would be granted what comes through them.
async fn holds_people_alone(work: &Work, authority: Authority, group: &Stored) -> Result<(), Error> {
    if authority == Authority::Grants && work.holds_others(group.id).await? {
        return Err(Error::Conflict(phrase("holds-groups").into()));
    }
    Ok(())
}

/// Whoever looks after an application alone makes entitlements of its own groups, which are asked for as the tenant has it.
fn may_make(new: &NewEntitlement, assigned: Assigned) -> Result<(), Error> {
    let terms = new.terms();
    if assigned != Assigned::Before {
        return Err(wrong("/group", phrase("group-by-whole")));
    }
    if new.risk() < Risk::Medium {
        return Err(wrong("/risk", phrase("risk-by-whole")));
    }
    let given = [
        ("/owner", terms.owner.is_some()),
        ("/approvalPolicy", terms.approval_policy.is_some()),
        ("/emergency", terms.emergency),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((pointer, _)) => Err(wrong(pointer, phrase("for-whole"))),
        None => Ok(()),
    }
}

/// What differs, by the names that administrators know.
fn differences(before: &Entitlement, after: &Entitlement) -> Vec<&'static str> {
    let (old, new) = (&before.terms, &after.terms);
    [
        ("names", before.texts.names != after.texts.names),
        ("state", before.state != after.state),
        ("authority", before.authority != after.authority),
        ("risk", before.risk != after.risk),
        ("purpose", before.texts.purpose != after.texts.purpose),
        ("legalBasis", before.texts.legal_basis != after.texts.legal_basis),
        ("requestable", old.requestable != new.requestable),
        ("owner", old.owner != new.owner),
        ("audience", old.audience != new.audience),
        ("duration", old.duration != new.duration),
        ("needsJustification", old.needs_justification != new.needs_justification),
        ("needsLegalBasis", old.needs_legal_basis != new.needs_legal_basis),
        ("approvalPolicy", old.approval_policy != new.approval_policy),
        ("prerequisites", old.prerequisites != new.prerequisites),
        ("emergency", old.emergency != new.emergency),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

/// Whether it is then easier to get, or may be: of its terms only few are sure to make it harder.
fn widens(before: &Entitlement, after: &Entitlement) -> bool {
    let (active, scim) = (EntitlementState::Active, Authority::Scim);
    let narrowed = |terms: &Terms| Terms {
        requestable: after.terms.requestable && terms.requestable,
        emergency: after.terms.emergency && terms.emergency,
        needs_justification: after.terms.needs_justification || terms.needs_justification,
        needs_legal_basis: after.terms.needs_legal_basis || terms.needs_legal_basis,
        ..terms.clone()
    };
    after.state == active && before.state != active
        || after.authority == scim && before.authority != scim
        || after.terms != narrowed(&before.terms)
}

fn code_taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Taken(phrase("entitlement-taken").into()),
        other => other.into(),
    }
}

/// One value that cannot be taken.
pub(super) fn wrong(pointer: &str, reason: impl Into<Text>) -> Error {
    Error::Invalid(vec![Fault::new(pointer, reason)])
}
