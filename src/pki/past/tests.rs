//! What was good when the signature is proven to have existed, and what is proven by then.

use super::*;
use crate::pki::algorithm::Catalogue;
use crate::pki::path::{Freshness, Purpose, validate};
use crate::pki::testing::{Draft, Entity, at, authority, list, signer};
use crate::pki::testing_world::{assert_verdict, verdict};
use crate::pki::trust::TrustEvidence;

const NOW: &str = "2028-01-01";
const NO_POE: &str = "INDETERMINATE/NO_POE";

/// A signer whose certificate ends in 2027, and lists of 2026 that are good until 2035.
struct Archive {
    ca: Entity,
    leaf: Entity,
    evidence: TrustEvidence,
    proofs: Proofs,
    freshness: Freshness,
}

fn archive_with(root: &Entity, ca: Draft<'_>, leaf: Draft<'_>) -> Archive {
    let ca = ca.under(root).make();
    let mut leaf = leaf;
    leaf.until = "20270101000000Z".to_owned();
    let leaf = leaf.under(&ca).make();
    let lists = [root, &ca].map(|issuer| {
        let mut draft = list(issuer);
        draft.this_update = "20260301000000Z";
        draft.next_update = Some("20350101000000Z");
        draft.make()
    });
    let evidence = TrustEvidence {
        anchors: vec![root.certificate.clone()],
        intermediates: vec![ca.certificate.clone()],
        crls: lists.to_vec(),
        ocsp: Vec::new(),
        ..TrustEvidence::default()
    };
    let mut archive = Archive {
        ca,
        leaf,
        evidence,
        proofs: Proofs::default(),
        freshness: Freshness::NextUpdate,
    };
    archive.prove_all("2026-04-01");
    archive
}

fn archive() -> Archive {
    archive_with(&authority("Root").make(), authority("CA"), signer("Leaf"))
}

impl Archive {
    fn prove_all(&mut self, day: &str) {
        let certificates = [&self.leaf.certificate, &self.ca.certificate];
        let lists = self.evidence.crls.iter().map(|crl| crl.sha256());
        for object in lists.chain(certificates.map(Certificate::sha256)) {
            self.proofs.add(object, at(day));
        }
    }

    fn replace_list(&mut self, position: usize, draft: &crate::pki::testing::ListDraft<'_>) {
        let mut draft = draft.clone();
        draft.this_update = "20260301000000Z";
        draft.next_update = Some("20350101000000Z");
        self.evidence.crls[position] = draft.make();
        self.prove_all("2026-04-01");
    }

    fn question(&self) -> Question<'_> {
        Question {
            leaf: &self.leaf.certificate,
            bag: &[],
            evidence: &self.evidence,
            purpose: Purpose::DocumentSigning,
            at: at(NOW),
            freshness: self.freshness,
            catalogue: Catalogue::built_in(),
        }
    }

    fn judge(&self, signed: &str) -> PathReport {
        validate_past(&self.question(), &self.proofs, at(signed))
    }
}

#[test]
fn a_certificate_that_expired_since_passes_with_proof() {
    let archive = archive();
    let now = validate(&archive.question());
    assert_verdict(&now, "INDETERMINATE/OUT_OF_BOUNDS_NOT_REVOKED", "EXPIRED");
    let past = archive.judge("2026-02-01");
    assert_verdict(&past, "TOTAL-PASSED", "VALID");
    assert_eq!(past.control_time, at("2027-01-01"));
    assert_eq!(
        past.time.params,
        [
            ("control_time", "2027-01-01T00:00:00Z".to_owned()),
            ("best_signature_time", "2026-02-01T00:00:00Z".to_owned()),
        ]
    );
}

#[test]
fn a_signature_proven_only_after_the_end_does_not_pass() {
    let report = archive().judge("2027-01-02");
    let out = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";
    assert_eq!(verdict(&report).0, out);
    assert_eq!(report.revocation.reason, "EXPIRED_BEFORE_PROOF");
}

#[test]
fn a_signature_from_before_the_certificate_fails() {
    let report = archive().judge("2019-01-01");
    assert_verdict(&report, "TOTAL-FAILED/NOT_YET_VALID", "NOT_YET_VALID");
}

#[test]
fn a_certificate_revoked_since_passes_with_proof_from_before() {
    let mut archive = archive();
    // The drafts revoke as of 2024-06-01.
    let ca = archive.ca.clone();
    archive.replace_list(1, &list(&ca).revoking(&archive.leaf.clone(), 1));
    let before = archive.judge("2024-05-31");
    assert_verdict(&before, "TOTAL-PASSED", "VALID");
    assert_eq!(before.control_time, at("2024-06-01"));
    let after = archive.judge("2024-06-02");
    let revoked = "INDETERMINATE/REVOKED_NO_POE";
    assert_verdict(&after, revoked, "REVOKED_BEFORE_PROOF");
}

#[test]
fn a_revoked_authority_needs_everything_below_it_proven_before() {
    let root = authority("Root").make();
    let mut archive = archive_with(&root, authority("CA"), signer("Leaf"));
    let ca = archive.ca.clone();
    archive.replace_list(0, &list(&root).revoking(&ca, 1));
    let revoked = "INDETERMINATE/REVOKED_CA_NO_POE";
    let report = archive.judge("2024-05-31");
    assert_verdict(&report, revoked, "CA_REVOKED_BEFORE_PROOF");
    let mut early = list(&ca);
    early.this_update = "20240501000000Z";
    early.next_update = Some("20240701000000Z");
    archive.evidence.crls[1] = early.make();
    archive.prove_all("2024-05-15");
    assert_verdict(&archive.judge("2024-05-14"), "TOTAL-PASSED", "VALID");
    assert_verdict(
        &archive.judge("2024-06-02"),
        revoked,
        "CA_REVOKED_BEFORE_PROOF",
    );
}

#[test]
fn data_without_proof_counts_as_existing_since_now() {
    let mut archive = archive();
    let mut root_ends = authority("Root");
    root_ends.until = "20270601000000Z".to_owned();
    archive.proofs = Proofs::default();
    assert_verdict(&archive.judge("2026-02-01"), "TOTAL-PASSED", "VALID");
    let mut archive = archive_with(&root_ends.make(), authority("CA"), signer("Leaf"));
    assert_verdict(&archive.judge("2026-02-01"), "TOTAL-PASSED", "VALID");
    archive.proofs = Proofs::default();
    let out = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE";
    assert_verdict(&archive.judge("2026-02-01"), out, "EXPIRED_BEFORE_PROOF");
}

#[test]
fn data_that_is_no_longer_new_slides_back_to_when_it_was() {
    let mut archive = archive();
    let mut short = list(&archive.ca);
    short.this_update = "20260301000000Z";
    short.next_update = Some("20260308000000Z");
    archive.evidence.crls[1] = short.make();
    archive.prove_all("2026-03-02");
    let report = archive.judge("2026-02-01");
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
    assert_eq!(report.control_time, at("2026-03-08"));
    let late = archive.judge("2026-03-09");
    assert_verdict(&late, NO_POE, "NO_PROOF_OF_EXISTENCE");
}

#[test]
fn data_from_before_the_signature_is_not_enough_for_agencies() {
    let mut archive = archive();
    archive.freshness = Freshness::SignedAfter {
        best_signature_time: at("2026-03-10"),
        within_seconds: 86_400,
    };
    let report = archive.judge("2026-03-10");
    assert_verdict(&report, NO_POE, "NO_PROOF_OF_EXISTENCE");
    archive.freshness = Freshness::SignedAfter {
        best_signature_time: at("2026-02-10"),
        within_seconds: 86_400,
    };
    assert_verdict(&archive.judge("2026-02-10"), "TOTAL-PASSED", "VALID");
}

#[test]
fn data_issued_after_the_end_says_nothing_about_an_expired_certificate() {
    let mut archive = archive();
    let mut late = list(&archive.ca);
    late.this_update = "20270102000000Z";
    late.next_update = Some("20350101000000Z");
    archive.evidence.crls[1] = late.make();
    let report = archive.judge("2026-02-01");
    assert_verdict(&report, NO_POE, "NO_PROOF_OF_EXISTENCE");
}

#[test]
fn without_data_one_may_try_later() {
    let mut archive = archive();
    archive.evidence.crls.truncate(1);
    let report = archive.judge("2026-02-01");
    assert_verdict(&report, "INDETERMINATE/TRY_LATER", "NO_REVOCATION_DATA");
}

#[test]
fn an_algorithm_that_ended_since_needs_proof_from_before() {
    let table = br#"{"schema":"lienthong-algorithms/1","name":"own","curves":[{"name":"P-256"}],
        "digests":[{"name":"SHA-256","until":"2026-06-01"}],
        "schemes":[{"name":"ECDSA","keys":[{"from_bits":256}]}]}"#;
    let table = Catalogue::from_json(table).unwrap();
    let judge = |archive: &Archive| {
        let mut question = archive.question();
        question.catalogue = &table;
        let now = validate(&question);
        assert_eq!(now.trust.reason, "ALGORITHM_ENDED");
        validate_past(&question, &archive.proofs, at("2026-02-01"))
    };
    let mut archive = archive();
    let report = judge(&archive);
    assert_verdict(&report, "TOTAL-PASSED", "VALID");
    assert_eq!(report.control_time, at("2026-06-01"));
    archive.proofs = Proofs::default();
    let ended = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
    let report = judge(&archive);
    assert_verdict(&report, ended, "ALGORITHM_ENDED_BEFORE_PROOF");
}

/// Signatures with SHA-256 are not relied on from this day.
fn ended(day: &str) -> Catalogue {
    let table = format!(
        r#"{{"schema":"lienthong-algorithms/1","name":"own","curves":[{{"name":"P-256"}}],
        "digests":[{{"name":"SHA-256","until":"{day}"}}],
        "schemes":[{{"name":"ECDSA","keys":[{{"from_bits":256}}]}}]}}"#
    );
    Catalogue::from_json(table.as_bytes()).unwrap()
}

#[test]
fn data_may_be_made_up_once_its_algorithm_has_ended() {
    let mut archive = archive();
    let table = ended("2027-06-01");
    let judge = |archive: &Archive| {
        let mut question = archive.question();
        question.catalogue = &table;
        validate_past(&question, &archive.proofs, at("2026-02-01"))
    };
    assert_verdict(&judge(&archive), "TOTAL-PASSED", "VALID");
    // The certificates are proven, the lists are not: they may be from after the end.
    archive.proofs = Proofs::default();
    for certificate in [&archive.leaf, &archive.ca] {
        let digest = certificate.certificate.sha256();
        archive.proofs.add(digest, at("2026-04-01"));
    }
    let report = judge(&archive);
    let refused = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
    assert_verdict(&report, refused, "ALGORITHM_ENDED_BEFORE_PROOF");
}

#[test]
fn an_anchor_no_longer_trusted_is_good_for_what_is_older() {
    use crate::pki::trust::TrustWindow;
    let mut archive = archive();
    let anchor = archive.evidence.anchors[0].sha256();
    let until = Some(at("2026-06-01"));
    let window = TrustWindow { from: None, until };
    archive.evidence.windows.insert(anchor, window);
    let sunset = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND_NO_POE";
    let now = validate(&archive.question());
    assert_verdict(&now, sunset, "ANCHOR_OUT_OF_TRUST");
    assert_verdict(&archive.judge("2026-02-01"), "TOTAL-PASSED", "VALID");
    assert_verdict(&archive.judge("2026-06-02"), sunset, "ANCHOR_OUT_OF_TRUST");
    archive.proofs = Proofs::default();
    let unproven = archive.judge("2026-02-01");
    assert_verdict(&unproven, sunset, "ANCHOR_ENDED_BEFORE_PROOF");
}

#[test]
fn an_anchor_not_yet_trusted_is_not_believed() {
    use crate::pki::trust::TrustWindow;
    let mut archive = archive();
    let anchor = archive.evidence.anchors[0].sha256();
    let from = Some(at("2026-03-01"));
    let window = TrustWindow { from, until: None };
    archive.evidence.windows.insert(anchor, window);
    let sunset = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND_NO_POE";
    assert_verdict(&archive.judge("2026-02-01"), sunset, "ANCHOR_OUT_OF_TRUST");
    assert_verdict(&archive.judge("2026-03-01"), "TOTAL-PASSED", "VALID");
}
