//! What notifications name, looked up for many of them at once.

use std::collections::HashMap;

use rights::Notice;
use store::{AccessRequest, Application, Entitlement, Notification, NotificationContent, RuleKind, TenantStore};
use uuid::Uuid;

use crate::{
    language::Language,
    notices::texts::{self, Said, Words},
};

/// The most rules whose names are known.
const MAX_RULES: u64 = 1000;

/// The names of people, entitlements, applications, requests and rules that some notifications are about.
#[derive(Debug, Default)]
pub struct Names {
    people: HashMap<Uuid, Option<String>>,
    entitlements: HashMap<Uuid, Entitlement>,
    applications: HashMap<Uuid, Application>,
    requests: HashMap<Uuid, AccessRequest>,
    rules: HashMap<Uuid, String>,
}

impl Names {
    /// Looks up what these are about.
    pub async fn of(data: &TenantStore, told: &[Notification]) -> Result<Self, store::Error> {
        let all = |which: fn(&NotificationContent) -> Option<Uuid>| -> Vec<Uuid> {
            told.iter().filter_map(|one| which(&one.content)).collect()
        };
        let people = [all(|one| one.subject), all(|one| one.requester), all(|one| one.deputy_of)].concat();
        let entitlements = data.entitlements_among(&all(|one| one.entitlement)).await?;
        let applications = entitlements.values().map(|one| one.application);
        let applications: Vec<Uuid> = applications.chain(all(application)).collect();
        let applications = data.applications_among(&applications).await?;
        let rules = if all(|one| one.rule).is_empty() {
            Vec::new()
        } else {
            data.rules(RuleKind::Sod, None, MAX_RULES).await?
        };
        Ok(Self {
            people: data.names_of_people(&people).await?,
            requests: data.requests_among(&all(|one| one.request)).await?,
            applications: applications.into_iter().map(|one| (one.id, one)).collect(),
            rules: rules.into_iter().map(|rule| (rule.id, rule.name)).collect(),
            entitlements,
        })
    }

    /// What somebody is told, in a language.
    pub fn say(&self, language: Language, notice: Notice, content: &NotificationContent) -> Said {
        let entitlement = content.entitlement.and_then(|id| self.entitlements.get(&id));
        let application = entitlement.map(|one| one.application).or_else(|| application(content));
        let application = application.and_then(|id| self.applications.get(&id));
        texts::say(
            language,
            notice,
            &Words {
                entitlement: entitlement.map(|one| named(language, one)),
                application: application.map(|one| one.name.as_str()),
                subject: self.person(content.subject),
                requester: self.person(content.requester),
                number: content.request.and_then(|id| self.requests.get(&id)).map(|one| one.number.to_string()),
                rule: content.rule.and_then(|id| self.rules.get(&id)).map(String::as_str),
                at: content.at,
                days: content.days,
                reason: content.reason.as_deref(),
            },
        )
    }

    /// The name of somebody, if they are there.
    pub fn person(&self, id: Option<Uuid>) -> Option<&str> {
        self.people.get(&id?)?.as_deref()
    }
}

/// The application that it is about itself.
fn application(content: &NotificationContent) -> Option<Uuid> {
    (content.object == "application").then_some(content.id)
}

/// The name of an entitlement, or its code.
fn named(language: Language, entitlement: &Entitlement) -> &str {
    match language.of(&entitlement.texts.names) {
        "" => &entitlement.code,
        name => name,
    }
}
