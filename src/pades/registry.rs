//! Who a certificate belongs to, by the register and at the time of signing: the only thing that
//! tells roles. Names in certificates do not. Source: Circular 41/2017/TT-BTTTT, articles 4, 6, 7.

use super::report::{SignatureKind, SignatureReport};
use crate::domain::clock::{Timestamp, vietnam_date};
use crate::domain::digest::Sha256;
use crate::domain::directory::{Directory, HolderKind};
use crate::domain::period::Period;

/// Whether a certificate belongs to an agency or to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// The agency itself (its seal).
    Agency,
    /// A person who may sign for it.
    Person,
}

impl OwnerKind {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Person => "person",
        }
    }
}

/// Who a certificate was registered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerOwner {
    /// Code of the agency.
    pub agency_code: String,
    /// Name of the agency at the time asked about.
    pub agency_name: String,
    /// The agency itself or a person of it.
    pub kind: OwnerKind,
    /// Days (Vietnam) on which the agency exists.
    pub agency_days: Period,
    /// Names and codes of those that took its tasks over, at the instant of the judgement.
    pub successors: Vec<String>,
    /// Its name at the instant of the judgement, if it has another by then.
    pub renamed_to: Option<String>,
}

impl SignerOwner {
    /// An owner whose agency exists without end under one name.
    #[must_use]
    pub fn new(agency_code: &str, agency_name: &str, kind: OwnerKind) -> Self {
        Self {
            agency_code: agency_code.to_owned(),
            agency_name: agency_name.to_owned(),
            kind,
            agency_days: Period::default(),
            successors: Vec::new(),
            renamed_to: None,
        }
    }
}

/// The register of certificates.
pub trait SignerRegistry {
    /// Who the certificate with this SHA-256 was registered for at `at`.
    fn owner(&self, certificate_sha256: &Sha256, at: Timestamp) -> Option<SignerOwner>;
}

/// The directory of agencies as a register of signers.
#[derive(Debug, Clone, Copy)]
pub struct FiledSigners<'a> {
    directory: &'a Directory,
    judged: Timestamp,
}

impl<'a> FiledSigners<'a> {
    /// The register for a judgement at `judged`: successors and present names are those of that
    /// instant.
    #[must_use]
    pub const fn new(directory: &'a Directory, judged: Timestamp) -> Self {
        Self { directory, judged }
    }
}

impl SignerRegistry for FiledSigners<'_> {
    fn owner(&self, certificate_sha256: &Sha256, at: Timestamp) -> Option<SignerOwner> {
        let (day, today) = (vietnam_date(at), vietnam_date(self.judged));
        let row = self.directory.certificate(certificate_sha256, day)?;
        let agency = self.directory.agency(&row.agency)?;
        let successors = self.directory.successors(&agency.code, today);
        let title = |one: &&crate::domain::agency::Agency| one.title();
        let (then, present) = (agency.name_on(day), agency.name_on(today));
        Some(SignerOwner {
            agency_code: agency.code.to_string(),
            agency_name: then.to_owned(),
            kind: match row.kind {
                HolderKind::Agency => OwnerKind::Agency,
                HolderKind::Person => OwnerKind::Person,
            },
            agency_days: agency.valid,
            successors: successors.iter().map(title).collect(),
            renamed_to: (then != present).then(|| present.to_owned()),
        })
    }
}

/// When the register is asked about `signature`: at the earliest instant at which it is proven to
/// have existed; `at`, the instant of the judgement, when nothing proves one.
pub(super) fn asked_at(signature: &SignatureReport, at: Timestamp) -> Timestamp {
    signature.best_signature_time.unwrap_or(at)
}

/// Who made `signature`, unless it is a time stamp or its signer is not known.
pub(super) fn owner_of(
    registry: &dyn SignerRegistry,
    signature: &SignatureReport,
    at: Timestamp,
) -> Option<SignerOwner> {
    let is_signed = signature.kind != SignatureKind::Timestamp;
    let signer = signature.signer.as_ref().filter(|_| is_signed)?;
    registry.owner(&signer.sha256(), asked_at(signature, at))
}
