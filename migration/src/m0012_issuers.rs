//! Whose tokens (JWT, RFC 7519) a tenant believes, and which person caused a change.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(issuer()).await?;
        manager.create_index(issuer_url()).await?;
        let user = ColumnDef::new("user_id").uuid().to_owned();
        manager.alter_table(Table::alter().table("event").add_column(user).to_owned()).await
    }
}

fn issuer() -> TableCreateStatement {
    Table::create()
        .table("issuer")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("url").text().not_null())
        .col(ColumnDef::new("audiences").text().not_null())
        .col(ColumnDef::new("algorithms").text().not_null())
        .col(ColumnDef::new("jwks").text())
        .col(ColumnDef::new("jwks_uri").text())
        .col(ColumnDef::new("subject_claim").string_len(255).not_null())
        .col(ColumnDef::new("link_by").string_len(16).not_null())
        .col(ColumnDef::new("scopes").text().not_null())
        .col(ColumnDef::new("leeway").big_integer().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("issuer", "tenant_id").to("tenant", "id"))
        .to_owned()
}

/// Which of two settings would apply to a token of one issuer, nobody could say.
fn issuer_url() -> IndexCreateStatement {
    Index::create().name("issuer_url").table("issuer").unique().col("tenant_id").col("url").to_owned()
}
