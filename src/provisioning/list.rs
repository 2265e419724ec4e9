//! Lists: by GET (RFC 7644 §3.4.2) and by `.search` (§3.4.3), of one type or of all, by number or by cursor (RFC 9865).

use scim::{
    ScimType,
    filter::{Comparison, Filter, Operator},
    index::digest,
    message::{Numbering, Parameters, Position, Start},
    path::AttrPath,
    schema::ResourceType,
};
use store::{Stored, Wanted};

use crate::provisioning::{Directory, Error, Shown, cursor::Purpose, read::parse_id};

/// What is told of a query that the database gave up: to ask the same again comes to nothing.
fn too_much(error: store::Error) -> Error {
    match error {
        store::Error::Long => {
            let detail =
                "This query takes longer than a query may; ask for less, by a shorter filter or without an order.";
            scim::Error::of(ScimType::TooMany, detail).into()
        }
        other => other.into(),
    }
}

impl Directory {
    /// A page of resources of those types as the text of a ListResponse.
    pub async fn list(&self, kinds: &[ResourceType], parameters: &Parameters) -> Result<String, Error> {
        let mut queries = parameters.queries(kinds, self.service.page(), self.mode)?;
        let Some(first) = queries.first_mut() else {
            return Err(Error::Failed("a list of no type".into()));
        };
        let purpose = Purpose { query: self.identity(kinds, parameters), count: first.count };
        let mut total = None;
        if let Some(cursor) = parameters.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            let (position, counted) = self.cursors.read_counted(purpose, cursor).await?;
            first.start = Start::After(Some(position));
            total = counted;
        }
        let wanted = Wanted { catalog: &self.catalog, kinds, queries: &queries, base: &self.base, total };
        let found = self.data.query(&wanted).await.map_err(too_much)?;
        // No counter knows how many an application sees: they are counted once, for the first page.
        let counted = self.data.application_id().map(|_| found.total);
        let mut shown: Vec<Option<Shown>> = found.resources.iter().map(|_| None).collect();
        let mut by_kind: Vec<Vec<(usize, Stored)>> = kinds.iter().map(|_| Vec::new()).collect();
        for (place, (kind, stored)) in found.resources.into_iter().enumerate() {
            by_kind[kind].push((place, stored));
        }
        for ((kind, query), some) in kinds.iter().zip(&queries).zip(by_kind) {
            let (places, stored): (Vec<usize>, Vec<Stored>) = some.into_iter().unzip();
            for (place, one) in places.into_iter().zip(self.show_all(kind, stored, &query.projection).await?) {
                shown[place] = Some(one);
            }
        }
        let numbering = match (&queries[0].start, found.next) {
            (Start::Index(start), _) => Numbering::Index(*start),
            (Start::After(_), None) => Numbering::Cursor(None),
            (Start::After(_), Some(next)) => {
                Numbering::Cursor(Some(self.cursors.write_counted(purpose, next, counted).await?))
            }
        };
        let bodies: Vec<String> = shown.into_iter().flatten().map(|shown| shown.body).collect();
        Ok(scim::message::list_text(found.total, &numbering, &bodies))
    }

    /// A page of a group's members, each as in `members`: for groups that are too long to read at once.
    pub async fn list_members(&self, kind: &ResourceType, id: &str, parameters: &Parameters) -> Result<String, Error> {
        let group = parse_id(kind, id)?;
        let only = member_asked_for(parameters)?;
        let query =
            Parameters { count: parameters.count.clone(), cursor: Some(String::new()), ..Parameters::default() };
        let count = query.query(kind, self.service.page(), self.mode)?.count;
        let asked = only.as_deref().unwrap_or_default();
        let purpose = Purpose { query: digest(&[&self.tenant_text(), &kind.endpoint, id, asked]), count };
        self.data.find(kind, group, false).await?.ok_or_else(|| Error::not_found(kind))?;
        let after = match parameters.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            None => None,
            Some(cursor) => Some(parse_id(kind, &self.cursors.read(purpose, cursor).await?.id)?),
        };
        let (total, mut members) = match only.map(|only| parse_id(kind, &only)) {
            Some(only) => {
                // Whatever is no id is nobody's.
                let member = match only {
                    Ok(only) => self.data.member(group, only).await?,
                    Err(_) => None,
                };
                (u64::from(member.is_some()), Vec::from_iter(member))
            }
            None if count == 0 => (self.data.count_members(group).await?, Vec::new()),
            // One more shows whether there is a next page.
            None => (self.data.count_members(group).await?, self.data.members_after(group, after, count + 1).await?),
        };
        let more = members.len() as u64 > count;
        members.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        let next = match members.last().filter(|_| more) {
            None => None,
            Some(last) => {
                let position = Position { key: None, kind: kind.name.clone(), id: last.id.to_string() };
                Some(self.cursors.write(purpose, position).await?)
            }
        };
        Ok(scim::message::list_text(total, &Numbering::Cursor(next), &self.member_texts(kind, &members)))
    }

    /// The tenant, whatever address it is served under, and for which application it is seen.
    fn tenant_text(&self) -> String {
        format!("{:?} {:?}", self.data.id(), self.data.application_id())
    }

    /// What makes a query the same query: everything but the place and the length of the page.
    fn identity(&self, kinds: &[ResourceType], parameters: &Parameters) -> u64 {
        let Parameters { filter, sort_by, sort_order, attributes, excluded_attributes, .. } = parameters;
        let tenant = self.tenant_text();
        let mut parts = vec![tenant.as_str()];
        parts.extend(kinds.iter().map(|kind| kind.name.as_str()));
        let given = [filter, sort_by, sort_order, attributes, excluded_attributes];
        parts.extend(given.map(|given| given.as_deref().unwrap_or_default()));
        digest(&parts)
    }
}

/// The one member that the filter of a list of members names. Nothing else can be asked of it: whoever asks must not
/// take all members for those that were asked for.
fn member_asked_for(parameters: &Parameters) -> Result<Option<String>, scim::Error> {
    let Parameters { filter, sort_by, sort_order, start_index, attributes, excluded_attributes, count: _, cursor: _ } =
        parameters;
    let unsupported = [
        ("sortBy", sort_by),
        ("sortOrder", sort_order),
        ("startIndex", start_index),
        ("attributes", attributes),
        ("excludedAttributes", excluded_attributes),
    ];
    let given = |(_, value): &&(&str, &Option<String>)| value.as_deref().is_some_and(|value| !value.is_empty());
    if let Some((name, _)) = unsupported.iter().find(given) {
        let detail =
            format!("{name} is not possible here: members come in the order of their ids, by cursor and count.");
        return Err(scim::Error::of(ScimType::InvalidValue, detail));
    }
    let Some(filter) = filter else { return Ok(None) };
    match Filter::parse(filter)? {
        Filter::Compare(AttrPath { urn: None, name, sub: None }, Operator::Eq, Comparison::Text(id))
            if name.eq_ignore_ascii_case("value") =>
        {
            Ok(Some(id))
        }
        _ => Err(scim::Error::of(ScimType::InvalidFilter, "Members can be asked for by `value eq` and an id only.")),
    }
}
