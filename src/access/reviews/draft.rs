//! From grants to items of a review: who reviews each, what is known of it, what is recommended. All that is looked up is
//! looked up for many grants at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rights::{
    UserId,
    approval::{Candidate, Candidates, Resolver},
    review::{Item, reviewer},
};
use scim::fold;
use store::{
    AccessGrant, Bounds, Entitlement, Known, OrganisationUnit, Paths, Recommendation, Review, ReviewItem, Workplace,
};
use uuid::Uuid;

use crate::{
    access::office::{MAX_DEPTH, Office, Place, is_active},
    administration::Error,
};

/// The footing of people who are no employees.
const EXTERNAL: &str = "contract";

/// What is known of people, of where they work, and of what they hold.
struct Ground<'a> {
    office: &'a Office,
    today: String,
    people: HashMap<Uuid, (Place, bool)>,
    paths: Paths,
    units: HashMap<Uuid, OrganisationUnit>,
    entitlements: HashMap<Uuid, Entitlement>,
    owners: HashMap<Uuid, Uuid>,
    /// Those who are found whoever it is about.
    anyway: HashMap<Resolver, Vec<Uuid>>,
    /// What somebody holds that does not go together.
    conflicts: BTreeSet<(Uuid, Uuid)>,
}

impl Office {
    /// The items that grants make in a review.
    pub(super) async fn draft(&self, review: &Review, grants: &[AccessGrant]) -> Result<Vec<ReviewItem>, Error> {
        if grants.is_empty() {
            return Ok(Vec::new());
        }
        let ground = Ground::survey(self, review, grants).await?;
        let left_out: HashMap<Uuid, &str> =
            review.plan.exclusions.iter().map(|one| (one.user, one.reason.as_str())).collect();
        let draft = |grant: &AccessGrant| {
            let excluded = left_out.get(&grant.grant.user.0).copied();
            ground.item(self.ids.next(), review, grant, excluded)
        };
        Ok(grants.iter().map(draft).collect())
    }
}

impl<'a> Ground<'a> {
    async fn survey(office: &'a Office, review: &Review, grants: &[AccessGrant]) -> Result<Ground<'a>, Error> {
        let groups: BTreeSet<Uuid> = grants.iter().map(|one| one.grant.entitlement.0).collect();
        let groups: Vec<Uuid> = groups.into_iter().collect();
        let users: BTreeSet<Uuid> = grants.iter().map(|one| one.grant.user.0).collect();
        let users: Vec<Uuid> = users.into_iter().collect();
        let entitlements = office.data.entitlements_among(&groups).await?;
        let all: Vec<Entitlement> = entitlements.values().cloned().collect();
        let mut ground = Self {
            office,
            today: office.today(),
            people: HashMap::new(),
            paths: Paths::new(),
            units: HashMap::new(),
            owners: office.data.owners_of(&all).await?,
            entitlements,
            anyway: HashMap::new(),
            conflicts: BTreeSet::new(),
        };
        for found in office.data.open_violations(&users).await? {
            if found.violation.is_foreseen(office.now()) {
                // It is not there yet.
                continue;
            }
            let finding = found.violation.finding;
            let user = found.violation.subject.0;
            ground.conflicts.extend(finding.one.iter().chain(&finding.other).map(|id| (user, id.0)));
        }
        ground.meet(&users).await?;
        ground.find_places(&users).await?;
        ground.meet(&review.plan.together.iter().copied().collect::<Vec<_>>()).await?;
        for resolver in &review.plan.reviewers {
            ground.prepare(*resolver, &users).await?;
        }
        Ok(ground)
    }

    /// Gets to know people.
    async fn meet(&mut self, users: &[Uuid]) -> Result<(), Error> {
        let strangers: BTreeSet<Uuid> = users.iter().copied().filter(|id| !self.people.contains_key(id)).collect();
        let strangers: Vec<Uuid> = strangers.into_iter().collect();
        for found in self.office.data.several(self.office.people()?, &strangers).await? {
            let document = found.document()?;
            self.people.insert(found.id, (self.office.place(found.id, &document), is_active(&document)));
        }
        Ok(())
    }

    async fn find_places(&mut self, users: &[Uuid]) -> Result<(), Error> {
        let of = |user: &Uuid| self.people.get(user).map(|(place, _)| place.codes().collect::<Vec<_>>());
        let codes: BTreeSet<String> = users.iter().filter_map(of).flatten().collect();
        self.paths = self.office.data.paths(&codes.into_iter().collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Finds whom a resolver may find for these people.
    async fn prepare(&mut self, resolver: Resolver, users: &[Uuid]) -> Result<(), Error> {
        match resolver {
            Resolver::LineManager(level) => {
                let mut below: Vec<Uuid> = users.to_vec();
                for _ in 0..level {
                    below = below.iter().filter_map(|user| self.people.get(user)?.0.manager()).collect();
                    self.meet(&below).await?;
                }
            }
            Resolver::NodeHead => self.find_heads(users).await?,
            Resolver::Owner => {
                let owners: Vec<Uuid> = self.owners.values().copied().collect();
                self.meet(&owners).await?;
            }
            Resolver::SecurityOfficer | Resolver::Group(_) | Resolver::Person(_) => {
                let nobody = Place::nowhere();
                let found = self.office.resolve(resolver, &nobody, None).await?;
                self.meet(&found).await?;
                self.anyway.insert(resolver, found);
            }
        }
        Ok(())
    }

    async fn find_heads(&mut self, users: &[Uuid]) -> Result<(), Error> {
        let wanted: BTreeSet<Uuid> = users.iter().flat_map(|user| self.path(*user)).copied().collect();
        let mut heads = Vec::new();
        for id in wanted {
            if let Some(unit) = self.office.data.unit(id, &Bounds::none()).await? {
                heads.extend([unit.head, unit.deputy].into_iter().flatten());
                self.units.insert(id, unit);
            }
        }
        self.meet(&heads).await
    }

    /// Where somebody works first of all: the unit, what it is part of, and so on.
    fn path(&self, user: Uuid) -> &[Uuid] {
        let code = self.people.get(&user).and_then(|(place, _)| place.first_code());
        code.and_then(|code| self.paths.get(&code)).map_or(&[], Vec::as_slice)
    }

    fn is_active(&self, user: Uuid) -> bool {
        self.people.get(&user).is_some_and(|(_, is_active)| *is_active)
    }

    fn found(&self, resolver: Resolver, user: Uuid, group: Uuid) -> Vec<Uuid> {
        match resolver {
            Resolver::LineManager(level) => {
                let above = |user: &Uuid| self.people.get(user).and_then(|(place, _)| place.manager());
                std::iter::successors(Some(user), above).nth(usize::from(level)).into_iter().collect()
            }
            Resolver::NodeHead => {
                let heads = |id: &Uuid| self.units.get(id).map(|unit| [unit.head, unit.deputy]);
                let heads = self.path(user).iter().take(MAX_DEPTH).filter_map(heads).flatten().flatten();
                heads.filter(|head| *head != user && self.is_active(*head)).take(1).collect()
            }
            Resolver::Owner => self.owners.get(&group).copied().into_iter().collect(),
            other => self.anyway.get(&other).cloned().unwrap_or_default(),
        }
    }

    fn candidates(&self, review: &Review, user: Uuid, group: Uuid) -> Candidates {
        let candidate = |id: Uuid| Candidate { user: UserId(id), is_active: self.is_active(id) };
        let distinct: BTreeSet<Resolver> = review.plan.reviewers.iter().copied().collect();
        distinct.into_iter().fold(Candidates::none(), |candidates, resolver| {
            let found = self.found(resolver, user, group).into_iter().map(candidate);
            candidates.with(resolver, found.collect::<Vec<_>>())
        })
    }

    /// Who reviews what somebody holds, and who does where they cannot say.
    fn reviewers(&self, review: &Review, user: Uuid, group: Uuid) -> (BTreeSet<UserId>, BTreeSet<UserId>) {
        let candidates = self.candidates(review, user, group);
        let order = &review.plan.reviewers;
        let of = |resolvers: &[Resolver]| reviewer(&candidates, resolvers, UserId(user));
        let may = |id: &&Uuid| **id != user && self.is_active(**id);
        let together: BTreeSet<UserId> = review.plan.together.iter().filter(may).map(|id| UserId(*id)).collect();
        if !together.is_empty() {
            let fallback = of(order).difference(&together).copied().collect();
            return (together, fallback);
        }
        let first = order.iter().position(|resolver| !of(std::slice::from_ref(resolver)).is_empty());
        let Some(first) = first else { return Default::default() };
        let reviewers = of(order.get(first..=first).unwrap_or_default());
        let others = order.get(first + 1..).unwrap_or_default().iter();
        let others = others.map(|resolver| of(std::slice::from_ref(resolver)));
        let mut fallback = others.map(|found| found.difference(&reviewers).copied().collect::<BTreeSet<_>>());
        let fallback = fallback.find(|found| !found.is_empty()).unwrap_or_default();
        (reviewers, fallback)
    }

    fn item(&self, id: Uuid, review: &Review, grant: &AccessGrant, excluded: Option<&str>) -> ReviewItem {
        let (user, group) = (grant.grant.user.0, grant.grant.entitlement.0);
        let (reviewers, fallback) = self.reviewers(review, user, group);
        let (id_of_grant, until) = (grant.id.into(), grant.grant.until);
        let item = match excluded {
            Some(_) => Item::excluded(id_of_grant, UserId(user)),
            None => Item::new(id_of_grant, UserId(user), until, reviewers),
        };
        let known = Known {
            risk: self.entitlements.get(&group).map_or(rights::Risk::Medium, |one| one.risk),
            is_external: self.is_external(user),
            fallback,
            recommendation: self.recommendation(user, group),
            excluded: excluded.map(Into::into),
        };
        ReviewItem { id, review: review.id, group, item, known, version: 1 }
    }

    fn is_external(&self, user: Uuid) -> bool {
        let Some((place, _)) = self.people.get(&user) else { return false };
        let mut kinds = place.current(&self.today).map(|one| one.kind.as_deref().map(fold::fold)).peekable();
        kinds.peek().is_some() && kinds.all(|kind| kind.as_deref() == Some(EXTERNAL))
    }

    fn recommendation(&self, user: Uuid, group: Uuid) -> Recommendation {
        if self.conflicts.contains(&(user, group)) {
            return Recommendation::Conflict;
        }
        let audience = self.entitlements.get(&group).map(|one| &one.terms.audience);
        if audience.is_some_and(|audience| !audience.includes(&self.workplaces(user))) {
            return Recommendation::OtherWork;
        }
        Recommendation::Suits
    }

    fn workplaces(&self, user: Uuid) -> Vec<Workplace> {
        let Some((place, _)) = self.people.get(&user) else { return Vec::new() };
        let path = |code: &Option<String>| {
            let path = code.as_deref().and_then(|code| self.paths.get(&fold::exact(code)));
            path.cloned().unwrap_or_default()
        };
        let workplace = |one: &scim::employment::Employment| Workplace {
            path: path(&one.unit),
            kind: one.kind.as_deref().map(fold::fold),
            ..Workplace::default()
        };
        place.current(&self.today).map(workplace).collect()
    }
}

/// What a preview counts.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) items: usize,
    pub(super) excluded: usize,
    pub(super) nobody: usize,
    pub(super) reviewers: BTreeMap<Uuid, usize>,
}

impl Counted {
    pub(super) fn add(&mut self, items: &[ReviewItem]) {
        for one in items {
            self.items += 1;
            if one.known.excluded.is_some() {
                self.excluded += 1;
                continue;
            }
            self.nobody += usize::from(one.item.reviewers.is_empty());
            for reviewer in &one.item.reviewers {
                *self.reviewers.entry(reviewer.0).or_default() += 1;
            }
        }
    }
}
