//! The page of figures.

use std::{fmt::Write, path::Path, time::Duration};

use time::Date;

use crate::{
    figures::{Cpu, Figures, over},
    goals::{self, Check, FLAT},
    machine,
};

/// A scenario and what it came to.
pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) name: String,
    /// The size of the group that it is about.
    pub(crate) size: Option<usize>,
    pub(crate) figures: Figures,
    pub(crate) floor: Option<Figures>,
    /// To the floor, as the median over the rounds.
    pub(crate) ratio: Option<f64>,
    /// The least that the ratio should be.
    pub(crate) goal: Option<f64>,
    /// Whether it is to cost the same however many users there are.
    pub(crate) flat: bool,
}

/// The figures of one server at one size.
pub(crate) struct Table {
    /// What was measured: a database, or an address.
    pub(crate) subject: String,
    pub(crate) users: usize,
    pub(crate) tenants: usize,
    /// How many users were made before measuring, how long that took, and whether by Bulk.
    pub(crate) made: usize,
    pub(crate) filled: Duration,
    pub(crate) by_bulk: bool,
    pub(crate) rows: Vec<Row>,
    /// The floor's answer of a few bytes, without a database.
    pub(crate) fixed: Option<Figures>,
    /// What was not measured, and why.
    pub(crate) left_out: Vec<String>,
    pub(crate) memory: Option<Memory>,
}

/// Megabytes of the server's processes.
pub(crate) struct Memory {
    /// After all scenarios.
    pub(crate) held: f64,
    /// The most until then.
    pub(crate) peak: f64,
    /// The members of the largest group, and how much more there was while all of them were answered.
    pub(crate) answer: Option<(usize, f64)>,
    /// How much more there was while a group as large was written, by what was done.
    pub(crate) writes: Vec<(String, f64)>,
}

/// How it was measured.
pub(crate) struct Conditions {
    pub(crate) date: Date,
    /// Whether the server is ours, started here.
    pub(crate) is_ours: bool,
    /// The database of the floor, if not the server's own.
    pub(crate) floor: Option<&'static str>,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
    pub(crate) rounds: u64,
}

/// The whole page.
pub(crate) fn write(conditions: &Conditions, tables: &[Table], notes: Option<&str>) -> String {
    let mut text = format!("# Performance\n\n{}\n", introduction(conditions));
    for table in tables {
        write_table(&mut text, table);
    }
    write_flatness(&mut text, tables);
    if let Some(notes) = notes {
        let _ = write!(text, "\n## What was tried\n\n{}\n", notes.trim());
    }
    text
}

fn introduction(conditions: &Conditions) -> String {
    let Conditions { date, is_ours, floor, connections, seconds, rounds } = conditions;
    let machine = machine::description();
    let files = machine::file_system(&std::env::temp_dir());
    let subject = if *is_ours {
        format!(
            "Measured on {date}, version {}, on {machine}, with temporary files on {files}: server, database and load \
             generator share these cores.",
            env!("CARGO_PKG_VERSION")
        )
    } else {
        format!("Measured on {date} from {machine}.")
    };
    let goal = if *is_ours { "the least that it should be" } else { "what Caurlaide promises of itself" };
    let durable = if *is_ours {
        "Authentication, limits, logging and the event log are on; the paces are counted, but raised to 1 000 000 requests \
         a second, so that they hold nobody up (2 000 for a client and 4 000 for a tenant where nobody sets them). Every write is durable before it is answered \
         (`synchronous=FULL`, `fsync=on`). A PostgreSQL database is vacuumed and analysed once it is filled, as \
         autovacuum does in the first quiet minutes. "
    } else {
        ""
    };
    let floor = floor.map(|database| format!(", on {database}")).unwrap_or_default();
    let rounds = match rounds {
        1 => "once, so that a figure may be far off.".to_owned(),
        rounds => format!("in each of {rounds} rounds, and each figure is the median of the rounds."),
    };
    format!(
        "Written by `tools/bench`; do not edit: what people have to say stands in `performance-notes.md`. {subject} \
         {connections} connections send one request after the other; every scenario is measured for {seconds} s \
         {rounds} {durable}CPU is processor time for a request, of the server's processes and of PostgreSQL's. \
         Scenarios that create users make the tenant larger as the run goes on.\n\n\
         The *floor* is measured in turn with each scenario: axum with nothing above it but the one prepared `SELECT` of \
         a stored document as long as the server's, or one durable transaction of two statements, without \
         authentication, checks or search{floor}; on SQLite it commits in groups. *Ratio* is the server's requests per \
         second to the floor's, and *goal* {goal}. Machines that are shared move all figures up to twofold, but pairs \
         alike: compare ratios, and figures only within a run."
    )
}

fn write_table(text: &mut String, table: &Table) {
    let tenants = if table.tenants > 1 { format!(", {} tenants", table.tenants) } else { String::new() };
    let _ = write!(
        text,
        "\n## {}, {} users{tenants}\n\n\
         | Scenario | requests/s | p50 ms | p95 ms | p99 ms | CPU server µs | CPU database µs | floor requests/s | \
         floor CPU µs | ratio | goal | met |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        table.subject, table.users
    );
    table.rows.iter().for_each(|row| write_row(text, row));
    let pace = over(f64::from(u32::try_from(table.made).unwrap_or(u32::MAX)), table.filled.as_secs_f64());
    let way = if table.by_bulk { "by Bulk" } else { "one by one" };
    let _ = writeln!(
        text,
        "\nMaking {} users {way} took {:.1} s, {:.0} a second.{}",
        table.made,
        table.filled.as_secs_f64(),
        pace.unwrap_or(0.0),
        memory(table).unwrap_or_default()
    );
    if let Some(fixed) = &table.fixed {
        let cpu = fixed.cpu.map(|cpu| format!(" ({:.0} µs CPU)", cpu.total())).unwrap_or_default();
        let _ = writeln!(
            text,
            "\nThe floor answers a fixed body, without a database, {:.0} times a second{cpu}.",
            fixed.per_second
        );
    }
    write_checks(text, &goals::checks(table));
    let refused = table.rows.iter().filter(|row| row.figures.refused > 0.0).map(|row| {
        format!(
            "{}: {:.1} % of the requests were refused for now and sent again",
            row.name,
            row.figures.refused * 100.0
        )
    });
    let remarks: Vec<String> = table.left_out.iter().map(|why| format!("not measured: {why}")).chain(refused).collect();
    if !remarks.is_empty() {
        let _ = writeln!(text, "\n- {}", remarks.join("\n- "));
    }
}

fn write_row(text: &mut String, row: &Row) {
    let Figures { per_second, p50, p95, p99, cpu, .. } = &row.figures;
    let [p50, p95, p99] = [p50, p95, p99].map(|micros| micros / 1000.0);
    let server = or_dash(cpu.map(|cpu| cpu.server), 0);
    let database = or_dash(cpu.map(|cpu| cpu.database).filter(|used| *used > 0.0), 0);
    let floor = or_dash(row.floor.map(|floor| floor.per_second), 0);
    let floor_cpu = or_dash(row.floor.and_then(|floor| floor.cpu).map(Cpu::total), 0);
    let (ratio, goal) = (or_dash(row.ratio, 2), row.goal.map_or("–".into(), |goal| format!("≥ {goal}")));
    let met = row.ratio.zip(row.goal).map_or("–", |(ratio, goal)| yes_or_no(ratio >= goal));
    let name = &row.name;
    let _ = writeln!(
        text,
        "| {name} | {per_second:.0} | {p50:.2} | {p95:.2} | {p99:.2} | {server} | {database} | {floor} | {floor_cpu} | \
         {ratio} | {goal} | {met} |"
    );
}

fn memory(table: &Table) -> Option<String> {
    let Memory { held, peak, answer, writes } = table.memory.as_ref()?;
    let more =
        answer.map(|(size, more)| format!(" An answer of {size} members took {more:.0} MB more.")).unwrap_or_default();
    let writes: Vec<String> = writes.iter().map(|(what, more)| format!("{what}: {more:.0} MB")).collect();
    let written =
        if writes.is_empty() { String::new() } else { format!(" More while it was written: {}.", writes.join(", ")) };
    Some(format!(
        " The server's memory peaked at {peak:.0} MB and was {held:.0} MB after all scenarios.{more}{written}"
    ))
}

fn write_checks(text: &mut String, checks: &[Check]) {
    if checks.is_empty() {
        return;
    }
    text.push_str("\n| What else is promised | found | goal | met |\n|---|---|---|---|\n");
    for check in checks {
        let Check { what, value, unit, limit } = check;
        let (found, goal) = match *unit {
            "×" => (format!("× {value:.2}"), format!("≤ × {limit}")),
            unit => (format!("{value:.0} {unit}"), format!("≤ {limit} {unit}")),
        };
        let _ = writeln!(text, "| {what} | {found} | {goal} | {} |", yes_or_no(check.is_met()));
    }
}

/// From the smallest size of a subject to its largest.
fn write_flatness(text: &mut String, tables: &[Table]) {
    let mut subjects: Vec<&str> = tables.iter().map(|table| table.subject.as_str()).collect();
    subjects.dedup();
    let mut seen = std::collections::BTreeSet::new();
    subjects.retain(|subject| seen.insert(*subject));
    for subject in subjects {
        let of_subject = || tables.iter().filter(|table| table.subject == subject);
        let (small, large) = (of_subject().min_by_key(|t| t.users), of_subject().max_by_key(|t| t.users));
        if let Some((small, large)) = small.zip(large).filter(|(small, large)| small.users < large.users) {
            write_growth(text, small, large);
        }
    }
}

fn write_growth(text: &mut String, small: &Table, large: &Table) {
    let _ = write!(
        text,
        "\n## {}: from {} users to {}\n\nThe two were measured one after the other, so that the processor time says \
         most; *goal* is of that.\n\n| Scenario | requests/s × | p50 × | CPU × | goal | met |\n|---|---|---|---|---|---|\n",
        small.subject, small.users, large.users
    );
    for (a, b) in small.rows.iter().filter_map(|a| Some((a, large.rows.iter().find(|b| b.name == a.name)?))) {
        let times = |of: fn(&Figures) -> f64| or_dash(over(of(&b.figures), of(&a.figures)), 2);
        let has_cpu = a.figures.cpu.is_some() && b.figures.cpu.is_some();
        let cpu = if has_cpu { times(Figures::cost) } else { "–".to_owned() };
        let goal = if a.flat { format!("≤ {FLAT}") } else { "–".to_owned() };
        let met = over(b.figures.cost(), a.figures.cost()).filter(|_| a.flat);
        let met = met.map_or("–", |growth| yes_or_no(growth <= FLAT));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {cpu} | {goal} | {met} |",
            a.name,
            times(|figures| figures.per_second),
            times(|figures| figures.p50)
        );
    }
}

fn or_dash(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn yes_or_no(met: bool) -> &'static str {
    if met { "yes" } else { "**no**" }
}

/// What people have written beside the page, without its heading.
pub(crate) fn notes(page: &Path) -> Option<String> {
    let name = format!("{}-notes.md", page.file_stem()?.to_str()?);
    let text = std::fs::read_to_string(page.with_file_name(name)).ok()?;
    let body = text.strip_prefix("# ").map_or(text.as_str(), |rest| rest.split_once('\n').map_or("", |(_, body)| body));
    Some(body.trim().to_owned()).filter(|body| !body.is_empty())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::figures::tests::at;

    /// A row without a floor.
    pub(crate) fn row(key: &'static str, size: Option<usize>, figures: Figures) -> Row {
        let name = size.map_or_else(|| key.to_owned(), |size| format!("{key} {size}"));
        Row { key, name, size, figures, floor: None, ratio: None, goal: None, flat: false }
    }

    fn table(users: usize, rows: Vec<Row>) -> Table {
        Table {
            subject: "SQLite".into(),
            users,
            tenants: 1,
            made: 1000,
            filled: Duration::from_secs(2),
            by_bulk: false,
            rows,
            fixed: None,
            left_out: vec!["Bulk: not offered".into()],
            memory: Some(Memory {
                held: 40.0,
                peak: 50.4,
                answer: Some((10, 1.0)),
                writes: vec![("POST of a group".into(), 2.0)],
            }),
        }
    }

    fn conditions() -> Conditions {
        let date = Date::from_calendar_date(2026, time::Month::March, 1).expect("a date");
        Conditions { date, is_ours: true, floor: None, connections: 8, seconds: 3, rounds: 3 }
    }

    #[test]
    fn a_row_says_whether_its_goal_is_met() {
        let (floor, goal) = (Some(at(1000.0)), Some(0.7));
        let met = Row { floor, goal, ratio: Some(0.75), ..row("get-user", None, at(750.0)) };
        let missed = Row { floor, goal, ratio: Some(0.5), ..row("find-email", None, at(500.0)) };
        let page = write(&conditions(), &[table(1000, vec![met, missed])], None);
        for line in [
            "| get-user | 750 | 1.00 | 2.00 | 3.00 | 1333 | – | 1000 | 1000 | 0.75 | ≥ 0.7 | yes |",
            "| find-email | 500 | 1.00 | 2.00 | 3.00 | 2000 | – | 1000 | 1000 | 0.50 | ≥ 0.7 | **no** |",
            "Making 1000 users one by one took 2.0 s, 500 a second. The server's memory peaked at 50 MB and was 40 MB after all scenarios. \
                An answer of 10 members took 1 MB more. More while it was written: POST of a group: 2 MB.",
            "| memory after all scenarios | 40 MB | ≤ 150 MB | yes |",
            "- not measured: Bulk: not offered",
        ] {
            assert!(page.contains(line), "{line} is not in\n{page}");
        }
        assert!(!page.contains("What was tried") && !page.contains("from 1000 users"));
    }

    #[test]
    fn sizes_are_compared_from_the_smallest_to_the_largest() {
        let of = |users, rate| {
            let flat = Row { flat: true, ..row("get-user", None, at(rate)) };
            table(users, vec![flat, row("members", Some(users), at(rate))])
        };
        let page = write(&conditions(), &[of(1000, 200.0), of(100_000, 100.0)], Some("Nothing yet."));
        assert!(page.contains("## SQLite: from 1000 users to 100000"), "{page}");
        assert!(page.contains("| get-user | 0.50 | 1.00 | 2.00 | ≤ 1.3 | **no** |"), "{page}");
        assert!(page.ends_with("\n## What was tried\n\nNothing yet.\n"), "{page}");
    }

    #[test]
    fn notes_lose_their_heading() {
        let directory = tempfile::tempdir().expect("a directory");
        let page = directory.path().join("performance.md");
        assert_eq!(notes(&page), None);
        std::fs::write(directory.path().join("performance-notes.md"), "# Notes\n\nTrue words.\n").expect("written");
        assert_eq!(notes(&page).as_deref(), Some("True words."));
    }
}
