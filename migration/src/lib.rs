//! The steps by which the database grows. A step is frozen once it is released, and knows no entity.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_tenants;
mod m0002_resources;
mod m0003_events;
mod m0004_secrets;
mod m0005_definitions;
mod m0006_calls;
mod m0011_access_tokens;
mod m0012_issuers;
mod m0013_applications;
mod m0015_removals;
mod m0016_tenants_are_not_held;
mod m0017_organisation;
mod m0018_entitlements;
mod m0019_rule;
mod m0020_timer;
mod m0022_request;
mod m0023_delegation;
mod m0024_catalogue;
mod m0027_sod_violation;
mod m0029_answers;
mod m0030_review;
mod m0031_notification;
mod m0032_admin_roles;
mod m0033_person_view;
mod m0034_emergency_access;
mod m0035_live_grants;
mod m0036_suspension;
mod m0038_reviews_of_parts;
mod m0039_out_of_use;

/// All steps, the oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_tenants::Migration),
            Box::new(m0002_resources::Migration),
            Box::new(m0003_events::Migration),
            Box::new(m0004_secrets::Migration),
            Box::new(m0005_definitions::Migration),
            Box::new(m0006_calls::Migration),
            Box::new(m0011_access_tokens::Migration),
            Box::new(m0012_issuers::Migration),
            Box::new(m0013_applications::Migration),
            Box::new(m0015_removals::Migration),
            Box::new(m0016_tenants_are_not_held::Migration),
            Box::new(m0017_organisation::Migration),
            Box::new(m0018_entitlements::Migration),
            Box::new(m0019_rule::Migration),
            Box::new(m0020_timer::Migration),
            Box::new(m0022_request::Migration),
            Box::new(m0023_delegation::Migration),
            Box::new(m0024_catalogue::Migration),
            Box::new(m0027_sod_violation::Migration),
            Box::new(m0029_answers::Migration),
            Box::new(m0030_review::Migration),
            Box::new(m0031_notification::Migration),
            Box::new(m0032_admin_roles::Migration),
            Box::new(m0033_person_view::Migration),
            Box::new(m0034_emergency_access::Migration),
            Box::new(m0035_live_grants::Migration),
            Box::new(m0036_suspension::Migration),
            Box::new(m0038_reviews_of_parts::Migration),
            Box::new(m0039_out_of_use::Migration),
        ]
    }
}
