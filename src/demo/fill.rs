//! Puts the demonstration into the database, through the same use-cases as any client.

use std::collections::HashMap;

use scim::{
    message::Parameters,
    project::Projection,
    schema::{ENTERPRISE, GROUP, ResourceType},
};
use serde_json::{Value, json};
use store::{Cause, EntitlementAudience, Lengths, Names, Tenant, UnitFilter};
use uuid::Uuid;

use crate::{
    administration::{self, Administration, Authority, NewApplication, NewEntitlement, NewUnit, UnitRecord},
    app::App,
    demo::{
        People, Town,
        applications::{APPLICATIONS, DemoEntitlement},
        people, towns,
    },
    provisioning::{Directory, Error},
};

/// What the log of changes knows the demonstration by.
const REQUEST: &str = "demonstration";
/// What it calls an entitlement.
const ENTITLEMENT: &str = "Entitlement";

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
    let entitlements: usize = APPLICATIONS.iter().map(|application| application.entitlements.len()).sum();
    let made = directory.data.made_by(REQUEST, &groups.name).await?;
    if made >= people.groups.len() as u64 && directory.data.made_by(REQUEST, ENTITLEMENT).await? >= entitlements as u64
    {
        return Ok(());
    }
    tracing::info!(
        tenant = town.slug,
        users = people.users.len(),
        groups = people.groups.len(),
        "filling the demonstration"
    );
    let ids = fill_users(&directory, users, &people).await?;
    let administration = administration(&directory);
    let units = fill_units(&administration, &directory, &people, &ids).await.map_err(of_administration)?;
    if made < people.groups.len() as u64 {
        fill_groups(&directory, groups, &people, &ids).await?;
    }
    let groups = present(&directory, groups).await?;
    fill_applications(&administration, &directory, &units, &groups).await.map_err(of_administration)
}

/// The use-cases of administration, for the server itself.
fn administration(directory: &Directory) -> Administration {
    Administration {
        data: directory.data.clone(),
        authority: Authority::Operator,
        cause: directory.cause.clone(),
        clock: directory.clock.clone(),
        ids: directory.ids.clone(),
    }
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
    create(directory, kind, &user).await
}

/// Each behind what it is part of. Says what they are, by their codes.
async fn fill_units(
    administration: &Administration,
    directory: &Directory,
    people: &People,
    users: &[String],
) -> Result<HashMap<String, UnitRecord>, administration::Error> {
    let user = |at: Option<usize>| users.get(at?)?.parse().ok();
    let mut ids: Vec<Uuid> = Vec::with_capacity(people.units.len());
    let mut units = HashMap::with_capacity(people.units.len());
    for unit in &people.units {
        let filter = UnitFilter { code: Some(unit.code.clone()), ..UnitFilter::default() };
        let present = administration.units(&filter, None, 1).await?.items;
        if let Some(present) = present.into_iter().next() {
            ids.push(present.id);
            units.insert(unit.code.clone(), present);
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
        let made = administration.create_unit(&directory.catalog, &new).await?;
        ids.push(made.id);
        units.insert(unit.code.clone(), made);
    }
    Ok(units)
}

/// Applications with those who lead their units as owners, and their entitlements.
async fn fill_applications(
    administration: &Administration,
    directory: &Directory,
    units: &HashMap<String, UnitRecord>,
    groups: &HashMap<String, String>,
) -> Result<(), administration::Error> {
    for wanted in &APPLICATIONS {
        let application = match administration.application_by_code(wanted.code).await {
            Ok(present) => present.id,
            Err(administration::Error::Missing(_)) => {
                let unit = units.get(wanted.unit);
                let new = NewApplication {
                    code: wanted.code.to_owned(),
                    name: wanted.name.to_owned(),
                    released: wanted.released.iter().map(|path| (*path).to_owned()).collect(),
                    owner: unit.and_then(|unit| unit.head.as_ref()).map(|head| head.id),
                    deputy: unit.and_then(|unit| unit.deputy.as_ref()).map(|deputy| deputy.id),
                    unit: unit.map(|unit| unit.id),
                };
                administration.create_application(&directory.catalog, &new).await?.id
            }
            Err(other) => return Err(other),
        };
        for entitlement in wanted.entitlements {
            let group = groups.get(&format!("GR-{}", entitlement.group)).and_then(|id| id.parse().ok());
            let Some(group) = group else { continue };
            let new = new_entitlement(entitlement, group, units);
            match administration.create_entitlement(&directory.catalog, application, &new).await {
                // It is there since a start that was broken off.
                Ok(_) | Err(administration::Error::Taken(_)) => {}
                Err(other) => return Err(other),
            }
        }
    }
    Ok(())
}

fn new_entitlement(wanted: &DemoEntitlement, group: Uuid, units: &HashMap<String, UnitRecord>) -> NewEntitlement {
    let (proposed, longest) = wanted.lengths();
    NewEntitlement {
        group,
        code: wanted.code.to_owned(),
        names: Names { lv: Some(wanted.name_lv.to_owned()), en: Some(wanted.name_en.to_owned()) },
        state: "active".into(),
        authority: wanted.authority.to_owned(),
        risk: wanted.risk,
        purpose: Some(wanted.purpose.to_owned()),
        legal_basis: Some(wanted.legal_basis.to_owned()),
        requestable: None,
        owner: None,
        audience: EntitlementAudience {
            units: wanted.units.iter().filter_map(|code| units.get(*code)).map(|unit| unit.id).collect(),
            employment_types: Vec::new(),
        },
        duration: Lengths { proposed, longest, total: None, extensions: wanted.extensions },
        needs_justification: wanted.risk >= 2,
        needs_legal_basis: wanted.risk >= 3,
        approval_policy: None,
        prerequisites: Vec::new(),
        emergency: wanted.emergency,
    }
}

fn of_administration(error: administration::Error) -> Error {
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
        ids.push(create(directory, kind, &body).await?);
    }
    Ok(())
}

async fn create(directory: &Directory, kind: &ResourceType, body: &Value) -> Result<String, Error> {
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
