//! A case of an attack list: a file, and the verdict and reason it must get.

use std::sync::OnceLock;

use lienthong::domain::clock::Timestamp;
use lienthong::pades::{self, FileVerdict, Policy, Report};
use lienthong::pki::trust::TrustEvidence;
use lienthong::pki::verdict::Indication;

use super::identity::world;

pub(crate) const PASSED: &str = "TOTAL-PASSED";
pub(crate) const FORMAT: &str = "TOTAL-FAILED/FORMAT_FAILURE";
pub(crate) const HASH: &str = "TOTAL-FAILED/HASH_FAILURE";
pub(crate) const CRYPTO: &str = "TOTAL-FAILED/SIG_CRYPTO_FAILURE";

/// One attacked file.
#[derive(Clone)]
pub(crate) struct Case {
    /// What was done, in a few words.
    pub(crate) what: String,
    pub(crate) file: Vec<u8>,
    /// Verdict of the file and its sub-indication.
    pub(crate) verdict: &'static str,
    /// A stable code that must be among the reasons and findings.
    pub(crate) reason: &'static str,
    /// What the verdict may rely on; `None` for the minted world.
    pub(crate) evidence: Option<TrustEvidence>,
}

impl Case {
    /// A file with its verdict and reason.
    pub(crate) fn new(
        what: impl Into<String>,
        file: Vec<u8>,
        verdict: &'static str,
        reason: &'static str,
    ) -> Self {
        Self {
            what: what.into(),
            file,
            verdict,
            reason,
            evidence: None,
        }
    }

    /// A file refused for its form.
    pub(crate) fn format(what: impl Into<String>, file: Vec<u8>, reason: &'static str) -> Self {
        Self::new(what, file, FORMAT, reason)
    }

    /// A file that must pass.
    pub(crate) fn passes(what: impl Into<String>, file: Vec<u8>) -> Self {
        Self::new(what, file, PASSED, "SIGNATURE_INTACT")
    }

    /// Judged with other evidence.
    pub(crate) fn relying_on(self, evidence: TrustEvidence) -> Self {
        let evidence = Some(evidence);
        Self { evidence, ..self }
    }

    /// The judgement.
    pub(crate) fn judged(&self) -> Report {
        let evidence = self.evidence.as_ref().unwrap_or_else(|| evidence());
        judged_with(&self.file, evidence)
    }

    /// What is wrong with the judgement, if anything.
    pub(crate) fn fault(&self) -> Option<String> {
        let report = self.judged();
        let (found, codes) = (verdict(&report), codes(&report));
        if found == self.verdict && codes.contains(&self.reason) {
            return None;
        }
        let (what, expected, reason) = (&self.what, self.verdict, self.reason);
        Some(format!(
            "{what}: expected {expected} for {reason}, found {found} for {codes:?}"
        ))
    }
}

/// The instant of every judgement.
pub(crate) fn now() -> Timestamp {
    "2026-01-05T03:41:07Z".parse().unwrap()
}

/// Trust in the minted root, and its revocation list.
pub(crate) fn evidence() -> &'static TrustEvidence {
    static EVIDENCE: OnceLock<TrustEvidence> = OnceLock::new();
    EVIDENCE.get_or_init(|| evidence_of(&world().root.certificate, &[&world().crl]))
}

/// Trust in a root, with revocation data.
pub(crate) fn evidence_of(root: &[u8], revocation: &[&[u8]]) -> TrustEvidence {
    let mut evidence = TrustEvidence::default();
    evidence.add_trust(root).unwrap();
    for one in revocation {
        evidence.add_revocation(one).unwrap();
    }
    evidence
}

/// The judgement of `bytes` in the minted world under the standard policy.
pub(crate) fn judged(bytes: &[u8]) -> Report {
    judged_with(bytes, evidence())
}

/// The judgement with other evidence.
pub(crate) fn judged_with(bytes: &[u8], evidence: &TrustEvidence) -> Report {
    let source = bytes.to_vec();
    pades::verify(
        &source,
        "file.pdf",
        evidence,
        &Policy::standard(),
        None,
        now(),
    )
}

/// Verdict and sub-indication in one text.
pub(crate) fn verdict(report: &Report) -> String {
    match report.sub_indication {
        Some(sub) => format!("{}/{sub}", report.verdict),
        None => report.verdict.to_string(),
    }
}

/// Whether the file passed.
pub(crate) fn passes(report: &Report) -> bool {
    report.verdict == FileVerdict::Judged(Indication::TotalPassed)
}

/// Every reason of a row and every check of a finding; without either the verdict itself.
pub(crate) fn codes(report: &Report) -> Vec<&'static str> {
    let rows = report.signatures.iter().flat_map(|one| one.rows.named());
    let findings = report.findings.iter().map(|finding| finding.check);
    let mut codes: Vec<_> = rows.map(|(_, row)| row.reason).chain(findings).collect();
    if report.verdict == FileVerdict::NoSignature {
        codes.push("NO-SIGNATURE");
    }
    codes
}
