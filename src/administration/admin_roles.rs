//! Roles of people who look after something: given and taken by administrators, and by people who hold as much.

use rights::{
    ApplicationId, Instant, NodeId, Reason, Refusal, UserId,
    administration::{Action, Assignment, Facts, Reach, Role, Scope, may, may_assign, may_end, may_remove},
};
use scim::schema::Catalog;
use serde::{Deserialize, Serialize};
use store::{AdminRole, Deed, RoleFilter, TenantStore, Work};
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{Administration, DeedRecord, Error, Revocation, Slice, entitlements::wrong, error::check, limits},
    auth::Scope as TokenScope,
    clock::{instant, timestamp},
    wording::{Phrase, phrase},
};

/// A role that somebody is to have.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewAdminRole {
    /// Who.
    pub user: Uuid,
    /// Which role.
    pub role: Role,
    /// Within what.
    pub scope: ScopeShape,
    /// From when on; nothing for at once.
    pub from: Option<String>,
    /// Until when; nothing for no end.
    pub until: Option<String>,
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
}

/// Within what a role is held, as it is written.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum ScopeShape {
    /// The whole tenant.
    Tenant {},
    /// A unit and what is below it.
    OrganisationUnit {
        /// The unit.
        id: Uuid,
    },
    /// An application.
    Application {
        /// The application.
        id: Uuid,
    },
}

/// A role as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdminRoleRecord {
    /// Its id.
    pub id: Uuid,
    /// Who.
    pub user: Uuid,
    /// Which role.
    pub role: Role,
    /// Within what.
    pub scope: ScopeShape,
    /// How it stands.
    pub state: &'static str,
    /// From when on.
    pub from: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// When it was given.
    pub created: String,
    /// Who gave it, and why.
    pub given: DeedRecord,
    /// When it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Who took it away, and why; nothing is said of somebody who left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<DeedRecord>,
}

impl From<ScopeShape> for Scope {
    fn from(shape: ScopeShape) -> Self {
        match shape {
            ScopeShape::Tenant {} => Self::Tenant,
            ScopeShape::OrganisationUnit { id } => Self::Node(NodeId(id)),
            ScopeShape::Application { id } => Self::Application(ApplicationId(id)),
        }
    }
}

impl From<Scope> for ScopeShape {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Tenant => Self::Tenant {},
            Scope::Node(node) => Self::OrganisationUnit { id: node.0 },
            Scope::Application(application) => Self::Application { id: application.0 },
        }
    }
}

impl AdminRoleRecord {
    fn new(stored: AdminRole, now: Instant) -> Self {
        let AdminRole { id, assignment, given, created, ended, ended_by } = stored;
        let state = match (ended, assignment.until) {
            (Some(_), _) => "revoked",
            (None, Some(until)) if until <= now => "ended",
            _ if now < assignment.from => "planned",
            _ => "active",
        };
        Self {
            id,
            user: assignment.user.0,
            role: assignment.role,
            scope: assignment.scope.into(),
            state,
            from: timestamp(assignment.from.millis()),
            until: assignment.until.map(|until| timestamp(until.millis())),
            created: timestamp(created),
            given: given.into(),
            ended: ended.map(timestamp),
            taken: ended_by.map(Into::into),
        }
    }
}

/// What somebody holds, also what has not begun.
pub(crate) async fn roles_of(data: &TenantStore, user: Uuid, now: i64) -> Result<Vec<AdminRoleRecord>, Error> {
    let now = Instant::from_millis(now);
    let held = data.roles_of(user).await?.into_iter().map(|role| AdminRoleRecord::new(role, now));
    Ok(held.filter(|role| role.state != "ended").collect())
}

impl Administration {
    /// Roles behind that one whose scope is within reach, the oldest first.
    pub async fn admin_roles(
        &self,
        filter: &RoleFilter,
        reach: &Reach,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<AdminRoleRecord>, Error> {
        let (found, now) = (self.data.admin_roles(filter, reach, after, limit + 1).await?, self.instant());
        Ok(Slice::of(found.into_iter().map(|role| AdminRoleRecord::new(role, now)).collect(), limit))
    }

    /// One role, if its scope is within reach or it is the caller's own.
    pub async fn admin_role(&self, id: Uuid, reach: &Reach) -> Result<AdminRoleRecord, Error> {
        let found = self.data.admin_role(id, reach, self.cause.user).await?.ok_or(Error::Missing("role"))?;
        Ok(AdminRoleRecord::new(found, self.instant()))
    }

    /// Gives somebody a role: whoever gives it holds as much, as widely and as long, and a client of administration all.
    pub async fn give_admin_role(&self, catalog: &Catalog, new: &NewAdminRole) -> Result<AdminRoleRecord, Error> {
        check(new)?;
        let people = catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let user = work.lock_resource(people, new.user).await?.ok_or_else(|| wrong("/user", phrase("no-user")))?;
        let is_active = !work.active_among(&[user.id]).await?.is_empty();
        work.hold_admin_roles().await?;
        let now = self.instant();
        let wanted = new.assignment(now)?;
        let place = work.place_of(wanted.scope).await?.ok_or_else(|| wrong("/scope/id", phrase("is-nothing-here")))?;
        let held: Vec<Assignment> = assignments(&work, new.user).await?;
        let giver = self.roles_of_caller(&work).await?;
        let facts = Facts { now, giver: &giver, place: &place, is_active, held: &held };
        may_assign(self.caller(), &wanted, &facts).map_err(|refusal| refused(&refusal))?;
        let by = Deed { client: self.cause.client, user: self.cause.user, comment: Some(new.reason.trim().to_owned()) };
        let role = AdminRole {
            id: self.ids.next(),
            assignment: wanted,
            given: by,
            created: now.millis(),
            ended: None,
            ended_by: None,
        };
        work.create_admin_role(&role).await?;
        work.commit().await?;
        Ok(AdminRoleRecord::new(role, now))
    }

    /// Takes a role away that is within reach or the caller's own, for good; done twice, the second time changes nothing. The last one that keeps the tenant looked
    /// after stays.
    pub async fn end_admin_role(
        &self,
        id: Uuid,
        reach: &Reach,
        revocation: &Revocation,
    ) -> Result<AdminRoleRecord, Error> {
        check(revocation)?;
        let missing = || Error::Missing("role");
        let seen = self.data.admin_role(id, reach, self.cause.user).await?.ok_or_else(missing)?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        work.hold_admin_roles().await?;
        let now = self.instant();
        let role = work.admin_role(seen.id).await?.ok_or_else(missing)?;
        if role.ended.is_some() {
            work.roll_back().await?;
            return Ok(AdminRoleRecord::new(role, now));
        }
        let place = work.place_of(role.assignment.scope).await?.unwrap_or_default();
        let taker = self.roles_of_caller(&work).await?;
        may_end(self.caller(), &taker, &role.assignment, &place, now).map_err(|refusal| refused(&refusal))?;
        let mut of_kind: Vec<Assignment> =
            work.roles_of_kind(role.assignment.role).await?.into_iter().map(|role| role.assignment).collect();
        let holders: Vec<Uuid> = of_kind.iter().map(|one| one.user.0).collect();
        // Whoever is suspended keeps what they hold, and looks after nothing meanwhile.
        let active = work.active_among(&holders).await?;
        of_kind.retain(|one| active.contains(&one.user.0));
        may_remove(&role.assignment, &of_kind, now).map_err(|refusal| refused(&refusal))?;
        let ended = work.end_admin_role(&role, Some(revocation.reason.trim())).await?;
        work.commit().await?;
        Ok(AdminRoleRecord::new(ended, now))
    }

    /// Refuses a token, good for so many seconds, that would do or last more than the person who makes it: a client of administration
    /// has no end and gives to anybody, that person among them.
    pub(super) async fn must_not_exceed(
        &self,
        work: &Work,
        application: Option<Uuid>,
        (scopes, life): (&[String], i64),
    ) -> Result<(), Error> {
        let gives =
            |scope: &String| [TokenScope::TenantAdmin, TokenScope::GrantsWrite].iter().any(|one| scope == one.word());
        if self.cause.user.is_some() && scopes.iter().any(gives) {
            return Err(Error::Forbidden(phrase("people-make-no-such-tokens").into()));
        }
        let (now, until) = (self.instant(), Instant::from_millis(self.clock.now().saturating_add(life * 1000)));
        // What reads for an application alone lasts as long as the role over that, too.
        let reads = scopes.iter().all(|scope| scope == TokenScope::AppRead.word());
        let place = self.place_of_clients(work, application.filter(|_| reads)).await?;
        let reaches = |one: &Assignment| place.as_ref().is_some_and(|place| may(&[*one], Action::Clients, place, now));
        let holds = |one: &Assignment| one.role == Role::TenantAdministrator && one.is_live(now) || reaches(one);
        let lasts = |one: &Assignment| holds(one) && one.until.is_none_or(|end| until <= end);
        if self.roles_of_caller(work).await?.iter().any(lasts) {
            return Ok(());
        }
        Err(wrong("/expiresIn", phrase("outlasts-own-role")))
    }

    /// Refuses what people would give to themselves.
    pub(super) fn not_to_oneself(&self, user: Uuid) -> Result<(), Error> {
        if self.cause.user == Some(user) {
            return Err(Error::Forbidden(phrase("not-to-oneself").into()));
        }
        Ok(())
    }

    pub(super) fn instant(&self) -> Instant {
        Instant::from_millis(self.clock.now())
    }

    /// The person who asks; nobody where a client or an operator does.
    fn caller(&self) -> UserId {
        UserId(self.cause.user.unwrap_or_default())
    }

    /// What whoever asks holds by now: a client of administration and an operator look after the whole tenant.
    pub(super) async fn roles_of_caller(&self, work: &Work) -> Result<Vec<Assignment>, Error> {
        match self.cause.user {
            Some(user) => assignments(work, user).await,
            None => Ok(vec![Assignment {
                user: self.caller(),
                role: Role::TenantAdministrator,
                scope: Scope::Tenant,
                from: Instant::from_millis(0),
                until: None,
            }]),
        }
    }
}

impl NewAdminRole {
    fn assignment(&self, now: Instant) -> Result<Assignment, Error> {
        let moment = |pointer: &str, text: &String| {
            let wrong = || wrong(pointer, phrase("must-be-instant"));
            instant(text).map(Instant::from_millis).ok_or_else(wrong)
        };
        let from = self.from.as_ref().map(|text| moment("/from", text)).transpose()?.unwrap_or(now);
        let until = self.until.as_ref().map(|text| moment("/until", text)).transpose()?;
        if from < now {
            return Err(wrong("/from", phrase("begins-at-once")));
        }
        Ok(Assignment { user: UserId(self.user), role: self.role, scope: self.scope.into(), from, until })
    }
}

async fn assignments(work: &Work, user: Uuid) -> Result<Vec<Assignment>, Error> {
    Ok(work.roles_of(&[user]).await?.into_iter().map(|role| role.assignment).collect())
}

/// What a caller is told of what the rules refuse.
fn refused(refusal: &Refusal) -> Error {
    match refusal.reason {
        Reason::Unsuitable => wrong("/user", phrase("flaw-inactive")),
        Reason::Period => wrong("/until", phrase("must-be-later")),
        Reason::Policy(policy) => wrong("/scope", phrase("unsuitable-scope").with("policy", Phrase::from(policy))),
        Reason::Overlap => Error::Taken(phrase("role-held").into()),
        Reason::Last => Error::State { text: phrase("last-administrator").into(), state: "active", possible: &[] },
        Reason::Oneself => Error::Forbidden(phrase("role-to-oneself").into()),
        _ => Error::Forbidden(phrase("role-exceeds").into()),
    }
}
