//! Chance that falls the same way every time: numbers that look thrown, but are only computed.

/// A prime whose square fits into 32 bits, so that every machine computes alike.
const PRIME: usize = 65_521;

/// What is left to chance about a person.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Sex,
    Given,
    Family,
    Double,
    Start,
    End,
    Assurance,
}

/// A number below 65 521.
pub(super) fn draw(person: usize, of: Of) -> usize {
    let seed = (person * 7919 + of as usize * 104_729) % PRIME;
    (0..2).fold(seed, |number, _| (number * number + 12_345) % PRIME)
}

/// One of several, by a number of any size.
pub(super) fn pick<T: Copy>(from: &[T], number: usize) -> T {
    from[number % from.len()]
}
