//! Whatever happens to a person's grants, in whatever order.

use proptest::prelude::*;
use rights::{
    Instant,
    grant::{self, Ending, Event, Facts, Grant, Limits, NewGrant, Source, State, Term},
    lifecycle::{self, Standing, Windows},
    sod::{Conflict, Mode},
};
use time::Duration;

use crate::scene::*;

fn event() -> impl Strategy<Value = Event> {
    let day = || (0_i64..200).prop_map(|number| monday() + days(number));
    prop_oneof![
        Just(Event::Start),
        day().prop_map(Event::Extend),
        day().prop_map(Event::Shorten),
        Just(Event::Warn),
        Just(Event::Expire),
        Just(Event::Certify),
        proptest::option::of(day()).prop_map(|return_by| Event::Suspend { return_by }),
        Just(Event::Resume),
        Just(Event::Lapse),
        prop_oneof![Just(Ending::Owner), Just(Ending::Removed), Just(Ending::Manager)].prop_map(Event::End),
    ]
}

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        Just(Term::Open),
        (1_i64..100).prop_map(|length| Term::For(days(length))),
        (1_i64..100).prop_map(|until| Term::Until(monday() + days(until))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_grant_keeps_its_word(
        term in term(),
        (later, is_there) in (proptest::option::of(1_i64..20), any::<bool>()),
        events in proptest::collection::vec((event(), 0_i64..200, any::<[bool; 3]>()), 0..25),
    ) {
        let from = later.map(|number| monday() + days(number));
        let source = Source::Request;
        let mut grant = Grant::begin(NewGrant { user: ANNA, entitlement: entitlement(1), source, from, term }, is_there, monday());
        let limits = Limits { extensions: 5, total: Some(days(150)), ..Limits::default() };
        let mut now = monday();
        for (event, hours, [is_subject_active, is_entitlement_active, conflict]) in events {
            now = now + Duration::hours(hours);
            let conflicts = [Conflict { rule: rule(1), mode: Mode::Block, is_excepted: !conflict }];
            let facts =
                Facts { now, is_subject_active, is_entitlement_active, conflicts: &conflicts, limits: &limits };
            let takes_away = event.takes_away();
            let result = grant.apply(event.clone(), &facts);
            if takes_away {
                prop_assert!(result.is_ok(), "to take away is never refused: {event:?}");
            }
            let Ok(outcome) = result else { continue };
            if grant.state.is_final() {
                prop_assert_eq!(&outcome.next, &grant, "what has ended is final");
                prop_assert!(outcome.effects.is_empty());
            }
            if takes_away {
                prop_assert!(outcome.next.state != State::Active, "{event:?}");
                let again = outcome.next.apply(event.clone(), &facts).expect("twice as well");
                prop_assert_eq!(&again.next, &outcome.next, "done twice is done once: {:?}", event);
            }
            if grant.state != State::Active && outcome.next.state == State::Active {
                prop_assert!(is_subject_active && is_entitlement_active && !conflict);
            }
            grant = outcome.next;
            prop_assert_eq!(grant.held_at(now), grant.state == State::Active, "{:?}", grant);
            if let (Some(until), Some(activated)) = (grant.until, grant.activated) {
                prop_assert!(grant.extensions == 0 || until <= activated + days(150), "longer than all in all");
            }
            let text = serde_json::to_string(&grant).expect("JSON");
            prop_assert_eq!(&serde_json::from_str::<Grant>(&text).expect("a grant"), &grant);
        }
    }

    /// History never changes: what was held at an instant stays held at it, whatever happens later.
    #[test]
    fn what_was_held_stays_held(events in proptest::collection::vec((event(), 1_i64..100), 1..20)) {
        let new = NewGrant {
            user: ANNA, entitlement: entitlement(1), source: Source::Request, from: None, term: Term::For(days(60)),
        };
        let (mut grant, mut now) = (Grant::begin(new, true, monday()), monday());
        let limits = Limits { extensions: 9, ..Limits::default() };
        let mut seen: Vec<(Instant, bool)> = vec![(now, true)];
        for (event, hours) in events {
            now = now + Duration::hours(hours);
            let facts =
                Facts { now, is_subject_active: true, is_entitlement_active: true, conflicts: &[], limits: &limits };
            if let Ok(outcome) = grant.apply(event, &facts) {
                grant = outcome.next;
            }
            seen.push((now, grant.state == State::Active));
            for (at, held) in &seen {
                prop_assert_eq!(grant.held_at(*at), *held, "at {} of {:?}", at, grant);
            }
        }
    }

    /// A person comes, leaves and returns in any order; whoever is not active is a member of nothing.
    #[test]
    fn who_is_not_there_is_in_no_group(
        terms in proptest::collection::vec(term(), 1..4),
        events in proptest::collection::vec((0_usize..5, 0_i64..400), 0..20),
    ) {
        use lifecycle::{Consequence, Event as Life};
        let mut now = monday();
        let mut standing = Standing::Active;
        let new = |term| NewGrant { user: ANNA, entitlement: entitlement(1), source: Source::Request, from: None, term };
        let mut grants: Vec<Grant> = terms.into_iter().map(|term| Grant::begin(new(term), true, now)).collect();
        for (which, hours) in events {
            now = now + Duration::hours(hours);
            let event = Life::ALL[which];
            let result = standing.apply(event, &Windows::default(), now);
            if event.takes_away() {
                prop_assert!(result.is_ok(), "{event:?} of {standing:?}");
            }
            let Ok(outcome) = result else { continue };
            standing = outcome.next;
            let is_subject_active = standing == Standing::Active;
            let limits = Limits::default();
            let facts =
                Facts { now, is_subject_active, is_entitlement_active: true, conflicts: &[], limits: &limits };
            for consequence in outcome.effects {
                let event = match consequence {
                    Consequence::Suspend { return_by } => Event::Suspend { return_by },
                    Consequence::Resume => Event::Resume,
                    Consequence::End => Event::End(Ending::Leaver),
                    _ => continue,
                };
                for grant in &mut grants {
                    match grant.apply(event.clone(), &facts) {
                        Ok(outcome) => *grant = outcome.next,
                        Err(refusal) => prop_assert_eq!(refusal.event, "resume"),
                    }
                }
            }
            if !is_subject_active {
                prop_assert!(!grant::is_member(&grants), "{standing:?}");
            }
        }
    }
}
