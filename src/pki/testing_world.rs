//! A small world of certificates for tests of paths: a root, a CA, and lists that revoke nothing.

use super::path::{PathReport, Purpose, validate_path};
use super::testing::{Draft, Entity, at, authority, list, signer};
use super::trust::TrustEvidence;

pub(crate) const DAY: &str = "2026-01-01";

/// A root and an issuing CA under it, both with a list that revokes nothing.
pub(crate) struct World {
    pub(crate) root: Entity,
    pub(crate) ca: Entity,
    pub(crate) evidence: TrustEvidence,
}

pub(crate) fn world() -> World {
    world_with(authority("Root"), authority("CA"))
}

pub(crate) fn world_with(root: Draft<'_>, ca: Draft<'_>) -> World {
    let root = root.make();
    let ca = ca.under(&root).make();
    let evidence = TrustEvidence {
        anchors: vec![root.certificate.clone()],
        intermediates: vec![ca.certificate.clone()],
        crls: vec![list(&root).make(), list(&ca).make()],
        ocsp: Vec::new(),
        ..TrustEvidence::default()
    };
    World { root, ca, evidence }
}

pub(crate) fn judge(world: &World, leaf: &Draft<'_>) -> PathReport {
    let leaf = leaf.make();
    validate_path(
        &leaf.certificate,
        &[],
        &world.evidence,
        Purpose::DocumentSigning,
        at(DAY),
    )
}

pub(crate) fn verdict(report: &PathReport) -> (String, &'static str) {
    let sub = report
        .sub_indication
        .map_or(String::new(), |sub| format!("/{sub}"));
    (format!("{}{sub}", report.indication), report.reason())
}

pub(crate) fn assert_verdict(report: &PathReport, expected: &str, reason: &str) {
    assert_eq!(
        verdict(report),
        (expected.to_owned(), reason),
        "{report:#?}"
    );
}

pub(crate) const GENERAL: &str = "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE";
pub(crate) const USAGE: &str = "INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE";
pub(crate) const WEAK: &str = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
pub(crate) const NO_PATH: &str = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND";

pub(crate) fn assert_leaf(
    change: impl FnOnce(Draft<'_>) -> Draft<'_>,
    expected: &str,
    reason: &str,
) {
    let world = world();
    let leaf = change(signer("Leaf").under(&world.ca));
    assert_verdict(&judge(&world, &leaf), expected, reason);
}

pub(crate) fn assert_ca(change: impl FnOnce(Draft<'_>) -> Draft<'_>, expected: &str, reason: &str) {
    let world = world_with(authority("Root"), change(authority("CA")));
    assert_verdict(
        &judge(&world, &signer("Leaf").under(&world.ca)),
        expected,
        reason,
    );
}
