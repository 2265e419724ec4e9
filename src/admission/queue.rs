//! Whose turn it is, as plain rules without time or tasks: tenants take turns, and none has all of the server while others
//! are there.
//!
//! While `riga` sends a thousand requests at once, some of them run and the rest wait in `riga`'s own line. One of
//! `jurmala` stands in a line of its own, and is the next or the one after it.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// How many requests may run and wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// In all.
    pub all: usize,
    /// Of a tenant that is there by itself: what is left is for whoever comes next.
    pub alone: usize,
    /// Of a tenant beside others.
    pub beside: usize,
    /// How many of a tenant wait at the most.
    pub waiting: usize,
}

/// How long a tenant counts as there after its last request, in milliseconds.
const THERE: u64 = 2000;

/// What becomes of a request that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It runs.
    Runs,
    /// It waits in its tenant's line under this number.
    Waits(u64),
    /// The line is full.
    Full,
}

/// One tenant's requests.
#[derive(Debug)]
struct Line<W> {
    running: usize,
    waiting: VecDeque<(u64, W)>,
}

/// Every tenant's requests. `T` names a tenant, `W` wakes one who waits.
#[derive(Debug)]
pub(super) struct Queue<T, W> {
    bounds: Bounds,
    running: usize,
    lines: HashMap<T, Line<W>>,
    /// The tenants of whom somebody waits, in the order of their turns.
    turns: VecDeque<T>,
    /// The tenant that came last and the last of another, and when.
    there: [Option<(T, u64)>; 2],
    next: u64,
}

impl<T: Copy + Eq + Hash, W> Queue<T, W> {
    /// Nobody is there.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, running: 0, lines: HashMap::new(), turns: VecDeque::new(), there: [None, None], next: 0 }
    }

    /// A request comes.
    pub(super) fn enter(&mut self, tenant: T, now: u64, waker: impl FnOnce() -> W) -> Entry {
        self.note(tenant, now);
        let most = self.most(tenant, now);
        let has_room = self.running < self.bounds.all;
        let line = self.lines.entry(tenant).or_insert_with(|| Line { running: 0, waiting: VecDeque::new() });
        if has_room && line.waiting.is_empty() && line.running < most {
            line.running += 1;
            self.running += 1;
            return Entry::Runs;
        }
        if line.waiting.len() >= self.bounds.waiting {
            return Entry::Full;
        }
        if line.waiting.is_empty() {
            self.turns.push_back(tenant);
        }
        self.next += 1;
        line.waiting.push_back((self.next, waker()));
        Entry::Waits(self.next)
    }

    /// A request that ran has ended.
    pub(super) fn leave(&mut self, tenant: T) {
        if let Some(line) = self.lines.get_mut(&tenant) {
            line.running = line.running.saturating_sub(1);
            self.running = self.running.saturating_sub(1);
        }
        self.forget(tenant);
    }

    /// A request no longer waits. Whether it still did: if not, it runs.
    pub(super) fn give_up(&mut self, tenant: T, number: u64) -> bool {
        let Some(line) = self.lines.get_mut(&tenant) else { return false };
        let Some(place) = line.waiting.iter().position(|(own, _)| *own == number) else { return false };
        line.waiting.remove(place);
        if line.waiting.is_empty() {
            self.turns.retain(|other| *other != tenant);
        }
        self.forget(tenant);
        true
    }

    /// The next that runs, if one may.
    pub(super) fn next(&mut self, now: u64) -> Option<W> {
        if self.running >= self.bounds.all {
            return None;
        }
        let turn = self.turns.iter().position(|tenant| self.lines[tenant].running < self.most(*tenant, now))?;
        let tenant = self.turns.remove(turn)?;
        let line = self.lines.get_mut(&tenant)?;
        let (_, waker) = line.waiting.pop_front()?;
        line.running += 1;
        self.running += 1;
        if !line.waiting.is_empty() {
            self.turns.push_back(tenant);
        }
        Some(waker)
    }

    /// How many of a tenant may run.
    fn most(&self, tenant: T, now: u64) -> usize {
        let is_there = |other: &(T, u64)| other.0 != tenant && now.saturating_sub(other.1) < THERE;
        let has_neighbours = self.there.iter().flatten().any(is_there);
        if has_neighbours { self.bounds.beside } else { self.bounds.alone }
    }

    fn note(&mut self, tenant: T, now: u64) {
        match self.there[0] {
            Some((last, _)) if last == tenant => {}
            earlier => self.there[1] = earlier,
        }
        self.there[0] = Some((tenant, now));
    }

    /// Nothing is kept of a tenant that asks for nothing.
    fn forget(&mut self, tenant: T) {
        if self.lines.get(&tenant).is_some_and(|line| line.running == 0 && line.waiting.is_empty()) {
            self.lines.remove(&tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Bounds = Bounds { all: 8, alone: 6, beside: 2, waiting: 1000 };

    fn enter(queue: &mut Queue<char, (char, u64)>, tenant: char, now: u64) -> Entry {
        let number = queue.next + 1;
        queue.enter(tenant, now, || (tenant, number))
    }

    /// Shows: Z-10
    #[test]
    fn one_request_does_not_wait_for_a_thousand_of_another_tenant() {
        let mut queue = Queue::new(Bounds { all: 2, alone: 2, beside: 2, waiting: 1000 });
        for _ in 0..1002 {
            enter(&mut queue, 'a', 0);
        }
        assert_eq!(enter(&mut queue, 'a', 0), Entry::Full);
        assert!(matches!(enter(&mut queue, 'b', 0), Entry::Waits(_)));
        queue.leave('a');
        assert_eq!(queue.next(0).map(|(tenant, _)| tenant), Some('a'), "whoever has waited longest");
        queue.leave('a');
        assert_eq!(queue.next(0).map(|(tenant, _)| tenant), Some('b'));
        queue.leave('a');
        assert_eq!(queue.next(0).map(|(tenant, _)| tenant), Some('a'));
        assert_eq!(queue.next(0), None, "all places are taken");
    }

    #[test]
    fn what_is_left_is_for_whoever_comes_next() {
        let mut queue = Queue::new(BOUNDS);
        let entries: Vec<Entry> = (0..10).map(|_| enter(&mut queue, 'a', 0)).collect();
        assert_eq!(entries.iter().filter(|entry| **entry == Entry::Runs).count(), 6);
        assert_eq!(enter(&mut queue, 'b', 0), Entry::Runs, "there is room at once");
        for _ in 0..4 {
            queue.leave('a');
            assert_eq!(queue.next(0), None, "a neighbour is there");
        }
        queue.leave('a');
        assert_eq!(queue.next(0).map(|(tenant, _)| tenant), Some('a'));
        assert_eq!(queue.next(THERE - 1), None);
        let more = std::iter::from_fn(|| queue.next(THERE)).count();
        assert_eq!(more, 3, "the neighbour has gone, and everybody runs who waits");
    }

    #[test]
    fn whoever_gives_up_frees_a_place() {
        let mut queue = Queue::new(Bounds { all: 1, alone: 1, beside: 1, waiting: 2 });
        assert_eq!(enter(&mut queue, 'a', 0), Entry::Runs);
        let (Entry::Waits(first), Entry::Waits(second)) = (enter(&mut queue, 'b', 0), enter(&mut queue, 'b', 0)) else {
            panic!("they wait")
        };
        assert_eq!(enter(&mut queue, 'b', 0), Entry::Full);
        assert!(queue.give_up('b', first) && !queue.give_up('b', first));
        assert!(matches!(enter(&mut queue, 'b', 0), Entry::Waits(_)));
        queue.leave('a');
        assert_eq!(queue.next(0), Some(('b', second)));
        assert!(!queue.give_up('b', second), "it runs");
        assert!(queue.give_up('b', second + 1));
        queue.leave('b');
        assert!(queue.next(0).is_none() && queue.lines.is_empty() && queue.turns.is_empty());
    }

    #[derive(Clone, Debug)]
    enum Happens {
        Comes(char),
        Ends(usize),
        GivesUp(usize),
        Passes(u64),
    }

    fn happens() -> impl Strategy<Value = Happens> {
        prop_oneof![
            4 => prop::sample::select(vec!['a', 'a', 'a', 'b', 'c', 'd', 'e']).prop_map(Happens::Comes),
            3 => any::<prop::sample::Index>().prop_map(|index| Happens::Ends(index.index(1000))),
            1 => any::<prop::sample::Index>().prop_map(|index| Happens::GivesUp(index.index(1000))),
            1 => (0..THERE).prop_map(Happens::Passes),
        ]
    }

    proptest! {
        /// Whatever happens: the bounds are kept, nobody is lost or runs twice, nobody is passed over for more than one
        /// turn of each other tenant, and at the end nothing is left.
        #[test]
        fn turns_are_fair(story in prop::collection::vec(happens(), 1..300)) {
            let mut queue = Queue::new(BOUNDS);
            let (mut running, mut waiting): (Vec<char>, Vec<(char, u64)>) = (Vec::new(), Vec::new());
            // How often a tenant was passed over of whom somebody waits and might run.
            let passed: RefCell<HashMap<char, usize>> = RefCell::default();
            let mut now = 0;
            let may_run = |tenant: char, running: &[char]| {
                running.iter().filter(|own| **own == tenant).count() < BOUNDS.beside
            };
            let start = |woken: (char, u64), running: &mut Vec<char>, waiting: &mut Vec<(char, u64)>| {
                for tenant in ['a', 'b', 'c', 'd', 'e'] {
                    let waits = waiting.iter().any(|(own, _)| *own == tenant);
                    let mut passed = passed.borrow_mut();
                    let times = passed.entry(tenant).or_default();
                    *times = if waits && tenant != woken.0 && may_run(tenant, running) { *times + 1 } else { 0 };
                    assert!(*times <= 4, "{tenant} is passed over by each other tenant once at the most");
                }
                let first = waiting.iter().position(|(tenant, _)| *tenant == woken.0).expect("it waited");
                assert_eq!(waiting.remove(first), woken, "a tenant's requests keep their order");
                running.push(woken.0);
            };
            for event in story {
                match event {
                    Happens::Comes(tenant) => match enter(&mut queue, tenant, now) {
                        Entry::Runs => running.push(tenant),
                        Entry::Waits(number) => waiting.push((tenant, number)),
                        Entry::Full => prop_assert!(false, "there is room to wait"),
                    },
                    Happens::Ends(which) if !running.is_empty() => {
                        let tenant = running.swap_remove(which % running.len());
                        queue.leave(tenant);
                    }
                    Happens::GivesUp(which) if !waiting.is_empty() => {
                        let (tenant, number) = waiting.remove(which % waiting.len());
                        prop_assert!(queue.give_up(tenant, number));
                        if waiting.iter().all(|(other, _)| *other != tenant) {
                            // Whoever comes next stands at the end.
                            passed.borrow_mut().remove(&tenant);
                        }
                    }
                    Happens::Passes(time) => now += time,
                    Happens::Ends(_) | Happens::GivesUp(_) => {}
                }
                while let Some(woken) = queue.next(now) {
                    start(woken, &mut running, &mut waiting);
                }
                prop_assert!(running.len() <= BOUNDS.all);
                prop_assert_eq!(queue.running, running.len());
                prop_assert_eq!(queue.lines.values().map(|line| line.waiting.len()).sum::<usize>(), waiting.len());
                let in_vain = waiting.iter().any(|(tenant, _)| may_run(*tenant, &running));
                prop_assert!(running.len() == BOUNDS.all || !in_vain, "nobody waits for nothing");
            }
            while let Some(tenant) = running.pop() {
                queue.leave(tenant);
                while let Some(woken) = queue.next(now) {
                    start(woken, &mut running, &mut waiting);
                }
            }
            prop_assert!(waiting.is_empty() && queue.lines.is_empty() && queue.turns.is_empty());
        }
    }
}
