//! The one log: what changed, by whom, under which request.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite;
        manager.create_table(event(sqlite)).await?;
        manager
            .create_index(Index::create().name("event_of_tenant").table("event").col("tenant_id").col("seq").to_owned())
            .await
    }
}

/// `transaction` is the writer's transaction on PostgreSQL: sequence numbers are given out before
/// commit, so a reader takes only events below the oldest transaction that still runs. SQLite has one
/// writer at a time and needs no such care.
fn event(sqlite: bool) -> TableCreateStatement {
    let mut transaction = ColumnDef::new("transaction").big_integer().not_null().to_owned();
    if sqlite {
        transaction.default(0);
    } else {
        transaction.default(Expr::cust("pg_current_xact_id()::text::bigint"));
    }
    Table::create()
        .table("event")
        .col(ColumnDef::new("seq").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(transaction)
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("client_id").uuid())
        .col(ColumnDef::new("request_id").string_len(64).not_null())
        .col(ColumnDef::new("action").string_len(32).not_null())
        .col(ColumnDef::new("kind").string_len(64).not_null())
        .col(ColumnDef::new("resource_id").uuid().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("changes").text().not_null())
        .foreign_key(ForeignKey::create().from("event", "tenant_id").to("tenant", "id"))
        .to_owned()
}
