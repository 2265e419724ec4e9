//! The shape of a token: `caurlaide_`, 256 random bits, and a checksum, so that scanners find leaked
//! ones and mistyped ones never reach the database. Those that live shortly start with `caurlaide_at_`.

use secrecy::SecretString;

use crate::random;

/// What every token starts with.
const PREFIX: &str = "caurlaide_";
/// What those start with that live shortly; no other token can, because the alphabet has no underscore.
const ACCESS_PREFIX: &str = "caurlaide_at_";
/// Letters that nobody confuses and every shell leaves alone.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
/// 256 bits in letters of five bits.
const SECRET: usize = 52;
/// The checksum in letters of five bits.
const CHECKSUM: usize = 6;

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// One that a client is given by hand.
    Own,
    /// One that it gets for it, for a short while.
    Access,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Own => PREFIX,
            Self::Access => ACCESS_PREFIX,
        }
    }

    /// A new token of this kind, from the operating system's randomness.
    pub fn generate(self) -> SecretString {
        let mut token = String::with_capacity(self.prefix().len() + SECRET + CHECKSUM);
        token.push_str(self.prefix());
        token.extend(random::bytes::<SECRET>().map(|bits| letter(bits.into())));
        let checksum = checksum(&token);
        token.push_str(&checksum);
        token.into()
    }

    /// The kind of what has the shape of a token, checksum included.
    pub fn of(token: &str) -> Option<Self> {
        [Self::Own, Self::Access].into_iter().find(|kind| {
            token.len() == kind.prefix().len() + SECRET + CHECKSUM
                && token.is_ascii()
                && token.starts_with(kind.prefix())
                && checksum(&token[..token.len() - CHECKSUM]) == token[token.len() - CHECKSUM..]
        })
    }
}

/// A new token for a client, from the operating system's randomness.
pub fn generate() -> SecretString {
    TokenKind::Own.generate()
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
        assert_eq!(TokenKind::of(token), Some(TokenKind::Own));
        let mut wrong = token.to_owned().into_bytes();
        wrong[20] = if wrong[20] == b'a' { b'b' } else { b'a' };
        for wrong in [String::from_utf8(wrong).expect("ASCII"), format!("{token}a"), "ā".to_owned()] {
            assert_eq!(TokenKind::of(&wrong), None, "{wrong}");
        }
        assert_eq!(TokenKind::of(TokenKind::Access.generate().expose_secret()), Some(TokenKind::Access));
    }

    #[test]
    fn tokens_differ() {
        let (a, b) = (generate(), generate());
        assert_ne!(a.expose_secret(), b.expose_secret());
    }
}
