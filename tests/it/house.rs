//! The house: who may know whom. Arrows point down; nothing above the store knows the database.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::sources;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The names in `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(manifest)).expect("a manifest");
    let table: toml::Table = text.parse().expect("TOML");
    table["dependencies"].as_table().expect("dependencies").keys().cloned().collect()
}

/// The walls that Cargo holds up.
#[test]
fn crates_know_only_what_is_below_them() {
    let ours = |manifest: &str| -> Vec<String> {
        let all = ["entity", "migration", "rights", "scim", "store"];
        dependencies(manifest).into_iter().filter(|name| all.contains(&name.as_str())).collect()
    };
    assert!(ours("scim/Cargo.toml").is_empty());
    assert!(ours("rights/Cargo.toml").is_empty());
    assert!(ours("entity/Cargo.toml").is_empty());
    assert!(ours("migration/Cargo.toml").is_empty(), "a migration must not change when an entity does");
    assert_eq!(ours("store/Cargo.toml"), ["entity", "migration", "rights", "scim"]);
    assert_eq!(ours("Cargo.toml"), ["rights", "scim", "store"]);
    for (manifest, strangers) in [
        ("scim/Cargo.toml", &["tokio", "axum", "sea-orm", "rand", "uuid", "tracing", "hyper"][..]),
        ("rights/Cargo.toml", &["tokio", "axum", "sea-orm", "rand", "tracing", "hyper"]),
        ("entity/Cargo.toml", &["axum", "tokio"]),
        ("store/Cargo.toml", &["axum", "hyper", "clap", "toml"]),
        ("Cargo.toml", &["sea-orm", "sqlx", "sea-query"]),
    ] {
        let known = dependencies(manifest);
        for stranger in strangers {
            assert!(!known.contains(*stranger), "{manifest} must not know {stranger}");
        }
    }
}

/// The modules of `src/`, from the top down. A module uses only those that stand below it.
const FLOORS: [&[&str]; 10] = [
    &["main"],
    &["cli"],
    &["http", "demo"],
    &["app"],
    &["access"],
    &["auth", "provisioning", "administration", "calls", "openapi", "alarms", "mail"],
    &["lifecycle"],
    &["notices"],
    &["wording"],
    &["admission", "clock", "config", "language", "network", "outbound", "random", "telemetry"],
];
/// Neighbours on one floor that one may use, and what below them they may not.
const NEIGHBOURS: [(&str, &str); 10] = [
    ("config", "admission"),
    ("administration", "alarms"),
    ("provisioning", "alarms"),
    ("calls", "provisioning"),
    ("outbound", "network"),
    ("telemetry", "config"),
    ("config", "network"),
    ("administration", "auth"),
    ("administration", "provisioning"),
    ("openapi", "administration"),
];
const FORBIDDEN: [(&str, &str); 1] = [("openapi", "config")];

#[test]
fn modules_know_only_what_is_below_them() {
    let floor = |module: &str| FLOORS.iter().position(|floor| floor.contains(&module));
    let mut seen = BTreeSet::new();
    for path in sources(&Path::new(ROOT).join("src")) {
        let name = path.strip_prefix(Path::new(ROOT).join("src")).expect("inside").to_string_lossy().into_owned();
        let module = name.split(['/', '.']).next().expect("a module").to_owned();
        if module == "lib" {
            continue;
        }
        let own = floor(&module).unwrap_or_else(|| panic!("src/{module} stands on no floor"));
        for used in uses(&fs::read_to_string(&path).expect("a source")) {
            if used == module || !FLOORS.concat().contains(&used.as_str()) {
                continue;
            }
            let below = floor(&used).is_some_and(|other| other > own);
            let allowed = below || NEIGHBOURS.contains(&(module.as_str(), used.as_str()));
            assert!(allowed && !FORBIDDEN.contains(&(module.as_str(), used.as_str())), "{name} uses crate::{used}");
        }
        seen.insert(module);
    }
    assert!(seen.len() >= 10, "{seen:?}");
}

/// The first names behind `crate::`, also in a group.
fn uses(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in source.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.extend(first(&std::mem::take(&mut word))),
                    letter if depth == 0 => word.push(letter),
                    _ => {}
                }
            }
            found.extend(first(&word));
        } else {
            found.extend(first(rest));
        }
    }
    found
}

fn first(path: &str) -> Option<String> {
    let name: String = path.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Hand-written SQL and the names of the database's crates stay inside the store.
#[test]
fn nothing_above_the_store_speaks_sql() {
    for path in sources(&Path::new(ROOT).join("src")) {
        let text = fs::read_to_string(&path).expect("a source");
        for word in ["SELECT ", "INSERT INTO", "DELETE FROM", "UPDATE ", "sea_orm", "sqlx::"] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

/// Every table of a tenant starts its primary key with the tenant.
#[test]
fn every_table_of_a_tenant_is_keyed_by_it() {
    for path in sources(&Path::new(ROOT).join("entity/src")) {
        let text = fs::read_to_string(&path).expect("a source");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        // What all nodes share belongs to no tenant.
        if matches!(name.as_str(), "lib" | "tenant" | "secret") {
            continue;
        }
        assert!(text.contains("pub tenant_id: i64"), "{name} has no tenant");
        // The log's key is its order; its index by tenant is in the migration.
        if name != "event" {
            let first = text.split("primary_key").nth(1).expect("a primary key");
            assert!(first.contains("pub tenant_id"), "the primary key of {name} does not start with the tenant");
        }
    }
}

#[test]
fn uses_are_read_out_of_groups() {
    let source = "use crate::{app::App, http::{error::Failure, scim::PAGE}, clock};\nlet x = crate::config::load();";
    assert_eq!(uses(source), ["app", "clock", "config", "http"].map(str::to_owned).into());
}

/// Whoever is refused something by the interface of a tenant reads why in their language: English alone is for the command line, for
/// what programs are told, and for what comes from below.
#[test]
fn only_few_are_told_in_english_alone() {
    const FEW: [&str; 7] = [
        "administration/archive/import.rs",
        "administration/error.rs",
        "demo/fill.rs",
        "http/error.rs",
        "http/operations.rs",
        "http/watch.rs",
        "wording/mod.rs",
    ];
    let folder = Path::new(ROOT).join("src");
    let mut seen = BTreeSet::new();
    for path in sources(&folder) {
        let name = path.strip_prefix(&folder).expect("below it").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a source");
        let speaks = ["Text::english(", "Text::English(", "Failure::english(", "Self::english("];
        if speaks.iter().any(|word| text.contains(word)) && !name.starts_with("http/scim/") {
            seen.insert(name);
        }
    }
    assert_eq!(seen, FEW.map(str::to_owned).into());
}
