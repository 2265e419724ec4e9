//! What was made by calls that had a key: for a day the same call with the same key makes nothing new.

use entity::answer;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{Error, Work};

/// How long a key is remembered, in milliseconds.
const REMEMBERED: i64 = 24 * 3_600_000;

/// A call that made something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What the call was, as a digest.
    pub digest: String,
    /// What it made.
    pub made: Uuid,
}

impl Work {
    /// What a caller's key stands for, if it was used within a day.
    pub async fn answered(&self, caller: Uuid, key: &str) -> Result<Option<Answered>, Error> {
        let row = answer::Entity::find_by_id((self.tenant.0, caller, key.to_owned())).one(&*self.transaction).await?;
        let row = row.filter(|row| row.created > self.now - REMEMBERED);
        Ok(row.map(|row| Answered { digest: row.digest, made: row.made_id }))
    }

    /// Remembers a key, and forgets those that are a day old. [`Error::Conflict`] if the same call is going on.
    pub async fn answer(&self, caller: Uuid, key: &str, answered: &Answered) -> Result<(), Error> {
        answer::Entity::delete_many()
            .filter(answer::Column::TenantId.eq(self.tenant.0))
            .filter(answer::Column::Created.lte(self.now - REMEMBERED))
            .exec(&*self.transaction)
            .await?;
        let row = answer::ActiveModel {
            tenant_id: Set(self.tenant.0),
            caller_id: Set(caller),
            key: Set(key.to_owned()),
            digest: Set(answered.digest.clone()),
            made_id: Set(answered.made),
            created: Set(self.now),
        };
        let insert = answer::Entity::insert(row).exec_without_returning(&*self.transaction).await;
        insert.map(drop).map_err(|error| match Error::from(error) {
            Error::Taken => Error::Conflict,
            other => other,
        })
    }
}
