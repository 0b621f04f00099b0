//! Who signed, and whether the signature holds. Trust in the signer is judged elsewhere.
//! Source: ETSI EN 319 102-1, 5.2.3 and 5.2.7; the profiles: ETSI EN 319 142-1, ISO 32000-2, 12.8.3.

use super::Error;
use super::signed_data::{SignedData, SignerId};
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Certificate;
use crate::pki::verdict::{Finding, Indication, Severity, SubIndication};

/// Which rules for signed attributes apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeProfile {
    /// `ETSI.CAdES.detached`: the signer's certificate must be named in a signed attribute.
    Cades,
    /// `adbe.pkcs7.detached`: it may be named; if it is, it must match.
    Pkcs7,
}

/// Whether a signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureCheck {
    /// The signed message digest equals the digest of the content.
    pub digest_matches: bool,
    /// The signature value verifies with the signer's key over the signed attributes.
    pub signature_valid: bool,
    /// The algorithm used.
    pub algorithm: SignatureAlgorithm,
}

impl SignatureCheck {
    /// `None` if the signature holds; else the verdict and a stable reason, `HASH_MISMATCH` or
    /// `SIGNATURE_INVALID`.
    #[must_use]
    pub const fn failure(&self) -> Option<(Indication, SubIndication, &'static str)> {
        let failed = Indication::TotalFailed;
        if !self.digest_matches {
            Some((failed, SubIndication::HashFailure, "HASH_MISMATCH"))
        } else if !self.signature_valid {
            Some((failed, SubIndication::SigCryptoFailure, "SIGNATURE_INVALID"))
        } else {
            None
        }
    }
}

impl SignedData {
    /// The certificate of the signer: the one that answers to the signer identifier and, where there
    /// is one, to the signing-certificate attribute. Never simply the first one.
    ///
    /// # Errors
    /// [`Error`] if it is not there, not the one named, or the profile demands the attribute and it
    /// is missing.
    pub fn signer(&self, profile: AttributeProfile) -> Result<Certificate, Error> {
        self.signer_among(profile, &[])
    }

    /// As [`Self::signer`], but the certificate may also be one of `others`: time-stamp tokens need
    /// not carry it.
    ///
    /// # Errors
    /// As [`Self::signer`].
    pub fn signer_among(
        &self,
        profile: AttributeProfile,
        others: &[Certificate],
    ) -> Result<Certificate, Error> {
        let ids = &self.attributes.certificate_ids;
        if ids.is_empty() && profile == AttributeProfile::Cades {
            return Err(Error::NoSigningCertificate);
        }
        let mut named: Vec<&Certificate> = Vec::new();
        let known = self.certificates.iter().chain(others);
        for certificate in known.filter(|one| self.sid.names(one)) {
            if !named.contains(&certificate) {
                named.push(certificate);
            }
        }
        if named.is_empty() {
            return Err(Error::SignerNotFound);
        }
        named.retain(|certificate| ids.iter().all(|id| id.names(certificate)));
        match named.as_slice() {
            [] => Err(Error::SigningCertificateMismatch),
            [signer] => Ok((*signer).clone()),
            several => Err(Error::AmbiguousSigner {
                found: several.len(),
            }),
        }
    }

    /// Whether the signature holds for content whose digest, with [`Self::digest_algorithm`], is
    /// `content_digest`, and for the key of `signer`. It is checked over the attributes as received.
    ///
    /// # Errors
    /// [`Error::Der`] if the key of `signer` cannot be used.
    pub fn verify(
        &self,
        signer: &Certificate,
        content_digest: &[u8],
    ) -> Result<SignatureCheck, Error> {
        let algorithm = self.algorithm;
        Ok(SignatureCheck {
            digest_matches: self.message_digest() == content_digest,
            signature_valid: signer.verify_signature(&algorithm, &self.signed, &self.signature)?,
            algorithm,
        })
    }

    /// What is worth knowing about the signature under `profile` and decides nothing.
    #[must_use]
    pub fn findings(&self, profile: AttributeProfile) -> Vec<Finding> {
        let attributes = &self.attributes;
        let is_cades = profile == AttributeProfile::Cades;
        let noticed = [
            (
                "SIGNING_TIME_IN_CADES",
                is_cades && attributes.signing_time_present,
            ),
            ("SIGNING_CERTIFICATE_SHA1", attributes.legacy_certificate_id),
            (
                "SIGNING_CERTIFICATE_ABSENT",
                attributes.certificate_ids.is_empty(),
            ),
            ("SIGNED_ATTRIBUTES_NOT_SORTED", !attributes.sorted),
        ];
        let mut findings = self.findings.clone();
        findings.extend(
            noticed
                .into_iter()
                .filter(|(_, found)| *found)
                .map(|(check, _)| Finding {
                    check,
                    severity: Severity::Warning,
                    params: Vec::new(),
                    location: "signed attributes".to_owned(),
                }),
        );
        findings
    }
}

impl SignerId {
    fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerSerial { issuer, serial } => {
                issuer == certificate.issuer_der() && serial == certificate.serial()
            }
            Self::KeyId(id) => certificate.subject_key_id() == Some(id.as_slice()),
        }
    }
}

#[cfg(test)]
mod tests;
