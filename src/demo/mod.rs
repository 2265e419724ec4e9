//! The demonstration: five municipalities that do not exist, with some two hundred people each.
//!
//! What is here is made of tables and arithmetic, so that every demonstration is the same; [`fill()`]
//! puts it into the database.

mod chance;
mod departments;
mod employment;
mod fill;
mod groups;
mod institutions;
mod names;
mod people;
mod posts;
mod rights;
mod roles;
mod titles;
mod towns;
mod units;

use serde_json::Value;

pub use fill::fill;
pub use people::people;
pub use towns::{Town, towns};

/// The people of a town and the groups they are in.
pub struct People {
    /// Users as a client would send them, but for their managers.
    pub users: Vec<Value>,
    /// Where among the users each one's manager is.
    pub managers: Vec<Option<usize>>,
    /// The groups; those that are nested in another stand before it.
    pub groups: Vec<DemoGroup>,
    /// The units of the organisation, each behind what it is part of.
    pub units: Vec<DemoUnit>,
}

/// A unit of the organisation, by where its people are.
pub struct DemoUnit {
    /// What it is.
    pub kind: &'static str,
    /// Its code, which employments name.
    pub code: String,
    /// The name to show.
    pub name: String,
    /// Its number in the register of enterprises, which is made up.
    pub registration_number: Option<String>,
    /// Where among the units that is of which it is a part.
    pub parent: Option<usize>,
    /// Who leads it, among the users.
    pub head: Option<usize>,
    /// Who stands in for the head.
    pub deputy: Option<usize>,
}

/// A group, by where its members are.
pub struct DemoGroup {
    /// The name to show.
    pub name: String,
    /// The id that the municipality's own systems know it by.
    pub external_id: String,
    /// Members among the users.
    pub users: Vec<usize>,
    /// Members among the groups.
    pub groups: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, iter::successors};

    use scim::{
        Mode, read,
        schema::{Catalog, MUNICIPAL},
    };

    use super::*;

    fn everyone() -> impl Iterator<Item = People> {
        towns().iter().map(people)
    }

    fn texts<'a>(users: &'a [Value], name: &str) -> Vec<&'a str> {
        users.iter().map(|user| user[name].as_str().expect("every user has it")).collect()
    }

    fn are_unique<T: std::hash::Hash + Eq>(values: impl IntoIterator<Item = T>) -> bool {
        let mut seen = HashSet::new();
        values.into_iter().all(|value| seen.insert(value))
    }

    fn depth(groups: &[DemoGroup], at: usize) -> usize {
        1 + groups[at].groups.iter().map(|part| depth(groups, *part)).max().unwrap_or_default()
    }

    #[test]
    fn there_are_five_towns_of_about_two_hundred_people() {
        assert_eq!(towns().len(), 5);
        assert!(are_unique(towns().iter().map(|town| town.slug)));
        assert!(towns().iter().all(|town| town.slug.bytes().all(|byte| byte.is_ascii_lowercase())));
        for people in everyone() {
            assert!((188..=214).contains(&people.users.len()), "{}", people.users.len());
            assert_eq!(people.users.len(), people.managers.len());
        }
    }

    #[test]
    fn every_demonstration_is_the_same() {
        for (one, other) in everyone().zip(everyone()) {
            assert_eq!(one.users, other.users);
        }
    }

    #[test]
    fn users_satisfy_their_schemas_to_the_letter() {
        let catalog = Catalog::standard();
        let kind = catalog.by_name("User").expect("the standard catalogue has users");
        for user in everyone().flat_map(|people| people.users) {
            assert!(read::resource(kind, &user, Mode::Strict).is_ok(), "{user}");
        }
    }

    #[test]
    fn user_names_are_unique_and_ascii() {
        for people in everyone() {
            let names = texts(&people.users, "userName");
            assert!(names.iter().all(|name| name.is_ascii()));
            assert!(are_unique(names));
            assert!(are_unique(texts(&people.users, "externalId")));
        }
    }

    #[test]
    fn names_have_every_letter_of_latvian() {
        let people: Vec<People> = everyone().collect();
        let names: String = people.iter().flat_map(|people| texts(&people.users, "displayName")).collect();
        let names = names.to_lowercase();
        for letter in "āčēģīķļņšūž".chars() {
            assert!(names.contains(letter), "{letter}");
        }
    }

    #[test]
    fn nobody_is_their_own_manager_even_indirectly() {
        for people in everyone() {
            for start in 0..people.users.len() {
                let managers = successors(Some(start), |at| people.managers[*at]);
                assert!(managers.take(6).count() < 6);
            }
        }
    }

    #[test]
    fn a_few_have_left_and_are_in_no_group() {
        for people in everyone() {
            let has_left = |at: &usize| people.users[*at]["active"] == false;
            let left = (0..people.users.len()).filter(has_left).count();
            assert!((4..=12).contains(&left), "{left}");
            assert!(!people.groups.iter().flat_map(|group| &group.users).any(has_left));
        }
    }

    #[test]
    fn employments_end_after_they_start() {
        for user in everyone().flat_map(|people| people.users) {
            let of = |name: &str| user[MUNICIPAL][name].as_str().map(str::to_owned);
            let (start, end) = (of("employmentStart"), of("employmentEnd"));
            assert!(start.is_some() && (end.is_none() || start < end), "{user}");
        }
    }

    #[test]
    fn everybody_works_in_a_unit_and_every_unit_is_led() {
        for people in everyone() {
            let codes: HashSet<&str> = people.units.iter().map(|unit| unit.code.as_str()).collect();
            assert_eq!(codes.len(), people.units.len());
            for (at, unit) in people.units.iter().enumerate() {
                assert!(unit.parent.map_or(at == 0, |parent| parent < at), "{}", unit.code);
                assert!(unit.head.is_some_and(|head| people.users[head]["active"] == true), "{}", unit.code);
                assert!(unit.head != unit.deputy, "{}", unit.code);
            }
            let employments = |user: &Value| {
                let user = user.as_object().cloned().unwrap_or_default();
                scim::employment::of(&scim::Document::from_stored(user))
            };
            let employments: Vec<_> = people.users.iter().map(employments).collect();
            assert!(employments.iter().filter(|list| list.len() > 1).count() >= 3, "some work at two places");
            for employment in employments.iter().flatten() {
                assert!(employment.unit.as_deref().is_some_and(|code| codes.contains(code)), "{employment:?}");
            }
        }
    }

    #[test]
    fn groups_are_nested_in_later_ones_and_have_members() {
        for people in everyone() {
            let groups = &people.groups;
            assert!(are_unique(groups.iter().map(|group| group.name.to_lowercase())));
            assert!(are_unique(groups.iter().map(|group| &group.external_id)));
            for (at, group) in groups.iter().enumerate() {
                assert!(group.groups.iter().all(|part| *part < at), "{}", group.name);
                assert!(group.users.iter().all(|user| *user < people.users.len()), "{}", group.name);
                assert!(!group.users.is_empty() || !group.groups.is_empty(), "{}", group.name);
            }
            let all = groups.iter().position(|group| group.name == "Visi darbinieki");
            assert_eq!(all.map(|all| depth(groups, all)), Some(4));
        }
    }
}
