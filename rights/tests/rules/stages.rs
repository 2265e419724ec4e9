//! Stages: who sits there, and how many it takes.

use rights::{
    Assurance, Audience, Effect, Notice, Reason, Risk, UserId,
    approval::{
        Ballot, Candidate, Candidates, Decision, Quorum, Rejection as Why, Resolver, Scheme, Skip, Stage,
        State as TaskState,
    },
    calendar::Working,
    request::{Event, Item, Rejection, State, Timer},
};

use crate::scene::*;

fn group(users: &[UserId], quorum: Quorum) -> (Scene, Stage) {
    let resolver = Resolver::NodeHead;
    let mut scene = Scene::new();
    scene.candidates = scene.candidates.with_active(resolver, users.iter().copied());
    (scene, Stage { resolver, quorum, ..manager() })
}

fn as_deputy(user: UserId, of: &[UserId], decision: Decision) -> Event {
    Event::Vote(Ballot { actor: deputy(user, of), ..ballot(user, decision) })
}

#[test]
fn nobody_decides_about_themselves_or_what_they_have_asked_for() {
    let (scene, stage) = group(&[ANNA, BERTA, CARLIS], Quorum::Any);
    let item = scene.with_stage(stage.clone());
    assert_eq!(item.waiting_for(), [BERTA, CARLIS].into());
    assert_eq!(scene.apply(&item, yes(ANNA)).expect_err("herself").reason, Reason::Oneself);
    let submission = rights::request::Submission {
        kind: for_ninety_days(),
        requester: BERTA,
        subject: ANNA,
        entitlement: entitlement(1),
        risk: Risk::Medium,
        scheme: Scheme::of(vec![stage]),
    };
    let item = Item::submit(submission, &scene.facts()).next;
    assert_eq!(item.waiting_for(), [CARLIS].into());
    assert_eq!(scene.apply(&item, yes(BERTA)).expect_err("her request").reason, Reason::OwnRequest);
    let in_her_name = as_deputy(FRICIS, &[BERTA], Decision::Approve);
    assert_eq!(scene.apply(&item, in_her_name).expect_err("nor in her name").reason, Reason::Stranger);
    let deputy_herself = as_deputy(ANNA, &[CARLIS], Decision::Approve);
    assert_eq!(scene.apply(&item, deputy_herself).expect_err("nor as a deputy").reason, Reason::Oneself);
}

#[test]
fn who_has_left_decides_nothing() {
    let mut scene = Scene::new();
    scene.candidates = Candidates::none().with(
        Resolver::LineManager(1),
        [Candidate { user: BERTA, is_active: false }, Candidate { user: CARLIS, is_active: true }],
    );
    assert_eq!(scene.with_stage(manager()).waiting_for(), [CARLIS].into());
}

#[test]
fn a_quorum_is_counted_by_seats() {
    for (quorum, needed) in [(Quorum::Any, 1), (Quorum::AtLeast(2), 2), (Quorum::All, 3)] {
        let (scene, stage) = group(&[BERTA, CARLIS, DZINTRA], quorum);
        let mut item = scene.with_stage(stage);
        for (at, user) in [BERTA, CARLIS, DZINTRA].into_iter().enumerate().take(needed) {
            assert_eq!((item.state.word(), item.waiting_for().len()), ("pending", 3 - at), "{quorum:?}");
            item = scene.then(&item, yes(user));
        }
        assert_eq!((item.state, item.tasks[0].state), (State::Fulfilled, TaskState::Approved), "{quorum:?}");
    }
}

#[test]
fn nobody_votes_twice() {
    let (scene, stage) = group(&[BERTA, CARLIS], Quorum::All);
    let item = scene.then(&scene.with_stage(stage), yes(BERTA));
    assert_eq!(scene.apply(&item, yes(BERTA)).expect_err("again").reason, Reason::Twice);
    let as_another = as_deputy(BERTA, &[CARLIS], Decision::Approve);
    assert_eq!(scene.apply(&item, as_another).expect_err("in another hat").reason, Reason::Twice);
}

#[test]
fn a_deputy_fills_one_seat_and_both_names_are_kept() {
    let (scene, stage) = group(&[BERTA, CARLIS], Quorum::All);
    let item = scene.then(&scene.with_stage(stage), as_deputy(FRICIS, &[BERTA], Decision::Approve));
    let vote = &item.tasks[0].votes[0];
    assert_eq!((vote.voter, vote.on_behalf_of, vote.seat()), (FRICIS, Some(BERTA), BERTA));
    assert_eq!(item.waiting_for(), [CARLIS].into());
    assert_eq!(scene.apply(&item, yes(BERTA)).expect_err("her seat is filled").reason, Reason::Twice);
    let both = as_deputy(FRICIS, &[BERTA, CARLIS], Decision::Approve);
    assert_eq!(scene.apply(&item, both).expect_err("one person, one vote").reason, Reason::Twice);
}

#[test]
fn a_deputy_of_several_says_for_whom() {
    let (scene, stage) = group(&[BERTA, CARLIS], Quorum::Any);
    let item = scene.with_stage(stage);
    let of = |on_behalf_of| {
        let actor = deputy(FRICIS, &[BERTA, CARLIS]);
        Event::Vote(Ballot { actor, on_behalf_of: Some(on_behalf_of), ..ballot(FRICIS, Decision::Approve) })
    };
    let voted = scene.then(&item, of(CARLIS));
    assert_eq!(voted.tasks[0].votes[0].on_behalf_of, Some(CARLIS));
    assert_eq!(scene.apply(&item, of(DZINTRA)).expect_err("not for her").reason, Reason::Stranger);
}

#[test]
fn a_sure_identity_is_asked_for() {
    let (scene, stage) = group(&[BERTA], Quorum::Any);
    let item = scene.with_stage(Stage { assurance: Some(Assurance::Substantial), ..stage });
    for assurance in [None, Some(Assurance::Low)] {
        let weak = Event::Vote(Ballot { assurance, ..ballot(BERTA, Decision::Approve) });
        let refusal = scene.apply(&item, weak).expect_err("not sure");
        assert_eq!(refusal.reason, Reason::Assurance(Assurance::Substantial));
    }
    assert_eq!(scene.then(&item, yes(BERTA)).state, State::Fulfilled);
}

#[test]
fn others_stand_ready_where_nobody_is_there() {
    let scene = Scene::new();
    let stage = Stage { resolver: Resolver::NodeHead, fallback: Some(Resolver::SecurityOfficer), ..manager() };
    let item = scene.with_stage(stage);
    assert_eq!(item.waiting_for(), [DZINTRA].into());
    assert!(item.tasks[0].is_fallback);
}

#[test]
fn nobody_at_all_is_a_no() {
    let scene = Scene::new();
    let outcome = scene.submit(Risk::Medium, Scheme::of(vec![Stage { resolver: Resolver::NodeHead, ..manager() }]));
    assert_eq!(outcome.next.state, State::Rejected(Rejection::NoApprover));
    assert_eq!(outcome.next.tasks[0].state, TaskState::Rejected(Why::NoApprover));
    assert!(outcome.effects.contains(&Effect::Tell(Notice::NoApprover, Audience::TenantAdministrators)));
}

#[test]
fn fewer_than_a_quorum_are_nobody() {
    let (scene, stage) = group(&[BERTA, CARLIS], Quorum::AtLeast(3));
    assert_eq!(scene.with_stage(stage).state, State::Rejected(Rejection::NoApprover));
}

#[test]
fn who_has_approved_before_is_not_asked_again() {
    let mut scene = Scene::new();
    scene.candidates =
        Candidates::none().with_active(Resolver::LineManager(1), [BERTA]).with_active(Resolver::Owner, [BERTA]);
    let item = scene.then(&scene.pending(), yes(BERTA));
    assert_eq!(item.tasks[1].state, TaskState::Skipped(Skip::AlreadyApproved));
    assert_eq!(item.state, State::Fulfilled);
}

#[test]
fn one_of_several_owners_who_has_approved_before_does_not_speak_for_all() {
    let mut scene = Scene::new();
    scene.candidates = scene.candidates.with_active(Resolver::Owner, [BERTA]);
    let item = scene.then(&scene.pending(), yes(BERTA));
    assert_eq!(item.waiting_for(), [BERTA, CARLIS].into());
}

#[test]
fn stages_end_with_the_item() {
    let scene = Scene::new();
    let item = scene.then(&scene.pending(), Event::Withdraw { by: ANNA });
    assert!(item.tasks.iter().all(|task| task.state == TaskState::Cancelled));
}

#[test]
fn reminders_come_again_and_end() {
    let mut scene = Scene::new();
    let stage = Stage { remind_after: Some(Working::days(1)), ..manager() };
    let mut item = scene.with_stage(stage);
    let mut reminders = 0;
    while let Some((_, at)) = item.timers().into_iter().find(|(timer, _)| *timer == Timer::Remind) {
        assert_eq!(scene.apply(&item, Event::Remind).expect_err("too early").reason, Reason::NotYet);
        scene.now = at;
        let outcome = scene.apply(&item, Event::Remind).expect("a day");
        assert_eq!(outcome.effects, [Effect::Tell(Notice::DecisionDue, Audience::People([BERTA].into()))]);
        item = outcome.next;
        reminders += 1;
    }
    assert_eq!((reminders, item.state), (5, State::Pending));
}

#[test]
fn an_escalation_does_not_change_how_many_it_takes() {
    let (mut scene, stage) = group(&[BERTA, CARLIS], Quorum::All);
    let escalate_to = Some(Resolver::SecurityOfficer);
    let item = scene.with_stage(Stage { escalate_after: Some(Working::days(1)), escalate_to, ..stage });
    scene.pass(days(1));
    let item = scene.then(&item, Event::Escalate);
    assert_eq!(item.waiting_for(), [BERTA, CARLIS, DZINTRA].into());
    let item = scene.then(&scene.then(&item, yes(BERTA)), yes(DZINTRA));
    assert_eq!(item.state, State::Fulfilled);
}

#[test]
fn an_escalation_to_nobody_is_told_to_administrators() {
    let mut scene = Scene::new();
    let item = scene.with_stage(Stage { escalate_after: Some(Working::days(1)), ..manager() });
    scene.pass(days(1));
    let outcome = scene.apply(&item, Event::Escalate).expect("a day");
    assert_eq!(outcome.effects, [Effect::Tell(Notice::Escalated, Audience::TenantAdministrators)]);
    assert_eq!(outcome.next.waiting_for(), [BERTA].into());
}

#[test]
fn who_leaves_hands_the_decision_over() {
    let scene = Scene::new();
    let item = scene.with_stage(manager());
    let to = |line: &[UserId]| Event::HandOver { from: BERTA, line: line.to_vec() };
    assert_eq!(scene.then(&item, to(&[EDGARS])).waiting_for(), [EDGARS].into());
    assert_eq!(scene.then(&item, to(&[ANNA, EDGARS, FRICIS])).waiting_for(), [EDGARS].into(), "the first who may");
    for nobody in [&[][..], &[ANNA]] {
        assert_eq!(scene.then(&item, to(nobody)).state, State::Rejected(Rejection::NoApprover));
    }
    let stranger = Event::HandOver { from: FRICIS, line: vec![EDGARS] };
    assert_eq!(scene.apply(&item, stranger).expect_err("not his").reason, Reason::Stranger);
    let item = scene.with_stage(Stage { fallback: Some(Resolver::SecurityOfficer), ..manager() });
    assert_eq!(scene.then(&item, to(&[])).waiting_for(), [DZINTRA].into());
}

#[test]
fn whom_the_policy_names_now_comes_before_whoever_follows_a_leaver() {
    let scene = Scene::new();
    let item = scene.with_stage(Stage::of(Resolver::Owner));
    assert_eq!(item.waiting_for(), [CARLIS].into());
    let left = Candidates::none()
        .with(Resolver::Owner, [Candidate { user: CARLIS, is_active: false }])
        .with_active(Resolver::Owner, [DZINTRA]);
    let scene = Scene { candidates: left, ..scene };
    let over = Event::HandOver { from: CARLIS, line: vec![EDGARS] };
    assert_eq!(scene.then(&item, over).waiting_for(), [DZINTRA].into());
}

#[test]
fn a_scheme_that_cannot_work_is_refused() {
    let fields = |scheme: Scheme, risk| {
        let faults = scheme.check(risk).expect_err("faults");
        faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(Scheme::none(), Risk::Medium), ["stages"]);
    assert_eq!(fields(Scheme::of(vec![manager(); 11]), Risk::Low), ["stages"]);
    let never = Scheme { expires_after: Working::minutes(0), ..Scheme::of_risk(Risk::Low) };
    assert_eq!(fields(never, Risk::Low), ["expiresAfter"]);
    let skips = Stage { on_empty: rights::approval::OnEmpty::Skip, ..manager() };
    assert_eq!(fields(Scheme::of(vec![skips]), Risk::Medium), ["onEmpty"]);
    let none = Stage { quorum: Quorum::AtLeast(0), ..manager() };
    assert_eq!(fields(Scheme::of(vec![none]), Risk::Low), ["quorum"]);
    let circle = Stage { fallback: Some(Resolver::LineManager(1)), ..manager() };
    assert_eq!(fields(Scheme::of(vec![circle]), Risk::Low), ["fallback"]);
    for risk in [Risk::Negligible, Risk::Low, Risk::Medium, Risk::High] {
        Scheme::of_risk(risk).check(risk).expect("the default");
    }
}

#[test]
fn who_has_approved_before_is_asked_again_where_the_policy_wants_it_or_they_did_so_for_another() {
    let candidates =
        Candidates::none().with_active(Resolver::LineManager(1), [BERTA]).with_active(Resolver::Owner, [CARLIS]);
    let scene = Scene { candidates, ..Scene::new() };
    let second = Stage { skip_if_approved: true, ..Stage::of(Resolver::Owner) };
    let item = scene.submit(Risk::Medium, Scheme::of(vec![manager(), second])).next;
    let item = scene.then(&item, as_deputy(CARLIS, &[BERTA], Decision::Approve));
    assert_eq!(item.waiting_for(), [CARLIS].into(), "he has spoken for her");
    let twice = Scheme::of(vec![manager(), manager()]);
    let item = scene.then(&scene.submit(Risk::Medium, twice).next, yes(BERTA));
    assert_eq!(item.waiting_for(), [BERTA].into());
}

#[test]
fn an_approval_at_one_stage_does_not_open_the_way_past_an_empty_one() {
    let empty = Stage { on_empty: rights::approval::OnEmpty::Skip, ..Stage::of(Resolver::NodeHead) };
    let scene = Scene::new();
    let decided = |risk| {
        let item = scene.submit(risk, Scheme::of(vec![manager(), empty.clone()])).next;
        scene.then(&item, yes(BERTA)).state
    };
    assert_eq!(decided(Risk::Low), State::Fulfilled);
    assert_eq!(decided(Risk::Medium), State::Rejected(Rejection::NoApprover));
}

#[test]
fn only_ones_own_seat_is_handed_on_and_not_to_who_has_voted() {
    let (scene, stage) = group(&[BERTA, CARLIS, DZINTRA], Quorum::All);
    let item = scene.with_stage(stage);
    let hand_on = |actor, from, to| Event::Reassign { actor, from, to, is_active: true, reason: "away".into() };
    let others = hand_on(rights::delegation::Actor::alone(BERTA), CARLIS, EDGARS);
    assert_eq!(scene.apply(&item, others).expect_err("his seat").reason, Reason::Stranger);
    let by_deputy = hand_on(deputy(FRICIS, &[CARLIS]), CARLIS, EDGARS);
    assert_eq!(scene.then(&item, by_deputy).waiting_for(), [BERTA, DZINTRA, EDGARS].into());
    let voted = scene.then(&item, as_deputy(FRICIS, &[BERTA], Decision::Approve));
    let to_voter = hand_on(rights::delegation::Actor::alone(CARLIS), CARLIS, FRICIS);
    assert_eq!(scene.apply(&voted, to_voter).expect_err("two votes").reason, Reason::Unsuitable);
}
