//! Secrets that the nodes of one service share.

use entity::secret;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Error, Store};

impl Store {
    /// The secret of that name: the first node to ask gives it its value.
    pub async fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], Error> {
        let row = secret::ActiveModel { name: Set(name.to_owned()), value: Set(fresh.to_vec()) };
        let keep = OnConflict::column(secret::Column::Name).do_nothing().to_owned();
        secret::Entity::insert(row).on_conflict(keep).exec_without_returning(&self.write).await?;
        let stored = secret::Entity::find_by_id(name).one(&self.write).await?;
        let value = stored.and_then(|row| row.value.try_into().ok());
        value.ok_or_else(|| Error::Damaged(format!("the secret {name}")))
    }
}
