//! Access that people took in emergencies.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(emergency()).await?;
        manager.create_index(of_user()).await?;
        manager.create_index(of_group()).await?;
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// Without foreign keys to the user, the group and the grant: what was taken stays to be read when they are gone. `content` is
/// JSON.
fn emergency() -> TableCreateStatement {
    Table::create()
        .table("emergency_access")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("grant_id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("opened").big_integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("emergency_access", "tenant_id").to("tenant", "id"))
        .to_owned()
}

fn of_user() -> IndexCreateStatement {
    Index::create()
        .name("emergency_access_of_user")
        .table("emergency_access")
        .col("tenant_id")
        .col("user_id")
        .to_owned()
}

fn of_group() -> IndexCreateStatement {
    Index::create()
        .name("emergency_access_of_group")
        .table("emergency_access")
        .col("tenant_id")
        .col("group_id")
        .to_owned()
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('emergency_access', 'sqlite_autoindex_emergency_access_1', '5000 500 1'),
        ('emergency_access', 'emergency_access_of_user', '5000 500 10'),
        ('emergency_access', 'emergency_access_of_group', '5000 500 20');
    ANALYZE sqlite_master;
";
