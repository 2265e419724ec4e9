//! Changing one value of an attribute, and picking the values of a list that an operation means.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use serde_json::{Map, Value};

use crate::{
    Mode,
    error::{Error, invalid_value, no_target},
    filter::{Comparison, Condition, Filter, Operator, matches_element},
    key,
    patch::Op,
    read::{self, Identity},
    schema::Attribute,
};

/// A complex value with a sub-attribute removed; nothing if none is left.
pub(super) fn without(value: Option<Value>, sub: &Attribute) -> Option<Value> {
    let Some(Value::Object(mut object)) = value else {
        return value;
    };
    object.shift_remove(&sub.name);
    (!object.is_empty()).then_some(Value::Object(object))
}

/// A complex value with a sub-attribute set.
pub(super) fn with(
    attribute: &Attribute,
    value: Option<Value>,
    sub: &Attribute,
    to: &Value,
    mode: Mode,
) -> Result<Option<Value>, Error> {
    let path = format!("{}.{}", attribute.name, sub.name);
    let to = if sub.multi_valued { read::value(sub, to, mode)? } else { sub_value(sub, &path, to, mode)? };
    let Some(to) = to else {
        return Ok(without(value, sub));
    };
    let mut object = match value {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    object.insert(sub.name.clone(), to);
    Ok(Some(read::in_order(attribute, object)))
}

fn sub_value(sub: &Attribute, path: &str, value: &Value, mode: Mode) -> Result<Option<Value>, Error> {
    match value {
        Value::Array(items) if items.is_empty() => Ok(None),
        Value::Array(items) if items.len() == 1 && mode == Mode::Tolerant => read::single(sub, path, &items[0], mode),
        other => read::single(sub, path, other, mode),
    }
}

/// A single value replaced; a complex one keeps the sub-attributes that are not named (§3.5.2.3, Y-15, Y-18).
pub(super) fn merged(
    attribute: &Attribute,
    current: Option<Value>,
    value: &Value,
    mode: Mode,
) -> Result<Option<Value>, Error> {
    let value = match value {
        Value::Array(items) if items.len() == 1 && mode == Mode::Tolerant => &items[0],
        other => other,
    };
    let new = read::value(attribute, value, mode)?;
    match (current, new) {
        (Some(Value::Object(mut current)), Some(Value::Object(new))) => {
            let cleared = cleared_subs(attribute, value);
            current.retain(|name, _| !cleared.contains(&name.as_str()));
            current.extend(new);
            Ok(Some(read::in_order(attribute, current)))
        }
        // An object whose every sub-attribute is null clears just those; an empty one clears nothing.
        (Some(Value::Object(mut current)), None) if value.is_object() => {
            let cleared = cleared_subs(attribute, value);
            current.retain(|name, _| !cleared.contains(&name.as_str()));
            Ok((!current.is_empty()).then_some(Value::Object(current)))
        }
        (_, new) => Ok(new),
    }
}

/// The sub-attributes that a value names in order to unassign them.
fn cleared_subs<'a>(attribute: &'a Attribute, value: &Value) -> Vec<&'a str> {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    let named = value.as_object().into_iter().flatten().filter(|(_, value)| empty(value));
    named.filter_map(|(name, _)| attribute.sub(name)).map(|sub| sub.name.as_str()).collect()
}

/// The values of a multi-valued attribute that an operation is about.
pub(super) struct Selection<'s> {
    pub(super) attribute: &'s Attribute,
    pub(super) sub: Option<&'s Attribute>,
    pub(super) condition: Option<&'s Condition<'s>>,
    pub(super) filter: Option<&'s Filter>,
    pub(super) mode: Mode,
}

impl Selection<'_> {
    /// The list as it is after the operation.
    pub(super) fn change(&self, op: Op, list: Vec<Value>, value: Option<&Value>) -> Result<Vec<Value>, Error> {
        let null = Value::Null;
        let to = value.unwrap_or(&null);
        let whole = self.condition.is_none() && self.sub.is_none();
        let (mut list, written) = match op {
            Op::Remove => return self.removed(list, value.filter(|_| whole)),
            Op::Add if whole => self.added(list, to)?,
            Op::Replace if whole => self.replaced(to)?,
            Op::Add | Op::Replace => {
                let (list, written) = self.written(op, list, to)?;
                self.once(list, &written)
            }
        };
        one_primary(&mut list, &written, self.attribute)?;
        read::check_length(self.attribute, list.len())?;
        Ok(list)
    }

    fn picks(&self, element: &Value) -> bool {
        self.condition.is_none_or(|condition| matches_element(condition, element))
    }

    /// Identity providers send the values to remove where the RFC wants a filter; both are understood.
    fn removed(&self, list: Vec<Value>, named: Option<&Value>) -> Result<Vec<Value>, Error> {
        if let Some(sub) = self.sub {
            let mut kept = Vec::with_capacity(list.len());
            let mut written = Vec::new();
            for element in list {
                if !self.picks(&element) {
                    kept.push(element);
                } else if let Some(element) = without(Some(element), sub) {
                    written.push(kept.len());
                    kept.push(element);
                }
            }
            return Ok(self.once(kept, &written).0);
        }
        let Some(named) = named else {
            return Ok(list.into_iter().filter(|element| !self.picks(element)).collect());
        };
        let Some(Value::Array(named)) = read::value(self.attribute, named, self.mode)? else {
            return Ok(list);
        };
        Ok(list
            .into_iter()
            .filter(|element| !named.iter().any(|named| is_named_by(self.attribute, element, named)))
            .collect())
    }

    /// Appends what is not there yet; a value that is there takes on what is new about it.
    fn added(&self, mut list: Vec<Value>, value: &Value) -> Result<(Vec<Value>, Vec<usize>), Error> {
        let mut written = Vec::new();
        let new = match read::value(self.attribute, value, self.mode)? {
            Some(Value::Array(new)) => new,
            _ => Vec::new(),
        };
        let identity = |element: &Value| Identity::of(self.attribute, element);
        let mut places: HashMap<Identity, usize> = HashMap::with_capacity(list.len());
        for (at, element) in list.iter().enumerate() {
            places.entry(identity(element)).or_insert(at);
        }
        for element in new {
            match places.entry(identity(&element)) {
                Entry::Occupied(place) => {
                    let at = *place.get();
                    // What the operation does not say of a value, it does not decide.
                    if element.get("primary").is_some() {
                        written.push(at);
                    }
                    read::extend(self.attribute, &mut list[at], element);
                }
                Entry::Vacant(place) => {
                    place.insert(list.len());
                    written.push(list.len());
                    list.push(element);
                }
            }
        }
        Ok((list, written))
    }

    fn replaced(&self, value: &Value) -> Result<(Vec<Value>, Vec<usize>), Error> {
        let list = match read::value(self.attribute, value, self.mode)? {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let written = (0..list.len()).collect();
        Ok((list, written))
    }

    /// RFC 7643 §2.4: a value that was written and is now the same as another is one with it. What was written counts.
    fn once(&self, list: Vec<Value>, written: &[usize]) -> (Vec<Value>, Vec<usize>) {
        let written: HashSet<usize> = written.iter().copied().collect();
        let mut kept: Vec<(Value, bool)> = Vec::with_capacity(list.len());
        let mut places = HashMap::with_capacity(list.len());
        for (at, element) in list.into_iter().enumerate() {
            let is_new = written.contains(&at);
            match places.entry(Identity::of(self.attribute, &element)) {
                Entry::Vacant(place) => {
                    place.insert(kept.len());
                    kept.push((element, is_new));
                }
                Entry::Occupied(place) => {
                    let (same, was_new) = &mut kept[*place.get()];
                    let less = if *was_new && !is_new { element } else { std::mem::replace(same, element) };
                    let more = std::mem::replace(same, less);
                    read::extend(self.attribute, same, more);
                    *was_new |= is_new;
                }
            }
        }
        let written = kept.iter().enumerate().filter(|(_, (_, is_new))| *is_new).map(|(at, _)| at).collect();
        (kept.into_iter().map(|(element, _)| element).collect(), written)
    }

    /// Writes to the values that the path picks.
    fn written(&self, op: Op, list: Vec<Value>, value: &Value) -> Result<(Vec<Value>, Vec<usize>), Error> {
        if !list.iter().any(|element| self.picks(element)) {
            return self.absent(op, list, value);
        }
        let mut kept = Vec::with_capacity(list.len());
        let mut written = Vec::new();
        for element in list {
            if !self.picks(&element) {
                kept.push(element);
                continue;
            }
            if let Some(element) = self.write(Some(element), value)? {
                written.push(kept.len());
                kept.push(element);
            }
        }
        Ok((kept, written))
    }

    fn write(&self, element: Option<Value>, value: &Value) -> Result<Option<Value>, Error> {
        match self.sub {
            Some(sub) => with(self.attribute, element, sub, value, self.mode),
            None if self.attribute.is_complex() => {
                let single = Attribute { multi_valued: false, ..self.attribute.clone() };
                merged(&single, element, value, self.mode)
            }
            None => read::single(self.attribute, &self.attribute.name, value, self.mode),
        }
    }

    /// Nothing is picked: §3.5.2.3 says `noTarget`; a tolerant tenant creates what the filter describes.
    fn absent(&self, op: Op, mut list: Vec<Value>, value: &Value) -> Result<(Vec<Value>, Vec<usize>), Error> {
        let described = match self.filter {
            None => Some(None),
            Some(filter) if self.mode == Mode::Tolerant => self.described(filter)?.map(Some),
            Some(_) => None,
        };
        let Some(start) = described else {
            let verb = if op == Op::Add { "add to" } else { "replace" };
            return Err(no_target(format!(
                "No value of {} matches the filter; there is nothing to {verb}.",
                self.attribute.name
            )));
        };
        let Some(element) = self.write(None, value)? else {
            return Ok((list, Vec::new()));
        };
        let element = match (start, element) {
            (Some(Value::Object(mut start)), Value::Object(element)) => {
                start.extend(element);
                read::in_order(self.attribute, start)
            }
            (_, element) => element,
        };
        // The next operation with this path must find it.
        if !self.picks(&element) {
            return Err(no_target(format!("A new value of {} would not match the filter.", self.attribute.name)));
        }
        list.push(element);
        let written = vec![list.len() - 1];
        Ok((list, written))
    }

    /// The value that a filter of `eq` terms joined by `and` describes.
    fn described(&self, filter: &Filter) -> Result<Option<Value>, Error> {
        let terms = match filter {
            Filter::And(terms) => terms.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut object = Map::new();
        for term in terms {
            let Filter::Compare(path, Operator::Eq, operand) = term else {
                return Ok(None);
            };
            let Some(sub) = self.attribute.sub(&path.name) else {
                return Ok(None);
            };
            let operand = match operand {
                Comparison::Text(text) => Value::from(text.as_str()),
                Comparison::Number(number) => Value::Number(number.clone()),
                Comparison::Boolean(flag) => Value::from(*flag),
                Comparison::Null => Value::Null,
            };
            let path = format!("{}.{}", self.attribute.name, sub.name);
            if let Some(value) = read::single(sub, &path, &operand, self.mode)? {
                object.insert(sub.name.clone(), value);
            }
        }
        Ok(Some(Value::Object(object)))
    }
}

/// Whether a value to remove names this element: by its `value`, and its `type` if that is said; without a
/// `value`, by all that is said. A removal that fails over a spelling would leave access behind.
fn is_named_by(attribute: &Attribute, element: &Value, named: &Value) -> bool {
    let Value::Object(said) = named else {
        return key::of(attribute, element) == key::of(attribute, named);
    };
    let by_value = said.contains_key("value");
    attribute.sub_attributes.iter().filter(|sub| said.contains_key(&sub.name)).all(|sub| {
        let is = |value: &Value| value.get(&sub.name).and_then(|value| key::of(sub, value));
        let unsaid_primary = sub.name == "primary" && is(named).as_deref() == Some("false") && is(element).is_none();
        by_value && !matches!(sub.name.as_str(), "value" | "type") || unsaid_primary || is(element) == is(named)
    })
}

/// H-12: a value that becomes primary takes it from all others; two at once are a contradiction.
fn one_primary(list: &mut [Value], written: &[usize], attribute: &Attribute) -> Result<(), Error> {
    let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
    let new: Vec<usize> = written.iter().copied().filter(|at| is_primary(&list[*at])).collect();
    match new.as_slice() {
        [] => Ok(()),
        [only] => {
            for (at, element) in list.iter_mut().enumerate() {
                if at != *only && is_primary(element) {
                    element["primary"] = false.into();
                }
            }
            Ok(())
        }
        _ => Err(invalid_value(format!("Only one value of {} can be primary.", attribute.name))),
    }
}
