//! Randomness: the one place that asks the operating system for it.

use rand::Rng;

/// Random bytes, good enough for secrets.
#[expect(clippy::disallowed_methods, reason = "this is the place that the others ask")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}
