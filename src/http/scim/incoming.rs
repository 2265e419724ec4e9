//! What a request brings: path, parameters, media types, body. Bounded before it is read.

use std::{sync::LazyLock, time::Duration};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::percent_decode_str;
use scim::{
    ScimType,
    message::{MEDIA_TYPE, Parameters},
};
use serde_json::Value;
use store::TenantId;
use tokio::time::timeout;

use crate::{
    admission::{Bounds, Turn, Turns},
    http::error::Failure,
};

/// The largest body, in bytes.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// The largest body of a write to a resource with members, and of a bulk request (`maxPayloadSize`), in bytes.
pub(crate) const MAX_LARGE_BODY: usize = 8 * 1024 * 1024;
/// Bodies above the usual size are taken apart and written two at a time, because each takes many times its bytes; a tenant has one place
/// while others are there.
static LARGE: LazyLock<Turns<TenantId>> =
    LazyLock::new(|| Turns::new(Bounds { all: 2, alone: 2, beside: 1, waiting: usize::MAX }));
/// The longest filter of an address, in bytes.
const MAX_FILTER: usize = 4096;
/// How long a client may take to send a body.
const BODY_LIMIT: Duration = Duration::from_secs(20);
/// How much of an unwanted body is read and thrown away, in bytes.
const MAX_DRAINED: usize = 32 * 1024 * 1024;
/// How long that may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// The tenant's slug and what follows the base URI, decoded. One slash at the end does not count.
pub(super) fn path(path: &str) -> Result<(String, Vec<String>), Failure> {
    let decode = |part: &str| {
        let text = percent_decode_str(part).decode_utf8();
        text.map(String::from).map_err(|_| Failure::english(400, "The path is not UTF-8."))
    };
    let mut parts = path.trim_start_matches('/').split('/').skip(1);
    let slug = decode(parts.next().unwrap_or_default())?;
    let mut segments = parts.skip(2).map(decode).collect::<Result<Vec<_>, _>>()?;
    if segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    Ok((slug, segments))
}

/// The parameters of a query. Unknown ones are ignored; one that stands twice is a contradiction,
/// except in lists of names.
pub(super) fn parameters(query: &str) -> Result<Parameters, Failure> {
    let mut parameters = Parameters::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name, ScimType::InvalidValue)?.to_ascii_lowercase();
        let (slot, is_list) = match name.as_str() {
            "filter" => (&mut parameters.filter, false),
            "sortby" => (&mut parameters.sort_by, false),
            "sortorder" => (&mut parameters.sort_order, false),
            "startindex" => (&mut parameters.start_index, false),
            "count" => (&mut parameters.count, false),
            "cursor" => (&mut parameters.cursor, false),
            "attributes" => (&mut parameters.attributes, true),
            "excludedattributes" => (&mut parameters.excluded_attributes, true),
            _ => continue,
        };
        let is_filter = name == "filter";
        let value = decode(value, if is_filter { ScimType::InvalidFilter } else { ScimType::InvalidValue })?;
        *slot = match slot.take() {
            None => Some(value),
            Some(first) if is_list => Some(format!("{first},{value}")),
            Some(_) => return Err(invalid(ScimType::InvalidValue, format!("The parameter {name} is given twice."))),
        };
    }
    if parameters.filter.as_ref().is_some_and(|filter| filter.len() > MAX_FILTER) {
        let detail = format!("A filter in an address may be at most {MAX_FILTER} bytes long.");
        return Err(invalid(ScimType::InvalidFilter, detail));
    }
    Ok(parameters)
}

fn decode(text: &str, fault: ScimType) -> Result<String, Failure> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| invalid(fault, "The query is not UTF-8.".into()))?;
    if decoded.contains('\0') {
        return Err(invalid(fault, "The query holds a NUL character.".into()));
    }
    Ok(decoded.into_owned())
}

fn invalid(scim_type: ScimType, detail: String) -> Failure {
    scim::Error::of(scim_type, detail).into()
}

/// 406 if the client takes nothing that can be sent (RFC 7644 §3.8).
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Failure> {
    let given = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = given.filter(|value| !value.trim().is_empty()).peekable();
    if ranges.peek().is_none() {
        return Ok(());
    }
    let takes = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty()));
        !refused && matches!(kind.as_str(), "*/*" | "application/*" | "application/json" | MEDIA_TYPE)
    };
    if ranges.flat_map(|list| list.split(',')).any(takes) {
        return Ok(());
    }
    Err(Failure::english(406, format!("Answers are {MEDIA_TYPE}, which the Accept header leaves out.")))
}

/// What somebody holds who works on a body: a turn, and a place among the large ones.
pub(super) type Held = (Turn<TenantId>, Option<Turn<TenantId>>);

/// The JSON of a body. Nobody has a turn while it is on its way, and it is taken apart in that turn.
pub(super) async fn json(
    headers: &HeaderMap,
    body: &mut Body,
    limit: usize,
    turn: impl Future<Output = Result<Turn<TenantId>, Failure>>,
) -> Result<(Value, Held), Failure> {
    check_media_type(headers)?;
    let too_large =
        || Failure::english(413, format!("The body is larger than {limit} bytes (maxPayloadSize of this endpoint)."));
    if announced(headers).is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let read = timeout(BODY_LIMIT, Limited::new(body, limit).collect()).await;
    let bytes = match read {
        Err(_) => return Err(Failure::english(408, "The body did not arrive in time.")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large()),
        Ok(Err(_)) => return Err(Failure::english(400, "The body broke off.")),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    // In this order, so that nobody has a place among the large ones who waits for a turn.
    let turn = turn.await?;
    let place = if bytes.len() > MAX_BODY { LARGE.of(turn.tenant()).await.ok() } else { None };
    Ok((scim::json::parse(&bytes)?, (turn, place)))
}

/// How long a body says it is.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads what nobody wanted of a body, within bounds: most clients look for the answer only when they have
/// sent everything, and would see a broken connection instead of it.
pub(in crate::http) async fn drain(headers: &HeaderMap, body: Body) {
    let waits = headers.contains_key(header::EXPECT);
    if body.is_end_stream() || waits || announced(headers).is_some_and(|length| length > MAX_DRAINED) {
        return;
    }
    let mut rest = Limited::new(body, MAX_DRAINED);
    let _ = timeout(DRAIN_LIMIT, async { while let Some(Ok(_)) = rest.frame().await {} }).await;
}

/// 415 unless the body is JSON (quirks: with any charset, or without a type at all).
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let encoded = headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    if encoded {
        return Err(Failure::english(415, "Bodies are read without a content encoding."));
    }
    let Some(media_type) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = media_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(MEDIA_TYPE) || essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::english(415, format!("Bodies must be {MEDIA_TYPE} or application/json.")))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn paths_are_decoded_and_forgive_one_slash() {
        let (slug, segments) = path("/t/riga/scim/v2/Users/").expect("a path");
        assert_eq!((slug.as_str(), segments), ("riga", vec!["Users".to_owned()]));
        assert_eq!(path("/t/riga/scim/v2").expect("a path").1, Vec::<String>::new());
        assert_eq!(path("/t/r/scim/v2/Schemas/urn%3Ax").expect("a path").1[1], "urn:x");
        assert!(path("/t/r/scim/v2/%FF").is_err());
    }

    #[test]
    fn parameters_are_read_once() {
        let read = parameters("filter=a+eq+%22%C4%80%22&count=5&unknown=x&attributes=a&attributes=b").expect("read");
        assert_eq!(read.filter.as_deref(), Some("a eq \"Ā\""));
        assert_eq!(read.attributes.as_deref(), Some("a,b"));
        assert!(parameters("count=1&COUNT=2").is_err());
        assert!(parameters("filter=%FF").is_err());
        assert!(parameters(&format!("filter={}", "x".repeat(5000))).is_err());
    }

    #[test]
    fn accept_is_negotiated() {
        let check = |value: &'static str| {
            check_accept(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))])).is_ok()
        };
        assert!(
            check("application/scim+json") && check("text/html, */*;q=0.1") && check("application/json; charset=utf-8")
        );
        assert!(!check("text/html") && !check("application/json;q=0"));
        assert!(check_accept(&HeaderMap::new()).is_ok());
    }
}
