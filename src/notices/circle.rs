//! Who is meant: an audience as people, and who of them is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rights::{
    Audience, Instant, Notice, UserId,
    administration::Role,
    calendar::local,
    delegation::{Delegation, Duty},
};
use scim::{Document, employment, schema::Container};
use serde_json::Value;
use store::Work;
use uuid::Uuid;

use crate::notices::Telling;

/// The most members of a group who are told.
const MAX_OFFICERS: u64 = 200;

/// What is known of everybody who may be meant.
pub(super) struct Circle {
    officers: Vec<Uuid>,
    administrators: Vec<Uuid>,
    owners: HashMap<Uuid, Uuid>,
    delegations: Vec<Delegation>,
    managers: HashMap<Uuid, Uuid>,
    active: HashSet<Uuid>,
    /// Whoever did it knows.
    actor: Option<Uuid>,
    now: Instant,
}

impl Circle {
    /// Looks up what the audiences ask for, and nothing else.
    pub(super) async fn around(
        work: &Work,
        tellings: &[Telling],
        officers: Option<Uuid>,
        now: Instant,
    ) -> Result<Self, store::Error> {
        let mut circle = Self {
            officers: Vec::new(),
            administrators: Vec::new(),
            owners: HashMap::new(),
            delegations: Vec::new(),
            managers: HashMap::new(),
            active: HashSet::new(),
            actor: work.actor(),
            now,
        };
        let meant = |audience: &Audience| tellings.iter().any(|telling| telling.audience == *audience);
        if let Some(group) = officers.filter(|_| meant(&Audience::SecurityOfficers)) {
            circle.officers = work.people_in(group, MAX_OFFICERS).await?;
        }
        if meant(&Audience::TenantAdministrators) {
            let roles = work.roles_of_kind(Role::TenantAdministrator).await?.into_iter().map(|role| role.assignment);
            circle.administrators = roles.filter(|role| role.is_live(now)).map(|role| role.user.0).collect();
        }
        if meant(&Audience::Owners) {
            circle.owners = owners(work, tellings).await?;
        }
        let absent: Vec<Uuid> = tellings.iter().flat_map(|telling| seats(telling).0).collect();
        if !absent.is_empty() {
            circle.delegations =
                work.delegations_not_over(&distinct(absent)).await?.into_iter().map(|one| one.delegation).collect();
        }
        let above: BTreeSet<Uuid> = tellings.iter().flat_map(those_below).collect();
        let everybody = tellings.iter().flat_map(|telling| circle.meant(telling).into_keys());
        let known = work.documents_of(&distinct(everybody.chain(above.iter().copied()))).await?;
        let today = local(now).0.to_string();
        circle.managers = known
            .iter()
            .filter(|(id, _)| above.contains(id))
            .filter_map(|(id, document)| Some((*id, manager(document, &today)?)))
            .collect();
        circle.active = known.iter().filter(|(_, document)| is_active(document)).map(|(id, _)| *id).collect();
        let managers = distinct(circle.managers.values().copied().filter(|id| !known.contains_key(id)));
        if !managers.is_empty() {
            let known = work.documents_of(&managers).await?;
            circle.active.extend(known.iter().filter(|(_, document)| is_active(document)).map(|(id, _)| *id));
        }
        Ok(circle)
    }

    /// Who hears of it, and for whom they stand in if they do.
    pub(super) fn recipients(&self, telling: &Telling) -> BTreeMap<Uuid, Option<Uuid>> {
        let mut meant = self.meant(telling);
        meant.retain(|user, _| self.active.contains(user) && self.actor != Some(*user));
        meant
    }

    /// Everybody who is meant, active or not.
    fn meant(&self, telling: &Telling) -> BTreeMap<Uuid, Option<Uuid>> {
        let content = &telling.about.content;
        let alone = |ids: Vec<Uuid>| ids.into_iter().map(|id| (id, None)).collect();
        match &telling.audience {
            Audience::People(_) | Audience::Reviewers => self.with_deputies(telling),
            Audience::Concerned => alone(content.subject.into_iter().chain(content.requester).collect()),
            Audience::Subject => alone(content.subject.into_iter().collect()),
            Audience::LineManager => {
                alone(those_below(telling).iter().filter_map(|id| self.managers.get(id).copied()).collect())
            }
            Audience::Owners => {
                alone(content.entitlement.and_then(|id| self.owners.get(&id).copied()).into_iter().collect())
            }
            Audience::SecurityOfficers => alone(self.officers.clone()),
            Audience::TenantAdministrators => alone(self.administrators.clone()),
        }
    }

    /// Those who decide, and who stands in for them. Whom it is for, or who asked, decides in nobody's name.
    fn with_deputies(&self, telling: &Telling) -> BTreeMap<Uuid, Option<Uuid>> {
        let (seats, duty) = seats(telling);
        let content = &telling.about.content;
        let is_barred = |id: Uuid| [content.subject, content.requester].contains(&Some(id));
        let is_deputy = |one: &&Delegation| seats.contains(&one.delegator.0) && one.covers(duty, self.now);
        let deputies = self.delegations.iter().filter(is_deputy).filter(|one| !is_barred(one.delegate.0));
        let mut meant: BTreeMap<Uuid, Option<Uuid>> =
            deputies.map(|one| (one.delegate.0, Some(one.delegator.0))).collect();
        // Who is meant themselves is told so.
        meant.extend(seats.into_iter().map(|id| (id, None)));
        meant
    }
}

/// Those who decide or review, and what a deputy of theirs has to do.
fn seats(telling: &Telling) -> (BTreeSet<Uuid>, Duty) {
    match &telling.audience {
        Audience::People(people) => (people.iter().map(|UserId(id)| *id).collect(), Duty::Approvals),
        Audience::Reviewers => (telling.about.reviewers.iter().copied().collect(), Duty::Reviews),
        _ => (BTreeSet::new(), Duty::Approvals),
    }
}

/// Those whose managers are meant: of a review the reviewers, else whom it is about.
fn those_below(telling: &Telling) -> Vec<Uuid> {
    match (&telling.audience, telling.notice) {
        (Audience::LineManager, Notice::ReviewWanted | Notice::ReviewDue) => telling.about.reviewers.clone(),
        (Audience::LineManager, _) => telling.about.content.subject.into_iter().collect(),
        _ => Vec::new(),
    }
}

async fn owners(work: &Work, tellings: &[Telling]) -> Result<HashMap<Uuid, Uuid>, store::Error> {
    let owned = tellings.iter().filter(|telling| telling.audience == Audience::Owners);
    let ids = distinct(owned.filter_map(|telling| telling.about.content.entitlement));
    let entitlements: Vec<_> = work.entitlements_among(&ids).await?.into_values().collect();
    work.owners_of(&entitlements).await
}

/// Whom somebody reports to.
fn manager(document: &Document, today: &str) -> Option<Uuid> {
    employment::lasting(document, today).iter().find_map(|one| one.manager.as_deref()?.parse().ok())
}

/// Whether somebody is there to be told.
pub fn is_active(document: &Document) -> bool {
    document.get(Container::Root, "active") != Some(&Value::Bool(false))
}

fn distinct(ids: impl IntoIterator<Item = Uuid>) -> Vec<Uuid> {
    ids.into_iter().collect::<BTreeSet<Uuid>>().into_iter().collect()
}
