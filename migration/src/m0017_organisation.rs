//! The organisation of a tenant, and who works where.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
        manager.create_table(org_node(sqlite)).await?;
        manager.create_index(node_code()).await?;
        manager.create_index(node_parent()).await?;
        manager.create_table(employment(sqlite)).await?;
        manager.create_index(employment_unit()).await?;
        manager.create_index(employment_manager()).await?;
        if sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// The parent is no foreign key: an archive brings nodes in the order of their ids, whichever is part of which. Nor are
/// the people: who was deleted may come back.
fn org_node(sqlite: bool) -> TableCreateStatement {
    Table::create()
        .table("org_node")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("parent_id").uuid())
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(by_code_point("code", sqlite).not_null())
        .col(ColumnDef::new("name").string_len(255).not_null())
        .col(ColumnDef::new("registration_no").string_len(32))
        .col(ColumnDef::new("head_id").uuid())
        .col(ColumnDef::new("deputy_id").uuid())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("modified").big_integer().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(ForeignKey::create().from("org_node", "tenant_id").to("tenant", "id"))
        .to_owned()
}

fn node_code() -> IndexCreateStatement {
    Index::create().name("org_node_code").table("org_node").unique().col("tenant_id").col("code").to_owned()
}

fn node_parent() -> IndexCreateStatement {
    Index::create().name("org_node_parent").table("org_node").col("tenant_id").col("parent_id").to_owned()
}

/// An index of the documents of users, as `resource_value` is: it is written with them, and refers to nothing.
fn employment(sqlite: bool) -> TableCreateStatement {
    let mut table = Table::create()
        .table("employment")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(by_code_point("unit", sqlite))
        .col(by_code_point("position", sqlite))
        .col(by_code_point("kind", sqlite))
        .col(ColumnDef::new("manager_id").uuid())
        .col(by_code_point("starts", sqlite))
        .col(by_code_point("ends", sqlite))
        .col(ColumnDef::new("is_primary").boolean().not_null())
        .primary_key(Index::create().col("tenant_id").col("user_id").col("number"))
        .to_owned();
    if sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

fn employment_unit() -> IndexCreateStatement {
    Index::create().name("employment_unit").table("employment").col("tenant_id").col("unit").col("user_id").to_owned()
}

fn employment_manager() -> IndexCreateStatement {
    Index::create()
        .name("employment_manager")
        .table("employment")
        .col("tenant_id")
        .col("manager_id")
        .col("user_id")
        .to_owned()
}

/// Text that compares by code point on both databases.
fn by_code_point(name: &'static str, sqlite: bool) -> ColumnDef {
    let mut column = ColumnDef::new(name).text().to_owned();
    if !sqlite {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// As in the step that made the first tables: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('employment', 'employment', '1000000 100000 1 1'),
        ('employment', 'employment_unit', '1000000 100000 50 1'),
        ('employment', 'employment_manager', '1000000 100000 10 1'),
        ('org_node', 'sqlite_autoindex_org_node_1', '100000 2000 1'),
        ('org_node', 'org_node_code', '100000 2000 1'),
        ('org_node', 'org_node_parent', '100000 2000 10');
    ANALYZE sqlite_master;
";
