//! The turns of requests: who holds one runs, and whoever is dropped gives it back, running or waiting.

use std::{
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::oneshot, time::Instant};

use crate::admission::queue::{Bounds, Entry, Queue};

/// What names a tenant.
pub trait Name: Copy + Eq + Hash {}

impl<T: Copy + Eq + Hash> Name for T {}

/// Gives out turns to tenants that `T` names.
pub struct Turns<T: Name>(Arc<Shared<T>>);

struct Shared<T> {
    queue: Mutex<Waiting<T>>,
    began: Instant,
}

type Waiting<T> = Queue<T, oneshot::Sender<()>>;

/// The right to run, until it is dropped.
pub struct Turn<T: Name> {
    turns: Turns<T>,
    tenant: T,
}

impl<T: Name> Turn<T> {
    /// Whose it is.
    pub fn tenant(&self) -> T {
        self.tenant
    }
}

/// A place in a tenant's line.
struct Place<'a, T: Name> {
    turns: &'a Turns<T>,
    tenant: T,
    number: u64,
    has_run: bool,
}

/// Too many requests of the tenant wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowded;

impl<T: Name> Clone for Turns<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Name> fmt::Debug for Turns<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turns")
    }
}

impl<T: Name> fmt::Debug for Turn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

impl<T: Name> Turns<T> {
    /// Turns within those bounds.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Shared { queue: Mutex::new(Queue::new(bounds)), began: Instant::now() }))
    }

    /// Waits for a turn of a tenant.
    pub async fn of(&self, tenant: T) -> Result<Turn<T>, Crowded> {
        let mut woken = None;
        let entry = self.queue().enter(tenant, self.now(), || {
            let (wake, wait) = oneshot::channel();
            woken = Some(wait);
            wake
        });
        match (entry, woken) {
            (Entry::Runs, _) => {}
            (Entry::Waits(number), Some(woken)) => {
                let mut place = Place { turns: self, tenant, number, has_run: false };
                // The other end lives in the queue until it is used.
                let _ = woken.await;
                place.has_run = true;
            }
            _ => return Err(Crowded),
        }
        Ok(Turn { turns: self.clone(), tenant })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Nothing panics while it holds the queue; and if it did, the numbers would still be true.
    fn queue(&self) -> MutexGuard<'_, Waiting<T>> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets those run who may.
    fn go_on(&self, queue: &mut Waiting<T>) {
        let now = self.now();
        while let Some(wake) = queue.next(now) {
            // Who has gone meanwhile gives the turn back by itself.
            let _ = wake.send(());
        }
    }
}

impl<T: Name> Drop for Turn<T> {
    fn drop(&mut self) {
        let mut queue = self.turns.queue();
        queue.leave(self.tenant);
        self.turns.go_on(&mut queue);
    }
}

impl<T: Name> Drop for Place<'_, T> {
    fn drop(&mut self) {
        if self.has_run {
            return;
        }
        let mut queue = self.turns.queue();
        if !queue.give_up(self.tenant, self.number) {
            queue.leave(self.tenant);
        }
        self.turns.go_on(&mut queue);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    const BOUNDS: Bounds = Bounds { all: 4, alone: 3, beside: 2, waiting: 1000 };

    /// A request that runs, until it is dropped.
    struct Running(Arc<AtomicUsize>);

    impl Running {
        fn one_more(count: &Arc<AtomicUsize>) -> Self {
            assert!(count.fetch_add(1, Ordering::SeqCst) < BOUNDS.all, "no more than may run");
            Self(Arc::clone(count))
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Requests that end well, panic, or are given up wherever they are: every turn comes back.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_turn_is_lost() {
        let (turns, running) = (Turns::new(BOUNDS), Arc::new(AtomicUsize::new(0)));
        // The first ones wait until all others stand in line.
        let first = [
            turns.of(0).await.expect("a turn"),
            turns.of(1).await.expect("a turn"),
            turns.of(2).await.expect("a turn"),
        ];
        let mut tasks = JoinSet::new();
        for number in 0..600_usize {
            let (turns, running) = (turns.clone(), Arc::clone(&running));
            let task = tasks.spawn(async move {
                let turn = turns.of(number % 3).await.expect("room to wait");
                let running = Running::one_more(&running);
                tokio::task::yield_now().await;
                assert_ne!(number % 7, 0, "a request that panics");
                drop((running, turn));
            });
            if number % 5 == 0 {
                // By now it runs, or stands in line.
                for _ in 0..number % 4 {
                    tokio::task::yield_now().await;
                }
                task.abort();
            }
        }
        drop(first);
        while tasks.join_next().await.is_some() {}
        // A request that was given up between two steps was still counted.
        let mut held = Vec::new();
        for tenant in [0, 0, 1, 1] {
            held.push(turns.of(tenant).await.expect("a turn"));
        }
        let mut waits = std::pin::pin!(turns.of(2));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending(), "all are given out, and no more");
        held.pop();
        waits.await.expect("a turn");
    }

    /// Whoever is given up after being woken and before running passes the turn on.
    #[tokio::test]
    async fn a_turn_that_nobody_takes_goes_on() {
        let turns = Turns::new(Bounds { all: 1, alone: 1, beside: 1, waiting: 1 });
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let first = turns.of('a').await.expect("a turn");
        let mut second = Box::pin(turns.of('b'));
        let mut third = Box::pin(turns.of('c'));
        assert!(second.as_mut().poll(&mut context).is_pending() && third.as_mut().poll(&mut context).is_pending());
        assert_eq!(turns.of('c').await.err(), Some(Crowded));
        drop(first);
        drop(second);
        third.await.expect("a turn");
    }
}
