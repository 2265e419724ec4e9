//! What a user works as: the employments of the municipal extension, or the one that its single attributes and the
//! enterprise extension's manager tell of.
//!
//! Days are text, `2026-11-27`: they sort as they follow one another, and no time zone can move them.

use serde_json::Value;
use time::{Date, macros::format_description};

use crate::{
    Document,
    error::{Error, invalid_value},
    schema::{ENTERPRISE, MUNICIPAL, ResourceType},
};

/// The most employments of one person.
pub const MAX_EMPLOYMENTS: usize = 100;
/// The longest code of a unit, in characters.
pub const MAX_CODE: usize = 100;

const LIST: &str = "employments";

/// Somebody works somewhere as something. Texts are as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Employment {
    /// Its number in the personnel system.
    pub number: Option<String>,
    /// The code of the unit, without blanks around it.
    pub unit: Option<String>,
    /// As what.
    pub position: Option<String>,
    /// On what footing.
    pub kind: Option<String>,
    /// The id of the user whom the person reports to in it.
    pub manager: Option<String>,
    /// The first day.
    pub starts: Option<String>,
    /// The last day.
    pub ends: Option<String>,
    /// Whether it counts where there can be only one.
    pub is_primary: bool,
}

impl Employment {
    /// Whether it is in force that day.
    pub fn is_current(&self, day: &str) -> bool {
        self.starts.as_deref().is_none_or(|first| first <= day) && self.ends.as_deref().is_none_or(|last| day <= last)
    }
}

/// Whether resources of a type have employments.
pub fn has(kind: &ResourceType) -> bool {
    kind.name == "User"
}

/// The employments of a user that are not over that day: what is in force counts before what is to come, and what counts where
/// there can be only one before the rest.
pub fn lasting(document: &Document, day: &str) -> Vec<Employment> {
    let mut employments = of(document);
    employments.retain(|one| one.ends.as_deref().is_none_or(|last| day <= last));
    employments.sort_by_key(|one| (!one.is_current(day), !one.is_primary));
    employments
}

/// The employments of a user, in the order in which they stand.
pub fn of(document: &Document) -> Vec<Employment> {
    let attributes = document.attributes();
    let municipal = attributes.get(MUNICIPAL).unwrap_or(&Value::Null);
    let manager = text(attributes.get(ENTERPRISE).and_then(|enterprise| enterprise.get("manager")), "value");
    match municipal.get(LIST).and_then(Value::as_array).filter(|list| !list.is_empty()) {
        Some(list) => listed(list, manager),
        None => single(municipal, manager).into_iter().collect(),
    }
}

/// Whether a change of a document can have changed its employments, by a look at what they are read from.
pub fn may_differ(before: &Document, after: &Document) -> bool {
    [MUNICIPAL, ENTERPRISE].iter().any(|urn| before.attributes().get(*urn) != after.attributes().get(*urn))
}

/// Judges the employments of a document that is about to be stored. What its single attributes say is read as far as it
/// can be.
pub fn check(kind: &ResourceType, document: &Document) -> Result<(), Error> {
    let list = document.attributes().get(MUNICIPAL).and_then(|municipal| municipal.get(LIST)).and_then(Value::as_array);
    let Some(list) = list.filter(|_| has(kind)) else { return Ok(()) };
    if list.len() > MAX_EMPLOYMENTS {
        return Err(invalid_value(format!("{LIST} may be {MAX_EMPLOYMENTS} at the most.")));
    }
    for (at, employment) in list.iter().enumerate() {
        let given = |name| employment.get(name).and_then(Value::as_str);
        // As in the single attributes, a text that is no day is kept and says nothing: the schema calls them text.
        let of_day = |name| given(name).filter(|text| is_day(text));
        if let (Some(first), Some(last)) = (of_day("start"), of_day("end"))
            && last < first
        {
            return Err(invalid_value(format!("{LIST}[{at}].end lies before its start.")));
        }
        if given("organisationUnit").is_some_and(|code| code.chars().count() > MAX_CODE) {
            let reason = format!("{LIST}[{at}].organisationUnit may be at most {MAX_CODE} characters long.");
            return Err(invalid_value(reason));
        }
    }
    Ok(())
}

/// Whether a text is a day of the calendar as `2026-11-27` is.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && Date::parse(text, format_description!("[year]-[month]-[day]")).is_ok()
}

fn listed(list: &[Value], manager: Option<String>) -> Vec<Employment> {
    let marked = list.iter().position(|employment| employment.get("primary") == Some(&Value::Bool(true)));
    let primary = marked.unwrap_or(0);
    let read = |(at, employment): (usize, &Value)| {
        let own = |name| text(Some(employment), name);
        let is_primary = at == primary;
        Employment {
            number: own("value"),
            unit: own("organisationUnit"),
            position: own("position"),
            kind: own("type"),
            manager: own("manager").or_else(|| manager.clone().filter(|_| is_primary)),
            starts: day(employment.get("start")),
            ends: day(employment.get("end")),
            is_primary,
        }
    };
    list.iter().enumerate().map(read).collect()
}

fn single(municipal: &Value, manager: Option<String>) -> Option<Employment> {
    let employment = Employment {
        number: None,
        unit: text(municipal.get("organisationUnit"), "value"),
        position: text(Some(municipal), "position"),
        kind: text(Some(municipal), "employmentType"),
        manager,
        starts: day(municipal.get("employmentStart")),
        ends: day(municipal.get("employmentEnd")),
        is_primary: true,
    };
    let is_nothing = employment == Employment { is_primary: true, ..Employment::default() };
    (!is_nothing).then_some(employment)
}

/// A text inside a value, without blanks around it, if there is more of it than those.
fn text(value: Option<&Value>, name: &str) -> Option<String> {
    let text = value?.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The day that a text begins with: some systems send an instant where a day is meant.
fn day(value: Option<&Value>) -> Option<String> {
    let day = value?.as_str()?.trim().get(..10)?;
    is_day(day).then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(municipal: Value, manager: Value) -> Document {
        let user = json!({ MUNICIPAL: municipal, ENTERPRISE: { "manager": { "value": manager } } });
        Document::from_stored(user.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn single_attributes_are_one_employment() {
        let user = json!({
            "organisationUnit": { "value": " FIN " }, "position": "Jurists", "employmentType": "contract",
            "employmentStart": "2020-02-03T00:00:00Z", "employmentEnd": "some day",
        });
        let expected = Employment {
            unit: Some("FIN".into()),
            position: Some("Jurists".into()),
            kind: Some("contract".into()),
            manager: Some("7".into()),
            starts: Some("2020-02-03".into()),
            is_primary: true,
            ..Employment::default()
        };
        assert_eq!(of(&document(user, json!("7"))), [expected]);
        assert!(of(&document(json!({ "assuranceLevel": "high" }), json!(null))).is_empty());
        assert_eq!(of(&document(json!(null), json!("7"))).len(), 1, "a manager alone says whom somebody reports to");
    }

    #[test]
    fn a_list_goes_before_single_attributes() {
        let user = json!({
            "position": "Jurists",
            "employments": [{ "organisationUnit": "A" }, { "organisationUnit": "B", "primary": true }, { "manager": "8" }],
        });
        let read = of(&document(user, json!("7")));
        let shown: Vec<_> = read.iter().map(|e| (e.unit.as_deref(), e.manager.as_deref(), e.is_primary)).collect();
        assert_eq!(shown, [(Some("A"), None, false), (Some("B"), Some("7"), true), (None, Some("8"), false)]);
        assert!(read.iter().all(|employment| employment.position.is_none()));
    }

    #[test]
    fn days_are_days() {
        assert!(is_day("2024-02-29"));
        for wrong in ["2023-02-29", "2026-1-1", "2026-11-27T00:00:00Z", "27.11.2026", "", "+026-01-01"] {
            assert!(!is_day(wrong), "{wrong}");
        }
        let employment =
            Employment { starts: Some("2026-01-01".into()), ends: Some("2026-01-31".into()), ..Employment::default() };
        assert!(employment.is_current("2026-01-01") && employment.is_current("2026-01-31"));
        assert!(!employment.is_current("2025-12-31") && !employment.is_current("2026-02-01"));
    }
}
