//! The shape of a token: `caurlaide_`, 256 random bits, and a checksum, so that scanners find leaked
//! ones and mistyped ones never reach the database.

use secrecy::SecretString;

use crate::random;

/// What every token starts with.
const PREFIX: &str = "caurlaide_";
/// Letters that nobody confuses and every shell leaves alone.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
/// 256 bits in letters of five bits.
const SECRET: usize = 52;
/// The checksum in letters of five bits.
const CHECKSUM: usize = 6;

/// A new token, from the operating system's randomness.
pub fn generate() -> SecretString {
    let mut token = String::with_capacity(PREFIX.len() + SECRET + CHECKSUM);
    token.push_str(PREFIX);
    token.extend(random::bytes::<SECRET>().map(|bits| letter(bits.into())));
    let checksum = checksum(&token);
    token.push_str(&checksum);
    token.into()
}

/// Whether a text has the shape of a token, checksum included.
pub fn is_well_formed(token: &str) -> bool {
    token.len() == PREFIX.len() + SECRET + CHECKSUM
        && token.is_ascii()
        && token.starts_with(PREFIX)
        && checksum(&token[..token.len() - CHECKSUM]) == token[token.len() - CHECKSUM..]
}

fn letter(bits: u32) -> char {
    char::from(ALPHABET[(bits & 31) as usize])
}

fn checksum(text: &str) -> String {
    let digest = scim::index::digest(&[text]);
    (0..CHECKSUM).map(|at| letter((digest >> (at * 5) & 31) as u32)).collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn tokens_are_recognised_and_mistyped_ones_are_not() {
        let token = generate();
        let token = token.expose_secret();
        assert!(is_well_formed(token), "{token}");
        let mut wrong = token.to_owned().into_bytes();
        wrong[20] = if wrong[20] == b'a' { b'b' } else { b'a' };
        assert!(!is_well_formed(&String::from_utf8(wrong).expect("ASCII")));
        assert!(!is_well_formed(&format!("{token}a")));
        assert!(!is_well_formed("ā"));
    }

    #[test]
    fn tokens_differ() {
        let (a, b) = (generate(), generate());
        assert_ne!(a.expose_secret(), b.expose_secret());
    }
}
