//! Roles and entitlements that the tenant's catalogues list, for tenants that want no others
//! (draft-ietf-scim-roles-entitlements).

use scim::{
    Document, ScimType,
    filter::Field,
    index,
    schema::{Container, ResourceType},
};
use serde_json::Value;
use store::Work;

use crate::provisioning::{Directory, Error};

impl Directory {
    /// Refuses new values that a catalogue does not list. What a user already holds may stay.
    pub(super) async fn refuse_unknown(
        &self,
        work: &Work,
        kind: &ResourceType,
        before: &Document,
        after: &Document,
    ) -> Result<(), Error> {
        if !self.service.settings.known_roles_only {
            return Ok(());
        }
        for catalogue in self.catalog.types() {
            let Some(listed) = self.listed(catalogue).filter(|listed| listed.kind.name == kind.name) else { continue };
            let Some(entry) = catalogue.root_attribute("value") else { continue };
            let held = |document: &Document| values(document, &listed.field.attribute.name);
            let known = held(before);
            for value in held(after).into_iter().filter(|value| !known.contains(value)) {
                let field = Field { urn: None, attribute: entry, sub: None };
                if work.holders(catalogue, &field, &index::key(entry, &value)).await?.is_empty() {
                    let detail = format!(
                        "{} must name what is in /{}; this tenant takes no others.",
                        listed.field.path(),
                        catalogue.endpoint
                    );
                    return Err(scim::Error::of(ScimType::InvalidValue, detail).into());
                }
            }
        }
        Ok(())
    }
}

fn values(document: &Document, attribute: &str) -> Vec<String> {
    let list = document.get(Container::Root, attribute).and_then(Value::as_array);
    let values = list.into_iter().flatten().filter_map(|value| value.get("value")?.as_str());
    values.map(str::to_owned).collect()
}
