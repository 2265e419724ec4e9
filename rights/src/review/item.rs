//! One grant in a review.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Effect, GrantId, Instant, Outcome, Policy, Reason, Refusal, UserId,
    approval::{Candidates, Resolver, eligible},
    delegation::Actor,
    grant::Ending,
};

/// The longest comment, in characters.
pub const MAX_COMMENT: usize = 2000;

/// What is decided about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It ends.
    Revoke,
    /// It ends earlier.
    Shorten(Instant),
    /// The reviewer cannot say.
    Abstain,
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Nobody has decided.
    Open,
    /// It is decided and not done yet.
    Decided(Verdict),
    /// It was left out.
    Excluded,
    /// It was kept.
    DoneKept,
    /// It was ended or shortened.
    DoneChanged,
}

impl State {
    /// The state as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided(Verdict::Keep) => "keep",
            Self::Decided(Verdict::Revoke) => "revoke",
            Self::Decided(Verdict::Shorten(_)) => "shorten",
            Self::Decided(Verdict::Abstain) => "abstain",
            Self::Excluded => "excluded",
            Self::DoneKept => "doneKept",
            Self::DoneChanged => "doneChanged",
        }
    }

    /// What can happen.
    pub fn possible(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["decide", "reassign", "handOver", "exclude", "close"],
            Self::Decided(_) => &["changeMind", "close"],
            Self::Excluded | Self::DoneKept | Self::DoneChanged => &[],
        }
    }
}

/// A decision that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// By whom; nobody for what silence means.
    pub by: Option<UserId>,
    /// In whose name, if not in their own.
    pub on_behalf_of: Option<UserId>,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub comment: Option<String>,
    /// When.
    pub at: Instant,
}

/// One grant in a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Which grant.
    pub grant: GrantId,
    /// Of whom.
    pub subject: UserId,
    /// When it ends without the review.
    pub until: Option<Instant>,
    /// Who decides.
    pub reviewers: BTreeSet<UserId>,
    /// How it stands.
    pub state: State,
    /// What was decided, the latest last.
    pub history: Vec<Decided>,
}

/// What happens to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A reviewer decides.
    Decide {
        /// Who.
        actor: Actor,
        /// What.
        verdict: Verdict,
        /// Why.
        comment: Option<String>,
    },
    /// A reviewer takes their decision back.
    ChangeMind {
        /// Who.
        actor: Actor,
    },
    /// Somebody else reviews it.
    Reassign {
        /// Who.
        to: UserId,
        /// Whether that person is active.
        is_active: bool,
        /// Why.
        reason: String,
    },
    /// A reviewer has left, and somebody else takes on what they review.
    HandOver {
        /// Who has left.
        from: UserId,
        /// Who takes it on, if anybody does and nobody else is left.
        to: Option<UserId>,
    },
    /// The person has left: there is nothing to decide about what waits for them.
    Exclude,
    /// The campaign closes, and what was decided, or what silence means, is done.
    Close,
}

impl Event {
    /// The event as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Decide { .. } => "decide",
            Self::ChangeMind { .. } => "changeMind",
            Self::Reassign { .. } => "reassign",
            Self::HandOver { .. } => "handOver",
            Self::Exclude => "exclude",
            Self::Close => "close",
        }
    }
}

/// What the rules have to know of the campaign.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: Instant,
    /// Whether the campaign is active; decisions are locked otherwise.
    pub is_active: bool,
    /// Whether the grant has ended meanwhile: then there is nothing to decide.
    pub is_over: bool,
    /// Whether a decision to keep needs a comment.
    pub needs_comment: bool,
    /// What silence means for this grant.
    pub on_silence: Verdict,
    /// Who decides where a reviewer cannot say.
    pub fallback: &'a BTreeSet<UserId>,
}

/// Who reviews a person's grant: those whom the first resolver finds that finds anybody, never the person.
pub fn reviewer(candidates: &Candidates, in_order: &[Resolver], subject: UserId) -> BTreeSet<UserId> {
    let found = in_order.iter().map(|resolver| eligible(candidates, *resolver, &[subject]));
    found.into_iter().find(|people| !people.is_empty()).unwrap_or_default()
}

impl Item {
    /// A grant with those who review it.
    pub fn new(grant: GrantId, subject: UserId, until: Option<Instant>, reviewers: BTreeSet<UserId>) -> Self {
        Self { grant, subject, until, reviewers, state: State::Open, history: Vec::new() }
    }

    /// A grant that is left out.
    pub fn excluded(grant: GrantId, subject: UserId) -> Self {
        Self { state: State::Excluded, ..Self::new(grant, subject, None, BTreeSet::new()) }
    }

    /// What becomes of the item.
    pub fn apply(&self, event: Event, facts: &Facts<'_>) -> Result<Outcome<Self>, Refusal> {
        let word = event.word();
        let mut next = self.clone();
        match next.run(event, facts) {
            Ok(effects) => Ok(Outcome::new(next, effects)),
            Err(reason) => Err(Refusal {
                what: "review item",
                state: self.state.word(),
                event: word,
                possible: self.state.possible(),
                reason,
            }),
        }
    }

    fn run(&mut self, event: Event, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        if !self.state.possible().contains(&event.word()) {
            return Err(Reason::State);
        }
        match event {
            Event::Close if facts.is_active => return Err(Reason::NotYet),
            Event::Close => return Ok(self.close(facts)),
            Event::HandOver { from, to } => self.hand_over(from, to)?,
            Event::Exclude => self.state = State::Excluded,
            _ if !facts.is_active => return Err(Reason::TooLate),
            // Who may not decide learns nothing of it.
            Event::Decide { actor, .. } if facts.is_over => {
                self.admit(&actor)?;
                return Err(Reason::GrantOver);
            }
            Event::Decide { actor, verdict, comment } => self.decide(&actor, verdict, comment, facts)?,
            Event::ChangeMind { actor } => {
                self.admit(&actor)?;
                self.state = State::Open;
            }
            Event::Reassign { reason, .. } if reason.trim().is_empty() => return Err(Reason::Missing("reason")),
            Event::Reassign { to, is_active, .. } if !is_active || to == self.subject => {
                return Err(Reason::Unsuitable);
            }
            Event::Reassign { to, .. } => self.reviewers = [to].into(),
        }
        Ok(Vec::new())
    }

    /// Those who are left review it; if nobody is, whoever takes it on, unless it is about them.
    fn hand_over(&mut self, from: UserId, to: Option<UserId>) -> Result<(), Reason> {
        if !self.reviewers.remove(&from) {
            return Err(Reason::Stranger);
        }
        if self.reviewers.is_empty() {
            self.reviewers.extend(to.filter(|to| *to != self.subject));
        }
        Ok(())
    }

    /// Nobody reviews themselves, by themselves or through a deputy.
    fn admit(&self, actor: &Actor) -> Result<UserId, Reason> {
        if actor.user == self.subject {
            return Err(Reason::Oneself);
        }
        actor.among(&self.reviewers).ok_or(Reason::Stranger)
    }

    fn decide(
        &mut self,
        actor: &Actor,
        verdict: Verdict,
        comment: Option<String>,
        facts: &Facts<'_>,
    ) -> Result<(), Reason> {
        let seat = self.admit(actor)?;
        if comment.as_ref().is_some_and(|text| text.chars().count() > MAX_COMMENT) {
            return Err(Reason::Policy(Policy::LongComment));
        }
        let is_silent = comment.as_ref().is_none_or(|text| text.trim().is_empty());
        match verdict {
            Verdict::Shorten(until) if until <= facts.now || self.until.is_some_and(|end| until >= end) => {
                return Err(Reason::Period);
            }
            Verdict::Keep if facts.needs_comment && is_silent => return Err(Reason::Missing("comment")),
            _ => {}
        }
        let on_behalf_of = (seat != actor.user).then_some(seat);
        let (by, at) = (Some(actor.user), facts.now);
        self.history.push(Decided { by, on_behalf_of, verdict, comment, at });
        self.state = State::Decided(verdict);
        if verdict == Verdict::Abstain && self.pass_on(facts) {
            self.state = State::Open;
        }
        Ok(())
    }

    /// Gives it to those who decide where a reviewer cannot say, once.
    fn pass_on(&mut self, facts: &Facts<'_>) -> bool {
        let asked: BTreeSet<UserId> = self.history.iter().filter_map(|one| one.by).collect();
        let others: BTreeSet<UserId> =
            facts.fallback.iter().copied().filter(|one| *one != self.subject && !asked.contains(one)).collect();
        if others.is_empty() || others == self.reviewers {
            return false;
        }
        self.reviewers = others;
        true
    }

    /// Does what was decided. What was shortened beyond its end meanwhile needs nothing more. What has ended meanwhile is left
    /// out: nothing was kept or shortened of it; whoever wanted its end has it.
    fn close(&mut self, facts: &Facts<'_>) -> Vec<Effect> {
        if facts.is_over && self.state != State::Decided(Verdict::Revoke) {
            self.state = State::Excluded;
            return Vec::new();
        }
        let verdict = match self.state {
            State::Decided(verdict) if verdict != Verdict::Abstain => verdict,
            _ => {
                let (verdict, at) = (facts.on_silence, facts.now);
                self.history.push(Decided { by: None, on_behalf_of: None, verdict, comment: None, at });
                verdict
            }
        };
        let grant = self.grant;
        let (state, effect) = match verdict {
            Verdict::Keep | Verdict::Abstain => (State::DoneKept, Effect::Certify(grant)),
            // The day has come while the others were deciding.
            Verdict::Shorten(until) if until > facts.now => (State::DoneChanged, Effect::Shorten { grant, until }),
            Verdict::Revoke | Verdict::Shorten(_) => {
                (State::DoneChanged, Effect::End { grant, reason: Ending::Review })
            }
        };
        self.state = state;
        vec![effect]
    }
}
