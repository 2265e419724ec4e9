//! Applications whose owner has left, or is away for long: whoever answers for them from then on hears of it.

use rights::{Audience, Instant, Notice, UserId};
use store::{ApplicationState, Work};
use uuid::Uuid;

use crate::{
    access::office::Office,
    administration::Error,
    notices::{self, About, Telling},
};

impl Office {
    /// Tells those who answer now for what somebody answered for who is not there since then.
    pub(super) async fn tell_new_owners(&self, work: &Work, gone: Uuid, since: Instant) -> Result<(), Error> {
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
        let tellings: Vec<Telling> = theirs.iter().filter_map(telling).collect();
        Ok(notices::tell(work, &self.ids, self.now(), &tellings).await?)
    }
}
