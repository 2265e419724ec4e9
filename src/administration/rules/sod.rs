//! What rules of segregation of duties look like from outside.

use rights::{
    EntitlementId, RuleId,
    sod::{Mode, Rule as Sod, Scope},
};
use serde::{Deserialize, Serialize};
use store::{Rule, RuleContent, RuleKind};
use uuid::Uuid;
use validator::Validate;

use crate::administration::{
    Fault, limits,
    rules::{Head, Named, RuleWish, active, faults, named, state},
};

/// Entitlements that nobody should hold together.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewSodRule {
    /// Its name for people.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// Why there is such a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = limits::text))]
    pub description: Option<String>,
    /// Whether it counts.
    #[serde(default = "active")]
    #[validate(custom(function = state))]
    pub state: String,
    /// One side.
    pub one: Vec<Uuid>,
    /// The other.
    pub other: Vec<Uuid>,
    /// Where both have to be held.
    #[serde(default = "tenant")]
    pub scope: Scope,
    /// How firm it is.
    pub mode: Mode,
}

impl RuleWish for NewSodRule {
    const KIND: RuleKind = RuleKind::Sod;
    const CALLED: &'static str = "rule of segregation of duties";
    const PATH: &'static str = "sod-rules";

    fn head(&self) -> Head<'_> {
        Head { name: &self.name, description: self.description.as_deref(), state: &self.state }
    }

    fn content(&self, id: Uuid) -> Result<RuleContent, Vec<Fault>> {
        let side = |ids: &[Uuid]| ids.iter().copied().map(EntitlementId).collect();
        let rule =
            Sod { id: RuleId(id), one: side(&self.one), other: side(&self.other), scope: self.scope, mode: self.mode };
        rule.check().map_err(faults)?;
        Ok(RuleContent::Sod(rule))
    }

    fn named(&self) -> Vec<Named> {
        named::entitlements("one", &self.one).chain(named::entitlements("other", &self.other)).collect()
    }

    fn of(rule: &Rule) -> Option<Self> {
        let RuleContent::Sod(sod) = &rule.content else { return None };
        Some(Self {
            name: rule.name.clone(),
            description: rule.description.clone(),
            state: rule.state.word().to_owned(),
            one: sod.one.iter().map(|id| id.0).collect(),
            other: sod.other.iter().map(|id| id.0).collect(),
            scope: sod.scope,
            mode: sod.mode,
        })
    }
}

fn tenant() -> Scope {
    Scope::Tenant
}
