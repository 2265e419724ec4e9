//! Segregation of duties: found, foreseen, excepted.

use rights::{
    Audience, Effect, Instant, NodeId, Notice, Reason,
    sod::{
        Conflict, Event, Exception, Finding, Holding, Mode, Rule, Scope, State, Timer, Violation, at_provisioning,
        detect, predict, weigh,
    },
};

use crate::scene::*;

/// Who assesses (1, 2) does not write off (3).
fn tax(scope: Scope) -> Rule {
    let (one, other) = ([entitlement(1), entitlement(2)].into(), [entitlement(3)].into());
    Rule { id: rule(1), one, other, scope, mode: Mode::Block }
}

fn held(number: u128, institution: Option<NodeId>) -> Holding {
    Holding { entitlement: entitlement(number), institution }
}

fn exception() -> Exception {
    Exception {
        by: DZINTRA,
        reason: "Until somebody new is there.".into(),
        control: "The head signs each of them.".into(),
        from: monday(),
        until: monday() + days(90),
        is_foreseen: false,
    }
}

fn violation() -> Violation {
    let finding = detect(&[tax(Scope::Tenant)], &[held(1, None), held(3, None)]).remove(0);
    Violation::found(ANNA, finding).next
}

fn then(violation: &Violation, event: Event, now: Instant) -> Violation {
    violation.apply(event, now).expect("it is possible").next
}

fn refuses(violation: &Violation, event: Event) -> Reason {
    violation.apply(event, monday()).expect_err("it is not possible").reason
}

#[test]
fn both_sides_are_a_conflict_and_one_is_none() {
    let rules = [tax(Scope::Tenant)];
    assert_eq!(detect(&rules, &[held(1, None), held(2, None)]), []);
    let found = detect(&rules, &[held(1, None), held(3, None), held(9, None)]);
    let expected =
        Finding { rule: rule(1), mode: Mode::Block, one: [entitlement(1)].into(), other: [entitlement(3)].into() };
    assert_eq!(found, [expected]);
}

#[test]
fn two_institutions_are_two_worlds_if_the_rule_says_so() {
    let apart = [held(1, Some(node(1))), held(3, Some(node(2)))];
    assert_eq!(detect(&[tax(Scope::Institution)], &apart), []);
    assert_eq!(detect(&[tax(Scope::Tenant)], &apart).len(), 1);
    let together = [held(1, Some(node(1))), held(3, Some(node(1)))];
    assert_eq!(detect(&[tax(Scope::Institution)], &together).len(), 1);
    let anywhere = [held(1, Some(node(1))), held(3, None)];
    assert_eq!(detect(&[tax(Scope::Institution)], &anywhere).len(), 1, "what is held everywhere is held here");
    let mixed = [held(1, Some(node(1))), held(2, Some(node(2))), held(3, Some(node(2)))];
    assert_eq!(detect(&[tax(Scope::Institution)], &mixed)[0].one, [entitlement(2)].into());
}

#[test]
fn only_what_is_new_is_foreseen() {
    let rules = [tax(Scope::Tenant)];
    assert_eq!(predict(&rules, &[held(1, None)], &[held(3, None)]).len(), 1);
    assert_eq!(predict(&rules, &[], &[held(1, None), held(3, None)]).len(), 1, "asked for together");
    let there = [held(1, None), held(3, None)];
    assert_eq!(predict(&rules, &there, &[held(9, None)]), [], "it was there before");
    assert_eq!(predict(&rules, &there, &[held(3, None)]), [], "to hold it once more changes nothing");
    assert_eq!(predict(&rules, &there, &[held(2, None)])[0].one, [entitlement(2)].into());
}

#[test]
fn how_firm_a_rule_is_decides() {
    for (mode, is_excepted, blocks) in [
        (Mode::Detect, false, false),
        (Mode::Warn, false, false),
        (Mode::RequireException, false, true),
        (Mode::RequireException, true, false),
        (Mode::Block, false, true),
        (Mode::Block, true, false),
    ] {
        assert_eq!(Conflict { rule: rule(1), mode, is_excepted }.blocks(), blocks, "{mode:?} {is_excepted}");
    }
    assert_eq!(at_provisioning(Mode::Block, false), Mode::Detect);
    assert_eq!(at_provisioning(Mode::Block, true), Mode::Block);
    assert_eq!(at_provisioning(Mode::RequireException, true), Mode::Detect);
}

#[test]
fn an_exception_counts_while_it_lasts() {
    let findings = detect(&[tax(Scope::Tenant)], &[held(1, None), held(3, None)]);
    let allowed = [(findings[0].clone(), exception())];
    let excepted = |now| weigh(&findings, &allowed, now)[0].is_excepted;
    assert!(!excepted(monday() - days(1)) && excepted(monday()) && !excepted(monday() + days(90)));
    let other = Finding { rule: rule(2), ..findings[0].clone() };
    assert!(!weigh(&findings, &[(other, exception())], monday())[0].is_excepted, "of another rule");
}

#[test]
fn an_exception_allows_what_it_was_given_for_and_no_more() {
    let all = detect(&[tax(Scope::Tenant)], &[held(1, None), held(2, None), held(3, None)]);
    let less = detect(&[tax(Scope::Tenant)], &[held(1, None), held(3, None)]);
    let is_excepted =
        |findings: &[Finding], of: &Finding| weigh(findings, &[(of.clone(), exception())], monday())[0].is_excepted;
    assert!(is_excepted(&less, &all[0]) && !is_excepted(&all, &less[0]));
}

#[test]
fn what_grows_beyond_its_exception_is_there_again() {
    let excepted = then(&violation(), Event::Except(exception()), monday());
    let more = detect(&[tax(Scope::Tenant)], &[held(1, None), held(2, None), held(3, None)]).remove(0);
    let grown = excepted.apply(Event::Found(more.clone()), monday()).expect("it is possible");
    assert_eq!((&grown.next.state, &grown.next.finding), (&State::Detected, &more));
    assert_eq!(grown.effects, [Effect::Tell(Notice::ConflictFound, Audience::SecurityOfficers)]);
    let wide = then(&grown.next, Event::Except(exception()), monday());
    let shrunk = then(&wide, Event::Found(violation().finding), monday());
    assert_eq!((&shrunk.state, &shrunk.finding), (&wide.state, &violation().finding));
    let again = then(&shrunk, Event::Found(more), monday());
    assert_eq!(again.state, State::Detected, "what was given up is not allowed any more");
    assert_eq!(then(&violation(), Event::Found(wide.finding), monday()).state, State::Detected);
}

#[test]
fn what_is_allowed_beforehand_waits_until_it_is_there() {
    let wide = detect(&[tax(Scope::Tenant)], &[held(1, None), held(2, None), held(3, None)]).remove(0);
    let before = Violation { finding: wide.clone(), ..violation() };
    let foreseen = Exception { is_foreseen: true, ..exception() };
    let waiting = then(&before, Event::Except(foreseen), monday());
    assert!(waiting.is_foreseen(monday()) && !waiting.is_foreseen(monday() + days(90)));
    assert_eq!(then(&waiting, Event::Found(violation().finding), monday()), waiting, "a part of it");
    let whole = then(&waiting, Event::Found(wide), monday());
    assert_eq!(whole.state, State::Excepted(exception()), "from now on as any other");
}

#[test]
fn a_rule_has_two_different_sides() {
    let fields =
        |rule: Rule| rule.check().expect_err("faults").into_iter().map(|fault| fault.field).collect::<Vec<_>>();
    tax(Scope::Tenant).check().expect("a rule");
    assert_eq!(fields(Rule { one: [].into(), ..tax(Scope::Tenant) }), ["one"]);
    assert_eq!(fields(Rule { other: [entitlement(1)].into(), ..tax(Scope::Tenant) }), ["other"]);
}

#[test]
fn a_conflict_is_told_when_it_is_found() {
    let finding = violation().finding;
    let outcome = Violation::found(ANNA, finding);
    assert_eq!(outcome.next.state, State::Detected);
    assert_eq!(outcome.effects, [Effect::Tell(Notice::ConflictFound, Audience::SecurityOfficers)]);
}

#[test]
fn an_exception_is_for_a_while_and_never_by_oneself() {
    let except = |exception| refuses(&violation(), Event::Except(exception));
    assert_eq!(except(Exception { by: ANNA, ..exception() }), Reason::Oneself);
    assert_eq!(except(Exception { reason: " ".into(), ..exception() }), Reason::Missing("reason"));
    assert_eq!(except(Exception { control: String::new(), ..exception() }), Reason::Missing("control"));
    assert_eq!(except(Exception { until: monday(), ..exception() }), Reason::Period);
    let latest = Reason::EndAfter(monday() + days(366));
    assert_eq!(except(Exception { until: monday() + days(367), ..exception() }), latest);
    let excepted = then(&violation(), Event::Except(exception()), monday());
    assert_eq!(excepted.state, State::Excepted(exception()));
    let until = monday() + days(90);
    assert_eq!(excepted.timers(), [(Timer::Notice, until - days(30)), (Timer::Lapse, until)]);
}

#[test]
fn an_exception_ends_and_the_conflict_is_there_again() {
    let excepted = then(&violation(), Event::Except(exception()), monday());
    assert_eq!(refuses(&excepted, Event::Lapse), Reason::NotYet);
    assert_eq!(then(&excepted, Event::Lapse, monday() + days(90)).state, State::Detected);
    assert_eq!(then(&excepted, Event::Withdraw, monday()).state, State::Detected);
    assert_eq!(refuses(&violation(), Event::Withdraw), Reason::State);
}

#[test]
fn one_side_goes_and_it_is_resolved() {
    assert_eq!(then(&violation(), Event::Remedy(entitlement(3)), monday()).state, State::Resolved);
    assert_eq!(refuses(&violation(), Event::Remedy(entitlement(9))), Reason::Unsuitable);
    let both = detect(&[tax(Scope::Tenant)], &[held(1, None), held(2, None), held(3, None)]).remove(0);
    let wide = Violation::found(ANNA, both).next;
    let narrower = then(&wide, Event::Remedy(entitlement(1)), monday());
    assert_eq!((&narrower.state, &narrower.finding.one), (&State::Detected, &[entitlement(2)].into()));
    assert_eq!(then(&narrower, Event::Remedy(entitlement(2)), monday()).state, State::Resolved);
}

#[test]
fn what_is_held_no_more_is_resolved() {
    let excepted = then(&violation(), Event::Except(exception()), monday());
    for before in [violation(), excepted] {
        let resolved = then(&before, Event::Gone, monday());
        assert_eq!((&resolved.state, resolved.timers()), (&State::Resolved, vec![]));
        assert_eq!(then(&resolved, Event::Gone, monday()).state, State::Resolved, "once more is no news");
        assert_eq!(refuses(&resolved, Event::Except(exception())), Reason::State);
    }
}
