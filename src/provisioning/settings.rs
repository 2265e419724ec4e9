//! How a tenant is served: what it may set, and what a change must not break.

use scim::{filter::Field, schema::Catalog};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use store::{TenantSettings, Work, WorkingTime};
use uuid::Uuid;

use crate::{
    clock::{instant, timestamp},
    provisioning::{Directory, Error, Tags, catalogs::build, condition::meant, definitions::Way},
    wording::phrase,
};

/// The most that a page may hold.
const MAX_PAGE: u64 = 1000;
/// The fastest pace that a tenant may set.
const MAX_RATE: u32 = 1_000_000;
/// The most that a client may be let take away within an hour without an alarm.
const MAX_COUNT: u32 = 1_000_000;
/// How long the alarm of mass changes may be paused, in milliseconds.
const LONGEST_PAUSE: i64 = 31 * 24 * 3_600_000;
/// What settings call the instant until which it is.
const PAUSE: &str = "massChangePausedUntil";

/// What somebody wants to be different; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SettingsChange {
    /// The letter of the RFC where practice differs from it.
    #[serde(deserialize_with = "given")]
    pub strict: Option<bool>,
    /// No two groups have the same name.
    #[serde(deserialize_with = "given")]
    pub unique_group_names: Option<bool>,
    /// The catalogues `/Roles` and `/Entitlements` are served.
    #[serde(deserialize_with = "given")]
    pub roles_and_entitlements: Option<bool>,
    /// Users can only be given roles and entitlements that are in the catalogues.
    #[serde(deserialize_with = "given")]
    pub known_roles_only: Option<bool>,
    /// How long a page is that was asked for without `count`.
    #[serde(deserialize_with = "given")]
    pub page_size: Option<u64>,
    /// How long a page may be.
    #[serde(deserialize_with = "given")]
    pub max_page_size: Option<u64>,
    /// How many requests a second all clients together may send; null for as many as the operator allows.
    #[serde(deserialize_with = "given")]
    pub requests_per_second: Option<Option<u32>>,
    /// The same for each client.
    #[serde(deserialize_with = "given")]
    pub client_requests_per_second: Option<Option<u32>>,
    /// A provisioning client is refused what a rule of segregation of duties blocks.
    #[serde(deserialize_with = "given")]
    pub sod_blocks_provisioning: Option<bool>,
    /// So many users or memberships a client may take away within an hour in any case without an alarm.
    #[serde(deserialize_with = "given")]
    pub mass_change_count: Option<u32>,
    /// The same as a share of all there are, in percent.
    #[serde(deserialize_with = "given")]
    pub mass_change_percent: Option<u32>,
    /// Until when what is taken away is expected, in milliseconds since 1970; nothing in it to end the pause now.
    #[serde(deserialize_with = "given_instant")]
    pub mass_change_paused_until: Option<Option<i64>>,
    /// When it is worked, whole.
    #[serde(deserialize_with = "given")]
    pub working_time: Option<WorkingTime>,
    /// The group of those who look after security; null for nobody.
    #[serde(deserialize_with = "given")]
    pub security_officers: Option<Option<Uuid>>,
    /// People are told by mail too.
    #[serde(deserialize_with = "given")]
    pub mail_notifications: Option<bool>,
    /// The group of those who may take access in emergencies; null for nobody.
    #[serde(deserialize_with = "given")]
    pub emergency_group: Option<Option<Uuid>>,
}

impl SettingsChange {
    fn applied_to(self, before: TenantSettings, now: i64) -> TenantSettings {
        let pause = match self.mass_change_paused_until {
            // What was expected until now stays expected.
            Some(None) => before.mass_change_paused_until.map(|until| until.min(now)),
            Some(until) => until,
            None => before.mass_change_paused_until,
        };
        TenantSettings {
            strict: self.strict.unwrap_or(before.strict),
            unique_group_names: self.unique_group_names.unwrap_or(before.unique_group_names),
            roles_and_entitlements: self.roles_and_entitlements.unwrap_or(before.roles_and_entitlements),
            known_roles_only: self.known_roles_only.unwrap_or(before.known_roles_only),
            page_size: self.page_size.unwrap_or(before.page_size),
            max_page_size: self.max_page_size.unwrap_or(before.max_page_size),
            requests_per_second: self.requests_per_second.unwrap_or(before.requests_per_second),
            client_requests_per_second: self.client_requests_per_second.unwrap_or(before.client_requests_per_second),
            sod_blocks_provisioning: self.sod_blocks_provisioning.unwrap_or(before.sod_blocks_provisioning),
            mass_change_count: self.mass_change_count.unwrap_or(before.mass_change_count),
            mass_change_percent: self.mass_change_percent.unwrap_or(before.mass_change_percent),
            mass_change_paused_until: pause,
            working_time: self.working_time.unwrap_or(before.working_time),
            security_officers: self.security_officers.unwrap_or(before.security_officers),
            mail_notifications: self.mail_notifications.unwrap_or(before.mail_notifications),
            emergency_group: self.emergency_group.unwrap_or(before.emergency_group),
        }
    }
}

impl Directory {
    /// How the tenant is served just now.
    pub async fn settings(&self) -> Result<TenantSettings, Error> {
        Ok(self.data.profile().await?.settings)
    }

    /// Sets all of how the tenant is served.
    pub async fn set_settings(&self, settings: TenantSettings) -> Result<(), Error> {
        self.settle(None, |_| settings).await.map(drop)
    }

    /// Sets some of how the tenant is served, if that is still as one of these tags says. Says how it is served then.
    pub async fn change_settings(&self, change: SettingsChange, tags: Option<&Tags>) -> Result<TenantSettings, Error> {
        let now = self.clock.now();
        self.settle(tags, |before| change.applied_to(before, now)).await
    }

    async fn settle(
        &self,
        tags: Option<&Tags>,
        wish: impl FnOnce(TenantSettings) -> TenantSettings,
    ) -> Result<TenantSettings, Error> {
        self.change(Way::Gives, async |work, profile, definitions| {
            meant(tags, Some(&profile.settings))?;
            let (before, after) = (profile.settings.clone(), wish(profile.settings));
            let changed = changed(&before, &after);
            if changed.is_empty() {
                return Ok(after);
            }
            check(&after, self.clock.now())?;
            let catalog = build(&after, &definitions)?;
            if after.working_time.moved_days != before.working_time.moved_days
                && !after.working_time.moves_to_weekends()
            {
                return Err(Error::wrong_at("/workingTime/movedDays", phrase("settings-moved-days")));
            }
            for (name, group, known) in [
                ("securityOfficers", after.security_officers, before.security_officers),
                ("emergencyGroup", after.emergency_group, before.emergency_group),
            ] {
                // One that was named before may be gone by now.
                if let Some(group) = group.filter(|_| group != known) {
                    is_group(work, &catalog, name, group).await?;
                }
            }
            if after.unique_group_names != before.unique_group_names {
                unique_group_names(work, &catalog, after.unique_group_names).await?;
            }
            work.set_settings(&after, changed).await?;
            Ok(after)
        })
        .await
    }
}

/// Refuses settings that cannot be served.
pub(crate) fn check(settings: &TenantSettings, now: i64) -> Result<(), Error> {
    let latest = now.saturating_add(LONGEST_PAUSE);
    let is_slow = |rate: Option<u32>| rate.is_none_or(|rate| (1..=MAX_RATE).contains(&rate));
    let days = &settings.working_time;
    let sizes = || phrase("settings-sizes").with("most", MAX_PAGE);
    let rates = || phrase("settings-rates").with("most", MAX_RATE);
    let within = |name: &str, most: u32| phrase("settings-within").with("name", name).with("most", most);
    let many = || phrase("settings-days").with("most", WorkingTime::MAX_DAYS);
    let (pointer, said) = if !(1..=MAX_PAGE).contains(&settings.page_size) {
        ("/pageSize", sizes())
    } else if !(1..=MAX_PAGE).contains(&settings.max_page_size) {
        ("/maxPageSize", sizes())
    } else if !is_slow(settings.requests_per_second) {
        ("/requestsPerSecond", rates())
    } else if !is_slow(settings.client_requests_per_second) {
        ("/clientRequestsPerSecond", rates())
    } else if settings.mass_change_count > MAX_COUNT {
        ("/massChangeCount", within("massChangeCount", MAX_COUNT))
    } else if settings.mass_change_percent > 100 {
        ("/massChangePercent", within("massChangePercent", 100))
    } else if settings.mass_change_paused_until.is_some_and(|until| until > latest) {
        ("/massChangePausedUntil", phrase("settings-pause").with("name", PAUSE))
    } else if days.moved_days.len() > WorkingTime::MAX_DAYS {
        ("/workingTime/movedDays", many())
    } else if days.days_off.len() > WorkingTime::MAX_DAYS {
        ("/workingTime/daysOff", many())
    } else if days.wrong_day().is_some() {
        ("/workingTime", phrase("settings-no-day"))
    } else {
        return Ok(());
    };
    Err(Error::wrong_at(pointer, said))
}

/// Settings as they are shown. A pause that is over is none.
pub fn shown_settings(settings: &TenantSettings, now: i64) -> Value {
    let mut shown = json!(settings);
    match settings.mass_change_paused_until.filter(|until| *until > now) {
        Some(until) => shown[PAUSE] = timestamp(until).into(),
        None => drop(shown.as_object_mut().map(|shown| shown.shift_remove(PAUSE))),
    }
    shown
}

/// Refuses to name something that is no group.
async fn is_group(work: &Work, catalog: &Catalog, name: &str, id: Uuid) -> Result<(), Error> {
    let kind = work.kinds(catalog, &[id]).await?.remove(&id);
    let is_group = kind.and_then(|kind| catalog.by_name(&kind)).is_some_and(|kind| kind.membership.is_some());
    if is_group {
        Ok(())
    } else {
        Err(Error::wrong_at(format!("/{name}"), phrase("settings-no-group").with("name", name)))
    }
}

async fn unique_group_names(work: &Work, catalog: &Catalog, unique: bool) -> Result<(), Error> {
    for kind in catalog.types().iter().filter(|kind| kind.membership.is_some()) {
        if let Some(attribute) = kind.root_attribute("displayName") {
            let field = Field { urn: None, attribute, sub: None };
            work.make_unique(kind, &field, unique).await.map_err(|error| match error {
                store::Error::Taken => Error::worded(409, phrase("groups-of-one-name")),
                other => Error::from(other),
            })?;
        }
    }
    Ok(())
}

/// The names of the settings that differ.
fn changed(before: &TenantSettings, after: &TenantSettings) -> Vec<String> {
    let values = |settings| serde_json::to_value(settings).unwrap_or_default();
    let (before, after) = (values(before), values(after));
    // What is not set is left out, and so the names of both count.
    let both = after.as_object().into_iter().chain(before.as_object());
    let mut names: Vec<String> = Vec::new();
    for name in both.flat_map(|object| object.keys()) {
        if before.get(name) != after.get(name) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A member that may be left out and may not be null.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// An instant that may be left out, and may be null.
fn given_instant<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<i64>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(value)? else { return Ok(Some(None)) };
    let wrong = || de::Error::custom("expected an instant such as 2026-11-24T08:00:00Z");
    instant(&text).map(|until| Some(Some(until))).ok_or_else(wrong)
}
