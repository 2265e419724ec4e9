//! Telling people what happened: who is meant is found out where it happens, and what they are told is written in the same
//! transaction, so that nobody hears of what did not come to be. The words are made when somebody reads them, in their language.
//!
//! Whoever is not active is told nothing, and neither is whoever did it. Nobody hears of one event twice.

mod circle;
mod names;
mod texts;

use std::time::Duration;

use rights::{Audience, Effect, Instant, Notice, grant, request, tenure::Farewell};
use store::{
    AccessEmergency, AccessGrant, Gone, MailState, Notification, NotificationContent, RequestItem, SodViolation, Store,
    Work,
};
use uuid::Uuid;

use crate::clock::Ids;

pub use circle::is_active;
pub use names::Names;
pub use texts::{Said, automatic, deputy_line};

/// How long what people were told is kept, in milliseconds: ninety days.
const KEPT: i64 = 90 * 24 * 3_600_000;
/// How many notifications are forgotten at once.
const FORGOTTEN: u64 = 5000;
/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// What people are told about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Ids and numbers.
    pub content: NotificationContent,
    /// Which event in the life of the object: its version, or an instant. With the object and the notice it names an event that
    /// nobody hears of twice.
    pub occurrence: i64,
    /// Who reviews and has not decided, as whoever carries a review on knows.
    pub reviewers: Vec<Uuid>,
}

/// Somebody is to be told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Of what.
    pub notice: Notice,
    /// Who.
    pub audience: Audience,
    /// About what.
    pub about: About,
}

impl Telling {
    /// Somebody is told that a grant of theirs has ended by another's hand.
    pub fn ended(grant: &AccessGrant, now: Instant) -> Self {
        Self { notice: Notice::Ended, audience: Audience::Subject, about: About::grant(grant, now) }
    }
}

impl About {
    /// An item of a request as it is now.
    pub fn item(item: &RequestItem) -> Self {
        let (at, reason) = match &item.item.state {
            request::State::Pending => (Some(item.item.expires), None),
            request::State::InfoRequested { until, .. } => (Some(*until), None),
            request::State::Scheduled { start } => (Some(*start), None),
            request::State::Rejected(rejection) => (None, Some(rejected(rejection))),
            request::State::Cancelled(why) => (None, Some(why.word())),
            _ => (None, Some(item.kind())),
        };
        let content = NotificationContent {
            object: "requestItem".into(),
            id: item.id,
            subject: Some(item.item.subject.0),
            requester: Some(item.item.requester.0),
            entitlement: Some(item.item.entitlement.0),
            request: Some(item.request),
            at,
            reason: reason.map(Into::into),
            ..Default::default()
        };
        Self { content, occurrence: item.version, reviewers: Vec::new() }
    }

    /// A grant as it is now.
    pub fn grant(stored: &AccessGrant, now: Instant) -> Self {
        let grant = &stored.grant;
        let (at, reason) = match grant.state {
            grant::State::Ended { at, reason } => (Some(at), Some(reason.word())),
            _ => (grant.until, None),
        };
        let content = NotificationContent {
            object: "grant".into(),
            id: stored.id,
            subject: Some(grant.user.0),
            entitlement: Some(grant.entitlement.0),
            at,
            days: at.filter(|_| reason.is_none()).map(|at| days_between(now, at)),
            reason: reason.map(Into::into),
            ..Default::default()
        };
        Self { content, occurrence: stored.version, reviewers: Vec::new() }
    }

    /// A conflict as it is now.
    pub fn violation(stored: &SodViolation) -> Self {
        let content = NotificationContent {
            object: "sodViolation".into(),
            id: stored.id,
            subject: Some(stored.violation.subject.0),
            rule: Some(stored.violation.finding.rule.0),
            ..Default::default()
        };
        Self { content, occurrence: stored.version, reviewers: Vec::new() }
    }

    /// Access that was taken in an emergency as it is now.
    pub fn emergency(stored: &AccessEmergency) -> Self {
        let content = NotificationContent {
            object: "emergency".into(),
            id: stored.id,
            subject: Some(stored.emergency.user.0),
            entitlement: Some(stored.entitlement),
            at: Some(stored.due),
            ..Default::default()
        };
        Self { content, occurrence: stored.version, reviewers: Vec::new() }
    }

    /// Somebody, and until when what is told of them is so.
    pub fn person(user: Uuid, at: Option<Instant>, since: Instant) -> Self {
        let content =
            NotificationContent { object: "user".into(), id: user, subject: Some(user), at, ..Default::default() };
        Self { content, occurrence: since.millis(), reviewers: Vec::new() }
    }

    /// Somebody who leaves soon.
    pub fn leaver(user: Uuid, farewell: &Farewell, now: Instant) -> Self {
        let mut about = Self::person(user, Some(farewell.at), farewell.told);
        about.content.days = Some(days_between(now, farewell.at));
        about
    }

    /// An application for which somebody answered who is not there since then.
    pub fn application(id: Uuid, gone: Uuid, since: Instant) -> Self {
        let about = Self::person(gone, None, since);
        Self { content: NotificationContent { object: "application".into(), id, ..about.content }, ..about }
    }

    /// What of that which follows from an event people are told.
    pub fn tellings<'a>(&'a self, effects: &'a [Effect]) -> impl Iterator<Item = Telling> + 'a {
        effects.iter().filter_map(|effect| match effect {
            Effect::Tell(notice, audience) => {
                Some(Telling { notice: *notice, audience: audience.clone(), about: self.clone() })
            }
            _ => None,
        })
    }

    /// The name of an event.
    fn event(&self, notice: Notice) -> String {
        format!("{}:{}:{}:{}", self.content.object, self.content.id, notice.word(), self.occurrence)
    }
}

/// Tells people, in the transaction of what they are told about: with a few statements, however many they are.
pub async fn tell(work: &Work, ids: &Ids, now: Instant, tellings: &[Telling]) -> Result<(), store::Error> {
    if tellings.is_empty() {
        return Ok(());
    }
    let settings = work.settings().await?;
    let mail = if work.mails() && settings.mail_notifications { MailState::Due } else { MailState::None };
    let circle = circle::Circle::around(work, tellings, settings.security_officers, now).await?;
    let mut told = Vec::new();
    for telling in tellings {
        for (recipient, deputy_of) in circle.recipients(telling) {
            told.push(Notification {
                id: ids.next(),
                recipient,
                event: telling.about.event(telling.notice),
                notice: telling.notice,
                content: NotificationContent { deputy_of, ..telling.about.content.clone() },
                read: None,
                mail,
            });
        }
    }
    work.notify(&told).await
}

/// Tells people what a unit of work has taken from them on the way: before it is committed.
pub async fn tell_of_losses(work: &Work, ids: &Ids, now: Instant) -> Result<(), store::Error> {
    let mut tellings = Vec::new();
    for gone in work.gone() {
        match gone {
            Gone::Grant(grant) => tellings.push(Telling::ended(&grant, now)),
            Gone::Item(item, effects) => tellings.extend(About::item(&item).tellings(&effects)),
        }
    }
    tell(work, ids, now, &tellings).await
}

/// Forgets what people were told long ago, some at a time.
pub async fn forget_old(store: &Store, now: i64) -> Result<u64, store::Error> {
    let mut gone = 0;
    for tenant in store.tenants().await? {
        let tenant = store.tenant(tenant.id);
        loop {
            let some = tenant.forget_notifications(now - KEPT, FORGOTTEN).await?;
            gone += some;
            if some < FORGOTTEN {
                break;
            }
            // Requests have their turn in between.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(gone)
}

fn rejected(rejection: &request::Rejection) -> &'static str {
    match rejection {
        request::Rejection::Vote => "vote",
        request::Rejection::NoApprover => "noApprover",
        request::Rejection::Conflict(_) => "conflict",
    }
}

/// How many days are left, begun ones as whole.
fn days_between(now: Instant, until: Instant) -> i64 {
    let millis = until.millis().saturating_sub(now.millis()).max(0);
    millis / DAY + i64::from(millis % DAY > 0)
}
