//! A filter meets a resource type: names become attributes, operands become comparison keys, and
//! whatever cannot be tested is refused before any data is looked at.

use serde_json::Value;

use crate::{
    Mode,
    error::{Error, invalid_filter, invalid_value},
    filter::{Comparison, Filter, Operator},
    key,
    path::AttrPath,
    schema::{Attribute, Container, ResourceType, Returned, Schema, Target, Type},
};

/// A simple attribute or sub-attribute, and where it lives.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// The URN of the extension it belongs to; nothing for common and base attributes.
    pub urn: Option<&'a str>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute.
    pub sub: Option<&'a Attribute>,
}

impl<'a> Field<'a> {
    /// The attribute that holds the value itself.
    pub fn leaf(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// The canonical path, e.g. `emails.value` or `urn:…:enterprise:2.0:User:manager.value`.
    pub fn path(&self) -> String {
        let mut path = self.urn.map_or_else(String::new, |urn| format!("{urn}:"));
        path.push_str(&self.attribute.name);
        if let Some(sub) = self.sub {
            path.push('.');
            path.push_str(&sub.name);
        }
        path
    }
}

/// What is asked of a comparison key. Keys compare by code point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// There is one.
    Present,
    /// It is this.
    Equal(String),
    /// It contains this.
    Contains(String),
    /// It starts with this.
    StartsWith(String),
    /// It ends with this.
    EndsWith(String),
    /// It sorts behind this.
    Greater(String),
    /// It is this or sorts behind it.
    AtLeast(String),
    /// It sorts before this.
    Less(String),
    /// It is this or sorts before it.
    AtMost(String),
}

impl Check {
    /// Whether a key passes.
    pub fn passes(&self, key: &str) -> bool {
        match self {
            Self::Present => true,
            Self::Equal(wanted) => key == wanted,
            Self::Contains(part) => key.contains(part.as_str()),
            Self::StartsWith(start) => key.starts_with(start.as_str()),
            Self::EndsWith(end) => key.ends_with(end.as_str()),
            Self::Greater(bound) => key > bound.as_str(),
            Self::AtLeast(bound) => key >= bound.as_str(),
            Self::Less(bound) => key < bound.as_str(),
            Self::AtMost(bound) => key <= bound.as_str(),
        }
    }
}

/// A check on the values of a field: true if any value passes.
#[derive(Debug, Clone)]
pub struct Test<'a> {
    /// The field.
    pub field: Field<'a>,
    /// The check.
    pub check: Check,
}

/// A filter bound to a resource type. Empty `All` is true, empty `Any` is false.
#[derive(Debug, Clone)]
pub enum Condition<'a> {
    /// Every part holds.
    All(Vec<Condition<'a>>),
    /// Any part holds.
    Any(Vec<Condition<'a>>),
    /// The part does not hold.
    Not(Box<Condition<'a>>),
    /// A test on all values of a field.
    Test(Test<'a>),
    /// One value of the attribute meets the whole inner condition, whose fields are of that attribute.
    Element {
        /// The extension, as in [`Field`].
        urn: Option<&'a str>,
        /// The complex or multi-valued attribute.
        attribute: &'a Attribute,
        /// What the value must meet.
        within: Box<Condition<'a>>,
    },
}

impl Condition<'_> {
    fn constant(truth: bool) -> Self {
        if truth { Self::All(Vec::new()) } else { Self::Any(Vec::new()) }
    }

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

/// How many tests of memberships a filter may hold: each of them walks through groups.
pub const MAX_SEARCHES: usize = 8;

/// Binds a query filter, as tolerant tenants have it.
pub fn bind<'a>(kind: &'a ResourceType, filter: &Filter) -> Result<Condition<'a>, Error> {
    bind_among(kind, &[], filter, Mode::Tolerant)
}

/// Binds the filter of a query for several types: what only others can be asked has no value here (RFC 7644
/// §3.4.2.1).
pub fn bind_among<'a>(
    kind: &'a ResourceType,
    others: &'a [ResourceType],
    filter: &Filter,
    mode: Mode,
) -> Result<Condition<'a>, Error> {
    let condition = Binder { kind, mode, others, within: None, path: None }.filter(filter)?;
    if searches(kind, &condition) > MAX_SEARCHES {
        return Err(invalid_filter(format!("A filter may test memberships at most {MAX_SEARCHES} times.")));
    }
    Ok(condition)
}

/// How often memberships are asked for.
fn searches(kind: &ResourceType, condition: &Condition<'_>) -> usize {
    let walks = |attribute: &Attribute| usize::from(is_related(kind, attribute));
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().map(|part| searches(kind, part)).sum(),
        Condition::Not(inner) => searches(kind, inner),
        Condition::Test(test) => walks(test.field.attribute),
        Condition::Element { attribute, .. } => walks(attribute),
    }
}

/// Whether the values of an attribute are rows of memberships.
fn is_related(kind: &ResourceType, attribute: &Attribute) -> bool {
    kind.is_membership(attribute) || kind.is_member_of(attribute)
}

/// Binds the filter inside the brackets of a PATCH path: its names are sub-attributes of `attribute`.
pub fn bind_elements<'a>(
    kind: &'a ResourceType,
    container: Container<'a>,
    attribute: &'a Attribute,
    filter: &Filter,
    mode: Mode,
) -> Result<Condition<'a>, Error> {
    Binder { kind, mode, others: &[], within: Some((container.urn(), attribute)), path: None }.filter(filter)
}

/// What `sortBy` names (RFC 7644 §3.4.2.3). A complex attribute is sorted by its `value`.
pub fn bind_sort<'a>(kind: &'a ResourceType, path: &str) -> Result<Field<'a>, Error> {
    let refuse = |what: &str| invalid_value(format!("sortBy {path:?} {what}.")).quoting();
    let parsed = AttrPath::parse(path).map_err(|_| refuse("is not an attribute path"))?;
    let Some(Target::Attribute { container, attribute, sub }) = kind.resolve(&parsed) else {
        return Err(refuse(&format!("names no attribute of {}", kind.name)));
    };
    let sub = match sub {
        None if attribute.is_complex() => {
            let value = attribute.sub("value").filter(|_| attribute.multi_valued);
            Some(value.ok_or_else(|| refuse("needs a sub-attribute"))?)
        }
        other => other,
    };
    let field = Field { urn: container.urn(), attribute, sub };
    if is_hidden(&field) || is_derived(kind, &field) || is_related(kind, attribute) || tells_more(kind, &field) {
        return Err(refuse("cannot be sorted by"));
    }
    Ok(field)
}

struct Binder<'a> {
    kind: &'a ResourceType,
    mode: Mode,
    /// The other types of the query.
    others: &'a [ResourceType],
    /// Inside brackets: the attribute whose sub-attributes the names are.
    within: Option<(Option<&'a str>, &'a Attribute)>,
    /// That attribute as the filter names it, where there are other types.
    path: Option<AttrPath>,
}

impl<'a> Binder<'a> {
    fn filter(&self, filter: &Filter) -> Result<Condition<'a>, Error> {
        let test = match filter {
            Filter::Or(parts) => return Ok(Condition::Any(self.each(parts)?)),
            Filter::And(parts) => return Ok(Condition::All(self.each(parts)?)),
            Filter::Not(inner) => return Ok(self.filter(inner)?.not()),
            Filter::Present(path) => self.present(path),
            Filter::Compare(path, operator, value) => self.compare(path, *operator, value),
            Filter::ValuePath(path, inner) => self.element(path, inner),
        };
        test.or_else(|error| self.elsewhere(filter).ok_or(error))
    }

    /// What a test that this type cannot hold comes to, if another type of the query can: there is no value.
    fn elsewhere(&self, filter: &Filter) -> Option<Condition<'a>> {
        let whole = match &self.path {
            Some(path) => &Filter::ValuePath(path.clone(), Box::new(filter.clone())),
            None => filter,
        };
        let can = |other: &ResourceType| {
            Binder { kind: other, mode: self.mode, others: &[], within: None, path: None }.filter(whole).is_ok()
        };
        self.others.iter().any(can).then(|| match filter {
            Filter::Compare(_, operator, value) => {
                Condition::constant((*operator == Operator::Ne) != matches!(value, Comparison::Null))
            }
            _ => Condition::constant(false),
        })
    }

    fn each(&self, parts: &[Filter]) -> Result<Vec<Condition<'a>>, Error> {
        parts.iter().map(|part| self.filter(part)).collect()
    }

    fn element(&self, path: &AttrPath, inner: &Filter) -> Result<Condition<'a>, Error> {
        let (urn, attribute) = match self.target(path)? {
            Target::Attribute { container, attribute, sub: None } => (container.urn(), attribute),
            _ => return Err(invalid_filter(format!("{path} takes no filter in brackets."))),
        };
        if !attribute.is_complex() && !attribute.multi_valued || attribute.name == "schemas" {
            return Err(invalid_filter(format!("{path} takes no filter in brackets.")));
        }
        let within = Some((urn, attribute));
        let binder = Binder { kind: self.kind, mode: self.mode, others: self.others, within, path: Some(path.clone()) };
        let within = binder.filter(inner)?;
        if !attribute.multi_valued {
            // There is one value, so that every test is of the same.
            return Ok(within);
        }
        Ok(Condition::Element { urn, attribute, within: Box::new(within) })
    }

    fn present(&self, path: &AttrPath) -> Result<Condition<'a>, Error> {
        let (urn, attribute, sub) = match self.target(path)? {
            Target::Extension(schema) => return self.uses(schema),
            Target::Attribute { container, attribute, sub } => (container.urn(), attribute, sub),
        };
        if sub.is_some() || !attribute.is_complex() {
            return self.test(Field { urn, attribute, sub }, Check::Present, path);
        }
        let subs = attribute.sub_attributes.iter().map(|sub| Field { urn, attribute, sub: Some(sub) });
        let tests = subs.filter(|field| !is_hidden(field) && !is_derived(self.kind, field));
        tests.map(|field| self.test(field, Check::Present, path)).collect::<Result<_, _>>().map(Condition::Any)
    }

    /// Whether a resource uses an extension.
    fn uses(&self, schema: &'a Schema) -> Result<Condition<'a>, Error> {
        let schemas = AttrPath::plain("schemas");
        self.compare(&schemas, Operator::Eq, &Comparison::Text(schema.id.clone()))
    }

    fn compare(&self, path: &AttrPath, operator: Operator, value: &Comparison) -> Result<Condition<'a>, Error> {
        if matches!(value, Comparison::Null) {
            let present = self.present(path)?;
            return match operator {
                Operator::Eq => Ok(present.not()),
                Operator::Ne => Ok(present),
                _ => Err(invalid_filter(format!(
                    "{path} {} null: null can only be tested with eq and ne.",
                    operator.keyword()
                ))),
            };
        }
        let field = self.field(path)?;
        let key = self.operand(&field, path, operator, value)?;
        if let Some(unset) = self.default_false(&field, &key) {
            return Ok(if operator == Operator::Ne { unset.not() } else { unset });
        }
        let check = match operator {
            Operator::Eq | Operator::Ne => Check::Equal(key),
            // Every text holds the empty one.
            Operator::Co | Operator::Sw | Operator::Ew if key.is_empty() => Check::Present,
            Operator::Co => Check::Contains(key),
            Operator::Sw => Check::StartsWith(key),
            Operator::Ew => Check::EndsWith(key),
            Operator::Gt => Check::Greater(key),
            Operator::Ge => Check::AtLeast(key),
            Operator::Lt => Check::Less(key),
            Operator::Le => Check::AtMost(key),
        };
        let test = self.test(field, check, path)?;
        Ok(if operator == Operator::Ne { test.not() } else { test })
    }

    /// RFC 7643 §2.4: a value without `primary` is not primary, also in filters.
    fn default_false(&self, field: &Field<'a>, key: &str) -> Option<Condition<'a>> {
        let sub = field.sub.filter(|sub| sub.name == "primary" && sub.kind == Type::Boolean)?;
        if key != "false" {
            return None;
        }
        let primary = Field { sub: Some(sub), ..*field };
        let unset = Condition::Test(Test { field: primary, check: Check::Equal("true".into()) }).not();
        if self.within.is_some() {
            return Some(unset);
        }
        Some(Condition::Element { urn: field.urn, attribute: field.attribute, within: Box::new(unset) })
    }

    /// The simple attribute that a path stands for; a complex one stands for its `value` (Y-02).
    fn field(&self, path: &AttrPath) -> Result<Field<'a>, Error> {
        let Target::Attribute { container, attribute, sub } = self.target(path)? else {
            return Err(invalid_filter(format!("{path} is a schema; it can only be tested with pr.")));
        };
        let sub = match sub {
            None if attribute.is_complex() => Some(
                attribute
                    .sub("value")
                    .ok_or_else(|| invalid_filter(format!("{path} is complex; test one of its sub-attributes.")))?,
            ),
            other => other,
        };
        Ok(Field { urn: container.urn(), attribute, sub })
    }

    fn target(&self, path: &AttrPath) -> Result<Target<'a>, Error> {
        let unknown = || invalid_filter(format!("{path} is not an attribute of {}.", self.kind.name)).quoting();
        let Some((urn, attribute)) = self.within else {
            return self.kind.resolve(path).ok_or_else(unknown);
        };
        let container = match urn {
            None => Container::Root,
            Some(urn) => Container::Extension(&self.kind.extension(urn).ok_or_else(unknown)?.schema),
        };
        if path.urn.is_some() || path.sub.is_some() {
            return Err(invalid_filter(format!("{path} is not a sub-attribute of {}.", attribute.name)).quoting());
        }
        if !attribute.is_complex() && path.name.eq_ignore_ascii_case("value") {
            return Ok(Target::Attribute { container, attribute, sub: None });
        }
        let sub = attribute
            .sub(&path.name)
            .ok_or_else(|| invalid_filter(format!("{path} is not a sub-attribute of {}.", attribute.name)).quoting())?;
        Ok(Target::Attribute { container, attribute, sub: Some(sub) })
    }

    /// A test, unless the field is hidden, derived, or the same for every resource of the type.
    fn test(&self, field: Field<'a>, check: Check, path: &AttrPath) -> Result<Condition<'a>, Error> {
        if is_hidden(&field) || is_schemas_of_part(self.kind, &field) {
            return Err(invalid_filter(format!("{path} cannot be used in a filter.")));
        }
        if is_derived(self.kind, &field) {
            return Err(invalid_filter(format!("{path} is derived by the server and cannot be used in a filter.")));
        }
        let stored = Condition::Test(Test { field, check: check.clone() });
        if field.urn.is_some() || self.within.is_some_and(|(_, attribute)| attribute.multi_valued) {
            return Ok(stored);
        }
        match (field.attribute.name.as_str(), field.sub.map(|sub| sub.name.as_str())) {
            ("meta", Some("resourceType")) => Ok(Condition::constant(check.passes(&self.kind.name))),
            ("schemas", _) if check.passes(&key::text_key(field.attribute, &self.kind.schema.id)) => {
                Ok(Condition::constant(true))
            }
            ("meta", Some("version" | "location")) if !matches!(check, Check::Equal(_) | Check::Present) => {
                Err(invalid_filter(format!("{path} can only be tested with eq, ne and pr.")))
            }
            _ => Ok(stored),
        }
    }

    /// The comparison key of an operand, if the operator suits the attribute's type.
    fn operand(
        &self,
        field: &Field<'_>,
        path: &AttrPath,
        operator: Operator,
        value: &Comparison,
    ) -> Result<String, Error> {
        let leaf = field.leaf();
        let part = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
        let order = matches!(operator, Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
        let word = operator.keyword();
        let unsuited = match leaf.kind {
            Type::Boolean => part || order,
            Type::Binary => order,
            Type::Integer | Type::Decimal | Type::DateTime => part,
            _ => false,
        };
        if unsuited {
            return Err(invalid_filter(format!("{path} is of type {:?}, which {word} cannot compare.", leaf.kind)));
        }
        let wrong = |expected: &str| invalid_filter(format!("{path} is compared with {expected}."));
        match (leaf.kind, value) {
            (Type::Boolean, Comparison::Boolean(flag)) => Ok(flag.to_string()),
            (Type::Boolean, Comparison::Text(text)) if self.mode == Mode::Tolerant => {
                match text.to_ascii_lowercase().as_str() {
                    flag @ ("true" | "false") => Ok(flag.into()),
                    _ => Err(wrong("true or false")),
                }
            }
            (Type::Boolean, _) => Err(wrong("true or false")),
            (Type::Integer | Type::Decimal, Comparison::Number(number)) => {
                number.as_f64().map(key::sortable_number).ok_or_else(|| wrong("a number"))
            }
            (Type::Integer | Type::Decimal, _) => Err(wrong("a number")),
            (Type::DateTime, Comparison::Text(text)) => {
                let instant = key::instant(text).ok_or_else(|| wrong("a dateTime such as \"2026-05-13T04:42:34Z\""))?;
                Ok(key::sortable_instant(instant))
            }
            (Type::DateTime, _) => Err(wrong("a dateTime such as \"2026-05-13T04:42:34Z\"")),
            (_, Comparison::Text(text)) => Ok(key::text_key(leaf, text)),
            (_, _) => Err(wrong("a string in double quotes")),
        }
    }
}

/// Attributes that are never returned must not be guessed through filters either.
fn is_hidden(field: &Field<'_>) -> bool {
    field.attribute.returned == Returned::Never || field.leaf().returned == Returned::Never
}

/// Of a type that is limited to a part, `schemas` of a resource would tell of extensions that were left out.
fn is_schemas_of_part(kind: &ResourceType, field: &Field<'_>) -> bool {
    kind.is_partial && field.urn.is_none() && field.attribute.name == "schemas"
}

/// Whether an order by a field of a limited type would tell more than its values: a list is sorted by its primary value.
fn tells_more(kind: &ResourceType, field: &Field<'_>) -> bool {
    let hides_primary = || field.sub.is_some() && field.attribute.sub("primary").is_none();
    is_schemas_of_part(kind, field) || kind.is_partial && field.attribute.multi_valued && hides_primary()
}

/// Sub-attributes that are computed for the answer from what another one refers to.
fn is_derived(kind: &ResourceType, field: &Field<'_>) -> bool {
    let Some(sub) = field.sub else { return kind.is_count(field.attribute) };
    let refers =
        || kind.references().any(|(container, own)| container.urn() == field.urn && own.name == field.attribute.name);
    match sub.name.as_str() {
        "$ref" => is_related(kind, field.attribute) || refers(),
        "displayName" => refers(),
        _ => false,
    }
}

/// The keys of JSON values at a field, for tests in memory.
pub(super) fn key_of(field: &Field<'_>, value: &Value) -> Option<String> {
    key::of(field.leaf(), value)
}
