//! Grants, transition by transition.

use rights::{
    Audience, Effect, Instant, Notice, Outcome, Reason, Refusal,
    grant::{self, Ending, Event, Facts, Grant, Limits, NewGrant, Source, State, Term, Timer},
    sod::{Conflict, Mode},
};
use time::Duration;

use crate::scene::*;

/// A day in the life of a grant.
struct Day {
    now: Instant,
    limits: Limits,
    is_subject_active: bool,
    is_entitlement_active: bool,
    conflicts: Vec<Conflict>,
}

impl Day {
    fn at(now: Instant) -> Self {
        let limits = Limits { extensions: 3, ..Limits::default() };
        Self { now, limits, is_subject_active: true, is_entitlement_active: true, conflicts: Vec::new() }
    }

    fn apply(&self, grant: &Grant, event: Event) -> Result<Outcome<Grant>, Refusal> {
        let Self { now, is_subject_active, is_entitlement_active, .. } = *self;
        let (conflicts, limits) = (&self.conflicts[..], &self.limits);
        grant.apply(event, &Facts { now, is_subject_active, is_entitlement_active, conflicts, limits })
    }

    fn then(&self, grant: &Grant, event: Event) -> Grant {
        self.apply(grant, event).expect("it is possible").next
    }

    fn refuses(&self, grant: &Grant, event: Event) -> Reason {
        self.apply(grant, event).expect_err("it is not possible").reason
    }
}

fn new(from: Option<Instant>, term: Term) -> NewGrant {
    NewGrant { user: ANNA, entitlement: entitlement(1), source: Source::Request, from, term }
}

fn active() -> Grant {
    Grant::begin(new(None, Term::For(days(90))), true, monday())
}

fn scheduled() -> Grant {
    Grant::begin(new(Some(monday() + days(10)), Term::For(days(90))), true, monday())
}

fn suspended() -> Grant {
    let return_by = Some(monday() + days(31));
    Day::at(monday() + days(1)).then(&active(), Event::Suspend { return_by })
}

fn ended(at: i64, reason: Ending) -> State {
    State::Ended { at: monday() + days(at), reason }
}

#[test]
fn it_begins_at_once_or_later() {
    let grant = active();
    assert_eq!((grant.state, grant.until), (State::Active, Some(monday() + days(90))));
    let later = scheduled();
    assert_eq!((later.state, later.activated, later.until), (State::Scheduled, None, None));
    assert_eq!(later.timers(), [(Timer::Start, monday() + days(10))]);
    let past = Grant::begin(new(Some(monday() - days(10)), Term::Open), true, monday());
    assert_eq!((past.state, past.activated), (State::Active, Some(monday())), "nothing begins before it is there");
}

#[test]
fn its_length_begins_when_it_does() {
    assert_eq!(Day::at(monday()).refuses(&scheduled(), Event::Start), Reason::NotYet);
    // The node was down for three days.
    let grant = Day::at(monday() + days(13)).then(&scheduled(), Event::Start);
    assert_eq!(grant.until, Some(monday() + days(103)));
}

#[test]
fn it_does_not_begin_when_the_world_has_changed() {
    let day = || Day::at(monday() + days(10));
    let conflicts = vec![Conflict { rule: rule(1), mode: Mode::RequireException, is_excepted: false }];
    for (day, reason) in [
        (Day { is_entitlement_active: false, ..day() }, Ending::Retired),
        (Day { conflicts, ..day() }, Ending::Conflict),
    ] {
        assert_eq!(day.then(&scheduled(), Event::Start).state, ended(10, reason));
    }
    let short = Grant::begin(new(Some(monday() + days(10)), Term::Until(monday() + days(11))), true, monday());
    assert_eq!(Day::at(monday() + days(12)).then(&short, Event::Start).state, ended(12, Ending::Expired));
}

#[test]
fn what_has_not_begun_is_cancelled() {
    let grant = Day::at(monday() + days(1)).then(&scheduled(), Event::End(Ending::Cancelled));
    assert_eq!(grant.state, ended(1, Ending::Cancelled));
    assert!(!grant.held_at(monday() + days(1)));
}

#[test]
fn an_extension_keeps_to_the_limits() {
    let grant = active();
    let extend = |until| Event::Extend(monday() + days(until));
    let day = Day::at(monday() + days(80));
    let extended = day.then(&grant, extend(120));
    assert_eq!((extended.until, extended.extensions), (Some(monday() + days(120)), 1));
    assert_eq!(day.refuses(&grant, extend(90)), Reason::LastsAsLong, "no later than before");
    let day = |limits| Day { limits, ..Day::at(monday() + days(80)) };
    let once = Limits { extensions: 1, ..Limits::default() };
    assert_eq!(day(once.clone()).refuses(&extended, extend(150)), Reason::TooOften);
    let longest = Limits { longest: Some(days(30)), ..once.clone() };
    assert_eq!(day(longest).refuses(&grant, extend(111)), Reason::EndAfter(monday() + days(110)));
    let total = Limits { total: Some(days(100)), ..once.clone() };
    assert_eq!(day(total).refuses(&grant, extend(101)), Reason::EndAfter(monday() + days(100)));
    let contract = Limits { contract_end: Some(monday() + days(95)), ..once };
    assert_eq!(day(contract).refuses(&grant, extend(96)), Reason::EndAfter(monday() + days(95)));
    let open = Grant::begin(new(None, Term::Open), true, monday());
    assert_eq!(Day::at(monday()).refuses(&open, extend(5)), Reason::NoEnd, "what has no end has none to move");
}

#[test]
fn an_end_comes_nearer_and_never_moves_away_by_shortening() {
    let day = Day::at(monday() + days(10));
    let shorten = |until| Event::Shorten(monday() + days(until));
    assert_eq!(day.then(&active(), shorten(20)).until, Some(monday() + days(20)));
    assert_eq!(day.refuses(&active(), shorten(90)), Reason::Period);
    assert_eq!(day.refuses(&active(), shorten(10)), Reason::Period, "now is an end, not a shortening");
    let later = Day::at(monday()).then(&scheduled(), shorten(20));
    assert_eq!(later.term, Term::Until(monday() + days(20)));
}

#[test]
fn it_is_suspended_and_comes_back() {
    let grant = suspended();
    assert_eq!(grant.state, State::Suspended { return_by: Some(monday() + days(31)) });
    assert!(!grant::is_member([&grant]));
    let day = Day::at(monday() + days(5));
    let back = day.then(&grant, Event::Resume);
    assert_eq!((back.state, back.until), (State::Active, Some(monday() + days(90))), "time went on meanwhile");
    for (at, held) in [(0, true), (1, false), (4, false), (5, true)] {
        assert_eq!(back.held_at(monday() + days(at)), held, "day {at}");
    }
    let away = Day { is_subject_active: false, ..Day::at(monday() + days(5)) };
    assert_eq!(away.refuses(&grant, Event::Resume), Reason::Unsuitable);
}

#[test]
fn it_does_not_come_back_in_conflict() {
    let conflicts = vec![Conflict { rule: rule(1), mode: Mode::Block, is_excepted: false }];
    let day = Day { conflicts, ..Day::at(monday() + days(5)) };
    assert_eq!(day.refuses(&suspended(), Event::Resume), Reason::Conflict(vec![rule(1)]));
}

#[test]
fn behind_the_window_it_ends_instead_of_coming_back() {
    let grant = suspended();
    assert_eq!(Day::at(monday() + days(31)).then(&grant, Event::Resume).state, ended(31, Ending::Leaver));
    let retired = Day { is_entitlement_active: false, ..Day::at(monday() + days(5)) };
    assert_eq!(retired.then(&grant, Event::Resume).state, ended(5, Ending::Retired));
    let day = Day::at(monday() + days(3));
    let short = day.then(&grant, Event::Shorten(monday() + days(4)));
    assert_eq!(Day::at(monday() + days(4)).then(&short, Event::Resume).state, ended(4, Ending::Expired));
}

#[test]
fn a_suspended_one_expires_and_lapses() {
    let grant = suspended();
    let (expires, lapses) = ((Timer::Expire, monday() + days(90)), (Timer::Lapse, monday() + days(31)));
    assert_eq!(grant.timers(), [expires, lapses]);
    assert_eq!(Day::at(monday() + days(30)).refuses(&grant, Event::Lapse), Reason::NotYet);
    assert_eq!(Day::at(monday() + days(31)).then(&grant, Event::Lapse).state, ended(31, Ending::Leaver));
    assert_eq!(Day::at(monday() + days(90)).then(&grant, Event::Expire).state, ended(90, Ending::Expired));
    assert_eq!(Day::at(monday() + days(2)).then(&grant, Event::End(Ending::Review)).state, ended(2, Ending::Review));
}

#[test]
fn who_is_away_and_then_leaves_has_a_window_from_then_on() {
    let away = Day::at(monday() + days(1)).then(&active(), Event::Suspend { return_by: None });
    assert_eq!(away.timers(), [(Timer::Expire, monday() + days(90))], "however long");
    let return_by = Some(monday() + days(40));
    let left = Day::at(monday() + days(10)).then(&away, Event::Suspend { return_by });
    assert_eq!(left.state, State::Suspended { return_by });
    let again = Day::at(monday() + days(11)).then(&left, Event::Suspend { return_by: None });
    assert_eq!(again.state, State::Suspended { return_by }, "and not less of one");
}

#[test]
fn what_has_not_begun_waits_for_who_is_away_and_not_for_who_has_left() {
    let day = Day::at(monday() + days(1));
    assert_eq!(day.then(&scheduled(), Event::Suspend { return_by: None }), scheduled());
    let left = day.then(&scheduled(), Event::Suspend { return_by: Some(monday() + days(31)) });
    assert_eq!(left.state, ended(1, Ending::Leaver));
}

#[test]
fn what_is_added_for_who_is_away_is_set_aside() {
    let grant = Grant::set_aside(NewGrant { source: Source::Scim, ..new(None, Term::Open) }, None, monday());
    assert!(!grant::is_member([&grant]) && !grant.held_at(monday()));
    let back = Day::at(monday() + days(1)).then(&grant, Event::Resume);
    assert!(grant::is_member([&back]));
}

#[test]
fn it_expires_to_the_second() {
    let grant = active();
    let until = monday() + days(90);
    assert_eq!(Day::at(until - Duration::SECOND).refuses(&grant, Event::Expire), Reason::NotYet);
    let outcome = Day::at(until).apply(&grant, Event::Expire).expect("its time");
    assert_eq!(outcome.next.state, ended(90, Ending::Expired));
    assert_eq!(outcome.effects, [Effect::Tell(Notice::Ended, Audience::Subject)]);
    let open = Grant::begin(new(None, Term::Open), true, monday());
    assert_eq!(Day::at(until).refuses(&open, Event::Expire), Reason::State);
}

#[test]
fn it_is_taken_for_whatever_reason() {
    for reason in [Ending::GivenBack, Ending::Manager, Ending::Owner, Ending::Review, Ending::Conflict, Ending::Removed]
    {
        for grant in [active(), suspended(), scheduled()] {
            assert_eq!(Day::at(monday() + days(2)).then(&grant, Event::End(reason)).state, ended(2, reason));
        }
    }
}

#[test]
fn what_has_ended_stays_as_it_was() {
    let grant = Day::at(monday() + days(2)).then(&active(), Event::End(Ending::Owner));
    let day = Day::at(monday() + days(3));
    for event in [Event::End(Ending::Leaver), Event::Suspend { return_by: None }] {
        let outcome = day.apply(&grant, event).expect("to take away is never refused");
        assert_eq!((outcome.next, outcome.effects), (grant.clone(), vec![]));
    }
    for event in [Event::Start, Event::Resume, Event::Extend(monday() + days(99)), Event::Certify, Event::Warn] {
        assert_eq!(day.refuses(&grant, event), Reason::State);
    }
}

#[test]
fn its_end_is_announced_and_again_after_an_extension() {
    let mut grant = active();
    let mut said = Vec::new();
    while let Some((_, at)) = grant.timers().into_iter().find(|(timer, _)| *timer == Timer::Warn) {
        assert_eq!(Day::at(at - Duration::SECOND).refuses(&grant, Event::Warn), Reason::NotYet);
        grant = Day::at(at).then(&grant, Event::Warn);
        said.push((monday() + days(90) - at).whole_days());
    }
    assert_eq!(said, [30, 14, 7, 1]);
    let grant = Day::at(monday() + days(89)).then(&grant, Event::Extend(monday() + days(150)));
    assert!(grant.timers().contains(&(Timer::Warn, monday() + days(120))));
}

#[test]
fn what_was_due_while_nobody_ran_is_said_once() {
    let grant = Day::at(monday() + days(84)).then(&active(), Event::Warn);
    assert!(grant.timers().contains(&(Timer::Warn, monday() + days(89))), "30, 14 and 7 days are behind");
}

#[test]
fn a_short_one_is_announced_by_its_length() {
    let until = monday() + Duration::hours(4);
    let before: Vec<i64> =
        grant::warnings(monday(), until).into_iter().map(|at| (until - at).whole_minutes()).collect();
    assert_eq!(before, [48, 12]);
}

#[test]
fn an_emergency_is_not_extended_and_ends_as_one() {
    let new = NewGrant { source: Source::Emergency, ..new(None, Term::For(Duration::hours(4))) };
    let grant = Grant::begin(new, true, monday());
    let day = Day::at(monday() + Duration::hours(4));
    let refusal = day.apply(&grant, Event::Extend(monday() + days(1))).expect_err("it is not possible");
    assert!(matches!(refusal.reason, Reason::Policy(_)) && !refusal.possible.contains(&"extend"), "{refusal:?}");
    let State::Ended { reason, .. } = day.then(&grant, Event::Expire).state else { panic!("not ended") };
    assert_eq!(reason, Ending::EmergencyOver);
}

#[test]
fn a_review_leaves_its_mark() {
    let grant = Day::at(monday() + days(2)).then(&active(), Event::Certify);
    assert_eq!(grant.certified, Some(monday() + days(2)));
}

#[test]
fn one_source_ends_its_own_grant_and_a_removal_all() {
    let by_rule = Grant::begin(NewGrant { source: Source::Rule, ..new(None, Term::Open) }, true, monday());
    let by_rule_no_more = Day::at(monday() + days(1)).then(&by_rule, Event::End(Ending::Administrator));
    assert!(grant::is_member([&by_rule_no_more, &active()]));
    let taken = grant::take_all(&[by_rule, active(), scheduled(), suspended()], Ending::Removed, monday() + days(2));
    assert!(!grant::is_member(&taken));
    assert!(taken.iter().all(|grant| grant.state == ended(2, Ending::Removed)));
}

#[test]
fn what_ends_while_somebody_is_away_was_not_held_until_then() {
    let grant = Day::at(monday() + days(9)).then(&suspended(), Event::End(Ending::Owner));
    assert_eq!(grant.gaps[0].until, Some(monday() + days(9)));
}

#[test]
fn what_lies_behind_an_extension_is_not_announced() {
    let grant = Day::at(monday() + days(80)).then(&active(), Event::Extend(monday() + days(100)));
    assert!(grant.timers().contains(&(Timer::Warn, monday() + days(86))), "and not for the day 70");
}

#[test]
fn it_waits_for_who_is_not_there_when_it_begins() {
    let away = Day { is_subject_active: false, ..Day::at(monday() + days(10)) };
    let waiting = away.then(&scheduled(), Event::Start);
    let at_once = Grant::begin(new(None, Term::For(days(90))), false, monday());
    for grant in [waiting, at_once] {
        assert_eq!((grant.state, grant.activated), (State::Suspended { return_by: None }, None));
        let back = Day::at(monday() + days(20)).then(&grant, Event::Resume);
        assert_eq!((back.state, back.until), (State::Active, Some(monday() + days(110))), "its length begins then");
        assert!(!back.held_at(monday() + days(19)) && back.held_at(monday() + days(20)));
    }
    let until = Grant::begin(new(None, Term::Until(monday() + days(5))), false, monday());
    assert_eq!(until.timers(), [(Timer::Expire, monday() + days(5))], "a date does not wait");
}

#[test]
fn a_group_of_grants_takes_members_from_nobody_else() {
    use grant::Authority::{Grants, Scim};
    assert!(Scim.admits(false) && Scim.admits(true) && Grants.admits(true) && !Grants.admits(false));
}
