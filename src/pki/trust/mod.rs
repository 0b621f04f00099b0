//! What a verdict may rely on, handed in by the caller and frozen: trusted roots, certificates that
//! may stand between, and what is known about revocation.

use std::collections::{BTreeMap, BTreeSet};

use super::certificate::{Certificate, MAX_CERTIFICATES, read_certificates};
use super::crl::{Crl, MAX_CRL_BYTES};
use super::extensions::{ANY_POLICY, PolicyId};
use super::ocsp::OcspResponse;
use super::{Error, der, pem};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::{Sha256, Sha256Stream};

/// The largest file of certificates read.
pub const MAX_TRUST_BYTES: usize = 4 * 1024 * 1024;

/// The most revocation lists and responses of each kind.
const MAX_REVOCATION: usize = 10_000;

/// Everything a verdict may rely on.
#[derive(Debug, Clone, Default)]
pub struct TrustEvidence {
    /// Certificates trusted by decision: every path must end in one.
    pub anchors: Vec<Certificate>,
    /// Certificates that may stand between a signer and an anchor; not trusted by themselves.
    pub intermediates: Vec<Certificate>,
    /// Revocation lists.
    pub crls: Vec<Crl>,
    /// OCSP responses.
    pub ocsp: Vec<OcspResponse>,
    /// From when until when anchors are trusted; one not named is trusted without end.
    pub windows: BTreeMap<Sha256, TrustWindow>,
    /// Which certificate policies paths must be valid for.
    pub policies: PolicyInputs,
}

/// From when until when an anchor is trusted, whatever its own validity says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrustWindow {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The last instant (sunset).
    pub until: Option<Timestamp>,
}

/// What a path is asked about certificate policies. By default any policy, or none, will do.
/// Source: RFC 5280, 6.1.1 c, e, f and g.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyInputs {
    accepted: Option<BTreeSet<PolicyId>>,
    /// The path must be valid for one of the accepted policies.
    pub require_explicit: bool,
    /// Policies may not be mapped.
    pub inhibit_mapping: bool,
    /// anyPolicy does not stand for others.
    pub inhibit_any: bool,
}

impl PolicyInputs {
    /// Accepts the policy with this object identifier, in dotted form, and from the first call on
    /// only those named.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is none.
    pub fn accept(&mut self, policy: &str) -> Result<(), Error> {
        let malformed = |fault: const_oid::Error| Error::Malformed {
            what: "certificate policy",
            fault: format!("{policy}: {fault}"),
        };
        let id = const_oid::ObjectIdentifier::new(policy).map_err(malformed)?;
        let accepted = self.accepted.get_or_insert_default();
        accepted.insert(id.as_bytes().to_vec());
        Ok(())
    }

    /// The policies accepted, in dotted form; `None`: any.
    #[must_use]
    pub fn accepted_names(&self) -> Option<Vec<String>> {
        let names =
            |accepted: &BTreeSet<PolicyId>| accepted.iter().map(|id| der::dotted(id)).collect();
        self.accepted.as_ref().map(names)
    }

    /// The policies accepted; `None`: any.
    pub(super) fn accepted(&self) -> Option<&BTreeSet<PolicyId>> {
        let accepted = self.accepted.as_ref();
        accepted.filter(|accepted| !accepted.contains(ANY_POLICY))
    }
}

impl TrustEvidence {
    /// Adds the certificates of a PEM bundle or DER file: self-signed ones as anchors, all others
    /// as intermediates. One already there is not added again.
    ///
    /// # Errors
    /// [`Error`] if there is none, one cannot be read, or a limit is exceeded.
    pub fn add_trust(&mut self, bytes: &[u8]) -> Result<(), Error> {
        within(
            "bytes of trusted certificates",
            bytes.len(),
            MAX_TRUST_BYTES,
        )?;
        for certificate in read_certificates(bytes)? {
            let list = match certificate.is_self_signed() {
                true => &mut self.anchors,
                false => &mut self.intermediates,
            };
            within("certificates", list.len() + 1, MAX_CERTIFICATES)?;
            if !list.contains(&certificate) {
                list.push(certificate);
            }
        }
        Ok(())
    }

    /// Adds a CRL (DER, or any number in PEM) or an OCSP response (DER).
    ///
    /// # Errors
    /// [`Error`] if the bytes are neither, or a limit is exceeded.
    pub fn add_revocation(&mut self, bytes: &[u8]) -> Result<(), Error> {
        // Base64 and line ends make PEM about three eighths longer.
        within(
            "bytes of revocation data",
            bytes.len(),
            MAX_CRL_BYTES / 8 * 11,
        )?;
        if bytes.first() != Some(&der::SEQUENCE) {
            let blocks = pem::read(bytes, &["X509 CRL"], MAX_REVOCATION)?;
            if blocks.is_empty() {
                return Err(Error::NothingFound {
                    expected: "a CRL or an OCSP response",
                });
            }
            return blocks.iter().try_for_each(|block| self.add_crl(block));
        }
        let begins_with = der::only("revocation data", bytes, der::SEQUENCE)?.peek();
        if begins_with == Some(der::ENUMERATED) {
            within("OCSP responses", self.ocsp.len() + 1, MAX_REVOCATION)?;
            self.ocsp.push(OcspResponse::from_der(bytes)?);
            return Ok(());
        }
        self.add_crl(bytes)
    }

    /// Adds everything `other` holds that is not held yet. What was decided here stays: the accepted
    /// policies, and from when until when anchors held already are trusted.
    pub fn merge(&mut self, other: Self) {
        for (anchor, window) in other.windows {
            if !self.anchors.iter().any(|held| held.sha256() == anchor) {
                self.windows.entry(anchor).or_insert(window);
            }
        }
        for (own, new) in [
            (&mut self.anchors, other.anchors),
            (&mut self.intermediates, other.intermediates),
        ] {
            for one in new {
                if !own.contains(&one) {
                    own.push(one);
                }
            }
        }
        for one in other.crls {
            if !self.crls.iter().any(|known| known.sha256() == one.sha256()) {
                self.crls.push(one);
            }
        }
        for one in other.ocsp {
            if !self.ocsp.iter().any(|known| known.sha256() == one.sha256()) {
                self.ocsp.push(one);
            }
        }
    }

    /// A digest over everything held, whatever the order it was added in; equal evidence, equal digest.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        let mut stream = Sha256Stream::default();
        let mut take = |kind: &[u8], mut digests: Vec<Sha256>| {
            digests.sort_unstable();
            digests.dedup();
            for digest in digests {
                stream.update(kind);
                stream.update(digest.as_bytes());
            }
        };
        take(
            b"anchor",
            self.anchors.iter().map(Certificate::sha256).collect(),
        );
        take(
            b"intermediate",
            self.intermediates.iter().map(Certificate::sha256).collect(),
        );
        take(b"crl", self.crls.iter().map(Crl::sha256).collect());
        take(
            b"ocsp",
            self.ocsp.iter().map(OcspResponse::sha256).collect(),
        );
        for (anchor, window) in &self.windows {
            let instant = |at: Option<Timestamp>| at.map(rfc3339).unwrap_or_default();
            stream.update(b"window");
            stream.update(anchor.as_bytes());
            stream.update(instant(window.from).as_bytes());
            stream.update(b"/");
            stream.update(instant(window.until).as_bytes());
        }
        if self.policies != PolicyInputs::default() {
            stream.update(format!("{:?}", self.policies).as_bytes());
        }
        stream.finish()
    }

    /// Whether the anchor with this digest is trusted at `at`.
    pub(super) fn window(&self, anchor: &Certificate) -> TrustWindow {
        let window = self.windows.get(&anchor.sha256());
        window.copied().unwrap_or_default()
    }

    fn add_crl(&mut self, der: &[u8]) -> Result<(), Error> {
        within("CRLs", self.crls.len() + 1, MAX_REVOCATION)?;
        self.crls.push(Crl::from_der(der)?);
        Ok(())
    }
}

const fn within(what: &'static str, found: usize, limit: usize) -> Result<(), Error> {
    if found <= limit {
        Ok(())
    } else {
        Err(Error::TooLarge { what, limit, found })
    }
}

#[cfg(test)]
mod tests;
