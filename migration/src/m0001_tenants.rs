//! Tenants, their clients, and the tokens that clients call with.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tenant()).await?;
        manager.create_table(client()).await?;
        manager.create_table(token()).await
    }
}

fn tenant() -> TableCreateStatement {
    Table::create()
        .table("tenant")
        .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("slug").string_len(63).not_null().unique_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("strict").boolean().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .to_owned()
}

fn client() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .index(Index::create().unique().name("client_name").col("tenant_id").col("name"))
        .foreign_key(ForeignKey::create().from("client", "tenant_id").to("tenant", "id"))
        .to_owned()
}

fn token() -> TableCreateStatement {
    Table::create()
        .table("token")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("client_id").uuid().not_null())
        .col(ColumnDef::new("hash").binary_len(32).not_null())
        .col(ColumnDef::new("scopes").text().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("expires").big_integer().not_null())
        .col(ColumnDef::new("revoked").big_integer())
        .col(ColumnDef::new("last_used").big_integer())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .index(Index::create().unique().name("token_hash").col("hash"))
        .foreign_key(ForeignKey::create().from("token", ("tenant_id", "client_id")).to("client", ("tenant_id", "id")))
        .to_owned()
}
