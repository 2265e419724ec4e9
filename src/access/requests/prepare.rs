//! What is known of a request before anything is held.

use std::collections::{BTreeSet, HashMap};

use rights::{
    ApplicationId, Assurance, Instant,
    administration::{Action, Assignment, reach},
    approval::{Candidates, Scheme},
    calendar,
    request::{Flaw, Relation},
};
use store::{ApplicationState, Bounds, Entitlement, Profile, Stored, Work};
use tokio::try_join;
use uuid::Uuid;

use crate::{
    access::{
        Access,
        office::{Office, Place, is_active},
        requests::wish::{ItemKind, NewItem, NewRequest, fault},
    },
    administration::{Error, Fault},
    wording::phrase,
};

/// What is known of one item.
pub(super) struct Prepared<'a> {
    pub(super) wish: &'a NewItem,
    pub(super) group: Option<Uuid>,
    pub(super) entitlement: Option<Entitlement>,
    pub(super) is_application_active: bool,
    pub(super) scheme: Scheme,
    pub(super) candidates: Candidates,
    pub(super) relation: Relation,
    /// Whether the person is among those who may ask for it, by where they work or will.
    pub(super) includes: bool,
    /// Whether they work there when it would begin.
    pub(super) includes_then: bool,
}

/// What is known of all of them.
pub(super) struct Preparation<'a> {
    /// Whether nothing is written.
    dry: bool,
    pub(super) requester: Uuid,
    /// Whom it is for.
    pub(super) person: Stored,
    /// Who asks, if that is somebody else.
    pub(super) asker: Option<Stored>,
    pub(super) is_active: bool,
    pub(super) place: Place,
    pub(super) profile: Profile,
    pub(super) items: Vec<Prepared<'a>>,
    /// What is wrong already.
    pub(super) faults: Vec<Fault>,
}

impl Preparation<'_> {
    /// Whether somebody decides about each of them, so that nothing is given yet.
    pub(super) fn is_decided_later(&self) -> bool {
        self.items.iter().all(|item| !item.scheme.stages.is_empty())
    }

    /// Whether all of it is new and written at once, so that it is found out then what the person has already.
    pub(super) fn is_new_at_once(&self, work: &Work) -> bool {
        work.is_at_once() && !self.dry && self.items.iter().all(|item| item.wish.kind == ItemKind::Grant)
    }
}

/// Whom it is for.
struct Subject<'a> {
    place: &'a Place,
    relation: Relation,
    /// The entitlements that are named.
    known: &'a HashMap<Uuid, Entitlement>,
}

impl Access {
    pub(super) async fn prepare<'a>(
        &self,
        office: &Office,
        new: &'a NewRequest,
        dry: bool,
    ) -> Result<Preparation<'a>, Error> {
        let subject = new.subject.unwrap_or(self.actor.user);
        // What does not depend on each other is asked for side by side: on PostgreSQL it is waiting that takes the time.
        let profile = async { Ok(office.data.profile().await?) };
        let named: Vec<Uuid> = new.items.iter().filter_map(|item| item.entitlement).collect();
        let known = async { Ok(office.data.entitlements_among(&named).await?) };
        let asker = async { if subject == self.actor.user { Ok(None) } else { office.person(self.actor.user).await } };
        let (person, asker, profile, known) = try_join!(office.person(subject), asker, profile, known)?;
        let is_gone = asker.as_ref().map(Stored::document).transpose()?.is_some_and(|asker| !is_active(&asker));
        if is_gone || asker.is_none() && subject != self.actor.user {
            // They have left since they came in.
            return Err(stranger());
        }
        let person = person.ok_or_else(stranger)?;
        let document = person.document()?;
        let place = office.place(subject, &document);
        let relation = self.relation(office, &place).await?;
        let of = Subject { place: &place, relation, known: &known };
        let (mut items, mut faults) = (Vec::new(), Vec::new());
        for (at, wish) in new.items.iter().enumerate() {
            let mut wrong = Vec::new();
            items.push(self.prepare_one(office, wish, &of, &mut wrong).await?);
            let placed = |fault: Fault| Fault { pointer: format!("/items/{at}{}", fault.pointer), ..fault };
            faults.extend(wrong.into_iter().map(placed));
        }
        // Whoever may not ask for somebody learns nothing of them.
        if items.iter().any(|item| item.relation == Relation::Stranger) {
            return Err(stranger());
        }
        faults.extend(doubles(&items));
        let (requester, is_active) = (self.actor.user, is_active(&document));
        Ok(Preparation { dry, requester, person, asker, is_active, place, profile, items, faults })
    }

    async fn prepare_one<'a>(
        &self,
        office: &Office,
        wish: &'a NewItem,
        of: &Subject<'_>,
        wrong: &mut Vec<Fault>,
    ) -> Result<Prepared<'a>, Error> {
        let group = named_group(office, wish, of.place.user, wrong).await?;
        let entitlement = match group.map(|group| (group, of.known.get(&group))) {
            Some((_, Some(known))) => Some(known.clone()),
            Some((group, None)) => office.data.entitlement(group).await?,
            None => None,
        };
        if entitlement.is_none() && group.is_some() {
            wrong.push(fault("entitlement", phrase("no-entitlement")));
        }
        let application = async {
            match &entitlement {
                Some(entitlement) => Ok(office.data.application(entitlement.application, &Bounds::none()).await?),
                None => Ok(None),
            }
        };
        let deciding = async {
            let scheme = match &entitlement {
                // To take away needs nobody's leave.
                Some(entitlement) if wish.kind != ItemKind::Revoke => office.scheme(entitlement).await?,
                _ => Scheme::none(),
            };
            let candidates = office.candidates(&scheme, of.place, entitlement.as_ref()).await?;
            Ok::<_, Error>((scheme, candidates))
        };
        let relation = self.relation_by(office, of, entitlement.as_ref());
        let includes = async {
            match &entitlement {
                Some(entitlement) => office.includes(entitlement, of.place.user, wish.begins()).await,
                None => Ok((false, false)),
            }
        };
        // What is asked for to be given must be there: an entitlement outlives its group in the history alone.
        let is_there = async {
            match &entitlement {
                Some(known) if wish.kind == ItemKind::Grant => {
                    Ok(office.data.find(office.groups()?, known.group, false).await?.is_some())
                }
                _ => Ok(true),
            }
        };
        let (application, (scheme, candidates), relation, (includes, includes_then), is_there) =
            try_join!(application, deciding, relation, includes, is_there)?;
        if !is_there {
            wrong.push(fault("entitlement", phrase("no-entitlement")));
        }
        Ok(Prepared {
            wish,
            group,
            is_application_active: application.is_some_and(|found| found.state == ApplicationState::Active),
            candidates,
            relation,
            includes,
            includes_then,
            entitlement,
            scheme,
        })
    }

    /// What somebody who asks is to the person for whom they ask.
    pub(in crate::access) async fn relation(&self, office: &Office, place: &Place) -> Result<Relation, Error> {
        let asker = self.actor.user;
        if place.user == asker {
            Ok(Relation::Oneself)
        } else if place.reports_to(asker) {
            Ok(Relation::LineManager)
        } else if office.leads(asker, place).await? {
            Ok(Relation::Administrator)
        } else {
            Ok(Relation::Stranger)
        }
    }

    /// Whoever answers for an entitlement may ask for anybody, and whoever has a role for it within its scope.
    async fn relation_by(
        &self,
        office: &Office,
        of: &Subject<'_>,
        entitlement: Option<&Entitlement>,
    ) -> Result<Relation, Error> {
        let (Relation::Stranger, Some(entitlement)) = (of.relation, entitlement) else { return Ok(of.relation) };
        let owners = office.data.owners_of(std::slice::from_ref(entitlement)).await?;
        if owners.get(&entitlement.group) == Some(&self.actor.user) {
            return Ok(Relation::OnBehalf);
        }
        let held: Vec<Assignment> =
            office.data.roles_of(self.actor.user).await?.into_iter().map(|role| role.assignment).collect();
        let bounds = Bounds { reach: reach(&held, Action::Request, office.now()), day: office.today() };
        // As with everything that somebody does by a role.
        if bounds.reach.is_empty() || self.actor.surely < Assurance::Substantial {
            return Ok(Relation::Stranger);
        }
        let is_within = bounds.reach.applications.contains(&ApplicationId(entitlement.application))
            || office.data.is_person_within(&bounds, of.place.user).await?;
        Ok(if is_within { Relation::Administrator } else { Relation::Stranger })
    }
}

impl Office {
    /// Whether somebody may ask for an entitlement by where they work or will, and whether they work there when it would begin.
    pub(super) async fn includes(
        &self,
        entitlement: &Entitlement,
        user: Uuid,
        from: Option<Instant>,
    ) -> Result<(bool, bool), Error> {
        let audience = &entitlement.terms.audience;
        // Where everybody may ask nobody has to know where they work.
        if audience.is_everybody() {
            return Ok((true, true));
        }
        let mut workplaces = self.data.workplaces(user, &self.today()).await?;
        let includes = audience.includes(&workplaces);
        let first = calendar::local(from.unwrap_or_else(|| self.now()).max(self.now())).0.to_string();
        workplaces.retain(|place| place.is_current(&first));
        Ok((includes, audience.includes(&workplaces)))
    }
}

fn stranger() -> Error {
    Error::Invalid(vec![fault("subject", &Flaw::Stranger)])
}

/// Of which group an item is: named itself, or by a grant that the person has.
async fn named_group(
    office: &Office,
    wish: &NewItem,
    subject: Uuid,
    wrong: &mut Vec<Fault>,
) -> Result<Option<Uuid>, Error> {
    let (field, reason) = match (wish.kind, wish.entitlement, wish.grant) {
        (ItemKind::Grant, Some(group), None) => return Ok(Some(group)),
        (ItemKind::Grant, Some(_), Some(_)) => ("grant", "grant-of-new"),
        (ItemKind::Grant, None, _) => ("entitlement", "must-be-given"),
        (_, _, None) => ("grant", "must-be-given"),
        (_, named, Some(grant)) => {
            let found = office.data.grant(grant, &Bounds::none()).await?.filter(|found| found.grant.user.0 == subject);
            match found.map(|found| found.grant.entitlement.0) {
                None => ("grant", "not-their-grant"),
                Some(group) if named.is_some_and(|named| named != group) => ("entitlement", "not-of-the-grant"),
                Some(group) => return Ok(Some(group)),
            }
        }
    };
    wrong.push(fault(field, phrase(reason)));
    Ok(None)
}

/// The same is asked for once, and of a grant one thing.
fn doubles(items: &[Prepared<'_>]) -> Vec<Fault> {
    let (mut seen, mut grants, mut faults) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (at, item) in items.iter().enumerate() {
        if item.wish.grant.is_some_and(|grant| !grants.insert(grant)) {
            faults.push(Fault::new(format!("/items/{at}/grant"), phrase("stands-twice")));
            continue;
        }
        if item.group.is_some() && !seen.insert((item.group, item.wish.kind.word())) {
            faults.push(Fault::new(format!("/items/{at}/entitlement"), phrase("stands-twice")));
        }
    }
    faults
}
