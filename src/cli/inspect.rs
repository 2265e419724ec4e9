//! `check-config` and `migrate`.

use serde_json::{Value, json};
use store::{MigrationStatus, Store};

use crate::{
    cli::{Failure, connect, is_missing, output},
    config::Settings,
};

/// Prints what applies and where it came from.
pub(super) fn config(settings: &Settings, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let list: Vec<Value> = settings
            .origin
            .iter()
            .map(
                |setting| json!({ "name": setting.name, "value": setting.shown, "source": setting.source.to_string() }),
            )
            .collect();
        return output::json(&list.into());
    }
    let rows: Vec<Vec<String>> = settings
        .origin
        .iter()
        .map(|setting| {
            let value = setting.shown.clone().unwrap_or_else(|| "-".into());
            vec![setting.name.to_owned(), value, setting.source.to_string()]
        })
        .collect();
    output::table(&["SETTING", "VALUE", "SOURCE"], &rows)
}

/// Migrates, or says what there is to do.
pub(super) async fn migrate(settings: &Settings, status: bool, as_json: bool) -> Result<(), Failure> {
    if status && is_missing(settings) {
        // Looking makes nothing.
        return steps(&Store::steps(), as_json);
    }
    let store = connect(settings).await?;
    if !status {
        let waiting = store.migrations().await?.iter().filter(|step| !step.applied).count();
        store.migrate().await?;
        store.close().await?;
        return output::print(&match waiting {
            0 => "The database is up to date.\n".to_owned(),
            1 => "1 step applied; the database is up to date.\n".to_owned(),
            n => format!("{n} steps applied; the database is up to date.\n"),
        });
    }
    let found = store.migrations().await?;
    store.close().await?;
    steps(&found, as_json)
}

/// Lists the steps and whether the database has them.
fn steps(steps: &[MigrationStatus], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let list: Vec<Value> = steps.iter().map(|step| json!({ "name": step.name, "applied": step.applied })).collect();
        return output::json(&list.into());
    }
    let rows: Vec<Vec<String>> = steps
        .iter()
        .map(|step| vec![step.name.clone(), if step.applied { "applied" } else { "waiting" }.to_owned()])
        .collect();
    output::table(&["STEP", "STATE"], &rows)
}
