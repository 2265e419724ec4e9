//! Whom an administrator has suspended. With this step people are looked at, too, on the days on which their employments begin or are
//! over; whoever runs it sets the timers of those who are there, because a step knows no calendar.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(suspension()).await
    }
}

/// As long as it lasts. `deed` is JSON: who did it, and why.
fn suspension() -> TableCreateStatement {
    Table::create()
        .table("suspension")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("since").big_integer().not_null())
        .col(ColumnDef::new("until").big_integer())
        .col(ColumnDef::new("deed").text().not_null())
        .primary_key(Index::create().col("tenant_id").col("user_id"))
        .foreign_key(ForeignKey::create().from("suspension", "tenant_id").to("tenant", "id"))
        .to_owned()
}
