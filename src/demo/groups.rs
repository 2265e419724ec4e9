//! The groups of a town: one for each unit, larger ones around them, and those that open a system.

use crate::demo::{
    DemoGroup, Town,
    departments::{COUNCIL, DEPARTMENTS, Department},
    institutions::Institution,
    posts::Post,
    roles::ROLES,
};

/// Somebody who can be in a group.
pub(super) struct Member<'a> {
    /// Where among the users.
    pub(super) at: usize,
    pub(super) post: &'a Post,
}

/// The groups of a town, each behind those that are nested in it.
pub(super) fn groups(town: &Town, members: &[Member<'_>]) -> Vec<DemoGroup> {
    let mut groups = Groups { members, made: Vec::new() };
    // A department stands before its parts, its group behind theirs.
    for department in DEPARTMENTS.iter().rev() {
        groups.add_unit(department.code, department.name, &parts_of(Some(department.code)));
    }
    for institution in town.institutions.iter().chain(town.companies) {
        groups.add_unit(institution.code, institution.name, &[]);
    }
    groups.add_unit(COUNCIL.code, COUNCIL.name, &[]);
    groups.add("ADM", "Administrācija", &parts_of(None), |_| false);
    groups.add("IES", "Iestādes", &codes_of(town.institutions), |_| false);
    groups.add("KAP", "Kapitālsabiedrības", &codes_of(town.companies), |_| false);
    groups.add("VIS", "Visi darbinieki", &["ADM", "IES", "KAP"], |_| false);
    groups.add("VADITAJI", "Vadītāji", &[], |post| post.is_head);
    for role in &ROLES {
        groups.add(role.code, role.name, role.units, |post| role.titles.contains(&post.title));
    }
    groups.made
}

/// The codes of a department's parts, or of the departments that are part of none.
fn parts_of(code: Option<&str>) -> Vec<&'static str> {
    let is_part = |department: &&Department| department.above().map(|above| above.code) == code;
    DEPARTMENTS.iter().filter(is_part).map(|department| department.code).collect()
}

fn codes_of(institutions: &[Institution]) -> Vec<&'static str> {
    institutions.iter().map(|institution| institution.code).collect()
}

/// Groups in the making.
struct Groups<'a> {
    members: &'a [Member<'a>],
    made: Vec<DemoGroup>,
}

impl Groups<'_> {
    /// Adds the group of those who work in a unit.
    fn add_unit(&mut self, code: &str, name: &str, parts: &[&str]) {
        self.add(code, name, parts, |post| post.unit.code == code);
    }

    /// Adds a group of groups that are there, by their codes, and of the members who belong to it themselves.
    fn add(&mut self, code: &str, name: &str, parts: &[&str], belongs: impl Fn(&Post) -> bool) {
        let users = self.members.iter().filter(|member| belongs(member.post)).map(|member| member.at).collect();
        let groups = parts.iter().filter_map(|part| self.find(part)).collect();
        self.made.push(DemoGroup { name: name.into(), external_id: external_id(code), users, groups });
    }

    fn find(&self, code: &str) -> Option<usize> {
        let external_id = external_id(code);
        self.made.iter().position(|group| group.external_id == external_id)
    }
}

fn external_id(code: &str) -> String {
    format!("GR-{code}")
}
