//! What people do with an item: they decide, ask, answer, hand on and take back.

use rights::{
    Assurance, Effect, Instant, Refusal, UserId,
    approval::{Ballot, Decision},
    delegation::{self, Duty},
    request::{Event, Facts, Flaw, Kind},
};
use serde::Deserialize;
use store::{EntitlementState, RequestItem, Timer};
use tokio::try_join;
use uuid::Uuid;
use validator::Validate;

use crate::{
    access::{
        Access,
        myself::assurance,
        office::{Office, again, is_active},
        refusal::{refused, wrong},
        requests::{
            carry::Ground,
            records::ItemRecord,
            wish::{self, Period, malformed},
        },
    },
    administration::{self, Error, Fault},
    clock,
    lifecycle::duties,
    notices::{self, About, Telling},
    provisioning::Tags,
    wording::phrase,
};

/// What somebody decides.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewVote {
    /// Yes or no.
    pub decision: Decision,
    /// Why; whoever says no has to say so.
    #[validate(custom(function = wish::text))]
    pub comment: Option<String>,
    /// An earlier end.
    pub until: Option<String>,
    /// In whose name, where somebody stands in for several.
    pub on_behalf_of: Option<Uuid>,
}

/// What an approver wants to know first.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// What.
    #[validate(custom(function = wish::text))]
    pub question: String,
}

/// What is answered, or what is asked for instead.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What.
    #[validate(custom(function = wish::text))]
    pub answer: Option<String>,
    /// Another time for which it is asked: everything is decided anew.
    pub change: Option<Period>,
}

/// Who is to decide instead.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Reassignment {
    /// Whose place; one's own, if nobody is named.
    pub from: Option<Uuid>,
    /// Who.
    pub to: Uuid,
    /// Why.
    #[validate(custom(function = wish::text))]
    pub reason: String,
}

/// What a person wants to happen to an item.
enum Wish<'a> {
    Vote { vote: &'a NewVote, until: Option<Instant>, surely: Assurance },
    Ask(&'a NewQuestion),
    Answer(&'a str),
    Amend(&'a Period),
    Reassign { wish: &'a Reassignment, is_active: bool },
    Withdraw,
}

impl Wish<'_> {
    /// The field that is named if the rules cannot take it.
    fn field(&self) -> &'static str {
        match self {
            Self::Vote { .. } => "onBehalfOf",
            Self::Ask(_) => "question",
            Self::Answer(_) => "answer",
            Self::Amend(_) => "change",
            Self::Reassign { .. } => "to",
            Self::Withdraw => "item",
        }
    }
}

impl Access {
    /// Decides about an item, if it is still at one of these versions.
    pub async fn vote(&self, id: Uuid, vote: &NewVote, versions: &Tags) -> Result<ItemRecord, Error> {
        administration::check(vote)?;
        let instant = |text: &String| clock::ends(text).ok_or_else(|| Error::Invalid(vec![malformed("until")]));
        let until = vote.until.as_ref().map(instant).transpose()?;
        let user = self.data.find(self.people()?, self.actor.user, false).await?.ok_or(Error::Missing("user"))?;
        let surely = assurance(self.actor.vouched, &user.document()?);
        self.act(id, Some(versions), &Wish::Vote { vote, until, surely }).await
    }

    /// Asks something before a decision.
    pub async fn ask(&self, id: Uuid, new: &NewQuestion, versions: Option<&Tags>) -> Result<ItemRecord, Error> {
        administration::check(new)?;
        self.act(id, versions, &Wish::Ask(new)).await
    }

    /// Answers a question, or asks for something else because of it.
    pub async fn answer(&self, id: Uuid, new: &Answer, versions: Option<&Tags>) -> Result<ItemRecord, Error> {
        administration::check(new)?;
        match (&new.answer, &new.change) {
            (Some(text), None) => self.act(id, versions, &Wish::Answer(text.trim())).await,
            (None, Some(period)) => self.act(id, versions, &Wish::Amend(period)).await,
            _ => Err(wrong("/answer", phrase("one-of-two").with("other", "change"))),
        }
    }

    /// Hands a decision on.
    pub async fn reassign(&self, id: Uuid, new: &Reassignment, versions: Option<&Tags>) -> Result<ItemRecord, Error> {
        administration::check(new)?;
        let is_active = self.data.active_among(&[new.to]).await?.contains(&new.to);
        self.act(id, versions, &Wish::Reassign { wish: new, is_active }).await
    }

    /// Takes back what was asked for.
    pub async fn withdraw(&self, id: Uuid, versions: Option<&Tags>) -> Result<ItemRecord, Error> {
        self.act(id, versions, &Wish::Withdraw).await
    }

    /// Lets something happen to an item that the person sees.
    async fn act(&self, id: Uuid, versions: Option<&Tags>, wish: &Wish<'_>) -> Result<ItemRecord, Error> {
        let office = self.office();
        let sight = self.sight();
        let mut attempt = 0;
        loop {
            let before = sight.visible_item(id).await?;
            administration::meant(versions, before.version)?;
            let event = self.event(&office, &before, wish).await?;
            let result = office.happen(&before, event, None).await;
            if !again(&result, &mut attempt) {
                return match result? {
                    Happened::Changed(item) => office.show_item(*item).await,
                    Happened::Refused(refusal) => Err(refused(&refusal, wish.field())),
                    Happened::Elsewhere => Err(Error::Store(store::Error::Conflict)),
                };
            }
        }
    }

    async fn event(&self, office: &Office, item: &RequestItem, wish: &Wish<'_>) -> Result<Event, Error> {
        let by = UserId(self.actor.user);
        Ok(match wish {
            Wish::Vote { vote, until, surely } => Event::Vote(Ballot {
                actor: self.deputy(office).await?,
                on_behalf_of: vote.on_behalf_of.map(UserId),
                decision: vote.decision,
                comment: vote.comment.as_deref().map(|text| text.trim().to_owned()),
                assurance: Some(*surely),
                until: *until,
            }),
            Wish::Ask(new) => {
                Event::Ask { actor: self.deputy(office).await?, question: new.question.trim().to_owned() }
            }
            Wish::Answer(text) => Event::Answer { by, text: (*text).to_owned() },
            Wish::Amend(period) => Event::Amend { by, kind: instead(office, item, period).await? },
            Wish::Reassign { wish, is_active } => {
                let actor = self.deputy(office).await?;
                let waiting = item.item.waiting_for();
                let mut own = std::iter::once(by).chain(actor.stands_in_for.iter().copied());
                let seat = own.find(|person| waiting.contains(person)).unwrap_or(by);
                let (from, to) = (wish.from.map_or(seat, UserId), UserId(wish.to));
                Event::Reassign { actor, from, to, is_active: *is_active, reason: wish.reason.trim().to_owned() }
            }
            Wish::Withdraw => Event::Withdraw { by },
        })
    }

    /// The person, with those for whom they stand in just now where something is decided.
    async fn deputy(&self, office: &Office) -> Result<delegation::Actor, Error> {
        let (user, now) = (self.actor.user, office.now());
        let delegations = self.data.delegations_in_force(&[user], now.millis()).await?;
        Ok(delegation::Actor::new(UserId(user), &delegations, Duty::Approvals, now))
    }
}

/// What is asked for instead, judged as it would be if it were new.
async fn instead(office: &Office, item: &RequestItem, period: &Period) -> Result<Kind, Error> {
    let at = |fault: Fault| Error::Invalid(vec![Fault { pointer: format!("/change{}", fault.pointer), ..fault }]);
    let kind = period.instead_of(&item.item.kind, office.now()).map_err(at)?;
    let entitlement = office.data.entitlement(item.item.entitlement.0).await?;
    let document = office.user(item.item.subject.0).await?;
    if let (Some(entitlement), Some(document), Kind::Grant(wish)) = (entitlement, document, &kind) {
        let limits = entitlement.terms.limits(office.place(item.item.subject.0, &document).contract_end());
        let start = wish.from.unwrap_or_else(|| office.now());
        if let Err(latest) = limits.allow(start, wish.term) {
            return Err(wrong("/change/until", &Flaw::EndAfter(latest)));
        }
    }
    Ok(kind)
}

/// What came of an event.
pub(super) enum Happened {
    /// The item as it is now.
    Changed(Box<RequestItem>),
    /// It does not suit; nothing but its timer has changed.
    Refused(Box<Refusal>),
    /// Another node took the timer up.
    Elsewhere,
}

impl Office {
    /// Lets something happen to an item as it was read, perhaps because a timer says so; [`store::Error::Conflict`] if it is
    /// another by now.
    pub(super) async fn happen(
        &self,
        before: &RequestItem,
        event: Event,
        timer: Option<&Timer>,
    ) -> Result<Happened, Error> {
        let (subject, group) = (before.item.subject.0, before.item.entitlement.0);
        let seen = async { Ok(self.data.entitlement(group).await?) };
        let (document, seen, calendar) = try_join!(self.user(subject), seen, self.calendar())?;
        let place = self.place(subject, &document.unwrap_or_default());
        let candidates = self.candidates(&before.item.scheme, &place, seen.as_ref()).await?;

        let work = self.begin().await?;
        let gives = Self::gives(&work).await?;
        // People before items, and items before groups, as everywhere.
        let person = work.lock_resource(self.people()?, subject).await?;
        let is_subject_active = person.map(|person| person.document()).transpose()?.is_some_and(|one| is_active(&one));
        let held = work.lock_item(before.id).await?.ok_or(Error::Missing("request item"))?;
        if held.version != before.version {
            return Err(Error::Store(store::Error::Conflict));
        }
        if let Some(timer) = timer
            && !work.take_timer(timer).await?
        {
            work.roll_back().await?;
            return Ok(Happened::Elsewhere);
        }
        let groups = work.lock(self.groups()?, [group]).await?;
        let entitlement = work.entitlements_among(&[group]).await?.remove(&group);
        let is_in_use = entitlement.as_ref().is_some_and(|one| one.state == EntitlementState::Active);
        let foreseen = duties::foresee(&work, subject, &[group], self.now()).await?;
        let conflicts = duties::conflicts_of(&foreseen, group);
        let facts = Facts {
            now: self.now(),
            calendar: &calendar,
            candidates: &candidates,
            conflicts: &conflicts,
            is_subject_active,
            is_entitlement_active: is_in_use && !groups.is_empty(),
        };
        let told = event.word();
        let outcome = match before.item.apply(event, &facts) {
            Ok(outcome) => outcome,
            Err(refusal) => {
                // A timer that does not apply any more just goes.
                work.commit().await?;
                return Ok(Happened::Refused(Box::new(refusal)));
            }
        };
        may_give(&outcome.effects, gives, facts.is_entitlement_active)?;
        let ground = Ground {
            work: &work,
            group: groups.first(),
            entitlement: entitlement.as_ref(),
            contract_end: place.contract_end(),
            is_subject_active,
        };
        let mut after = RequestItem { item: outcome.next, ..before.clone() };
        after.grant = self.carry(&ground, &after, &outcome.effects).await?;
        // What changes nobody's rights brings nobody into conflict.
        if outcome.effects.iter().any(|effect| !matches!(effect, Effect::Tell(..))) {
            duties::look_at(&work, &[subject], &self.ids, self.now()).await?;
        }
        let after = work.change_item(before, after, told).await?;
        let tellings: Vec<Telling> = About::item(&after).tellings(&outcome.effects).collect();
        notices::tell(&work, &self.ids, self.now(), &tellings).await?;
        work.commit().await?;
        Ok(Happened::Changed(Box::new(after)))
    }
}

/// Nothing is given while the tenant is suspended, or of what is not in use.
fn may_give(effects: &[Effect], gives: bool, is_in_use: bool) -> Result<(), Error> {
    if !effects.iter().any(|effect| matches!(effect, Effect::Give(_) | Effect::Extend { .. })) {
        return Ok(());
    }
    match (gives, is_in_use) {
        (false, _) => Err(Error::Suspended),
        (true, false) => Err(Error::Conflict(phrase("entitlement-out-of-use").into())),
        (true, true) => Ok(()),
    }
}
