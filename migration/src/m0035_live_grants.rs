//! What somebody holds is found by them. The index of ends held what has not ended as well, and was taken for that: every look
//! went through all of the tenant's grants. And memberships are said to be more than anything that is joined with them, because
//! otherwise a filter over all of them is made at each look.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("access_grant_by_end").table("access_grant").to_owned()).await?;
        for index in [by_end(), held()] {
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

fn by_end() -> IndexCreateStatement {
    let mut index = Index::create().name("access_grant_by_end").table("access_grant").to_owned();
    index.col("tenant_id").col("ended").and_where(Expr::col("ended").is_not_null()).to_owned()
}

/// What somebody was granted and has not ended.
fn held() -> IndexCreateStatement {
    let mut index = Index::create().name("access_grant_held").table("access_grant").to_owned();
    index.col("tenant_id").col("user_id").col("group_id").and_where(Expr::col("ended").is_null()).to_owned()
}

const STATISTICS: &str = "
    ANALYZE sqlite_master;
    DELETE FROM sqlite_stat1 WHERE idx = 'access_grant_by_end';
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('access_grant', 'access_grant_by_end', '500000 50000 2'),
        ('access_grant', 'access_grant_held', '1000000 100000 10 1');
    UPDATE sqlite_stat1 SET stat = '10000000 1000000 100 1' WHERE idx = 'member';
    UPDATE sqlite_stat1 SET stat = '10000000 1000000 10 1' WHERE idx = 'member_of';
    ANALYZE sqlite_master;
";
