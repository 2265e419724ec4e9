//! What goes back: media type, entity tag, addresses.

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use scim::message::MEDIA_TYPE;

use crate::provisioning::{NotModified, Shown};

/// A message.
pub(super) fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
}

/// A new resource.
pub(super) fn created(shown: Shown) -> Response {
    let headers = shown_headers(&shown);
    if shown.body.is_empty() {
        return (StatusCode::CREATED, headers).into_response();
    }
    (StatusCode::CREATED, headers, json(shown.body)).into_response()
}

/// A resource, or where it is if the client does not want it (Y-39).
pub(super) fn shown(shown: Shown) -> Response {
    let headers = shown_headers(&shown);
    if shown.body.is_empty() {
        return (StatusCode::NO_CONTENT, headers).into_response();
    }
    (headers, json(shown.body)).into_response()
}

/// The client has it already.
pub(super) fn not_modified(unchanged: &NotModified) -> Response {
    let headers = addresses(&unchanged.tag, &unchanged.location);
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// It is gone.
pub(super) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn shown_headers(shown: &Shown) -> [(HeaderName, String); 3] {
    addresses(&shown.tag, &shown.location)
}

fn addresses(tag: &str, location: &str) -> [(HeaderName, String); 3] {
    [
        (header::ETAG, tag.to_owned()),
        (header::LOCATION, location.to_owned()),
        (header::CONTENT_LOCATION, location.to_owned()),
    ]
}
