//! What is promised of the figures, and whether they keep it.

use crate::{
    figures::{Figures, over},
    page::{Row, Table},
    scenario::BULK,
};

/// How much more a change of members may cost in the largest group than in the smallest: a run that finds more fails.
pub(crate) const LARGEST_GROWTH: f64 = 1.5;
/// How much more a request may cost at the largest size than at the smallest.
pub(crate) const FLAT: f64 = 1.3;

/// What a scenario is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    sqlite: f64,
    postgres: f64,
    /// Whether it is to cost the same however many users there are.
    pub(crate) flat: bool,
}

impl Goal {
    /// The least requests per second, as a part of the floor's.
    pub(crate) fn of(sqlite: f64, postgres: f64) -> Self {
        Self { sqlite, postgres, flat: false }
    }

    pub(crate) fn flat(self) -> Self {
        Self { flat: true, ..self }
    }

    /// The ratio for a database.
    pub(crate) fn ratio(self, database: &str) -> f64 {
        if database == "PostgreSQL" { self.postgres } else { self.sqlite }
    }
}

/// A promise about more than one figure.
pub(crate) struct Check {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) limit: f64,
}

impl Check {
    fn times(what: String, value: Option<f64>, limit: f64) -> Option<Self> {
        Some(Self { what, value: value?, unit: "×", limit })
    }

    pub(crate) fn is_met(&self) -> bool {
        self.value <= self.limit
    }
}

/// How a change of members grows with the group.
pub(crate) fn growth(rows: &[Row]) -> Option<f64> {
    let (small, large) = ends_of(rows, "members")?;
    over(large.figures.cost(), small.figures.cost())
}

/// Every promise that the rows of a table say something about.
pub(crate) fn checks(table: &Table) -> Vec<Check> {
    let rows = &table.rows;
    let mut checks = Vec::new();
    checks.extend(pair(rows, "list-last", "list-first", "last page by cursor, to the first: cost", FLAT));
    checks.extend(pair(rows, "index-deep", "index-first", "`startIndex` at 90 %, to the first page: cost", 10.0));
    checks.extend(grown(rows, "members", "change of members", LARGEST_GROWTH));
    checks.extend(grown(rows, "get-group", "group without its members", FLAT));
    checks.extend(bulk(rows));
    checks.extend(tail(rows));
    checks.extend(neighbours(rows));
    checks.extend(filling(table));
    checks.extend(memory(table));
    checks
}

fn find<'a>(rows: &'a [Row], key: &str) -> Option<&'a Figures> {
    rows.iter().find(|row| row.key == key).map(|row| &row.figures)
}

fn pair(rows: &[Row], key: &str, to: &str, what: &str, limit: f64) -> Option<Check> {
    let (a, b) = (find(rows, key)?, find(rows, to)?);
    Check::times(what.to_owned(), over(a.cost(), b.cost()), limit)
}

/// The rows of the smallest and of the largest group.
fn ends_of<'a>(rows: &'a [Row], key: &str) -> Option<(&'a Row, &'a Row)> {
    let of_key = || rows.iter().filter(|row| row.key == key && row.size.is_some());
    let (small, large) = (of_key().min_by_key(|row| row.size)?, of_key().max_by_key(|row| row.size)?);
    (small.size < large.size).then_some((small, large))
}

fn grown(rows: &[Row], key: &str, what: &str, limit: f64) -> Option<Check> {
    let (small, large) = ends_of(rows, key)?;
    let what = format!("{what}, group of {} to one of {}: cost", large.size?, small.size?);
    Check::times(what, over(large.figures.cost(), small.figures.cost()), limit)
}

fn bulk(rows: &[Row]) -> Option<Check> {
    let (bulk, single) = (find(rows, "bulk")?, find(rows, "create-user")?);
    let each = f64::from(u32::try_from(BULK).unwrap_or(u32::MAX));
    let what = format!("a user in a Bulk of {BULK}, to one alone: cost");
    Check::times(what, over(bulk.cost() / each, single.cost()), 0.5)
}

fn tail(rows: &[Row]) -> Option<Check> {
    let crowd = find(rows, "mixed-crowd")?;
    Check::times("mixed load from 64 connections: p99 to p50".to_owned(), over(crowd.p99, crowd.p50), 10.0)
}

fn neighbours(rows: &[Row]) -> Option<Check> {
    let mut rows = rows.iter().filter(|row| row.key == "neighbour");
    let (quiet, beside) = (rows.next()?, rows.next()?);
    let what = "one client beside a flood of another tenant: p99 to its quiet p99".to_owned();
    Check::times(what, over(beside.figures.p99, quiet.figures.p99), 3.0)
}

/// A hundred thousand users in a minute, at the pace of this run; only a run of that size can tell.
fn filling(table: &Table) -> Option<Check> {
    let (made, seconds) = (table.made, table.filled.as_secs_f64());
    let pace = seconds * 100_000.0 / f64::from(u32::try_from(made).unwrap_or(u32::MAX));
    (table.users >= 100_000 && table.by_bulk).then(|| Check {
        what: format!("100000 users loaded by Bulk, at the pace of the first {made}"),
        value: pace,
        unit: "s",
        limit: 60.0,
    })
}

fn memory(table: &Table) -> Vec<Check> {
    let Some(memory) = &table.memory else { return Vec::new() };
    let held = Check { what: "memory after all scenarios".to_owned(), value: memory.held, unit: "MB", limit: 150.0 };
    let answer = memory.answer.map(|(size, more)| Check {
        what: format!("further memory for an answer of {size} members"),
        value: more,
        unit: "MB",
        limit: 100.0,
    });
    std::iter::once(held).chain(answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{figures::tests::at, page::tests::row};

    #[test]
    fn growth_is_from_the_smallest_group_to_the_largest() {
        let rows =
            [row("members", Some(1000), at(50.0)), row("members", Some(10), at(100.0)), row("get-user", None, at(1.0))];
        assert!(growth(&rows).is_some_and(|growth| (growth - 2.0).abs() < 1e-9));
        assert_eq!(growth(&rows[..1]), None);
    }

    #[test]
    fn a_user_in_bulk_is_compared_with_one_alone() {
        let rows = [row("bulk", None, at(10.0)), row("create-user", None, at(500.0))];
        let check = bulk(&rows).expect("a check");
        // A request of 100 users costs 100 000 µs, each 1 000 µs; one alone costs 2 000 µs.
        assert!((check.value - 0.5).abs() < 1e-9 && check.is_met());
    }

    #[test]
    fn goals_are_of_a_database() {
        let goal = Goal::of(0.7, 0.8).flat();
        assert!((goal.ratio("SQLite") - 0.7).abs() < 1e-9 && (goal.ratio("PostgreSQL") - 0.8).abs() < 1e-9);
        assert!(goal.flat);
    }
}
