//! The log of calls: what was asked, by whom, and what came of it; no values.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(call()).await
    }
}

/// Ids rise with time (UUID version 7), so that the primary key is the order of the log and the way to its end.
fn call() -> TableCreateStatement {
    Table::create()
        .table("call")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("client_id").uuid())
        .col(ColumnDef::new("method").string_len(16).not_null())
        .col(ColumnDef::new("route").string_len(255).not_null())
        .col(ColumnDef::new("status").integer().not_null())
        .col(ColumnDef::new("scim_type").string_len(32))
        .col(ColumnDef::new("detail").text())
        .col(ColumnDef::new("micros").big_integer().not_null())
        .col(ColumnDef::new("request_id").string_len(64).not_null())
        .col(ColumnDef::new("changes").text().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("call", "tenant_id").to("tenant", "id"))
        .to_owned()
}
