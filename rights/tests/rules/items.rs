//! Items of requests, transition by transition.

use rights::{
    Assurance, Audience, Effect, Notice, Reason, Risk,
    approval::{Ballot, Decision, OnEmpty, Resolver, Scheme, Skip, Stage, State as TaskState},
    delegation::Actor,
    grant::{Ending, Grant, Limits, NewGrant, Source, Term, take_all},
    request::{Cancellation, Event, Item, Kind, Overall, Rejection, State, Submission, Timer, Wish},
    sod::Mode,
};

use crate::scene::*;

fn scheduled(scene: &Scene) -> Item {
    let kind = Kind::Grant(Wish { from: Some(scene.now + days(30)), term: Term::For(days(90)) });
    let item = scene.submit_kind(kind, Risk::Low, Scheme::of_risk(Risk::Low)).next;
    scene.then(&item, yes(BERTA))
}

#[test]
fn what_is_submitted_waits_for_the_first_stage() {
    let outcome = Scene::new().submit(Risk::Medium, Scheme::of_risk(Risk::Medium));
    let item = outcome.next;
    assert_eq!(item.state, State::Pending);
    assert_eq!(item.waiting_for(), [BERTA].into());
    assert_eq!(item.tasks[1].state, TaskState::NotReady, "the owner is looked for later");
    assert_eq!(outcome.effects, [Effect::Tell(Notice::DecisionWanted, Audience::People([BERTA].into()))]);
}

#[test]
fn a_rule_that_blocks_rejects_at_once() {
    let item = Scene::new().in_conflict(Mode::Block, false).pending();
    assert_eq!(item.state, State::Rejected(Rejection::Conflict(vec![rule(1)])));
    assert!(item.state.is_final() && item.timers().is_empty() && item.ended.is_some());
}

#[test]
fn a_rule_with_an_exception_does_not_block() {
    assert_eq!(Scene::new().in_conflict(Mode::Block, true).pending().state, State::Pending);
}

#[test]
fn nothing_needs_approval_where_there_is_nothing_to_fear() {
    let outcome = Scene::new().submit(Risk::Negligible, Scheme::of_risk(Risk::Negligible));
    assert_eq!(outcome.next.state, State::Fulfilled);
    assert_eq!(outcome.next.tasks[0].state, TaskState::Skipped(Skip::NotifyOnly));
    let told = Effect::Tell(Notice::ForInformation, Audience::People([BERTA].into()));
    assert!(outcome.effects.contains(&told), "the manager is told");
}

#[test]
fn a_scheme_without_deciders_is_no_approval_where_there_is() {
    for scheme in [Scheme::none(), Scheme::of_risk(Risk::Negligible)] {
        let item = Scene::new().submit(Risk::Medium, scheme).next;
        assert_eq!(item.state, State::Rejected(Rejection::NoApprover));
    }
}

#[test]
fn one_stage_leads_to_the_next() {
    let scene = Scene::new();
    let outcome = scene.apply(&scene.pending(), yes(BERTA)).expect("it is her turn");
    assert_eq!(outcome.next.state, State::Pending);
    assert_eq!(outcome.next.waiting_for(), [CARLIS].into());
    assert_eq!(outcome.effects, [Effect::Tell(Notice::DecisionWanted, Audience::People([CARLIS].into()))]);
}

#[test]
fn the_last_approval_gives_the_grant_and_its_length_begins_then() {
    let scene = Scene::new();
    let item = scene.then(&scene.pending(), yes(BERTA));
    let scene = Scene::new().at(scene.now + days(4));
    let outcome = scene.apply(&item, yes(CARLIS)).expect("it is his turn");
    assert_eq!((outcome.next.state, outcome.next.ended), (State::Fulfilled, Some(scene.now)));
    let given = NewGrant {
        user: ANNA,
        entitlement: entitlement(1),
        source: Source::Request,
        from: None,
        term: Term::For(days(90)),
    };
    assert_eq!(outcome.effects[0], Effect::Give(given));
}

#[test]
fn the_last_approval_waits_for_an_exception() {
    let scene = Scene::new().in_conflict(Mode::RequireException, false);
    let item = scene.then(&scene.pending(), yes(BERTA));
    let refusal = scene.apply(&item, yes(CARLIS)).expect_err("no exception");
    assert_eq!(refusal.reason, Reason::Conflict(vec![rule(1)]));
    assert_eq!(item.waiting_for(), [CARLIS].into(), "he may decide later");
    let scene = scene.in_conflict(Mode::RequireException, true);
    assert_eq!(scene.then(&item, yes(CARLIS)).state, State::Fulfilled);
}

#[test]
fn an_approver_shortens_and_never_prolongs() {
    let scene = Scene::new();
    let item = scene.then(&scene.pending(), yes(BERTA));
    let until = |until| Event::Vote(Ballot { until: Some(until), ..ballot(CARLIS, Decision::Approve) });
    let longer = scene.apply(&item, until(scene.now + days(91))).expect_err("longer than asked");
    assert_eq!(longer.reason, Reason::Period);
    assert_eq!(scene.apply(&item, until(scene.now)).expect_err("nothing left").reason, Reason::Period);
    let outcome = scene.apply(&item, until(scene.now + days(30))).expect("shorter");
    let Effect::Give(given) = &outcome.effects[0] else { panic!("{:?}", outcome.effects) };
    assert_eq!(given.term, Term::Until(scene.now + days(30)));
}

#[test]
fn what_has_passed_meanwhile_is_not_given() {
    let scene = Scene::new();
    let kind = Kind::Grant(Wish { from: None, term: Term::Until(scene.now + days(1)) });
    let item = scene.submit_kind(kind, Risk::Low, Scheme::of_risk(Risk::Low)).next;
    let late = Scene::new().at(scene.now + days(2));
    assert_eq!(late.apply(&item, yes(BERTA)).expect_err("over").reason, Reason::TooLate);
    assert_eq!(late.then(&item, no(BERTA)).state, State::Rejected(Rejection::Vote));
}

#[test]
fn one_no_is_enough_and_needs_a_reason() {
    let scene = Scene::new();
    let item = scene.pending();
    let silent = Event::Vote(ballot(BERTA, Decision::Reject));
    assert_eq!(scene.apply(&item, silent).expect_err("why?").reason, Reason::Missing("comment"));
    let outcome = scene.apply(&item, no(BERTA)).expect("a reason");
    assert_eq!(outcome.next.state, State::Rejected(Rejection::Vote));
    assert_eq!(outcome.next.tasks[1].state, TaskState::Cancelled);
    assert_eq!(outcome.effects[0], Effect::Tell(Notice::Rejected, Audience::Concerned));
}

#[test]
fn an_approver_hands_the_decision_on() {
    let scene = Scene::new();
    let to = |to, is_active, reason: &str| Event::Reassign {
        actor: Actor::alone(BERTA),
        from: BERTA,
        to,
        is_active,
        reason: reason.into(),
    };
    let item = scene.pending();
    assert_eq!(scene.apply(&item, to(FRICIS, true, "")).expect_err("why?").reason, Reason::Missing("reason"));
    assert_eq!(scene.apply(&item, to(FRICIS, false, "away")).expect_err("gone").reason, Reason::Unsuitable);
    assert_eq!(scene.apply(&item, to(ANNA, true, "away")).expect_err("herself").reason, Reason::Unsuitable);
    let reassigned = scene.then(&item, to(FRICIS, true, "away"));
    assert_eq!(reassigned.waiting_for(), [FRICIS].into());
    let change = &reassigned.tasks[0].changes[0];
    assert_eq!((change.by, change.from, change.to), (Some(BERTA), Some(BERTA), Some(FRICIS)));
    assert_eq!(scene.apply(&reassigned, yes(BERTA)).expect_err("not hers now").reason, Reason::Stranger);
    assert_eq!(scene.then(&reassigned, yes(FRICIS)).waiting_for(), [CARLIS].into());
}

#[test]
fn time_brings_others_and_never_an_approval() {
    let mut scene = Scene::new();
    let item = scene.pending();
    let at = |item: &Item, timer| item.timers().into_iter().find(|(t, _)| *t == timer).expect("planned").1;
    assert_eq!(scene.apply(&item, Event::Escalate).expect_err("too early").reason, Reason::NotYet);
    scene.now = at(&item, Timer::Escalate);
    let outcome = scene.apply(&item, Event::Escalate).expect("three days");
    assert_eq!(outcome.next.waiting_for(), [BERTA, EDGARS].into());
    assert_eq!(outcome.effects, [Effect::Tell(Notice::Escalated, Audience::People([EDGARS].into()))]);
    assert_eq!(outcome.next.state, State::Pending);
    assert!(scene.apply(&outcome.next, Event::Escalate).is_err(), "only once");
    assert_eq!(scene.then(&outcome.next, yes(EDGARS)).waiting_for(), [CARLIS].into());
}

#[test]
fn what_nobody_decides_expires() {
    let mut scene = Scene::new();
    let item = scene.pending();
    assert_eq!(item.expires, scene.calendar.add(scene.now, scene.calendar.day_length() * 10));
    scene.now = item.expires;
    let outcome = scene.apply(&item, Event::Expire).expect("ten working days");
    assert_eq!(outcome.next.state, State::Expired);
    assert_eq!(outcome.next.tasks[0].state, TaskState::TimedOut);
    assert_eq!(outcome.effects, [Effect::Tell(Notice::Expired, Audience::Concerned)]);
}

#[test]
fn whoever_asked_may_take_it_back_at_any_time_before_it_is_done() {
    let scene = Scene::new();
    for item in [scene.pending(), scene.then(&scene.pending(), question())] {
        let stranger = scene.apply(&item, Event::Withdraw { by: FRICIS }).expect_err("not his");
        assert_eq!(stranger.reason, Reason::Stranger);
        let withdrawn = scene.then(&item, Event::Withdraw { by: ANNA });
        assert_eq!(withdrawn.state, State::Withdrawn);
        assert!(withdrawn.waiting_for().is_empty());
        assert_eq!(withdrawn.tasks[0].state, TaskState::Cancelled);
    }
    let outcome = scene.apply(&scheduled(&scene), Event::Withdraw { by: ANNA }).expect("not begun");
    assert_eq!(outcome.effects[0], Effect::Cancel(Ending::Cancelled));
}

#[test]
fn what_cannot_be_any_more_is_cancelled() {
    let scene = Scene::new();
    for item in [scene.pending(), scene.then(&scene.pending(), question()), scheduled(&scene)] {
        for why in [Cancellation::SubjectLeft, Cancellation::Retired, Cancellation::GrantEnded] {
            let outcome = scene.apply(&item, Event::Cancel(why)).expect("open");
            assert_eq!(outcome.next.state, State::Cancelled(why));
            let takes = outcome.effects.iter().any(|effect| matches!(effect, Effect::Cancel(_)));
            assert_eq!(takes, matches!(item.state, State::Scheduled { .. }), "only what was given is taken back");
        }
    }
}

#[test]
fn what_is_asked_of_a_grant_falls_with_it() {
    let scene = Scene::new();
    let new = NewGrant {
        user: ANNA,
        entitlement: entitlement(1),
        source: Source::Request,
        from: None,
        term: Term::For(days(90)),
    };
    let later = NewGrant { from: Some(scene.now + days(30)), ..new.clone() };
    let (active, waiting) = (Grant::begin(new, true, scene.now), Grant::begin(later, true, scene.now));
    let ended = |grant: &Grant, reason| take_all(std::slice::from_ref(grant), reason, scene.now).remove(0);
    let kind = Kind::Extend { grant: GRANT, until: scene.now + days(60) };
    let extension = scene.submit_kind(kind, Risk::Medium, Scheme::of_risk(Risk::Medium)).next;
    assert_eq!(extension.falls_with(&active), None);
    for (ending, why) in [
        (Ending::Expired, Cancellation::GrantEnded),
        (Ending::Removed, Cancellation::GrantEnded),
        (Ending::Leaver, Cancellation::SubjectLeft),
        (Ending::Retired, Cancellation::Retired),
    ] {
        assert_eq!(extension.falls_with(&ended(&active, ending)), Some(why));
        assert_eq!(scheduled(&scene).falls_with(&ended(&waiting, ending)), Some(why));
    }
    let over = ended(&active, Ending::Expired);
    assert_eq!(scheduled(&scene).falls_with(&over), None, "it has begun, as it was approved");
    assert_eq!(scene.pending().falls_with(&over), None, "a new one is another");
    let withdrawn = scene.then(&extension, Event::Withdraw { by: ANNA });
    assert_eq!(withdrawn.falls_with(&over), None);
}

#[test]
fn what_is_given_keeps_to_the_limits_of_that_day() {
    let mut scene = Scene::new();
    let item = scene.then(&scene.pending(), yes(BERTA));
    scene.pass(days(4));
    let contract_end = scene.now + days(20);
    let term = |limits: Limits| {
        let scene = Scene { limits, ..Scene::new().at(scene.now) };
        let outcome = scene.apply(&item, yes(CARLIS)).expect("approved");
        let Effect::Give(given) = &outcome.effects[0] else { panic!("{:?}", outcome.effects) };
        let Kind::Grant(wish) = &outcome.next.kind else { panic!("{:?}", outcome.next.kind) };
        assert_eq!(wish.term, given.term, "the item says so");
        given.term
    };
    assert_eq!(term(Limits { longest: Some(days(90)), ..Limits::default() }), Term::For(days(90)));
    assert_eq!(term(Limits { longest: Some(days(10)), ..Limits::default() }), Term::Until(scene.now + days(10)));
    let by_contract = Limits { contract_end: Some(contract_end), ..Limits::default() };
    assert_eq!(term(by_contract.clone()), Term::Until(contract_end));
    let late = Scene { limits: by_contract, ..Scene::new().at(contract_end) };
    assert_eq!(late.apply(&item, yes(CARLIS)).expect_err("the contract is over").reason, Reason::TooLate);
}

#[test]
fn what_begins_later_is_scheduled_and_begins_then() {
    let mut scene = Scene::new();
    let item = scheduled(&scene);
    let State::Scheduled { start } = item.state else { panic!("{:?}", item.state) };
    assert_eq!(start, scene.now + days(30));
    assert_eq!(scene.apply(&item, Event::Start).expect_err("too early").reason, Reason::NotYet);
    scene.now = start;
    assert_eq!(scene.then(&item, Event::Start).state, State::Fulfilled);
}

#[test]
fn what_begins_later_is_looked_at_once_more() {
    let mut scene = Scene::new();
    let item = scheduled(&scene);
    scene.pass(days(30));
    let away = Scene { is_subject_active: false, ..Scene::new().at(scene.now) };
    let outcome = away.apply(&item, Event::Start).expect("the grant waits for her");
    assert_eq!((outcome.next.state, outcome.effects), (State::Fulfilled, vec![]));
    let unused = Scene { is_entitlement_active: false, ..Scene::new().at(scene.now) };
    assert_eq!(unused.then(&item, Event::Start).state, State::Cancelled(Cancellation::Retired));
    let conflict = Scene::new().at(scene.now).in_conflict(Mode::Block, false);
    let outcome = conflict.apply(&item, Event::Start).expect("it comes to nothing");
    assert_eq!(outcome.next.state, State::Cancelled(Cancellation::StartFailed));
    assert_eq!(outcome.effects[0], Effect::Cancel(Ending::Cancelled));
}

#[test]
fn an_extension_moves_the_end() {
    let scene = Scene::new();
    let kind = Kind::Extend { grant: GRANT, until: scene.now + days(60) };
    let item = scene.submit_kind(kind, Risk::Low, Scheme::of_risk(Risk::Low)).next;
    let outcome = scene.apply(&item, yes(BERTA)).expect("approved");
    assert_eq!(outcome.effects[0], Effect::Extend { grant: GRANT, until: scene.now + days(60) });
}

#[test]
fn to_take_away_needs_nobody_and_meets_no_rule() {
    let scene = Scene::new().in_conflict(Mode::Block, false);
    let outcome =
        scene.submit_kind(Kind::Revoke { grant: GRANT, reason: Ending::GivenBack }, Risk::High, Scheme::none());
    assert_eq!(outcome.next.state, State::Fulfilled);
    assert_eq!(outcome.effects[0], Effect::End { grant: GRANT, reason: Ending::GivenBack });
    assert!(outcome.effects.contains(&Effect::Tell(Notice::ForInformation, Audience::Owners)));
}

#[test]
fn to_take_away_is_done_where_nobody_is_there_to_approve_it() {
    let scheme = Scheme::of(vec![Stage::of(Resolver::NodeHead)]);
    let item =
        Scene::new().submit_kind(Kind::Revoke { grant: GRANT, reason: Ending::GivenBack }, Risk::High, scheme).next;
    assert_eq!(item.state, State::Fulfilled);
}

#[test]
fn a_stage_without_people_passes_only_where_little_harm_is_done() {
    let stage = Stage { on_empty: OnEmpty::Skip, ..Stage::of(Resolver::NodeHead) };
    let becomes = |risk| Scene::new().submit(risk, Scheme::of(vec![stage.clone()])).next.state;
    assert_eq!(becomes(Risk::Low), State::Fulfilled);
    assert_eq!(becomes(Risk::Medium), State::Rejected(Rejection::NoApprover));
}

#[test]
fn what_is_final_says_so() {
    let scene = Scene::new();
    let rejected = scene.then(&scene.pending(), no(BERTA));
    let refusal = scene.apply(&rejected, yes(BERTA)).expect_err("over");
    assert_eq!((refusal.state, refusal.event, refusal.possible), ("rejected", "vote", &[][..]));
    assert_eq!(refusal.reason, Reason::State);
    let text = refusal.to_string();
    assert_eq!(text, "the request item is rejected, and vote is not possible: it does not belong to that state");
}

#[test]
fn what_was_wanted_from_a_day_that_has_passed_begins_at_once() {
    let mut scene = Scene::new();
    let kind = Kind::Grant(Wish { from: Some(scene.now + days(1)), term: Term::For(days(90)) });
    let item = scene.submit_kind(kind, Risk::Low, Scheme::of_risk(Risk::Low)).next;
    scene.pass(days(3));
    let outcome = scene.apply(&item, yes(BERTA)).expect("approved");
    assert_eq!(outcome.next.state, State::Fulfilled);
    assert!(matches!(&outcome.effects[0], Effect::Give(new) if new.from.is_none()));
}

#[test]
fn whoever_is_asked_for_hears_of_it() {
    let scene = Scene::new();
    let scheme = Scheme::of_risk(Risk::Medium);
    let (subject, entitlement, kind) = (ANNA, entitlement(1), for_ninety_days());
    let submission = Submission { kind, requester: FRICIS, subject, entitlement, risk: Risk::Medium, scheme };
    let outcome = Item::submit(submission, &scene.facts());
    assert!(outcome.effects.contains(&Effect::Tell(Notice::AskedFor, Audience::Subject)));
    let herself = scene.then(&outcome.next, Event::Withdraw { by: ANNA });
    assert_eq!(herself.state, State::Withdrawn, "and may say no");
}

#[test]
fn where_much_harm_can_be_done_every_decider_is_surely_known() {
    let scene = Scene::new();
    let item = scene.submit(Risk::High, Scheme::of(vec![manager()])).next;
    let weak = Event::Vote(Ballot { assurance: Some(Assurance::Low), ..ballot(BERTA, Decision::Approve) });
    assert_eq!(scene.apply(&item, weak).expect_err("not sure").reason, Reason::Assurance(Assurance::Substantial));
    let stages = Scheme::of_risk(Risk::High).stages;
    assert!(stages.len() == 3 && stages.iter().all(|stage| stage.assurance.is_some()));
}

#[test]
fn a_request_stands_as_its_items_do() {
    let (pending, done, withdrawn) = (State::Pending, State::Fulfilled, State::Withdrawn);
    let (rejected, expired) = (State::Rejected(Rejection::Vote), State::Expired);
    let cancelled = State::Cancelled(Cancellation::Retired);
    for (items, word) in [
        (vec![&pending, &done], "open"),
        (vec![&done, &done], "completed"),
        (vec![&done, &rejected], "partlyCompleted"),
        (vec![&rejected, &withdrawn], "rejected"),
        (vec![&withdrawn], "withdrawn"),
        (vec![&withdrawn, &expired], "expired"),
        (vec![&withdrawn, &cancelled], "cancelled"),
    ] {
        assert_eq!(Overall::of(items).word(), word);
    }
}
