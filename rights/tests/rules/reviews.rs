//! Reviews, transition by transition: campaigns, and the grants in them.

use std::collections::BTreeSet;

use rights::{
    Audience, Effect, Instant, Notice, Outcome, Reason, Risk, UserId,
    approval::{Candidates, Resolver},
    calendar::Calendar,
    delegation::Actor,
    grant::Ending,
    review::{Campaign, Event, Item, ItemEvent, ItemFacts, ItemState, Silence, State, Timer, Verdict, reviewer},
};

use crate::scene::*;

fn campaign() -> Campaign {
    Campaign {
        state: State::Scheduled,
        starts: monday(),
        deadline: Calendar::latvian().add(monday(), Calendar::latvian().day_length() * 20),
        silence: Silence::ByRisk,
        is_micro: false,
        postponed: 0,
        reminded: None,
    }
}

fn apply(campaign: &Campaign, event: Event, now: Instant) -> Result<Outcome<Campaign>, Reason> {
    campaign.apply(event, now, &Calendar::latvian()).map_err(|refusal| refusal.reason)
}

fn then(campaign: &Campaign, event: Event, now: Instant) -> Campaign {
    apply(campaign, event, now).expect("it is possible").next
}

fn started() -> Campaign {
    then(&campaign(), Event::Start { items: 5 }, monday())
}

fn call_off(reason: &str) -> Event {
    Event::Cancel { reason: reason.into() }
}

#[test]
fn a_campaign_starts_when_its_day_has_come() {
    assert_eq!(apply(&campaign(), Event::Start { items: 5 }, monday() - days(1)), Err(Reason::NotYet));
    let outcome = apply(&campaign(), Event::Start { items: 5 }, monday()).expect("its day");
    assert_eq!(outcome.next.state, State::Active);
    assert_eq!(outcome.effects, [Effect::Tell(Notice::ReviewWanted, Audience::Reviewers)]);
    assert_eq!(campaign().timers(&Calendar::latvian()), [(Timer::Start, monday())]);
}

#[test]
fn a_campaign_about_nothing_is_done() {
    assert_eq!(then(&campaign(), Event::Start { items: 0 }, monday()).state, State::Completed);
}

#[test]
fn reviewers_are_reminded_three_times_and_their_managers_at_the_end() {
    let calendar = Calendar::latvian();
    let mut campaign = started();
    let mut told = Vec::new();
    while let Some((_, at)) = campaign.timers(&calendar).into_iter().find(|(timer, _)| *timer == Timer::Remind) {
        let outcome = apply(&campaign, Event::Remind, at).expect("its time");
        let days = calendar.between(monday(), at).whole_minutes() / 510;
        told.push((days, outcome.effects.contains(&Effect::Tell(Notice::ReviewDue, Audience::LineManager))));
        campaign = outcome.next;
    }
    assert_eq!(told, [(10, false), (16, true), (19, true)]);
    assert_eq!(apply(&started(), Event::Remind, monday()), Err(Reason::NotYet));
}

#[test]
fn it_closes_at_its_deadline_when_all_is_decided_or_early() {
    let campaign = started();
    let close = |early, open| Event::Close { early, open };
    assert_eq!(apply(&campaign, close(false, 1), monday() + days(1)), Err(Reason::NotYet));
    for (event, now) in [
        (close(false, 1), campaign.deadline),
        (close(false, 0), monday() + days(1)),
        (close(true, 5), monday() + days(1)),
    ] {
        assert_eq!(then(&campaign, event, now).state, State::Closing);
    }
}

#[test]
fn it_is_done_when_everything_is_done() {
    let closing = then(&started(), Event::Close { early: true, open: 0 }, monday());
    let halfway = then(&closing, Event::Applied { left: 3 }, monday());
    assert_eq!(halfway.state, State::Closing);
    let done = then(&halfway, Event::Applied { left: 0 }, monday());
    assert_eq!(done.state, State::Completed);
    assert!(done.timers(&Calendar::latvian()).is_empty());
    for event in [Event::Start { items: 1 }, Event::Remind, Event::Applied { left: 0 }, call_off("late")] {
        assert_eq!(apply(&done, event, monday()), Err(Reason::State));
    }
}

#[test]
fn it_is_called_off_with_a_reason_once_it_has_begun() {
    assert_eq!(then(&campaign(), call_off(""), monday()).state, State::Cancelled);
    assert_eq!(apply(&started(), call_off(" "), monday()), Err(Reason::Missing("reason")));
    assert_eq!(then(&started(), call_off("The wrong people."), monday()).state, State::Cancelled);
    let closing = then(&started(), Event::Close { early: true, open: 0 }, monday());
    assert_eq!(apply(&closing, call_off("late"), monday()), Err(Reason::State), "what is being done is done");
}

#[test]
fn a_micro_review_is_postponed_twice() {
    let micro = Campaign { is_micro: true, ..started() };
    let by = |number| Event::Postpone(micro.deadline + days(number));
    let twice = then(&then(&micro, by(1), monday()), by(2), monday());
    assert_eq!(apply(&twice, by(3), monday()), Err(Reason::TooOften));
    assert_eq!(apply(&micro, by(0), monday()), Err(Reason::Period));
    assert!(matches!(apply(&started(), by(1), monday()), Err(Reason::Policy(_))));
}

#[test]
fn silence_means_what_was_said_beforehand() {
    for (silence, risk, is_external, verdict) in [
        (Silence::ByRisk, Risk::Medium, false, Verdict::Keep),
        (Silence::ByRisk, Risk::High, false, Verdict::Revoke),
        (Silence::ByRisk, Risk::Low, true, Verdict::Revoke),
        (Silence::Keep, Risk::High, true, Verdict::Keep),
        (Silence::Revoke, Risk::Negligible, false, Verdict::Revoke),
    ] {
        assert_eq!(silence.verdict(risk, is_external), verdict, "{silence:?} {risk:?} {is_external}");
    }
}

/// One grant of Anna's, for Berta to look at.
fn item() -> Item {
    Item::new(GRANT, ANNA, Some(monday() + days(90)), [BERTA].into())
}

struct Round {
    is_active: bool,
    is_over: bool,
    needs_comment: bool,
    on_silence: Verdict,
    fallback: BTreeSet<UserId>,
}

impl Round {
    fn new() -> Self {
        Self {
            is_active: true,
            is_over: false,
            needs_comment: false,
            on_silence: Verdict::Keep,
            fallback: [CARLIS].into(),
        }
    }

    fn closed(on_silence: Verdict) -> Self {
        Self { is_active: false, on_silence, ..Self::new() }
    }

    fn apply(&self, item: &Item, event: ItemEvent) -> Result<Outcome<Item>, Reason> {
        let Self { is_active, is_over, needs_comment, on_silence, ref fallback } = *self;
        let facts = ItemFacts { now: monday(), is_active, is_over, needs_comment, on_silence, fallback };
        item.apply(event, &facts).map_err(|refusal| refusal.reason)
    }

    fn then(&self, item: &Item, event: ItemEvent) -> Item {
        self.apply(item, event).expect("it is possible").next
    }
}

fn decide(user: UserId, verdict: Verdict) -> ItemEvent {
    ItemEvent::Decide { actor: Actor::alone(user), verdict, comment: None }
}

fn change_mind(user: UserId) -> ItemEvent {
    ItemEvent::ChangeMind { actor: Actor::alone(user) }
}

#[test]
fn a_reviewer_keeps_revokes_or_shortens() {
    for verdict in [Verdict::Keep, Verdict::Revoke, Verdict::Shorten(monday() + days(10))] {
        let decided = Round::new().then(&item(), decide(BERTA, verdict));
        assert_eq!(decided.state, ItemState::Decided(verdict));
        assert_eq!(decided.history[0].by, Some(BERTA));
    }
}

#[test]
fn a_shorter_end_is_shorter() {
    for until in [monday(), monday() + days(90)] {
        assert_eq!(Round::new().apply(&item(), decide(BERTA, Verdict::Shorten(until))), Err(Reason::Period));
    }
}

#[test]
fn a_comment_is_asked_for_where_the_policy_does() {
    let round = Round { needs_comment: true, ..Round::new() };
    assert_eq!(round.apply(&item(), decide(BERTA, Verdict::Keep)), Err(Reason::Missing("comment")));
    assert!(round.apply(&item(), decide(BERTA, Verdict::Revoke)).is_ok(), "to take away needs none");
}

#[test]
fn nobody_reviews_themselves_and_no_stranger_does() {
    let own = Item { reviewers: [ANNA, BERTA].into(), ..item() };
    assert_eq!(Round::new().apply(&own, decide(ANNA, Verdict::Keep)), Err(Reason::Oneself));
    assert_eq!(Round::new().apply(&own, decide(FRICIS, Verdict::Keep)), Err(Reason::Stranger));
    let candidates = Candidates::none()
        .with_active(Resolver::LineManager(1), [ANNA])
        .with_active(Resolver::LineManager(2), [EDGARS]);
    let levels = [Resolver::LineManager(1), Resolver::LineManager(2)];
    assert_eq!(reviewer(&candidates, &levels, ANNA), [EDGARS].into(), "the next level");
}

#[test]
fn a_deputy_reviews_and_both_names_are_kept() {
    let actor = deputy(FRICIS, &[BERTA]);
    let event = ItemEvent::Decide { actor, verdict: Verdict::Keep, comment: None };
    let decided = Round::new().then(&item(), event);
    assert_eq!((decided.history[0].by, decided.history[0].on_behalf_of), (Some(FRICIS), Some(BERTA)));
}

#[test]
fn who_cannot_say_passes_it_on_once() {
    let passed = Round::new().then(&item(), decide(BERTA, Verdict::Abstain));
    assert_eq!((passed.state, &passed.reviewers), (ItemState::Open, &[CARLIS].into()));
    let again = Round::new().then(&passed, decide(CARLIS, Verdict::Abstain));
    assert_eq!(again.state, ItemState::Decided(Verdict::Abstain));
}

#[test]
fn a_mind_is_changed_while_the_campaign_goes_on() {
    let nobody = Round { fallback: [].into(), ..Round::new() };
    for verdict in [Verdict::Keep, Verdict::Revoke, Verdict::Shorten(monday() + days(9)), Verdict::Abstain] {
        let decided = nobody.then(&item(), decide(BERTA, verdict));
        let open = nobody.then(&decided, change_mind(BERTA));
        assert_eq!((open.state, open.history.len()), (ItemState::Open, 1), "what was said is kept");
        assert_eq!(Round::closed(Verdict::Keep).apply(&decided, change_mind(BERTA)), Err(Reason::TooLate));
    }
}

#[test]
fn somebody_else_reviews_with_a_reason() {
    let to = |to, is_active, reason: &str| ItemEvent::Reassign { to, is_active, reason: reason.into() };
    assert_eq!(Round::new().then(&item(), to(CARLIS, true, "away")).reviewers, [CARLIS].into());
    assert_eq!(Round::new().apply(&item(), to(CARLIS, true, "")), Err(Reason::Missing("reason")));
    assert_eq!(Round::new().apply(&item(), to(CARLIS, false, "away")), Err(Reason::Unsuitable));
    assert_eq!(Round::new().apply(&item(), to(ANNA, true, "away")), Err(Reason::Unsuitable));
}

#[test]
fn what_was_decided_is_done_when_the_campaign_closes() {
    let until = monday() + days(10);
    for (verdict, state, effect) in [
        (Verdict::Keep, ItemState::DoneKept, Effect::Certify(GRANT)),
        (Verdict::Revoke, ItemState::DoneChanged, Effect::End { grant: GRANT, reason: Ending::Review }),
        (Verdict::Shorten(until), ItemState::DoneChanged, Effect::Shorten { grant: GRANT, until }),
    ] {
        let decided = Round::new().then(&item(), decide(BERTA, verdict));
        assert_eq!(Round::new().apply(&decided, ItemEvent::Close), Err(Reason::NotYet));
        let outcome = Round::closed(Verdict::Keep).apply(&decided, ItemEvent::Close).expect("closed");
        assert_eq!((outcome.next.state, outcome.effects), (state, vec![effect]));
    }
}

#[test]
fn silence_is_done_too_and_it_is_seen_that_nobody_spoke() {
    let nobody = Round { fallback: [].into(), ..Round::new() };
    let abstained = nobody.then(&item(), decide(BERTA, Verdict::Abstain));
    for open in [item(), abstained] {
        for (verdict, state) in [(Verdict::Keep, ItemState::DoneKept), (Verdict::Revoke, ItemState::DoneChanged)] {
            let done = Round::closed(verdict).then(&open, ItemEvent::Close);
            assert_eq!((done.state, done.history.last().expect("a decision").by), (state, None));
        }
    }
}

#[test]
fn what_is_left_out_is_shown_and_stays() {
    let excluded = Item::excluded(GRANT, ANNA);
    assert_eq!(excluded.state, ItemState::Excluded);
    assert_eq!(Round::new().apply(&excluded, decide(BERTA, Verdict::Revoke)), Err(Reason::State));
    assert_eq!(Round::closed(Verdict::Revoke).apply(&excluded, ItemEvent::Close), Err(Reason::State));
}

#[test]
fn it_is_passed_on_to_somebody_else() {
    let round = Round { fallback: [BERTA, CARLIS].into(), ..Round::new() };
    let passed = round.then(&item(), decide(BERTA, Verdict::Abstain));
    assert_eq!(passed.reviewers, [CARLIS].into());
}

#[test]
fn what_has_ended_is_left_out() {
    let over = Round { is_over: true, ..Round::new() };
    assert_eq!(over.apply(&item(), decide(BERTA, Verdict::Keep)), Err(Reason::GrantOver));
    assert_eq!(over.apply(&item(), decide(DZINTRA, Verdict::Keep)), Err(Reason::Stranger));
    let closed = |item: &Item| {
        let round = Round { is_over: true, ..Round::closed(Verdict::Keep) };
        let outcome = round.apply(item, ItemEvent::Close).expect("closed");
        (outcome.next.state, outcome.effects)
    };
    let decided = |verdict| Round::new().then(&item(), decide(BERTA, verdict));
    for left_out in [item(), decided(Verdict::Keep), decided(Verdict::Shorten(monday() + days(1)))] {
        assert_eq!(closed(&left_out), (ItemState::Excluded, vec![]));
    }
    assert_eq!(closed(&decided(Verdict::Revoke)).0, ItemState::DoneChanged, "as it was decided");
}

#[test]
fn a_shorter_end_that_has_come_meanwhile_is_an_end() {
    let decided = Round::new().then(&item(), decide(BERTA, Verdict::Shorten(monday() + days(1))));
    let fallback = BTreeSet::new();
    let facts = ItemFacts {
        now: monday() + days(2),
        is_active: false,
        is_over: false,
        needs_comment: false,
        on_silence: Verdict::Keep,
        fallback: &fallback,
    };
    let outcome = decided.apply(ItemEvent::Close, &facts).expect("closed");
    assert_eq!(outcome.effects, [Effect::End { grant: GRANT, reason: Ending::Review }]);
}

#[test]
fn what_waits_about_who_has_left_is_left_out() {
    let left = Round::new().then(&item(), ItemEvent::Exclude);
    assert_eq!(left.state, ItemState::Excluded);
    let decided = Round::new().then(&item(), decide(BERTA, Verdict::Revoke));
    assert_eq!(Round::new().apply(&decided, ItemEvent::Exclude), Err(Reason::State), "what was decided stays");
}

#[test]
fn others_take_on_what_waits_for_who_has_left() {
    let from = |to| ItemEvent::HandOver { from: BERTA, to };
    assert_eq!(Round::new().then(&item(), from(Some(CARLIS))).reviewers, [CARLIS].into());
    assert!(Round::new().then(&item(), from(Some(ANNA))).reviewers.is_empty(), "nobody reviews themselves");
    let two = Item { reviewers: [BERTA, CARLIS].into(), ..item() };
    assert_eq!(Round::new().then(&two, from(Some(EDGARS))).reviewers, [CARLIS].into(), "somebody is left");
    let other = ItemEvent::HandOver { from: FRICIS, to: Some(CARLIS) };
    assert_eq!(Round::new().apply(&item(), other), Err(Reason::Stranger));
}
