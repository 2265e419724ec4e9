//! A tenant's address, requests to it, and connections that send them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, Uri,
    client::conn::http1::{SendRequest, handshake},
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use crate::{Outcome, ledger::Ledger};

/// How long to wait before a request that was refused for now is sent again.
const PAUSE: Duration = Duration::from_millis(5);
/// How long a request may be refused before the run gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A tenant of a SCIM server, or a floor server.
#[derive(Clone)]
pub(crate) struct Target(Arc<Address>);

struct Address {
    host: String,
    port: u16,
    /// How to speak to it, if not in the clear.
    tls: Option<TlsConnector>,
    authority: HeaderValue,
    authorization: Option<HeaderValue>,
    /// The path that every resource's address starts with.
    base: String,
    /// What bodies are.
    media: HeaderValue,
    ledger: Option<Arc<Ledger>>,
}

impl Target {
    /// The one at a base URL, for whoever has a bearer token.
    pub(crate) fn new(url: &str, token: Option<&str>) -> Outcome<Self> {
        Self::with_ledger(url, token, None)
    }

    /// The same, and what is made there is written down.
    pub(crate) fn with_ledger(url: &str, token: Option<&str>, ledger: Option<Arc<Ledger>>) -> Outcome<Self> {
        let uri: Uri = url.parse().map_err(|error| format!("{url} is no URL: {error}"))?;
        let tls = match uri.scheme_str() {
            Some("http") => None,
            Some("https") => Some(tls()?),
            _ => return Err(format!("{url} starts neither with http:// nor with https://").into()),
        };
        let authority = uri.authority().ok_or_else(|| format!("{url} names no host"))?;
        let authorization = token.map(|token| HeaderValue::from_str(&format!("Bearer {token}"))).transpose()?;
        Ok(Self(Arc::new(Address {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 }),
            tls,
            authority: HeaderValue::from_str(authority.as_str())?,
            authorization,
            base: uri.path().trim_end_matches('/').to_owned(),
            media: HeaderValue::from_static("application/scim+json"),
            ledger,
        })))
    }

    /// The tenant's other interface, for somebody else.
    pub(crate) fn api(&self, token: &str) -> Outcome<Self> {
        let Address { host, port, tls, authority, base, .. } = &*self.0;
        Ok(Self(Arc::new(Address {
            host: host.clone(),
            port: *port,
            tls: tls.clone(),
            authority: authority.clone(),
            authorization: Some(HeaderValue::from_str(&format!("Bearer {token}"))?),
            base: base.replace("/scim/v2", "/api/v1"),
            media: HeaderValue::from_static("application/json"),
            ledger: None,
        })))
    }

    /// A request to it.
    pub(crate) fn call(&self, method: Method, path: String, body: impl Into<Bytes>) -> Call {
        Call { target: self.clone(), method, path, body: body.into(), matching: None }
    }

    /// A request that reads.
    pub(crate) fn get(&self, path: String) -> Call {
        self.call(Method::GET, path, Bytes::new())
    }
}

fn tls() -> Outcome<TlsConnector> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}

/// What is sent: a method, a path below the base, and a body.
pub(crate) struct Call {
    target: Target,
    pub(crate) method: Method,
    pub(crate) path: String,
    body: Bytes,
    /// Which version it is meant for.
    matching: Option<HeaderValue>,
}

impl Call {
    /// The same, as long as what it changes has that version.
    pub(crate) fn matching(self, version: &Value) -> Outcome<Self> {
        Ok(Self { matching: Some(HeaderValue::from_str(&format!("W/\"{version}\""))?), ..self })
    }

    fn request(&self) -> Outcome<Request<Full<Bytes>>> {
        let address = &*self.target.0;
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(format!("{}{}", address.base, self.path))
            .header(header::HOST, &address.authority)
            .header(header::CONTENT_TYPE, &address.media);
        if let Some(authorization) = &address.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(version) = &self.matching {
            request = request.header(header::IF_MATCH, version);
        }
        Ok(request.body(Full::new(self.body.clone()))?)
    }
}

/// A connection to a server.
pub(crate) struct Connection {
    target: Target,
    sender: SendRequest<Full<Bytes>>,
    /// How often it heard that the server has no time.
    pub(crate) refused: usize,
}

impl Connection {
    pub(crate) async fn open(target: &Target) -> Outcome<Self> {
        let sender = connect(&target.0).await?;
        Ok(Self { target: target.clone(), sender, refused: 0 })
    }

    /// Sends a request and reads the whole answer. One that is refused for now (429, 503) is sent again, as identity
    /// providers do.
    pub(crate) async fn send(&mut self, call: &Call) -> Outcome<Bytes> {
        let started = Instant::now();
        loop {
            let response = self.exchange(call).await?;
            match response.status().as_u16() {
                200..300 => {
                    if let Some(ledger) = &call.target.0.ledger {
                        ledger.record(call, &response);
                    }
                    return Ok(response.into_body());
                }
                429 | 503 if started.elapsed() < PATIENCE => {
                    self.refused += 1;
                    sleep(PAUSE).await;
                }
                status => {
                    let text = String::from_utf8_lossy(response.body());
                    let text: String = text.chars().take(500).collect();
                    return Err(format!("{} {} answers {status}: {text}", call.method, call.path).into());
                }
            }
        }
    }

    async fn exchange(&mut self, call: &Call) -> Outcome<Response<Bytes>> {
        if self.sender.ready().await.is_err() {
            // The server may end a connection between two requests.
            self.sender = connect(&self.target.0).await?;
            self.sender.ready().await?;
        }
        let (head, body) = self.sender.send_request(call.request()?).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

async fn connect(address: &Address) -> Outcome<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await;
    let stream = stream.map_err(|error| format!("no connection to {}:{}: {error}", address.host, address.port))?;
    stream.set_nodelay(true)?;
    let Some(tls) = &address.tls else {
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        return Ok(sender);
    };
    let stream = tls.connect(ServerName::try_from(address.host.clone())?, stream).await?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_out_of_a_url() {
        let target = Target::new("http://127.0.0.1:80/scim/v2/", Some("secret")).expect("a target");
        assert_eq!((target.0.host.as_str(), target.0.port, target.0.base.as_str()), ("127.0.0.1", 80, "/scim/v2"));
        let target = Target::new("https://[::1]/", None).expect("a target");
        assert_eq!((target.0.host.as_str(), target.0.port, target.0.base.as_str()), ("::1", 443, ""));
        assert!(target.0.tls.is_some() && target.0.authorization.is_none());
        assert!(Target::new("ftp://x/", None).is_err());
        assert!(Target::new("/scim", None).is_err());
    }
}
