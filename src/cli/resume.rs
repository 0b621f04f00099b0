//! A batch taken up again: what an earlier run finished is recognised and left alone.

use std::path::Path;

use super::file_source::FileSource;
use super::sign::Signed;
use super::sign_options::Plan;
use crate::domain::clock::rfc3339;
use crate::keystore::Signer as _;
use crate::pades::levels::Level;
use crate::pades::{self, ByteSource, HashedHead, Policy};
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Indication, RowResult};

/// The file at `output`, if it is `source` byte for byte followed by one intact signature of this
/// key that covers everything; anything else is not what this run would make.
pub(super) fn already(plan: &Plan, source: &FileSource, output: &Path) -> Option<Signed> {
    let made = FileSource::open(output).ok()?;
    let head = Head {
        file: &made,
        size: source.size(),
    };
    let digest = |bytes: &dyn ByteSource| {
        let head = HashedHead::of(bytes, DigestAlgorithm::Sha256).ok()?;
        Some(head.finish_with(&[]))
    };
    if made.size() <= source.size() || digest(&head)? != digest(source)? {
        return None;
    }
    let none = TrustEvidence::default();
    let report = pades::verify(&made, "", &none, &Policy::standard(), None, plan.at);
    let last = report.signatures.last()?;
    let own = last.signer.as_ref()? == plan.key.certificate();
    let intact = last.rows.integrity.result == RowResult::Passed
        && last.rows.coverage.result == RowResult::Passed
        && last.covers_whole_document
        && report
            .signatures
            .iter()
            .all(|one| one.indication != Indication::TotalFailed);
    // A file of a lower level is not what this run would make.
    let level = plan.level == Level::Basic || last.level == Some(plan.level.name());
    (own && intact && level).then(|| Signed {
        field: last.field.clone(),
        sha256: report
            .sha256
            .map(|sha256| sha256.to_string())
            .unwrap_or_default(),
        size_bytes: report.size_bytes,
        claimed_time: last.claimed_time.map(rfc3339).unwrap_or_default(),
        kept: true,
        level: plan.level.name(),
        noticed: pades::LintReport {
            readable: true,
            findings: Vec::new(),
        },
    })
}

/// The first bytes of a file.
struct Head<'f> {
    file: &'f FileSource,
    size: u64,
}

impl ByteSource for Head<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        self.file.read_at(offset, into)
    }
}
