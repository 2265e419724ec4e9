//! What birthright rules look like from outside.

use rights::{
    EntitlementId, NodeId, RuleId,
    birthright::{Condition, Rule as Birthright},
};
use serde::{Deserialize, Serialize};
use store::{Rule, RuleContent, RuleKind};
use uuid::Uuid;
use validator::Validate;

use crate::administration::{
    Fault,
    error::reason,
    limits,
    rules::{
        Head, Named, RuleWish, active, faults,
        named::{self, What},
        state,
    },
};

/// What people have because of where and as what they work.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewBirthrightRule {
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
    /// Whom it is about: people with an employment that meets it as a whole.
    pub when: ConditionShape,
    /// What they have.
    pub entitlements: Vec<Uuid>,
}

/// What is asked of an employment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConditionShape {
    /// It is in this unit or below it.
    Within(Uuid),
    /// It has this position.
    Position(String),
    /// It is of this type.
    Type(String),
    /// Everything of this.
    All(Vec<ConditionShape>),
    /// Something of this.
    Any(Vec<ConditionShape>),
    /// Not this.
    Not(Box<ConditionShape>),
}

impl RuleWish for NewBirthrightRule {
    const KIND: RuleKind = RuleKind::Birthright;
    const CALLED: &'static str = "birthright rule";
    const PATH: &'static str = "birthright-rules";

    fn head(&self) -> Head<'_> {
        Head { name: &self.name, description: self.description.as_deref(), state: &self.state }
    }

    fn content(&self, id: Uuid) -> Result<RuleContent, Vec<Fault>> {
        let mut wrong = Vec::new();
        self.when.judge("/when", &mut wrong);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let entitlements = self.entitlements.iter().copied().map(EntitlementId).collect();
        let rule = Birthright { id: RuleId(id), when: self.when.condition(), entitlements };
        rule.check().map_err(faults)?;
        Ok(RuleContent::Birthright(rule))
    }

    fn named(&self) -> Vec<Named> {
        let mut all: Vec<Named> = named::entitlements("entitlements", &self.entitlements).collect();
        self.when.gather("/when", &mut all);
        all
    }

    fn of(rule: &Rule) -> Option<Self> {
        let RuleContent::Birthright(birthright) = &rule.content else { return None };
        Some(Self {
            name: rule.name.clone(),
            description: rule.description.clone(),
            state: rule.state.word().to_owned(),
            when: ConditionShape::of(&birthright.when),
            entitlements: birthright.entitlements.iter().map(|id| id.0).collect(),
        })
    }
}

impl ConditionShape {
    fn condition(&self) -> Condition {
        let all = |parts: &[Self]| parts.iter().map(Self::condition).collect();
        match self {
            Self::Within(id) => Condition::Within(NodeId(*id)),
            Self::Position(text) => Condition::Position(text.trim().to_owned()),
            Self::Type(text) => Condition::Kind(text.trim().to_owned()),
            Self::All(parts) => Condition::All(all(parts)),
            Self::Any(parts) => Condition::Any(all(parts)),
            Self::Not(part) => Condition::Not(Box::new(part.condition())),
        }
    }

    fn of(condition: &Condition) -> Self {
        let all = |parts: &[Condition]| parts.iter().map(Self::of).collect();
        match condition {
            Condition::Within(node) => Self::Within(node.0),
            Condition::Position(text) => Self::Position(text.clone()),
            Condition::Kind(text) => Self::Type(text.clone()),
            Condition::All(parts) => Self::All(all(parts)),
            Condition::Any(parts) => Self::Any(all(parts)),
            Condition::Not(part) => Self::Not(Box::new(Self::of(part))),
        }
    }

    /// The parts of it, and where they stand below its own place.
    fn parts(&self) -> Vec<(String, &Self)> {
        match self {
            Self::All(parts) => parts.iter().enumerate().map(|(at, part)| (format!("/all/{at}"), part)).collect(),
            Self::Any(parts) => parts.iter().enumerate().map(|(at, part)| (format!("/any/{at}"), part)).collect(),
            Self::Not(part) => vec![("/not".to_owned(), part)],
            Self::Within(_) | Self::Position(_) | Self::Type(_) => Vec::new(),
        }
    }

    /// Gathers the units that it names.
    fn gather(&self, place: &str, all: &mut Vec<Named>) {
        if let Self::Within(id) = self {
            all.push(Named { pointer: format!("{place}/within"), what: What::Unit, id: *id });
        }
        self.parts().into_iter().for_each(|(below, part)| part.gather(&format!("{place}{below}"), all));
    }

    /// Gathers texts that cannot be taken.
    fn judge(&self, place: &str, wrong: &mut Vec<Fault>) {
        let text = match self {
            Self::Position(text) => Some(("position", text)),
            Self::Type(text) => Some(("type", text)),
            _ => None,
        };
        if let Some((name, text)) = text
            && let Err(error) = limits::line(text)
        {
            wrong.push(Fault::new(format!("{place}/{name}"), reason(&error)));
        }
        self.parts().into_iter().for_each(|(below, part)| part.judge(&format!("{place}{below}"), wrong));
    }
}
