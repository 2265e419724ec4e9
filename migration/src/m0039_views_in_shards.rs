//! Who looked at whose data lies in 64 places of one tree, by the person: an index by person alone is touched in as many places as
//! there are people who are looked at, and each was a page to be written.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
        manager.rename_table(Table::rename().table("person_view", "person_view_before").to_owned()).await?;
        manager.create_table(view(is_sqlite)).await?;
        // The last byte of the person's id, which is random, to 64.
        let shard = if is_sqlite {
            "((instr('0123456789ABCDEF', substr(hex(subject_id), 31, 1)) - 1) * 16 \
             + instr('0123456789ABCDEF', substr(hex(subject_id), 32, 1)) - 1) % 64"
        } else {
            "get_byte(uuid_send(subject_id), 15) % 64"
        };
        let columns = "tenant_id, id, subject_id, at, client_id, user_id, route, request_id";
        let copy =
            format!("INSERT INTO person_view ({columns}, shard) SELECT {columns}, {shard} FROM person_view_before");
        manager.get_connection().execute_unprepared(&copy).await?;
        manager.drop_table(Table::drop().table("person_view_before").to_owned()).await
    }
}

/// Without foreign keys to people and clients: it is evidence. Ids rise with time (UUID version 7).
fn view(is_sqlite: bool) -> TableCreateStatement {
    let mut table = Table::create()
        .table("person_view")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("shard").integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("client_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid())
        .col(ColumnDef::new("route").string_len(255).not_null())
        .col(ColumnDef::new("request_id").string_len(64).not_null())
        .primary_key(Index::create().name("person_view_by_shard").col("tenant_id").col("shard").col("id"))
        .foreign_key(ForeignKey::create().from("person_view", "tenant_id").to("tenant", "id"))
        .to_owned();
    if is_sqlite {
        // The rows are the tree of the primary key.
        table.extra("WITHOUT ROWID");
    }
    table
}
