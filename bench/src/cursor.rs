//! A walk through all users by cursor (RFC 9865), to find where the last page is.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{
    Outcome,
    connection::{Connection, Target},
};

/// How many users a page has.
const PAGE: usize = 100;
/// After how many pages progress is shown.
const STEP: usize = 1_000;

/// Where a walk ended.
pub(crate) struct Ends {
    /// The query of the last page that is full.
    pub(crate) last: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    next_cursor: Option<String>,
}

impl Ends {
    /// Walks from the first page to the last.
    pub(crate) async fn find(target: &Target) -> Outcome<Self> {
        let mut connection = Connection::open(target).await?;
        let (mut query, mut last) = ("cursor".to_owned(), "cursor".to_owned());
        for number in 1.. {
            let answer = connection.send(&target.get(format!("/Users?{query}&count={PAGE}"))).await?;
            let page: Page = serde_json::from_slice(&answer)?;
            let Some(cursor) = page.next_cursor else { break };
            // A page that another one follows is full.
            last = query;
            query = format!("cursor={}", utf8_percent_encode(&cursor, NON_ALPHANUMERIC));
            if number % STEP == 0 {
                eprintln!("  {number} pages walked through");
            }
        }
        Ok(Self { last })
    }
}
