//! A key held in memory, from a PKCS#12 file or PEM. Good for seals and hubs on a guarded machine;
//! people's keys belong on a token.

use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;

use super::{Error, Signer, iterations, memory};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm, SignatureScheme};
use crate::pki::certificate::{Certificate, KeyAlgorithm, read_certificates};

/// The largest key file read.
pub const MAX_KEY_FILE_BYTES: usize = 1024 * 1024;

/// The most certificates above the signer's own.
const MAX_CHAIN: usize = 8;

/// A private key in memory with its certificate.
pub struct SoftKey {
    key: PKey<Private>,
    certificate: Certificate,
    chain: Vec<Certificate>,
}

impl SoftKey {
    /// The key of a PKCS#12 file (DER), the certificate that belongs to it, and those above it.
    ///
    /// # Errors
    /// [`Error`]: wrong password, no key, no certificate for it, a key of an unsupported kind, too
    /// many rounds of key derivation, or an unreadable file; or memory that cannot be guarded.
    pub fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self, Error> {
        memory::guard()?;
        check_size(bytes)?;
        iterations::check(bytes)?;
        let parsed = Pkcs12::from_der(bytes).and_then(|file| file.parse2(password));
        let parsed = parsed.map_err(|fault| refused(&fault))?;
        let key = parsed.pkey.ok_or(Error::NoKey)?;
        let others = parsed.ca.iter().flatten().map(read);
        let own = parsed.cert.iter().map(|one| read(one));
        Self::matching(key, own.chain(others).collect::<Result<_, _>>()?)
    }

    /// The key in PEM (PKCS#8 or traditional, not encrypted), the certificate among `certificates`
    /// (PEM bundle or DER) that belongs to it, and those above it.
    ///
    /// # Errors
    /// [`Error`]: no key, an encrypted one, no certificate for it, a key of an unsupported kind, or
    /// memory that cannot be guarded.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, Error> {
        memory::guard()?;
        check_size(key)?;
        let text = String::from_utf8_lossy(key);
        if !text.contains("PRIVATE KEY-----") {
            return Err(Error::NoKey);
        }
        if text.contains("BEGIN ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(Error::EncryptedPem);
        }
        // An empty passphrase keeps OpenSSL from asking at the terminal.
        let key =
            PKey::private_key_from_pem_passphrase(key, &[]).map_err(|fault| Error::Unreadable {
                expected: "private key in PEM",
                fault: fault.to_string(),
            })?;
        Self::matching(key, read_certificates(certificates)?)
    }

    fn matching(key: PKey<Private>, certificates: Vec<Certificate>) -> Result<Self, Error> {
        let belongs = |certificate: &&Certificate| {
            PKey::public_key_from_der(certificate.public_key_der())
                .is_ok_and(|public| public.public_eq(&key))
        };
        let first = certificates.first().ok_or(Error::NoCertificate)?;
        let Some(certificate) = certificates.iter().find(belongs).cloned() else {
            let subject = first.subject().to_owned();
            return Err(Error::KeyDoesNotMatchCertificate { subject });
        };
        check_key(&certificate)?;
        let chain = ordered(&certificate, &certificates);
        Ok(Self {
            key,
            certificate,
            chain,
        })
    }

    fn signature(
        &self,
        algorithm: &SignatureAlgorithm,
        tbs: &[u8],
    ) -> Result<Vec<u8>, openssl::error::ErrorStack> {
        if algorithm.scheme() == SignatureScheme::Ed25519 {
            let mut signer = openssl::sign::Signer::new_without_digest(&self.key)?;
            return signer.sign_oneshot_to_vec(tbs);
        }
        let digest = algorithm.digest().message_digest();
        let mut signer = openssl::sign::Signer::new(digest, &self.key)?;
        if algorithm.scheme() == SignatureScheme::RsaPss {
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_mgf1_md(digest)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(algorithm.salt_bytes().into()))?;
        }
        signer.sign_oneshot_to_vec(tbs)
    }
}

impl Signer for SoftKey {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn algorithm(&self, digest: DigestAlgorithm, pss: bool) -> Result<SignatureAlgorithm, Error> {
        algorithm_of(&self.certificate, digest, pss)
    }

    fn sign(&self, algorithm: &SignatureAlgorithm, tbs: &[u8]) -> Result<Vec<u8>, Error> {
        if !self.certificate.key().algorithm.fits(algorithm.scheme()) {
            let fault = format!("{algorithm} does not fit the key");
            return Err(Error::Signing { fault });
        }
        self.signature(algorithm, tbs)
            .map_err(|fault| Error::Signing {
                fault: fault.to_string(),
            })
    }
}

/// The algorithm a key with this certificate signs with, given a wish for `digest` and for RSA-PSS.
///
/// # Errors
/// [`Error::UnsupportedKey`] if the key cannot sign that way.
pub fn algorithm_of(
    certificate: &Certificate,
    digest: DigestAlgorithm,
    pss: bool,
) -> Result<SignatureAlgorithm, Error> {
    let scheme = match (certificate.key().algorithm, pss) {
        (KeyAlgorithm::Rsa, true) => SignatureScheme::RsaPss,
        (KeyAlgorithm::Rsa, false) => SignatureScheme::RsaPkcs1,
        (KeyAlgorithm::Ed25519, false) => SignatureScheme::Ed25519,
        (KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521, false) => {
            SignatureScheme::Ecdsa
        }
        (kind, _) => {
            let found = format!("RSA-PSS with a key of kind {kind:?}");
            return Err(Error::UnsupportedKey { found });
        }
    };
    Ok(SignatureAlgorithm::new(scheme, digest))
}

/// The one certificate among `certificates` that issued none of the others, and those above it, the
/// issuing CA first.
///
/// # Errors
/// [`Error::NoCertificate`] when there is none or more than one, [`Error::UnsupportedKey`] when its
/// key is not relied on.
pub fn signer_of(certificates: &[Certificate]) -> Result<(Certificate, Vec<Certificate>), Error> {
    let is_end = |one: &&Certificate| {
        let below = |other: &Certificate| {
            other != *one && other.issuer_der() == one.subject_der() && other.is_signed_by(one)
        };
        !certificates.iter().any(below)
    };
    let mut ends = certificates.iter().filter(is_end);
    let (Some(signer), None) = (ends.next(), ends.next()) else {
        return Err(Error::NoCertificate);
    };
    check_key(signer)?;
    Ok((signer.clone(), ordered(signer, certificates)))
}

fn check_key(certificate: &Certificate) -> Result<(), Error> {
    let facts = certificate.key();
    if facts.algorithm != KeyAlgorithm::Other && !facts.is_weak() {
        return Ok(());
    }
    let found = format!(
        "a key of kind {:?} with {} bits",
        facts.algorithm, facts.bits
    );
    Err(Error::UnsupportedKey { found })
}

const fn check_size(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() <= MAX_KEY_FILE_BYTES {
        return Ok(());
    }
    Err(Error::TooLarge {
        found: bytes.len(),
        limit: MAX_KEY_FILE_BYTES,
    })
}

fn read(certificate: &openssl::x509::X509Ref) -> Result<Certificate, Error> {
    let der = certificate.to_der().map_err(|fault| Error::Unreadable {
        expected: "certificate",
        fault: fault.to_string(),
    })?;
    Ok(Certificate::from_der(&der)?)
}

/// What a failure to open a PKCS#12 file means.
fn refused(fault: &openssl::error::ErrorStack) -> Error {
    let says = |text: &str| {
        fault
            .errors()
            .iter()
            .any(|error| error.reason().is_some_and(|reason| reason == text))
    };
    if says("mac verify failure") {
        Error::WrongPassword
    } else if says("unsupported") || says("unknown cipher") || says("unknown pbe algorithm") {
        Error::UnsupportedEncryption
    } else {
        Error::Unreadable {
            expected: "PKCS#12 file",
            fault: fault.to_string(),
        }
    }
}

/// The certificates above `leaf` found in `all`, the issuing CA first, without the root: whoever
/// verifies must have that from elsewhere.
fn ordered(leaf: &Certificate, all: &[Certificate]) -> Vec<Certificate> {
    let mut chain: Vec<Certificate> = Vec::new();
    let mut current = leaf;
    while chain.len() < MAX_CHAIN {
        let issued = |one: &&Certificate| {
            one.subject_der() == current.issuer_der()
                && !one.is_self_signed()
                && *one != leaf
                && !chain.contains(one)
                && current.is_signed_by(one)
        };
        let Some(issuer) = all.iter().find(issued) else {
            break;
        };
        chain.push(issuer.clone());
        current = issuer;
    }
    chain
}

#[cfg(test)]
mod tests;
