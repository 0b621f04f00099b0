//! The program's own check of a signature it made, before anybody else sees it.

use super::Error;
use super::policy::Policy;
use super::report::{FileVerdict, Report};
use crate::domain::clock::Timestamp;
use crate::pdf::ByteSource;
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Indication, RowResult};

/// Judges the finished file `whole` and gives the report if the signature in `field` is intact,
/// covers everything, and no signature of the file fails. Trust is not demanded: the signer need
/// not hold the roots the recipient relies on.
///
/// # Errors
/// [`Error::EarlierSignatureBroken`] or [`Error::SelfCheckFailed`]; the result must be thrown away.
pub fn check_own(
    whole: &dyn ByteSource,
    field: &str,
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Result<Report, Error> {
    let report = super::verify(whole, field, evidence, &Policy::standard(), None, at);
    let (own, earlier): (Vec<_>, Vec<_>) = report
        .signatures
        .iter()
        .partition(|signature| signature.field == field);
    let fails = |indication: Indication, integrity: RowResult| {
        indication == Indication::TotalFailed || integrity != RowResult::Passed
    };
    let structure = || {
        report
            .findings
            .first()
            .map_or("UNREADABLE", |finding| finding.check)
    };
    let [own] = own.as_slice() else {
        return Err(Error::SelfCheckFailed { code: structure() });
    };
    let broken = |one: &&&super::SignatureReport| one.indication == Indication::TotalFailed;
    if let Some(broken) = earlier.iter().find(broken) {
        return Err(Error::EarlierSignatureBroken {
            code: broken.reason(),
        });
    }
    let doubtful = own.rows.coverage.result != RowResult::Passed;
    if fails(own.indication, own.rows.integrity.result) || doubtful || !own.covers_whole_document {
        return Err(Error::SelfCheckFailed { code: own.reason() });
    }
    match report.verdict {
        FileVerdict::Judged(_) => Ok(report),
        FileVerdict::NoSignature | FileVerdict::Unreadable => {
            Err(Error::SelfCheckFailed { code: structure() })
        }
    }
}
