//! Who works where, as the documents of users say.

use std::collections::{HashMap, HashSet};

use rights::{Instant, calendar};
use scim::{
    Document,
    employment::{self, Employment},
    fold,
    schema::{Catalog, Container},
};
use serde::Serialize;
use store::{Bounds, Stored, Within};
use uuid::Uuid;

use crate::administration::{
    Administration, Error, Slice,
    organisation::{missing, users},
};
use crate::wording::phrase;

/// Who is asked for of a node.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// Whether those who work below it are left out.
    pub direct: bool,
    /// The day on which they have to work there, as `2026-11-27`; today, if nobody says.
    pub day: Option<String>,
}

/// The node that an employment names.
#[derive(Clone, Debug, Serialize)]
pub struct EmploymentUnit {
    /// Its code.
    pub code: String,
    /// Its id, if there is a node of that code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Whom somebody reports to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmploymentManager {
    /// The id, as it was sent.
    pub id: String,
    /// The name, if there is such a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// An employment as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct EmploymentRecord {
    /// Its number in the personnel system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<EmploymentUnit>,
    /// As what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// On what footing.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Under whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<EmploymentManager>,
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Whether it counts where there can be only one.
    pub primary: bool,
    /// Whether it is in force today.
    pub current: bool,
    /// Its place among the person's, from 0.
    #[serde(skip)]
    pub place: usize,
}

/// Somebody who works somewhere.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonRecord {
    /// The user's id.
    pub id: Uuid,
    /// The name to sign in with.
    pub user_name: String,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether the account is in use.
    pub active: bool,
    /// What they work there as.
    pub employments: Vec<EmploymentRecord>,
}

/// A code that employments name and no node has.
#[derive(Clone, Debug, Serialize)]
pub struct UnmatchedRecord {
    /// The code.
    pub code: String,
    /// How many people it concerns.
    pub people: u64,
}

impl Administration {
    /// What a user within bounds works as, behind so many.
    pub async fn employments(
        &self,
        catalog: &Catalog,
        (user, bounds): (Uuid, &Bounds),
        after: Option<usize>,
        limit: u64,
    ) -> Result<Slice<EmploymentRecord>, Error> {
        self.must_see(user, bounds).await?;
        let stored = self.data.find(users(catalog)?, user, false).await?.ok_or(Error::Missing("user"))?;
        let first = after.map_or(0, |last| last.saturating_add(1));
        let wanted = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        let employments = employment::of(&stored.document()?).into_iter().enumerate().skip(first).take(wanted);
        let shown = self.show_employments(catalog, vec![employments.collect()]).await?;
        Ok(Slice::of(shown.into_iter().flatten().collect(), limit))
    }

    /// People behind that one who work in a node within bounds.
    pub async fn people_of_unit(
        &self,
        catalog: &Catalog,
        (unit, bounds): (Uuid, &Bounds),
        here: &Here,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<PersonRecord>, Error> {
        self.data.unit(unit, bounds).await?.ok_or_else(missing)?;
        let day = here.day.clone().unwrap_or_else(|| self.today());
        if !bounds.reach.tenant && day != bounds.day {
            // Who works elsewhere by now is nobody whom they look after.
            return Err(Error::Forbidden(phrase("whole-tenant-only").into()));
        }
        let within = Within { unit, direct: here.direct, day: &day };
        let found = Slice::of(self.data.people_within(&within, after, limit + 1).await?, limit);
        let codes: HashSet<String> = self.data.codes_within(&within).await?.into_iter().collect();
        let people = self.data.several(users(catalog)?, &found.items).await?;
        let documents: Vec<Document> = people.iter().map(Stored::document).collect::<Result<_, _>>()?;
        let is_here = |employment: &Employment| {
            let is_within = employment.unit.as_deref().is_some_and(|code| codes.contains(&fold::exact(code)));
            is_within && employment.is_current(&day)
        };
        let of = |document: &Document| {
            let all = employment::of(document).into_iter().enumerate();
            all.filter(|(_, employment)| is_here(employment)).collect()
        };
        let employments = self.show_employments(catalog, documents.iter().map(of).collect()).await?;
        let items = people.iter().zip(&documents).zip(employments).map(|((stored, document), employments)| {
            let text = |name| document.get(Container::Root, name).and_then(|value| value.as_str()).map(str::to_owned);
            PersonRecord {
                id: stored.id,
                user_name: text("userName").unwrap_or_default(),
                display_name: stored.display.clone(),
                active: document.get(Container::Root, "active") != Some(&false.into()),
                employments,
            }
        });
        Ok(Slice { items: items.collect(), has_more: found.has_more })
    }

    /// Codes behind that one which employments name and no node has.
    pub async fn unmatched_units(&self, after: Option<&str>, limit: u64) -> Result<Slice<UnmatchedRecord>, Error> {
        let found = self.data.unmatched_units(&self.today(), after, limit + 1).await?;
        let records = found.into_iter().map(|(code, people)| UnmatchedRecord { code, people });
        Ok(Slice::of(records.collect(), limit))
    }

    /// Nobody is seen who does not work within bounds.
    pub(in crate::administration) async fn must_see(&self, user: Uuid, bounds: &Bounds) -> Result<(), Error> {
        if self.data.is_person_within(bounds, user).await? { Ok(()) } else { Err(Error::Missing("user")) }
    }

    /// The day it is in Latvia.
    pub(in crate::administration) fn today(&self) -> String {
        calendar::local(Instant::from_millis(self.clock.now())).0.to_string()
    }

    /// Lists of employments, each with its place, with the names of what they name.
    async fn show_employments(
        &self,
        catalog: &Catalog,
        lists: Vec<Vec<(usize, Employment)>>,
    ) -> Result<Vec<Vec<EmploymentRecord>>, Error> {
        let all = || lists.iter().flatten().map(|(_, employment)| employment);
        let codes: HashSet<String> = all().filter_map(|one| one.unit.as_deref()).map(fold::exact).collect();
        let codes: Vec<String> = codes.into_iter().collect();
        let units = self.data.units_of_codes(&codes).await?;
        let units: HashMap<String, (Uuid, String)> =
            units.into_iter().map(|(id, code, name)| (code, (id, name))).collect();
        let managers: HashSet<Uuid> = all().filter_map(|one| one.manager.as_deref()?.parse().ok()).collect();
        let names = self.data.displays(users(catalog)?, managers).await?;
        let today = self.today();
        let show = |(place, one): (usize, Employment)| EmploymentRecord {
            current: one.is_current(&today),
            unit: one.unit.map(|code| {
                let found = units.get(&fold::exact(&code)).cloned();
                let (id, name) = found.unzip();
                EmploymentUnit { code, id, name }
            }),
            manager: one.manager.map(|id| {
                let name = id.parse().ok().and_then(|id: Uuid| names.get(&id).cloned()).flatten();
                EmploymentManager { id, display_name: name }
            }),
            number: one.number,
            position: one.position,
            kind: one.kind,
            start: one.starts,
            end: one.ends,
            primary: one.is_primary,
            place,
        };
        Ok(lists.into_iter().map(|list| list.into_iter().map(show).collect()).collect())
    }
}
