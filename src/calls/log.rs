//! Reading the log of calls: searched, in pages, the newest first.

use scim::{index::digest, message::Position};
use serde::Serialize;
use store::{Call, CallFilter, TenantStore};
use uuid::Uuid;

use crate::{
    calls::sentence::sentence,
    clock::timestamp,
    provisioning::{Cursors, Error, Purpose, Summary},
    wording::phrase,
};

/// How many calls a page holds at the most.
pub const MOST: u64 = 100;
/// The longest text that is searched for, in characters.
const LONGEST_TEXT: usize = 200;
/// How many windows of the log a page walks through while it finds too few: 60 000 calls.
const WINDOWS: usize = 3;
/// What positions in the log are called.
const CALL: &str = "Call";

/// The log of calls of one tenant.
#[derive(Clone, Debug)]
pub struct Log {
    /// Where the data is.
    pub data: TenantStore,
    /// How places in lists are written down.
    pub cursors: Cursors,
}

/// Which calls somebody wants to see, as they write it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The id of a client.
    pub client: Option<Uuid>,
    /// A method.
    pub method: Option<String>,
    /// A route behind the base URI, such as `/Users/{id}`.
    pub route: Option<String>,
    /// A status, or a class of them such as `4xx`.
    pub status: Option<String>,
    /// The id of a request.
    pub request: Option<String>,
    /// Part of a reason, or the name of an attribute.
    pub text: Option<String>,
    /// Not before, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before, in milliseconds since 1970.
    pub until: Option<i64>,
}

/// A call as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Its id.
    pub id: Uuid,
    /// When it was answered.
    pub at: String,
    /// Which client; none if it could not show who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// The method.
    pub method: String,
    /// The route behind the base URI.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
    /// The keyword of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<String>,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// The request's id.
    pub request_id: String,
    /// All of it in a sentence.
    pub summary: String,
    /// What it changed.
    pub changes: Summary,
}

impl From<Call> for CallRecord {
    fn from(call: Call) -> Self {
        let changes: Summary = serde_json::from_str(&call.changes).unwrap_or_default();
        Self {
            id: call.id,
            at: timestamp(call.at),
            summary: sentence(&call, &changes),
            client: call.client,
            method: call.method,
            route: call.route,
            status: call.status,
            scim_type: call.scim_type,
            micros: call.micros,
            request_id: call.request,
            changes,
        }
    }
}

impl Log {
    /// A page of calls, and the cursor of the next one. A page may be short, or empty, and have a next one: what is
    /// looked for is looked for among a bounded number of calls at a time.
    pub async fn page(
        &self,
        wanted: &Wanted,
        count: u64,
        cursor: Option<&str>,
    ) -> Result<(Vec<CallRecord>, Option<String>), Error> {
        let filter = wanted.filter()?;
        let purpose = Purpose { query: digest(&[CALL, &format!("{:?} {filter:?}", self.data.id())]), count };
        let behind = match cursor {
            None => None,
            Some(cursor) => Uuid::parse_str(&self.cursors.read(purpose, cursor).await?.id).ok(),
        };
        let (calls, next) = self.walk(&filter, behind, count).await?;
        let next = match next {
            None => None,
            Some(id) => {
                let position = Position { key: None, kind: CALL.to_owned(), id: id.to_string() };
                Some(self.cursors.write(purpose, position).await?)
            }
        };
        Ok((calls.into_iter().map(Into::into).collect(), next))
    }

    /// Looks through one window after the other until there are as many calls as wanted, or it has been enough.
    async fn walk(
        &self,
        filter: &CallFilter,
        mut behind: Option<Uuid>,
        count: u64,
    ) -> Result<(Vec<Call>, Option<Uuid>), Error> {
        let mut calls: Vec<Call> = Vec::new();
        for _ in 0..WINDOWS {
            let wanted = count - calls.len() as u64;
            let page = self.data.calls(filter, behind, wanted).await?;
            calls.extend(page.calls);
            behind = page.next;
            if behind.is_none() || calls.len() as u64 >= count {
                break;
            }
        }
        Ok((calls, behind))
    }

    /// One call.
    pub async fn call(&self, id: Uuid) -> Result<CallRecord, Error> {
        let found = self.data.call(id).await?;
        found.map(Into::into).ok_or_else(|| Error::worded(404, phrase("no-such-call")))
    }
}

impl Wanted {
    fn filter(&self) -> Result<CallFilter, Error> {
        let status = self.status.as_deref().map(statuses).transpose()?;
        if self.text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
            return Err(Error::wrong_value(phrase("calls-text").with("most", LONGEST_TEXT)));
        }
        Ok(CallFilter {
            client: self.client,
            method: self.method.as_ref().map(|method| method.to_ascii_uppercase()),
            route: self.route.clone(),
            status,
            request: self.request.clone(),
            text: self.text.as_ref().map(|text| text.to_ascii_lowercase()),
            since: self.since,
            until: self.until,
        })
    }
}

/// The first and the last status of `404` or `4xx`.
fn statuses(text: &str) -> Result<(u16, u16), Error> {
    let class =
        text.strip_suffix("xx").and_then(|class| class.parse::<u16>().ok()).filter(|class| (1..=5).contains(class));
    let single = text.parse::<u16>().ok().filter(|status| (100..600).contains(status));
    let range = class.map(|class| (class * 100, class * 100 + 99)).or(single.map(|status| (status, status)));
    range.ok_or_else(|| Error::wrong_value(phrase("calls-status")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_single_or_a_class() {
        assert_eq!(statuses("404").ok(), Some((404, 404)));
        assert_eq!(statuses("4xx").ok(), Some((400, 499)));
        for wrong in ["", "4x", "6xx", "0xx", "99", "600", "xx", "-4xx", "4XX"] {
            assert!(statuses(wrong).is_err(), "{wrong}");
        }
    }
}
