//! Reading requests, as far as whoever looks may.

use std::sync::Arc;

use rights::{Assurance, UserId, delegation::Duty};
use store::{AccessRequest, Cause, RequestFilter, RequestItem, Sees, TenantStore};
use tokio::try_join;
use uuid::Uuid;

use crate::{
    access::{
        Access,
        office::Office,
        requests::{
            records::{ItemRecord, RequestRecord},
            show::show_request,
        },
    },
    administration::{Error, Slice},
    clock::{Clock, Ids},
    provisioning::Service,
};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The tenant's administrator.
    Administrator,
    /// A person.
    Person(Uuid),
}

/// What somebody sees of a tenant's requests.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Where the data is.
    pub data: TenantStore,
    /// Which resources and rules there are.
    pub service: Arc<Service>,
    /// Who looks.
    pub viewer: Viewer,
    /// How surely it is known who looks; nothing for a client, which is who it is.
    pub surely: Option<Assurance>,
    /// Who asks, in which request, for the log.
    pub cause: Cause,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
}

impl Access {
    /// What the person sees.
    pub fn sight(&self) -> Sight {
        Sight {
            data: self.data.clone(),
            service: Arc::clone(&self.service),
            viewer: Viewer::Person(self.actor.user),
            surely: Some(self.actor.surely),
            cause: self.cause.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// What is needed to carry requests on, on the person's word.
    pub(in crate::access) fn office(&self) -> Office {
        self.sight().office()
    }

    /// Items behind that one that wait for the person, or for somebody for whom they stand in.
    pub async fn waiting(&self, after: Option<Uuid>, limit: u64) -> Result<Slice<ItemRecord>, Error> {
        let sight = self.sight();
        let absent = sight.stands_in_for(self.actor.user).await?;
        let found = self.data.items_waiting(self.actor.user, &absent, after, limit + 1).await?;
        let found = Slice::of(found, limit);
        Ok(Slice { items: self.office().show_items(found.items).await?, has_more: found.has_more })
    }
}

impl Sight {
    pub(in crate::access) fn office(&self) -> Office {
        Office {
            data: self.data.clone(),
            service: Arc::clone(&self.service),
            cause: self.cause.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Requests behind that one, the oldest first.
    pub async fn requests(
        &self,
        filter: &RequestFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<RequestRecord>, Error> {
        let sees = self.sees().await?;
        let found = Slice::of(self.data.requests(filter, sees.as_ref(), after, limit + 1).await?, limit);
        Ok(Slice { items: self.office().show_requests(found.items).await?, has_more: found.has_more })
    }

    /// One request.
    pub async fn request(&self, id: Uuid) -> Result<RequestRecord, Error> {
        let request = self.visible(id).await?.ok_or(Error::Missing("request"))?;
        let items = self.data.items_of(&[id]).await?;
        let deputies = self.office().deputies_of(&items).await?;
        Ok(show_request(request, items, &deputies, false))
    }

    /// One item.
    pub async fn item(&self, id: Uuid) -> Result<ItemRecord, Error> {
        let (item, _) = self.visible_item(id).await?;
        self.office().show_item(item).await
    }

    /// One item, and what else whoever looks sees; nothing for everything.
    pub(super) async fn visible_item(&self, id: Uuid) -> Result<(RequestItem, Option<Sees>), Error> {
        let missing = || Error::Missing("request item");
        let found = async { Ok(self.data.request_item(id).await?) };
        let (item, sees) = try_join!(found, self.sees())?;
        let item = item.ok_or_else(missing)?;
        if let Some(sees) = &sees {
            // Whoever decides about it sees it: nothing more has to be asked.
            let waiting = item.item.waiting_for();
            let decides = |id: &Uuid| waiting.contains(&UserId(*id));
            if !decides(&sees.user) && !sees.stands_in_for.iter().any(decides) {
                self.data.request(item.request, Some(sees)).await?.ok_or_else(missing)?;
            }
        }
        Ok((item, sees))
    }

    async fn visible(&self, id: Uuid) -> Result<Option<AccessRequest>, Error> {
        let sees = self.sees().await?;
        Ok(self.data.request(id, sees.as_ref()).await?)
    }

    /// Whom somebody sees; nothing for everything.
    async fn sees(&self) -> Result<Option<Sees>, Error> {
        let Viewer::Person(user) = self.viewer else { return Ok(None) };
        let stands_in_for = self.stands_in_for(user).await?;
        Ok(Some(Sees { user, stands_in_for, day: self.office().today() }))
    }

    /// For whom somebody decides just now.
    async fn stands_in_for(&self, user: Uuid) -> Result<Vec<Uuid>, Error> {
        let now = self.office().now();
        let delegations = self.data.delegations_in_force(&[user], now.millis()).await?;
        let theirs = delegations.iter().filter(|one| one.delegate.0 == user && one.covers(Duty::Approvals, now));
        Ok(theirs.map(|one| one.delegator.0).collect())
    }
}
