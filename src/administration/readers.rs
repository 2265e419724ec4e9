//! Clients of those who look after an application and not the whole tenant: clients that read for it, and do nothing else. One that
//! does more, by any token that works, looks like what is not there: whoever changes from where it may call would do so for all.

use rights::{
    ApplicationId,
    administration::{Action, Place, Scope},
};
use store::{Bounds, Client, Readers, Work};
use uuid::Uuid;

use crate::{
    administration::{Administration, Error, entitlements::wrong, mandate::Mandate},
    auth,
    wording::phrase,
};

/// The most clients of one application that are made by whoever looks after it.
const MOST: u64 = 50;

impl Administration {
    /// The clients that somebody sees who looks after that.
    pub fn readers(&self, bounds: Bounds) -> Readers {
        Readers { bounds, scope: auth::Scope::AppRead.word(), now: self.clock.now() }
    }

    /// Where the clients of an application are.
    pub(super) async fn place_of_clients(
        &self,
        work: &Work,
        application: Option<Uuid>,
    ) -> Result<Option<Place>, Error> {
        let Some(id) = application else { return Ok(None) };
        Ok(work.place_of(Scope::Application(ApplicationId(id))).await?)
    }

    /// Refuses to make a client that whoever asks does not look after then.
    pub(super) async fn may_make_client(&self, work: &Work, application: Option<Uuid>) -> Result<(), Error> {
        let mandate = self.mandate(work).await?;
        if mandate.is_whole() {
            return Ok(());
        }
        let Some(id) = application else { return Err(wrong("/applicationId", phrase("must-be-given"))) };
        if !self.reaches_clients(work, &mandate, application).await? {
            return Err(wrong("/applicationId", phrase("no-application")));
        }
        // Held, so that two do not count the same.
        work.lock_application(id).await?;
        if work.count_of_application(id).await?.0 >= MOST {
            return Err(Error::Conflict(phrase("clients-of-one").with("most", MOST).into()));
        }
        Ok(())
    }

    /// Refuses what whoever asks may not do with a client that is held; says what they hold.
    pub(super) async fn mandate_over_client(&self, work: &Work, client: &Client) -> Result<Mandate, Error> {
        let mandate = self.mandate(work).await?;
        let reads = async || -> Result<bool, Error> {
            Ok(self.reaches_clients(work, &mandate, client.application).await?
                && !work.does_more(client.id, auth::Scope::AppRead.word()).await?)
        };
        if mandate.is_whole() || reads().await? { Ok(mandate) } else { Err(Error::Missing("client")) }
    }

    async fn reaches_clients(&self, work: &Work, mandate: &Mandate, application: Option<Uuid>) -> Result<bool, Error> {
        let place = self.place_of_clients(work, application).await?;
        Ok(place.is_some_and(|place| mandate.may(Action::Clients, &place)))
    }
}

/// Refuses a token that does more than read for an application.
pub(super) fn reads_alone(scopes: &[String]) -> Result<(), Error> {
    match scopes.iter().position(|word| *word != auth::Scope::AppRead.word()) {
        Some(at) => Err(wrong(&format!("/scopes/{at}"), phrase("app-read-alone"))),
        None => Ok(()),
    }
}
