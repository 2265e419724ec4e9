//! Places for what keeps a connection for long.

use std::{
    collections::HashSet,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A number of places, of which each tenant has one at the most.
#[derive(Clone, Debug)]
pub struct Places<T> {
    taken: Arc<Mutex<HashSet<T>>>,
    number: usize,
}

/// A place; dropped, it is free again.
#[derive(Debug)]
pub struct Place<T: Copy + Eq + Hash> {
    places: Places<T>,
    of: T,
}

impl<T: Copy + Eq + Hash> Places<T> {
    /// So many.
    pub fn new(number: usize) -> Self {
        Self { taken: Arc::default(), number }
    }

    /// One for a tenant, unless it has one or none is left.
    pub fn take(&self, of: T) -> Option<Place<T>> {
        let mut taken = self.taken();
        (taken.len() < self.number && taken.insert(of)).then(|| Place { places: self.clone(), of })
    }

    fn taken(&self) -> MutexGuard<'_, HashSet<T>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Copy + Eq + Hash> Drop for Place<T> {
    fn drop(&mut self) {
        self.places.taken().remove(&self.of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_two_and_all_have_so_many() {
        let places = Places::new(2);
        let (first, second) = (places.take(1).expect("a place"), places.take(2).expect("a place"));
        assert!(places.take(3).is_none());
        drop(first);
        assert!(places.take(2).is_none());
        let third = places.take(3);
        assert!(third.is_some() && places.take(1).is_none());
        drop(second);
        assert!(places.take(2).is_some());
    }
}
