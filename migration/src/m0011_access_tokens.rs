//! Short-lived tokens that clients get in exchange for one of their own (RFC 6749 §4.4).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(access_token()).await?;
        manager.create_index(of_client()).await?;
        manager.create_index(ended()).await
    }
}

/// `parent_id` is the token that was given for it: what ends that one ends this.
fn access_token() -> TableCreateStatement {
    Table::create()
        .table("access_token")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("client_id").uuid().not_null())
        .col(ColumnDef::new("parent_id").uuid().not_null())
        .col(ColumnDef::new("hash").binary_len(32).not_null())
        .col(ColumnDef::new("scopes").text().not_null())
        .col(ColumnDef::new("expires").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .index(Index::create().unique().name("access_token_hash").col("hash"))
        .foreign_key(
            ForeignKey::create().from("access_token", ("tenant_id", "parent_id")).to("token", ("tenant_id", "id")),
        )
        .to_owned()
}

fn of_client() -> IndexCreateStatement {
    Index::create()
        .name("access_token_of_client")
        .table("access_token")
        .col("tenant_id")
        .col("client_id")
        .col("id")
        .to_owned()
}

fn ended() -> IndexCreateStatement {
    Index::create().name("access_token_ended").table("access_token").col("expires").to_owned()
}
