//! What a request brings: path, parameters, body. Bounded before it is read, strict where it is not what was asked for.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, Uri, header, request::Parts},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};
use serde_path_to_error::Segment;
use tokio::time::timeout;

use crate::{
    administration::Fault,
    app::App,
    http::{
        api::{nothing_here, strict::Strict},
        error::Failure,
        scim,
    },
    language::Language,
    provisioning::Tags,
    wording::{Phrase, phrase},
};

/// The largest body, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024;
/// How long a client may take to send a body.
const BODY_LIMIT: Duration = Duration::from_secs(20);
/// How many items a page has where nobody says, and at the most.
pub(super) const PAGE: u64 = 100;

/// What stands in a path. An id that is none leads nowhere.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Path(found) = Path::from_request_parts(parts, app).await.map_err(|_| nothing_here())?;
        Ok(Self(found))
    }
}

/// Which part of a list is asked for.
#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default = "page")]
    count: u64,
    cursor: Option<String>,
}

fn page() -> u64 {
    PAGE
}

impl FromRequestParts<Arc<App>> for Page {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let page: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        let Ok(Query(page)) = page else {
            return Err(Failure::new(400, phrase("count-is-number")));
        };
        if (1..=PAGE).contains(&page.count) {
            return Ok(page);
        }
        Err(Failure::new(400, phrase("count-within").with("most", PAGE)))
    }
}

impl Page {
    /// How many items are wanted.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Behind which item.
    pub(super) fn after<T: std::str::FromStr>(&self) -> Result<Option<T>, Failure> {
        let wrong = |_| Failure::new(400, phrase("cursor-wrong"));
        self.cursor.as_deref().map(str::parse).transpose().map_err(wrong)
    }
}

/// Reads the parameters of a list, each of which may be left out. Says which one cannot be read, if it is not that there are
/// others, or the same twice.
pub(super) fn parameters<P: DeserializeOwned>(parts: &Parts, names: &str) -> Result<P, Failure> {
    if let Ok(Query(given)) = Query::try_from_uri(&parts.uri) {
        return Ok(given);
    }
    let query = parts.uri.query().unwrap_or_default();
    let wrong = query.split('&').find_map(|pair| {
        let alone: Uri = format!("/?{pair}").parse().ok()?;
        let name = pair.split('=').next().filter(|name| names.split(", ").any(|known| known == *name))?;
        let rejection = Query::<P>::try_from_uri(&alone).err()?;
        Some(unreadable(name, &rejection.body_text()))
    });
    let reason = wrong.unwrap_or_else(|| phrase("parameters-are").with("names", names));
    Err(Failure::problem(400, "invalid", reason))
}

/// What a parameter should have been, by what serde says of it.
fn unreadable(name: &str, text: &str) -> Phrase {
    let wrong = match text {
        _ if text.contains("UUID") => phrase("parameter-id"),
        _ if text.contains("`true` or `false`") => phrase("parameter-boolean"),
        _ if text.contains("unknown variant") => phrase("parameter-word"),
        _ => phrase("parameter-count"),
    };
    wrong.with("name", name)
}

/// What a change rests on: the versions of what it changes that the client knows.
pub(crate) struct IfMatch(pub(crate) Tags);

impl FromRequestParts<Arc<App>> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        match scim::tags(&parts.headers, &header::IF_MATCH)? {
            Some(tags) => Ok(Self(tags)),
            None => Err(Failure::new(428, phrase("match-needed"))),
        }
    }
}

/// The language that somebody likes best of those that there are, if they say so.
pub(crate) struct AcceptLanguage(pub(super) Option<Language>);

impl FromRequestParts<Arc<App>> for AcceptLanguage {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        Ok(Self(language(&parts.headers)))
    }
}

/// The same of headers.
pub(in crate::http) fn language(headers: &HeaderMap) -> Option<Language> {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    Language::accepted(&values.collect::<Vec<_>>().join(","))
}

/// The same where a change may do without it.
pub(crate) struct MayMatch(pub(crate) Option<Tags>);

impl FromRequestParts<Arc<App>> for MayMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        Ok(Self(scim::tags(&parts.headers, &header::IF_MATCH)?))
    }
}

/// Reads a body whole.
pub(super) async fn whole(request: Request, limit: usize) -> Result<Request, Failure> {
    let (parts, mut body) = request.into_parts();
    let too_large = || Failure::new(413, phrase("body-too-large").with("most", limit));
    let read = timeout(BODY_LIMIT, Limited::new(&mut body, limit).collect()).await;
    let bytes = match read {
        Err(_) => return Err(Failure::new(408, phrase("body-late"))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            scim::drain(&parts.headers, body).await;
            return Err(too_large());
        }
        Ok(Err(_)) => return Err(Failure::new(400, phrase("body-broken"))),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// A JSON body: no member twice, none that is unknown, nothing of another type.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        check_media_type(request.headers())?;
        let bytes = Bytes::from_request(request, app).await.map_err(|_| Failure::new(400, phrase("body-broken")))?;
        let value = ::scim::json::parse(&bytes)
            .map_err(|error| Failure::new(400, phrase("body-no-json").with("reason", error.detail)))?;
        if !value.is_object() {
            let fault = Fault::new("", phrase("must-be-object"));
            return Err(Failure::invalid(vec![fault]));
        }
        serde_path_to_error::deserialize(Strict(value)).map(Self).map_err(|error| Failure::invalid(vec![fault(&error)]))
    }
}

/// What is wrong with a body, and where. What serde says of a value repeats it, and so only what was expected is told.
fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{key}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let text = error.inner().to_string();
    let expected = text.rsplit_once("expected ").map(|(_, expected)| expected);
    let reason = match expected {
        Some(words) if text.starts_with("unknown variant") => {
            let words: Vec<&str> = words.split('`').skip(1).step_by(2).collect();
            phrase("must-be-one-of").with("words", words.join(", "))
        }
        _ if text.starts_with("unknown field") => unknown_field(expected),
        _ if text.starts_with("missing field ") => {
            phrase("must-have-field").with("name", text.trim_start_matches("missing field "))
        }
        Some("i64" | "i32") => phrase("must-be-whole"),
        Some("u8" | "u16" | "u32" | "u64" | "usize") => phrase("must-be-count"),
        // A word that names one of several.
        Some("a string" | "string or map" | "map with a single key" | "variant identifier") => phrase("must-be-string"),
        Some("a formatted UUID string") => phrase("must-be-id"),
        Some("a boolean") => phrase("must-be-boolean"),
        Some("a sequence") => phrase("must-be-list"),
        Some("a map") => phrase("must-be-object"),
        Some(expected) if expected.starts_with("struct ") || expected.starts_with("internally tagged enum ") => {
            phrase("must-be-object")
        }
        Some(expected) => phrase("must-be").with("what", expected),
        None => phrase("wrong-form"),
    };
    Fault::new(pointer, reason)
}

/// What to say of a field that there is not, of the names that serde expected instead.
fn unknown_field(expected: Option<&str>) -> Phrase {
    match expected.map(|names| names.trim_start_matches("one of ")) {
        Some(names) => phrase("no-such-field").with("names", names.replace("` or `", "`, `")),
        None => phrase("no-fields"),
    }
}

/// 415 unless the body is JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Failure::new(415, phrase("body-encoded")));
    }
    let Some(media_type) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = media_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::new(415, phrase("body-not-json")))
}
