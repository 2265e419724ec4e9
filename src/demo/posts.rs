//! The list of positions of a town: where each one is, and whom it reports to. Who holds it is not known here.

use crate::demo::{
    Town,
    departments::{COUNCIL, DEPARTMENTS, Department, LEADERSHIP},
    institutions::{Institution, Section},
};

/// A department, an institution or a company of one town.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// The municipality, its institution or its company.
    pub(super) organisation: &'static str,
    /// The department that this one is a part of.
    pub(super) division: Option<&'static str>,
}

/// A position.
pub(super) struct Post {
    pub(super) unit: Unit,
    pub(super) department: &'static str,
    /// As the list of positions has it: as a man bears it.
    pub(super) title: &'static str,
    pub(super) is_head: bool,
    /// Where among the posts the manager's is.
    pub(super) manager: Option<usize>,
}

impl Post {
    /// Whether people are voted into it.
    pub(super) fn is_elected(&self) -> bool {
        self.unit.code == COUNCIL.code
    }
}

/// A department with a title in it.
type Row = (&'static str, &'static str);

/// Every position of a town.
pub(super) fn posts(town: &Town) -> Vec<Post> {
    let mut posts = Vec::new();
    for department in &DEPARTMENTS {
        add_department(&mut posts, town, department);
    }
    for institution in town.institutions.iter().chain(town.companies) {
        add_institution(&mut posts, institution);
    }
    let council = posts.len();
    add_department(&mut posts, town, &COUNCIL);
    // They answer to their voters.
    for post in &mut posts[council..] {
        post.manager = None;
    }
    posts
}

fn add_department(posts: &mut Vec<Post>, town: &Town, department: &Department) {
    let Department { code, name, size, titles } = *department;
    let above = department.above();
    let unit = Unit { code, name, organisation: town.name, division: above.map(|above| above.name) };
    let rows: Vec<Row> = titles.iter().map(|title| (name, *title)).collect();
    let manager = head(posts, above.map_or(LEADERSHIP, |above| above.code));
    add(posts, unit, size, &rows, manager);
}

fn add_institution(posts: &mut Vec<Post>, institution: &Institution) {
    let Institution { code, name, kind, size } = *institution;
    let unit = Unit { code, name, organisation: name, division: None };
    let rows_of = |section: &Section| section.1.iter().map(|title| (section.0, *title)).collect::<Vec<Row>>();
    let rows: Vec<Row> = kind.sections.iter().flat_map(rows_of).collect();
    let manager = head(posts, kind.under);
    add(posts, unit, size, &rows, manager);
}

/// Adds a unit: its head, who has the first row and reports to the manager, and the others, who report to the head.
fn add(posts: &mut Vec<Post>, unit: Unit, size: usize, rows: &[Row], manager: Option<usize>) {
    let Some((&(department, title), others)) = rows.split_first() else { return };
    let head = posts.len();
    posts.push(Post { unit, department, title, is_head: true, manager });
    posts.extend(others.iter().cycle().take(size - 1).map(|&(department, title)| Post {
        unit,
        department,
        title,
        is_head: false,
        manager: Some(head),
    }));
}

/// Where the head of a unit is.
fn head(posts: &[Post], code: &str) -> Option<usize> {
    posts.iter().position(|post| post.is_head && post.unit.code == code)
}
