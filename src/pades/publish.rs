//! The program's own checks around a signature it makes: before the key acts, that what the file
//! carries holds and will go on to hold; afterwards, that the finished file says what was signed.

use super::Error;
use super::policy::Policy;
use super::prepare::Tail;
use super::report::{ChangeReport, FileVerdict, Report, SignatureReport};
use crate::cms::{self, AttributeProfile};
use crate::domain::clock::Timestamp;
use crate::pdf::{self, ByteSource, Document, Extended, FieldValue, Slot};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Indication, RowResult};

/// Checks the finished file `whole`: read again strictly, its last revision carries in its field
/// exactly the structure that was made, covered to the last byte.
///
/// The digest is not computed again: the bytes were hashed while the signature was prepared, and
/// attributes and value were verified with the signer's public key before they were embedded;
/// here they are compared byte by byte. Trust is not asked for: the signer need not hold the roots
/// the recipient relies on.
///
/// # Errors
/// [`Error::SelfCheckFailed`]; the result must be thrown away.
pub fn check_own(whole: &dyn ByteSource, tail: &Tail) -> Result<(), Error> {
    let failed = |code| Error::SelfCheckFailed { code };
    let of_pdf = |fault: pdf::Error| failed(fault.code());
    let document = Document::open(whole).map_err(of_pdf)?;
    let view = document.latest();
    let fields = pdf::fields(&view).map_err(of_pdf)?;
    let mut held = fields
        .signatures
        .iter()
        .filter(|one| one.name == tail.field);
    let (Some(field), None) = (held.next(), held.next()) else {
        return Err(failed("FIELD_INVALID"));
    };
    let FieldValue::Signature(id) = field.value else {
        return Err(failed("FIELD_INVALID"));
    };
    let found = pdf::signature(&view, id).map_err(of_pdf)?;
    let last = document.revisions().len().saturating_sub(1);
    let complete = found.end == whole.size() && document.trailing_bytes() == 0;
    if found.revision != last || !complete || found.spaced {
        return Err(failed("REVISION_END"));
    }
    if (found.hole_start, found.hole_end) != tail.made.hole {
        return Err(failed("BYTE_RANGE_GAP"));
    }
    check_structure(&found.contents, tail)
}

/// Whether `contents` reads as the attributes and the value that were verified.
fn check_structure(contents: &[u8], tail: &Tail) -> Result<(), Error> {
    let failed = |code| Error::SelfCheckFailed { code };
    let of_cms = |fault: cms::Error| failed(fault.code());
    let signed = cms::parse_knowing(contents, &tail.made.certificates).map_err(of_cms)?;
    let signer = signed.signer(AttributeProfile::Cades).map_err(of_cms)?;
    let same = signed.signed_attributes() == tail.made.attributes
        && signed.signature() == tail.made.signature
        && signer == tail.made.signer;
    if same {
        Ok(())
    } else {
        Err(failed("CONTENTS_INVALID"))
    }
}

/// Whether another reader sees the same pages and fields in a file without signatures. Where two
/// readers disagree, nobody knows what would be signed.
///
/// # Errors
/// [`Error::ReadersDisagree`].
pub(super) fn check_readers(document: &Document<'_>) -> Result<(), Error> {
    let pages = pdf::page_ids(&document.latest())?.len();
    match pdf::disagreement(document, pages)? {
        None => Ok(()),
        Some(pdf::Disagreement { own, other }) => Err(Error::ReadersDisagree { own, other }),
    }
}

/// Judges the signatures `source` carries as they will stand with `slot`, whose hole is still empty:
/// nothing broken may be hidden, and nothing intact may be broken.
///
/// # Errors
/// [`Error::EarlierSignatureBroken`] or [`Error::WouldBreakEarlier`].
pub(super) fn check_earlier(
    source: &dyn ByteSource,
    slot: &Slot,
    at: Timestamp,
) -> Result<(), Error> {
    let whole = Extended {
        head: source,
        tail: &slot.tail,
    };
    let Some(code) = broken(&whole, Some(&slot.field), at) else {
        return Ok(());
    };
    match broken(source, None, at) {
        Some(code) => Err(Error::EarlierSignatureBroken { code }),
        None => Err(Error::WouldBreakEarlier { code }),
    }
}

/// The reason of the first signature that failed, other than the one in `own`.
fn broken(source: &dyn ByteSource, own: Option<&str>, at: Timestamp) -> Option<&'static str> {
    let none = TrustEvidence::default();
    let report = super::verify(source, "", &none, &Policy::standard(), None, at);
    let others = report
        .signatures
        .iter()
        .filter(|one| Some(one.field.as_str()) != own);
    let failed = others
        .filter(|one| one.indication == Indication::TotalFailed && !only_awaits(one, own))
        .map(reason)
        .next();
    failed.or_else(|| unread(&report))
}

/// Why a signature fails: the rule that forbids a change, else the row that decided.
fn reason(failed: &SignatureReport) -> &'static str {
    let mut changes = failed.modifications_list.iter();
    let forbidden = changes.find_map(|one| one.refused.filter(|code| *code != AWAITED));
    forbidden.unwrap_or_else(|| failed.reason())
}

/// What every change is refused for that waits for its signature.
const AWAITED: &str = "ADDED_SIGNATURE_BROKEN";

/// Whether a signature fails for nothing but that the one in the field `own` is not made yet.
fn only_awaits(failed: &SignatureReport, own: Option<&str>) -> bool {
    let rows = failed.rows.named();
    let elsewhere = rows
        .iter()
        .any(|(name, row)| *name != "changes" && row.result == RowResult::Failed);
    let awaited = |one: &ChangeReport| match one.refused {
        None => true,
        Some(code) => code == AWAITED && own.is_some() && one.change.field.as_deref() == own,
    };
    !elsewhere && failed.modifications_list.iter().all(awaited)
}

/// Why the file as a whole cannot be judged, if so.
fn unread(report: &Report) -> Option<&'static str> {
    let judged = matches!(report.verdict, FileVerdict::Judged(_));
    if judged && !report.signatures.is_empty() {
        return None;
    }
    let found = report.findings.first();
    Some(found.map_or("UNREADABLE", |finding| finding.check))
}
