//! The organisation of a town as a tree: the municipality, its departments, institutions and companies.

use crate::demo::{
    DemoUnit, Town,
    departments::{COUNCIL, DEPARTMENTS, LEADERSHIP},
    groups::Member,
    institutions::Institution,
};

/// The code of the municipality itself.
const MUNICIPALITY: &str = "PAS";
/// Units as small as these have no deputy.
const SMALL: usize = 3;

/// The units of a town, each behind what it is part of.
pub(super) fn units(town: &Town, members: &[Member<'_>]) -> Vec<DemoUnit> {
    let mut units = Units { town, members, made: Vec::new() };
    units.add("municipality", (MUNICIPALITY, town.name), None, LEADERSHIP);
    for department in DEPARTMENTS.iter().chain([&COUNCIL]) {
        let parent = department.above().map_or(MUNICIPALITY, |above| above.code);
        units.add("unit", (department.code, department.name), Some(parent), department.code);
    }
    for (kind, list) in [("institution", town.institutions), ("company", town.companies)] {
        for &Institution { code, name, .. } in list {
            units.add(kind, (code, name), Some(MUNICIPALITY), code);
        }
    }
    units.made
}

/// Units in the making.
struct Units<'a> {
    town: &'a Town,
    members: &'a [Member<'a>],
    made: Vec<DemoUnit>,
}

impl Units<'_> {
    /// Adds a unit that those lead who lead the people of some code.
    fn add(&mut self, kind: &'static str, (code, name): (&str, &str), parent: Option<&str>, led_by: &str) {
        let mut people = self.members.iter().filter(|member| member.post.unit.code == led_by);
        let head = people.clone().find(|member| member.post.is_head).map(|member| member.at);
        let is_small = people.clone().count() <= SMALL;
        let deputy = people.find(|member| !is_small && !member.post.is_head).map(|member| member.at);
        // Of no real company or institution: those begin otherwise.
        let number = self.town.number * 1000 + self.made.len();
        let registration_number = (kind != "unit").then(|| format!("000{number:08}"));
        let parent = parent.and_then(|code| self.made.iter().position(|unit| unit.code == code));
        self.made.push(DemoUnit {
            kind,
            code: code.to_owned(),
            name: name.to_owned(),
            registration_number,
            parent,
            head,
            deputy,
        });
    }
}
