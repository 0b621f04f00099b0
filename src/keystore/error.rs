//! Why a key cannot be used, and what to do about it.

use crate::pki;

/// A key that cannot be loaded or does not sign. Messages name the cause and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The password does not open the file.
    #[error(
        "the password does not open the PKCS#12 file; check the password file, its encoding (UTF-8) and that it belongs to this key"
    )]
    WrongPassword,
    /// The file holds no private key.
    #[error("the file holds no private key; export the certificate together with its key")]
    NoKey,
    /// The file holds no certificate.
    #[error("the file holds no certificate; export the key together with its certificate")]
    NoCertificate,
    /// No certificate in the file belongs to the key.
    #[error(
        "the key does not belong to the certificate {subject:?}; export the pair again from where the key was made"
    )]
    KeyDoesNotMatchCertificate {
        /// The first certificate found.
        subject: String,
    },
    /// A kind or size of key, or a way to sign, this program does not offer.
    #[error(
        "{found} cannot be used; use RSA with at least 2048 bits, ECDSA on P-256, P-384 or P-521, or Ed25519"
    )]
    UnsupportedKey {
        /// What was found or asked for.
        found: String,
    },
    /// The file would keep the processor busy for too long before the password is even checked.
    #[error(
        "the PKCS#12 file asks for {found} rounds of key derivation, more than {limit}; export it again with fewer (openssl pkcs12 -export -iter 100000)"
    )]
    TooManyIterations {
        /// Rounds asked for.
        found: u64,
        /// The most accepted.
        limit: u64,
    },
    /// Encrypted with an algorithm that is no longer offered, such as RC2-40.
    #[error(
        "the file is encrypted with an algorithm that is no longer offered; export it again with AES (openssl pkcs12 -legacy -in OLD | openssl pkcs12 -export -out NEW)"
    )]
    UnsupportedEncryption,
    /// The system does not let this process keep its memory to itself.
    #[error("the memory of this process cannot be kept out of core dumps: {fault}")]
    Unguarded {
        /// Why.
        fault: String,
    },
    /// A PEM key with a password on it.
    #[error(
        "the PEM key is encrypted; convert it to PKCS#12 (openssl pkcs12 -export) or remove its password"
    )]
    EncryptedPem,
    /// Too large to be a key file.
    #[error(
        "the file has {found} bytes, more than the {limit} of any key file; check that it is the right one"
    )]
    TooLarge {
        /// Size in bytes.
        found: usize,
        /// The most accepted.
        limit: usize,
    },
    /// Not a key file, or a damaged one.
    #[error(
        "the file is not a readable {expected} ({fault}); check that it is complete and of the right kind"
    )]
    Unreadable {
        /// What was expected.
        expected: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// A certificate in the file cannot be read.
    #[error("a certificate beside the key cannot be read: {0}")]
    Certificate(#[from] pki::Error),
    /// The key was asked to sign and did not.
    #[error("the key did not sign: {fault}; check that key and algorithm fit")]
    Signing {
        /// What the library or the device said.
        fault: String,
    },
}
