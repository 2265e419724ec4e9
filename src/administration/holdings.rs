//! Who has or had what, when, and why.

use std::collections::{BTreeSet, HashMap};

use scim::schema::Catalog;
use serde::Serialize;
use store::{AccessGrant, Bounds, Entitlement, GrantFilter, Names, TenantStore};
use uuid::Uuid;

use crate::administration::{Administration, Error, GrantRecord, Slice};

/// Of whom or of what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// What a user has.
    User(Uuid),
    /// Who has something of an application.
    Application(Uuid),
}

/// Something that somebody has or had, by one grant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldingRecord {
    /// The name of the user, as long as they are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The application; nothing if the group is no entitlement any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// The name of the entitlement for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its names for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
    /// By which grant.
    pub grant: GrantRecord,
}

impl Administration {
    /// What somebody had, or who had something of an application, at an instant in milliseconds since 1970, as far as it is
    /// within bounds; behind that entitlement and grant.
    pub async fn holdings(
        &self,
        catalog: &Catalog,
        (of, bounds): (Holder, &Bounds),
        at: i64,
        after: Option<(Uuid, Uuid)>,
        limit: u64,
    ) -> Result<Slice<HoldingRecord>, Error> {
        if let Holder::Application(application) = of
            && bounds.reach.tenant
        {
            self.known_application(application, &Bounds::none()).await?;
        }
        holdings_of(&self.data, catalog, (of, bounds), (at, after), limit).await
    }
}

/// The same of whatever is there.
pub(crate) async fn holdings_of(
    data: &TenantStore,
    catalog: &Catalog,
    (of, bounds): (Holder, &Bounds),
    (at, after): (i64, Option<(Uuid, Uuid)>),
    limit: u64,
) -> Result<Slice<HoldingRecord>, Error> {
    let found = match of {
        Holder::User(user) => {
            let filter = GrantFilter { user: Some(user), at: Some(at), ..GrantFilter::default() };
            data.grants(&filter, bounds, after.map(|(_, grant)| grant), limit + 1).await?
        }
        Holder::Application(application) => {
            data.holdings_of_application(application, bounds, at, after, limit + 1).await?
        }
    };
    let slice = Slice::of(found, limit);
    let items = named(data, catalog, slice.items).await?;
    Ok(Slice { items, has_more: slice.has_more })
}

async fn named(data: &TenantStore, catalog: &Catalog, grants: Vec<AccessGrant>) -> Result<Vec<HoldingRecord>, Error> {
    let groups: BTreeSet<Uuid> = grants.iter().map(|grant| grant.grant.entitlement.0).collect();
    let groups: Vec<Uuid> = groups.into_iter().collect();
    let entitlements: HashMap<Uuid, Entitlement> = data.entitlements_among(&groups).await?;
    let users: BTreeSet<Uuid> = grants.iter().map(|grant| grant.grant.user.0).collect();
    let people = catalog.types().iter().find(|kind| kind.member_of.is_some());
    let names = match people {
        Some(people) => data.displays(people, users).await?,
        None => HashMap::new(),
    };
    let record = |grant: AccessGrant| {
        let entitlement = entitlements.get(&grant.grant.entitlement.0);
        HoldingRecord {
            display_name: names.get(&grant.grant.user.0).cloned().flatten(),
            application: entitlement.map(|entitlement| entitlement.application),
            code: entitlement.map(|entitlement| entitlement.code.clone()),
            names: entitlement.map(|entitlement| entitlement.texts.names.clone()),
            grant: grant.into(),
        }
    };
    Ok(grants.into_iter().map(record).collect())
}
