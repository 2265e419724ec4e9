//! Reading reviews, as far as whoever looks may: an administrator everything, a person what they review
//! and the part that they look after.

use rights::delegation::Duty;
use store::{ItemFilter, ReviewItem, Reviews};
use uuid::Uuid;

use crate::{
    access::{
        Access, Sight, Viewer,
        reviews::{
            records::{ReviewItemRecord, ReviewRecord},
            show::show_review,
        },
    },
    administration::{Error, Slice},
};

impl Access {
    /// Items behind that one that wait for the person, or for somebody for whom they stand in.
    pub async fn to_review(&self, after: Option<Uuid>, limit: u64) -> Result<Slice<ReviewItemRecord>, Error> {
        let filter = ItemFilter { state: Some("open"), active: true, ..ItemFilter::default() };
        let sight = self.sight();
        let sees = sight.reviews_seen().await?;
        sight.review_items(&filter, sees.as_ref(), after, limit).await
    }
}

impl Sight {
    /// Reviews behind that one, the oldest first.
    pub async fn reviews(
        &self,
        state: Option<&'static str>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ReviewRecord>, Error> {
        let sees = self.reviews_overseen().await?;
        let found = Slice::of(self.data.reviews(state, sees.as_ref(), after, limit + 1).await?, limit);
        let items = found.items.into_iter().map(show_review).collect();
        Ok(Slice { items, has_more: found.has_more })
    }

    /// One review, with how many of its items are in which state.
    pub async fn show_review(&self, id: Uuid) -> Result<ReviewRecord, Error> {
        let sees = self.reviews_overseen().await?;
        let review = self.data.review(id, sees.as_ref()).await?.ok_or(Error::Missing("review"))?;
        let counts = self.data.count_review_items(id, sees.as_ref()).await?;
        Ok(ReviewRecord { counts: Some(counts.into_iter().collect()), ..show_review(review) })
    }

    /// Items of a review behind that one.
    pub async fn items_of_review(
        &self,
        filter: &ItemFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ReviewItemRecord>, Error> {
        let sees = self.reviews_overseen().await?;
        let review = filter.review.ok_or(Error::Missing("review"))?;
        self.data.review(review, sees.as_ref()).await?.ok_or(Error::Missing("review"))?;
        self.review_items(filter, sees.as_ref(), after, limit).await
    }

    /// One item.
    pub async fn review_item(&self, id: Uuid) -> Result<ReviewItemRecord, Error> {
        let item = match self.seen_item(id).await {
            Err(Error::Missing(_)) => self.overseen_item(id).await?,
            seen => seen?,
        };
        self.office().show_review_item(item).await
    }

    /// An item of the part that somebody looks after.
    async fn overseen_item(&self, id: Uuid) -> Result<ReviewItem, Error> {
        let sees = self.reviews_overseen().await?.map(|sees| Reviews { stands_in_for: Vec::new(), ..sees });
        let mut found = self.data.review_items_among(&[id], sees.as_ref()).await?;
        found.remove(&id).ok_or(Error::Missing("review item"))
    }

    async fn review_items(
        &self,
        filter: &ItemFilter,
        sees: Option<&Reviews>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ReviewItemRecord>, Error> {
        let found = self.data.review_items(filter, sees, after, limit + 1).await?;
        let found = Slice::of(found, limit);
        Ok(Slice { items: self.office().show_review_items(found.items).await?, has_more: found.has_more })
    }

    /// What somebody sees of reviews by what they review; nothing for everything.
    pub(super) async fn reviews_seen(&self) -> Result<Option<Reviews>, Error> {
        let Viewer::Person(user) = self.viewer else { return Ok(None) };
        let now = self.office().now();
        let delegations = self.data.delegations_in_force(&[user], now.millis()).await?;
        let theirs = delegations.iter().filter(|one| one.delegate.0 == user && one.covers(Duty::Reviews, now));
        Ok(Some(Reviews { user, stands_in_for: theirs.map(|one| one.delegator.0).collect(), part: None }))
    }
}
