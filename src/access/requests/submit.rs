//! Asking: what somebody wants is judged whole, and then is there whole, or not at all.

use std::collections::BTreeMap;

use rights::{
    Effect, EntitlementId, UserId, calendar,
    grant::{self, Source},
    lifecycle::Standing,
    request::{Ask, Facts, Flaw, Item, Kind, Overall, Rejection, State, Submission, check},
    sod::{Conflict, Mode},
};
use store::{AccessRequest, EntitlementState, RequestItem, RequestNumber, RequestTexts, Stored, Work};
use time::Duration;
use tokio::try_join;
use uuid::Uuid;

use crate::{
    access::{
        Access,
        office::{Office, again, twin},
        requests::{
            carry::Ground,
            prepare::{Preparation, Prepared},
            records::RequestRecord,
            show::{Deputies, show_request},
            wish::{ItemKind, NewItem, NewRequest},
        },
    },
    administration::{self, Error, Fault},
    lifecycle::duties,
    notices::{self, About, Telling},
    wording::phrase,
};

/// What came of judging a request.
struct Judged {
    request: AccessRequest,
    items: Vec<RequestItem>,
    /// Who hears of it.
    tellings: Vec<Telling>,
}

impl Access {
    /// Asks for something, or shows what would come of it.
    pub async fn submit(&self, new: &NewRequest, dry: bool) -> Result<RequestRecord, Error> {
        administration::check(new)?;
        let office = self.office();
        let mut attempt = 0;
        loop {
            let result = self.try_submit(&office, new, dry, attempt).await;
            if !again(&result, &mut attempt) {
                let (request, items, deputies) = result?;
                return Ok(show_request(request, items, &deputies, dry));
            }
        }
    }

    async fn try_submit(
        &self,
        office: &Office,
        new: &NewRequest,
        dry: bool,
        attempt: u32,
    ) -> Result<(AccessRequest, Vec<RequestItem>, Deputies), Error> {
        let prepared = self.prepare(office, new, dry).await?;
        let work = match office.at_once(attempt).filter(|_| prepared.is_decided_later()) {
            Some(work) => work,
            None => office.begin().await?,
        };
        work.remember_settings(prepared.profile.settings.clone());
        let id = office.ids.next();
        let gives = async { if dry { Office::gives(&work).await } else { Office::gives_at_last(&work).await } };
        let (gives, judged) = try_join!(gives, self.judge(office, &work, new, &prepared, id))?;
        if !gives && new.items.iter().any(|item| item.kind != ItemKind::Revoke) {
            return Err(Error::Suspended);
        }
        let Judged { request, items, tellings } = judged;
        if dry {
            work.roll_back().await?;
            let deputies = office.deputies_of(&items).await?;
            return Ok((request, items, deputies));
        }
        // Whoever holds a connection must not wait for another one.
        let deputies = async { if work.is_at_once() { Ok(Some(office.deputies_of(&items).await?)) } else { Ok(None) } };
        let year = calendar::local(office.now()).0.year();
        let created = async { work.create_request(year, request, &items).await.map_err(twin) };
        let told = async { Ok(notices::tell(&work, &office.ids, office.now(), &tellings).await?) };
        let (request, (), deputies) = try_join!(created, told, deputies)?;
        notices::tell_of_losses(&work, &office.ids, office.now()).await?;
        work.commit().await.map_err(twin)?;
        let deputies = match deputies {
            Some(deputies) => deputies,
            None => office.deputies_of(&items).await?,
        };
        Ok((request, items, deputies))
    }

    /// The groups of what is asked for, held. Fails if an entitlement is no longer what it was when it was looked at; whoever changes
    /// one holds its group. What is written at once rests on the entitlements alone.
    async fn hold_groups(
        &self,
        office: &Office,
        work: &Work,
        prepared: &Preparation<'_>,
    ) -> Result<BTreeMap<Uuid, Stored>, Error> {
        let groups = if work.is_at_once() {
            Vec::new()
        } else {
            work.lock(office.groups()?, prepared.items.iter().filter_map(|item| item.group)).await?
        };
        for entitlement in prepared.items.iter().filter_map(|item| item.entitlement.as_ref()) {
            work.rest_on_entitlement(entitlement).await?;
        }
        Ok(groups.into_iter().map(|group| (group.id, group)).collect())
    }

    /// Judges all items, and makes them. What is granted at once is granted.
    async fn judge(
        &self,
        office: &Office,
        work: &Work,
        new: &NewRequest,
        prepared: &Preparation<'_>,
        id: Uuid,
    ) -> Result<Judged, Error> {
        let subject = prepared.place.user;
        // People before groups, as everywhere, and each in the order of ids.
        let mut people: Vec<&Stored> = prepared.asker.iter().chain([&prepared.person]).collect();
        people.sort_unstable_by_key(|person| person.id);
        for person in people {
            office.hold_person(work, person).await?;
        }
        let is_subject_active = prepared.is_active;
        let groups = self.hold_groups(office, work, prepared).await?;
        let calendar = prepared.profile.settings.working_time.calendar();
        let mut faults = prepared.faults.clone();
        let mut wishes = Vec::new();
        for (at, item) in prepared.items.iter().enumerate() {
            match judge_one(office, work, new, prepared, item).await? {
                Ok(kind) => wishes.push((at, item, kind)),
                Err(wrong) => faults.extend(wrong.into_iter().map(|fault| placed(at, fault))),
            }
        }
        if !faults.is_empty() {
            faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
            faults.dedup();
            return Err(Error::Invalid(faults));
        }
        let wanted: Vec<Uuid> = wishes
            .iter()
            .filter(|(_, _, kind)| matches!(kind, Kind::Grant(_)))
            .filter_map(|(_, item, _)| Some(item.entitlement.as_ref()?.group))
            .collect();
        let rules = office.duties(work, prepared.profile.version).await?;
        let foreseen = duties::foresee(work, &rules, subject, &wanted, office.now()).await?;
        let (mut items, mut tellings) = (Vec::with_capacity(wishes.len()), Vec::new());
        let mut is_done = false;
        for (at, item, kind) in wishes {
            let Some(entitlement) = &item.entitlement else { continue };
            let submission = Submission {
                kind,
                requester: UserId(prepared.requester),
                subject: UserId(subject),
                entitlement: EntitlementId(entitlement.group),
                risk: entitlement.risk,
                scheme: item.scheme.clone(),
            };
            let conflicts = duties::conflicts_of(&foreseen, entitlement.group);
            let contract_end = prepared.place.contract_end();
            let limits = entitlement.terms.limits(contract_end);
            let facts = Facts {
                now: office.now(),
                calendar: &calendar,
                candidates: &item.candidates,
                conflicts: &conflicts,
                is_subject_active,
                is_entitlement_active: true,
                limits: &limits,
            };
            let outcome = Item::submit(submission, &facts);
            if let Some(rules) = lacks_exception(&outcome.next, &conflicts) {
                let reason = phrase("needs-exception").with("rules", rules);
                faults.push(placed(at, Fault::new("/items/entitlement", reason)));
                continue;
            }
            let ground = Ground {
                work,
                group: groups.get(&entitlement.group),
                entitlement: Some(entitlement),
                contract_end,
                is_subject_active,
                comment: new.justification.as_deref().map(str::trim).filter(|_| item.wish.kind == ItemKind::Revoke),
            };
            let does = outcome.effects.iter().any(|effect| !matches!(effect, Effect::Tell(..)));
            if does && work.is_at_once() {
                // Stages that are all passed over: to give something takes its group, held.
                return Err(Error::Store(store::Error::Conflict));
            }
            is_done |= does;
            let grant = item.wish.grant;
            let mut made = RequestItem { id: office.ids.next(), request: id, item: outcome.next, grant, version: 1 };
            made.grant = office.carry(&ground, &made, &outcome.effects).await?;
            tellings.extend(About::item(&made).tellings(&outcome.effects));
            items.push(made);
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        if is_done {
            duties::look_at(work, &[subject], &office.ids, office.now()).await?;
        }
        let texts = RequestTexts {
            justification: new.justification.as_deref().map(|text| text.trim().to_owned()),
            legal_basis: new.legal_basis.as_deref().map(|text| text.trim().to_owned()),
        };
        let request = AccessRequest {
            id,
            number: RequestNumber::default(),
            requester: prepared.requester,
            subject,
            state: Overall::of(items.iter().map(|one| &one.item.state)),
            created: office.clock.now(),
            texts,
        };
        Ok(Judged { request, items, tellings })
    }
}

/// The rules whose exception something lacks that nobody decides about: it cannot wait for one, as what is decided does.
fn lacks_exception(item: &Item, conflicts: &[Conflict]) -> Option<String> {
    let State::Rejected(Rejection::Conflict(rules)) = &item.state else { return None };
    if conflicts.iter().any(|conflict| conflict.blocks() && conflict.mode == Mode::Block) {
        return None;
    }
    Some(rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

/// Judges one item. All that is wrong with it, or what is asked for.
async fn judge_one(
    office: &Office,
    work: &Work,
    new: &NewRequest,
    prepared: &Preparation<'_>,
    item: &Prepared<'_>,
) -> Result<Result<Kind, Vec<Fault>>, Error> {
    let (Some(entitlement), subject) = (&item.entitlement, prepared.place.user) else { return Ok(Err(Vec::new())) };
    let now = office.now();
    let proposed = entitlement.terms.duration.proposed.map(Duration::seconds);
    let kind = match (item.wish.kind, item.wish.grant) {
        (ItemKind::Grant, _) => item.wish.period().wish(proposed, now).map(Kind::Grant),
        (_, Some(grant)) => item.wish.of_grant(grant, item.relation),
        (_, None) => return Ok(Err(Vec::new())),
    };
    let kind = match kind {
        Ok(kind) => kind,
        Err(fault) => return Ok(Err(vec![Fault { pointer: format!("/items{}", fault.pointer), ..fault }])),
    };
    let (live, has_twin) = if prepared.is_new_at_once(work) {
        // Who has it already, or has asked, is found when it is written.
        work.rest_on_no_grant(entitlement.group, subject);
        (Vec::new(), false)
    } else {
        let them = [subject];
        let twin = work.is_asked_for(subject, entitlement.group, item.wish.kind.word());
        try_join!(work.live_grants(entitlement.group, &them), twin)?
    };
    let spoken_of = match item.wish.grant {
        // One of theirs that is not among them has ended.
        Some(id) => match live.into_iter().find(|grant| grant.id == id) {
            None => work.grant(id).await?.filter(|grant| grant.grant.user.0 == subject),
            found => found,
        },
        None => live.into_iter().find(|grant| grant.grant.source == Source::Request),
    };
    let mut has_prerequisites = true;
    for needed in &entitlement.terms.prerequisites {
        let held = work.live_grants(*needed, &[subject]).await?;
        has_prerequisites &= grant::is_member(held.iter().map(|held| &held.grant));
    }
    let limits = entitlement.terms.limits(prepared.place.contract_end());
    let standing = if prepared.is_active { Standing::Active } else { Standing::Suspended };
    let ask = Ask {
        now,
        kind: &kind,
        justification: new.justification.as_deref(),
        legal_basis: new.legal_basis.as_deref(),
        relation: item.relation,
        standing: &standing,
        risk: entitlement.risk,
        limits: &limits,
        is_active: entitlement.state == EntitlementState::Active && item.is_application_active,
        is_requestable: entitlement.terms.requestable,
        is_offered: item.includes,
        is_offered_then: item.includes_then,
        needs_justification: entitlement.terms.needs_justification,
        needs_legal_basis: entitlement.terms.needs_legal_basis,
        has_prerequisites,
        has_twin,
        grant: spoken_of.as_ref().map(|grant| &grant.grant),
    };
    Ok(match check(&ask) {
        Ok(()) => Ok(kind),
        Err(flaws) => Err(flaws.iter().map(|flaw| told(flaw, item.wish)).collect()),
    })
}

/// A fault by the name of the field that brought it; what belongs to an item begins with `/items`.
fn told(flaw: &Flaw, wish: &NewItem) -> Fault {
    let pointer = match flaw.field() {
        field @ ("subject" | "justification" | "legalBasis") => format!("/{field}"),
        "until" if wish.days.is_some() => "/items/days".to_owned(),
        "entitlement" if wish.entitlement.is_none() => "/items/grant".to_owned(),
        field => format!("/items/{field}"),
    };
    Fault::new(pointer, flaw)
}

/// The fault of the item at that place.
fn placed(at: usize, fault: Fault) -> Fault {
    match fault.pointer.strip_prefix("/items") {
        Some(field) => Fault { pointer: format!("/items/{at}{field}"), ..fault },
        None => fault,
    }
}
