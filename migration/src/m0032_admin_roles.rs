//! Roles of people who look after something: within what, from when on, and until when.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(admin_role()).await?;
        manager.create_index(live()).await
    }
}

/// `content` is JSON: who gave it and who ended it, and why.
fn admin_role() -> TableCreateStatement {
    Table::create()
        .table("admin_role")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("role").text().not_null())
        .col(ColumnDef::new("scope").text().not_null())
        .col(ColumnDef::new("scope_id").uuid())
        .col(ColumnDef::new("starts").big_integer().not_null())
        .col(ColumnDef::new("ends").big_integer())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("ended").big_integer())
        .col(ColumnDef::new("content").text().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

/// What somebody holds is looked up at each of their calls.
fn live() -> IndexCreateStatement {
    let mut index = Index::create().name("admin_role_live").table("admin_role").to_owned();
    index.col("tenant_id").col("user_id").and_where(Expr::col("ended").is_null()).to_owned()
}
