//! Birthright rules for everybody: beforehand, and in earnest.

use std::time::Duration;

use scim::schema::Catalog;
use serde::{Deserialize, Serialize};
use store::{RuleKind, TenantState};
use uuid::Uuid;

use crate::{
    administration::{Administration, Authority, Error},
    lifecycle::everybody::{Everybody, Progress, Would},
};

/// How long one call looks at people.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many people a dry run shows.
const SHOWN: usize = 100;

/// Where a run goes on.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunWish {
    /// Behind this user.
    pub cursor: Option<Uuid>,
}

/// How far a run went.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// Whether everybody was looked at.
    pub complete: bool,
    /// Where it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Uuid>,
    /// How many people were looked at.
    pub looked: u64,
    /// For how many something changed.
    pub people: u64,
    /// How much was given, or stays after all.
    pub given: u64,
    /// How much runs out.
    pub running_out: u64,
}

/// What a rule would change.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunRecord {
    /// How far it went.
    #[serde(flatten)]
    pub run: RunRecord,
    /// The first people for whom something would change.
    pub items: Vec<WouldRecord>,
}

/// What would change for somebody.
#[derive(Clone, Debug, Serialize)]
pub struct WouldRecord {
    /// Who.
    pub user: Uuid,
    /// What they would be given.
    pub give: Vec<Uuid>,
    /// What would run out.
    pub end: Vec<Uuid>,
}

impl From<Progress> for RunRecord {
    fn from(progress: Progress) -> Self {
        Self {
            complete: progress.next.is_none(),
            cursor: progress.next,
            looked: progress.looked,
            people: progress.people,
            given: progress.given,
            running_out: progress.running_out,
        }
    }
}

impl From<Would> for WouldRecord {
    fn from(would: Would) -> Self {
        Self { user: would.user, give: would.give, end: would.end }
    }
}

impl Administration {
    /// What a birthright rule would change if it counted as it is. Nothing is written.
    pub async fn foresee_birthright(
        &self,
        catalog: &Catalog,
        rule: Uuid,
        wish: RunWish,
    ) -> Result<DryRunRecord, Error> {
        let rule = self.data.rule(RuleKind::Birthright, rule).await?.and_then(|rule| rule.birthright());
        let rule = rule.ok_or(Error::Missing("birthright rule"))?;
        let (progress, page) = self.everybody(catalog).foresee(&rule, wish.cursor, SHOWN, PATIENCE).await?;
        Ok(DryRunRecord { run: progress.into(), items: page.into_iter().map(Into::into).collect() })
    }

    /// Lets everybody have what the rules say that count, some people at a time. While the tenant is suspended, it only takes
    /// away.
    pub async fn run_birthrights(&self, catalog: &Catalog, wish: RunWish) -> Result<RunRecord, Error> {
        let work = self.begin().await?;
        let state = self.may_take(&work).await?.state;
        work.roll_back().await?;
        if state == TenantState::Archived && self.authority == Authority::Operator {
            return Err(Error::Archived);
        }
        Ok(self.everybody(catalog).follow(wish.cursor, PATIENCE).await?.into())
    }

    fn everybody<'a>(&'a self, catalog: &'a Catalog) -> Everybody<'a> {
        Everybody { data: &self.data, catalog, cause: &self.cause, clock: &self.clock, ids: &self.ids }
    }
}
