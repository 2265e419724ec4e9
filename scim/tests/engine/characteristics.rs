//! Every characteristic of an attribute is read from its definition: a schema that no RFC knows shows it.

use std::sync::Arc;

use scim::{
    Document, Error, Mode, ScimType,
    filter::{self, Filter},
    index, patch,
    project::Projection,
    read,
    schema::{Catalog, Extension, ResourceType, Schema},
    validate::{self, Context},
};
use serde_json::{Map, Value, json};

const THING: &str = "urn:example:2.0:Thing";

fn thing() -> ResourceType {
    let definition = json!({ "id": THING, "name": "Thing", "attributes": [
        { "name": "code", "required": true, "uniqueness": "global", "caseExact": true },
        { "name": "serial", "mutability": "immutable" },
        { "name": "origin", "type": "complex", "subAttributes": [
            { "name": "country", "mutability": "immutable" }, { "name": "note" },
        ] },
        { "name": "weight", "type": "decimal" },
        { "name": "count", "type": "integer" },
        { "name": "tags", "multiValued": true },
        { "name": "aside", "returned": "request" },
        { "name": "always", "returned": "always" },
        { "name": "colour", "canonicalValues": ["red", "green"] },
        { "name": "state", "mutability": "readOnly" },
        { "name": "when", "type": "dateTime" },
    ] });
    let user = Catalog::standard().by_name("User").expect("User").clone();
    ResourceType {
        name: "Thing".into(),
        endpoint: "Things".into(),
        description: "Things".into(),
        schema: Arc::new(Schema::parse(&definition.to_string()).expect("a schema")),
        extensions: Vec::new(),
        common: user.common,
        membership: None,
        member_of: None,
        catalogue_of: None,
        is_partial: false,
    }
}

fn with_extension(required: bool) -> ResourceType {
    let definition =
        json!({ "id": "urn:example:2.0:More", "name": "More", "attributes": [{ "name": "size", "required": true }] });
    let schema = Arc::new(Schema::parse(&definition.to_string()).expect("a schema"));
    ResourceType { extensions: vec![Extension { schema, required }], ..thing() }
}

fn document(kind: &ResourceType, attributes: Value) -> Document {
    let mut body = attributes;
    body["schemas"] = json!([THING]);
    read::resource(kind, &body, Mode::Tolerant).expect("readable").document
}

fn patched(kind: &ResourceType, before: &Document, operations: Value, mode: Mode) -> Result<Document, Error> {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let after = patch::apply(kind, before.clone(), &patch::operations(&body)?, mode)?.document;
    validate::document(kind, &after, Context::Change { before })?;
    Ok(after)
}

fn kind_of(result: Result<impl std::fmt::Debug, Error>) -> Option<ScimType> {
    result.expect_err("must be refused").scim_type
}

/// Shows: U-07, S-82, H-10, C-14
#[test]
fn immutable_values_are_set_once() {
    let kind = thing();
    let before = document(&kind, json!({ "code": "a", "serial": "1", "origin": { "country": "LV" } }));
    validate::document(&kind, &before, Context::Create).expect("set at creation");
    let put = |body: Value| validate::document(&kind, &document(&kind, body), Context::Change { before: &before });
    put(json!({ "code": "a", "serial": "1", "origin": { "country": "LV", "note": "n" } })).expect("equal is fine");
    assert_eq!(
        kind_of(put(json!({ "code": "a", "serial": "2", "origin": { "country": "LV" } }))),
        Some(ScimType::Mutability)
    );
    assert_eq!(kind_of(put(json!({ "code": "a", "origin": { "country": "LV" } }))), Some(ScimType::Mutability));
    assert_eq!(
        kind_of(put(json!({ "code": "a", "serial": "1", "origin": { "country": "LT" } }))),
        Some(ScimType::Mutability)
    );
    let unset = document(&kind, json!({ "code": "a" }));
    let add = json!([{ "op": "add", "path": "serial", "value": "1" }]);
    patched(&kind, &unset, add, Mode::Tolerant).expect("an unset value may be set");
    let replace = json!([{ "op": "replace", "path": "serial", "value": "2" }]);
    assert_eq!(kind_of(patched(&kind, &before, replace, Mode::Tolerant)), Some(ScimType::Mutability));
}

/// Shows: S-81, H-09
#[test]
fn read_only_values_are_the_servers() {
    let kind = thing();
    let read = document(&kind, json!({ "code": "a", "state": "mine" }));
    assert_eq!(Value::Object(read.attributes().clone()), json!({ "code": "a" }));
    let write = json!([{ "op": "add", "path": "state", "value": "mine" }]);
    assert_eq!(kind_of(patched(&kind, &read, write, Mode::Tolerant)), Some(ScimType::Mutability));
}

/// Shows: S-90, S-89, S-88
#[test]
fn unique_values_are_told_to_the_store() {
    let kind = thing();
    let entries = index::entries(&kind, &document(&kind, json!({ "code": "Ab", "serial": "Ab" })));
    let keys: Vec<(&str, bool)> = entries.iter().map(|entry| (entry.key.as_str(), entry.unique)).collect();
    assert_eq!(keys, [("Ab", true), ("ab", false)], "code keeps its case and is unique");
}

/// Shows: S-08, S-09, S-10
#[test]
fn numbers_are_numbers() {
    let kind = thing();
    let read = |body: Value| read::resource(&kind, &body, Mode::Tolerant);
    for (name, value, fits) in [
        ("weight", json!(1.5), true),
        ("weight", json!(-3), true),
        ("weight", json!("1.5"), false),
        ("weight", json!(9_007_199_254_740_992.0), true),
        ("weight", json!(123_456_789_012_345_678_901_234_567_890.0), false),
        ("weight", json!(-1e300), false),
        ("count", json!(7), true),
        ("count", json!(1.5), false),
        ("count", json!(true), false),
        ("when", json!("2026-05-13T04:42:34+03:00"), true),
        ("when", json!("2026-05-13"), false),
        ("when", json!("2026-05-13 04:42:34Z"), false),
        ("when", json!("2026-13-13T04:42:34Z"), false),
    ] {
        let result = read(json!({ "schemas": [THING], "code": "a", name: value }));
        assert_eq!(result.is_ok(), fits, "{name} {value}");
    }
}

/// Shows: A-02, S-84
#[test]
fn returned_decides_what_is_shown() {
    let kind = thing();
    let whole = json!({ "schemas": [THING], "id": "1", "code": "a", "aside": "b", "always": "c" });
    let shown = |attributes: &[&str], excluded: &[&str]| {
        let projection =
            Projection::parse(&kind, attributes.iter().copied(), excluded.iter().copied()).expect("a projection");
        let shown: Map<String, Value> = projection.apply(&kind, whole.as_object().expect("an object").clone());
        shown.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown(&[], &[]), "schemas id code always");
    assert_eq!(shown(&["aside"], &[]), "schemas id aside always");
    assert_eq!(shown(&[], &["always", "code"]), "schemas id always");
}

/// Shows: S-06, S-07
#[test]
fn strict_tenants_keep_to_the_letter() {
    let kind = thing();
    let read =
        |value: Value, mode| read::resource(&kind, &json!({ "schemas": [THING], "code": "a", "colour": value }), mode);
    assert!(read(json!("blue"), Mode::Tolerant).is_ok());
    assert!(read(json!("Green"), Mode::Strict).is_ok());
    assert_eq!(read(json!("blue"), Mode::Strict).err().and_then(|e| e.scim_type), Some(ScimType::InvalidValue));
    let user = Catalog::standard().by_name("User").expect("User").clone();
    let user_body = |more: Value| {
        let mut body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    for (more, scim_type) in [
        (json!({ "active": "True" }), ScimType::InvalidValue),
        (json!({ "nothing": 1 }), ScimType::InvalidSyntax),
        (json!({ "schemas": ["urn:example:unknown"] }), ScimType::InvalidSyntax),
    ] {
        let body = user_body(more);
        assert_eq!(
            read::resource(&user, &body, Mode::Strict).err().and_then(|e| e.scim_type),
            Some(scim_type),
            "{body}"
        );
    }
}

/// Shows: H-47, Y-25, Y-35
#[test]
fn simple_lists_take_filters_and_strict_ones_no_guesses() {
    let kind = thing();
    let before = document(&kind, json!({ "code": "a", "tags": ["x", "y"] }));
    let remove = json!([{ "op": "remove", "path": "tags[value eq \"X\"]" }]);
    let after = patched(&kind, &before, remove, Mode::Strict).expect("removed");
    assert_eq!(after.attributes()["tags"], json!(["y"]));
    let bare = json!([{ "op": "remove", "path": "tags eq \"X\"" }]);
    assert_eq!(kind_of(patched(&kind, &before, bare, Mode::Tolerant)), Some(ScimType::InvalidPath));
    let user = Catalog::standard().by_name("User").expect("User").clone();
    let create = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "x" }]);
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a" });
    let before = read::resource(&user, &body, Mode::Strict).expect("readable").document;
    assert_eq!(kind_of(patched(&user, &before, create.clone(), Mode::Strict)), Some(ScimType::NoTarget));
    let after = patched(&user, &before, create, Mode::Tolerant).expect("created");
    assert_eq!(after.attributes()["emails"], json!([{ "value": "x", "type": "work" }]));
}

/// Shows: S-24, H-26
#[test]
fn equal_values_stand_once_whatever_wrote_them() {
    let kind = thing();
    let tags = |before: Value, operation: Value| {
        let before = document(&kind, json!({ "code": "a", "tags": before }));
        let after = patched(&kind, &before, json!([operation]), Mode::Tolerant).expect("patched");
        after.attributes().get("tags").cloned().unwrap_or_default()
    };
    let add = json!({ "op": "add", "path": "tags", "value": ["A", "b", "B"] });
    assert_eq!(tags(json!(["a"]), add), json!(["a", "b"]), "case makes no other value");
    let remove = json!({ "op": "remove", "path": "tags", "value": ["A"] });
    assert_eq!(tags(json!(["a", "b"]), remove), json!(["b"]));
    let replace = json!({ "op": "replace", "path": "tags[value eq \"z\"]", "value": "zz" });
    assert_eq!(tags(json!(["z", "y"]), replace.clone()), json!(["zz", "y"]));
    assert_eq!(tags(json!(["z", "ZZ"]), replace), json!(["ZZ"]));
    assert_eq!(document(&kind, json!({ "code": "a", "tags": ["a", "A"] })).attributes()["tags"], json!(["a"]));

    let user = Catalog::standard().by_name("User").expect("User").clone();
    let emails = |operation: Value| {
        let emails = json!([
            { "value": "w@x", "type": "work", "primary": true },
            { "value": "H@x", "type": "home", "display": "before", "primary": false },
        ]);
        let body = json!({ "schemas": [scim::schema::USER], "userName": "a", "emails": emails });
        let before = read::resource(&user, &body, Mode::Tolerant).expect("readable").document;
        patched(&user, &before, json!([operation]), Mode::Tolerant).expect("patched").attributes()["emails"].clone()
    };
    let twin = json!({ "value": "h@x", "type": "home" });
    assert_eq!(
        emails(json!({ "op": "replace", "path": "emails[type eq \"work\"]", "value": twin })),
        json!([{ "value": "h@x", "display": "before", "type": "home", "primary": true }]),
        "what was written counts, the rest is kept"
    );
    let both = json!({ "value": "n@x", "type": "other", "primary": true });
    assert_eq!(
        emails(json!({ "op": "replace", "path": "emails[value co \"@\"]", "value": both })),
        json!([{ "value": "n@x", "display": "before", "type": "other", "primary": true }]),
        "two that became one are no two primary values"
    );
}

/// Shows: H-05
#[test]
fn a_path_that_is_too_long_is_told_so() {
    let path = format!("emails[value eq \"{}\"]", "x".repeat(filter::MAX_LENGTH));
    let refused = patch::Path::parse(&path).expect_err("too long");
    assert_eq!((refused.scim_type, refused.detail.contains("16384")), (Some(ScimType::InvalidPath), true));
}

/// Shows: S-92, Y-13, S-35
#[test]
fn a_required_extension_must_be_there() {
    for (required, given, fits) in [(true, false, false), (false, false, true), (true, true, true), (false, true, true)]
    {
        let kind = with_extension(required);
        let mut body = json!({ "schemas": [THING], "code": "a" });
        if given {
            body["urn:example:2.0:More"] = json!({ "size": "m" });
        }
        let document = read::resource(&kind, &body, Mode::Tolerant).expect("readable").document;
        assert_eq!(validate::document(&kind, &document, Context::Create).is_ok(), fits, "{required} {given}");
        let schemas = document.schemas(&kind);
        assert_eq!(schemas.contains(&"urn:example:2.0:More"), required || given);
    }
}

/// Shows: F-11, F-27
#[test]
fn numbers_compare_as_numbers() {
    let kind = thing();
    let resource = json!({ "weight": 9.5, "count": 10 });
    let resource = resource.as_object().expect("an object");
    for (text, holds) in [
        ("weight gt 10", false),
        ("weight lt 10", true),
        ("weight ge 9.50", true),
        ("count gt 9", true),
        ("count eq 10.0", true),
        ("count le -1", false),
    ] {
        let condition = filter::bind(&kind, &Filter::parse(text).expect("a filter")).expect("bound").clone();
        assert_eq!(filter::matches(&condition, resource), holds, "{text}");
    }
    for text in ["count co 1", "count gt \"1\"", "count eq \"10\""] {
        assert_eq!(
            kind_of(filter::bind(&kind, &Filter::parse(text).expect("a filter"))),
            Some(ScimType::InvalidFilter),
            "{text}"
        );
    }
}
