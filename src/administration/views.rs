//! Who looked at whose data.

use serde::Serialize;
use store::{Bounds, PersonView, TenantStore};
use uuid::Uuid;

use crate::{
    administration::{
        Administration, Error, Slice,
        people::{NamedUser, People},
    },
    clock::timestamp,
};

/// That somebody looked at the data of a person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewRecord {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: String,
    /// With which client, or through which issuer.
    pub client: NamedCaller,
    /// Which user looked; none for a client by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<NamedUser>,
    /// What was read.
    pub route: String,
    /// The request's id.
    pub request_id: String,
}

/// A client or an issuer.
#[derive(Clone, Debug, Serialize)]
pub struct NamedCaller {
    /// Its id.
    pub id: Uuid,
    /// Its name, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Administration {
    /// Who looked at the data of a user within bounds, the newest first.
    pub async fn views(
        &self,
        (user, bounds): (Uuid, &Bounds),
        behind: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ViewRecord>, Error> {
        self.must_see(user, bounds).await?;
        views_of(&self.data, user, behind, limit).await
    }
}

/// Who looked at the data of a person, the newest first.
pub(crate) async fn views_of(
    data: &TenantStore,
    person: Uuid,
    behind: Option<Uuid>,
    limit: u64,
) -> Result<Slice<ViewRecord>, Error> {
    let Slice { items, has_more } = Slice::of(data.views_of(person, behind, limit + 1).await?, limit);
    let callers: Vec<Uuid> = items.iter().map(|view| view.client).collect();
    let callers = data.names_of_callers(&callers).await?;
    let users: Vec<Uuid> = items.iter().filter_map(|view| view.user).collect();
    let people = People::of(data, &users).await?;
    let record = |view: PersonView| ViewRecord {
        id: view.id,
        at: timestamp(view.at),
        client: NamedCaller { id: view.client, name: callers.get(&view.client).cloned() },
        user: view.user.map(|id| people.named(Some(id)).unwrap_or(NamedUser { id, display_name: None })),
        route: view.route,
        request_id: view.request,
    };
    Ok(Slice { items: items.into_iter().map(record).collect(), has_more })
}
