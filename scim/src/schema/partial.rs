//! A resource type of which only a part may be seen. What was left out is unknown to it: filters, sorting, projection and
//! discovery treat it as what does not exist, and so nothing that they say depends on it.
//!
//! ```
//! use scim::{filter::{Filter, bind}, schema::Catalog};
//!
//! let catalog = Catalog::standard();
//! let user = catalog.by_name("User").expect("users");
//! let partial = user.limited_to(["id", "name.givenName"]);
//! let asks = |filter| bind(&partial, &Filter::parse(filter).expect("a filter")).is_ok();
//! assert!(asks("name.givenName sw \"A\"") && !asks("name.familyName sw \"A\"") && !asks("title pr"));
//! ```

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    filter::Field,
    project::{Name, names},
    schema::{Attribute, Container, Extension, ResourceType, Returned, Schema},
};

impl ResourceType {
    /// The type with no more than what these paths name: attributes, sub-attributes, whole extensions. Paths that name
    /// nothing, and what is never returned, count for nothing.
    pub fn limited_to<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Self {
        let names = names(self, paths.into_iter());
        let root = |schema: &Schema| limited_schema(schema, Container::Root, &names);
        let extension = |extension: &Extension| {
            let schema = limited_schema(&extension.schema, Container::Extension(&extension.schema), &names);
            (!schema.attributes.is_empty()).then(|| Extension { schema: Arc::new(schema), required: false })
        };
        Self {
            schema: Arc::new(root(&self.schema)),
            common: Arc::new(root(&self.common)),
            extensions: self.extensions.iter().filter_map(extension).collect(),
            is_partial: true,
            ..self.clone()
        }
    }

    /// The path of each of its attributes, and of each sub-attribute where there are some.
    pub fn paths(&self) -> Vec<String> {
        let of = |(container, attributes): (Container<'_>, &[Attribute])| {
            let urn = container.urn().map(str::to_owned);
            let paths = attributes.iter().flat_map(|attribute| {
                let path = |sub| Field { urn: urn.as_deref(), attribute, sub }.path();
                let subs = attribute.sub_attributes.iter().map(|sub| path(Some(sub))).collect::<Vec<_>>();
                if subs.is_empty() { vec![path(None)] } else { subs }
            });
            paths.collect::<Vec<_>>()
        };
        self.containers().flat_map(of).collect()
    }

    /// What a path is called if it names something that can be returned: an attribute, a sub-attribute or a whole
    /// extension.
    pub fn returnable(&self, path: &str) -> Option<String> {
        let name = names(self, std::iter::once(path)).pop()?;
        let returnable = self.containers().any(|(container, attributes)| {
            attributes.iter().any(|attribute| limited(attribute, container, std::slice::from_ref(&name)).is_some())
        });
        returnable.then(|| name.path())
    }

    /// The schemas of what is shown of a resource.
    pub fn schemas_of(&self, shown: &Map<String, Value>) -> Value {
        let extensions = self.extensions.iter().map(|extension| extension.schema.id.as_str());
        let used = extensions.filter(|urn| shown.contains_key(*urn));
        std::iter::once(self.schema.id.as_str()).chain(used).collect()
    }
}

fn limited_schema(schema: &Schema, container: Container<'_>, names: &[Name]) -> Schema {
    let attributes = schema.attributes.iter().filter_map(|attribute| limited(attribute, container, names)).collect();
    Schema { attributes, ..schema.clone() }
}

/// What the names leave of an attribute.
fn limited(attribute: &Attribute, container: Container<'_>, names: &[Name]) -> Option<Attribute> {
    let covered = |sub: Option<&str>| names.iter().any(|name| name.covers(container.urn(), &attribute.name, sub));
    if attribute.returned == Returned::Never {
        return None;
    }
    if attribute.sub_attributes.is_empty() {
        return covered(None).then(|| attribute.clone());
    }
    let is_left = |sub: &&Attribute| sub.returned != Returned::Never && covered(Some(&sub.name));
    let subs: Vec<Attribute> = attribute.sub_attributes.iter().filter(is_left).cloned().collect();
    (!subs.is_empty()).then(|| Attribute { sub_attributes: subs, ..attribute.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        filter::{self, Filter},
        project::Projection,
        schema::{Catalog, ENTERPRISE, USER},
    };

    #[test]
    fn what_was_left_out_does_not_exist() {
        let catalog = Catalog::standard();
        let user = catalog.by_name("User").expect("User");
        let department = format!("{ENTERPRISE}:department");
        let partial = user.limited_to(["id", "schemas", "meta", "userName", "emails.value", "password", &department]);
        let asks = |text: &str| filter::bind(&partial, &Filter::parse(text).expect("a filter")).is_ok();
        for known in ["userName pr", "emails[value pr]", "emails pr", "department pr", "meta.lastModified pr"] {
            assert!(asks(known), "{known}");
        }
        let extension = format!("{ENTERPRISE} pr");
        for unknown in [
            "title pr",
            "externalId pr",
            "emails.type pr",
            "emails[type pr]",
            "manager pr",
            "password pr",
            "schemas pr",
            &extension,
        ] {
            assert!(!asks(unknown), "{unknown}");
        }
        let sorts = |path| filter::bind_sort(&partial, path).is_ok();
        assert!(sorts("userName") && !sorts("title") && !sorts("schemas"));
        assert!(!sorts("emails"), "which value leads says which is primary");
        let catalog = Catalog::new(vec![partial.clone()]);
        assert_eq!(catalog.schemas().iter().map(|schema| schema.id.as_str()).collect::<Vec<_>>(), [USER, ENTERPRISE]);
        let whole = json!({
            "schemas": [USER, ENTERPRISE], "id": "1", "userName": "a", "title": "t", "externalId": "x",
            "emails": [{ "value": "a@x", "type": "work" }, { "type": "home" }],
            ENTERPRISE: { "employeeNumber": "7" }, "urn:other": { "x": 1 },
        });
        let shown = Projection::default().apply(&partial, whole.as_object().expect("an object").clone());
        assert!(!Projection::default().shows_all(&partial));
        assert_eq!(partial.schemas_of(&shown), json!([USER]));
        let wanted = json!({
            "schemas": [USER, ENTERPRISE], "id": "1", "userName": "a", "emails": [{ "value": "a@x" }],
        });
        assert_eq!(serde_json::Value::Object(shown), wanted);
    }

    #[test]
    fn paths_have_one_spelling_and_lead_to_something_that_is_returned() {
        let catalog = Catalog::standard();
        let user = catalog.by_name("User").expect("User");
        let name = |path: &str| user.returnable(path);
        assert_eq!(name("USERNAME").as_deref(), Some("userName"));
        assert_eq!(name("Name.GivenName").as_deref(), Some("name.givenName"));
        assert_eq!(name("department").as_deref(), Some(format!("{ENTERPRISE}:department").as_str()));
        assert_eq!(name(&ENTERPRISE.to_ascii_uppercase()).as_deref(), Some(ENTERPRISE));
        for wrong in ["password", "nothing", "name.nothing", "", "urn:x", "emails[type eq \"work\"]"] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
        let all = user.limited_to(user.paths().iter().map(String::as_str));
        assert_eq!(all.schema.attributes.len(), user.schema.attributes.len() - 1, "all but the password");
        assert_eq!(all.common, user.common);
    }
}
