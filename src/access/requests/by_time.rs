//! What happens to requests by itself: approvers are reminded, others may decide as well, what nobody decides ends, what was
//! approved for later begins, and others take on what somebody decided who has left. Time never approves.

use rights::{
    Instant, UserId,
    approval::Candidate,
    delegation::Duty,
    lifecycle::successors,
    request::{Cancellation, Event},
};
use store::{AccessDelegation, Bounds, RequestItem, Timer, TimerKind};
use uuid::Uuid;

use crate::{
    access::{
        office::{Office, again},
        requests::act::{Happened, Trigger},
    },
    administration::Error,
    notices,
    wording::phrase,
};

impl Office {
    /// Does what a timer of a request is for, in transactions of its own. False if another node does it.
    pub(in crate::access) async fn fall_due(&self, timer: &Timer) -> Result<bool, Error> {
        if timer.kind == TimerKind::HandOver {
            return self.hand_over(timer).await;
        }
        let mut attempt = 0;
        loop {
            let result = self.try_fall_due(timer).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_fall_due(&self, timer: &Timer) -> Result<bool, Error> {
        let event = match self.data.request_item(timer.object).await? {
            None => None,
            Some(item) => self.due(&item, timer.kind).await?.map(|event| (item, event)),
        };
        let Some((item, event)) = event else { return self.let_go(timer).await };
        Ok(!matches!(self.happen(&item, event, Trigger::Timer(timer)).await?, Happened::Elsewhere))
    }

    /// What is to happen to an item.
    async fn due(&self, item: &RequestItem, kind: TimerKind) -> Result<Option<Event>, Error> {
        Ok(match kind {
            TimerKind::ItemRemind => Some(Event::Remind),
            TimerKind::ItemEscalate => Some(Event::Escalate),
            TimerKind::ItemExpire => Some(Event::Expire),
            TimerKind::ItemStart => self.beginning(item).await?,
            _ => None,
        })
    }

    /// What was approved for later begins with its grant, or has come to nothing with it.
    async fn beginning(&self, item: &RequestItem) -> Result<Option<Event>, Error> {
        let Some(grant) = item.grant else { return Ok(None) };
        let grant = self.data.grant(grant, &Bounds::none()).await?.map(|grant| grant.grant);
        Ok(match grant {
            Some(grant) if grant.state == rights::grant::State::Scheduled => {
                // It is put off until the grant has begun.
                return Err(Error::Conflict(phrase("grant-not-begun").into()));
            }
            Some(grant) if grant.activated.is_some() || !grant.state.is_final() => Some(Event::Start),
            _ => Some(Event::Cancel(Cancellation::StartFailed)),
        })
    }

    /// Takes a timer away that is about nothing any more.
    pub(in crate::access) async fn let_go(&self, timer: &Timer) -> Result<bool, Error> {
        let work = self.begin().await?;
        let taken = work.take_timer(timer).await?;
        work.commit().await?;
        Ok(taken)
    }

    /// Gives what somebody decided who has left, or is away for long, to somebody else; of who has left it ends delegations.
    async fn hand_over(&self, timer: &Timer) -> Result<bool, Error> {
        let person = timer.object;
        if !self.data.active_among(&[person]).await?.is_empty() {
            // They are back.
            return self.let_go(timer).await;
        }
        let heirs = self.heirs(person, Duty::Approvals).await?;
        let mut after = None;
        loop {
            let items = self.data.items_waiting_behind(person, after).await?;
            let Some(last) = items.last() else { break };
            after = Some(*last);
            for item in items {
                self.hand_item_over(item, person, &heirs).await?;
            }
        }
        // Whom an administrator has suspended comes back: what is said of them, and who stands in for them, stays.
        let has_left = self.data.suspension(person).await?.is_none();
        if has_left {
            self.leave_reviews_out(person).await?;
        }
        self.hand_reviews_over(person).await?;
        let tellings = self.news_of_owners(person, Instant::from_millis(timer.due)).await?;
        let work = self.begin().await?;
        let theirs = if has_left { work.delegations_not_over(&[person]).await? } else { Vec::new() };
        for one in theirs {
            if let Ok(ended) = one.delegation.cancel(self.now()) {
                work.end_delegation(&AccessDelegation { delegation: ended, ..one }).await?;
            }
        }
        notices::tell(&work, &self.ids, self.now(), &tellings).await?;
        let taken = work.take_timer(timer).await?;
        work.commit().await?;
        Ok(taken)
    }

    /// Whom the stage names now decides, as about whatever is asked for from now on; else whoever follows, or leads where it is used.
    async fn hand_item_over(&self, id: Uuid, from: Uuid, heirs: &[Uuid]) -> Result<(), Error> {
        let mut attempt = 0;
        loop {
            let Some(item) = self.data.request_item(id).await? else { return Ok(()) };
            let head = self.head_of(item.item.subject.0).await?;
            let line = heirs.iter().copied().chain(head).map(UserId).collect();
            let event = Event::HandOver { from: UserId(from), line };
            let result = self.happen(&item, event, Trigger::HandOver).await;
            if !again(&result, &mut attempt) {
                return result.map(drop);
            }
        }
    }

    /// Who leads where somebody works.
    pub(in crate::access) async fn head_of(&self, person: Uuid) -> Result<Option<Uuid>, Error> {
        match self.user(person).await? {
            Some(document) => self.head(&self.place(person, &document)).await,
            None => Ok(None),
        }
    }

    /// Who takes on a duty of somebody.
    pub(in crate::access) async fn heir(&self, person: Uuid, duty: Duty) -> Result<Option<Uuid>, Error> {
        Ok(self.heirs(person, duty).await?.into_iter().next())
    }

    /// Those who could take on a duty of somebody, the first one first: whoever stands in for them, their managers, and who leads where
    /// they worked.
    async fn heirs(&self, person: Uuid, duty: Duty) -> Result<Vec<Uuid>, Error> {
        let now: Instant = self.now();
        let delegations = self.data.delegations_in_force(&[person], now.millis()).await?;
        let theirs = delegations.iter().filter(|one| one.delegator.0 == person && one.covers(duty, now));
        let mut line: Vec<Uuid> = theirs.map(|one| one.delegate.0).collect();
        if let Some(document) = self.user(person).await? {
            let place = self.place(person, &document);
            line.extend(self.manager(&place, 1).await?);
            line.extend(self.manager(&place, 2).await?);
            line.extend(self.head(&place).await?);
        }
        let active = self.data.active_among(&line).await?;
        let candidate = |id: Uuid| Candidate { user: UserId(id), is_active: active.contains(&id) };
        let line = line.into_iter().map(candidate);
        Ok(successors(UserId(person), line).map(|user| user.0).collect())
    }
}
