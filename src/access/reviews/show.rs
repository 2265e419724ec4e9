//! Reviews as they are shown: an item with what helps to decide about it, looked up for a page at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rights::{
    Instant,
    delegation::Duty,
    review::{ItemState, State, Verdict},
};
use scim::{Document, schema::Container};
use serde_json::Value;
use store::{AccessGrant, Application, Entitlement, Review, ReviewItem};
use uuid::Uuid;

use crate::{
    access::{
        office::Office,
        requests::ApproverRecord,
        reviews::records::{DecisionRecord, RecommendationRecord, ReviewItemRecord, ReviewRecord},
    },
    administration::{Error, ResolverShape},
    clock::timestamp,
};

/// What is known beside a page of items.
struct Beside {
    grants: HashMap<Uuid, AccessGrant>,
    entitlements: HashMap<Uuid, Entitlement>,
    applications: HashMap<Uuid, Application>,
    groups: HashMap<Uuid, Option<String>>,
    people: HashMap<Uuid, (Option<String>, Option<String>)>,
    units: HashMap<String, String>,
    deputies: BTreeMap<Uuid, Vec<Uuid>>,
}

fn at(instant: Instant) -> String {
    timestamp(instant.millis())
}

/// A review as it is shown.
pub(super) fn show_review(review: Review) -> ReviewRecord {
    let Review { id, campaign, plan, progress, created, version } = review;
    let is_called_off = campaign.state == State::Cancelled;
    ReviewRecord {
        id,
        name: plan.name,
        state: campaign.state.word(),
        micro: campaign.is_micro,
        scope: plan.scope,
        managers: plan.together.into_iter().collect(),
        reviewers: plan.reviewers.into_iter().map(ResolverShape::of).collect(),
        silence: campaign.silence,
        exclusions: plan.exclusions,
        starts: at(campaign.starts),
        deadline: at(campaign.deadline),
        postponed: Some(campaign.postponed).filter(|times| *times > 0),
        items: progress.items,
        prepared: progress.is_prepared,
        counts: None,
        ended: progress.ended.map(at),
        reason: progress.word.filter(|_| is_called_off).and_then(|word| word.comment),
        created: timestamp(created),
        version,
    }
}

impl Office {
    pub(super) async fn show_review_item(&self, item: ReviewItem) -> Result<ReviewItemRecord, Error> {
        self.show_review_items(vec![item]).await?.pop().ok_or(Error::Missing("review item"))
    }

    pub(super) async fn show_review_items(&self, items: Vec<ReviewItem>) -> Result<Vec<ReviewItemRecord>, Error> {
        let beside = self.look_beside(&items).await?;
        Ok(items.into_iter().map(|item| beside.shown(item)).collect())
    }

    async fn look_beside(&self, items: &[ReviewItem]) -> Result<Beside, Error> {
        let distinct = |ids: BTreeSet<Uuid>| ids.into_iter().collect::<Vec<Uuid>>();
        let grants: Vec<Uuid> = items.iter().map(|one| one.item.grant.0).collect();
        let groups = distinct(items.iter().map(|one| one.group).collect());
        let subjects = distinct(items.iter().map(|one| one.item.subject.0).collect());
        let reviewers = distinct(items.iter().flat_map(|one| &one.item.reviewers).map(|one| one.0).collect());
        let entitlements = self.data.entitlements_among(&groups).await?;
        let applications = distinct(entitlements.values().map(|one| one.application).collect());
        let applications = self.data.applications_among(&applications).await?;
        let (mut people, mut codes) = (HashMap::new(), BTreeSet::new());
        for found in self.data.several(self.people()?, &subjects).await? {
            let document = found.document()?;
            let code = self.place(found.id, &document).first_code();
            codes.extend(code.clone());
            people.insert(found.id, (name(&document), code));
        }
        let units = self.data.units_of_codes(&codes.into_iter().collect::<Vec<_>>()).await?;
        let mut deputies: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        let now = self.now();
        for one in self.data.delegations_in_force(&reviewers, now.millis()).await? {
            if one.covers(Duty::Reviews, now) {
                deputies.entry(one.delegator.0).or_default().push(one.delegate.0);
            }
        }
        Ok(Beside {
            grants: self.data.grants_of_ids(&grants).await?,
            groups: self.data.displays(self.groups()?, groups).await?,
            entitlements,
            applications: applications.into_iter().map(|one| (one.id, one)).collect(),
            people,
            units: units.into_iter().map(|(_, code, name)| (code, name)).collect(),
            deputies,
        })
    }
}

fn name(document: &Document) -> Option<String> {
    ["displayName", "userName"]
        .into_iter()
        .find_map(|name| document.get(Container::Root, name).and_then(Value::as_str))
        .map(Into::into)
}

impl Beside {
    fn shown(&self, one: ReviewItem) -> ReviewItemRecord {
        let ReviewItem { id, review, group, item, known, version } = one;
        let grant = self.grants.get(&item.grant.0);
        let entitlement = self.entitlements.get(&group);
        let application = entitlement.and_then(|one| self.applications.get(&one.application));
        let (subject_name, code) = self.people.get(&item.subject.0).cloned().unwrap_or_default();
        let reviewer = |id: Uuid| ApproverRecord { id, deputies: self.deputies.get(&id).cloned().unwrap_or_default() };
        ReviewItemRecord {
            id,
            review,
            state: item.state.word(),
            reason: known.excluded.or_else(|| (item.state == ItemState::Excluded).then(|| "has left".into())),
            grant: item.grant.0,
            subject: item.subject.0,
            subject_name,
            unit: code.and_then(|code| self.units.get(&code).cloned()),
            entitlement: group,
            entitlement_name: self.groups.get(&group).cloned().flatten(),
            application: entitlement.map(|one| one.application),
            application_name: application.map(|one| one.name.clone()),
            risk: known.risk.into(),
            since: grant.and_then(|one| one.grant.activated).map(at),
            source: grant.map(|one| one.grant.source.word()),
            source_id: grant.and_then(|one| one.source_id),
            until: item.until.map(at),
            certified: grant.and_then(|one| one.grant.certified).map(at),
            recommendation: RecommendationRecord {
                verdict: known.recommendation.verdict(),
                reason: known.recommendation.word(),
            },
            reviewers: item.reviewers.iter().map(|one| reviewer(one.0)).collect(),
            decisions: item.history.into_iter().map(decision).collect(),
            version,
        }
    }
}

fn decision(said: rights::review::Decided) -> DecisionRecord {
    let until = match said.verdict {
        Verdict::Shorten(until) => Some(at(until)),
        _ => None,
    };
    DecisionRecord {
        by: said.by.map(|user| user.0),
        on_behalf_of: said.on_behalf_of.map(|user| user.0),
        verdict: ItemState::Decided(said.verdict).word(),
        until,
        comment: said.comment,
        at: at(said.at),
    }
}
