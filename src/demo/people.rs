//! The people of a town as the municipality's personnel system would send them.

use std::collections::HashMap;

use scim::schema::{ENTERPRISE, MUNICIPAL, USER};
use serde_json::{Value, json};

use crate::demo::{
    People, Town,
    chance::{Of, draw, pick},
    employment::Employment,
    groups::{Member, groups},
    names::Name,
    posts::{Post, posts},
    titles,
    units::units,
};

/// The number of a town's first employee.
const FIRST: usize = 1001;

/// How surely people are known: those in the administration sign documents, so most showed an identity card.
const IN_ADMINISTRATION: &[&str] = &["high", "high", "high", "substantial"];
const ELSEWHERE: &[&str] = &["substantial", "high", "substantial", "low"];

/// The people of a town, and their groups: the same at every call.
pub fn people(town: &Town) -> People {
    let posts = posts(town);
    let people: Vec<Person<'_>> =
        posts.iter().zip(FIRST..).map(|(post, number)| Person::new(town, post, number)).collect();
    let mut namesakes = HashMap::new();
    let users = people.iter().map(|person| person.user(&mut namesakes)).collect();
    // Who leaves, leaves every group.
    let members: Vec<Member<'_>> = people
        .iter()
        .enumerate()
        .filter(|(_, person)| person.employment.is_active)
        .map(|(at, person)| Member { at, post: person.post })
        .collect();
    let managers = posts.iter().map(|post| post.manager).collect();
    People { users, managers, groups: groups(town, &members), units: units(town, &members) }
}

/// Somebody in a post.
struct Person<'a> {
    town: &'a Town,
    post: &'a Post,
    number: usize,
    /// What chance goes by: the number among all towns.
    seed: usize,
    name: Name,
    employment: Employment,
}

impl<'a> Person<'a> {
    fn new(town: &'a Town, post: &'a Post, number: usize) -> Self {
        let seed = town.number * 10_000 + number;
        Self { town, post, number, seed, name: Name::of(seed), employment: Employment::of(post, seed) }
    }

    fn user(&self, namesakes: &mut HashMap<String, usize>) -> Value {
        let address = self.address(namesakes);
        let name = self.name.full();
        json!({
            "schemas": [USER, ENTERPRISE, MUNICIPAL],
            "externalId": format!("HR-{}", self.number),
            "userName": address,
            "name": { "formatted": name, "familyName": self.name.family, "givenName": self.name.given },
            "displayName": name,
            "title": self.title(),
            "preferredLanguage": "lv",
            "locale": "lv-LV",
            "timezone": "Europe/Riga",
            "active": self.employment.is_active,
            "emails": [{ "value": address, "type": "work", "primary": true }],
            "phoneNumbers": self.phones(),
            ENTERPRISE: self.enterprise(),
            MUNICIPAL: self.municipal(),
        })
    }

    /// The first of a name has it plain, a namesake with a number.
    fn address(&self, namesakes: &mut HashMap<String, usize>) -> String {
        let name = self.name.in_ascii();
        let count = namesakes.entry(name.clone()).or_default();
        *count += 1;
        let number = if *count > 1 { count.to_string() } else { String::new() };
        format!("{name}{number}@{}.example", self.town.slug)
    }

    fn title(&self) -> String {
        if self.name.is_woman { titles::of_woman(self.post.title) } else { self.post.title.to_owned() }
    }

    fn phones(&self) -> Vec<Value> {
        let digits = format!("{:02}{}", self.town.number, self.number);
        let desk = json!({ "value": format!("+371 69{digits}"), "type": "work", "primary": true });
        let mobile = json!({ "value": format!("+371 20{digits}"), "type": "mobile" });
        if self.post.is_head || self.number.is_multiple_of(3) { vec![desk, mobile] } else { vec![desk] }
    }

    fn enterprise(&self) -> Value {
        let mut enterprise = json!({
            "employeeNumber": self.number.to_string(),
            "organization": self.post.unit.organisation,
            "department": self.post.department,
        });
        if let Some(division) = self.post.unit.division {
            enterprise["division"] = division.into();
        }
        enterprise
    }

    fn municipal(&self) -> Value {
        let unit = self.post.unit;
        let levels = if unit.organisation == self.town.name { IN_ADMINISTRATION } else { ELSEWHERE };
        let mut municipal = json!({
            "organisationUnit": { "value": unit.code, "displayName": unit.name },
            "position": self.post.title,
            "employmentType": self.employment.kind,
            "employmentStart": self.employment.start,
            "assuranceLevel": pick(levels, draw(self.seed, Of::Assurance)),
        });
        if let Some(end) = &self.employment.end {
            municipal["employmentEnd"] = end.as_str().into();
        }
        if let Some(school) = self.second_place() {
            municipal["employments"] = self.employments(school);
        }
        municipal
    }

    /// The school where the person teaches besides; a few do.
    fn second_place(&self) -> Option<&'static str> {
        let does = self.seed % 24 == 12 && !self.post.is_head && !self.post.is_elected();
        let schools = ["SKO-1", "SKO-2"];
        schools.into_iter().find(|school| does && *school != self.post.unit.code)
    }

    /// What the person works as, where that is more than one thing.
    fn employments(&self, school: &str) -> Value {
        let number = |part: usize| format!("DL-{}/{part}", self.number);
        let mut main = json!({
            "value": number(1),
            "organisationUnit": self.post.unit.code,
            "position": self.post.title,
            "type": self.employment.kind,
            "start": self.employment.start,
            "primary": true,
        });
        if let Some(end) = &self.employment.end {
            main["end"] = end.as_str().into();
        }
        let second = json!({
            "value": number(2),
            "organisationUnit": school,
            "position": "Interešu izglītības skolotājs",
            "type": "fixed-term",
            "start": "2026-09-01",
            "end": "2028-05-31",
        });
        json!([main, second])
    }
}
