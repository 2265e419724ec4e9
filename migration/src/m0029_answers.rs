//! What was answered to requests that may be sent again (draft-ietf-httpapi-idempotency-key-header).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(answer()).await?;
        manager.create_index(by_age()).await
    }
}

/// `answered_with`, a status, is empty while the first request goes on.
fn answer() -> TableCreateStatement {
    Table::create()
        .table("answer")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("caller_id").uuid().not_null())
        .col(ColumnDef::new("key").string_len(200).not_null())
        .col(ColumnDef::new("digest").binary_len(32).not_null())
        .col(ColumnDef::new("answered_with").big_integer())
        .col(ColumnDef::new("headers").text())
        .col(ColumnDef::new("body").text())
        .col(ColumnDef::new("created").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("caller_id").col("key"))
        .to_owned()
}

fn by_age() -> IndexCreateStatement {
    Index::create().name("answer_created").table("answer").col("created").to_owned()
}
