//! Whoever sends wrong tokens from one address is not listened to for a while. Tokens that were found to be good are
//! exempt, so that one bad client behind an address does not lock out the others there.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use quick_cache::sync::Cache;

use crate::admission::rates::{Rate, Rates};

/// How many good tokens are known by their hashes.
const CAPACITY: usize = 20_000;
/// The part of an IPv6 address that says which network it is in: the rest anybody there may choose.
const NETWORK: u128 = u128::MAX << 64;

/// What was tried in vain, by address.
#[derive(Clone)]
pub struct Failures {
    /// How often one may fail; nothing if that is not limited.
    rate: Option<Rate>,
    addresses: Rates<IpAddr>,
    good: Arc<Cache<[u8; 32], ()>>,
}

impl Failures {
    /// Nobody has failed yet.
    pub fn new(rate: Option<Rate>) -> Self {
        Self { rate, addresses: Rates::default(), good: Arc::new(Cache::new(CAPACITY)) }
    }

    /// After how many seconds that address is listened to again, if it is not now.
    pub fn wait(&self, from: Option<IpAddr>, hash: impl FnOnce() -> [u8; 32], now: i64) -> Option<u64> {
        let wait = self.addresses.wait(&network(from?), self.rate?, now)?;
        self.good.get(&hash()).is_none().then_some(wait)
    }

    /// A token was wrong.
    pub fn note(&self, from: Option<IpAddr>, now: i64) {
        if let (Some(from), Some(rate)) = (from, self.rate) {
            self.addresses.charge(&network(from), rate, 1, now);
        }
    }

    /// A token was looked up and is good.
    pub fn trust(&self, hash: [u8; 32]) {
        self.good.insert(hash, ());
    }

    /// A token is not good any more.
    pub fn distrust(&self, hash: &[u8; 32]) {
        self.good.remove(hash);
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_fails_so_often_and_good_tokens_pass() {
        let failures = Failures::new(Some(Rate::per_minute(3)));
        let from = |text: &str| Some(text.parse().expect("an address"));
        let (good, other) = ([1; 32], [2; 32]);
        failures.trust(good);
        for _ in 0..3 {
            assert_eq!(failures.wait(from("2001:db8::1"), || other, 0), None);
            failures.note(from("2001:db8::1"), 0);
        }
        assert_eq!(failures.wait(from("2001:db8::ffff:2"), || other, 0), Some(20), "the same network");
        assert_eq!(failures.wait(from("2001:db8::1"), || good, 0), None);
        assert_eq!(failures.wait(from("2001:db8:0:1::1"), || other, 0), None);
        assert_eq!(failures.wait(from("192.0.2.1"), || other, 0), None);
        assert_eq!(failures.wait(None, || other, 0), None);
        failures.distrust(&good);
        assert_eq!(failures.wait(from("2001:db8::1"), || good, 0), Some(20));
        assert_eq!(failures.wait(from("2001:db8::1"), || other, 20_000), None, "there is one again");
    }
}
