//! Conflicts of segregation of duties that were found.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(violation()).await?;
        manager.create_index(open()).await?;
        manager.create_index(of_user()).await?;
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// Without foreign keys to the rule and the user: what was found stays to be read when they are gone. `content` is JSON.
fn violation() -> TableCreateStatement {
    Table::create()
        .table("sod_violation")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("rule_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("found").big_integer().not_null())
        .col(ColumnDef::new("ended").big_integer())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("sod_violation", "tenant_id").to("tenant", "id"))
        .to_owned()
}

/// A rule and a user have one that is not over.
fn open() -> IndexCreateStatement {
    Index::create()
        .name("sod_violation_open")
        .table("sod_violation")
        .unique()
        .col("tenant_id")
        .col("rule_id")
        .col("user_id")
        .and_where(Expr::col("ended").is_null())
        .to_owned()
}

fn of_user() -> IndexCreateStatement {
    Index::create().name("sod_violation_of_user").table("sod_violation").col("tenant_id").col("user_id").to_owned()
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('sod_violation', 'sqlite_autoindex_sod_violation_1', '20000 2000 1'),
        ('sod_violation', 'sod_violation_open', '20000 2000 100 1'),
        ('sod_violation', 'sod_violation_of_user', '20000 2000 2');
    ANALYZE sqlite_master;
";
