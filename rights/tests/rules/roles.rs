//! Delegated administration.

use proptest::prelude::*;
use rights::{
    ApplicationId, Instant, NodeId, Reason, Risk, UserId,
    administration::{Action, Assignment, Facts, Place, Role, Scope, may, may_assign, may_grant, may_remove, reach},
};
use uuid::Uuid;

use crate::scene::*;

fn application(number: u128) -> ApplicationId {
    ApplicationId(Uuid::from_u128(400 + number))
}

fn role(user: UserId, role: Role, scope: Scope) -> Assignment {
    Assignment { user, role, scope, from: monday(), until: None }
}

/// The node 3 is part of 2, which is part of 1.
fn path(number: u128) -> Vec<NodeId> {
    (1..=number).rev().map(node).collect()
}

fn place(number: u128) -> Place {
    Place { path: path(number), application: None }
}

fn assign(giver: &[Assignment], new: Assignment, place: &Place) -> Result<(), Reason> {
    let facts = Facts { now: monday(), giver, place, is_active: true, held: &[] };
    may_assign(BERTA, &new, &facts).map_err(|refusal| refusal.reason)
}

#[test]
fn a_scope_is_a_wall() {
    let held = [role(BERTA, Role::UnitAdministrator, Scope::Node(node(2)))];
    for (number, expected) in [(1, false), (2, true), (3, true)] {
        assert_eq!(may(&held, Action::People, &place(number), monday()), expected, "node {number}");
    }
    assert!(!may(&held, Action::Policies, &place(2), monday()), "that is not theirs anywhere");
    let owner = [role(BERTA, Role::ApplicationOwner, Scope::Application(application(1)))];
    let of = |number| Place { path: path(3), application: Some(application(number)) };
    assert!(may(&owner, Action::Catalogue, &of(1), monday()) && !may(&owner, Action::Catalogue, &of(2), monday()));
    assert!(!may(&owner, Action::See, &place(3), monday()), "people are seen through the application");
}

#[test]
fn a_role_counts_while_it_lasts() {
    let until = Some(monday() + days(10));
    let held = [Assignment { until, ..role(BERTA, Role::Auditor, Scope::Tenant) }];
    let on = |day| may(&held, Action::Audit, &Place::default(), monday() + days(day));
    assert!(!on(-1) && on(0) && on(9) && !on(10));
}

#[test]
fn a_list_is_cut_to_where_somebody_may() {
    let held = [
        role(BERTA, Role::UnitAdministrator, Scope::Node(node(2))),
        role(BERTA, Role::Helpdesk, Scope::Node(node(4))),
        role(BERTA, Role::ApplicationOwner, Scope::Application(application(1))),
    ];
    let people = reach(&held, Action::See, monday());
    assert!(!people.tenant);
    assert_eq!((people.nodes, people.applications), ([node(2), node(4)].into(), [application(1)].into()));
    assert_eq!(reach(&held, Action::People, monday()).nodes, [node(2)].into());
    assert!(reach(&held, Action::People, monday() - days(1)).is_empty());
    let auditor = [role(BERTA, Role::Auditor, Scope::Tenant)];
    assert!(reach(&auditor, Action::See, monday()).tenant && reach(&auditor, Action::Revoke, monday()).is_empty());
}

#[test]
fn only_who_looks_after_the_tenant_gives_what_is_dangerous() {
    let unit = [role(BERTA, Role::UnitAdministrator, Scope::Node(node(1)))];
    let tenant = [role(BERTA, Role::TenantAdministrator, Scope::Tenant)];
    let may = |held: &[Assignment], subject, risk| may_grant(held, BERTA, subject, risk, &place(2), monday());
    assert!(may(&unit, ANNA, Risk::Low) && !may(&unit, ANNA, Risk::Medium));
    assert!(may(&tenant, ANNA, Risk::High) && !may(&tenant, BERTA, Risk::Negligible), "never to oneself");
}

#[test]
fn nobody_gives_more_than_they_hold() {
    let unit = [role(BERTA, Role::UnitAdministrator, Scope::Node(node(2)))];
    let to_anna = |which, scope| role(ANNA, which, scope);
    assert_eq!(assign(&unit, to_anna(Role::Helpdesk, Scope::Node(node(3))), &place(3)), Ok(()));
    assert_eq!(assign(&unit, to_anna(Role::UnitAdministrator, Scope::Node(node(2))), &place(2)), Ok(()));
    for (new, at) in [
        (to_anna(Role::UnitAdministrator, Scope::Node(node(1))), place(1)),
        (to_anna(Role::Helpdesk, Scope::Tenant), Place::default()),
        (to_anna(Role::ApplicationOwner, Scope::Node(node(3))), place(3)),
        (to_anna(Role::TenantAdministrator, Scope::Tenant), Place::default()),
    ] {
        assert_eq!(assign(&unit, new, &at), Err(Reason::Exceeds), "{new:?}");
    }
    let auditor = [role(BERTA, Role::Auditor, Scope::Tenant)];
    assert_eq!(assign(&auditor, to_anna(Role::Auditor, Scope::Tenant), &Place::default()), Err(Reason::Exceeds));
}

#[test]
fn nobody_gives_longer_than_they_hold() {
    let until = |number| Some(monday() + days(number));
    let giver = [Assignment { until: until(30), ..role(BERTA, Role::TenantAdministrator, Scope::Tenant) }];
    let new = |until| Assignment { until, ..role(ANNA, Role::Auditor, Scope::Tenant) };
    assert_eq!(assign(&giver, new(until(30)), &Place::default()), Ok(()));
    assert_eq!(assign(&giver, new(until(31)), &Place::default()), Err(Reason::Exceeds));
    assert_eq!(assign(&giver, new(None), &Place::default()), Err(Reason::Exceeds));
    assert_eq!(assign(&giver, new(Some(monday())), &Place::default()), Err(Reason::Period));
    let over = [Assignment { from: monday() - days(9), until: Some(monday()), ..giver[0] }];
    assert_eq!(assign(&over, new(until(30)), &Place::default()), Err(Reason::Exceeds), "who holds it no more");
    let not_yet = [Assignment { from: monday() + days(1), ..giver[0] }];
    assert_eq!(assign(&not_yet, new(until(30)), &Place::default()), Err(Reason::Exceeds));
}

#[test]
fn a_role_is_given_to_somebody_else_who_is_there_and_once() {
    let giver = [role(BERTA, Role::TenantAdministrator, Scope::Tenant)];
    let own = role(BERTA, Role::Auditor, Scope::Tenant);
    assert_eq!(assign(&giver, own, &Place::default()), Err(Reason::Oneself));
    let new = role(ANNA, Role::Auditor, Scope::Tenant);
    let facts = Facts { now: monday(), giver: &giver, place: &Place::default(), is_active: false, held: &[] };
    let refused = |facts: &Facts<'_>| may_assign(BERTA, &new, facts).expect_err("no").reason;
    assert_eq!(refused(&facts), Reason::Unsuitable);
    assert_eq!(refused(&Facts { is_active: true, held: &[new], ..facts }), Reason::Overlap);
    let part = role(ANNA, Role::TenantAdministrator, Scope::Node(node(1)));
    assert!(matches!(assign(&giver, part, &place(1)), Err(Reason::Policy(_))));
}

#[test]
fn the_last_tenant_administrator_stays() {
    let admin = |user| role(user, Role::TenantAdministrator, Scope::Tenant);
    let remove = |which: Assignment, active: &[Assignment]| {
        may_remove(&which, active, monday()).map_err(|refusal| refusal.reason)
    };
    assert_eq!(remove(admin(ANNA), &[admin(ANNA)]), Err(Reason::Last));
    assert_eq!(remove(admin(ANNA), &[admin(ANNA), admin(BERTA)]), Ok(()));
    let for_a_while = Assignment { until: Some(monday() + days(9)), ..admin(BERTA) };
    assert_eq!(remove(admin(ANNA), &[admin(ANNA), for_a_while]), Err(Reason::Last), "who goes soon is nobody");
    assert_eq!(remove(role(ANNA, Role::Auditor, Scope::Tenant), &[admin(BERTA)]), Ok(()));
}

fn scope() -> impl Strategy<Value = (Scope, Place)> {
    prop_oneof![
        Just((Scope::Tenant, Place::default())),
        (1_u128..4).prop_map(|number| (Scope::Node(node(number)), place(number))),
        (1_u128..3).prop_map(|number| {
            let application = application(number);
            (Scope::Application(application), Place { path: path(number), application: Some(application) })
        }),
    ]
}

fn until() -> impl Strategy<Value = Option<Instant>> {
    proptest::option::of((1_i64..30).prop_map(|number| monday() + days(number)))
}

proptest! {
    /// Whatever the new role allows, its giver was allowed, at any later time and at any place.
    #[test]
    fn what_is_given_was_held(
        (own, new) in ((0_usize..7, scope(), until()), (0_usize..7, scope(), until())),
        (node, number, day) in (1_u128..4, proptest::option::of(1_u128..3), 0_i64..40),
    ) {
        let (own_scope, _) = own.1;
        let (new_scope, new_place) = new.1;
        let giver = [Assignment { until: own.2, ..role(BERTA, Role::ALL[own.0], own_scope) }];
        let given = Assignment { until: new.2, ..role(ANNA, Role::ALL[new.0], new_scope) };
        if assign(&giver, given, &new_place).is_ok() {
            // An application belongs to the node of its number.
            let path = path(number.unwrap_or(node));
            let somewhere = Place { path, application: number.map(application) };
            for action in given.role.actions() {
                let at = monday() + days(day);
                let allowed = may(&[given], *action, &somewhere, at);
                prop_assert!(!allowed || may(&giver, *action, &somewhere, at), "{action:?}");
            }
        }
    }
}
