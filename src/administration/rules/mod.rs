//! Rules about access rights: who approves, what does not go together, what people have by their work. One file a kind says
//! what such a rule looks like; here is what is done with all of them.

mod birthright;
mod everybody;
mod named;
mod policy;
mod sod;

use rights::{Instant, Risk};
use scim::schema::Catalog;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use store::{Rule, RuleContent, RuleKind, RuleState, Work};
use uuid::Uuid;
use validator::{Validate, ValidationError};

pub use birthright::{ConditionShape, NewBirthrightRule};
pub use everybody::{DryRunRecord, RunRecord, RunWish, WouldRecord};
use named::{Named, know};
pub use policy::{NewApprovalPolicy, QuorumShape, ResolverShape, StageShape};
pub use sod::NewSodRule;

use crate::{
    administration::{Administration, Error, Fault, Slice, entitlements::wrong, error::check, limits},
    clock::timestamp,
    lifecycle::{duties, everybody::plan_night},
    provisioning::Tags,
    wording::phrase,
};

/// How many rules of a kind a tenant has at the most.
pub const MAX_RULES: u64 = 1000;

/// A rule of some kind as somebody wants it.
pub trait RuleWish: Serialize + DeserializeOwned + Validate + Send + Sync + Sized + 'static {
    /// Of which kind.
    const KIND: RuleKind;
    /// What people call it.
    const CALLED: &'static str;
    /// Where such rules are.
    const PATH: &'static str;

    /// Its name, why it is there, and whether it counts.
    fn head(&self) -> Head<'_>;
    /// What it says, if it makes sense by itself.
    fn content(&self, id: Uuid) -> Result<RuleContent, Vec<Fault>>;
    /// What it names, and where.
    fn named(&self) -> Vec<Named>;
    /// A stored rule as one would have to ask for it.
    fn of(rule: &Rule) -> Option<Self>;
}

/// What every rule has.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Its name.
    pub name: &'a str,
    /// Why there is such a rule.
    pub description: Option<&'a str>,
    /// Whether it counts.
    pub state: &'a str,
}

/// A rule as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRecord<W> {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    #[serde(flatten)]
    pub rule: W,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub modified: String,
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
}

impl Administration {
    /// Rules of a kind behind that one, the oldest first.
    pub async fn rules<W: RuleWish>(&self, after: Option<Uuid>, limit: u64) -> Result<Slice<RuleRecord<W>>, Error> {
        let found = self.data.rules(W::KIND, after, limit + 1).await?;
        let shown: Result<Vec<_>, Error> = found.iter().map(show).collect();
        Ok(Slice::of(shown?, limit))
    }

    /// One rule.
    pub async fn rule<W: RuleWish>(&self, id: Uuid) -> Result<RuleRecord<W>, Error> {
        show(&self.data.rule(W::KIND, id).await?.ok_or(Error::Missing(W::CALLED))?)
    }

    /// Makes a rule.
    pub async fn create_rule<W: RuleWish>(&self, catalog: &Catalog, new: &W) -> Result<RuleRecord<W>, Error> {
        let now = self.clock.now();
        let rule = wanted(new, self.ids.next(), now)?;
        let work = self.begin().await?;
        if self.may_give(&work).await?.is_platform() {
            return Err(Error::Missing("tenant"));
        }
        work.hold_rules().await?;
        if work.count_rules(W::KIND).await? >= MAX_RULES {
            return Err(Error::Conflict(phrase("most-rules").with("most", MAX_RULES).into()));
        }
        know(&work, catalog, new.named()).await?;
        let given = json!(new);
        let attributes: Vec<&str> = given.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        work.create_rule(&rule, &attributes).await?;
        self.plan_night::<W>(&work).await?;
        work.commit().await?;
        show(&rule)
    }

    /// Puts a rule in the place of what it was, if it is still at one of these versions.
    pub async fn replace_rule<W: RuleWish>(
        &self,
        catalog: &Catalog,
        id: Uuid,
        wish: &W,
        versions: &Tags,
    ) -> Result<RuleRecord<W>, Error> {
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let before = expected::<W>(&work, id, versions).await?;
        let was = W::of(&before).ok_or(Error::Missing(W::CALLED))?;
        let after = wanted(wish, id, self.clock.now())?;
        let after = Rule { created: before.created, version: before.version + 1, ..after };
        // What it named before may be gone, and need not be taken out first.
        let known: Vec<Uuid> = was.named().iter().map(|named| named.id).collect();
        let new = wish.named().into_iter().filter(|named| !known.contains(&named.id)).collect();
        know(&work, catalog, new).await?;
        if let RuleContent::Scheme(policy) = &after.content {
            is_unused(&work, id, Some(policy.risk)).await?;
        }
        let shown = W::of(&after).ok_or(Error::Missing(W::CALLED))?;
        let attributes = differences(&json!(was), &json!(shown));
        if attributes.is_empty() {
            work.roll_back().await?;
            return show(&before);
        }
        let attributes: Vec<&str> = attributes.iter().map(String::as_str).collect();
        work.change_rule(&after, &attributes).await?;
        self.plan_night::<W>(&work).await?;
        work.commit().await?;
        show(&after)
    }

    /// Deletes a rule that nothing names, if it is still at one of these versions.
    pub async fn delete_rule<W: RuleWish>(&self, id: Uuid, versions: &Tags) -> Result<(), Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let rule = expected::<W>(&work, id, versions).await?;
        if W::KIND == RuleKind::Scheme {
            is_unused(&work, id, None).await?;
        }
        work.delete_rule(&rule).await?;
        if W::KIND == RuleKind::Sod {
            duties::let_go(&work, id, Instant::from_millis(self.clock.now())).await?;
        }
        Ok(work.commit().await?)
    }
}

impl Administration {
    /// Such a rule is looked at each night.
    async fn plan_night<W: RuleWish>(&self, work: &Work) -> Result<(), Error> {
        if W::KIND == RuleKind::Scheme {
            return Ok(());
        }
        Ok(plan_night(work, Instant::from_millis(self.clock.now())).await?)
    }
}

/// Says what is wrong with a rule that comes with an archive, by itself.
pub(super) fn check_stored(rule: &Rule) -> Result<(), Error> {
    fn of<W: RuleWish>(rule: &Rule) -> Result<(), Error> {
        let wish = W::of(rule).ok_or(Error::Missing(W::CALLED))?;
        wanted(&wish, rule.id, rule.modified).map(drop)
    }
    match rule.content.kind() {
        RuleKind::Scheme => of::<NewApprovalPolicy>(rule),
        RuleKind::Sod => of::<NewSodRule>(rule),
        RuleKind::Birthright => of::<NewBirthrightRule>(rule),
    }
}

/// Refuses an approval policy that there is not, or that is not for entitlements of that risk.
pub(super) async fn fits_policy(work: &Work, policy: Option<Uuid>, risk: Risk) -> Result<(), Error> {
    let Some(policy) = policy else { return Ok(()) };
    let rule = work.hold_rule(RuleKind::Scheme, policy).await?;
    match rule.map(|rule| rule.content) {
        Some(RuleContent::Scheme(policy)) if policy.risk >= risk => Ok(()),
        Some(_) => Err(wrong("/approvalPolicy", phrase("policy-of-lower-risk"))),
        None => Err(wrong("/approvalPolicy", phrase("no-approval-policy"))),
    }
}

/// Refuses to let go a policy that entitlements have, or to let it be for lower risks than theirs.
async fn is_unused(work: &Work, policy: Uuid, risk: Option<Risk>) -> Result<(), Error> {
    let users = work.entitlements_of_policy(policy).await?;
    let Some(user) = users.iter().find(|user| risk.is_none_or(|risk| risk < user.risk)) else { return Ok(()) };
    let said = phrase(if risk.is_some() { "used-by-riskier" } else { "used-by-entitlement" });
    Err(Error::Conflict(said.with("code", user.code.as_str()).with("group", user.group.to_string()).into()))
}

/// Refuses to let go what a rule names.
pub(super) async fn is_unnamed(work: &Work, names: impl Fn(&RuleContent) -> bool) -> Result<(), Error> {
    work.hold_rules().await?;
    for kind in RuleKind::ALL {
        if let Some(rule) = work.all_rules(kind).await?.iter().find(|rule| names(&rule.content)) {
            let said = phrase("named-by-rule").with("name", rule.name.as_str()).with("rule", rule.id.to_string());
            return Err(Error::Conflict(said.into()));
        }
    }
    Ok(())
}

/// A rule that nobody else changes until the work ends.
async fn expected<W: RuleWish>(work: &Work, id: Uuid, versions: &Tags) -> Result<Rule, Error> {
    work.hold_rules().await?;
    let rule = work.lock_rule(W::KIND, id).await?.ok_or(Error::Missing(W::CALLED))?;
    if versions.names_version(rule.version) { Ok(rule) } else { Err(Error::Stale(rule.version)) }
}

/// The rule that somebody wants, if it makes sense by itself.
fn wanted<W: RuleWish>(wish: &W, id: Uuid, now: i64) -> Result<Rule, Error> {
    check(wish)?;
    let Head { name, description, state } = wish.head();
    Ok(Rule {
        id,
        name: name.trim().to_owned(),
        description: description.map(|text| text.trim().to_owned()),
        state: RuleState::from_word(state).unwrap_or(RuleState::Draft),
        content: wish.content(id).map_err(Error::Invalid)?,
        created: now,
        modified: now,
        version: 1,
    })
}

fn show<W: RuleWish>(rule: &Rule) -> Result<RuleRecord<W>, Error> {
    Ok(RuleRecord {
        id: rule.id,
        rule: W::of(rule).ok_or(Error::Missing(W::CALLED))?,
        created: timestamp(rule.created),
        modified: timestamp(rule.modified),
        version: rule.version,
    })
}

/// The members that differ.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let names = [before, after].into_iter().filter_map(Value::as_object).flat_map(|object| object.keys());
    let mut names: Vec<String> = names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the rules of the rights say of a rule, by where it stands.
fn faults(faults: Vec<rights::Fault>) -> Vec<Fault> {
    faults.iter().map(|fault| Fault::new(format!("/{}", fault.field), fault)).collect()
}

fn state(word: &str) -> Result<(), ValidationError> {
    let known = RuleState::ALL.map(RuleState::word);
    if known.contains(&word) { Ok(()) } else { Err(limits::none_of(known)) }
}

fn active() -> String {
    RuleState::Active.word().to_owned()
}
