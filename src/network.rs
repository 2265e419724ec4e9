//! Networks: where a client may call from, which proxies are believed, and what is nobody's own.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::IpNet;

/// A list of networks in CIDR notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads a list, or says which of it is no network, counted from 0, and why.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, (usize, NoNetwork)> {
        let read = |(at, text): (usize, &T)| network(text.as_ref()).map_err(|reason| (at, reason));
        texts.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address lies in one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether everything in these lies in the others.
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.iter().all(|network| others.0.iter().any(|other| other.contains(network)))
    }

    /// Each of them as it is written.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl FromStr for Networks {
    type Err = String;

    /// Reads a list with commas or spaces between them.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split([',', ' ']).filter(|part| !part.is_empty()).collect();
        Self::parse(&parts).map_err(|(at, reason)| format!("entry {} {reason}", at + 1))
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join(","))
    }
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNetwork {
    /// Nobody can read it.
    #[error("is no network; write one as 192.0.2.0/24 or 2001:db8::/32")]
    Unread,
    /// It names an address inside of this one.
    #[error("names an address inside of a network; the network is {0}")]
    Inside(IpNet),
    /// It is one of IPv4, in the form of IPv6.
    #[error("is an IPv4 network; write it as one")]
    Mapped,
}

/// A network, or one address. What lies behind the prefix must be zero: more likely than not it is a slip.
fn network(text: &str) -> Result<IpNet, NoNetwork> {
    let text = text.trim();
    let read = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let network = read.map_err(|_| NoNetwork::Unread)?;
    if network.addr() != network.network() {
        return Err(NoNetwork::Inside(network.trunc()));
    }
    if network.addr().to_canonical() != network.addr() {
        return Err(NoNetwork::Mapped);
    }
    Ok(network)
}

/// Whether an address is one of the public internet (IANA's registries of special-purpose addresses, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b, c) {
        // This network, private, loopback, multicast, reserved, broadcast.
        (0 | 10 | 127 | 224.., ..) => true,
        // Shared by carriers, link-local, private.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, the old 6to4 relays, measurements, documentation.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !is_special
}

/// Of IPv6 only 2000::/3 is given out; within it some lead to IPv4 or are for special purposes.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff));
    (0x2000..=0x3fff).contains(&a) && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(text: &str) -> Networks {
        text.parse().expect("networks")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks_are_read_and_shown() {
        let read = networks("192.0.2.0/24, 2001:db8::/32,198.51.100.7");
        assert_eq!(read.texts(), ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"]);
        assert!(networks("").is_empty());
        for (wrong, says) in [
            ("192.0.2.1/24", "192.0.2.0/24"),
            ("192.0.2.0/33", "no network"),
            ("example.lv", "no network"),
            ("::ffff:192.0.2.0/120", "IPv4"),
        ] {
            let reason = wrong.parse::<Networks>().expect_err("no network");
            assert!(reason.contains(says), "{reason}");
        }
    }

    #[test]
    fn addresses_lie_in_networks_whatever_their_spelling() {
        let read = networks("192.0.2.0/24,2001:db8::/32");
        assert!(read.contains(address("192.0.2.255")) && read.contains(address("::ffff:192.0.2.1")));
        assert!(read.contains(address("2001:db8::1")));
        assert!(!read.contains(address("192.0.3.0")) && !read.contains(address("2001:db9::1")));
        assert!(!networks("").contains(address("192.0.2.1")));
    }

    #[test]
    fn some_addresses_are_public() {
        for public in ["1.1.1.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1", "::ffff:1.1.1.1", "2a00::1"] {
            assert!(is_public(address(public)), "{public}");
        }
        let private = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
            "5f00::1",
            "100::1",
        ];
        for private in private {
            assert!(!is_public(address(private)), "{private}");
        }
    }

    #[test]
    fn narrower_networks_lie_within_wider_ones() {
        let wide = networks("192.0.2.0/24,2001:db8::/32");
        assert!(networks("192.0.2.64/26").is_within(&wide) && wide.is_within(&wide));
        assert!(!networks("192.0.2.64/26,10.0.0.0/8").is_within(&wide));
        assert!(!networks("192.0.0.0/16").is_within(&wide));
    }
}
