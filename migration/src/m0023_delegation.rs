//! Delegations: who stands in for whom, and when.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(delegation()).await?;
        manager.create_index(index("delegation_of_delegator", "delegator_id")).await?;
        manager.create_index(index("delegation_of_delegate", "delegate_id")).await
    }
}

/// `content` is JSON: for what, why, and on whose word.
fn delegation() -> TableCreateStatement {
    Table::create()
        .table("delegation")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("delegator_id").uuid().not_null())
        .col(ColumnDef::new("delegate_id").uuid().not_null())
        .col(ColumnDef::new("starts").big_integer().not_null())
        .col(ColumnDef::new("ends").big_integer().not_null())
        .col(ColumnDef::new("cancelled").big_integer())
        .col(ColumnDef::new("content").text().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn index(name: &'static str, person: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table("delegation").col("tenant_id").col(person).col("ends").to_owned()
}
