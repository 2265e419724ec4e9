//! The page of figures.

use std::{fmt::Write, time::Duration};

use time::OffsetDateTime;

use crate::{load::Figures, machine};

/// A scenario and what it came to.
pub(crate) type Row = (String, Figures);

/// The figures of one database at one size.
pub(crate) struct Table {
    pub(crate) database: &'static str,
    pub(crate) users: usize,
    pub(crate) seeded: Duration,
    pub(crate) rows: Vec<Row>,
    /// MiB.
    pub(crate) memory: u64,
}

#[expect(clippy::disallowed_methods, reason = "a page of measurements says when they were made")]
pub(crate) fn write(tables: &[Table], connections: usize, seconds: u64, rounds: usize) -> String {
    let date = OffsetDateTime::now_utc().date();
    let mut text = format!(
        "# Performance\n\n\
         Written by `tools/bench`; do not edit. Measured on {date}, version {}, on {}: server, database and load generator share \
         these cores. {connections} connections send one request after the other; every scenario is measured for {seconds} s in \
         each of {rounds} rounds, and each figure is the median of the rounds. Authentication, limits, logging and the event log \
         are on; every write is durable before it is answered (`synchronous=FULL`, `fsync=on`). CPU is processor time for a \
         request, of the server's process and of PostgreSQL's. Machines that are shared move these figures up to twofold: compare \
         within a run.\n",
        env!("CARGO_PKG_VERSION"),
        machine::description(),
    );
    for table in tables {
        let Table { database, users, seeded, rows, memory } = table;
        let _ = write!(
            text,
            "\n## {database}, {users} users\n\n| Scenario | requests/s | p50 ms | p99 ms | CPU server µs | CPU database µs |\n|---|---|---|---|---|---|\n"
        );
        for (name, figures) in rows {
            let Figures { per_second, p50, p99, server, database } = figures;
            let (p50, p99) = (p50 / 1000.0, p99 / 1000.0);
            let database = if *database > 0.0 { format!("{database:.0}") } else { "–".to_owned() };
            let _ = writeln!(text, "| {name} | {per_second:.0} | {p50:.2} | {p99:.2} | {server:.0} | {database} |");
        }
        let _ =
            writeln!(text, "\nFilling took {:.1} s; the server's memory peaked at {memory} MiB.", seeded.as_secs_f64());
        if let Some(ratios) = group_ratios(rows) {
            let _ = writeln!(text, "\n{ratios}");
        }
    }
    text
}

/// How a change of members grows with the group, in processor time.
pub(crate) fn growth(rows: &[Row]) -> Option<f64> {
    let (a, b) = groups(rows)?;
    Some((b.1.server + b.1.database) / (a.1.server + a.1.database))
}

fn groups(rows: &[Row]) -> Option<(&Row, &Row)> {
    let mut groups = rows.iter().filter(|(name, _)| name.contains("group of"));
    Some((groups.next()?, groups.next()?))
}

fn group_ratios(rows: &[Row]) -> Option<String> {
    let ((small, a), (large, b)) = groups(rows)?;
    let size = |name: &str| name.rsplit(' ').next().unwrap_or_default().to_owned();
    Some(format!(
        "From a group of {} to one of {}: p50 × {:.2}, CPU × {:.2}, requests/s × {:.2}.",
        size(small),
        size(large),
        b.p50 / a.p50,
        growth(rows)?,
        b.per_second / a.per_second
    ))
}
