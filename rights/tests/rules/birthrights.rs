//! What people have because of where and as what they work.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rights::{
    GrantId,
    birthright::{Birthright, Condition, Employment, Held, OVERLAP, Rule, difference, entitled, has_moved},
};
use time::{Date, macros::date};
use uuid::Uuid;

use crate::scene::*;

const TODAY: Date = date!(2026 - 03 - 02);

/// A clerk of a unit (3) of the finance department (2) of the municipality (1).
fn clerk() -> Employment {
    Employment {
        path: vec![node(3), node(2), node(1)],
        position: Some("clerk".into()),
        kind: Some("permanent".into()),
        manager: Some(BERTA),
        starts: Some(date!(2020 - 01 - 01)),
        ends: None,
    }
}

fn position(name: &str) -> Condition {
    Condition::Position(name.into())
}

fn when(condition: Condition) -> Rule {
    Rule { id: rule(1), when: condition, entitlements: [entitlement(1)].into() }
}

fn applies(condition: Condition, employments: &[Employment]) -> bool {
    !entitled(&[when(condition)], employments, TODAY).is_empty()
}

fn by(number: u128) -> Birthright {
    Birthright { rule: rule(number), entitlement: entitlement(number) }
}

fn held(number: u128, until: Option<rights::Instant>) -> Held {
    Held { grant: GrantId(Uuid::from_u128(number)), by: by(number), until }
}

#[test]
fn a_node_means_whatever_is_below_it() {
    for (number, expected) in [(1, true), (2, true), (3, true), (4, false)] {
        assert_eq!(applies(Condition::Within(node(number)), &[clerk()]), expected, "node {number}");
    }
}

#[test]
fn conditions_are_about_one_employment_as_a_whole() {
    let both = Condition::All(vec![Condition::Within(node(2)), position("head")]);
    let elsewhere = Employment { path: vec![node(9), node(1)], position: Some("head".into()), ..clerk() };
    assert!(!applies(both.clone(), &[clerk(), elsewhere.clone()]), "head here and clerk there is not head there");
    assert!(applies(Condition::Any(vec![position("head"), position("clerk")]), &[clerk()]));
    assert!(applies(Condition::Not(Box::new(position("head"))), &[clerk()]));
    assert!(applies(Condition::Kind("permanent".into()), &[clerk()]));
    assert!(!applies(Condition::Not(Box::new(position("head"))), &[]), "who does not work has no birthright");
    assert!(!applies(both, &[elsewhere]));
}

#[test]
fn employments_count_from_their_first_day_to_their_last() {
    for (starts, ends, expected) in [
        (Some(TODAY), Some(TODAY), true),
        (TODAY.next_day(), None, false),
        (None, TODAY.previous_day(), false),
        (None, None, true),
    ] {
        let employment = Employment { starts, ends, ..clerk() };
        assert_eq!(applies(position("clerk"), &[employment]), expected, "{starts:?} to {ends:?}");
    }
}

#[test]
fn each_rule_is_a_source_by_itself() {
    let second = Rule { id: rule(2), ..when(Condition::Within(node(1))) };
    let found = entitled(&[when(position("clerk")), second], &[clerk()], TODAY);
    let rules: Vec<_> = found.iter().map(|one| one.rule).collect();
    assert_eq!(rules, [rule(1), rule(2)]);
}

#[test]
fn what_a_rule_gives_no_more_runs_out_and_what_it_gives_again_stays() {
    let entitled: BTreeSet<Birthright> = [by(1), by(2), by(3)].into();
    let soon = monday() + days(3);
    let held = [held(2, None), held(3, Some(soon)), held(4, None), held(5, Some(soon))];
    let change = difference(&entitled, &held, OVERLAP, monday());
    assert_eq!(change.give, [by(1)]);
    assert_eq!(change.keep, [GrantId(Uuid::from_u128(3))]);
    assert_eq!(change.end, [(GrantId(Uuid::from_u128(4)), monday() + days(14))]);
}

#[test]
fn somebody_has_moved_where_a_current_employment_differs() {
    let moved = |after: Employment| has_moved((&[clerk()], TODAY), (&[after], TODAY));
    assert!(!moved(clerk()));
    assert!(!moved(Employment { ends: Some(date!(2027 - 01 - 01)), ..clerk() }), "a longer contract is no move");
    assert!(moved(Employment { path: vec![node(4), node(2), node(1)], ..clerk() }));
    assert!(moved(Employment { position: Some("head".into()), ..clerk() }));
    assert!(moved(Employment { manager: Some(CARLIS), ..clerk() }));
    assert!(moved(Employment { kind: Some("contract".into()), ..clerk() }));
    assert!(moved(Employment { ends: TODAY.previous_day(), ..clerk() }));
}

#[test]
fn a_move_that_is_dated_ahead_is_one_on_its_day() {
    let yesterday = TODAY.previous_day().expect("a day");
    let head = Employment { position: Some("head".into()), starts: Some(TODAY), ..clerk() };
    let moves = |all: &[Employment]| has_moved((all, yesterday), (all, TODAY));
    assert!(moves(&[Employment { ends: Some(yesterday), ..clerk() }, head.clone()]));
    assert!(moves(&[clerk(), head]), "a second one has begun");
    assert!(!moves(&[clerk()]));
    let same = Employment { starts: Some(TODAY), ..clerk() };
    assert!(!moves(&[Employment { ends: Some(yesterday), ..clerk() }, same]), "a new contract for the same is no move");
}

#[test]
fn a_rule_says_something_and_not_too_much() {
    let fields =
        |rule: Rule| rule.check().expect_err("faults").into_iter().map(|fault| fault.field).collect::<Vec<_>>();
    when(position("clerk")).check().expect("a rule");
    assert_eq!(fields(when(Condition::All(vec![]))), ["when"]);
    assert_eq!(fields(when(position(" "))), ["when"]);
    assert_eq!(fields(when(Condition::Any(vec![position("clerk"); 101]))), ["when"]);
    let deep = (0..9).fold(position("clerk"), |inner, _| Condition::Not(Box::new(inner)));
    assert_eq!(fields(when(deep)), ["when"]);
    assert_eq!(fields(Rule { entitlements: [].into(), ..when(position("clerk")) }), ["entitlements"]);
}

proptest! {
    /// What a difference says, done, leaves no difference.
    #[test]
    fn done_once_there_is_nothing_left_to_do(
        entitled in proptest::collection::btree_set(0_u128..10, 0..10),
        before in proptest::collection::btree_map(0_u128..10, any::<bool>(), 0..10),
    ) {
        let entitled: BTreeSet<Birthright> = entitled.into_iter().map(by).collect();
        let end = |runs_out: bool| runs_out.then_some(monday() + days(5));
        let mut now_held: Vec<Held> = before.into_iter().map(|(number, out)| held(number, end(out))).collect();
        let change = difference(&entitled, &now_held, OVERLAP, monday());
        for one in &mut now_held {
            if change.keep.contains(&one.grant) {
                one.until = None;
            }
            if let Some((_, until)) = change.end.iter().find(|(grant, _)| *grant == one.grant) {
                one.until = Some(*until);
            }
        }
        let new = change.give.iter().enumerate();
        let given = |(at, by): (usize, &Birthright)| {
            Held { grant: GrantId(Uuid::from_u128(1000 + at as u128)), by: *by, until: None }
        };
        now_held.extend(new.map(given));
        prop_assert!(difference(&entitled, &now_held, OVERLAP, monday()).is_empty());
        let lasting: BTreeSet<Birthright> =
            now_held.iter().filter(|one| one.until.is_none()).map(|one| one.by).collect();
        prop_assert_eq!(lasting, entitled);
    }
}

#[test]
fn the_same_birthright_is_held_once() {
    let twice = [held(1, None), Held { grant: GrantId(Uuid::from_u128(77)), ..held(1, None) }];
    let change = difference(&[by(1)].into(), &twice, OVERLAP, monday());
    assert_eq!(change.end, [(GrantId(Uuid::from_u128(77)), monday() + OVERLAP)]);
}
