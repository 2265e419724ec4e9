//! Puts the demonstration into the database, through the same use-cases as any client.

use std::collections::HashMap;

use scim::{
    message::Parameters,
    project::Projection,
    schema::{ENTERPRISE, GROUP, ResourceType},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::{Bounds, Cause, Tenant, UnitFilter};
use uuid::Uuid;

use crate::{
    administration::{
        self, Administration, Authority, NewApplication, NewApprovalPolicy, NewBirthrightRule, NewSodRule, NewUnit,
        RuleWish, UnitRecord,
    },
    app::App,
    demo::{
        People, Town, people,
        rights::{APPLICATIONS, DemoApplication, apart, birthright, duration, policies},
        towns,
    },
    provisioning::{Directory, Error},
    wording::Text,
};

/// What the log of changes knows the demonstration by.
const REQUEST: &str = "demonstration";

/// Fills what is not there yet: a start that was broken off is taken up where it ended.
pub async fn fill(app: &App) -> Result<(), Error> {
    for town in towns() {
        let tenant = match app.store.find_tenant(town.slug).await? {
            Some(tenant) => tenant,
            None => app.store.create_tenant(town.slug, town.name, app.clock.now()).await?,
        };
        fill_town(app, town, &tenant).await?;
    }
    Ok(())
}

async fn fill_town(app: &App, town: &Town, tenant: &Tenant) -> Result<(), Error> {
    let cause = Cause { client: None, user: None, request: REQUEST.into() };
    let directory = app.directory_of(tenant.id, &tenant.slug, cause).await?;
    let (Some(users), Some(groups)) = (directory.catalog.by_name("User"), directory.catalog.by_name("Group")) else {
        return Err(Error::Failed("the catalogue lacks users or groups".into()));
    };
    let people = people(town);
    // By what was made and not by what is there: what somebody has deleted since stays deleted.
    if directory.data.made_by(REQUEST, &groups.name).await? >= people.groups.len() as u64 {
        return fill_rights(&directory, groups).await;
    }
    tracing::info!(
        tenant = town.slug,
        users = people.users.len(),
        groups = people.groups.len(),
        "filling the demonstration"
    );
    let ids = fill_users(&directory, users, &people).await?;
    fill_units(&directory, &people, &ids).await.map_err(of_units)?;
    fill_groups(&directory, groups, &people, &ids).await?;
    fill_rights(&directory, groups).await
}

/// Managers come before those they manage, so that the reference can be made at once.
async fn fill_users(directory: &Directory, kind: &ResourceType, people: &People) -> Result<Vec<String>, Error> {
    let present = present(directory, kind).await?;
    let mut ids: Vec<Option<String>> = vec![None; people.users.len()];
    for start in 0..people.users.len() {
        let mut chain = vec![start];
        while let Some(manager) = people.managers[chain[chain.len() - 1]].filter(|manager| ids[*manager].is_none()) {
            chain.push(manager);
        }
        for at in chain.into_iter().rev() {
            if ids[at].is_none() {
                let manager = people.managers[at].and_then(|manager| ids[manager].clone());
                ids[at] = Some(fill_user(directory, kind, &people.users[at], manager, &present).await?);
            }
        }
    }
    Ok(ids.into_iter().flatten().collect())
}

async fn fill_user(
    directory: &Directory,
    kind: &ResourceType,
    user: &Value,
    manager: Option<String>,
    present: &HashMap<String, String>,
) -> Result<String, Error> {
    if let Some(id) = user["externalId"].as_str().and_then(|external| present.get(external)) {
        return Ok(id.clone());
    }
    let mut user = user.clone();
    if let Some(manager) = manager {
        user[ENTERPRISE]["manager"] = json!({ "value": manager });
    }
    create(directory, kind, user).await
}

/// Each behind what it is part of.
async fn fill_units(directory: &Directory, people: &People, users: &[String]) -> Result<(), administration::Error> {
    let administration = administration_of(directory);
    let user = |at: Option<usize>| users.get(at?)?.parse().ok();
    let mut ids: Vec<Uuid> = Vec::with_capacity(people.units.len());
    for unit in &people.units {
        let filter = UnitFilter { code: Some(unit.code.clone()), ..UnitFilter::default() };
        let present = administration.units(&filter, &Bounds::none(), None, 1).await?.items;
        if let Some(present) = present.first() {
            ids.push(present.id);
            continue;
        }
        let new = NewUnit {
            kind: unit.kind.to_owned(),
            code: unit.code.clone(),
            name: unit.name.clone(),
            parent: unit.parent.and_then(|at| ids.get(at).copied()),
            registration_number: unit.registration_number.clone(),
            head: user(unit.head),
            deputy: user(unit.deputy),
        };
        ids.push(administration.create_unit(&directory.catalog, &new).await?.id);
    }
    Ok(())
}

fn administration_of(directory: &Directory) -> Administration {
    Administration {
        data: directory.data.clone(),
        authority: Authority::Operator,
        cause: directory.cause.clone(),
        clock: directory.clock.clone(),
        ids: directory.ids.clone(),
    }
}

fn of_units(error: administration::Error) -> Error {
    match error {
        administration::Error::Store(error) => error.into(),
        other => Error::Failed(other.to_string()),
    }
}

async fn fill_groups(
    directory: &Directory,
    kind: &ResourceType,
    people: &People,
    users: &[String],
) -> Result<(), Error> {
    let present = present(directory, kind).await?;
    let mut ids: Vec<String> = Vec::with_capacity(people.groups.len());
    for group in &people.groups {
        if let Some(id) = present.get(&group.external_id) {
            ids.push(id.clone());
            continue;
        }
        let members: Vec<Value> = group
            .users
            .iter()
            .map(|at| &users[*at])
            .chain(group.groups.iter().map(|at| &ids[*at]))
            .map(|id| json!({ "value": id }))
            .collect();
        let body = json!({
            "schemas": [GROUP],
            "displayName": group.name,
            "externalId": group.external_id,
            "members": members,
        });
        ids.push(create(directory, kind, body).await?);
    }
    Ok(())
}

async fn create(directory: &Directory, kind: &ResourceType, body: Value) -> Result<String, Error> {
    let projection = Projection::parse(kind, ["id"], [])?;
    let shown = directory.create(kind, body, &projection).await?;
    let resource: Value = serde_json::from_str(&shown.body).map_err(|e| Error::Failed(e.to_string()))?;
    Ok(resource["id"].as_str().unwrap_or_default().to_owned())
}

/// The ids of what is there, by external id.
async fn present(directory: &Directory, kind: &ResourceType) -> Result<HashMap<String, String>, Error> {
    let attributes = Some("externalId".to_owned());
    let parameters = Parameters { attributes, count: Some("1000".into()), ..Parameters::default() };
    let list: Value = serde_json::from_str(&directory.list(std::slice::from_ref(kind), &parameters).await?)
        .map_err(|e| Error::Failed(e.to_string()))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resources = list["Resources"].as_array().into_iter().flatten();
    Ok(resources.map(|resource| (text(&resource["externalId"]), text(&resource["id"]))).collect())
}

/// Applications, their entitlements, and the rules about them; the last of these is made last, and says that all are there.
async fn fill_rights(directory: &Directory, groups: &ResourceType) -> Result<(), Error> {
    if directory.data.made_by(REQUEST, "BirthrightRule").await? > 0 {
        return Ok(());
    }
    let present = present(directory, groups).await?;
    let rights = Rights { administration: administration_of(directory), directory, present };
    rights.fill().await.map_err(of_units)
}

/// Access rights on their way into the database.
struct Rights<'a> {
    administration: Administration,
    directory: &'a Directory,
    /// The ids of groups, by external id.
    present: HashMap<String, String>,
}

impl Rights<'_> {
    fn group(&self, code: &str) -> Option<String> {
        self.present.get(&format!("GR-{code}")).cloned()
    }

    async fn fill(&self) -> Result<(), administration::Error> {
        for (code, policy) in policies() {
            let policy = self.rule::<NewApprovalPolicy>(policy).await?;
            for application in APPLICATIONS.iter().filter(|application| application.code == code) {
                self.application(application, policy).await?;
            }
        }
        for rule in apart(|code| self.group(code)).into_iter().flatten() {
            self.rule::<NewSodRule>(rule).await?;
        }
        let finances = self.unit("FIN").await?;
        if let (Some(finances), Some(group)) = (finances, self.group("LIE-LIETOTAJI")) {
            self.rule::<NewBirthrightRule>(birthright(&finances.id.to_string(), &group)).await?;
        }
        Ok(())
    }

    /// A rule, unless there is one of that name.
    async fn rule<W: RuleWish>(&self, rule: Value) -> Result<Uuid, administration::Error> {
        let wish: W = read(rule)?;
        let known = self.administration.rules::<W>(None, 100).await?.items;
        match known.iter().find(|known| known.rule.head().name == wish.head().name) {
            Some(known) => Ok(known.id),
            None => Ok(self.administration.create_rule(&self.directory.catalog, &wish).await?.id),
        }
    }

    async fn unit(&self, code: &str) -> Result<Option<UnitRecord>, administration::Error> {
        let filter = UnitFilter { code: Some(code.to_owned()), ..UnitFilter::default() };
        Ok(self.administration.units(&filter, &Bounds::none(), None, 1).await?.items.pop())
    }

    async fn application(&self, demo: &DemoApplication, policy: Uuid) -> Result<(), administration::Error> {
        let catalog = &self.directory.catalog;
        let unit = self.unit(demo.unit).await?;
        let id = match self.directory.data.application_by_code(demo.code).await? {
            Some(known) => known.id,
            None => {
                let new = NewApplication {
                    code: demo.code.to_owned(),
                    name: demo.name.to_owned(),
                    owner: unit.as_ref().and_then(|unit| Some(unit.head.as_ref()?.id)),
                    deputy: unit.as_ref().and_then(|unit| Some(unit.deputy.as_ref()?.id)),
                    unit: unit.as_ref().map(|unit| unit.id),
                    ..NewApplication::default()
                };
                self.administration.create_application(&self.directory.service, &new).await?.id
            }
        };
        let known = self.administration.entitlements(Some((id, &Bounds::none())), None, 100).await?.items;
        for (group, code, lv, en, risk) in demo.entitlements {
            let Some(group) = self.group(group).filter(|_| known.iter().all(|known| known.code != *code)) else {
                continue;
            };
            let new = json!({
                "group": group, "code": code, "names": { "lv": lv, "en": en }, "risk": risk, "requestable": true,
                "approvalPolicy": policy, "legalBasis": demo.legal_basis, "duration": duration(*risk),
                "needsJustification": *risk >= 2, "emergency": *risk == 3,
            });
            self.administration.create_entitlement(catalog, id, &read(new)?).await?;
        }
        Ok(())
    }
}

/// What is made up here is as it would be sent.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, administration::Error> {
    serde_json::from_value(value).map_err(|error| administration::Error::Conflict(Text::english(error.to_string())))
}
