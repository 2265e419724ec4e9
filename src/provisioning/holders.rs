//! How many users hold what a catalogue lists, also by something that it comes with (draft-ietf-scim-roles-entitlements §4.1).

use std::collections::{BTreeSet, HashMap};

use scim::{filter::Field, schema::ResourceType};

use crate::provisioning::{Directory, Error, render::Listed};

impl Directory {
    /// The numbers for entries of a catalogue by their comparison keys. Each user counts once. An entry without a number has nobody.
    pub(super) async fn holders(
        &self,
        catalogue: &ResourceType,
        listed: &Listed<'_>,
        keys: &[String],
    ) -> Result<HashMap<String, u64>, Error> {
        let above = self.entries_above(catalogue, keys).await?;
        let alone = keys.iter().filter(|key| !above.contains_key(*key));
        let mut holders = self.data.count_holders(listed.kind, &listed.field, alone).await?;
        for key in keys.iter().filter(|key| above.contains_key(*key)) {
            let mut all = BTreeSet::from([key.as_str()]);
            let mut rest = vec![key.as_str()];
            while let Some(parents) = rest.pop().map(|key| above.get(key)) {
                rest.extend(parents.into_iter().flatten().map(String::as_str).filter(|parent| all.insert(parent)));
            }
            holders.insert(key.clone(), self.data.count_holders_of_any(listed.kind, &listed.field, &all).await?);
        }
        Ok(holders)
    }

    /// The entries that others come with, directly, of these and of all above them.
    async fn entries_above(
        &self,
        catalogue: &ResourceType,
        keys: &[String],
    ) -> Result<HashMap<String, BTreeSet<String>>, Error> {
        let field = |name| catalogue.root_attribute(name).map(|attribute| Field { urn: None, attribute, sub: None });
        let mut above: HashMap<String, BTreeSet<String>> = HashMap::new();
        let (Some(value), Some(contains), Some(contained_by)) =
            (field("value"), field("contains"), field("containedBy"))
        else {
            return Ok(above);
        };
        let mut seen: BTreeSet<String> = keys.iter().cloned().collect();
        let mut level: Vec<String> = seen.iter().cloned().collect();
        while !level.is_empty() {
            let mut pairs = self.data.values_beside(catalogue, &contains, &level, &value).await?;
            pairs.extend(self.data.values_beside(catalogue, &value, &level, &contained_by).await?);
            level = pairs
                .iter()
                .map(|(_, parent)| parent)
                .filter(|parent| seen.insert((*parent).clone()))
                .cloned()
                .collect();
            for (child, parent) in pairs {
                above.entry(child).or_default().insert(parent);
            }
        }
        Ok(above)
    }
}
