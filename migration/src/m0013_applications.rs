//! Applications: which groups they have, and which clients read for them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(application()).await?;
        manager.create_index(application_code()).await?;
        manager.create_table(application_group()).await?;
        manager.create_index(of_application()).await?;
        // Without a foreign key: a client that was deleted stays as a row, and its application may go.
        let column = ColumnDef::new("application_id").uuid().to_owned();
        manager.alter_table(Table::alter().table("client").add_column(column).to_owned()).await?;
        manager.create_index(client_of_application()).await?;
        manager.create_index(holds()).await?;
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// `released` is a JSON array of attribute paths.
fn application() -> TableCreateStatement {
    Table::create()
        .table("application")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("code").string_len(63).not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("released").text().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("modified").big_integer().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("application", "tenant_id").to("tenant", "id"))
        .to_owned()
}

fn application_code() -> IndexCreateStatement {
    Index::create().name("application_code").table("application").unique().col("tenant_id").col("code").to_owned()
}

/// A group has one row at the most, which goes with it. The kind is in the key, as in `member`.
fn application_group() -> TableCreateStatement {
    Table::create()
        .table("application_group")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("group_kind").string_len(64).not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .primary_key(Index::create().col("tenant_id").col("group_id"))
        .foreign_key(
            ForeignKey::create()
                .from("application_group", ("tenant_id", "group_kind", "group_id"))
                .to("resource", ("tenant_id", "kind", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from("application_group", ("tenant_id", "application_id"))
                .to("application", ("tenant_id", "id")),
        )
        .to_owned()
}

fn of_application() -> IndexCreateStatement {
    Index::create()
        .name("application_group_of")
        .table("application_group")
        .col("tenant_id")
        .col("application_id")
        .col("group_id")
        .to_owned()
}

fn client_of_application() -> IndexCreateStatement {
    Index::create().name("client_of_application").table("client").col("tenant_id").col("application_id").to_owned()
}

/// The groups that a group holds, which are few: so that walking down to them never meets its people.
fn holds() -> IndexCreateStatement {
    Index::create()
        .name("member_holds")
        .table("member")
        .col("tenant_id")
        .col("group_id")
        .col("member_id")
        .and_where(Expr::col("member_kind").eq("Group"))
        .to_owned()
}

/// As in the step that made the table: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('member', 'member_holds', '10000 1000 10 1');
    ANALYZE sqlite_master;
";
