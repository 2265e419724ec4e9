//! What belongs to an application that is out of use is so, too; and nobody stands in for what somebody owns.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in [ENTITLEMENTS, DUTIES, DUTY] {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

const ENTITLEMENTS: &str = "
    UPDATE entitlement SET state = 'retired', version = version + 1 WHERE state = 'active'
    AND EXISTS (SELECT 1 FROM application WHERE application.tenant_id = entitlement.tenant_id
    AND application.id = entitlement.application_id AND application.state = 'retired')";
const DUTIES: &str =
    "UPDATE delegation SET content = replace(content, ',\"ownership\"', '') WHERE content LIKE '%,\"ownership\"]%'";
const DUTY: &str =
    "UPDATE delegation SET content = replace(content, '[\"ownership\"]', '[]') WHERE content LIKE '%[\"ownership\"]%'";
