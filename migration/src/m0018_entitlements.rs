//! Entitlements, which are groups, and grants: why somebody is in one.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // On the group's own row, because whoever changes its members holds that and nothing else: so it is known
        // without another look, and cannot change meanwhile.
        let column = ColumnDef::new("governed_by").string_len(16).to_owned();
        manager.alter_table(Table::alter().table("resource").add_column(column).to_owned()).await?;
        manager.create_table(entitlement()).await?;
        manager.create_index(entitlement_code()).await?;
        manager.create_table(grant()).await?;
        for index in [live(), of_user(), of_group(), of_source(), by_end()] {
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// Without a foreign key to the group: what was granted of it is to be understood when it is gone, and it is one again
/// when the group is restored. `content` is JSON: what people read of it.
fn entitlement() -> TableCreateStatement {
    Table::create()
        .table("entitlement")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("group_kind").string_len(64).not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("code").string_len(63).not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("authority").string_len(16).not_null())
        .col(ColumnDef::new("risk").big_integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("modified").big_integer().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("group_id"))
        .foreign_key(
            ForeignKey::create()
                .from("entitlement", ("tenant_id", "application_id"))
                .to("application", ("tenant_id", "id")),
        )
        .to_owned()
}

/// The code of one that is retired may be given to another.
fn entitlement_code() -> IndexCreateStatement {
    Index::create()
        .name("entitlement_code")
        .table("entitlement")
        .unique()
        .col("tenant_id")
        .col("application_id")
        .col("code")
        .and_where(Expr::col("state").ne("retired"))
        .to_owned()
}

/// Without foreign keys: grants are evidence, and outlive people and groups. `content` is the grant as the rules know it,
/// and who gave and took it; the other columns say of that what is looked up.
fn grant() -> TableCreateStatement {
    Table::create()
        .table("access_grant")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("source").string_len(16).not_null())
        .col(ColumnDef::new("source_id").uuid())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("starts").big_integer().not_null())
        .col(ColumnDef::new("ends").big_integer())
        .col(ColumnDef::new("activated").big_integer())
        .col(ColumnDef::new("ended").big_integer())
        .col(ColumnDef::new("reason").string_len(16))
        .col(ColumnDef::new("return_by").big_integer())
        .col(ColumnDef::new("client_id").uuid())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn index(name: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table("access_grant").col("tenant_id").to_owned();
    columns.iter().for_each(|column| {
        index.col(*column);
    });
    index
}

/// What a membership rests on: the way from each write of members.
fn live() -> IndexCreateStatement {
    index("access_grant_live", &["group_id", "user_id"]).and_where(Expr::col("ended").is_null()).to_owned()
}

/// What somebody had at an instant.
fn of_user() -> IndexCreateStatement {
    index("access_grant_of_user", &["user_id", "activated"])
}

/// Who had something at an instant.
fn of_group() -> IndexCreateStatement {
    index("access_grant_of_group", &["group_id", "activated"])
}

fn of_source() -> IndexCreateStatement {
    index("access_grant_of_source", &["source_id"]).and_where(Expr::col("ended").is_null()).to_owned()
}

/// What is old enough to go.
fn by_end() -> IndexCreateStatement {
    index("access_grant_by_end", &["ended"])
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('entitlement', 'sqlite_autoindex_entitlement_1', '2000 2000 1'),
        ('entitlement', 'entitlement_code', '2000 2000 20 1'),
        ('access_grant', 'sqlite_autoindex_access_grant_1', '1000000 100000 1'),
        ('access_grant', 'access_grant_live', '1000000 100000 100 1'),
        ('access_grant', 'access_grant_of_user', '1000000 100000 20 2'),
        ('access_grant', 'access_grant_of_group', '1000000 100000 200 2'),
        ('access_grant', 'access_grant_of_source', '1000000 100000 1000'),
        ('access_grant', 'access_grant_by_end', '1000000 100000 2');
    ANALYZE sqlite_master;
";
