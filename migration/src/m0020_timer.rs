//! Timers: what has to happen by itself, and when.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(timer()).await?;
        manager.create_index(due()).await?;
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// An object has one timer of each kind. `failure` says why the last attempt came to nothing.
fn timer() -> TableCreateStatement {
    Table::create()
        .table("timer")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("object_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(ColumnDef::new("due").big_integer().not_null())
        .col(ColumnDef::new("attempts").big_integer().not_null())
        .col(ColumnDef::new("failure").text())
        .primary_key(Index::create().col("tenant_id").col("object_id").col("kind"))
        .to_owned()
}

/// The one index that does not begin with the tenant: whatever is due is looked for in all of them at once.
fn due() -> IndexCreateStatement {
    Index::create().name("timer_due").table("timer").col("due").to_owned()
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('timer', 'sqlite_autoindex_timer_1', '1000000 100000 2 1'),
        ('timer', 'timer_due', '1000000 2');
    ANALYZE sqlite_master;
";
