//! Tenants, their clients, and the tokens that clients call with.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tenant()).await?;
        manager.exec_stmt(platform()).await?;
        manager.create_table(client()).await?;
        manager.create_index(client_name()).await?;
        manager.create_table(token()).await?;
        manager.create_index(token_of_client()).await
    }
}

fn tenant() -> TableCreateStatement {
    Table::create()
        .table("tenant")
        .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("slug").string_len(63).not_null().unique_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("reason").text())
        .col(ColumnDef::new("created").big_integer().not_null())
        .to_owned()
}

/// The platform itself, which its operators' clients belong to. No slug of a tenant starts with a hyphen.
fn platform() -> InsertStatement {
    Query::insert()
        .into_table("tenant")
        .columns(["slug", "name", "state", "created"])
        .values_panic(["-platform".into(), "Platform".into(), "active".into(), 0.into()])
        .to_owned()
}

fn client() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("networks").text().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("deleted").big_integer())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("client", "tenant_id").to("tenant", "id"))
        .to_owned()
}

/// A client that is gone stays as a row, because the log names it; its name is free again.
fn client_name() -> IndexCreateStatement {
    Index::create()
        .name("client_name")
        .table("client")
        .unique()
        .col("tenant_id")
        .col("name")
        .and_where(Expr::col("deleted").is_null())
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
        .col(ColumnDef::new("replaced_by").uuid())
        .col(ColumnDef::new("last_used").big_integer())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .index(Index::create().unique().name("token_hash").col("hash"))
        .foreign_key(ForeignKey::create().from("token", ("tenant_id", "client_id")).to("client", ("tenant_id", "id")))
        .to_owned()
}

fn token_of_client() -> IndexCreateStatement {
    Index::create().name("token_of_client").table("token").col("tenant_id").col("client_id").col("id").to_owned()
}
