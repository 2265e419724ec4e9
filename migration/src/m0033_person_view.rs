//! Who looked at whose data.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(view()).await?;
        manager.create_index(of_subject()).await
    }
}

/// Without foreign keys to people and clients: it is evidence. Ids rise with time (UUID version 7).
fn view() -> TableCreateStatement {
    Table::create()
        .table("person_view")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("client_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid())
        .col(ColumnDef::new("route").string_len(255).not_null())
        .col(ColumnDef::new("request_id").string_len(64).not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("person_view", "tenant_id").to("tenant", "id"))
        .to_owned()
}

fn of_subject() -> IndexCreateStatement {
    let mut index = Index::create().name("person_view_of_subject").table("person_view").to_owned();
    index.col("tenant_id").col("subject_id").col("id").to_owned()
}
