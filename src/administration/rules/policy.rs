//! What approval policies look like from outside.

use rights::{
    Assurance, GroupId, Risk, UserId,
    approval::{OnEmpty, Quorum, Resolver, Scheme, Stage},
    calendar::Working,
};
use serde::{Deserialize, Serialize};
use store::{ApprovalPolicy, Rule, RuleContent, RuleKind};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{
        Fault, limits,
        rules::{Head, Named, RuleWish, active, named::What, state},
    },
    wording::{Phrase, between, phrase},
};

/// The highest line manager that can be asked for, counted from the nearest.
const HIGHEST_MANAGER: i64 = 9;
/// The most people of a quorum that is counted.
const LARGEST_QUORUM: i64 = 100;
/// The longest time that can be waited, in minutes of work: about a year.
const LONGEST_WAIT: i64 = 260 * 510;
/// The most questions of approvers about one item.
const MAX_QUESTIONS: i64 = 20;

/// Who approves what is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewApprovalPolicy {
    /// Its name for people.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// Why there is such a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = limits::text))]
    pub description: Option<String>,
    /// Whether it counts.
    #[serde(default = "active")]
    #[validate(custom(function = state))]
    pub state: String,
    /// The highest risk of an entitlement that may have it.
    #[validate(custom(function = risk))]
    pub risk: i64,
    /// Who decides, one stage after the other.
    pub stages: Vec<StageShape>,
    /// When a request expires that nobody has decided, in minutes of work.
    #[serde(default = "ten_days")]
    #[validate(custom(function = wait))]
    pub expires_after: i64,
    /// When it expires if a question is not answered, in minutes of work.
    #[serde(default = "five_days")]
    #[validate(custom(function = wait))]
    pub answer_within: i64,
    /// How often approvers may ask.
    #[serde(default = "three")]
    #[validate(custom(function = questions))]
    pub max_questions: i64,
}

/// A stage of an approval policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "switches of a policy, each by itself")]
pub struct StageShape {
    /// Who decides.
    pub resolver: ResolverShape,
    /// How many of them.
    #[serde(default = "any")]
    pub quorum: QuorumShape,
    /// Who decides where these cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ResolverShape>,
    /// And if nobody can.
    #[serde(default)]
    pub on_empty: OnEmpty,
    /// Whether nobody decides, and they are told.
    #[serde(default)]
    pub notify_only: bool,
    /// Whether those who have approved the item at an earlier stage need not do so again.
    #[serde(default)]
    pub skip_if_approved: bool,
    /// Whether an approver may hand it to somebody else.
    #[serde(default)]
    pub may_reassign: bool,
    /// Whether an approver may let it end earlier.
    #[serde(default)]
    pub may_shorten: bool,
    /// How sure the approver's identity has to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// When approvers are reminded, and again after as long, in minutes of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_after: Option<i64>,
    /// When others may decide as well, in minutes of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_after: Option<i64>,
    /// Who these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_to: Option<ResolverShape>,
}

/// How those are found who decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResolverShape {
    /// The manager, or the manager's manager and so on: 1 is the nearest.
    LineManager(i64),
    /// The head of the organisation unit.
    NodeHead,
    /// Whoever owns the entitlement, or its application.
    Owner,
    /// Who looks after security.
    SecurityOfficer,
    /// The members of a group.
    Group(Uuid),
    /// One person by name.
    Person(Uuid),
}

/// How many have to approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QuorumShape {
    /// One of them.
    Any,
    /// All of them.
    All,
    /// So many.
    AtLeast(i64),
}

impl RuleWish for NewApprovalPolicy {
    const KIND: RuleKind = RuleKind::Scheme;
    const CALLED: &'static str = "approval policy";
    const PATH: &'static str = "approval-policies";

    fn head(&self) -> Head<'_> {
        Head { name: &self.name, description: self.description.as_deref(), state: &self.state }
    }

    fn content(&self, _: Uuid) -> Result<RuleContent, Vec<Fault>> {
        let mut wrong = Vec::new();
        let stages: Vec<Stage> =
            self.stages.iter().enumerate().map(|(at, stage)| stage.stage(at, &mut wrong)).collect();
        let scheme = Scheme {
            version: 0,
            stages,
            expires_after: working(self.expires_after),
            answer_within: working(self.answer_within),
            max_questions: u8::try_from(self.max_questions).unwrap_or(0),
        };
        let risk = u8::try_from(self.risk).ok().and_then(Risk::from_number).unwrap_or(Risk::High);
        if let Err(faults) = scheme.check(risk) {
            wrong.extend(placed(&scheme, risk, faults));
        }
        if wrong.is_empty() { Ok(RuleContent::Scheme(ApprovalPolicy { risk, scheme })) } else { Err(wrong) }
    }

    fn named(&self) -> Vec<Named> {
        let mut all = Vec::new();
        for (at, stage) in self.stages.iter().enumerate() {
            for (name, resolver) in stage.resolvers() {
                let (what, id, part) = match resolver {
                    ResolverShape::Group(id) => (What::Group, id, "group"),
                    ResolverShape::Person(id) => (What::Person, id, "person"),
                    _ => continue,
                };
                all.push(Named { pointer: format!("/stages/{at}/{name}/{part}"), what, id });
            }
        }
        all
    }

    fn of(rule: &Rule) -> Option<Self> {
        let RuleContent::Scheme(policy) = &rule.content else { return None };
        Some(Self {
            name: rule.name.clone(),
            description: rule.description.clone(),
            state: rule.state.word().to_owned(),
            risk: i64::from(u8::from(policy.risk)),
            stages: policy.scheme.stages.iter().map(StageShape::of).collect(),
            expires_after: minutes(policy.scheme.expires_after),
            answer_within: minutes(policy.scheme.answer_within),
            max_questions: i64::from(policy.scheme.max_questions),
        })
    }
}

/// Faults with the stages at which they are: a stage is judged once more by itself.
fn placed(scheme: &Scheme, risk: Risk, faults: Vec<rights::Fault>) -> Vec<Fault> {
    const OF_SCHEMES: [&str; 2] = ["stages", "expiresAfter"];
    let mut placed: Vec<Fault> = Vec::new();
    for fault in faults.into_iter().filter(|fault| OF_SCHEMES.contains(&fault.field)) {
        placed.push(Fault::new(format!("/{}", fault.field), &fault));
    }
    for (at, stage) in scheme.stages.iter().enumerate() {
        let alone = Scheme { stages: vec![stage.clone()], ..scheme.clone() };
        let faults = alone.check(risk).err().unwrap_or_default();
        let own = faults.into_iter().filter(|fault| !OF_SCHEMES.contains(&fault.field));
        placed.extend(own.map(|fault| Fault::new(format!("/stages/{at}/{}", fault.field), &fault)));
    }
    placed
}

impl StageShape {
    fn resolvers(&self) -> impl Iterator<Item = (&'static str, ResolverShape)> {
        let all = [("resolver", Some(self.resolver)), ("fallback", self.fallback), ("escalateTo", self.escalate_to)];
        all.into_iter().filter_map(|(name, resolver)| Some((name, resolver?)))
    }

    /// The stage that it is, and what is wrong with its numbers.
    fn stage(&self, at: usize, wrong: &mut Vec<Fault>) -> Stage {
        let mut fault = |name: &str, reason: Phrase| wrong.push(Fault::new(format!("/stages/{at}/{name}"), reason));
        for (name, resolver) in self.resolvers() {
            if !resolver.has_level() {
                fault(&format!("{name}/lineManager"), between(1, HIGHEST_MANAGER));
            }
        }
        if let QuorumShape::AtLeast(number) = self.quorum
            && !(1..=LARGEST_QUORUM).contains(&number)
        {
            fault("quorum/atLeast", between(1, LARGEST_QUORUM));
        }
        for (name, minutes) in [("remindAfter", self.remind_after), ("escalateAfter", self.escalate_after)] {
            if minutes.is_some_and(|minutes| !(1..=LONGEST_WAIT).contains(&minutes)) {
                fault(name, phrase("must-be-minutes").with("most", LONGEST_WAIT));
            }
        }
        if self.escalate_after.is_some() != self.escalate_to.is_some() {
            fault("escalateTo", phrase("escalation-is-whole"));
        }
        if self.escalate_to == Some(self.resolver) {
            fault("escalateTo", phrase("other-than-resolver"));
        }
        Stage {
            resolver: self.resolver.resolver(),
            quorum: self.quorum.quorum(),
            fallback: self.fallback.map(ResolverShape::resolver),
            on_empty: self.on_empty,
            notify_only: self.notify_only,
            skip_if_approved: self.skip_if_approved,
            may_reassign: self.may_reassign,
            may_shorten: self.may_shorten,
            assurance: self.assurance,
            remind_after: self.remind_after.map(working),
            escalate_after: self.escalate_after.map(working),
            escalate_to: self.escalate_to.map(ResolverShape::resolver),
        }
    }

    fn of(stage: &Stage) -> Self {
        Self {
            resolver: ResolverShape::of(stage.resolver),
            quorum: QuorumShape::of(stage.quorum),
            fallback: stage.fallback.map(ResolverShape::of),
            on_empty: stage.on_empty,
            notify_only: stage.notify_only,
            skip_if_approved: stage.skip_if_approved,
            may_reassign: stage.may_reassign,
            may_shorten: stage.may_shorten,
            assurance: stage.assurance,
            remind_after: stage.remind_after.map(minutes),
            escalate_after: stage.escalate_after.map(minutes),
            escalate_to: stage.escalate_to.map(ResolverShape::of),
        }
    }
}

impl ResolverShape {
    /// Whether it names a line manager whom there can be, or something else.
    pub(crate) fn has_level(self) -> bool {
        !matches!(self, Self::LineManager(level) if !(1..=HIGHEST_MANAGER).contains(&level))
    }

    /// The same in the words of the rules.
    pub(crate) fn resolver(self) -> Resolver {
        match self {
            Self::LineManager(level) => Resolver::LineManager(u8::try_from(level).unwrap_or(u8::MAX)),
            Self::NodeHead => Resolver::NodeHead,
            Self::Owner => Resolver::Owner,
            Self::SecurityOfficer => Resolver::SecurityOfficer,
            Self::Group(id) => Resolver::Group(GroupId(id)),
            Self::Person(id) => Resolver::Person(UserId(id)),
        }
    }

    /// A rule's resolver as it is shown.
    pub(crate) fn of(resolver: Resolver) -> Self {
        match resolver {
            Resolver::LineManager(level) => Self::LineManager(i64::from(level)),
            Resolver::NodeHead => Self::NodeHead,
            Resolver::Owner => Self::Owner,
            Resolver::SecurityOfficer => Self::SecurityOfficer,
            Resolver::Group(id) => Self::Group(id.0),
            Resolver::Person(id) => Self::Person(id.0),
        }
    }
}

impl QuorumShape {
    fn quorum(self) -> Quorum {
        match self {
            Self::Any => Quorum::Any,
            Self::All => Quorum::All,
            Self::AtLeast(number) => Quorum::AtLeast(u8::try_from(number).unwrap_or(u8::MAX)),
        }
    }

    fn of(quorum: Quorum) -> Self {
        match quorum {
            Quorum::Any => Self::Any,
            Quorum::All => Self::All,
            Quorum::AtLeast(number) => Self::AtLeast(i64::from(number)),
        }
    }
}

fn working(minutes: i64) -> Working {
    Working::minutes(u32::try_from(minutes).unwrap_or(0))
}

fn minutes(working: Working) -> i64 {
    working.length().whole_minutes()
}

fn risk(number: i64) -> Result<(), ValidationError> {
    if (0..=3).contains(&number) { Ok(()) } else { Err(limits::outside(0, 3)) }
}

fn wait(minutes: i64) -> Result<(), ValidationError> {
    if (1..=LONGEST_WAIT).contains(&minutes) {
        return Ok(());
    }
    Err(limits::refuse("must-be-minutes", &[("most", LONGEST_WAIT.into())]))
}

fn questions(number: i64) -> Result<(), ValidationError> {
    if (0..=MAX_QUESTIONS).contains(&number) {
        return Ok(());
    }
    Err(limits::outside(0, MAX_QUESTIONS))
}

fn any() -> QuorumShape {
    QuorumShape::Any
}

fn ten_days() -> i64 {
    minutes(Working::days(10))
}

fn five_days() -> i64 {
    minutes(Working::days(5))
}

fn three() -> i64 {
    3
}
