//! Resources as documents, their searchable values, memberships, and counters.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite;
        manager.create_table(resource()).await?;
        manager.create_index(by_time()).await?;
        manager.create_index(shown()).await?;
        manager.create_table(resource_value(sqlite)).await?;
        manager.create_index(unique_value()).await?;
        manager.create_table(member(sqlite)).await?;
        manager.create_index(by_member()).await?;
        manager.create_index(nested()).await?;
        manager.create_table(resource_count()).await?;
        if sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

fn resource() -> TableCreateStatement {
    Table::create()
        .table("resource")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("kind").string_len(64).not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("modified").big_integer().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("display").text())
        .col(ColumnDef::new("password_hash").text())
        .col(ColumnDef::new("document").text().not_null())
        .primary_key(Index::create().col("tenant_id").col("kind").col("id"))
        .foreign_key(ForeignKey::create().from("resource", "tenant_id").to("tenant", "id"))
        .to_owned()
}

fn by_time() -> IndexCreateStatement {
    Index::create()
        .name("resource_modified")
        .table("resource")
        .col("tenant_id")
        .col("kind")
        .col("modified")
        .col("id")
        .to_owned()
}

/// What other resources show of one, without a look at its document.
fn shown() -> IndexCreateStatement {
    Index::create()
        .name("resource_shown")
        .table("resource")
        .col("tenant_id")
        .col("kind")
        .col("id")
        .col("display")
        .to_owned()
}

/// One row a searchable value. `value` is a comparison key cut to a length that every index takes;
/// `rest` is the whole key where it is longer. Keys compare by code point on both databases.
fn resource_value(sqlite: bool) -> TableCreateStatement {
    let mut value = ColumnDef::new("value").text().not_null().to_owned();
    let mut rest = ColumnDef::new("rest").text().to_owned();
    if !sqlite {
        value.extra("COLLATE \"C\"");
        rest.extra("COLLATE \"C\"");
    }
    let mut table = Table::create()
        .table("resource_value")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("field").big_integer().not_null())
        .col(value)
        .col(ColumnDef::new("resource_id").uuid().not_null())
        .col(ColumnDef::new("element").integer().not_null())
        .col(rest)
        .col(ColumnDef::new("is_unique").boolean().not_null())
        .primary_key(Index::create().col("tenant_id").col("field").col("value").col("resource_id").col("element"))
        .to_owned();
    without_rowid(&mut table, sqlite);
    table
}

/// Uniqueness lives in the database: two creates of one userName cannot both commit.
fn unique_value() -> IndexCreateStatement {
    Index::create()
        .name("resource_value_unique")
        .table("resource_value")
        .unique()
        .col("tenant_id")
        .col("field")
        .col("value")
        .and_where(Expr::col("is_unique").eq(true))
        .to_owned()
}

/// One row a direct membership. The kinds are in the keys, so that a group can only hold what exists
/// in its own tenant.
fn member(sqlite: bool) -> TableCreateStatement {
    let mut table = Table::create()
        .table("member")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("group_kind").string_len(64).not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("member_kind").string_len(64).not_null())
        .col(ColumnDef::new("member_id").uuid().not_null())
        .col(ColumnDef::new("added").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("group_id").col("member_id"))
        .foreign_key(
            ForeignKey::create()
                .from("member", ("tenant_id", "group_kind", "group_id"))
                .to("resource", ("tenant_id", "kind", "id")),
        )
        .foreign_key(
            ForeignKey::create()
                .from("member", ("tenant_id", "member_kind", "member_id"))
                .to("resource", ("tenant_id", "kind", "id")),
        )
        .to_owned();
    without_rowid(&mut table, sqlite);
    table
}

fn by_member() -> IndexCreateStatement {
    Index::create().name("member_of").table("member").col("tenant_id").col("member_id").col("group_id").to_owned()
}

/// The memberships of groups in groups, which are few: so that walking up from a user never meets those of people.
fn nested() -> IndexCreateStatement {
    Index::create()
        .name("member_nested")
        .table("member")
        .col("tenant_id")
        .col("member_id")
        .col("group_id")
        .and_where(Expr::col("member_kind").eq("Group"))
        .to_owned()
}

/// SQLite plans by what it knows of the tables, and without statistics it takes a tenant for ten rows. These say
/// once what is true of every large database, so that plans do not depend on when somebody last gathered figures:
/// many rows a tenant, few a member, a handful a value.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('member', 'member', '1000000 100000 100 1'),
        ('member', 'member_of', '1000000 100000 10 1'),
        ('member', 'member_nested', '10000 1000 10 1'),
        ('resource', 'sqlite_autoindex_resource_1', '1000000 100000 50000 1'),
        ('resource', 'resource_modified', '1000000 100000 50000 2 1'),
        ('resource', 'resource_shown', '1000000 100000 50000 1 1'),
        ('resource_value', 'resource_value', '10000000 1000000 20000 5 2 1'),
        ('resource_value', 'resource_value_unique', '1000000 100000 50000 1');
    ANALYZE sqlite_master;
";

/// How many resources of a kind a tenant has, split over shards so that concurrent creates do not
/// queue for one row.
fn resource_count() -> TableCreateStatement {
    Table::create()
        .table("resource_count")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("kind").string_len(64).not_null())
        .col(ColumnDef::new("shard").integer().not_null())
        .col(ColumnDef::new("count").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("kind").col("shard"))
        .to_owned()
}

fn without_rowid(table: &mut TableCreateStatement, sqlite: bool) {
    if sqlite {
        table.extra("WITHOUT ROWID");
    }
}
