//! The rows of rules.

use entity::rule;
use rights::RuleId;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Rule, RuleContent, RuleKind, RuleState};
use crate::{Error, Work};

/// What stands in a row beside what is looked up.
#[derive(Serialize, Deserialize)]
struct Content<T> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    rule: T,
}

impl Work {
    /// The row of a rule.
    pub(crate) fn row_of_rule(&self, rule: &Rule) -> Result<rule::ActiveModel, Error> {
        let content = match &rule.content {
            RuleContent::Scheme(content) => text(rule, content),
            RuleContent::Sod(content) => text(rule, content),
            RuleContent::Birthright(content) => text(rule, content),
        }?;
        Ok(rule::ActiveModel {
            tenant_id: Set(self.tenant.0),
            kind: Set(rule.content.kind().word().to_owned()),
            id: Set(rule.id),
            name: Set(rule.name.clone()),
            state: Set(rule.state.word().to_owned()),
            content: Set(content),
            created: Set(rule.created),
            modified: Set(rule.modified),
            version: Set(rule.version),
        })
    }
}

fn text<T: Serialize>(rule: &Rule, content: &T) -> Result<String, Error> {
    serde_json::to_string(&Content { description: rule.description.clone(), rule: content })
        .map_err(|error| Error::Damaged(error.to_string()))
}

fn content<T: DeserializeOwned>(text: &str) -> Result<(Option<String>, T), serde_json::Error> {
    serde_json::from_str(text).map(|Content { description, rule }| (description, rule))
}

pub(crate) fn read(row: rule::Model) -> Result<Rule, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of rule {}", row.id));
    let kind = RuleKind::from_word(&row.kind).ok_or_else(|| damaged("kind"))?;
    let read = match kind {
        RuleKind::Scheme => content(&row.content).map(|(text, rule)| (text, RuleContent::Scheme(rule))),
        RuleKind::Sod => content(&row.content).map(|(text, rule)| (text, RuleContent::Sod(rule))),
        RuleKind::Birthright => content(&row.content).map(|(text, rule)| (text, RuleContent::Birthright(rule))),
    };
    let (description, mut content) = read.map_err(|_| damaged("content"))?;
    // The key says which rule it is.
    match &mut content {
        RuleContent::Scheme(_) => {}
        RuleContent::Sod(rule) => rule.id = RuleId(row.id),
        RuleContent::Birthright(rule) => rule.id = RuleId(row.id),
    }
    Ok(Rule {
        state: RuleState::from_word(&row.state).ok_or_else(|| damaged("state"))?,
        id: row.id,
        name: row.name,
        description,
        content,
        created: row.created,
        modified: row.modified,
        version: row.version,
    })
}
