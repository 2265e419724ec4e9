//! From a stored row to what a client sees: the document as it lies, with `meta` and whatever is
//! derived from other resources put behind it.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use scim::{
    filter::Field,
    message,
    project::Projection,
    schema::{Attribute, Container, ResourceType},
};
use serde_json::{Map, Value};
use store::{GroupRef, MemberRow, Stored};
use uuid::Uuid;

use crate::{
    clock::timestamp,
    provisioning::{Directory, Error, condition::tag, read::exact},
};

/// The most members that one list of several groups shows.
const MAX_LISTED_MEMBERS: u64 = 200_000;

/// A representation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its entity tag.
    pub tag: String,
    /// The resource's address.
    pub location: String,
    /// The text of a JSON object.
    pub body: String,
}

/// What a page of resources derives from others, by id.
#[derive(Default)]
struct Derived<'c> {
    /// The members of each group as the text of a list.
    members: Option<HashMap<Uuid, String>>,
    groups: Option<HashMap<Uuid, Vec<GroupRef>>>,
    /// How many users hold what a catalogue lists, by its comparison key.
    holders: Option<HashMap<String, u64>>,
    /// The names of resources that documents refer to, by their type.
    referred: HashMap<(&'c str, Uuid), Option<String>>,
}

impl Directory {
    /// One resource.
    pub(super) async fn show(
        &self,
        kind: &ResourceType,
        stored: Stored,
        projection: &Projection,
    ) -> Result<Shown, Error> {
        let mut shown = self.show_all(kind, vec![stored], projection).await?;
        shown.pop().ok_or_else(|| Error::Failed("a resource was lost on its way out".into()))
    }

    /// A resource that was written. The write is lasting, so that whatever fails now must not look like its failure:
    /// then address and tag have to do.
    pub(super) async fn show_written(&self, kind: &ResourceType, stored: Stored, projection: &Projection) -> Shown {
        let bare = self.bare(kind, stored.id, stored.version);
        self.show(kind, stored, projection).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a write was answered without its resource");
            bare
        })
    }

    /// A resource that was just made. Nothing can refer to it yet, so that it can be shown without another look if it
    /// must be.
    pub(super) async fn show_new(&self, kind: &ResourceType, stored: Stored, projection: &Projection) -> Shown {
        let bare = self.bare(kind, stored.id, stored.version);
        let alone = stored.clone();
        match self.show(kind, stored, projection).await {
            Ok(shown) => shown,
            Err(_) if kind.membership.is_some() => bare,
            Err(error) => {
                tracing::warn!(%error, "a new resource is shown without what it refers to");
                let view = View::new(self, kind, projection);
                let document = view.parsed(&alone);
                let shown = document.and_then(|d| self.shown(&view, alone, d, &mut Derived::default()));
                shown.unwrap_or(bare)
            }
        }
    }

    /// Address and tag without a body.
    pub(super) fn bare(&self, kind: &ResourceType, id: Uuid, version: i64) -> Shown {
        Shown { tag: tag(version, &[]), location: self.location(kind, id), body: String::new() }
    }

    /// A page of resources. What they derive from others is asked for once for all of them.
    pub(super) async fn show_all(
        &self,
        kind: &ResourceType,
        mut page: Vec<Stored>,
        projection: &Projection,
    ) -> Result<Vec<Shown>, Error> {
        let view = View::new(self, kind, projection);
        let documents = page.iter().map(|stored| view.parsed(stored));
        let documents = documents.collect::<Result<Vec<_>, _>>()?;
        let mut derived = self.derive(kind, &mut page, &documents, projection).await?;
        let each = page.into_iter().zip(documents);
        each.map(|(stored, document)| self.shown(&view, stored, document, &mut derived)).collect()
    }

    fn location(&self, kind: &ResourceType, id: Uuid) -> String {
        format!("{}/{}/{id}", self.base, kind.endpoint)
    }

    /// What the addresses of all resources of a type start with, as JSON has it within quotes.
    fn place(&self, kind: &ResourceType) -> String {
        let mut text = String::new();
        message::write_string(&mut text, &format!("{}/{}/", self.base, kind.endpoint));
        text.trim_matches('"').to_owned()
    }

    async fn derive(
        &self,
        kind: &ResourceType,
        page: &mut [Stored],
        documents: &[Option<Map<String, Value>>],
        projection: &Projection,
    ) -> Result<Derived<'_>, Error> {
        let ids: Vec<Uuid> = page.iter().map(|stored| stored.id).collect();
        let shows = |name: &str| kind.root_attribute(name).is_some_and(|attribute| projection.shows(attribute));
        let mut derived = Derived::default();
        if kind.membership.is_some_and(shows) {
            derived.members = Some(self.members_of(kind, &ids, projection).await?);
        }
        if shows_groups(kind, projection) {
            let unknown: Vec<Uuid> =
                page.iter().filter(|stored| stored.groups.is_none()).map(|stored| stored.id).collect();
            let mut groups = if unknown.is_empty() { HashMap::new() } else { self.data.groups_of(&unknown).await? };
            groups.extend(page.iter_mut().filter_map(|stored| Some((stored.id, stored.groups.take()?))));
            derived.groups = Some(groups);
        }
        if let Some(listed) = self.listed(kind) {
            let keys = page.iter().map(|stored| listed.key(kind, stored)).collect::<Result<Vec<_>, _>>()?;
            let keys: Vec<String> = keys.into_iter().flatten().collect();
            derived.holders = Some(self.holders(kind, &listed, &keys).await?);
        }
        if documents.iter().all(Option::is_none) {
            return Ok(derived);
        }
        for target in self.catalog.types() {
            let to_target = |document| references(kind, document).filter(|(attribute, _)| refers_to(attribute, target));
            let ids: HashSet<Uuid> = documents.iter().flatten().flat_map(to_target).map(|(_, id)| id).collect();
            if !ids.is_empty() {
                let names = self.data.displays(target, ids).await?;
                derived.referred.extend(names.into_iter().map(|(id, name)| ((target.name.as_str(), id), name)));
            }
        }
        Ok(derived)
    }

    /// The members of groups, as lists in text. One group comes whole, whatever its size; many of them only as far as
    /// one answer can hold.
    async fn members_of(
        &self,
        kind: &ResourceType,
        groups: &[Uuid],
        projection: &Projection,
    ) -> Result<HashMap<Uuid, String>, Error> {
        let limit = if groups.len() > 1 { MAX_LISTED_MEMBERS } else { u64::MAX };
        let parts = Parts::of(kind, projection);
        let places: Vec<(&str, String)> =
            self.catalog.types().iter().map(|of| (of.name.as_str(), self.place(of))).collect();
        let mut lists: Vec<(Uuid, List)> = Vec::with_capacity(groups.len());
        // They come group by group.
        let mut push = |group, id, kind: &str, display: Option<&str>| {
            let Some((kind, place)) = places.iter().find(|(name, _)| *name == kind) else { return };
            if lists.last().is_none_or(|(last, _)| *last != group) {
                lists.push((group, List::default()));
            }
            if let Some((_, list)) = lists.last_mut() {
                list.push(&parts, place, id, kind, display);
            }
        };
        if self.data.visit_members(groups, limit, &mut push).await? > limit {
            let detail = format!(
                "These {} groups have more than {MAX_LISTED_MEMBERS} members in all; \
                 ask for fewer with count, or leave the members out with excludedAttributes=members.",
                groups.len()
            );
            return Err(scim::Error::of(scim::ScimType::TooMany, detail).into());
        }
        Ok(lists.into_iter().map(|(group, list)| (group, list.into_text())).collect())
    }

    /// Members as the texts of JSON objects.
    pub(super) fn member_texts(&self, kind: &ResourceType, members: &[MemberRow]) -> Vec<String> {
        let parts = Parts::of(kind, &Projection::default());
        let text = |member: &MemberRow| {
            let of = self.catalog.by_name(&member.kind)?;
            let mut list = List::default();
            list.push(&parts, &self.place(of), member.id, &of.name, member.display.as_deref());
            Some(list.into_text().trim_matches(['[', ']']).to_owned())
        };
        members.iter().filter_map(text).collect()
    }

    fn shown(
        &self,
        view: &View<'_>,
        stored: Stored,
        document: Option<Map<String, Value>>,
        derived: &mut Derived<'_>,
    ) -> Result<Shown, Error> {
        let kind = view.kind;
        let location = self.location(kind, stored.id);
        let groups = derived.groups.as_ref().map(|all| view.groups(all.get(&stored.id)));
        let document = document.map(|mut document| {
            let names = self.name_references(view, &mut document, &derived.referred);
            (document, names)
        });
        let names = document.as_ref().map(|(_, names)| names.as_str()).unwrap_or_default();
        let count = match (&derived.holders, self.listed(kind)) {
            (Some(holders), Some(listed)) => {
                Some(listed.key(kind, &stored)?.and_then(|key| holders.get(&key)).copied().unwrap_or(0))
            }
            _ => None,
        };
        let counted = count.map(|count: u64| count.to_string()).unwrap_or_default();
        // Members need no digest: whoever comes or goes moves the version of the group.
        let mut tag = tag(stored.version, &[groups.as_deref().unwrap_or_default(), names, &counted]);
        let mut body = match document {
            None => stored.document,
            Some((document, _)) => Value::Object(document).to_string(),
        };
        if body.pop() != Some('}') {
            return Err(store::Error::Damaged(format!("the document of {} is not an object", stored.id)).into());
        }
        body.reserve(400 + groups.as_ref().map_or(0, String::len));
        if let (Some(name), Some(groups)) = (kind.member_of, groups.filter(|groups| !groups.is_empty())) {
            // Writing to text does not fail.
            let _ = write!(body, ",\"{name}\":{groups}");
        }
        if !counted.is_empty() {
            let _ = write!(body, ",\"totalAssignmentsUsed\":{counted}");
        }
        if kind.is_partial {
            let members = derived.members.as_ref().and_then(|all| all.get(&stored.id));
            tag = partial_tag(
                view,
                (stored.id, stored.version),
                &format!("{body}}}"),
                members.map_or("", String::as_str),
            )?;
        }
        body.push_str(",\"meta\":");
        message::write_meta(&mut body, kind, &location, &timestamp(stored.created), &timestamp(stored.modified), &tag);
        body.push('}');
        if !view.shows_all {
            body = view.part(stored.id, &body)?;
        }
        let members = derived.members.as_mut().and_then(|all| all.remove(&stored.id));
        if let (Some(name), Some(mut members)) = (kind.membership, members.filter(|members| !members.is_empty())) {
            // A long list is not copied: the rest of the resource goes in front of it.
            body.pop();
            let _ = write!(body, ",\"{name}\":");
            members.insert_str(0, &body);
            members.push('}');
            body = members;
        }
        Ok(Shown { tag, location, body })
    }

    /// Where users hold what a catalogue lists; nothing if the type is no catalogue.
    pub(super) fn listed(&self, kind: &ResourceType) -> Option<Listed<'_>> {
        let user = self.catalog.types().first()?;
        let attribute = user.root_attribute(kind.catalogue_of?)?;
        Some(Listed { kind: user, field: Field { urn: None, attribute, sub: attribute.sub("value") } })
    }

    /// Puts address and name to every reference that names something, and says what it put.
    fn name_references(
        &self,
        view: &View<'_>,
        document: &mut Map<String, Value>,
        names: &HashMap<(&str, Uuid), Option<String>>,
    ) -> String {
        let mut added = String::new();
        for (container, attribute, _) in &view.references {
            let holder = match container.urn() {
                None => Some(&mut *document),
                Some(urn) => document.get_mut(urn).and_then(Value::as_object_mut),
            };
            let Some(value) = holder.and_then(|holder| holder.get_mut(&attribute.name)) else { continue };
            let Some(id) = referred(value) else { continue };
            let target = attribute
                .sub("$ref")
                .and_then(|sub| sub.reference_types.iter().find_map(|name| self.catalog.by_name(name)));
            let Some(target) = target else { continue };
            if let Some(name) = names.get(&(target.name.as_str(), id)) {
                let location = self.location(target, id);
                added.push_str(name.as_deref().unwrap_or_default());
                value["$ref"] = location.into();
                if let Some(name) = name.as_ref().filter(|_| attribute.sub("displayName").is_some()) {
                    value["displayName"] = name.as_str().into();
                }
            }
        }
        added
    }
}

/// Where users hold what a catalogue lists.
pub(super) struct Listed<'a> {
    pub(super) kind: &'a ResourceType,
    pub(super) field: Field<'a>,
}

impl Listed<'_> {
    /// The comparison key by which users hold an entry of the catalogue.
    fn key(&self, kind: &ResourceType, stored: &Stored) -> Result<Option<String>, Error> {
        let Some(attribute) = kind.root_attribute("value") else { return Ok(None) };
        let document = stored.document()?;
        let value = document.get(Container::Root, &attribute.name).and_then(Value::as_str);
        Ok(value.map(|value| scim::index::key(self.field.leaf(), value)))
    }
}

/// Whether a projection shows the groups that a resource is in.
pub(super) fn shows_groups(kind: &ResourceType, projection: &Projection) -> bool {
    let attribute = kind.member_of.and_then(|name| kind.root_attribute(name));
    attribute.is_some_and(|attribute| projection.shows(attribute))
}

/// How resources of a type are shown, found out once for a page of them.
struct View<'a> {
    kind: &'a ResourceType,
    projection: &'a Projection,
    /// Whether they are shown as they are stored.
    shows_all: bool,
    /// The attributes that refer to others, and how they begin in a document's text.
    references: Vec<(Container<'a>, &'a Attribute, String)>,
    /// What the addresses of groups start with.
    groups_at: String,
}

impl<'a> View<'a> {
    fn new(directory: &Directory, kind: &'a ResourceType, projection: &'a Projection) -> Self {
        let groups = directory.catalog.types().iter().find(|of| kind.member_of.is_some() && of.membership.is_some());
        let references = kind.references().map(|(container, attribute)| {
            let start = format!("\"{}\":", attribute.name);
            (container, attribute, start)
        });
        Self {
            kind,
            projection,
            shows_all: projection.shows_all(kind),
            references: references.collect(),
            groups_at: groups.map(|groups| directory.place(groups)).unwrap_or_default(),
        }
    }

    /// The groups of a user as a JSON list; empty text for none.
    fn groups(&self, groups: Option<&Vec<GroupRef>>) -> String {
        let mut list = List::default();
        for group in groups.into_iter().flatten() {
            let way = if group.direct { "direct" } else { "indirect" };
            list.push(&Parts::ALL, &self.groups_at, group.id, way, group.display.as_deref());
        }
        list.into_text()
    }

    /// What is to be shown of a resource.
    fn part(&self, id: Uuid, body: &str) -> Result<String, Error> {
        let whole: Map<String, Value> =
            serde_json::from_str(body).map_err(|e| store::Error::Damaged(format!("the document of {id}: {e}")))?;
        let mut shown = self.projection.apply(self.kind, whole);
        if self.kind.is_partial {
            let schemas = self.kind.schemas_of(&shown);
            shown.insert("schemas".into(), schemas);
        }
        Ok(Value::Object(shown).to_string())
    }

    /// The document, parsed where it cannot be passed on as it lies.
    fn parsed(&self, stored: &Stored) -> Result<Option<Map<String, Value>>, Error> {
        if self.shows_all && !self.references.iter().any(|(_, _, start)| stored.document.contains(start)) {
            return Ok(None);
        }
        let document = serde_json::from_str(&stored.document)
            .map_err(|e| store::Error::Damaged(format!("the document of {}: {e}", stored.id)))?;
        Ok(Some(document))
    }
}

/// The tag of what is shown of a resource to those who see a part of it: groups can be theirs and not another's, and
/// attributes can be released and taken back, while the resource stays as it is.
fn partial_tag(view: &View<'_>, (id, version): (Uuid, i64), body: &str, members: &str) -> Result<String, Error> {
    Ok(tag(version, &[&view.part(id, body)?, members]))
}

/// What a document's references name.
fn references<'d>(
    kind: &'d ResourceType,
    document: &'d Map<String, Value>,
) -> impl Iterator<Item = (&'d Attribute, Uuid)> + 'd {
    kind.references().filter_map(move |(container, attribute)| {
        let holder = match container.urn() {
            None => Some(document),
            Some(urn) => document.get(urn).and_then(Value::as_object),
        };
        let id = holder?.get(&attribute.name).and_then(referred)?;
        Some((attribute, id))
    })
}

fn refers_to(attribute: &Attribute, target: &ResourceType) -> bool {
    attribute.sub("$ref").is_some_and(|sub| sub.reference_types.contains(&target.name))
}

/// The id that a reference names, in the one spelling that ids have.
fn referred(value: &Value) -> Option<Uuid> {
    exact(value.get("value")?.as_str()?)
}

/// What is shown of a reference.
#[expect(clippy::struct_excessive_bools, reason = "each part is shown or not")]
struct Parts {
    value: bool,
    address: bool,
    kind: bool,
    display: bool,
}

impl Parts {
    const ALL: Self = Self { value: true, address: true, kind: true, display: true };

    /// What a projection shows of members.
    fn of(kind: &ResourceType, projection: &Projection) -> Self {
        let Some(attribute) = kind.membership.and_then(|name| kind.root_attribute(name)) else { return Self::ALL };
        let shows = |name: &str| attribute.sub(name).is_some_and(|sub| projection.shows_sub(attribute, sub));
        Self { value: shows("value"), address: shows("$ref"), kind: shows("type"), display: shows("display") }
    }
}

/// A JSON list of references, written as text at once: it may hold a hundred thousand.
#[derive(Default)]
struct List(String);

impl List {
    /// Adds a reference to a resource, whose address is its place and its id.
    fn push(&mut self, parts: &Parts, place: &str, id: Uuid, kind: &str, display: Option<&str>) {
        let mut digits = Uuid::encode_buffer();
        let id = id.as_hyphenated().encode_lower(&mut digits);
        let before = self.0.len();
        self.0.push_str(if before == 0 { "[{" } else { ",{" });
        let start = self.0.len();
        let mut add = |pieces: &[&str], last: Option<&str>| {
            if self.0.len() > start {
                self.0.push(',');
            }
            pieces.iter().for_each(|piece| self.0.push_str(piece));
            if let Some(last) = last {
                message::write_string(&mut self.0, last);
            }
        };
        if parts.value {
            add(&["\"value\":\"", id, "\""], None);
        }
        if parts.address {
            add(&["\"$ref\":\"", place, id, "\""], None);
        }
        if parts.kind {
            add(&["\"type\":\"", kind, "\""], None);
        }
        if let Some(display) = display.filter(|_| parts.display) {
            add(&["\"display\":"], Some(display));
        }
        if self.0.len() == start {
            self.0.truncate(before);
        } else {
            self.0.push('}');
        }
    }

    fn into_text(mut self) -> String {
        if !self.0.is_empty() {
            self.0.push(']');
        }
        self.0
    }
}
