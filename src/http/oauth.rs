//! `/t/{tenant}/oauth/token`: a short-lived token for a client's own (RFC 6749 §4.4, client credentials).

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Json, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{Caller, NotGranted, Unauthenticated},
    http::{api::At, error::Failure, gate, watch::Trace},
};

/// What a body must be.
const FORM: &str = "application/x-www-form-urlencoded";
const CHALLENGE: &str = "Basic realm=\"oauth\", charset=\"UTF-8\"";

/// Who says to be which client.
struct Credentials {
    client: String,
    secret: SecretString,
}

/// What a body says.
struct Parameters(HashMap<String, String>);

/// Gives a client a short-lived token.
pub(crate) async fn token(
    State(app): State<Arc<App>>,
    At(slug): At<String>,
    RawQuery(query): RawQuery,
    axum::Extension(trace): axum::Extension<Arc<Trace>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(invalid("Parameters belong into the body."));
    }
    let parameters = Parameters::read(&headers, &body)?;
    let credentials = credentials(&headers, &parameters)?;
    match parameters.get("grant_type") {
        None => return Err(invalid("The parameter grant_type is missing.")),
        Some("client_credentials") => {}
        Some(_) => {
            return Err(Failure::oauth(400, "unsupported_grant_type", "The grant type must be client_credentials."));
        }
    }
    let caller = client(&app, &slug, &credentials, &trace).await?;
    let _ = trace.caller.set(caller.clone());
    gate::count(&app, &caller).await?;
    let _turn = gate::turn(&app, &caller).await?;
    let life = app.settings.access_token_life;
    let granted = app.authenticator.exchange(&caller, parameters.get("scope"), life, &app.ids, &trace.id).await;
    let granted = granted.map_err(|error| match error {
        NotGranted::Ended => wrong_client(),
        NotGranted::Scope => Failure::oauth(400, "invalid_scope", "The scope is more than this client may do."),
        NotGranted::Store(error) => error.into(),
    })?;
    let body = json!({
        "access_token": granted.secret.expose_secret(),
        "token_type": "Bearer",
        "expires_in": granted.lifetime,
        "scope": granted.scopes.join(" "),
    });
    let unstored = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((unstored, Json(body)).into_response())
}

/// The client whose own token is the secret. Whatever does not fit looks the same.
async fn client(app: &App, slug: &str, credentials: &Credentials, trace: &Trace) -> Result<Caller, Failure> {
    let caller = match app.authenticator.owner(credentials.secret.expose_secret(), trace.origin).await {
        Ok(caller) => caller,
        Err(Unauthenticated::Store(error)) => return Err(error.into()),
        Err(Unauthenticated::TooOften(wait)) => return Err(gate::failed_too_often(wait)),
        Err(_) => return Err(wrong_client()),
    };
    let is_meant = Uuid::parse_str(&credentials.client).is_ok_and(|id| id == caller.client());
    if caller.is_of(slug) && is_meant { Ok(caller) } else { Err(wrong_client()) }
}

/// Who the client says to be: in the header or in the body, and never in both (RFC 6749 §2.3).
fn credentials(headers: &HeaderMap, parameters: &Parameters) -> Result<Credentials, Failure> {
    let in_body = (parameters.get("client_id"), parameters.get("client_secret"));
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    match (given.next(), given.next(), in_body) {
        (Some(_), _, (_, Some(_))) | (Some(_), Some(_), _) => {
            Err(invalid("The client must authenticate in one way: by the Authorization header or by client_secret."))
        }
        (Some(value), None, (named, None)) => {
            let credentials = basic(value).ok_or_else(wrong_client)?;
            if named.is_some_and(|named| named != credentials.client) {
                return Err(invalid("The parameter client_id names another client than the Authorization header."));
            }
            Ok(credentials)
        }
        (None, _, (Some(client), Some(secret))) => Ok(Credentials { client: client.to_owned(), secret: secret.into() }),
        (None, ..) => Err(wrong_client()),
    }
}

/// Name and password of a header, each of which was encoded like a form (RFC 6749 §2.3.1).
fn basic(value: &HeaderValue) -> Option<Credentials> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some(Credentials { client: decoded(client), secret: decoded(secret).into() })
}

/// One text of a form.
fn decoded(text: &str) -> String {
    form_urlencoded::parse(format!("={}", text.replace('&', "%26")).as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

impl Parameters {
    /// The parameters of a form, each once at the most; one without a value counts as left out (RFC 6749 §3.2).
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Failure> {
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(FORM) || headers.contains_key(header::CONTENT_ENCODING) {
            return Err(invalid("The body must be application/x-www-form-urlencoded."));
        }
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(invalid("A parameter stands twice."));
            }
        }
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn invalid(detail: &str) -> Failure {
    Failure::oauth(400, "invalid_request", detail)
}

/// 401 with a challenge, whatever it is that does not fit (RFC 6749 §5.2).
fn wrong_client() -> Failure {
    let detail = "The client is unknown, or its secret has ended, was revoked or is not accepted from here.";
    let name: HeaderName = header::WWW_AUTHENTICATE;
    Failure::oauth(401, "invalid_client", detail).with(name, CHALLENGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: Option<&str>, body: &str) -> Result<(String, String), u16> {
        let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(FORM))]);
        if let Some(value) = header {
            headers.insert(header::AUTHORIZATION, value.parse().expect("a value"));
        }
        let read = Parameters::read(&headers, body.as_bytes()).and_then(|form| credentials(&headers, &form));
        read.map(|found| (found.client, found.secret.expose_secret().to_owned())).map_err(|failure| failure.status())
    }

    #[test]
    fn credentials_stand_in_one_place() {
        let basic = |text: &str| format!("basic {}", STANDARD.encode(text));
        let found = Ok(("a b".to_owned(), "s:&+".to_owned()));
        assert_eq!(read(Some(&basic("a+b:s%3A%26%2B")), ""), found);
        assert_eq!(read(Some(&basic("a%20b:s:&%2b")), "client_id=a+b"), found);
        assert_eq!(read(None, "client_id=a+b&client_secret=s%3A%26%2B"), found);
        for (header, body, status) in [
            (Some(basic("a:s")), "client_secret=s", 400),
            (Some(basic("a:s")), "client_id=b", 400),
            (None, "client_id=a&client_id=a&client_secret=s", 400),
            (None, "client_id=a&client_secret=", 401),
            (None, "client_secret=s", 401),
            (None, "", 401),
            (Some("Bearer x".to_owned()), "", 401),
            (Some("Basic ?".to_owned()), "", 401),
            (Some(basic("a")), "", 401),
        ] {
            assert_eq!(read(header.as_deref(), body), Err(status), "{header:?} {body}");
        }
    }
}
