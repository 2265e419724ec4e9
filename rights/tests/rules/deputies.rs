//! Deputies, transition by transition.

use rights::{
    Instant, Reason,
    delegation::{Actor, Delegation, Duty, Facts, State},
};

use crate::scene::*;

fn delegation(delegator: rights::UserId, delegate: rights::UserId, from: i64, until: i64) -> Delegation {
    Delegation {
        delegator,
        delegate,
        duties: [Duty::Approvals].into(),
        from: monday() + days(from),
        until: monday() + days(until),
        cancelled: None,
    }
}

fn check(new: &Delegation, others: &[Delegation]) -> Result<(), Reason> {
    let facts = Facts { now: monday(), is_delegate_active: true, others };
    new.check(&facts).map_err(|refusal| refusal.reason)
}

#[test]
fn it_is_planned_begins_and_ends_by_itself() {
    let delegation = delegation(BERTA, CARLIS, 1, 10);
    assert_eq!(check(&delegation, &[]), Ok(()));
    let state = |day| delegation.state(monday() + days(day));
    assert_eq!([state(0), state(1), state(9), state(10)], [State::Planned, State::Active, State::Active, State::Ended]);
}

#[test]
fn it_is_cancelled_and_not_changed() {
    let planned = delegation(BERTA, CARLIS, 1, 10);
    assert_eq!(planned.cancel(monday()).expect("planned").state(monday() + days(5)), State::Cancelled);
    let broken_off = planned.cancel(monday() + days(5)).expect("in force");
    assert_eq!(broken_off.state(monday() + days(5)), State::Ended);
    let refusal = broken_off.cancel(monday() + days(6)).expect_err("over");
    assert_eq!((refusal.state, refusal.reason), ("ended", Reason::State));
    assert!(planned.cancel(monday() + days(10)).is_err());
}

#[test]
fn it_has_to_make_sense() {
    let refused = |new: Delegation| check(&new, &[]).expect_err("it makes no sense");
    assert_eq!(refused(delegation(BERTA, BERTA, 1, 10)), Reason::Oneself);
    assert_eq!(refused(delegation(BERTA, CARLIS, 10, 1)), Reason::Period);
    assert_eq!(refused(delegation(BERTA, CARLIS, -10, 0)), Reason::Period);
    assert_eq!(refused(Delegation { duties: [].into(), ..delegation(BERTA, CARLIS, 1, 2) }), Reason::Missing("duties"));
    let facts = Facts { now: monday(), is_delegate_active: false, others: &[] };
    let gone = delegation(BERTA, CARLIS, 1, 2).check(&facts).expect_err("gone");
    assert_eq!(gone.reason, Reason::Unsuitable);
}

#[test]
fn a_deputy_has_no_deputy() {
    let new = delegation(BERTA, CARLIS, 1, 10);
    assert_eq!(check(&new, &[delegation(CARLIS, DZINTRA, 5, 20)]), Err(Reason::Chain));
    assert_eq!(check(&new, &[delegation(DZINTRA, BERTA, 5, 20)]), Err(Reason::Chain));
    assert_eq!(check(&new, &[delegation(CARLIS, DZINTRA, 10, 20)]), Ok(()), "one after the other");
    let reviews = Delegation { duties: [Duty::Reviews].into(), ..delegation(CARLIS, DZINTRA, 5, 20) };
    assert_eq!(check(&new, &[reviews]), Ok(()), "for something else");
    let cancelled = delegation(CARLIS, DZINTRA, 5, 20).cancel(monday()).expect("planned");
    assert_eq!(check(&new, &[cancelled]), Ok(()));
}

#[test]
fn the_same_twice_is_once_too_often() {
    let new = delegation(BERTA, CARLIS, 1, 10);
    assert_eq!(check(&new, &[delegation(BERTA, CARLIS, 5, 20)]), Err(Reason::Overlap));
    assert_eq!(check(&new, &[delegation(BERTA, DZINTRA, 5, 20)]), Ok(()), "two deputies");
    assert_eq!(check(&new, &[delegation(EDGARS, CARLIS, 5, 20)]), Ok(()), "deputy of two");
}

#[test]
fn who_stands_in_for_whom_depends_on_the_day_and_the_duty() {
    let delegations =
        [delegation(BERTA, FRICIS, 1, 10), delegation(CARLIS, FRICIS, 5, 10), delegation(ANNA, EDGARS, 1, 9)];
    let of = |day: i64, duty| {
        let at: Instant = monday() + days(day);
        Actor::new(FRICIS, &delegations, duty, at).stands_in_for
    };
    assert_eq!(of(0, Duty::Approvals), [].into());
    assert_eq!(of(1, Duty::Approvals), [BERTA].into());
    assert_eq!(of(5, Duty::Approvals), [BERTA, CARLIS].into());
    assert_eq!(of(5, Duty::Reviews), [].into());
    assert_eq!(of(10, Duty::Approvals), [].into());
}
