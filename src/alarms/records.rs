//! Alarms as they are shown: to a tenant's administrator, on the banners of a console, and to those who run the
//! platform.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use store::{Alarm, Cause, Store, TenantStore};
use uuid::Uuid;

use crate::{
    alarms::HOUR,
    clock::timestamp,
    language::Language,
    wording::{Phrase, phrase},
};

/// The longest comment, in characters.
const LONGEST: usize = 1000;
/// How many banners are shown at the most.
const BANNERS: u64 = 20;

/// An alarm as a tenant's administrator sees it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is about: `massChange`.
    pub kind: String,
    /// The client, or the issuer on whose word people called.
    pub client: Uuid,
    /// `open`, `acknowledged` or `closed`.
    pub state: &'static str,
    /// When it was raised.
    pub began: String,
    /// When the first of what was counted was taken away.
    pub first_removal: String,
    /// When the last was.
    pub last_removal: String,
    /// Users that were deactivated, and resources of every type that were deleted.
    pub users: Count,
    /// Memberships that were taken away.
    pub memberships: Count,
    /// When somebody said that they know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<String>,
    /// Which client said so; none for the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<Uuid>,
    /// What they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// How many, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// How many within an hour, at the worst.
    pub removed: i64,
    /// What must not be exceeded.
    pub threshold: i64,
}

/// An alarm as those see it who run the platform: counts, and nothing of people.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformAlarm {
    /// The tenant.
    pub tenant: String,
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: String,
    /// The client.
    pub client: Uuid,
    /// `open`, `acknowledged` or `closed`.
    pub state: &'static str,
    /// When it was raised.
    pub began: String,
    /// When the last removal was.
    pub last_removal: String,
    /// Users that were deactivated, and resources of every type that were deleted.
    pub users: Count,
    /// Memberships that were taken away.
    pub memberships: Count,
}

/// What a console shows on every page.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Banner {
    /// What it is about: `massChange`.
    pub kind: String,
    /// How bad it is: `warning`.
    pub severity: &'static str,
    /// Since when.
    pub since: String,
    /// The alarm that it tells of.
    pub alarm: Uuid,
    /// The client.
    pub client: Uuid,
    /// What happened and what to do, for people.
    pub text: String,
}

/// What somebody says who has seen an alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// What they found out.
    pub comment: String,
}

/// The alarms of one tenant, as one caller sees them.
#[derive(Clone, Debug)]
pub struct Book {
    /// Where the data is.
    pub data: TenantStore,
    /// Who asks, in which request.
    pub cause: Cause,
    /// The time.
    pub now: i64,
}

/// How an alarm stands: it goes on for an hour after the last removal that was too much.
fn state(alarm: &Alarm, now: i64) -> &'static str {
    match (alarm.acknowledged, now - alarm.tally.last < HOUR) {
        (None, _) => "open",
        (Some(_), true) => "acknowledged",
        (Some(_), false) => "closed",
    }
}

fn counts(alarm: &Alarm) -> (Count, Count) {
    let of = |removed, threshold| Count { removed, threshold };
    (of(alarm.tally.users, alarm.thresholds.0), of(alarm.tally.memberships, alarm.thresholds.1))
}

fn record(alarm: Alarm, now: i64) -> AlarmRecord {
    let (users, memberships) = counts(&alarm);
    AlarmRecord {
        id: alarm.id,
        state: state(&alarm, now),
        kind: alarm.kind,
        client: alarm.client,
        began: timestamp(alarm.began),
        first_removal: timestamp(alarm.tally.first),
        last_removal: timestamp(alarm.tally.last),
        users,
        memberships,
        acknowledged: alarm.acknowledged.map(timestamp),
        acknowledged_by: alarm.acknowledged_by,
        comment: alarm.comment,
    }
}

impl Book {
    /// Alarms behind that one, the newest first, and whether there are more.
    pub async fn page(&self, after: Option<Uuid>, count: u64) -> Result<(Vec<AlarmRecord>, bool), store::Error> {
        let (alarms, has_more) = part(self.data.alarms(after, count + 1).await?, count);
        Ok((alarms.into_iter().map(|alarm| record(alarm, self.now)).collect(), has_more))
    }

    /// One alarm.
    pub async fn alarm(&self, id: Uuid) -> Result<Option<AlarmRecord>, store::Error> {
        Ok(self.data.alarm(id).await?.map(|alarm| record(alarm, self.now)))
    }

    /// Notes that somebody knows of an alarm. The first to say so stays. Nothing if there is no such alarm.
    pub async fn acknowledge(&self, id: Uuid, comment: &str) -> Result<Option<AlarmRecord>, store::Error> {
        let work = self.data.begin(&self.cause, || self.now).await?;
        let Some(alarm) = work.lock_alarm(id).await? else { return Ok(None) };
        if alarm.acknowledged.is_none() {
            work.acknowledge(id, Some(comment.trim()).filter(|comment| !comment.is_empty())).await?;
        }
        work.commit().await?;
        self.alarm(id).await
    }

    /// What a console shows on every page: alarms that nobody has acknowledged, or that go on.
    pub async fn banners(&self, language: Language) -> Result<Vec<Banner>, store::Error> {
        let alarms = self.data.standing_alarms(self.now - HOUR, BANNERS).await?;
        let callers: Vec<Uuid> = alarms.iter().map(|alarm| alarm.client).collect();
        let names = self.data.names_of_callers(&callers).await?;
        let shown = |alarm: Alarm| {
            let name = names.get(&alarm.client).map(String::as_str);
            banner(alarm, name, language)
        };
        Ok(alarms.into_iter().map(shown).collect())
    }
}

impl Acknowledgement {
    /// Why it cannot be taken, if it cannot.
    pub fn fault(&self) -> Option<Phrase> {
        let is_long = self.comment.chars().count() > LONGEST;
        let is_plain = !self.comment.chars().any(|c| c.is_control() && c != '\n');
        (is_long || !is_plain).then(|| phrase("most-text").with("most", LONGEST))
    }
}

fn banner(alarm: Alarm, name: Option<&str>, language: Language) -> Banner {
    let (users, memberships) = counts(&alarm);
    // A client that is gone has its id alone.
    let who = name.map_or_else(
        || phrase("banner-client-id").with("id", alarm.client.to_string()),
        |name| phrase("banner-client").with("name", name),
    );
    let what = phrase("banner-removed")
        .with("users", users.removed)
        .with("expectedUsers", users.threshold)
        .with("memberships", memberships.removed)
        .with("expectedMemberships", memberships.threshold);
    let now = if alarm.acknowledged.is_some() { phrase("banner-acknowledged") } else { phrase("banner-standing") };
    let text = [who, what, now].map(|part| part.say(language)).join(" ");
    Banner {
        kind: alarm.kind,
        severity: "warning",
        since: timestamp(alarm.began),
        alarm: alarm.id,
        client: alarm.client,
        text,
    }
}

/// Which clients are watched because of an alarm that stands, and since when.
pub async fn watched(data: &TenantStore, now: i64) -> Result<HashMap<Uuid, String>, store::Error> {
    let standing = data.standing_alarms(now - HOUR, u64::from(u16::MAX)).await?;
    let mut watched = HashMap::new();
    for alarm in standing {
        watched.entry(alarm.client).or_insert_with(|| timestamp(alarm.began));
    }
    Ok(watched)
}

/// The alarms of all tenants behind that one, the newest first, and whether there are more.
pub async fn all(
    store: &Store,
    after: Option<Uuid>,
    count: u64,
    now: i64,
) -> Result<(Vec<PlatformAlarm>, bool), store::Error> {
    let (alarms, has_more) = part(store.alarms(after, count + 1).await?, count);
    let shown = |(tenant, alarm): (String, Alarm)| {
        let (users, memberships) = counts(&alarm);
        PlatformAlarm {
            tenant,
            id: alarm.id,
            state: state(&alarm, now),
            kind: alarm.kind,
            client: alarm.client,
            began: timestamp(alarm.began),
            last_removal: timestamp(alarm.tally.last),
            users,
            memberships,
        }
    };
    Ok((alarms.into_iter().map(shown).collect(), has_more))
}

/// A part of a list that was asked for with one item too many.
fn part<T>(mut items: Vec<T>, count: u64) -> (Vec<T>, bool) {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let has_more = items.len() > count;
    items.truncate(count);
    (items, has_more)
}
