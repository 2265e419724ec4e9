//! On what terms people come to an entitlement: who may ask, for how long, what else they need.

use std::collections::{BTreeSet, HashMap};

use rights::{Instant, grant::Limits};
use scim::fold;
use sea_orm::{Statement, Value};
use serde::{Deserialize, Serialize};
use time::Duration;
use uuid::Uuid;

use crate::{Error, Row, TenantId, TenantStore, Work};

/// On what terms people come to an entitlement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each by itself")]
pub struct Terms {
    /// Whether people may ask for it.
    pub requestable: bool,
    /// The user who answers for it; nothing for whoever answers for the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Uuid>,
    /// Who may ask.
    pub audience: EntitlementAudience,
    /// For how long.
    pub duration: Lengths,
    /// Whether they have to say why.
    pub needs_justification: bool,
    /// Whether they have to say by which law or order.
    pub needs_legal_basis: bool,
    /// The approval policy; nothing for that of the risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_policy: Option<Uuid>,
    /// The entitlements that somebody has to have first.
    pub prerequisites: Vec<Uuid>,
    /// Whether it can be taken at once in an emergency.
    pub emergency: bool,
}

/// Who may ask for an entitlement; everybody where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EntitlementAudience {
    /// Those who work in one of these units, or below.
    pub units: Vec<Uuid>,
    /// Those who work on one of these footings.
    pub employment_types: Vec<String>,
}

/// How long a grant lasts, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Lengths {
    /// What is proposed where nobody says.
    #[serde(rename = "default", skip_serializing_if = "Option::is_none")]
    pub proposed: Option<i64>,
    /// The longest that is given at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<i64>,
    /// The longest in all, with every extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// How often it may be extended.
    pub extensions: i64,
}

/// Where and on what footing somebody works, or will.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workplace {
    /// The unit and those that it is part of, in no order; none if there is no unit of that code.
    pub path: Vec<Uuid>,
    /// The footing, folded.
    pub kind: Option<String>,
    /// Under whom.
    pub manager: Option<Uuid>,
    /// The first day, as `2026-11-27`.
    pub starts: Option<String>,
    /// The last day.
    pub ends: Option<String>,
    /// Whether it counts where there can be only one.
    pub is_primary: bool,
}

impl Terms {
    /// How long a grant to somebody may last whose contract ends then.
    pub fn limits(&self, contract_end: Option<Instant>) -> Limits {
        let Lengths { longest, total, extensions, .. } = self.duration;
        Limits {
            longest: longest.map(Duration::seconds),
            total: total.map(Duration::seconds),
            contract_end,
            extensions: u8::try_from(extensions).unwrap_or(u8::MAX),
        }
    }
}

impl Workplace {
    /// Whether somebody works there that day.
    pub fn is_current(&self, day: &str) -> bool {
        self.starts.as_deref().is_none_or(|first| first <= day) && self.ends.as_deref().is_none_or(|last| day <= last)
    }
}

impl EntitlementAudience {
    /// Whether everybody may ask.
    pub fn is_everybody(&self) -> bool {
        self.units.is_empty() && self.employment_types.is_empty()
    }

    /// Whether somebody who works there is among those who may ask.
    pub fn includes(&self, workplaces: &[Workplace]) -> bool {
        if self.is_everybody() {
            return true;
        }
        let kinds: BTreeSet<String> = self.employment_types.iter().map(|kind| fold::fold(kind)).collect();
        let is_here = |place: &Workplace| self.units.is_empty() || place.path.iter().any(|id| self.units.contains(id));
        let is_so =
            |place: &Workplace| kinds.is_empty() || place.kind.as_ref().is_some_and(|kind| kinds.contains(kind));
        workplaces.iter().any(|place| is_here(place) && is_so(place))
    }
}

impl TenantStore {
    /// Where a user works that day or will later.
    pub async fn workplaces(&self, user: Uuid, day: &str) -> Result<Vec<Workplace>, Error> {
        let backend = self.store.backend();
        let [employments, paths] = statements(self.tenant, user, day, backend);
        let employments = self.store.read.rows(employments, employment).await?;
        let paths = self.store.read.rows(paths, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        Ok(joined(employments, paths))
    }
}

impl Work {
    /// Where a user works that day or will later.
    pub async fn workplaces(&self, user: Uuid, day: &str) -> Result<Vec<Workplace>, Error> {
        let [employments, paths] = statements(self.tenant, user, day, self.backend());
        let employments = self.transaction.rows(employments, employment).await?;
        let paths = self.transaction.rows(paths, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        Ok(joined(employments, paths))
    }
}

/// The employments of a user that are not over, and the nodes at and above each unit that they name.
fn statements(tenant: TenantId, user: Uuid, day: &str, backend: sea_orm::DatabaseBackend) -> [Statement; 2] {
    let employments = "SELECT unit, kind, manager_id, starts, ends, is_primary FROM employment \
         WHERE tenant_id = $1 AND user_id = $2 AND (ends IS NULL OR ends >= $3) ORDER BY number";
    let paths = "WITH RECURSIVE above (code, id, parent_id) AS (SELECT node.code, node.id, node.parent_id FROM org_node node \
         WHERE node.tenant_id = $1 AND node.code IN (SELECT unit FROM employment \
         WHERE tenant_id = $1 AND user_id = $2 AND (ends IS NULL OR ends >= $3)) \
         UNION SELECT above.code, whole.id, whole.parent_id FROM org_node whole JOIN above ON whole.id = above.parent_id \
         WHERE whole.tenant_id = $1) SELECT code, id FROM above";
    let values: [Value; 3] = [tenant.0.into(), user.into(), day.into()];
    [employments, paths].map(|sql| Statement::from_sql_and_values(backend, sql, values.clone()))
}

/// An employment and the code of its unit.
fn employment(row: &Row<'_>) -> Result<(Option<String>, Workplace), Error> {
    let place = Workplace {
        path: Vec::new(),
        kind: row.get(1)?,
        manager: row.get(2)?,
        starts: row.get(3)?,
        ends: row.get(4)?,
        is_primary: row.get(5)?,
    };
    Ok((row.get(0)?, place))
}

fn joined(employments: Vec<(Option<String>, Workplace)>, paths: Vec<(String, Uuid)>) -> Vec<Workplace> {
    let mut of_code: HashMap<String, Vec<Uuid>> = HashMap::new();
    for (code, id) in paths {
        of_code.entry(code).or_default().push(id);
    }
    let path = |code: Option<String>| code.and_then(|code| of_code.get(&code).cloned()).unwrap_or_default();
    employments.into_iter().map(|(code, place)| Workplace { path: path(code), ..place }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unit: Uuid, kind: &str) -> Workplace {
        Workplace { path: vec![unit], kind: Some(kind.to_owned()), ..Workplace::default() }
    }

    #[test]
    fn an_audience_is_met_by_one_employment() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let of = |units: &[Uuid], kinds: &[&str]| EntitlementAudience {
            units: units.to_vec(),
            employment_types: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        assert!(of(&[], &[]).includes(&[]), "everybody");
        assert!(!of(&[a], &[]).includes(&[]), "who works nowhere works not here");
        assert!(of(&[a], &["Contract"]).includes(&[at(b, "employee"), at(a, "contract")]));
        assert!(!of(&[a], &["contract"]).includes(&[at(a, "employee"), at(b, "contract")]), "the same one meets both");
    }
}
