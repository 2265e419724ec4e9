//! Applications whose owner has left, or is away for long: whoever answers for them from then on hears of it.

use rights::{Audience, Instant, Notice, UserId};
use store::ApplicationState;
use uuid::Uuid;

use crate::{
    access::office::Office,
    administration::Error,
    notices::{About, Telling},
};

impl Office {
    /// What those are told who answer now for what somebody answered for who is not there since then.
    pub(super) async fn news_of_owners(&self, gone: Uuid, since: Instant) -> Result<Vec<Telling>, Error> {
        let mut theirs = self.data.applications_answered_by(gone).await?;
        let owners: Vec<Uuid> = theirs.iter().filter_map(|one| one.owner).collect();
        let active = self.data.active_among(&owners).await?;
        // Whoever is a deputy answered only where the owner is not there either.
        theirs.retain(|one| one.state == ApplicationState::Active && !one.owner.is_some_and(|id| active.contains(&id)));
        let now = self.data.owners(&theirs).await?;
        let telling = |application: &store::Application| {
            let heir = UserId(*now.get(&application.id)?);
            let about = About::application(application.id, gone, since);
            Some(Telling { notice: Notice::AnswersFor, audience: Audience::People([heir].into()), about })
        };
        Ok(theirs.iter().filter_map(telling).collect())
    }
}
