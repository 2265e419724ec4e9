//! What was answered to requests that may be sent again: the row is there before the request is done, so that nothing is
//! done twice.

use entity::answer;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use crate::{Error, Store, TenantStore};

/// A request, as whoever sends it tells it from others.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Who asks: a client or a person.
    pub caller: Uuid,
    /// What they call it.
    pub key: String,
    /// SHA-256 of all that it says.
    pub digest: [u8; 32],
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is the first of that name.
    First,
    /// It is not answered yet; it began at that time.
    Open(i64),
    /// It was answered so.
    Answered(GivenAnswer),
    /// Another one had that name.
    Other,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAnswer {
    /// The status.
    pub status: u16,
    /// Headers, by their names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl TenantStore {
    /// Notes a request before anything is done, unless it is known. Those from before that time are not.
    pub async fn ask_once(&self, asking: &Asking, now: i64, since: i64) -> Result<Asked, Error> {
        let old = self.named(asking).add(answer::Column::Created.lt(since));
        answer::Entity::delete_many().filter(old).exec(&self.store.write).await?;
        let row = answer::ActiveModel {
            tenant_id: Set(self.tenant.0),
            caller_id: Set(asking.caller),
            key: Set(asking.key.clone()),
            digest: Set(asking.digest.to_vec()),
            answered_with: Set(None),
            headers: Set(None),
            body: Set(None),
            created: Set(now),
        };
        let names = [answer::Column::TenantId, answer::Column::CallerId, answer::Column::Key];
        let added = answer::Entity::insert_many([row])
            .on_conflict(OnConflict::columns(names).do_nothing().to_owned())
            .exec_without_returning(&self.store.write)
            .await?;
        if added > 0 {
            return Ok(Asked::First);
        }
        let found = answer::Entity::find().filter(self.named(asking)).one(&self.store.read).await?;
        // Whoever asked has just taken it back.
        let Some(found) = found else { return Ok(Asked::Open(now)) };
        if found.digest != asking.digest {
            return Ok(Asked::Other);
        }
        match (found.answered_with.map(u16::try_from), found.headers, found.body) {
            (Some(Ok(status)), Some(headers), Some(body)) => {
                let headers = serde_json::from_str(&headers)
                    .map_err(|error| Error::Damaged(format!("the headers of an answer: {error}")))?;
                Ok(Asked::Answered(GivenAnswer { status, headers, body }))
            }
            _ => Ok(Asked::Open(found.created)),
        }
    }

    /// Keeps the answer.
    pub async fn keep_answer(&self, asking: &Asking, given: &GivenAnswer) -> Result<(), Error> {
        let headers = serde_json::to_string(&given.headers).map_err(|error| Error::Damaged(error.to_string()))?;
        let change = answer::ActiveModel {
            answered_with: Set(Some(given.status.into())),
            headers: Set(Some(headers)),
            body: Set(Some(given.body.clone())),
            ..Default::default()
        };
        answer::Entity::update_many().set(change).filter(self.named(asking)).exec(&self.store.write).await?;
        Ok(())
    }

    /// Forgets a request that changed nothing: it may be mended and sent again.
    pub async fn forget_asking(&self, asking: &Asking) -> Result<(), Error> {
        let open = self.named(asking).add(answer::Column::AnsweredWith.is_null());
        answer::Entity::delete_many().filter(open).exec(&self.store.write).await?;
        Ok(())
    }

    fn named(&self, asking: &Asking) -> Condition {
        Condition::all()
            .add(answer::Column::TenantId.eq(self.tenant.0))
            .add(answer::Column::CallerId.eq(asking.caller))
            .add(answer::Column::Key.eq(asking.key.as_str()))
    }
}

impl Store {
    /// Forgets what was answered before that time, whoever asked.
    pub async fn forget_answers(&self, before: i64) -> Result<(), Error> {
        answer::Entity::delete_many().filter(answer::Column::Created.lt(before)).exec(&self.write).await?;
        Ok(())
    }
}
