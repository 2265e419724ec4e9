//! The signatures of tokens (RFC 7518 §3), judged by ring: the provider that TLS uses already.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::ErrorKind,
    signature::{self, Verifier},
};
use ring::signature::{self as of, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};

/// Nothing is signed here.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        // Whoever holds a public key must not be able to use it as a secret.
        if key.family() != algorithm.family() || key.family() == AlgorithmFamily::Hmac {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Ok(Box::new(Judge { algorithm: *algorithm, key: key.clone() }))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Lets jsonwebtoken judge by ring, once for the process.
pub(super) fn install() {
    // The second time it is there already.
    let _ = PROVIDER.install_default();
}

/// A key, and how it signs.
struct Judge {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl JwtVerifier for Judge {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for Judge {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let judged = match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                rsa(self.algorithm).map(|how| RsaPublicKeyComponents { n, e }.verify(how, message, signature))
            }
            DecodingKeyKind::SecretOrDer(key) => {
                curve(self.algorithm).map(|how| UnparsedPublicKey::new(how, key).verify(message, signature))
            }
        };
        judged.and_then(Result::ok).ok_or_else(signature::Error::new)
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &of::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &of::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &of::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &of::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &of::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &of::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn curve(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::ES256 => &of::ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &of::ECDSA_P384_SHA384_FIXED,
        Algorithm::EdDSA => &of::ED25519,
        _ => return None,
    })
}
