//! Rules about access rights: approval policies, segregation of duties, birthrights. A tenant has few of a kind, and they
//! are read whole.

mod rows;

use std::collections::HashSet;

use entity::{entitlement, org_node, rule};
use rights::{
    Risk,
    approval::Scheme,
    birthright::{self, Condition},
    sod,
};
use scim::fold;
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Condition as Where, LockType},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use rows::read;

use crate::{Action, Changes, Error, TenantStore, Work, dialect, query::cut, resources::ROWS_PER_STATEMENT};

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// Who approves what is asked for.
    Scheme,
    /// What nobody should hold together.
    Sod,
    /// What people have because of where and as what they work.
    Birthright,
}

impl RuleKind {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Scheme, Self::Sod, Self::Birthright];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Sod => "sod",
            Self::Birthright => "birthright",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What the log calls such a rule.
    fn logged(self) -> &'static str {
        match self {
            Self::Scheme => "ApprovalPolicy",
            Self::Sod => "SodRule",
            Self::Birthright => "BirthrightRule",
        }
    }
}

/// Whether a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// Not yet.
    Draft,
    /// It does.
    Active,
    /// It does no more.
    Retired,
}

impl RuleState {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Active, Self::Retired];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Who approves, for entitlements up to a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalPolicy {
    /// The highest risk of an entitlement that may have it.
    pub risk: Risk,
    /// Who decides, one stage after the other.
    pub scheme: Scheme,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleContent {
    /// Who approves.
    Scheme(ApprovalPolicy),
    /// What does not go together.
    Sod(sod::Rule),
    /// What people have by their work. Positions and footings stand as they were written.
    Birthright(birthright::Rule),
}

impl RuleContent {
    /// What it is about.
    pub fn kind(&self) -> RuleKind {
        match self {
            Self::Scheme(_) => RuleKind::Scheme,
            Self::Sod(_) => RuleKind::Sod,
            Self::Birthright(_) => RuleKind::Birthright,
        }
    }

    /// The entitlements that it names.
    pub fn entitlements(&self) -> Vec<Uuid> {
        match self {
            Self::Scheme(_) => Vec::new(),
            Self::Sod(rule) => rule.one.iter().chain(&rule.other).map(|one| one.0).collect(),
            Self::Birthright(rule) => rule.entitlements.iter().map(|one| one.0).collect(),
        }
    }

    /// The units that it names.
    pub fn units(&self) -> Vec<Uuid> {
        let mut units = Vec::new();
        if let Self::Birthright(rule) = self {
            nodes(&rule.when, &mut units);
        }
        units
    }
}

/// The units that a condition names.
fn nodes(condition: &Condition, found: &mut Vec<Uuid>) {
    match condition {
        Condition::Within(node) => found.push(node.0),
        Condition::Position(_) | Condition::Kind(_) => {}
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| nodes(part, found)),
        Condition::Not(part) => nodes(part, found),
    }
}

/// A rule as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// Why there is such a rule.
    pub description: Option<String>,
    /// Whether it counts.
    pub state: RuleState,
    /// What it says.
    pub content: RuleContent,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

impl Rule {
    /// The scheme of an approval policy, with the version of the policy.
    pub fn scheme(&self) -> Option<Scheme> {
        match &self.content {
            RuleContent::Scheme(policy) => Some(Scheme { version: self.version, ..policy.scheme.clone() }),
            _ => None,
        }
    }

    /// The rule of segregation of duties that it is.
    pub fn sod(&self) -> Option<sod::Rule> {
        match &self.content {
            RuleContent::Sod(rule) => Some(rule.clone()),
            _ => None,
        }
    }

    /// The birthright rule that it is, with its texts prepared for comparison.
    pub fn birthright(&self) -> Option<birthright::Rule> {
        match &self.content {
            RuleContent::Birthright(rule) => Some(birthright::Rule { when: prepared(&rule.when), ..rule.clone() }),
            _ => None,
        }
    }
}

/// A text as the index of employments holds it.
pub fn comparable(text: &str) -> String {
    cut(&fold::fold(text)).to_owned()
}

/// A condition whose texts compare as those of employments do.
fn prepared(condition: &Condition) -> Condition {
    let all = |parts: &[Condition]| parts.iter().map(prepared).collect();
    match condition {
        Condition::Within(node) => Condition::Within(*node),
        Condition::Position(text) => Condition::Position(comparable(text)),
        Condition::Kind(text) => Condition::Kind(comparable(text)),
        Condition::All(parts) => Condition::All(all(parts)),
        Condition::Any(parts) => Condition::Any(all(parts)),
        Condition::Not(part) => Condition::Not(Box::new(prepared(part))),
    }
}

impl TenantStore {
    /// Rules of a kind behind that one, the oldest first.
    pub async fn rules(&self, kind: RuleKind, after: Option<Uuid>, limit: u64) -> Result<Vec<Rule>, Error> {
        let rows = of_kind(self.tenant.0, kind)
            .filter(Where::all().add_option(after.map(|id| rule::Column::Id.gt(id))))
            .order_by_asc(rule::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The rules of a kind that count, the oldest first.
    pub async fn active_rules(&self, kind: RuleKind) -> Result<Vec<Rule>, Error> {
        let rows = active(self.tenant.0, kind).all(&self.store.read).await?;
        rows.into_iter().map(read).collect()
    }

    /// One rule.
    pub async fn rule(&self, kind: RuleKind, id: Uuid) -> Result<Option<Rule>, Error> {
        let key = (self.tenant.0, kind.word().to_owned(), id);
        rule::Entity::find_by_id(key).one(&self.store.read).await?.map(read).transpose()
    }
}

impl Work {
    /// Makes others wait who change rules, or take away what rules name.
    pub async fn hold_rules(&self) -> Result<(), Error> {
        dialect::lock_rules(&*self.transaction, self.tenant.0).await
    }

    /// The rules of a kind, whether they count or not.
    pub async fn all_rules(&self, kind: RuleKind) -> Result<Vec<Rule>, Error> {
        of_kind(self.tenant.0, kind).all(&*self.transaction).await?.into_iter().map(read).collect()
    }

    /// The rules of a kind that count, the oldest first.
    pub async fn active_rules(&self, kind: RuleKind) -> Result<Vec<Rule>, Error> {
        active(self.tenant.0, kind).all(&*self.transaction).await?.into_iter().map(read).collect()
    }

    /// One rule as it is just now.
    pub async fn rule(&self, kind: RuleKind, id: Uuid) -> Result<Option<Rule>, Error> {
        let key = (self.tenant.0, kind.word().to_owned(), id);
        rule::Entity::find_by_id(key).one(&*self.transaction).await?.map(read).transpose()
    }

    /// One rule, which nobody deletes until this work ends.
    pub async fn hold_rule(&self, kind: RuleKind, id: Uuid) -> Result<Option<Rule>, Error> {
        let key = (self.tenant.0, kind.word().to_owned(), id);
        let row = rule::Entity::find_by_id(key).lock(LockType::KeyShare).one(&*self.transaction).await?;
        row.map(read).transpose()
    }

    /// One rule, to change it or to delete it: others who hold it are waited for.
    pub async fn lock_rule(&self, kind: RuleKind, id: Uuid) -> Result<Option<Rule>, Error> {
        let key = (self.tenant.0, kind.word().to_owned(), id);
        let row = rule::Entity::find_by_id(key).lock(LockType::Update).one(&*self.transaction).await?;
        row.map(read).transpose()
    }

    /// How many rules of a kind there are.
    pub async fn count_rules(&self, kind: RuleKind) -> Result<u64, Error> {
        Ok(of_kind(self.tenant.0, kind).count(&*self.transaction).await?)
    }

    /// Makes a rule.
    pub async fn create_rule(&self, new: &Rule, attributes: &[&str]) -> Result<(), Error> {
        rule::Entity::insert(self.row_of_rule(new)?).exec_without_returning(&*self.transaction).await?;
        self.rules_changed(new.content.kind()).await?;
        self.record(Action::Created, new.content.kind().logged(), new.id, new.version, &changed(attributes)).await
    }

    /// Writes what has changed of a rule.
    pub async fn change_rule(&self, changed_to: &Rule, attributes: &[&str]) -> Result<(), Error> {
        let kind = changed_to.content.kind();
        rule::Entity::update(self.row_of_rule(changed_to)?).exec(&*self.transaction).await?;
        self.rules_changed(kind).await?;
        self.record(Action::Changed, kind.logged(), changed_to.id, changed_to.version, &changed(attributes)).await
    }

    /// Deletes a rule that nothing names.
    pub async fn delete_rule(&self, gone: &Rule) -> Result<(), Error> {
        let kind = gone.content.kind();
        let key = (self.tenant.0, kind.word().to_owned(), gone.id);
        rule::Entity::delete_by_id(key).exec(&*self.transaction).await?;
        self.rules_changed(kind).await?;
        self.record(Action::Deleted, kind.logged(), gone.id, gone.version + 1, &Changes::default()).await
    }

    /// Whoever writes people or members by what they remember of such rules looks anew.
    async fn rules_changed(&self, kind: RuleKind) -> Result<(), Error> {
        if kind == RuleKind::Scheme { Ok(()) } else { self.count_definitions().await }
    }

    /// Which of these ids are those of entitlements.
    pub async fn known_entitlements(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        let mut known = HashSet::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = entitlement::Entity::find()
                .select_only()
                .column(entitlement::Column::GroupId)
                .filter(entitlement::Column::TenantId.eq(self.tenant.0))
                .filter(entitlement::Column::GroupId.is_in(ids.iter().copied()))
                .build(self.backend());
            known.extend(self.transaction.rows(select, |row| row.get::<Uuid>(0)).await?);
        }
        Ok(known)
    }

    /// Which of these ids are those of units.
    pub async fn known_units(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        let mut known = HashSet::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = org_node::Entity::find()
                .select_only()
                .column(org_node::Column::Id)
                .filter(org_node::Column::TenantId.eq(self.tenant.0))
                .filter(org_node::Column::Id.is_in(ids.iter().copied()))
                .build(self.backend());
            known.extend(self.transaction.rows(select, |row| row.get::<Uuid>(0)).await?);
        }
        Ok(known)
    }
}

fn of_kind(tenant: i64, kind: RuleKind) -> sea_orm::Select<rule::Entity> {
    rule::Entity::find().filter(rule::Column::TenantId.eq(tenant)).filter(rule::Column::Kind.eq(kind.word()))
}

fn active(tenant: i64, kind: RuleKind) -> sea_orm::Select<rule::Entity> {
    of_kind(tenant, kind).filter(rule::Column::State.eq(RuleState::Active.word())).order_by_asc(rule::Column::Id)
}

fn changed(attributes: &[&str]) -> Changes {
    Changes { attributes: attributes.iter().map(|name| (*name).to_owned()).collect(), ..Changes::default() }
}
