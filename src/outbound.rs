//! Requests to other servers, wherever a tenant says that they are. So every address that a name leads to is looked
//! at, the connection goes to an address that was looked at, and nothing is followed any further: no redirect, no
//! proxy. What lies inside the operator's own networks is reached only where the operator allows it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{Request, Uri, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use crate::network::{Networks, is_public};

/// The longest address, in bytes.
const LONGEST: usize = 2000;

/// Where a request goes: `https`, or `http` on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    is_secure: bool,
    /// Path and parameters.
    path: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name leads nowhere.
    #[error("the name leads nowhere")]
    Unknown,
    /// It leads into a private network.
    #[error("the name leads to {0}, which is no public address; the setting private-targets would allow it")]
    Private(IpAddr),
    /// There is no connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The answer is not 200.
    #[error("the answer has the status {0}")]
    Status(u16),
    /// The answer is too long.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// It took too long.
    #[error("the answer took too long")]
    Late,
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be an https URL without user and fragment";
        let uri: Uri = text.parse().map_err(|_| WRONG)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(WRONG) };
        if text.len() > LONGEST || text.contains('#') || authority.as_str().contains('@') {
            return Err(WRONG);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_local = host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let is_secure = match scheme {
            "https" => true,
            "http" if is_local => false,
            "http" => return Err("must be an https URL; http is for this machine alone"),
            _ => return Err(WRONG),
        };
        let port = match (authority.port(), is_secure) {
            (Some(port), _) => port.as_u16(),
            (None, true) => 443,
            (None, false) => 80,
        };
        let path = uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        Ok(Self { host, port, is_secure, path })
    }
}

/// Sends requests.
#[derive(Clone)]
pub struct Outbound {
    /// Private networks that may be reached.
    allowed: Networks,
    tls: TlsConnector,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outbound({})", self.allowed)
    }
}

impl Outbound {
    /// Requests to public addresses and into those networks.
    #[expect(clippy::expect_used, reason = "ring has what the versions of TLS need that rustls was built with")]
    pub fn new(allowed: Networks) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { allowed, tls: TlsConnector::from(Arc::new(config)) }
    }

    /// What a GET is answered with: 200 and so many bytes at the most, within that time.
    pub async fn get(&self, target: &Target, most: usize, patience: Duration) -> Result<Bytes, Error> {
        timeout(patience, self.exchange(target, most)).await.unwrap_or(Err(Error::Late))
    }

    async fn exchange(&self, target: &Target, most: usize) -> Result<Bytes, Error> {
        let addresses = self.addresses(target).await?;
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(broken)?;
        if !target.is_secure {
            return ask(stream, target, most).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| Error::Unknown)?;
        ask(self.tls.connect(name, stream).await.map_err(broken)?, target, most).await
    }

    /// Where a name leads, if all of it may be reached.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, Error> {
        let found = lookup_host((target.host.as_str(), target.port)).await.map_err(|_| Error::Unknown)?;
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() {
            return Err(Error::Unknown);
        }
        let is_reachable = |ip: IpAddr| {
            let is_local = ip.to_canonical().is_loopback();
            (is_public(ip) || self.allowed.contains(ip)) && (target.is_secure || is_local)
        };
        match found.iter().find(|address| !is_reachable(address.ip())) {
            None => Ok(found),
            Some(address) => Err(Error::Private(address.ip())),
        }
    }
}

/// One request and its answer on a new connection.
async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    target: &Target,
    most: usize,
) -> Result<Bytes, Error> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let request = Request::get(&target.path)
        .header(header::HOST, target.authority())
        .header(header::ACCEPT, "application/json, application/jwk-set+json")
        .header(header::USER_AGENT, concat!("caurlaide/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())
        .map_err(|error| Error::Connection(error.to_string()))?;
    // The connection lives as long as this function waits.
    let answered = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        match response.status().as_u16() {
            200 => {}
            other => return Err(Error::Status(other)),
        }
        match Limited::new(response.into_body(), most).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Error::TooLong(most)),
            Err(error) => Err(Error::Connection(error.to_string())),
        }
    };
    let mut connection = std::pin::pin!(connection);
    let mut answered = std::pin::pin!(answered);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        // It may have brought all of the answer before it ended.
        _ = &mut connection => answered.await,
    }
}

impl Target {
    /// Host and port as the header `Host` has them.
    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.is_secure, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

fn broken(error: impl Into<Box<dyn std::error::Error>>) -> Error {
    let error = error.into();
    let text = error.downcast_ref::<io::Error>().map_or_else(|| error.to_string(), |error| error.kind().to_string());
    Error::Connection(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_https_or_on_this_machine() {
        for (text, authority, path) in [
            ("https://id.example.lv/keys?v=1", "id.example.lv", "/keys?v=1"),
            ("https://id.example.lv:8443", "id.example.lv:8443", "/"),
            ("https://[2001:db8::1]/x", "[2001:db8::1]", "/x"),
            ("http://localhost:8000/x", "localhost:8000", "/x"),
            ("http://127.0.0.1:80/x", "127.0.0.1", "/x"),
            ("http://[::1]:81/x", "[::1]:81", "/x"),
        ] {
            let target: Target = text.parse().expect(text);
            assert_eq!((target.authority().as_str(), target.path.as_str()), (authority, path), "{text}");
        }
        for wrong in [
            "http://id.example.lv/keys",
            "http://127.0.0.1.example.lv/",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "https://user@id.example.lv/",
            "https://id.example.lv/#x",
            "//id.example.lv",
            "/keys",
            "keys",
            "",
        ] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn private_addresses_are_not_reached() {
        let outbound = Outbound::new(Networks::default());
        for text in [
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:192.168.0.1]/",
            "https://[fd00::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "http://localhost:1/",
        ] {
            let target: Target = text.parse().expect(text);
            let error = outbound.get(&target, 10, Duration::from_secs(5)).await.expect_err(text);
            assert!(matches!(error, Error::Private(_) | Error::Unknown), "{text}: {error}");
        }
    }
}
