//! `caurlaide alarm …`: which clients took away far more than usual.

use clap::Subcommand;
use serde_json::json;
use store::Store;
use uuid::Uuid;

use crate::{
    alarms::{Acknowledgement, AlarmRecord, Book},
    cli::{Failure, output, tenant},
    clock::Clock,
    language::Language,
};

/// How many alarms are read at once.
const PAGE: u64 = 500;

/// What to do with alarms.
#[derive(Subcommand)]
pub(super) enum Action {
    /// List a tenant's alarms, the newest first
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one alarm, as JSON
    Show {
        /// The tenant
        slug: String,
        /// The alarm's id, as `alarm list` shows it
        #[arg(value_parser = id)]
        alarm_id: Uuid,
    },
    /// Say that an alarm is known; it is no longer shown once no more is taken away
    Acknowledge {
        /// The tenant
        slug: String,
        /// The alarm's id, as `alarm list` shows it
        #[arg(value_parser = id)]
        alarm_id: Uuid,
        /// What was found out
        #[arg(long, default_value = "")]
        comment: String,
    },
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let (Action::List { slug, .. } | Action::Show { slug, .. } | Action::Acknowledge { slug, .. }) = &action;
    let slug = slug.clone();
    let tenant = tenant::find(store, &slug).await?;
    let book = Book { data: store.tenant(tenant.id), cause: store::Cause::operator(), now: clock.now() };
    let missing =
        |id: Uuid| Failure::Missing(format!("there is no alarm {id}")).see(&format!("caurlaide alarm list {slug}"));
    match action {
        Action::List { json, .. } => list(&all(&book).await?, json),
        Action::Show { alarm_id, .. } => {
            let alarm = book.alarm(alarm_id).await?.ok_or_else(|| missing(alarm_id))?;
            output::json(&json!(alarm))
        }
        Action::Acknowledge { alarm_id, comment, .. } => {
            let said = Acknowledgement { comment };
            if let Some(reason) = said.fault() {
                return Err(Failure::Usage(format!("the comment {}", reason.say(Language::English))));
            }
            book.acknowledge(alarm_id, &said.comment).await?.ok_or_else(|| missing(alarm_id))?;
            output::print(&format!("{alarm_id} is acknowledged\n"))
        }
    }
}

fn id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| "this is no alarm's id; `caurlaide alarm list SLUG` shows them".to_owned())
}

async fn all(book: &Book) -> Result<Vec<AlarmRecord>, Failure> {
    let mut all: Vec<AlarmRecord> = Vec::new();
    loop {
        let (some, has_more) = book.page(all.last().map(|alarm| alarm.id), PAGE).await?;
        all.extend(some);
        if !has_more {
            return Ok(all);
        }
    }
}

fn list(alarms: &[AlarmRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(alarms));
    }
    let of = |removed: i64, threshold: i64| format!("{removed} (of {threshold})");
    let row = |alarm: &AlarmRecord| {
        vec![
            alarm.id.to_string(),
            alarm.state.to_owned(),
            alarm.client.to_string(),
            alarm.first_removal.clone(),
            alarm.last_removal.clone(),
            of(alarm.users.removed, alarm.users.threshold),
            of(alarm.memberships.removed, alarm.memberships.threshold),
        ]
    };
    let rows: Vec<Vec<String>> = alarms.iter().map(row).collect();
    output::table(&["ID", "STATE", "CLIENT", "FIRST REMOVAL", "LAST REMOVAL", "USERS", "MEMBERSHIPS"], &rows)
}
