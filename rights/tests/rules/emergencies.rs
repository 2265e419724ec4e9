//! Access in an emergency.

use rights::{
    Assurance, Audience, Effect, Notice, Outcome, Reason,
    calendar::Calendar,
    emergency::{Emergency, Event, Facts, LONGEST, Opening, State, Verdict, open},
    grant::{NewGrant, Source, Term},
};
use time::Duration;

use crate::scene::*;

fn opening() -> Opening {
    Opening {
        user: ANNA,
        entitlement: entitlement(1),
        reason: "The register does not answer.".into(),
        incident: "INC-17".into(),
        length: Duration::hours(2),
    }
}

fn facts(calendar: &Calendar) -> Facts<'_> {
    Facts {
        now: monday(),
        calendar,
        is_for_emergencies: true,
        is_administrative: false,
        may_open: true,
        is_held: false,
        assurance: Some(Assurance::Substantial),
    }
}

fn opened() -> Outcome<Emergency> {
    open(opening(), &facts(&Calendar::latvian())).expect("an emergency")
}

fn review(by: rights::UserId, comment: &str) -> Event {
    Event::Review { by, verdict: Verdict::Justified, comment: comment.into() }
}

#[test]
fn access_is_there_at_once_and_those_who_look_after_it_know() {
    let outcome = opened();
    let (source, term) = (Source::Emergency, Term::For(Duration::hours(2)));
    let given = NewGrant { user: ANNA, entitlement: entitlement(1), source, from: None, term };
    let told = |audience| Effect::Tell(Notice::EmergencyOpened, audience);
    assert_eq!(outcome.effects, [Effect::Give(given), told(Audience::SecurityOfficers), told(Audience::Owners)]);
    let due = Calendar::latvian().add(monday(), Calendar::latvian().day_length() * 2);
    assert_eq!(outcome.next.timer(), Some(due));
}

#[test]
fn it_is_for_those_who_may_for_what_it_is_meant_for_and_for_a_few_hours() {
    let calendar = Calendar::latvian();
    let ok = facts(&calendar);
    let refused = |opening: Opening, facts: Facts<'_>| open(opening, &facts).expect_err("no").reason;
    assert!(matches!(refused(opening(), Facts { is_for_emergencies: false, ..ok }), Reason::Policy(_)));
    assert!(matches!(refused(opening(), Facts { is_administrative: true, ..ok }), Reason::Policy(_)));
    assert_eq!(refused(opening(), Facts { may_open: false, ..ok }), Reason::Stranger);
    assert_eq!(refused(opening(), Facts { is_held: true, ..ok }), Reason::Overlap);
    let level = Reason::Assurance(Assurance::Substantial);
    assert_eq!(refused(opening(), Facts { assurance: Some(Assurance::Low), ..ok }), level);
    assert_eq!(refused(Opening { reason: " ".into(), ..opening() }, ok), Reason::Missing("reason"));
    assert_eq!(refused(Opening { incident: String::new(), ..opening() }, ok), Reason::Missing("incident"));
    let longer = Opening { length: LONGEST + Duration::SECOND, ..opening() };
    assert_eq!(refused(longer, ok), Reason::EndAfter(monday() + LONGEST));
    assert_eq!(refused(Opening { length: Duration::ZERO, ..opening() }, ok), Reason::Period);
}

#[test]
fn somebody_else_looks_at_it_and_says_why() {
    let emergency = opened().next;
    let refused = |event| emergency.apply(event, monday()).expect_err("no").reason;
    assert_eq!(refused(review(ANNA, "It was.")), Reason::Oneself);
    assert_eq!(refused(review(DZINTRA, "")), Reason::Missing("comment"));
    let reviewed = emergency.apply(review(DZINTRA, "It was."), monday()).expect("looked at").next;
    assert!(matches!(reviewed.state, State::Reviewed { by: DZINTRA, .. }));
    assert_eq!(reviewed.timer(), None);
    assert_eq!(reviewed.apply(review(BERTA, "It was not."), monday()).expect_err("over").reason, Reason::State);
}

#[test]
fn what_nobody_looks_at_comes_to_the_administrators_once() {
    let emergency = opened().next;
    let due = emergency.timer().expect("a timer");
    let early = emergency.apply(Event::Escalate, due - Duration::SECOND).expect_err("too early");
    assert_eq!(early.reason, Reason::NotYet);
    let outcome = emergency.apply(Event::Escalate, due).expect("its time");
    assert_eq!(outcome.effects, [Effect::Tell(Notice::EmergencyDue, Audience::TenantAdministrators)]);
    assert_eq!(outcome.next.timer(), None);
    assert!(outcome.next.apply(Event::Escalate, due).is_err());
    assert!(outcome.next.apply(review(DZINTRA, "It was."), due).is_ok(), "it still has to be looked at");
}
