//! The use-cases of those who have rights, ask for them and decide about them: people, each with a token of their own.
//! An administrator's are in `administration`.

mod days;
mod delegations;
mod emergencies;
mod myself;
mod nights;
mod notifications;
mod offers;
mod office;
mod owners;
mod refusal;
mod requests;
mod reviews;
mod timers;

use std::sync::Arc;

use rights::Assurance;
use scim::schema::ResourceType;
use store::{Cause, TenantStore};
use uuid::Uuid;

pub use delegations::{DelegationRecord, NewDelegation};
pub use emergencies::{EmergencyRecord, EmergencyReviewRecord, NewEmergency, NewEmergencyReview};
pub use myself::Myself;
pub use notifications::{NotificationRecord, ReadRecord};
pub use offers::{NamedApplication, Offer, OfferSearch};
pub use requests::{
    Answer, ItemKind, ItemRecord, NewItem, NewQuestion, NewRequest, NewVote, Period, Reassignment, RequestRecord,
    Sight, Viewer,
};
pub use reviews::{
    Answered, BulkDecision, NewDecision, NewReview, Postponement, PreviewRecord, ReviewItemRecord, ReviewReassignment,
    ReviewRecord, Why,
};
pub use timers::Timers;

use crate::{
    administration::Error,
    clock::{Clock, Ids},
    provisioning::Service,
};

/// Who acts: a person, and how surely their issuer knows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user: Uuid,
    /// How surely it is known who they are.
    pub surely: Assurance,
}

/// What one person may do with the rights of one tenant, during one request.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where the data is.
    pub data: TenantStore,
    /// Which resources and rules there are.
    pub service: Arc<Service>,
    /// Who asks.
    pub actor: Actor,
    /// Who asks, in which request, for the log.
    pub cause: Cause,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
}

impl Access {
    /// The resource type of people. Every tenant has it.
    fn people(&self) -> Result<&ResourceType, Error> {
        self.service.catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))
    }
}
