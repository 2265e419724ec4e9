//! What people do with an item: they decide, ask, answer, hand on and take back.

use rights::{
    Assurance, Effect, Instant, Refusal, UserId,
    approval::{Ballot, Candidates, Decision},
    delegation,
    request::{Event, Facts, Flaw, Kind, State},
};
use serde::Deserialize;
use store::{Entitlement, EntitlementState, Profile, RequestItem, Stored, Timer, Work};
use time::Duration;
use tokio::try_join;
use uuid::Uuid;
use validator::Validate;

use crate::{
    access::{
        Access,
        office::{Office, Place, again, is_active, twin},
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
    Vote { vote: &'a NewVote, until: Option<Instant> },
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
        self.act(id, Some(versions), &Wish::Vote { vote, until }).await
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
            let (before, sees) = sight.visible_item(id).await?;
            administration::meant(versions, before.version)?;
            let stands_in_for = sees.into_iter().flat_map(|sees| sees.stands_in_for).map(UserId).collect();
            let actor = delegation::Actor { user: UserId(self.actor.user), stands_in_for };
            let event = event(&office, &before, wish, (actor, self.actor.surely)).await?;
            let result = office.happen(&before, event, Trigger::Person { attempt }).await;
            if !again(&result, &mut attempt) {
                return match result? {
                    Happened::Changed(item) => office.show_item(*item).await,
                    Happened::Refused(refusal) => Err(refused(&refusal, wish.field())),
                    Happened::Elsewhere => Err(Error::Store(store::Error::Conflict)),
                };
            }
        }
    }
}

/// What somebody wants, as the rules know it: they stand in for others, and are known so surely.
async fn event(
    office: &Office,
    item: &RequestItem,
    wish: &Wish<'_>,
    (actor, surely): (delegation::Actor, Assurance),
) -> Result<Event, Error> {
    let by = actor.user;
    Ok(match wish {
        Wish::Vote { vote, until } => Event::Vote(Ballot {
            actor,
            on_behalf_of: vote.on_behalf_of.map(UserId),
            decision: vote.decision,
            comment: vote.comment.as_deref().map(|text| text.trim().to_owned()),
            assurance: Some(surely),
            until: *until,
        }),
        Wish::Ask(new) => Event::Ask { actor, question: new.question.trim().to_owned() },
        Wish::Answer(text) => Event::Answer { by, text: (*text).to_owned() },
        Wish::Amend(period) => Event::Amend { by, kind: instead(office, item, period).await? },
        Wish::Reassign { wish, is_active } => {
            let waiting = item.item.waiting_for();
            let mut own = std::iter::once(by).chain(actor.stands_in_for.iter().copied());
            let seat = own.find(|person| waiting.contains(person)).unwrap_or(by);
            let (from, to) = (wish.from.map_or(seat, UserId), UserId(wish.to));
            Event::Reassign { actor, from, to, is_active: *is_active, reason: wish.reason.trim().to_owned() }
        }
        Wish::Withdraw => Event::Withdraw { by },
    })
}

/// What is asked for instead, judged as it would be if it were new.
async fn instead(office: &Office, item: &RequestItem, period: &Period) -> Result<Kind, Error> {
    let at = |fault: Fault| Error::Invalid(vec![Fault { pointer: format!("/change{}", fault.pointer), ..fault }]);
    let entitlement = office.data.entitlement(item.item.entitlement.0).await?;
    let proposed = entitlement.as_ref().and_then(|known| known.terms.duration.proposed).map(Duration::seconds);
    let kind = period.instead_of(&item.item.kind, proposed, office.now()).map_err(at)?;
    let document = office.user(item.item.subject.0).await?;
    if let (Some(entitlement), Some(document), Kind::Grant(wish)) = (entitlement, document, &kind) {
        let limits = entitlement.terms.limits(office.place(item.item.subject.0, &document).contract_end());
        let start = wish.from.unwrap_or_else(|| office.now());
        if let (true, false) = office.includes(&entitlement, item.item.subject.0, wish.from).await? {
            return Err(wrong("/change/from", &Flaw::NotOfferedThen));
        }
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
    /// It does not suit, or comes too late.
    Refused(Box<Refusal>),
    /// Another node took the timer up.
    Elsewhere,
}

/// Why something happens to an item.
#[derive(Clone, Copy)]
pub(super) enum Trigger<'a> {
    /// A person wants it, so many attempts ago.
    Person {
        /// How often it was tried in vain.
        attempt: u32,
    },
    /// Others take on what somebody decided.
    HandOver,
    /// A timer says so.
    Timer(&'a Timer),
}

/// What is known of an item's world before anything is held.
struct Scene {
    person: Option<Stored>,
    is_subject_active: bool,
    place: Place,
    entitlement: Option<Entitlement>,
    /// The group, where it is not read again when it is held.
    group: Option<Stored>,
    profile: Profile,
    candidates: Candidates,
}

impl Office {
    async fn scene(&self, item: &RequestItem, event: &Event, at_once: bool) -> Result<Scene, Error> {
        let (subject, group) = (item.item.subject.0, item.item.entitlement.0);
        let entitlement = async { Ok(self.data.entitlement(group).await?) };
        // What is remembered will do for what rests on it that it still holds.
        let profile = async { if at_once { Ok(self.service.profile()) } else { Ok(self.data.profile().await?) } };
        let found = async { if at_once { Ok(self.data.find(self.groups()?, group, false).await?) } else { Ok(None) } };
        let (person, entitlement, profile, group) = try_join!(self.person(subject), entitlement, profile, found)?;
        let document = person.as_ref().map(Stored::document).transpose()?;
        let is_subject_active = document.as_ref().is_some_and(is_active);
        let place = self.place(subject, &document.unwrap_or_default());
        // Behind the last stage nobody else is asked.
        let is_last = matches!(event, Event::Vote(_)) && !item.item.has_stages_ahead();
        let candidates = if is_last {
            Candidates::none()
        } else {
            self.candidates(&item.item.scheme, &place, entitlement.as_ref()).await?
        };
        Ok(Scene { person, is_subject_active, place, entitlement, group, profile, candidates })
    }

    /// Holds an item as it was read with whom and what it is for, or rests on them. The group, if it is still there.
    async fn hold(&self, work: &Work, before: &RequestItem, scene: &Scene) -> Result<Option<Stored>, Error> {
        // People before items, and items before groups, as everywhere.
        match &scene.person {
            Some(person) => self.hold_person(work, person).await?,
            None if work.lock_resource(self.people()?, before.item.subject.0).await?.is_some() => {
                return Err(Error::Store(store::Error::Conflict));
            }
            None => {}
        }
        work.hold_item(before).await?;
        if work.is_at_once() {
            // Read before anything is that may change with it: its version says whether somebody has.
            return Ok(scene.group.clone());
        }
        let group = work.lock(self.groups()?, [before.item.entitlement.0]).await?.pop();
        if let Some(entitlement) = &scene.entitlement {
            work.rest_on_entitlement(entitlement).await?;
        }
        Ok(group)
    }

    /// Lets something happen to an item as it was read; [`store::Error::Conflict`] if it is another by now.
    pub(super) async fn happen(
        &self,
        before: &RequestItem,
        event: Event,
        trigger: Trigger<'_>,
    ) -> Result<Happened, Error> {
        let (subject, group) = (before.item.subject.0, before.item.entitlement.0);
        let at_once = match trigger {
            // A grant is held by its group.
            Trigger::Person { attempt } if before.grant.is_none() => self.at_once(attempt),
            _ => None,
        };
        let scene = self.scene(before, &event, at_once.is_some()).await?;
        let work = match at_once {
            Some(work) if scene.person.is_some() && scene.entitlement.is_some() => work,
            _ => self.begin().await?,
        };
        work.remember_settings(scene.profile.settings.clone());
        let (gives, held) = try_join!(Self::gives_at_last(&work), self.hold(&work, before, &scene))?;
        let entitlement = scene.entitlement.as_ref();
        if let Trigger::Timer(timer) = trigger
            && !work.take_timer(timer).await?
        {
            work.roll_back().await?;
            return Ok(Happened::Elsewhere);
        }
        let is_in_use = entitlement.is_some_and(|one| one.state == EntitlementState::Active);
        let rules = self.duties(&work, scene.profile.version).await?;
        let foreseen = duties::foresee(&work, &rules, subject, &[group], self.now()).await?;
        let conflicts = duties::conflicts_of(&foreseen, group);
        let contract_end = scene.place.contract_end();
        let limits = entitlement.map(|known| known.terms.limits(contract_end)).unwrap_or_default();
        let facts = Facts {
            now: self.now(),
            calendar: &scene.profile.settings.working_time.calendar(),
            candidates: &scene.candidates,
            conflicts: &conflicts,
            is_subject_active: scene.is_subject_active,
            is_entitlement_active: is_in_use && held.is_some(),
            limits: &limits,
        };
        let (event, late) = overtaken(&work, before, event).await?;
        let name = event.word();
        let outcome = match before.item.apply(event, &facts) {
            Ok(outcome) => outcome,
            Err(refusal) => {
                // A timer that does not apply any more just goes.
                work.commit().await?;
                return Ok(Happened::Refused(Box::new(refusal)));
            }
        };
        may_give(&before.item.state, &outcome.effects, gives, facts.is_entitlement_active)?;
        let ground = Ground {
            work: &work,
            group: held.as_ref(),
            entitlement,
            contract_end,
            is_subject_active: scene.is_subject_active,
            comment: None,
        };
        let gives_something = outcome.effects.iter().any(|effect| matches!(effect, Effect::Give(_)));
        if work.is_at_once() {
            work.rest_on_profile(scene.profile.version);
        } else if gives_something && !work.is_current(scene.profile.version).await? {
            // There are other rules than those that it was judged by.
            return Err(Error::Store(store::Error::Conflict));
        }
        let mut after = RequestItem { item: outcome.next, version: before.version + 1, ..before.clone() };
        let matters = async { Ok(duties::matter(&work, &rules, &outcome.effects, group).await?) };
        let tellings: Vec<Telling> = About::item(&after).tellings(&outcome.effects).collect();
        let told = async { Ok(notices::tell(&work, &self.ids, self.now(), &tellings).await?) };
        let (grant, matters, ()) = try_join!(self.carry(&ground, &after, &outcome.effects), matters, told)?;
        after.grant = grant;
        if matters {
            duties::look_at(&work, &[subject], &self.ids, self.now()).await?;
        }
        work.change_item(before, &after, name).await?;
        notices::tell_of_losses(&work, &self.ids, self.now()).await?;
        if let (true, Some(entitlement)) = (work.is_at_once(), entitlement) {
            // Behind its group, as everywhere.
            work.rest_on_entitlement(entitlement).await?;
        }
        work.commit().await.map_err(twin)?;
        match late.map(|late| after.item.apply(late, &facts)) {
            Some(Err(refusal)) => Ok(Happened::Refused(Box::new(refusal))),
            _ => Ok(Happened::Changed(Box::new(after))),
        }
    }
}

/// What happens to an item that is held with its group: where its grant has ended meanwhile it comes to nothing, and what was to happen
/// comes too late.
async fn overtaken(work: &Work, item: &RequestItem, event: Event) -> Result<(Event, Option<Event>), Error> {
    let Some(grant) = item.grant else { return Ok((event, None)) };
    let fallen = work.grant(grant).await?.and_then(|grant| item.item.falls_with(&grant.grant));
    Ok(match fallen {
        Some(why) if !matches!(event, Event::Withdraw { .. } | Event::Cancel(_)) => (Event::Cancel(why), Some(event)),
        _ => (event, None),
    })
}

/// Nothing is given while the tenant is suspended, or of what is not in use.
fn may_give(state: &State, effects: &[Effect], gives: bool, is_in_use: bool) -> Result<(), Error> {
    if !effects.iter().any(|effect| matches!(effect, Effect::Give(_) | Effect::Extend { .. })) {
        return Ok(());
    }
    match (gives, is_in_use) {
        (false, _) => Err(Error::Suspended),
        (true, false) => Err(Error::State {
            text: phrase("entitlement-out-of-use").into(),
            state: state.word(),
            possible: state.possible(),
        }),
        (true, true) => Ok(()),
    }
}
