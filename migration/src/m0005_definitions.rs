//! What a tenant sets and defines for itself.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(profile()).await?;
        manager.create_table(definition()).await
    }
}

/// One row a tenant that has set anything. `version` counts the changes, so that nodes see them.
fn profile() -> TableCreateStatement {
    Table::create()
        .table("profile")
        .col(ColumnDef::new("tenant_id").big_integer().not_null().primary_key())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("settings").text().not_null())
        .foreign_key(ForeignKey::create().from("profile", "tenant_id").to("tenant", "id"))
        .to_owned()
}

/// A schema (RFC 7643 §7) or a resource type (§6) as JSON.
fn definition() -> TableCreateStatement {
    Table::create()
        .table("definition")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("body").text().not_null())
        .col(ColumnDef::new("modified").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("kind").col("name"))
        .foreign_key(ForeignKey::create().from("definition", "tenant_id").to("tenant", "id"))
        .to_owned()
}
