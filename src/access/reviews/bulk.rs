//! Many decisions at once: one verdict about grants that are named, or that suit a filter. Each is answered for itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use store::{ItemFilter, ReviewItem};
use uuid::Uuid;
use validator::Validate;

use crate::{
    access::{
        Access,
        office::again,
        refusal::wrong,
        requests::text,
        reviews::{
            act::{close_if_decided, decision, told},
            plan::serves,
            wish::{Word, verdict},
        },
    },
    administration::{self, Error},
    language::Language,
    wording::phrase,
};

/// The most grants that are decided at once.
const MOST: usize = 500;

/// One verdict about many grants.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct BulkDecision {
    /// These.
    pub items: Option<Vec<Uuid>>,
    /// Or those that suit this, as far as nobody has decided them.
    pub filter: Option<Choice>,
    /// What.
    pub verdict: Word,
    /// The earlier end, where they are to end earlier.
    pub until: Option<String>,
    /// Why.
    #[validate(custom(function = text))]
    pub comment: Option<String>,
}

/// Which grants of a review are meant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choice {
    /// Those of an entitlement.
    pub entitlement: Option<Uuid>,
    /// Those of a user.
    pub subject: Option<Uuid>,
}

/// What came of one of many decisions.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    /// The item.
    pub id: Uuid,
    /// What a decision about it alone would have been answered with.
    pub status: u16,
    /// How it stands, if it is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Why nothing has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Access {
    /// Decides about many grants of a review. Says what came of each, and whether there are more that suit the filter.
    pub async fn decide_many(
        &self,
        review: Uuid,
        new: &BulkDecision,
        language: Language,
    ) -> Result<(Vec<Answered>, bool), Error> {
        administration::check(new)?;
        let sees = self.sight().reviews_seen().await?;
        self.data.review(review, sees.as_ref()).await?.ok_or(Error::Missing("review"))?;
        let (ids, has_more) = match (&new.items, &new.filter) {
            (Some(ids), None) => {
                let distinct: BTreeSet<Uuid> = ids.iter().copied().collect();
                if distinct.is_empty() || ids.len() > MOST || distinct.len() < ids.len() {
                    return Err(wrong("/items", phrase("ids-once").with("most", MOST)));
                }
                (ids.clone(), false)
            }
            (None, Some(choice)) => {
                let filter = ItemFilter {
                    review: Some(review),
                    state: Some("open"),
                    entitlement: choice.entitlement,
                    subject: choice.subject,
                    active: true,
                };
                let found = self.data.review_items(&filter, sees.as_ref(), None, MOST as u64 + 1).await?;
                let has_more = found.len() > MOST;
                (found.into_iter().take(MOST).map(|one| one.id).collect(), has_more)
            }
            _ => return Err(wrong("/items", phrase("one-of-two").with("other", "filter"))),
        };
        let mut attempt = 0;
        loop {
            let result = self.try_decide_many(review, &ids, new, language).await;
            if !again(&result, &mut attempt) {
                return Ok((result?, has_more));
            }
        }
    }

    async fn try_decide_many(
        &self,
        review: Uuid,
        ids: &[Uuid],
        new: &BulkDecision,
        language: Language,
    ) -> Result<Vec<Answered>, Error> {
        let office = self.office();
        let verdict = verdict(new.verdict, new.until.as_deref())?;
        let (actor, surely) = (self.reviewer().await?, self.actor.surely);
        let sees = self.sight().reviews_seen().await?;
        let visible = self.data.review_items_among(ids, sees.as_ref()).await?;
        let work = office.begin().await?;
        serves(&work).await?;
        let campaign = work.lock_review(review).await?.ok_or(Error::Missing("review"))?;
        let theirs: Vec<Uuid> = visible.values().filter(|one| one.review == review).map(|one| one.id).collect();
        let held = work.lock_review_items(&theirs).await?;
        let over = work.ended_among(&held.values().map(|one| one.item.grant.0).collect::<Vec<_>>()).await?;
        let (mut answers, mut changed) = (Vec::with_capacity(ids.len()), Vec::new());
        for id in ids {
            let Some(before) = held.get(id) else {
                let detail = Some(Error::Missing("review item").say(language));
                answers.push(Answered { id: *id, status: 404, state: None, detail });
                continue;
            };
            let event = decision(&actor, verdict, new.comment.as_deref().map(str::trim));
            match office.judge((&campaign, over.contains(&before.item.grant.0)), before, event, Some(surely)) {
                Ok(after) => {
                    answers.push(Answered { id: *id, status: 200, state: Some(after.item.state.word()), detail: None });
                    changed.push((before, after));
                }
                Err(refusal) => answers.push(refused(before, &told(&refusal, &campaign, "verdict"), language)),
            }
        }
        work.change_review_items(&changed, Some("decide")).await?;
        office.tell_newcomers(&work, &campaign, &changed).await?;
        close_if_decided(&work, &campaign).await?;
        work.commit().await?;
        Ok(answers)
    }
}

fn refused(before: &ReviewItem, error: &Error, language: Language) -> Answered {
    let status = match error {
        Error::Invalid(_) => 400,
        Error::Forbidden(_) | Error::Assurance(_) => 403,
        _ => 409,
    };
    Answered { id: before.id, status, state: Some(before.item.state.word()), detail: Some(error.say(language)) }
}
