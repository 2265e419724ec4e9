//! Exceptions that are given before a conflict is there: what somebody holds already, and what they are about to.

use rights::{
    Instant, RuleId, UserId,
    sod::{Event, Mode, Rule, State, Violation},
};
use scim::schema::Catalog;
use serde::Deserialize;
use store::{RuleKind, RuleState, SodViolation, Work};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{
        Administration, Error, NewException, ViolationRecord,
        entitlements::wrong,
        error::check,
        grants::{hold, is_there},
        limits,
        violations::{exception, refused},
    },
    lifecycle::duties,
    wording::phrase,
};

/// What somebody may hold together for a while, although they do not hold it yet.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ForeseenException {
    /// Who.
    pub user: Uuid,
    /// What they are about to hold, beside what they hold.
    #[validate(custom(function = some))]
    pub entitlements: Vec<Uuid>,
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
    /// What is done so that nothing happens.
    #[validate(custom(function = limits::text))]
    pub control: String,
    /// Until when, as RFC 3339 writes it.
    pub until: String,
}

/// Some entitlements.
fn some(ids: &[Uuid]) -> Result<(), ValidationError> {
    if (1..=Rule::MAX_SIDE).contains(&ids.len()) {
        return Ok(());
    }
    Err(limits::refuse("fault-side", &[("most", Rule::MAX_SIDE.into())]))
}

impl Administration {
    /// Allows somebody for a while what a rule keeps apart, before they hold it. It covers what they hold of the rule and these
    /// entitlements, and no more.
    pub async fn except_beforehand(
        &self,
        catalog: &Catalog,
        rule: Uuid,
        new: &ForeseenException,
    ) -> Result<ViolationRecord, Error> {
        check(new)?;
        let ForeseenException { user, entitlements, reason, control, until } = new;
        let allowed = NewException { reason: reason.clone(), control: control.clone(), until: until.clone() };
        let work = self.begin().await?;
        self.may_give(&work).await?;
        // People first, as everywhere; whoever gives them something meanwhile waits.
        let person = hold(&work, catalog, *user).await?;
        let stored = work.hold_rule(RuleKind::Sod, rule).await?;
        let stored = stored.ok_or(Error::Missing("rule of segregation of duties"))?;
        is_there(person)?;
        let Some(counting) = stored.sod().filter(|_| stored.state == RuleState::Active) else {
            return Err(Error::Conflict(phrase("rule-counts-not").into()));
        };
        if counting.mode == Mode::Block {
            return Err(Error::Conflict(phrase("rule-blocks").into()));
        }
        work.hold_duties().await?;
        let now = Instant::from_millis(self.clock.now());
        let Some(finding) = duties::would_find(&work, &counting, *user, entitlements).await? else {
            return Err(wrong("/entitlements", phrase("no-conflict-would-come")));
        };
        let (granted, deed) = exception(&work, &allowed, now)?;
        let granted = rights::sod::Exception { is_foreseen: true, ..granted };
        let before = open(&work, *user, RuleId(rule)).await?;
        let stands = before.as_ref().map_or(State::Detected, |known| known.violation.state.clone());
        let wide = Violation { subject: UserId(*user), finding, state: stands };
        let next = wide.apply(Event::Except(granted), now).map_err(|refusal| refused(&refusal))?.next;
        let after = match before {
            Some(known) => known.next(next, now.millis()),
            None => SodViolation {
                id: self.ids.next(),
                violation: next,
                excepted: None,
                found: now.millis(),
                ended: None,
                version: 1,
            },
        };
        let after = SodViolation { excepted: Some(deed), ..after };
        work.write_violation(&after).await?;
        work.commit().await?;
        Ok(after.into())
    }
}

/// The conflict of somebody by a rule that is not over.
async fn open(work: &Work, user: Uuid, rule: RuleId) -> Result<Option<SodViolation>, Error> {
    let open = work.open_violations(&[user]).await?;
    Ok(open.into_iter().find(|known| known.violation.finding.rule == rule))
}
