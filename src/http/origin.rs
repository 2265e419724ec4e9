//! Whom a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::network::Networks;

/// Where proxies note whom they pass a request on for.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of the connection that a request came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Whom a request comes from: the peer, or, if that is a proxy that is believed, whom it says that it passes the
/// request on for. Proxies append; so the list is read from its end, up to the first that is not believed.
pub(crate) fn origin(peer: IpAddr, headers: &HeaderMap, believed: &Networks) -> IpAddr {
    let mut origin = peer.to_canonical();
    if believed.is_empty() {
        return origin;
    }
    let given: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or("?")).collect();
    for hop in given.iter().flat_map(|list| list.split(',')).rev() {
        if !believed.contains(origin) {
            break;
        }
        // What cannot be read hides whoever is behind it.
        let Some(address) = hop_address(hop.trim()) else { break };
        origin = address;
    }
    origin
}

/// An address, as some proxies write it with a port.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.ok().or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn from(peer: &str, forwarded: &[&'static str], believed: &str) -> String {
        let name = HeaderName::from_static(FORWARDED_FOR);
        let headers = forwarded.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect();
        origin(peer.parse().expect("an address"), &headers, &believed.parse().expect("networks")).to_string()
    }

    #[test]
    fn only_proxies_that_are_believed_say_whom_a_request_comes_from() {
        let proxies = "10.0.0.0/8";
        for (peer, forwarded, expected) in [
            ("192.0.2.1", &["198.51.100.1"][..], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // What the client itself wrote stands before what the proxy saw.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["203.0.113.9, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.1:1234"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]:1234"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
        ] {
            assert_eq!(from(peer, forwarded, proxies), expected, "{peer} {forwarded:?}");
        }
        assert_eq!(from("10.0.0.1", &["198.51.100.1"], ""), "10.0.0.1");
    }
}
