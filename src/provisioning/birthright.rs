//! People as birthright rules see them: who begins, comes back or works elsewhere has at once what rules say.

use rights::Instant;
use scim::{Document, employment, schema::ResourceType};
use store::Work;
use uuid::Uuid;

use crate::{
    lifecycle::{
        birthright::{Followed, Person, World, follow, today},
        moves,
    },
    provisioning::Directory,
};

impl Directory {
    /// Lets a user have what rules say, if what was written can matter to them: the document before, if there was one, and the
    /// one that is written. Where a tenant has no rules, this costs nothing but for a look at what people hold who move.
    pub(super) async fn follow_person(
        &self,
        work: &Work,
        kind: &ResourceType,
        user: Uuid,
        (before, after): (Option<&Document>, &Document),
    ) -> Result<Followed, store::Error> {
        if kind.member_of.is_none() {
            return Ok(Followed::default());
        }
        let person = Person::of(user, after);
        let Some(before) = before else { return self.follow_one(work, &person).await };
        let was = Person::of(user, before);
        // Who has left keeps nothing that rules give, and is looked at when they come back.
        let matters = person.is_active && (!was.is_active || employment::may_differ(before, after));
        if !matters {
            let mut followed = Followed::default();
            // Who is suspended comes back to what they had asked for: a move of theirs is looked at as well.
            let is_away = !was.is_active && !person.is_active;
            if is_away && employment::may_differ(before, after) && work.suspension(user).await?.is_some() {
                followed.to_review = self.review_move(work, &was, &person).await?;
            }
            return Ok(followed);
        }
        let mut followed = self.follow_one(work, &person).await?;
        if was.is_active {
            followed.to_review = self.review_move(work, &was, &person).await?;
        }
        Ok(followed)
    }

    /// Lets their managers look at what somebody had asked for who has moved. Says what that is.
    async fn review_move(&self, work: &Work, was: &Person, person: &Person) -> Result<Vec<Uuid>, store::Error> {
        let (today, calendar) = (today(self.now()), self.service.settings.working_time.calendar());
        moves::follow(work, (was, today), (person, today), (&calendar, &self.ids, self.now())).await
    }

    async fn follow_one(&self, work: &Work, person: &Person) -> Result<Followed, store::Error> {
        let rules = &self.service.rules;
        if rules.birthright.is_empty() {
            return Ok(Followed::default());
        }
        let world = World {
            catalog: &self.catalog,
            birthright: &rules.birthright,
            sod: &rules.sod,
            gives: !self.suspended,
            ids: &self.ids,
            now: self.now(),
        };
        follow(work, &world, std::slice::from_ref(person)).await
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_millis(self.clock.now())
    }
}
