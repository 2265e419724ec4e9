//! People come, move and leave, transition by transition.

use rights::{
    Instant, Reason,
    approval::Candidate,
    grant::Ending,
    lifecycle::{self, Consequence, Event, Standing, Windows, successors},
};

use crate::scene::*;

const LEAVE: Event = Event::Deactivate { at_once: false };
const END: Consequence = Consequence::End(Ending::Leaver);

fn last_day() -> Instant {
    monday() + days(30)
}

fn deactivated() -> Standing {
    Standing::Deactivated { return_by: Some(last_day()) }
}

fn deleted() -> Standing {
    Standing::Deleted { restore_by: last_day() }
}

fn becomes(standing: &Standing, event: Event) -> (Standing, Vec<Consequence>) {
    let outcome = standing.apply(event, &Windows::default(), monday()).expect("it is possible");
    (outcome.next, outcome.effects)
}

fn refuses(standing: &Standing, event: Event) -> Reason {
    standing.apply(event, &Windows::default(), monday()).expect_err("it is not possible").reason
}

#[test]
fn somebody_new_is_there_or_will_be() {
    for (is_active, standing) in [(true, Standing::Active), (false, Standing::Staged)] {
        let outcome = lifecycle::begin(is_active);
        assert_eq!((outcome.next, outcome.effects), (standing, vec![Consequence::Birthright]));
    }
}

#[test]
fn who_was_expected_comes() {
    let (standing, effects) = becomes(&Standing::Staged, Event::Activate);
    assert_eq!(standing, Standing::Active);
    assert_eq!(effects, [Consequence::Resume, Consequence::Birthright], "and has what was set aside for them");
}

#[test]
fn who_moves_is_looked_at_anew() {
    let moved = Event::Update { has_moved: true };
    assert_eq!(becomes(&Standing::Active, moved), (Standing::Active, vec![Consequence::Moved]));
    assert_eq!(becomes(&Standing::Active, Event::Update { has_moved: false }), (Standing::Active, vec![]));
    assert_eq!(becomes(&Standing::Staged, moved), (Standing::Staged, vec![Consequence::Birthright]));
    for standing in [Standing::Suspended, deactivated()] {
        assert_eq!(becomes(&standing, moved), (standing.clone(), vec![]), "who is not there when they are");
    }
}

#[test]
fn who_is_away_keeps_everything_for_as_long_as_it_takes() {
    let (standing, effects) = becomes(&Standing::Active, Event::Suspend);
    assert_eq!(standing, Standing::Suspended);
    assert_eq!(effects, [Consequence::Suspend { return_by: None }, Consequence::EndSessions]);
    let (standing, effects) = becomes(&standing, Event::Resume);
    assert_eq!((standing, effects), (Standing::Active, vec![Consequence::Resume, Consequence::Birthright]));
}

#[test]
fn a_client_does_not_wake_up_whom_an_administrator_has_suspended() {
    assert_eq!(refuses(&Standing::Suspended, Event::Activate), Reason::State);
}

#[test]
fn who_never_came_leaves_nothing_behind() {
    let (standing, effects) = becomes(&Standing::Staged, LEAVE);
    assert_eq!(standing, Standing::Deactivated { return_by: None });
    assert_eq!(effects, [END, Consequence::CancelRequests]);
}

#[test]
fn who_leaves_has_a_window_to_return() {
    for standing in [Standing::Active, Standing::Suspended] {
        let (after, effects) = becomes(&standing, LEAVE);
        assert_eq!(after, deactivated());
        let rest = [Consequence::CancelRequests, Consequence::HandOver, Consequence::EndSessions];
        assert_eq!(effects[0], Consequence::Suspend { return_by: Some(last_day()) });
        assert_eq!(effects[1..], rest);
    }
}

#[test]
fn who_leaves_at_once_has_none() {
    for standing in [Standing::Active, Standing::Suspended, deactivated()] {
        let (after, effects) = becomes(&standing, Event::Deactivate { at_once: true });
        assert_eq!((after, effects[0]), (Standing::Deactivated { return_by: None }, END));
    }
}

#[test]
fn who_returns_has_what_is_left_and_what_everybody_has() {
    let (standing, effects) = becomes(&deactivated(), Event::Activate);
    assert_eq!(standing, Standing::Active);
    assert_eq!(effects, [Consequence::Resume, Consequence::Birthright], "each grant knows until when it comes back");
}

#[test]
fn who_is_deleted_loses_everything_at_once() {
    for standing in [Standing::Active, Standing::Suspended] {
        let (after, effects) = becomes(&standing, Event::Delete);
        assert_eq!((after, effects[0]), (deleted(), END));
        assert!(effects.contains(&Consequence::HandOver));
    }
    for standing in [Standing::Staged, deactivated()] {
        assert_eq!(becomes(&standing, Event::Delete), (deleted(), vec![END, Consequence::CancelRequests]));
    }
}

#[test]
fn who_was_deleted_can_be_restored_without_rights() {
    let restore = |is_name_free| Event::Restore { is_name_free };
    let (standing, effects) = becomes(&deleted(), restore(true));
    assert_eq!((standing, effects), (Standing::Deactivated { return_by: None }, vec![]));
    assert_eq!(refuses(&deleted(), restore(false)), Reason::Overlap);
    let late = deleted().apply(restore(true), &Windows::default(), monday() + days(30));
    assert_eq!(late.expect_err("over").reason, Reason::TooLate);
    assert_eq!(refuses(&Standing::Active, restore(true)), Reason::State);
}

#[test]
fn to_take_away_is_never_refused() {
    for standing in [Standing::Staged, Standing::Active, Standing::Suspended, deactivated(), deleted()] {
        for event in [LEAVE, Event::Deactivate { at_once: true }, Event::Delete] {
            assert!(event.takes_away());
            let (after, _) = becomes(&standing, event);
            assert!(matches!(after, Standing::Deactivated { .. } | Standing::Deleted { .. }), "{standing:?} {event:?}");
        }
    }
}

#[test]
fn to_leave_twice_prolongs_nothing() {
    let (standing, effects) = becomes(&deactivated(), LEAVE);
    assert_eq!((standing, effects), (deactivated(), vec![]));
    assert_eq!(becomes(&deleted(), Event::Delete), (deleted(), vec![]));
}

#[test]
fn every_refusal_says_what_is_possible() {
    let standings = [Standing::Staged, Standing::Active, Standing::Suspended, deactivated(), deleted()];
    let events = [Event::Activate, Event::Update { has_moved: true }, Event::Suspend, Event::Resume, LEAVE];
    for standing in &standings {
        for event in events.into_iter().chain([Event::Delete, Event::Restore { is_name_free: true }]) {
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
