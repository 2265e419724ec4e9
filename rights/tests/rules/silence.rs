//! Whatever happens to an item, in whatever order: nothing is approved by itself, and nobody approves what concerns them.

use proptest::prelude::*;
use rights::{
    Assurance, Effect, Risk, UserId,
    approval::{Ballot, Candidate, Candidates, Decision, OnEmpty, Quorum, Resolver, Scheme, Stage, State as TaskState},
    calendar::Working,
    delegation::Actor,
    grant::Term,
    request::{Cancellation, Event, Item, Kind, State, Submission, Wish},
};
use time::Duration;
use uuid::Uuid;

use crate::scene::*;

fn person() -> impl Strategy<Value = UserId> {
    (1_u128..7).prop_map(|number| UserId(Uuid::from_u128(number)))
}

fn resolver() -> impl Strategy<Value = Resolver> {
    prop_oneof![
        Just(Resolver::LineManager(1)),
        Just(Resolver::NodeHead),
        Just(Resolver::Owner),
        Just(Resolver::SecurityOfficer)
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    let quorum = prop_oneof![Just(Quorum::Any), Just(Quorum::All), (1_u8..3).prop_map(Quorum::AtLeast)];
    let ready = (proptest::option::of(resolver()), proptest::option::of(resolver()), any::<bool>());
    let switches = (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.2), any::<bool>());
    (resolver(), quorum, ready, switches).prop_map(|(resolver, quorum, ready, switches)| Stage {
        resolver,
        quorum,
        fallback: ready.0,
        on_empty: if ready.2 { OnEmpty::Skip } else { OnEmpty::Deny },
        notify_only: switches.2,
        skip_if_approved: switches.0,
        may_reassign: switches.1,
        may_shorten: switches.3,
        assurance: switches.0.then_some(Assurance::Substantial),
        remind_after: Some(Working::days(1)),
        escalate_after: Some(Working::days(3)),
        escalate_to: ready.1,
    })
}

fn candidates() -> impl Strategy<Value = Candidates> {
    let some = proptest::collection::vec((person(), proptest::bool::weighted(0.8)), 0..4);
    proptest::collection::vec((resolver(), some), 0..6).prop_map(|found| {
        found.into_iter().fold(Candidates::none(), |all, (resolver, people)| {
            all.with(resolver, people.into_iter().map(|(user, is_active)| Candidate { user, is_active }))
        })
    })
}

/// Somebody, perhaps in the place of others.
fn actor() -> impl Strategy<Value = Actor> {
    (person(), proptest::collection::btree_set(person(), 0..3))
        .prop_map(|(user, stands_in_for)| Actor { user, stands_in_for })
}

fn event() -> impl Strategy<Value = Event> {
    let vote = (actor(), proptest::option::of(person()), proptest::bool::weighted(0.8), any::<bool>());
    prop_oneof![
        6 => vote.prop_map(|(actor, on_behalf_of, yes, sure)| Event::Vote(Ballot {
            actor,
            on_behalf_of,
            decision: if yes { Decision::Approve } else { Decision::Reject },
            comment: Some("so it is".into()),
            assurance: Some(if sure { Assurance::High } else { Assurance::Low }),
            until: None,
        })),
        1 => actor().prop_map(|actor| Event::Ask { actor, question: "why?".into() }),
        2 => person().prop_map(|by| Event::Answer { by, text: "so".into() }),
        1 => (person(), 1_i64..50).prop_map(|(by, length)| Event::Amend {
            by,
            kind: Kind::Grant(Wish { from: None, term: Term::For(days(length)) }),
        }),
        1 => (actor(), person(), person()).prop_map(|(actor, from, to)| Event::Reassign {
            actor, from, to, is_active: true, reason: "away".into(),
        }),
        1 => (person(), proptest::collection::vec(person(), 0..3))
            .prop_map(|(from, line)| Event::HandOver { from, line }),
        2 => Just(Event::Remind),
        2 => Just(Event::Escalate),
        1 => Just(Event::Expire),
        1 => person().prop_map(|by| Event::Withdraw { by }),
        1 => Just(Event::Cancel(Cancellation::Retired)),
        1 => Just(Event::Start),
    ]
}

fn is_approved(state: &State) -> bool {
    matches!(state, State::Fulfilled | State::Scheduled { .. })
}

fn gives(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Give(_) | Effect::Extend { .. }))
}

/// What holds of an item at any time.
fn check(item: &Item) -> Result<(), TestCaseError> {
    let barred = [item.subject, item.requester];
    let tasks = || item.tasks.iter().chain(&item.void);
    for vote in tasks().flat_map(|task| &task.votes) {
        prop_assert!(!barred.contains(&vote.voter), "a vote of somebody whom it concerns");
        prop_assert!(!barred.contains(&vote.seat()), "a vote in the name of somebody whom it concerns");
    }
    for task in tasks() {
        prop_assert!(task.approvers.iter().all(|approver| !barred.contains(approver)));
        let yes = task.votes.iter().filter(|vote| vote.decision == Decision::Approve).count();
        if task.state == TaskState::Approved {
            prop_assert!(yes >= task.needed && task.needed > 0, "approved without enough votes");
        }
        let mut voters: Vec<UserId> = task.votes.iter().map(|vote| vote.voter).collect();
        voters.sort_unstable();
        voters.dedup();
        prop_assert_eq!(voters.len(), task.votes.len(), "one person, one vote");
    }
    let open = item.tasks.iter().filter(|task| task.state == TaskState::Open).count();
    let waits = matches!(item.state, State::Pending | State::InfoRequested { .. });
    prop_assert_eq!(open, usize::from(waits), "one stage is open while somebody has to decide");
    prop_assert_eq!(item.state.is_final(), item.ended.is_some());
    if item.state == State::Pending {
        prop_assert!(!item.waiting_for().is_empty(), "it waits for somebody");
    }
    if is_approved(&item.state) && item.risk >= Risk::Medium {
        prop_assert!(item.tasks.iter().any(|task| task.state == TaskState::Approved));
    }
    if item.state.is_final() {
        prop_assert!(item.timers().is_empty() && item.waiting_for().is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_approved_by_itself(
        stages in proptest::collection::vec(stage(), 0..4),
        candidates in candidates(),
        (requester, risk) in (person(), 0_u8..4),
        events in proptest::collection::vec((event(), 0_i64..100), 0..30),
    ) {
        let mut scene = Scene { candidates, ..Scene::new() };
        let risk = Risk::from_number(risk).expect("a risk");
        let (kind, scheme) = (for_ninety_days(), Scheme::of(stages));
        let submission = Submission { kind, requester, subject: ANNA, entitlement: entitlement(1), risk, scheme };
        let mut item = Item::submit(submission, &scene.facts()).next;
        check(&item)?;
        for (event, hours) in events {
            scene.pass(Duration::hours(hours));
            let (was_vote, was_amended) =
                (matches!(event, Event::Vote(_)), matches!(event, Event::Amend { .. }));
            let Ok(outcome) = scene.apply(&item, event.clone()) else { continue };
            prop_assert!(!item.state.is_final(), "what is final stays");
            let begins = is_approved(&outcome.next.state) && !matches!(item.state, State::Scheduled { .. });
            if begins || gives(&outcome.effects) {
                let may_skip = was_amended && risk <= Risk::Low;
                prop_assert!(was_vote || may_skip, "approved by {event:?}");
            }
            item = outcome.next;
            check(&item)?;
        }
    }

    #[test]
    fn time_alone_ends_without_a_grant(
        stages in proptest::collection::vec(stage(), 1..4),
        candidates in candidates(),
    ) {
        let mut scene = Scene { candidates, ..Scene::new() };
        let mut item = scene.submit(Risk::Medium, Scheme::of(stages)).next;
        let mut turns = 0;
        while let Some((timer, at)) = item.timers().into_iter().min_by_key(|(_, at)| *at) {
            scene.now = scene.now.max(at);
            let event = match timer {
                rights::request::Timer::Remind => Event::Remind,
                rights::request::Timer::Escalate => Event::Escalate,
                rights::request::Timer::Expire => Event::Expire,
            };
            let outcome = scene.apply(&item, event).expect("its time has come");
            prop_assert!(!gives(&outcome.effects));
            item = outcome.next;
            turns += 1;
            prop_assert!(turns < 50, "timers end");
        }
        prop_assert!(matches!(item.state, State::Expired | State::Rejected(_)), "{:?}", item.state);
    }

    #[test]
    fn what_is_stored_is_what_is_read(
        stages in proptest::collection::vec(stage(), 0..4),
        candidates in candidates(),
        events in proptest::collection::vec(event(), 0..10),
    ) {
        let scene = Scene { candidates, ..Scene::new() };
        let mut item = scene.submit(Risk::Low, Scheme::of(stages)).next;
        for event in events {
            item = scene.apply(&item, event).map_or(item, |outcome| outcome.next);
        }
        let text = serde_json::to_string(&item).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Item>(&text).expect("an item"), item);
    }
}
