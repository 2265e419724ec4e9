//! What clients took away, kept for a while so that it can be given back; and alarms when it is too much.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(removal()).await?;
        manager.create_index(removal_by_time()).await?;
        manager.create_table(alarm()).await
    }
}

/// The key is the version of the resource that came of the removal, so that the latest of a resource is found by it;
/// `part` counts from 0 where one change takes several rows. `weight` is how many memberships went of those who stayed.
fn removal() -> TableCreateStatement {
    Table::create()
        .table("removal")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("resource_id").uuid().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("part").integer().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("client_id").uuid())
        .col(ColumnDef::new("what").string_len(16).not_null())
        .col(ColumnDef::new("kind").string_len(64).not_null())
        .col(ColumnDef::new("weight").big_integer().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("content").text())
        .col(ColumnDef::new("restored").big_integer())
        .primary_key(Index::create().col("tenant_id").col("resource_id").col("version").col("part"))
        .foreign_key(ForeignKey::create().from("removal", "tenant_id").to("tenant", "id"))
        .to_owned()
}

/// The way to the last hour, to a stretch of time that is to be restored, and to what is old.
fn removal_by_time() -> IndexCreateStatement {
    Index::create().name("removal_by_time").table("removal").col("tenant_id").col("at").to_owned()
}

fn alarm() -> TableCreateStatement {
    Table::create()
        .table("alarm")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("client_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(32).not_null())
        .col(ColumnDef::new("began").big_integer().not_null())
        .col(ColumnDef::new("first_removal").big_integer().not_null())
        .col(ColumnDef::new("last_removal").big_integer().not_null())
        .col(ColumnDef::new("users").big_integer().not_null())
        .col(ColumnDef::new("users_threshold").big_integer().not_null())
        .col(ColumnDef::new("memberships").big_integer().not_null())
        .col(ColumnDef::new("memberships_threshold").big_integer().not_null())
        .col(ColumnDef::new("acknowledged").big_integer())
        .col(ColumnDef::new("acknowledged_by").uuid())
        .col(ColumnDef::new("comment").text())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("alarm", "tenant_id").to("tenant", "id"))
        .to_owned()
}
