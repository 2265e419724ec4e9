//! People leave, are away, come back and are deleted, transition by transition.

use rights::{
    Instant, Reason,
    approval::Candidate,
    lifecycle::{Consequence, Event, Standing, Windows, successors},
};

use crate::scene::*;

const ALL: [Standing; 4] = [Standing::Active, Standing::Suspended, Standing::Deactivated, Standing::Deleted];
/// What follows for whoever does not come back to all that is theirs.
const REST: [Consequence; 3] = [Consequence::CancelRequests, Consequence::HandOver, Consequence::EndRoles];

fn last_day() -> Instant {
    monday() + days(30)
}

fn becomes(standing: Standing, event: Event) -> (Standing, Vec<Consequence>) {
    let outcome = standing.apply(event, &Windows::default(), monday()).expect("it is possible");
    (outcome.next, outcome.effects)
}

#[test]
fn who_is_away_keeps_everything_for_as_long_as_it_takes() {
    let (standing, effects) = becomes(Standing::Active, Event::Suspend);
    assert_eq!(standing, Standing::Suspended);
    assert_eq!(effects, [Consequence::HandOver, Consequence::Suspend { return_by: None }]);
    assert_eq!(becomes(standing, Event::Resume), (Standing::Active, vec![Consequence::Resume]));
}

#[test]
fn a_client_does_not_wake_up_whom_an_administrator_has_suspended() {
    let refusal = Standing::Suspended.apply(Event::Activate, &Windows::default(), monday()).expect_err("refused");
    assert_eq!(refusal.reason, Reason::State);
}

#[test]
fn who_leaves_has_a_window_to_return() {
    for standing in [Standing::Active, Standing::Suspended] {
        let (after, effects) = becomes(standing, Event::Deactivate);
        assert_eq!(after, Standing::Deactivated);
        assert_eq!(effects[..3], REST, "requests are held before groups");
        assert_eq!(effects[3..], [Consequence::Suspend { return_by: Some(last_day()) }]);
    }
}

#[test]
fn who_returns_has_what_is_left() {
    let (standing, effects) = becomes(Standing::Deactivated, Event::Activate);
    assert_eq!((standing, effects), (Standing::Active, vec![Consequence::Resume]));
}

#[test]
fn who_is_deleted_loses_everything_at_once() {
    for standing in [Standing::Active, Standing::Suspended, Standing::Deactivated] {
        let (after, effects) = becomes(standing, Event::Delete);
        assert_eq!(after, Standing::Deleted);
        assert_eq!((&effects[..3], &effects[3..]), (&REST[..], &[Consequence::End][..]));
    }
}

#[test]
fn to_take_away_is_never_refused() {
    for standing in ALL {
        for event in [Event::Deactivate, Event::Delete] {
            assert!(event.takes_away());
            let (after, _) = becomes(standing, event);
            assert!(matches!(after, Standing::Deactivated | Standing::Deleted), "{standing:?} {event:?}");
        }
    }
}

#[test]
fn to_leave_twice_prolongs_nothing() {
    assert_eq!(becomes(Standing::Deactivated, Event::Deactivate), (Standing::Deactivated, vec![]));
    assert_eq!(becomes(Standing::Deleted, Event::Delete), (Standing::Deleted, vec![]));
}

#[test]
fn every_refusal_says_what_is_possible() {
    for standing in ALL {
        for event in Event::ALL {
            let result = standing.apply(event, &Windows::default(), monday());
            let is_possible = standing.possible().contains(&event.word());
            assert_eq!(result.is_ok(), is_possible, "{standing:?} {event:?}");
        }
    }
}

#[test]
fn somebody_takes_on_what_a_leaver_looked_after() {
    let candidate = |user, is_active| Candidate { user, is_active };
    let in_order = [candidate(BERTA, false), candidate(ANNA, true), candidate(CARLIS, true), candidate(DZINTRA, true)];
    assert_eq!(successors(ANNA, in_order).next(), Some(CARLIS));
    assert_eq!(successors(ANNA, [candidate(ANNA, true)]).next(), None);
}
