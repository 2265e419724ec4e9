//! PATCH against a reference model: plain structs and the sentences of RFC 7644 §3.5.2, without schemas,
//! paths or JSON.

use proptest::prelude::*;
use scim::{
    Document, Mode, ScimType, patch, read,
    schema::Catalog,
    validate::{self, Context},
};
use serde_json::{Map, Value, json};

/// A value of a list, as far as the model knows it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Email {
    value: Option<String>,
    kind: Option<String>,
    primary: Option<bool>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Person {
    title: Option<String>,
    given: Option<String>,
    family: Option<String>,
    emails: Vec<Email>,
}

/// Which values an operation is about.
#[derive(Debug, Clone)]
enum Pick {
    Kind(String),
    Value(String),
    Primary,
    NotKind(String),
}

#[derive(Debug, Clone)]
enum Change {
    Title(Option<String>),
    RemoveTitle,
    Given(Option<String>),
    /// The whole name, merged.
    Name(Option<String>, Option<String>),
    RemoveName,
    RemoveFamily,
    /// Adds values: those that are there (by value and type) take on what is new.
    AddEmails(Vec<Email>),
    ReplaceEmails(Vec<Email>),
    RemoveEmails,
    /// Removes those that a list names by value, and by type if it says one.
    RemoveNamed(Vec<(String, Option<String>)>),
    RemovePicked(Pick),
    /// Sets `value` of those picked.
    SetValue(Pick, String),
    SetPrimary(Pick, bool),
    RemoveKind(Pick),
    /// No path: several attributes at once.
    Several(String, Vec<Email>),
}

impl Pick {
    fn picks(&self, email: &Email) -> bool {
        let same =
            |have: &Option<String>, want: &str| have.as_deref().is_some_and(|have| have.eq_ignore_ascii_case(want));
        match self {
            Self::Kind(kind) => same(&email.kind, kind),
            Self::Value(value) => same(&email.value, value),
            Self::Primary => email.primary == Some(true),
            Self::NotKind(kind) => !same(&email.kind, kind),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Kind(kind) => format!("type eq \"{kind}\""),
            Self::Value(value) => format!("value eq \"{value}\""),
            Self::Primary => "primary eq true".into(),
            Self::NotKind(kind) => format!("not (type eq \"{kind}\")"),
        }
    }
}

impl Email {
    fn json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Option<Value>| value.map(|value| object.insert(name.into(), value));
        put("value", self.value.clone().map(Into::into));
        put("type", self.kind.clone().map(Into::into));
        put("primary", self.primary.map(Into::into));
        Value::Object(object)
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn is(&self, other: &Self) -> bool {
        let folded = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        match (&self.value, &other.value) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b) && folded(&self.kind) == folded(&other.kind),
            _ => self == other,
        }
    }

    fn take_on(&mut self, more: &Self) {
        self.value = more.value.clone().or_else(|| self.value.clone());
        self.kind = more.kind.clone().or_else(|| self.kind.clone());
        self.primary = more.primary.or(self.primary);
    }
}

fn json_list(emails: &[Email]) -> Value {
    emails.iter().map(Email::json).collect()
}

impl Person {
    fn json(&self) -> Value {
        let mut name = Map::new();
        name.extend(self.family.clone().map(|family| ("familyName".to_owned(), family.into())));
        name.extend(self.given.clone().map(|given| ("givenName".to_owned(), given.into())));
        let mut person = json!({ "userName": "a" });
        if !name.is_empty() {
            person["name"] = name.into();
        }
        if let Some(title) = &self.title {
            person["title"] = title.as_str().into();
        }
        if !self.emails.is_empty() {
            person["emails"] = json_list(&self.emails);
        }
        person
    }

    /// Whoever becomes primary takes it from all others; two at once are refused.
    fn one_primary(&mut self, written: &[usize]) -> Result<(), ScimType> {
        let new: Vec<usize> = written.iter().copied().filter(|at| self.emails[*at].primary == Some(true)).collect();
        if new.len() > 1 {
            return Err(ScimType::InvalidValue);
        }
        for (at, email) in self.emails.iter_mut().enumerate() {
            if !new.is_empty() && at != new[0] && email.primary == Some(true) {
                email.primary = Some(false);
            }
        }
        Ok(())
    }

    /// Values of a request: each (value, type) once.
    fn once(emails: &[Email]) -> Vec<Email> {
        let mut once: Vec<Email> = Vec::new();
        for email in emails.iter().filter(|email| !email.is_empty()) {
            match once.iter_mut().find(|present| present.is(email)) {
                Some(present) => present.take_on(email),
                None => once.push(email.clone()),
            }
        }
        once
    }

    fn add(&mut self, emails: &[Email]) -> Result<(), ScimType> {
        let mut written = Vec::new();
        for email in Self::once(emails) {
            if let Some(at) = self.emails.iter().position(|present| present.is(&email)) {
                self.emails[at].take_on(&email);
                // What a request does not say of a value, it does not decide.
                if email.primary.is_some() {
                    written.push(at);
                }
            } else {
                written.push(self.emails.len());
                self.emails.push(email);
            }
        }
        self.one_primary(&written)
    }

    fn replace(&mut self, emails: &[Email]) -> Result<(), ScimType> {
        self.emails = Self::once(emails);
        self.one_primary(&(0..self.emails.len()).collect::<Vec<_>>())
    }

    fn set(&mut self, pick: &Pick, set: impl Fn(&mut Email)) -> Result<(), ScimType> {
        let picked: Vec<usize> = (0..self.emails.len()).filter(|at| pick.picks(&self.emails[*at])).collect();
        if picked.is_empty() {
            return Err(ScimType::NoTarget);
        }
        picked.iter().for_each(|at| set(&mut self.emails[*at]));
        let written = self.merge(&picked);
        self.one_primary(&written)
    }

    /// What was written may have become the same as another: it is one with it, and says more. Says what was written.
    fn merge(&mut self, written: &[usize]) -> Vec<usize> {
        let mut kept: Vec<(Email, bool)> = Vec::new();
        for (at, mut email) in self.emails.drain(..).enumerate() {
            let is_new = written.contains(&at);
            match kept.iter_mut().find(|(present, _)| present.is(&email)) {
                None => kept.push((email, is_new)),
                Some((present, was_new)) if *was_new && !is_new => {
                    email.take_on(present);
                    *present = email;
                }
                Some((present, was_new)) => {
                    present.take_on(&email);
                    *was_new |= is_new;
                }
            }
        }
        let written = (0..kept.len()).filter(|at| kept[*at].1).collect();
        self.emails = kept.into_iter().map(|(email, _)| email).collect();
        written
    }

    fn apply(&mut self, change: &Change) -> Result<(), ScimType> {
        match change {
            Change::Title(title) => self.title.clone_from(title),
            Change::RemoveTitle => self.title = None,
            Change::Given(given) => self.given.clone_from(given),
            Change::Name(given, family) => {
                self.given = given.clone().or_else(|| self.given.clone());
                self.family = family.clone().or_else(|| self.family.clone());
            }
            Change::RemoveName => (self.given, self.family) = (None, None),
            Change::RemoveFamily => self.family = None,
            Change::AddEmails(emails) => self.add(emails)?,
            Change::ReplaceEmails(emails) => self.replace(emails)?,
            Change::RemoveEmails => self.emails.clear(),
            Change::RemoveNamed(named) => self.emails.retain(|email| {
                let same = |have: &Option<String>, want: &str| {
                    have.as_deref().is_some_and(|have| have.eq_ignore_ascii_case(want))
                };
                !named.iter().any(|(value, kind)| {
                    same(&email.value, value) && kind.as_ref().is_none_or(|kind| same(&email.kind, kind))
                })
            }),
            Change::RemovePicked(pick) => self.emails.retain(|email| !pick.picks(email)),
            Change::SetValue(pick, value) => self.set(pick, |email| email.value = Some(value.clone()))?,
            Change::SetPrimary(pick, flag) => self.set(pick, |email| email.primary = Some(*flag))?,
            Change::RemoveKind(pick) => {
                self.emails.retain(|email| !pick.picks(email) || email.value.is_some() || email.primary.is_some());
                let picked: Vec<usize> = (0..self.emails.len()).filter(|at| pick.picks(&self.emails[*at])).collect();
                picked.iter().for_each(|at| self.emails[*at].kind = None);
                self.merge(&picked);
            }
            Change::Several(title, emails) => {
                self.title = Some(title.clone());
                self.replace(emails)?;
            }
        }
        Ok(())
    }
}

/// The operation as a client sends it.
fn operation(change: &Change) -> Value {
    match change {
        Change::Title(title) => json!({ "op": "replace", "path": "title", "value": title }),
        Change::RemoveTitle => json!({ "op": "remove", "path": "TITLE" }),
        Change::Given(given) => json!({ "op": "add", "path": "name.givenName", "value": given }),
        Change::Name(given, family) => {
            let mut name = Map::new();
            name.extend(given.clone().map(|given| ("givenName".to_owned(), given.into())));
            name.extend(family.clone().map(|family| ("familyName".to_owned(), family.into())));
            json!({ "op": "replace", "path": "name", "value": name })
        }
        Change::RemoveName => json!({ "op": "remove", "path": "name" }),
        Change::RemoveFamily => json!({ "op": "remove", "path": "name.familyName" }),
        Change::AddEmails(emails) => json!({ "op": "add", "path": "emails", "value": json_list(emails) }),
        Change::ReplaceEmails(emails) => json!({ "op": "replace", "path": "emails", "value": json_list(emails) }),
        Change::RemoveEmails => json!({ "op": "remove", "path": "emails" }),
        Change::RemoveNamed(named) => {
            let named: Value =
                named.iter().map(|(value, kind)| json!({ "value": value, "type": kind, "primary": false })).collect();
            json!({ "op": "remove", "path": "emails", "value": named })
        }
        Change::RemovePicked(pick) => json!({ "op": "remove", "path": format!("emails[{}]", pick.text()) }),
        Change::SetValue(pick, value) => {
            json!({ "op": "replace", "path": format!("emails[{}].value", pick.text()), "value": value })
        }
        Change::SetPrimary(pick, flag) => {
            json!({ "op": "replace", "path": format!("emails[{}].primary", pick.text()), "value": flag })
        }
        Change::RemoveKind(pick) => json!({ "op": "remove", "path": format!("emails[{}].type", pick.text()) }),
        Change::Several(title, emails) => {
            json!({ "op": "replace", "value": { "title": title, "emails": json_list(emails) } })
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["a", "b", "c", "A"]).prop_map(Into::into)
}

fn kind() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["work", "home"]).prop_map(Into::into)
}

fn email() -> impl Strategy<Value = Email> {
    (
        proptest::option::weighted(0.9, text()),
        proptest::option::of(kind()),
        proptest::option::weighted(0.4, any::<bool>()),
    )
        .prop_map(|(value, kind, primary)| Email { value, kind, primary })
}

fn emails() -> impl Strategy<Value = Vec<Email>> {
    proptest::collection::vec(email(), 0..4)
}

fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        kind().prop_map(Pick::Kind),
        text().prop_map(Pick::Value),
        Just(Pick::Primary),
        kind().prop_map(Pick::NotKind)
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        proptest::option::of(text()).prop_map(Change::Title),
        Just(Change::RemoveTitle),
        proptest::option::of(text()).prop_map(Change::Given),
        (proptest::option::of(text()), proptest::option::of(text()))
            .prop_map(|(given, family)| Change::Name(given, family)),
        Just(Change::RemoveName),
        Just(Change::RemoveFamily),
        emails().prop_map(Change::AddEmails),
        emails().prop_map(Change::AddEmails),
        emails().prop_map(Change::ReplaceEmails),
        Just(Change::RemoveEmails),
        proptest::collection::vec((text(), proptest::option::of(kind())), 0..3).prop_map(Change::RemoveNamed),
        pick().prop_map(Change::RemovePicked),
        (pick(), text()).prop_map(|(pick, value)| Change::SetValue(pick, value)),
        (pick(), any::<bool>()).prop_map(|(pick, flag)| Change::SetPrimary(pick, flag)),
        pick().prop_map(Change::RemoveKind),
        (text(), emails()).prop_map(|(title, emails)| Change::Several(title, emails)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Each request holds some operations; one that is refused changes nothing.
    /// Shows: H-07, H-08, H-12, H-22, H-23, H-24, H-26, H-28, H-31, H-32, H-33, H-34, H-38, H-40, H-41, H-42, H-44, H-46, H-47, Y-15, Y-16, Y-18, Y-40
    #[test]
    fn a_sequence_of_patches_equals_the_model(requests in proptest::collection::vec(proptest::collection::vec(change(), 1..4), 1..8)) {
        let catalog = Catalog::standard();
        let user = catalog.by_name("User").expect("User");
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a" });
        let mut document: Document = read::resource(user, &body, Mode::Strict).expect("readable").document;
        let mut model = Person::default();
        for changes in requests {
            let operations: Vec<Value> = changes.iter().map(operation).collect();
            let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
            let mut expected = model.clone();
            let said = changes.iter().try_for_each(|change| expected.apply(change));
            let done = patch::operations(&body)
                .and_then(|operations| patch::apply(user, document.clone(), &operations, Mode::Strict))
                .and_then(|patched| validate::document(user, &patched.document, Context::Change { before: &document }).map(|()| patched.document));
            match (said, done) {
                (Ok(()), Ok(after)) => {
                    document = after;
                    model = expected;
                }
                (Err(kind), Err(error)) => prop_assert_eq!(error.scim_type, Some(kind), "{}: {}", body, error.detail),
                (said, done) => prop_assert!(false, "the model says {:?}, the engine {:?} to {} on {}", said, done, body, model.json()),
            }
            let now = Value::Object(document.clone().arranged(user).attributes().clone());
            prop_assert_eq!(now, model.json(), "after {}", body);
        }
    }
}
