//! What the nodes of one service know and nobody else: made at random by the first that needs it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let secret = Table::create()
            .table("secret")
            .col(ColumnDef::new("name").string_len(64).not_null().primary_key())
            .col(ColumnDef::new("value").binary_len(32).not_null())
            .to_owned();
        manager.create_table(secret).await
    }
}
