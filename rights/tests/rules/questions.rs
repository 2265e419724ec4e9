//! Questions before a decision.

use rights::{
    Reason,
    delegation::Actor,
    grant::{Ending, Term},
    request::{Event, Item, Kind, State, Wish},
};

use crate::scene::*;

#[test]
fn a_question_stops_the_clocks_and_an_answer_lets_them_go_on() {
    let mut scene = Scene::new();
    let item = scene.pending();
    scene.pass(days(1));
    let asked = scene.then(&item, question());
    assert!(matches!(asked.state, State::InfoRequested { .. }));
    assert!(asked.waiting_for().is_empty(), "nobody can decide now");
    assert_eq!(asked.timers().len(), 1, "only the question has a deadline");
    scene.pass(days(2));
    let answered = scene.then(&asked, Event::Answer { by: ANNA, text: "For the audit.".into() });
    assert_eq!(answered.state, State::Pending);
    assert_eq!(answered.waiting_for(), [BERTA].into());
    assert_eq!(answered.questions[0].answer.as_deref(), Some("For the audit."));
    let left = |item: &Item, at| scene.calendar.between(at, item.expires);
    assert_eq!(left(&answered, scene.now), left(&item, scene.now - days(2)));
}

#[test]
fn only_approvers_ask_and_not_without_end() {
    let scene = Scene::new();
    let mut item = scene.pending();
    let stranger = Event::Ask { actor: Actor::alone(FRICIS), question: "Why?".into() };
    assert_eq!(scene.apply(&item, stranger).expect_err("not his").reason, Reason::Stranger);
    let silence = Event::Ask { actor: Actor::alone(BERTA), question: " ".into() };
    assert_eq!(scene.apply(&item, silence).expect_err("no question").reason, Reason::Missing("question"));
    for _ in 0..3 {
        item = scene.then(&item, question());
        item = scene.then(&item, Event::Answer { by: ANNA, text: "Because.".into() });
    }
    assert_eq!(scene.apply(&item, question()).expect_err("enough").reason, Reason::TooOften);
}

#[test]
fn another_content_is_decided_anew() {
    let scene = Scene::new();
    let item = scene.then(&scene.pending(), yes(BERTA));
    let ask = Event::Ask { actor: Actor::alone(CARLIS), question: "So long?".into() };
    let asked = scene.then(&item, ask);
    let same = Event::Amend { by: ANNA, kind: asked.kind.clone() };
    assert_eq!(scene.apply(&asked, same).expect_err("no change").reason, Reason::Missing("a change"));
    let kind = Kind::Grant(Wish { from: None, term: Term::For(days(10)) });
    let amended = scene.then(&asked, Event::Amend { by: ANNA, kind: kind.clone() });
    assert_eq!((&amended.kind, &amended.state), (&kind, &State::Pending));
    assert_eq!(amended.waiting_for(), [BERTA].into(), "her approval counts no more");
    assert_eq!(amended.void[0].votes[0].voter, BERTA, "and is kept");
    let other = Event::Amend { by: ANNA, kind: Kind::Revoke { grant: GRANT, reason: Ending::GivenBack } };
    assert!(matches!(scene.apply(&asked, other).expect_err("another request").reason, Reason::Policy(_)));
}

#[test]
fn a_question_without_an_answer_expires() {
    let mut scene = Scene::new();
    let asked = scene.then(&scene.pending(), question());
    assert_eq!(scene.apply(&asked, Event::Expire).expect_err("too early").reason, Reason::NotYet);
    let State::InfoRequested { until, .. } = asked.state else { panic!("{:?}", asked.state) };
    scene.now = until;
    let expired = scene.then(&asked, Event::Expire);
    assert_eq!(expired.state, State::Expired);
}
