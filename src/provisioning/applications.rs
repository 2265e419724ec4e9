//! What an application sees of a tenant: its groups, who is in them, and of these what was released to it. Everything
//! else does not exist for it: the data are limited in the store, the attributes by a catalogue that knows no others.

use std::sync::Arc;

use scim::schema::{Catalog, ResourceType};
use store::Application;

use crate::provisioning::{Directory, Error};

/// What every application sees of users: who they are to this service, whether they still are, and in which of its groups.
pub const ALWAYS: [&str; 5] = ["schemas", "id", "meta", "active", "groups"];

impl Directory {
    /// The directory as clients of an application see it.
    pub fn limit_to(&mut self, application: &Application) -> Result<(), Error> {
        self.data = self.data.clone().seen_by(application.id);
        let versions = (self.service.version, application.version);
        let known = self.catalogs.limited.get(&(self.data.id(), application.id)).filter(|(of, _)| *of == versions);
        if let Some((_, catalog)) = known {
            self.catalog = catalog;
            return Ok(());
        }
        let catalog = Arc::new(limited(&self.service.catalog, &application.released)?);
        self.catalogs.limited.insert((self.data.id(), application.id), (versions, Arc::clone(&catalog)));
        self.catalog = catalog;
        Ok(())
    }
}

/// Groups, and users with what was released of them.
fn limited(catalog: &Catalog, released: &[String]) -> Result<Catalog, Error> {
    let missing = || Error::Failed("a catalogue without users or groups".into());
    let users = catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or_else(missing)?;
    let groups = catalog.types().iter().find(|kind| kind.membership.is_some()).ok_or_else(missing)?;
    let users = users.limited_to(ALWAYS.into_iter().chain(released.iter().map(String::as_str)));
    let names_people = users.root_attribute("displayName").is_some();
    let groups = limited_groups(groups, names_people);
    Ok(Catalog::new(vec![users, groups]))
}

/// Groups as they are, without the names of their members unless these are released.
fn limited_groups(groups: &ResourceType, names_people: bool) -> ResourceType {
    let name = groups.membership.map(|members| format!("{members}.display"));
    let paths = groups.paths();
    let shown = paths.iter().filter(|path| names_people || name.as_ref() != Some(path));
    groups.limited_to(shown.map(String::as_str))
}
