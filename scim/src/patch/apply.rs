//! What operations do: each in turn on a copy, all or nothing (RFC 7644 §3.5.2).

use serde_json::{Map, Value};

use crate::{
    Mode,
    error::{Error, invalid_filter, invalid_path, invalid_value, mutability},
    filter::{Check, Condition, Field, MAX_SEARCHES, Test, bind_elements},
    patch::{
        Op, Operation, Path,
        element::{self, Selection},
    },
    read,
    resource::{Document, MemberRef},
    schema::{Attribute, Container, Mutability, ResourceType, Schema, Target},
};

/// How much text of lists the operations of one PATCH may go through, in bytes.
const MAX_EFFORT: usize = 32 * 1024 * 1024;

/// A change of a group's members, in the order in which the client asked for them.
#[derive(Debug, Clone)]
pub enum MemberChange<'a> {
    /// These become members.
    Add(Vec<MemberRef>),
    /// These are no longer members.
    Remove(Vec<MemberRef>),
    /// Whoever meets the condition is no longer a member.
    RemoveWhere(Condition<'a>),
    /// These and nobody else are members.
    Replace(Vec<MemberRef>),
    /// Whoever meets the condition must be these already: a member is not changed, only added and removed (Y-19).
    Confirm(Condition<'a>, Vec<MemberRef>),
}

/// The outcome of a PATCH.
#[derive(Debug)]
pub struct Patched<'a> {
    /// The changed document.
    pub document: Document,
    /// The changes of members, for the store to apply to rows.
    pub members: Vec<MemberChange<'a>>,
    /// A new password, or nothing in it to remove the password.
    pub password: Option<Option<String>>,
}

/// Applies operations to a document. The outcome still has to be [validated](crate::validate).
pub fn apply<'a>(
    kind: &'a ResourceType,
    document: Document,
    operations: &[Operation],
    mode: Mode,
) -> Result<Patched<'a>, Error> {
    let patched = Patched { document, members: Vec::new(), password: None };
    let mut patch = Patch { kind, mode, patched, effort: 0 };
    for operation in operations {
        patch.operation(operation)?;
    }
    Ok(patch.patched)
}

struct Patch<'a> {
    kind: &'a ResourceType,
    mode: Mode,
    patched: Patched<'a>,
    /// How much text of lists the operations went through, in bytes.
    effort: usize,
}

impl<'a> Patch<'a> {
    fn operation(&mut self, operation: &Operation) -> Result<(), Error> {
        match (&operation.path, &operation.value) {
            (Some(path), value) => self.at(operation.op, path, value.as_ref()),
            (None, Some(Value::Object(attributes))) => self.each(operation.op, None, attributes),
            (None, _) => Err(invalid_value("Without a path, the value must be an object of attributes.")),
        }
    }

    /// No path: each key of the value is one (§3.5.2.1), also `name.givenName` and `urn:…:attribute` (Y-26).
    fn each(&mut self, op: Op, schema: Option<&Schema>, attributes: &Map<String, Value>) -> Result<(), Error> {
        for (key, value) in attributes {
            let path = match schema {
                Some(schema) => Path::parse(&format!("{}:{key}", schema.id)),
                None => Path::parse(key),
            };
            let target = path.as_ref().ok().and_then(|path| self.kind.resolve(&path.attribute));
            match (path, target) {
                (Ok(path), Some(target)) => {
                    if self.mode == Mode::Tolerant && is_read_only(&target) || is_server_owned(&target) {
                        continue;
                    }
                    self.at(op, &path, Some(value))?;
                }
                _ if self.mode == Mode::Tolerant => {}
                _ => return Err(invalid_path(format!("{key:?} is not an attribute of {}.", self.kind.name)).quoting()),
            }
        }
        Ok(())
    }

    fn at(&mut self, op: Op, path: &Path, value: Option<&Value>) -> Result<(), Error> {
        let kind = self.kind;
        let unknown = || invalid_path(format!("{} is not an attribute of {}.", path.attribute, kind.name)).quoting();
        match kind.resolve(&path.attribute).ok_or_else(unknown)? {
            Target::Extension(_) if path.filter.is_some() || path.sub.is_some() => {
                Err(invalid_path(format!("{} is a schema; it takes no filter.", path.attribute)))
            }
            Target::Extension(schema) => self.extension(op, schema, value),
            Target::Attribute { container, attribute, sub } => {
                let sub = match (&path.sub, sub) {
                    (None, sub) => sub,
                    (Some(name), _) => Some(attribute.sub(name).ok_or_else(|| {
                        invalid_path(format!("{name} is not a sub-attribute of {}.", attribute.name)).quoting()
                    })?),
                };
                let condition = match &path.filter {
                    None => None,
                    Some(filter) if attribute.multi_valued => {
                        Some(bind_elements(kind, container, attribute, filter, self.mode)?)
                    }
                    Some(_) => {
                        return Err(invalid_path(format!("{} has one value; it takes no filter.", attribute.name)));
                    }
                };
                self.attribute(op, Place { container, attribute, sub, condition }, path, value)
            }
        }
    }

    fn extension(&mut self, op: Op, schema: &'a Schema, value: Option<&Value>) -> Result<(), Error> {
        match (op, value) {
            (Op::Remove, _) | (Op::Replace, Some(Value::Null)) => {
                for attribute in &schema.attributes {
                    if attribute.mutability != Mutability::ReadOnly {
                        self.patched.document.put(Container::Extension(schema), &attribute.name, None);
                    }
                }
                Ok(())
            }
            (_, Some(Value::Object(attributes))) => self.each(op, Some(schema), attributes),
            // Nothing to add.
            (Op::Add, Some(Value::Null)) => Ok(()),
            _ => Err(invalid_value(format!("{} must be an object.", schema.id))),
        }
    }

    fn attribute(&mut self, op: Op, place: Place<'a>, path: &Path, value: Option<&Value>) -> Result<(), Error> {
        let attribute = place.attribute;
        if attribute.mutability == Mutability::ReadOnly || attribute.name == "schemas" {
            return self.server_owned(op, &place, value);
        }
        if place.sub.is_some_and(|sub| sub.mutability == Mutability::ReadOnly) {
            let sub = place.sub.map_or("", |sub| sub.name.as_str());
            return Err(mutability(format!("{}.{sub} is read-only.", attribute.name)));
        }
        if self.kind.is_membership(attribute) {
            return self.members(op, place, path, value);
        }
        if read::is_password(attribute) {
            return self.password(op, attribute, value);
        }
        let current = self.patched.document.get(place.container, &attribute.name).cloned();
        let changed = self.changed(op, &place, path, current, value)?;
        if attribute.required && changed.is_none() {
            return Err(match op {
                Op::Remove => mutability(format!("{} is required and cannot be removed.", attribute.name)),
                _ => invalid_value(format!("{} is required and cannot be empty.", attribute.name)),
            });
        }
        self.patched.document.put(place.container, &attribute.name, changed);
        Ok(())
    }

    /// `schemas` follows from the attributes in use, so adding to it is accepted and changes nothing.
    fn server_owned(&self, op: Op, place: &Place<'_>, value: Option<&Value>) -> Result<(), Error> {
        if place.attribute.name == "schemas" && op != Op::Remove && value.is_some() && self.mode == Mode::Tolerant {
            return Ok(());
        }
        Err(mutability(format!("{} is read-only.", place.attribute.name)))
    }

    fn changed(
        &mut self,
        op: Op,
        place: &Place<'_>,
        path: &Path,
        current: Option<Value>,
        value: Option<&Value>,
    ) -> Result<Option<Value>, Error> {
        let attribute = place.attribute;
        if attribute.multi_valued {
            let list = match current {
                Some(Value::Array(list)) => list,
                _ => Vec::new(),
            };
            self.spend(&list)?;
            let selection = Selection {
                attribute,
                sub: place.sub,
                condition: place.condition.as_ref(),
                filter: path.filter.as_ref(),
                mode: self.mode,
            };
            let list = selection.change(op, list, value)?;
            return Ok((!list.is_empty()).then_some(Value::Array(list)));
        }
        match (op, place.sub) {
            (Op::Remove, None) => Ok(None),
            (Op::Remove, Some(sub)) => Ok(element::without(current, sub)),
            (_, Some(sub)) => element::with(attribute, current, sub, value.unwrap_or(&Value::Null), self.mode),
            (_, None) => element::merged(attribute, current, value.unwrap_or(&Value::Null), self.mode),
        }
    }

    /// Each operation on a list looks at all of it: a thousand of them on a long one are refused.
    fn spend(&mut self, list: &[Value]) -> Result<(), Error> {
        let text = |value: &Value| value.as_str().map_or(16, |text| text.len() + 16);
        let weight = |element: &Value| match element {
            Value::Object(object) => object.values().map(text).sum(),
            simple => text(simple),
        };
        self.effort += list.iter().map(weight).sum::<usize>();
        if self.effort > MAX_EFFORT {
            return Err(Error::new(
                413,
                "The operations go through long lists too often; send them in several requests.",
            ));
        }
        Ok(())
    }

    fn password(&mut self, op: Op, attribute: &Attribute, value: Option<&Value>) -> Result<(), Error> {
        let value = match op {
            Op::Remove => None,
            _ => read::value(attribute, value.unwrap_or(&Value::Null), self.mode)?,
        };
        self.patched.password = Some(value.and_then(|value| value.as_str().map(Into::into)));
        Ok(())
    }

    fn members(&mut self, op: Op, place: Place<'a>, path: &Path, value: Option<&Value>) -> Result<(), Error> {
        if place.sub.is_some() {
            return match (op, value) {
                // A client that names `members.value` means the members.
                (Op::Add, Some(value)) if path.filter.is_none() && self.mode == Mode::Tolerant => {
                    self.member_list(op, place.attribute, value)
                }
                _ => Err(mutability("The sub-attributes of a member cannot be changed; remove it and add another.")),
            };
        }
        match (op, place.condition, value) {
            (Op::Remove, Some(condition), _) => self.remove_members(condition),
            (_, Some(condition), value) => {
                let named = read::members(place.attribute, value.unwrap_or(&Value::Null), self.mode)?;
                self.search(MemberChange::Confirm(condition, named))
            }
            (Op::Remove, None, None) => {
                self.patched.members.push(MemberChange::Replace(Vec::new()));
                Ok(())
            }
            (_, None, value) => self.member_list(op, place.attribute, value.unwrap_or(&Value::Null)),
        }
    }

    /// One member by id is a row to find; any other condition is asked of the whole group, and so rarely.
    fn remove_members(&mut self, condition: Condition<'a>) -> Result<(), Error> {
        if let Condition::Test(Test { field: Field { sub: Some(sub), .. }, check: Check::Equal(id) }) = &condition
            && sub.name == "value"
            && !id.contains(|c: char| c.is_ascii_uppercase())
        {
            let named = vec![MemberRef { value: id.clone(), kind: None }];
            self.patched.members.push(MemberChange::Remove(named));
            return Ok(());
        }
        self.search(MemberChange::RemoveWhere(condition))
    }

    /// Notes a change that is asked of the whole group.
    fn search(&mut self, change: MemberChange<'a>) -> Result<(), Error> {
        let asks =
            |change: &&MemberChange<'_>| matches!(change, MemberChange::RemoveWhere(_) | MemberChange::Confirm(..));
        if self.patched.members.iter().filter(asks).count() >= MAX_SEARCHES {
            let detail =
                format!("A PATCH may hold at most {MAX_SEARCHES} searches for members other than by `value eq`.");
            return Err(invalid_filter(detail));
        }
        self.patched.members.push(change);
        Ok(())
    }

    /// A remove with a value removes those named and never falls through to all (quirks §15.1).
    fn member_list(&mut self, op: Op, attribute: &Attribute, value: &Value) -> Result<(), Error> {
        let list = read::members(attribute, value, self.mode)?;
        self.patched.members.push(match op {
            Op::Add => MemberChange::Add(list),
            Op::Remove => MemberChange::Remove(list),
            Op::Replace => MemberChange::Replace(list),
        });
        Ok(())
    }
}

struct Place<'a> {
    container: Container<'a>,
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
    condition: Option<Condition<'a>>,
}

fn is_read_only(target: &Target<'_>) -> bool {
    match target {
        Target::Extension(_) => false,
        Target::Attribute { attribute, sub, .. } => {
            attribute.mutability == Mutability::ReadOnly
                || sub.is_some_and(|sub| sub.mutability == Mutability::ReadOnly)
        }
    }
}

/// Y-29: `id`, `meta` and `schemas` in a value are what the client read earlier.
fn is_server_owned(target: &Target<'_>) -> bool {
    matches!(target, Target::Attribute { attribute, .. } if matches!(attribute.name.as_str(), "id" | "meta" | "schemas"))
}
