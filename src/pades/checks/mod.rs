//! Every check made of a signature, each with its own result: the long form of the seven rows of a
//! report. What a judge wrote down itself ([`Checks::note`]) stands; everything else follows from
//! the rows: a check is called passed only where the row that includes it could not have been
//! reached otherwise. Source of the order: ETSI EN 319 102-1, 5.3.

mod reasons;

pub(super) use reasons::is_limit;
pub use reasons::reasons;

use super::report::{SignatureKind, SignatureReport};
use crate::pki::verdict::{Params, RowOutcome, RowResult};

macro_rules! check_kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $step:literal;)*) => {
        /// What is checked, in the order of checking.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckKind { $($(#[$doc])* $name),* }

        impl CheckKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// The step of the order of checking, such as `F5`.
            #[must_use]
            pub const fn step(self) -> &'static str {
                match self { $(Self::$name => $step),* }
            }
        }
    };
}

check_kinds! {
    /// A whole PDF file, header first, `%%EOF` last.
    Container = "container", "F1";
    /// Every cross-reference section, in one chain that only goes back.
    RevisionChain = "revision-chain", "F2";
    /// A field of the form that holds the signature.
    SignatureField = "signature-field", "F3";
    /// The signature dictionary and its `/Contents`.
    SignatureDictionary = "signature-dictionary", "F4";
    /// The four numbers of `/ByteRange`, whose gap is exactly `/Contents`.
    ByteRange = "byte-range", "F5";
    /// The signed bytes end where a revision ends.
    RevisionEnd = "revision-end", "F6";
    /// Newest and signed revision show the same signature.
    Consistency = "consistency", "F8";
    /// No other signature claims the same range.
    Collision = "collision", "F7";
    /// One certification at most, named by the catalog, before every approval.
    Certification = "certification", "M1";
    /// Another reader sees the same pages and fields.
    SecondReader = "second-reader", "D6";
    /// Every later change is one the signature permits.
    Modifications = "modifications", "F9";
    /// One signed-data structure with one signer, detached, bounded.
    CmsStructure = "cms-structure", "C1";
    /// The signature is over signed attributes.
    SignedAttributes = "signed-attributes", "C2";
    /// Each attribute stands once, with one value of the right shape.
    AttributeRules = "attribute-rules", "C3";
    /// The signer's certificate is the one the signed attribute names.
    SigningCertificate = "signing-certificate", "I1";
    /// The digest of the signed bytes is the signed digest.
    MessageDigest = "message-digest", "V1";
    /// The signature value verifies with the signer's key.
    SignatureValue = "signature-value", "V2";
    /// Algorithms and keys are relied on at the time that counts.
    Algorithms = "algorithms", "A1";
    /// A path leads to a trusted root, by the rules.
    CertificatePath = "certificate-path", "X1";
    /// Every certificate of the path is within its validity.
    CertificateValidity = "certificate-validity", "X2";
    /// Every certificate below the root is not revoked.
    Revocation = "revocation", "R1";
    /// The certificate's owner, by the register, is one who had to sign.
    Authority = "authority", "S1";
}

/// One check of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub kind: CheckKind,
    /// The result, the reason and its values.
    pub outcome: RowOutcome,
}

impl Check {
    /// The value called `name`, such as `object` or `offset`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.outcome.params.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What the judges of a signature wrote down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Notes the outcome of a check; a later note never makes an earlier one better.
    pub fn note(&mut self, kind: CheckKind, outcome: RowOutcome) {
        match self.0.iter_mut().find(|check| check.kind == kind) {
            Some(known) if rank(outcome.result) > rank(known.outcome.result) => {
                known.outcome = outcome;
            }
            Some(_) => {}
            None => self.0.push(Check { kind, outcome }),
        }
    }

    /// Notes that a check held.
    pub fn pass(&mut self, kind: CheckKind) {
        self.note(kind, RowOutcome::passed("VALID"));
    }

    fn of(&self, kind: CheckKind) -> Option<&RowOutcome> {
        let found = self.0.iter().find(|check| check.kind == kind);
        found.map(|check| &check.outcome)
    }
}

/// Worst last; what was not reached says less than what was.
const fn rank(result: RowResult) -> u8 {
    match result {
        RowResult::NotChecked => 0,
        RowResult::Passed => 1,
        RowResult::Indeterminate => 2,
        RowResult::Failed => 3,
    }
}

/// Every check of `signature` in order; `second_reader` tells whether a second reader was asked.
#[must_use]
pub fn checks(signature: &SignatureReport, second_reader: bool) -> Vec<Check> {
    let derived = Derived {
        signature,
        second_reader,
    };
    let outcome = |kind: &CheckKind| {
        let noted = signature.checks.of(*kind).cloned();
        Check {
            kind: *kind,
            outcome: noted.unwrap_or_else(|| derived.outcome(*kind)),
        }
    };
    CheckKind::ALL.iter().map(outcome).collect()
}

/// What the rows tell about single checks.
struct Derived<'a> {
    signature: &'a SignatureReport,
    second_reader: bool,
}

fn passed() -> RowOutcome {
    RowOutcome::passed("VALID")
}

fn not_reached() -> RowOutcome {
    RowOutcome::not_checked()
}

const fn is_fault(row: &RowOutcome) -> bool {
    matches!(row.result, RowResult::Failed | RowResult::Indeterminate)
}

impl Derived<'_> {
    fn outcome(&self, kind: CheckKind) -> RowOutcome {
        let rows = &self.signature.rows;
        match kind {
            CheckKind::Container | CheckKind::RevisionChain => passed(),
            CheckKind::SecondReader if !self.second_reader => not_reached(),
            kind if kind <= CheckKind::SecondReader => self.form(kind),
            CheckKind::Modifications => rows.changes.clone(),
            kind if kind <= CheckKind::SignatureValue => self.value(kind),
            CheckKind::Algorithms => self.algorithms(),
            CheckKind::CertificatePath => without(&rows.trust, CheckKind::Algorithms),
            CheckKind::CertificateValidity => rows.time.clone(),
            CheckKind::Revocation => rows.revocation.clone(),
            _ => rows.authority.clone(),
        }
    }

    /// The form is checked in order and stops at the first fault.
    fn form(&self, kind: CheckKind) -> RowOutcome {
        let row = &self.signature.rows.coverage;
        if !is_fault(row) {
            return match row.result {
                RowResult::Passed => passed(),
                _ => not_reached(),
            };
        }
        let broken = reasons::kind_of(row.reason).unwrap_or(CheckKind::SignatureDictionary);
        // The second reader's doubt may stand where one about the certification stood.
        let hidden = broken == CheckKind::SecondReader
            && kind == CheckKind::Certification
            && self.signature.kind == SignatureKind::Certification;
        in_order(kind, broken, row, hidden)
    }

    /// Structure, signer, digest and value are checked in order and stop at the first fault. A
    /// structure that could not be read to its end tells nothing about the rest.
    fn value(&self, kind: CheckKind) -> RowOutcome {
        let row = &self.signature.rows.integrity;
        if !is_fault(row) {
            return match row.result {
                RowResult::Passed => passed(),
                _ => not_reached(),
            };
        }
        let broken = reasons::kind_of(row.reason).unwrap_or(CheckKind::CmsStructure);
        let unread = broken < CheckKind::SigningCertificate || broken == CheckKind::Algorithms;
        // Contradicting algorithms are found before the digest is compared.
        let before_digest =
            kind == CheckKind::MessageDigest && !reasons::is_after_digest(row.reason);
        in_order(kind, broken, row, unread || before_digest)
    }

    fn algorithms(&self) -> RowOutcome {
        let rows = &self.signature.rows;
        let both = [&rows.integrity, &rows.trust];
        let spoken = |row: &&&RowOutcome| {
            is_fault(row) && reasons::kind_of(row.reason) == Some(CheckKind::Algorithms)
        };
        match both.iter().find(spoken) {
            Some(row) => (**row).clone(),
            None if both.iter().all(|row| row.result == RowResult::Passed) => passed(),
            None => not_reached(),
        }
    }
}

/// `kind` in a sequence that broke at `broken`: what stands before passed, unless that is hidden.
fn in_order(kind: CheckKind, broken: CheckKind, row: &RowOutcome, hidden: bool) -> RowOutcome {
    if kind == broken {
        return row.clone();
    }
    if kind < broken && !hidden {
        passed()
    } else {
        not_reached()
    }
}

/// The row, unless its fault belongs to another check.
fn without(row: &RowOutcome, other: CheckKind) -> RowOutcome {
    if is_fault(row) && reasons::kind_of(row.reason) == Some(other) {
        return not_reached();
    }
    row.clone()
}

/// The values of an outcome that say where: an object and a byte of the file.
#[must_use]
pub fn place(params: &Params) -> (Option<&str>, Option<u64>) {
    let value = |name| {
        let found = params.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    };
    (
        value("object"),
        value("offset").and_then(|at| at.parse().ok()),
    )
}

#[cfg(test)]
mod tests;
