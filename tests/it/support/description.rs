//! `openapi.yaml` as a judge of answers.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The checked-in description.
pub(crate) static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../openapi.yaml");
    serde_norway::from_str(text).expect("openapi.yaml is YAML")
});

/// Fails unless an answer is one that the description announces for that request.
pub(crate) fn check(
    method: &str,
    path: &str,
    status: u16,
    content_type: Option<&str>,
    headers: &[String],
    body: &[u8],
) {
    let Some((template, item)) = find_path(path) else {
        assert!(status >= 400, "{method} {path} answers {status} and is not described");
        return;
    };
    let operation = match (method, item.get(method.to_ascii_lowercase())) {
        (_, Some(operation)) => operation,
        ("HEAD", None) => &item["get"],
        _ => {
            assert!(
                matches!(status, 405 | 400 | 401 | 404 | 501 | 503),
                "{method} {template} is not described and answers {status}"
            );
            return;
        }
    };
    let described = &operation["responses"][status.to_string()];
    let described = resolve(described);
    assert!(described.is_object(), "{method} {template} answers {status}, which is not described");
    for (name, header) in described["headers"].as_object().into_iter().flatten() {
        let required = resolve(header)["required"] == true;
        let given = headers.iter().any(|given| given.eq_ignore_ascii_case(name));
        assert!(!required || given, "{method} {template} {status} lacks the header {name}");
    }
    let Some(content) = described.get("content").and_then(Value::as_object) else {
        assert!(body.is_empty(), "{method} {template} {status} has a body that is not described");
        return;
    };
    if method == "HEAD" {
        return;
    }
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    let media = content.get(essence);
    let media =
        media.unwrap_or_else(|| panic!("{method} {template} {status} answers {essence:?}, which is not described"));
    if !essence.ends_with("json") {
        return;
    }
    let value: Value = serde_json::from_slice(body).expect("a JSON body");
    let errors = violations(&media["schema"], &value);
    assert!(errors.is_empty(), "{method} {template} {status}: {errors:#?}\n{value:#}");
}

/// Where a value breaks a schema of the description.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut root = json!({ "components": DESCRIPTION["components"] });
    for (key, part) in schema.as_object().expect("a schema") {
        root[key] = part.clone();
    }
    let validator = jsonschema::draft202012::new(&root).expect("a JSON Schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

pub(crate) fn resolve(value: &Value) -> &Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(pointer) => DESCRIPTION.pointer(&pointer[1..]).expect("a reference that leads somewhere"),
        None => value,
    }
}

fn find_path(path: &str) -> Option<(&'static str, &'static Value)> {
    let wanted: Vec<&str> = path.split('/').collect();
    let paths = DESCRIPTION["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == wanted.len()
            && template.iter().zip(&wanted).all(|(t, w)| t == w || t.starts_with('{') && !w.is_empty())
    };
    // What is said literally goes before what stands for anything.
    let found =
        paths.iter().filter(|(template, _)| fits(template)).min_by_key(|(template, _)| template.matches('{').count());
    found.map(|(template, item)| (template.as_str(), item))
}
