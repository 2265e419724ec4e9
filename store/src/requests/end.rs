//! What comes to nothing because somebody leaves, or an entitlement is not in use any more.

use std::collections::HashMap;

use rights::{
    Instant,
    approval::Candidates,
    calendar::Calendar,
    grant::{Grant, Limits},
    request::{Cancellation, Event, Facts, State},
};
use sea_orm::Statement;
use uuid::Uuid;

use crate::{AccessGrant, Error, Gone, RequestItem, Ties, TimerKind, Work, resources::ROWS_PER_STATEMENT};

impl Work {
    /// Lets what somebody has asked for, or what was asked for them, come to nothing, because they have left. The person must be held.
    pub async fn leave_requests(&self, person: Uuid, ties: &Ties) -> Result<(), Error> {
        if !ties.asks {
            return Ok(());
        }
        let mut after = None;
        loop {
            let items = self.lock_open_items_of(person, after).await?;
            let Some(last) = items.last() else { return Ok(()) };
            after = Some(last.id);
            for item in items.iter().filter(|item| is_lost(item, person)) {
                self.cancel_item(item, Cancellation::SubjectLeft).await?;
            }
        }
    }

    /// Lets others take on what somebody decides who is away. The person must be held.
    pub async fn hand_duties_over(&self, person: Uuid, ties: &Ties) -> Result<(), Error> {
        if !ties.decides {
            return Ok(());
        }
        let now = Instant::from_millis(self.now);
        self.set_timers(person, &[TimerKind::HandOver], &[(TimerKind::HandOver, now)]).await
    }

    /// Lets what is asked for of a group and not decided come to nothing, because it is not in use any more. What begins later
    /// finds that out when it does.
    pub async fn retire_requests(&self, group: Uuid) -> Result<(), Error> {
        self.retire(group, |item| !matches!(item.item.state, State::Scheduled { .. })).await
    }

    /// The same of a group that is about to go, and of what begins later, too: its grants end with the group.
    pub async fn drop_requests(&self, group: Uuid) -> Result<(), Error> {
        self.retire(group, |_| true).await
    }

    async fn retire(&self, group: Uuid, these: fn(&RequestItem) -> bool) -> Result<(), Error> {
        let mut after = None;
        loop {
            let items = self.lock_open_items_for(group, after).await?;
            let Some(last) = items.last() else { return Ok(()) };
            after = Some(last.id);
            for item in items.iter().filter(|item| these(item)) {
                self.cancel_item(item, Cancellation::Retired).await?;
            }
        }
    }

    /// Whether something is asked for of a group that [`Work::retire_requests`] would let come to nothing: who holds the group, or its
    /// entitlement, sees what was asked for before they held it.
    pub async fn has_open_requests(&self, group: Uuid) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM request_item WHERE tenant_id = $1 AND group_id = $2 AND ended IS NULL \
             AND state <> 'scheduled' LIMIT 1";
        let look = Statement::from_sql_and_values(self.backend(), sql, [self.tenant.0.into(), group.into()]);
        Ok(self.transaction.row(look, |_| Ok(())).await?.is_some())
    }

    /// Lets what is asked for of grants that have just ended come to nothing, and what was to begin with them, but for an item by
    /// which they end. Their group is held, and items come before groups: nobody waits for an item here. Whoever holds one waits for
    /// the group and finds out then, or will when it is decided.
    pub(crate) async fn end_requests_about(
        &self,
        group: Uuid,
        grants: &[AccessGrant],
        but: Option<Uuid>,
    ) -> Result<(), Error> {
        let ended: HashMap<Uuid, &Grant> =
            grants.iter().filter(|grant| grant.grant.state.is_final()).map(|grant| (grant.id, &grant.grant)).collect();
        let ids: Vec<Uuid> = ended.keys().copied().collect();
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            for item in self.open_items_about(group, ids).await?.iter().filter(|item| Some(item.id) != but) {
                let grant = item.grant.and_then(|grant| ended.get(&grant));
                match grant.and_then(|grant| item.item.falls_with(grant)) {
                    // That takes more than one statement.
                    Some(_) if self.is_at_once() => return Err(Error::Conflict),
                    Some(why) => self.cancel_item(item, why).await?,
                    None => {}
                }
            }
        }
        Ok(())
    }

    async fn cancel_item(&self, item: &RequestItem, why: Cancellation) -> Result<(), Error> {
        let facts = Facts {
            now: Instant::from_millis(self.now),
            calendar: &Calendar::latvian(),
            candidates: &Candidates::none(),
            conflicts: &[],
            is_subject_active: false,
            is_entitlement_active: false,
            limits: &Limits::default(),
        };
        // What has ended is not among the open ones; the grant of somebody who leaves is looked after with their others.
        if let Ok(outcome) = item.item.apply(Event::Cancel(why), &facts) {
            let after = RequestItem { item: outcome.next, version: item.version + 1, ..item.clone() };
            self.change_item(item, &after, "cancel").await?;
            self.note_gone([Gone::Item(Box::new(after), outcome.effects)]);
        }
        Ok(())
    }
}

/// Whether an item has no purpose without somebody: what was approved for another begins all the same.
fn is_lost(item: &RequestItem, person: Uuid) -> bool {
    item.item.subject.0 == person || !matches!(item.item.state, State::Scheduled { .. })
}
