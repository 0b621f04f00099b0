//! The report of one verification, as values; its wire shape is `wire`.
//! The same file, evidence, policy and time give the same bytes.

use std::fmt;

use super::checks::{self, Check, Checks};
use super::permissions::Permissions;
use super::registry::SignerOwner;
use crate::cms::timestamp::{Token, TokenReport};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::pdf::{Modification, gets_second_opinion};
use crate::pki::certificate::Certificate;
use crate::pki::verdict::{Finding, Indication, RowOutcome, SubIndication};

/// What was concluded about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileVerdict {
    /// The worst indication of its signatures.
    Judged(Indication),
    /// A readable file without any signature.
    NoSignature,
    /// Not a readable PDF.
    Unreadable,
}

impl fmt::Display for FileVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Judged(indication) => indication.fmt(f),
            Self::NoSignature => f.write_str("NO-SIGNATURE"),
            Self::Unreadable => f.write_str("UNREADABLE"),
        }
    }
}

/// What kind of signature it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureKind {
    /// An ordinary signature.
    Approval,
    /// An author's certification.
    Certification,
    /// A document time stamp.
    Timestamp,
}

/// What later revisions did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifications {
    /// Nothing followed.
    None,
    /// Only what may follow a signature.
    Allowed,
    /// Something else.
    Disallowed,
}

/// One later change as a signature sees it.
#[derive(Debug, Clone)]
pub struct ChangeReport {
    /// The change.
    pub change: Modification,
    /// Why the signature does not permit it; `None` when it does.
    pub refused: Option<&'static str>,
}

/// The seven questions asked of each signature.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Does the signature belong to these bytes?
    pub integrity: RowOutcome,
    /// Does the certificate lead to a trusted root?
    pub trust: RowOutcome,
    /// Is it unrevoked?
    pub revocation: RowOutcome,
    /// Was it within its validity?
    pub time: RowOutcome,
    /// Which bytes does it cover?
    pub coverage: RowOutcome,
    /// What happened afterwards?
    pub changes: RowOutcome,
    /// Was the signer the one who had to sign?
    pub authority: RowOutcome,
}

impl Rows {
    /// Name and outcome of each row in the order of the report.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, &RowOutcome); 7] {
        [
            ("integrity", &self.integrity),
            ("trust", &self.trust),
            ("revocation", &self.revocation),
            ("time", &self.time),
            ("coverage", &self.coverage),
            ("changes", &self.changes),
            ("authority", &self.authority),
        ]
    }
}

/// A time stamp and its judgement.
#[derive(Debug, Clone)]
pub struct StampReport {
    /// `None` if it could not be read.
    pub token: Option<Token>,
    /// What it is worth.
    pub report: TokenReport,
}

/// An answer of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// What it said.
    pub owner: SignerOwner,
    /// The instant it was asked about.
    pub asked_at: Timestamp,
}

/// The judgement of one signature.
#[derive(Debug, Clone)]
pub struct SignatureReport {
    /// Name of its field.
    pub field: String,
    /// Its kind.
    pub kind: SignatureKind,
    /// The verdict.
    pub indication: Indication,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// `PAdES` level, if it is one.
    pub level: Option<&'static str>,
    /// The signer, once identified.
    pub signer: Option<Certificate>,
    /// Whom the signer's certificate was registered for at the time of signing, if the register was
    /// asked and knows it.
    pub owner: Option<Owned>,
    /// The time the signer claims; proves nothing.
    pub claimed_time: Option<Timestamp>,
    /// The earliest instant at which the signature is proven to have existed; for a document time
    /// stamp that is valid, the one it states.
    pub best_signature_time: Option<Timestamp>,
    /// The certificates from the signer up to the anchor, as far as they could be followed.
    pub chain: Vec<Certificate>,
    /// The time stamps inside the signature, or the one it is.
    pub timestamps: Vec<StampReport>,
    /// Whether it covers the file to its last byte.
    pub covers_whole_document: bool,
    /// What followed.
    pub modifications: Modifications,
    /// Those changes, at most 50, forbidden ones first.
    pub modifications_list: Vec<ChangeReport>,
    /// How many there are.
    pub modifications_count: usize,
    /// The range it covers, once its form is known to be right.
    pub byte_range: Option<[u64; 4]>,
    /// The revision it covers, counted from 1.
    pub revision: Option<usize>,
    /// The digest algorithm and the digest of the bytes it covers.
    pub signed_digest: Option<(&'static str, Vec<u8>)>,
    /// The signature value.
    pub signature_value: Option<Vec<u8>>,
    /// What it permits to happen after it.
    pub permissions: Permissions,
    /// The rows.
    pub rows: Rows,
    /// What its judges noted beyond the rows; all of them: [`Report::checks`].
    pub checks: Checks,
}

impl SignatureReport {
    /// The reason code of the row that decided a verdict other than `TOTAL-PASSED`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        use crate::pki::verdict::RowResult::{Failed, Indeterminate};
        let rows = self.rows.named();
        let first = |result| rows.iter().find(|(_, row)| row.result == result);
        first(Failed)
            .or_else(|| first(Indeterminate))
            .map_or("VALID", |(_, row)| row.reason)
    }
}

/// The judgement of a file.
#[derive(Debug, Clone)]
pub struct Report {
    /// Name given by the caller; shown, never trusted.
    pub name: String,
    /// Digest of the whole file, `None` when it could not be read to its end.
    pub sha256: Option<Sha256>,
    /// Its size.
    pub size_bytes: u64,
    /// Its pages.
    pub pages: usize,
    /// The verdict.
    pub verdict: FileVerdict,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// The instant of the judgement.
    pub validation_time: Timestamp,
    /// Name and digest of the policy.
    pub policy: (String, Sha256),
    /// Digest of the evidence relied on.
    pub evidence_sha256: Sha256,
    /// The signatures in signing order.
    pub signatures: Vec<SignatureReport>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Every check of `signature`, one of this report's, in the order of checking.
    #[must_use]
    pub fn checks(&self, signature: &SignatureReport) -> Vec<Check> {
        checks::checks(signature, gets_second_opinion(self.size_bytes))
    }

    /// The stable reasons of every limit that ended work early, in order, each once.
    #[must_use]
    pub fn limits_hit(&self) -> Vec<&'static str> {
        let rows = self.signatures.iter().flat_map(|one| one.rows.named());
        let rows = rows.map(|(_, row)| row.reason);
        let noticed = self.findings.iter().map(|finding| finding.check);
        let mut hit: Vec<_> = rows
            .chain(noticed)
            .filter(|of| checks::is_limit(of))
            .collect();
        hit.sort_unstable();
        hit.dedup();
        hit
    }
}
