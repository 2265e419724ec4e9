//! How fast somebody may ask: a bucket that fills by the second (a generic cell rate algorithm, one number a bucket).
//!
//! A request is let in while there is anything in the bucket, and pays afterwards: a bulk request counts as its
//! operations, and whoever has made debts by it waits until they are paid.

use std::{
    fmt,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use quick_cache::sync::Cache;

/// How many buckets are kept; whoever has not asked for the longest time starts with a full one.
const CAPACITY: usize = 20_000;
/// How many seconds' worth a full bucket holds.
const BURST: i64 = 2;
/// How long nobody waits longer than, in nanoseconds: debts end there, and a clock that was set back locks nobody out.
const LONGEST: i64 = 60 * SECOND;
const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;

/// How often something may happen, and how often at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How long one of them takes, in nanoseconds.
    each: i64,
    /// How many may come at once.
    pub burst: u32,
}

impl Rate {
    /// So many a second; twice as many at once.
    pub fn per_second(number: u32) -> Self {
        let burst = i64::from(number) * BURST;
        Self { each: SECOND / i64::from(number.max(1)), burst: u32::try_from(burst).unwrap_or(u32::MAX) }
    }

    /// So many a minute, and as many at once.
    pub fn per_minute(number: u32) -> Self {
        Self { each: 60 * SECOND / i64::from(number.max(1)), burst: number }
    }

    /// How far ahead of the time a bucket may be and still have something in it.
    fn tolerance(self) -> i64 {
        self.each * (i64::from(self.burst) - 1).max(0)
    }

    /// What counts of that: nothing is saved up beyond a burst, and nobody waits longer than the longest.
    fn bounded(self, paid: i64, now: i64) -> i64 {
        paid.clamp(now, now + self.tolerance() + LONGEST)
    }
}

/// When everything that was taken is paid, in nanoseconds since 1970.
type Bucket = Arc<AtomicI64>;

/// A bucket for each `K`.
#[derive(Clone)]
pub struct Rates<K>(Arc<Cache<K, Bucket>>);

impl<K> fmt::Debug for Rates<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rates")
    }
}

impl<K: Eq + Hash + Clone> Default for Rates<K> {
    fn default() -> Self {
        Self(Arc::new(Cache::new(CAPACITY)))
    }
}

impl<K: Eq + Hash + Clone> Rates<K> {
    /// Takes one, or says after how many seconds there is one again. The time is in milliseconds since 1970.
    pub fn take(&self, key: &K, rate: Rate, now: i64) -> Result<(), u64> {
        let (bucket, now) = (self.bucket(key), now.saturating_mul(MILLISECOND));
        let mut wait = 0;
        change(&bucket, |paid| {
            let paid = rate.bounded(paid, now);
            wait = paid - now - rate.tolerance();
            if wait <= 0 { paid + rate.each } else { paid }
        });
        if wait <= 0 { Ok(()) } else { Err(seconds(wait)) }
    }

    /// How many seconds it is until there is one, if there is none now.
    pub fn wait(&self, key: &K, rate: Rate, now: i64) -> Option<u64> {
        let (bucket, now) = (self.0.get(key)?, now.saturating_mul(MILLISECOND));
        let wait = change(&bucket, |paid| rate.bounded(paid, now)) - now - rate.tolerance();
        (wait > 0).then(|| seconds(wait))
    }

    /// Takes so many, whether they are there or not.
    pub fn charge(&self, key: &K, rate: Rate, number: usize, now: i64) {
        let (bucket, now) = (self.bucket(key), now.saturating_mul(MILLISECOND));
        let cost = rate.each.saturating_mul(i64::try_from(number).unwrap_or(i64::MAX));
        change(&bucket, |paid| rate.bounded(rate.bounded(paid, now).saturating_add(cost), now));
    }

    /// Puts one back.
    pub fn give_back(&self, key: &K, rate: Rate) {
        self.bucket(key).fetch_sub(rate.each, Ordering::Relaxed);
    }

    fn bucket(&self, key: &K) -> Bucket {
        match self.0.get(key) {
            Some(bucket) => bucket,
            // A full one; of two that come at once the first one's counts.
            None => self.0.get_or_insert_with(key, || Ok::<_, ()>(Bucket::default())).unwrap_or_default(),
        }
    }
}

/// Changes a bucket. Says to what.
fn change(bucket: &AtomicI64, mut how: impl FnMut(i64) -> i64) -> i64 {
    let mut paid = bucket.load(Ordering::Relaxed);
    loop {
        let next = how(paid);
        match bucket.compare_exchange_weak(paid, next, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return next,
            Err(other) => paid = other,
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(nanos: i64) -> u64 {
    u64::try_from(nanos).unwrap_or(0).div_ceil(1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000;

    fn taken(rates: &Rates<char>, rate: Rate, now: i64) -> usize {
        (0..10_000).take_while(|_| rates.take(&'a', rate, now).is_ok()).count()
    }

    #[test]
    fn a_bucket_holds_a_burst_and_fills_by_the_second() {
        let (rates, rate) = (Rates::default(), Rate::per_second(10));
        assert_eq!(taken(&rates, rate, NOW), 20);
        assert_eq!(rates.take(&'a', rate, NOW), Err(1), "a tenth of a second, rounded up");
        assert_eq!(rates.wait(&'a', rate, NOW), Some(1));
        assert_eq!(rates.take(&'b', rate, NOW), Ok(()), "everybody has their own");
        assert_eq!(taken(&rates, rate, NOW + 99), 0);
        assert_eq!(taken(&rates, rate, NOW + 100), 1);
        assert_eq!(taken(&rates, rate, NOW + 1100), 10);
        assert_eq!(taken(&rates, rate, NOW + 3_600_000), 20, "and no more than a burst");
        assert_eq!(rates.wait(&'a', rate, NOW + 3_600_100), None);
    }

    #[test]
    fn whoever_takes_much_pays_afterwards() {
        let (rates, rate) = (Rates::default(), Rate::per_second(10));
        assert_eq!(rates.take(&'a', rate, NOW), Ok(()));
        rates.charge(&'a', rate, 49, NOW);
        assert_eq!(rates.take(&'a', rate, NOW), Err(4), "50 were taken of 20; 31 must come back for one");
        assert_eq!(taken(&rates, rate, NOW + 3100), 1);
        rates.charge(&'a', rate, 1_000_000, NOW);
        assert_eq!(rates.take(&'a', rate, NOW), Err(60), "debts end somewhere");
        assert_eq!(rates.take(&'a', rate, NOW + 60_000), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (rates, rate) = (Rates::default(), Rate::per_minute(2));
        assert_eq!((taken(&rates, rate, NOW), rates.wait(&'a', rate, NOW)), (2, Some(30)));
        let earlier = NOW - 3_600_000;
        assert_eq!(rates.wait(&'a', rate, earlier), Some(60));
        assert_eq!(rates.take(&'a', rate, earlier), Err(60));
        assert_eq!(rates.take(&'a', rate, earlier + 60_000), Ok(()));
    }

    #[test]
    fn what_is_given_back_is_there() {
        let (rates, rate) = (Rates::default(), Rate::per_second(1));
        assert_eq!(taken(&rates, rate, NOW), 2);
        rates.give_back(&'a', rate);
        assert_eq!(taken(&rates, rate, NOW), 1);
    }
}
