//! The page of what rights cost.

use std::{fmt::Write, time::Duration};

use time::Date;

use crate::{
    figures::{Figures, over},
    machine,
    rights::{
        Options,
        scene::{HELD_BY_LEAVERS, LEAVERS, RULES},
    },
};

/// What was measured on one database.
pub(crate) struct Table {
    pub(crate) subject: &'static str,
    pub(crate) filled: Duration,
    /// The first is what the others are measured by.
    pub(crate) rows: Vec<Row>,
    pub(crate) nights: Vec<Night>,
}

/// Something that somebody asks for.
pub(crate) struct Row {
    pub(crate) name: String,
    /// How many times as long as the first row it may take.
    pub(crate) goal: Option<f64>,
    pub(crate) figures: Figures,
}

/// Something that happens by itself, and how somebody who writes fared meanwhile.
pub(crate) struct Night {
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) writer: Figures,
}

/// The whole page.
pub(crate) fn write(options: &Options, date: Date, tables: &[Table]) -> String {
    let Options { users, entitlements, grants, .. } = options;
    let mut text = format!(
        "# Performance of rights\n\nMeasured on {date} by `tools/bench rights`, on {}. One tenant with {users} users, {entitlements} \
         entitlements and {grants} grants, {RULES} rules of segregation of duties and {RULES} birthright rules; {LEAVERS} people have \
         {HELD_BY_LEAVERS} of the grants each. Requests come one after the other over one connection from the same machine; \
         each person who asks or decides looks first, with a token of their own that the server has not seen before, and then does it. Times \
         are in milliseconds; *× GET* is the median over the median of the first row. Every write is durable before it is answered.\n",
        machine::description()
    );
    for table in tables {
        let _ = write!(
            text,
            "\n## {}\n\nFilled in {:.0} s.\n\n| What | p50 | p95 | p99 | × GET | goal | met |\n|---|---|---|---|---|---|---|\n",
            table.subject,
            table.filled.as_secs_f64()
        );
        let measure = table.rows.first().map_or(0.0, |row| row.figures.p50);
        for Row { name, goal, figures } in &table.rows {
            let times = over(figures.p50, measure);
            let met = goal.zip(times).map_or("–", |(goal, times)| if times <= goal { "yes" } else { "**no**" });
            let _ = writeln!(
                text,
                "| {name} | {} | {} | {} | {} | {} | {met} |",
                millis(figures.p50),
                millis(figures.p95),
                millis(figures.p99),
                times.map_or_else(|| "–".to_owned(), |times| format!("{times:.1}")),
                goal.map_or_else(|| "–".to_owned(), |goal| format!("≤ {goal}"))
            );
        }
        text.push_str(
            "\n| What happens by itself | took | a writer meanwhile: p50 | p95 | p99 |\n|---|---|---|---|---|\n",
        );
        for Night { name, took, writer } in &table.nights {
            let (took, p50, p95, p99) =
                (took.as_secs_f64(), millis(writer.p50), millis(writer.p95), millis(writer.p99));
            let _ = writeln!(text, "| {name} | {took:.1} s | {p50} | {p95} | {p99} |");
        }
    }
    text
}

fn millis(micros: f64) -> String {
    format!("{:.2}", micros / 1000.0)
}
