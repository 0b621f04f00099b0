//! Private keys and the one thing they do: sign. A key is used through [`Signer`] and never leaves
//! its place. Knows no PDF and no document, only bytes to be signed.
//!
//! Files in reading order: `error`, `soft_key`, `iterations`, `throwaway`.

mod error;
mod iterations;
mod memory;
mod soft_key;
mod throwaway;

pub use error::Error;
pub use soft_key::{MAX_KEY_FILE_BYTES, SoftKey, algorithm_of, signer_of};
pub use throwaway::{Throwaway, ThrowawayKey};

use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::certificate::Certificate;

/// A private key with its certificate.
pub trait Signer: Send + Sync {
    /// The certificate of the key.
    fn certificate(&self) -> &Certificate;

    /// The certificates above it that are at hand, the issuing CA first.
    fn chain(&self) -> &[Certificate];

    /// The algorithm this key signs with, given a wish for `digest` and for RSA-PSS (`pss`).
    ///
    /// # Errors
    /// [`Error::UnsupportedKey`] if the key cannot sign that way.
    fn algorithm(&self, digest: DigestAlgorithm, pss: bool) -> Result<SignatureAlgorithm, Error>;

    /// The signature over `tbs` (the bytes, not a digest of them).
    ///
    /// # Errors
    /// [`Error`] if the key does not fit the algorithm or the device refuses.
    fn sign(&self, algorithm: &SignatureAlgorithm, tbs: &[u8]) -> Result<Vec<u8>, Error>;
}
