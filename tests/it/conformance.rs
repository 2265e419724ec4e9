//! `docs/conformance.md`: every requirement and the tests that show it. The page is written from the tests
//! themselves: a doc comment says `Shows:` and the ids.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use crate::support::sources;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const REQUIREMENTS: &str = include_str!("requirements.tsv");
/// What no test shows, and why.
const OPEN: &str = include_str!("open.tsv");

struct Requirement {
    id: &'static str,
    source: &'static str,
    level: &'static str,
    text: &'static str,
}

#[test]
fn every_requirement_is_shown_or_listed_as_open() {
    let page = page();
    let path = Path::new(ROOT).join("docs/conformance.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).expect("the page is written");
    }
    let file = fs::read_to_string(&path).unwrap_or_default();
    assert!(file == page, "docs/conformance.md is old: run `UPDATE=1 cargo test --test it conformance`");
}

fn page() -> String {
    let shown = shown();
    let open: BTreeMap<&str, &str> = OPEN.lines().filter_map(|line| line.split_once('\t')).collect();
    let (mut sections, mut counts) = (String::new(), [0; 3]);
    let mut known = Vec::new();
    for line in REQUIREMENTS.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            let (_, title) = title.split_once('\t').expect("a title");
            write!(
                sections,
                "\n## {title}\n\n| Id | Source | Level | Requirement | Shown by |\n|---|---|---|---|---|\n"
            )
            .expect("text");
            continue;
        }
        let requirement = read(line);
        known.push(requirement.id);
        let binding = matches!(requirement.level, "MUST" | "SHOULD" | "decision");
        let by = match (shown.get(requirement.id), open.get(requirement.id)) {
            (Some(tests), None) => {
                counts[0] += usize::from(binding);
                tests.iter().map(|test| format!("`{test}`")).collect::<Vec<_>>().join("<br>")
            }
            (None, Some(why)) => {
                counts[1] += usize::from(binding);
                format!("**Not done:** {why}")
            }
            (Some(_), Some(_)) => panic!("{} is shown and open at once", requirement.id),
            (None, None) if binding => {
                panic!("no test shows {}; write one, or say in open.tsv why not", requirement.id)
            }
            (None, None) => "–".to_owned(),
        };
        counts[2] += usize::from(binding);
        let Requirement { id, source, level, text } = requirement;
        writeln!(sections, "| {id} | {source} | {level} | {} | {by} |", text.replace('|', "\\|")).expect("text");
    }
    for id in shown.keys().map(String::as_str).chain(open.keys().copied()) {
        assert!(known.contains(&id), "{id} is no requirement");
    }
    format!(
        "# Conformance\n\nWritten by a test from the tests themselves; do not edit. Of {} binding requirements (MUST, SHOULD, and our \
         decisions where the standards leave a choice) {} are shown by tests that run on SQLite and on PostgreSQL, or on the engine \
         alone, and {} are not done, each with its reason. Events for receivers (RFC 9967) are not served, and their section joins with them.\n{sections}",
        counts[2], counts[0], counts[1]
    )
}

fn read(line: &'static str) -> Requirement {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().expect("four cells");
    Requirement { id: cell(), source: cell(), level: cell(), text: cell() }
}

/// The tests that say what they show, by requirement.
fn shown() -> BTreeMap<String, Vec<String>> {
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["tests/it", "scim/src", "scim/tests", "src", "store/src"] {
        for path in sources(&Path::new(ROOT).join(folder)) {
            let text = fs::read_to_string(&path).expect("a source");
            let place = path.strip_prefix(ROOT).expect("inside").with_extension("");
            let place =
                place.to_string_lossy().replace("tests/it/", "").replace("/tests/engine", "").replace("/src", "");
            let mut ids: Vec<String> = Vec::new();
            for line in text.lines().map(str::trim) {
                if let Some(list) = line.strip_prefix("///").and_then(|line| line.split_once("Shows: ")) {
                    ids.extend(list.1.split(',').map(|id| id.trim().trim_end_matches('.').to_owned()));
                } else if let Some((_, name)) = line.split_once("fn ").filter(|_| !ids.is_empty()) {
                    let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    for id in ids.drain(..) {
                        shown.entry(id).or_default().push(format!("{place}::{name}"));
                    }
                }
            }
            assert!(ids.is_empty(), "{}: `Shows:` without a test behind it", path.display());
        }
    }
    shown
}
