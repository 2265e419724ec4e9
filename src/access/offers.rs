//! What somebody may ask for.

use std::collections::{BTreeSet, HashMap, HashSet};

use rights::{Instant, calendar};
use scim::fold;
use serde::Serialize;
use store::{Application, ApplicationState, Entitlement, Lengths, Workplace};
use uuid::Uuid;

use crate::{
    access::Access,
    administration::{Error, NamedUser, Slice, people::People},
    language::Language,
};

/// How many entitlements are read at once.
const BATCH: u64 = 500;

/// Of whom and of what it is asked.
#[derive(Clone, Debug, Default)]
pub struct OfferSearch {
    /// For whom; nothing for oneself.
    pub subject: Option<Uuid>,
    /// Of this application alone.
    pub application: Option<Uuid>,
    /// What stands in a name or a code.
    pub text: Option<String>,
}

/// An application as it is named.
#[derive(Clone, Debug, Serialize)]
pub struct NamedApplication {
    /// Its id.
    pub id: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its name for people.
    pub name: String,
}

/// Something that may be asked for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The entitlement: its group.
    pub entitlement: Uuid,
    /// Of which application.
    pub application: NamedApplication,
    /// Its name for programs.
    pub code: String,
    /// Its name in the language of whoever reads.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// By which law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// How much harm it can do.
    pub risk: u8,
    /// For how long.
    pub duration: Lengths,
    /// Whether whoever asks has to say why.
    pub needs_justification: bool,
    /// Whether they have to say by which law or order.
    pub needs_legal_basis: bool,
    /// Whether it can be taken at once in an emergency.
    pub emergency: bool,
    /// The entitlements that the person needs first and does not have.
    pub missing: Vec<Uuid>,
    /// Who answers for it just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<NamedUser>,
}

/// What is known of somebody who may ask.
struct Subject {
    workplaces: Vec<Workplace>,
    held: HashSet<Uuid>,
}

impl Access {
    /// What may be asked for behind that entitlement, for oneself or for somebody whose line manager one is.
    pub async fn offers(
        &self,
        search: &OfferSearch,
        language: Language,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<Offer>, Error> {
        let subject = self.subject(search.subject).await?;
        let wanted = search.text.as_deref().map(fold::fold);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut place) = (Vec::new(), after);
        loop {
            let batch = self.data.entitlements_in_use(search.application, place, BATCH).await?;
            let is_last = batch.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            place = batch.last().map(|entitlement| entitlement.group);
            let offered: Vec<Entitlement> = batch.into_iter().filter(|one| subject.may_ask(one)).collect();
            let applications = self.applications_in_use(&offered).await?;
            found.extend(offered.into_iter().filter_map(|entitlement| {
                let application = applications.get(&entitlement.application)?;
                let fits = wanted.as_ref().is_none_or(|wanted| speaks_of(&entitlement, application, wanted));
                fits.then(|| (entitlement, application.clone()))
            }));
            if is_last || found.len() > limit {
                break;
            }
        }
        let has_more = found.len() > limit;
        found.truncate(limit);
        Ok(Slice { items: self.show_offers(found, &subject, language).await?, has_more })
    }

    /// Who may ask: oneself, or somebody who works under one.
    async fn subject(&self, subject: Option<Uuid>) -> Result<Subject, Error> {
        let user = subject.unwrap_or(self.actor.user);
        let today = calendar::local(Instant::from_millis(self.clock.now())).0.to_string();
        let workplaces = self.data.workplaces(user, &today).await?;
        let is_manager = workplaces.iter().any(|place| place.manager == Some(self.actor.user));
        if user != self.actor.user && !is_manager {
            return Err(Error::Missing("user"));
        }
        Ok(Subject { workplaces, held: self.data.groups_granted_to(user).await? })
    }

    async fn applications_in_use(&self, entitlements: &[Entitlement]) -> Result<HashMap<Uuid, Application>, Error> {
        let ids: BTreeSet<Uuid> = entitlements.iter().map(|entitlement| entitlement.application).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found = self.data.applications_among(&ids).await?;
        let in_use = found.into_iter().filter(|application| application.state == ApplicationState::Active);
        Ok(in_use.map(|application| (application.id, application)).collect())
    }

    async fn show_offers(
        &self,
        found: Vec<(Entitlement, Application)>,
        subject: &Subject,
        language: Language,
    ) -> Result<Vec<Offer>, Error> {
        let entitlements: Vec<Entitlement> = found.iter().map(|(entitlement, _)| entitlement.clone()).collect();
        let responsible = self.data.owners_of(&entitlements).await?;
        let people: Vec<Uuid> = responsible.values().copied().collect();
        let people = People::of(&self.data, &people).await?;
        let show = |(entitlement, application): (Entitlement, Application)| {
            let terms = entitlement.terms;
            Offer {
                entitlement: entitlement.group,
                application: NamedApplication { id: application.id, code: application.code, name: application.name },
                code: entitlement.code,
                name: language.of(&entitlement.texts.names).to_owned(),
                purpose: entitlement.texts.purpose,
                legal_basis: entitlement.texts.legal_basis,
                risk: entitlement.risk.into(),
                duration: terms.duration,
                needs_justification: terms.needs_justification,
                needs_legal_basis: terms.needs_legal_basis,
                emergency: terms.emergency,
                missing: terms.prerequisites.into_iter().filter(|id| !subject.held.contains(id)).collect(),
                responsible: people.named(responsible.get(&entitlement.group).copied()),
            }
        };
        Ok(found.into_iter().map(show).collect())
    }
}

impl Subject {
    /// Whether an entitlement in use is for them, and they do not have it.
    fn may_ask(&self, entitlement: &Entitlement) -> bool {
        let terms = &entitlement.terms;
        terms.requestable && !self.held.contains(&entitlement.group) && terms.audience.includes(&self.workplaces)
    }
}

/// Whether a folded text stands in one of the names or codes.
fn speaks_of(entitlement: &Entitlement, application: &Application, wanted: &str) -> bool {
    let names = &entitlement.texts.names;
    let texts = [names.lv.as_deref(), names.en.as_deref(), Some(&entitlement.code), Some(&application.name)];
    texts.into_iter().flatten().chain([application.code.as_str()]).any(|text| fold::fold(text).contains(wanted))
}
