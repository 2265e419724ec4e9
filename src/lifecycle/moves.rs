//! People who move: what they had asked for stays, and their old and their new manager look through it in a micro-review. It is
//! begun in the transaction that moves them, by a row and a timer, so that a move of thousands stays cheap; its items follow.

use std::collections::BTreeSet;

use rights::{
    Instant,
    approval::Resolver,
    calendar::{Calendar, Working},
    review::{Campaign, Silence, State},
};
use store::{Error, Review, ReviewPlan, ReviewScope, Work};
use time::Date;
use uuid::Uuid;

use crate::{
    clock::Ids,
    lifecycle::birthright::{Person, has_moved, to_review},
};

/// How long managers have.
const TO_REVIEW: Working = Working::days(10);
/// What such a review is called.
const NAME: &str = "Move";

/// The managers of what somebody works as that day.
fn managers(person: &Person, day: Date) -> impl Iterator<Item = Uuid> {
    let day = day.to_string();
    person
        .employments
        .iter()
        .filter(move |one| one.is_current(&day))
        .filter_map(|one| one.manager.as_deref()?.parse().ok())
}

/// Lets their old and their new managers look at what somebody had asked for who works as something else on a day than on one
/// before. Says what that is. The person must be held.
pub async fn follow(
    work: &Work,
    before: (&Person, Date),
    after: (&Person, Date),
    with: (&Calendar, &Ids, Instant),
) -> Result<Vec<Uuid>, Error> {
    let user = after.0.user;
    let asked_for = to_review(work, user).await?;
    if asked_for.is_empty() || !has_moved(work, before, after).await? {
        return Ok(Vec::new());
    }
    let both = managers(before.0, before.1).chain(managers(after.0, after.1)).collect();
    review(work, (user, both), with).await?;
    Ok(asked_for)
}

/// Lets managers review what somebody had asked for. If they do so already, the new ones join them, and what has been given since
/// is reviewed too. The person must be held.
async fn review(
    work: &Work,
    (user, managers): (Uuid, BTreeSet<Uuid>),
    (calendar, ids, now): (&Calendar, &Ids, Instant),
) -> Result<(), Error> {
    let managers: BTreeSet<Uuid> = managers.into_iter().filter(|manager| *manager != user).collect();
    if let Some(before) = work.lock_micro_review(user).await? {
        let mut after = before.clone();
        after.plan.together.extend(managers);
        (after.progress.prepared, after.progress.is_prepared) = (None, false);
        // Who joins has as much time as the first had.
        after.campaign.deadline = after.campaign.deadline.max(calendar.after(now, TO_REVIEW));
        work.change_review(&before, after, (calendar, "start")).await?;
        return Ok(());
    }
    let campaign = Campaign {
        state: State::Scheduled,
        starts: now,
        deadline: calendar.after(now, TO_REVIEW),
        silence: Silence::default(),
        is_micro: true,
        postponed: 0,
        reminded: None,
    };
    let plan = ReviewPlan {
        name: NAME.to_owned(),
        scope: ReviewScope { user: Some(user), asked_for: true, ..ReviewScope::default() },
        together: managers,
        reviewers: vec![Resolver::NodeHead, Resolver::Owner],
        exclusions: Vec::new(),
        made: work.deed_of(None),
        by_role: false,
    };
    work.create_review(&Review::new(ids.next(), campaign, plan, now), calendar).await
}
