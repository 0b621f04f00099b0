//! A list signed with another key of the authority, right and hostile.

use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::path::{PathReport, Purpose, validate_path};
use crate::pki::testing::{Draft, Entity, at, authority, list, signer};
use crate::pki::trust::TrustEvidence;

/// An authority that has a second certificate with a key for its lists.
struct World {
    root: Entity,
    ca: Entity,
    leaf: Entity,
}

impl World {
    fn new() -> Self {
        let root = authority("Root").make();
        let ca = authority("CA").under(&root).make();
        let leaf = signer("Leaf").under(&ca).make();
        Self { root, ca, leaf }
    }

    /// The leaf judged with what the root says, `lists`, and the certificates of `others`.
    fn judge(&self, others: &[&Entity], lists: Vec<Crl>) -> PathReport {
        let certificates = others.iter().map(|one| one.certificate.clone());
        let ca: Vec<Certificate> = vec![self.ca.certificate.clone()];
        let evidence = TrustEvidence {
            anchors: vec![self.root.certificate.clone()],
            intermediates: ca.into_iter().chain(certificates).collect(),
            crls: [vec![list(&self.root).make()], lists].concat(),
            ..TrustEvidence::default()
        };
        let (leaf, now) = (&self.leaf.certificate, at("2026-01-01"));
        validate_path(leaf, &[], &evidence, Purpose::DocumentSigning, now)
    }
}

/// A certificate of the authority for signing its lists.
fn of_lists<'a>() -> Draft<'a> {
    let mut draft = signer("CA").with("keyUsage", "critical,cRLSign");
    draft.serial = 77;
    draft
}

fn refused(report: &PathReport) -> (&'static str, &str) {
    let mut params = report.revocation.params.iter();
    let why = params.find(|(name, _)| *name == "refused");
    let why = why.map_or("", |(_, why)| why.as_str());
    (report.revocation.reason, why)
}

fn assert_refused(world: &World, others: &[&Entity], signed_by: &Entity, why: &str) {
    let report = world.judge(others, vec![list(signed_by).make()]);
    assert_eq!(refused(&report), ("REVOCATION_NOT_ACCEPTED", why));
}

#[test]
fn a_certificate_for_lists_beside_that_of_the_authority_is_believed() {
    let world = World::new();
    let lists = of_lists().under(&world.root).make();
    let report = world.judge(&[&lists], vec![list(&lists).make()]);
    assert_eq!(refused(&report), ("GOOD", ""));
    let revoking = list(&lists).revoking(&world.leaf, 1).make();
    let report = world.judge(&[&lists], vec![revoking]);
    assert_eq!(refused(&report), ("REVOKED", ""));
}

#[test]
fn a_certificate_for_lists_that_the_authority_gave_itself_needs_a_list_of_its_first_key() {
    let world = World::new();
    let lists = of_lists().under(&world.ca).make();
    assert_refused(&world, &[&lists], &lists, "CRL_SIGNER_REVOCATION_UNKNOWN");
    let of_both = vec![list(&lists).make(), list(&world.ca).make()];
    assert_eq!(refused(&world.judge(&[&lists], of_both)), ("GOOD", ""));
}

#[test]
fn the_key_before_or_after_a_change_signs_lists_while_the_path_holds_it() {
    let mut world = World::new();
    let new = authority("CA").under(&world.ca).make();
    world.leaf = signer("Leaf").under(&new).make();
    let report = world.judge(&[&new], vec![list(&world.ca).make()]);
    assert_eq!(refused(&report), ("GOOD", ""));
    assert_eq!(report.chain.len(), 4);
}

#[test]
fn a_key_of_an_authority_of_the_same_name_below_another_anchor_is_not_believed() {
    let world = World::new();
    let other = authority("Root").make();
    let twin = of_lists().under(&other).make();
    let foreign = [list(&twin).make(), list(&other).make()];
    for others in [vec![&twin], vec![&twin, &other]] {
        let report = world.judge(&others, foreign.to_vec());
        assert_eq!(refused(&report).1, "CRL_SIGNER_NOT_OF_PATH");
    }
}

#[test]
fn a_key_that_an_authority_beside_the_path_gave_away_is_not_believed() {
    let world = World::new();
    let beside = authority("Beside").under(&world.root).make();
    let twin = of_lists().under(&beside).make();
    let others = [&twin, &beside];
    assert_refused(&world, &others, &twin, "CRL_SIGNER_NOT_OF_PATH");
}

#[test]
fn a_certificate_that_may_not_sign_lists_does_not() {
    let world = World::new();
    let usage = |usage: &str| of_lists().with("keyUsage", usage).under(&world.root).make();
    let plain = usage("critical,digitalSignature,keyCertSign");
    let silent = of_lists().without("keyUsage").under(&world.root).make();
    for other in [plain, silent] {
        assert_refused(&world, &[&other], &other, "CRL_SIGNER_WITHOUT_CRL_SIGN");
    }
}

#[test]
fn a_revoked_certificate_signs_no_lists() {
    let world = World::new();
    let lists = of_lists().under(&world.root).make();
    let crls = vec![
        list(&world.root).revoking(&lists, 1).make(),
        list(&lists).make(),
    ];
    let report = world.judge(&[&lists], crls);
    let expected = ("REVOCATION_NOT_ACCEPTED", "CRL_SIGNER_REVOKED");
    assert_eq!(refused(&report), expected);
}

#[test]
fn a_certificate_signs_lists_within_its_validity() {
    let world = World::new();
    let valid = |from: &str, until: &str| {
        let mut draft = of_lists().under(&world.root);
        (draft.from, draft.until) = (from.to_owned(), until.to_owned());
        draft.make()
    };
    for other in [
        valid("20200101000000Z", "20251231000000Z"),
        valid("20260102000000Z", "20300101000000Z"),
        valid("20251231000000Z", "20300101000000Z"),
    ] {
        assert_refused(&world, &[&other], &other, "CRL_SIGNER_OUT_OF_VALIDITY");
    }
}

#[test]
fn nobody_speaks_for_himself_under_a_name_of_the_authority() {
    let mut world = World::new();
    let lists = of_lists().under(&world.root).make();
    let own = signer("Leaf").under(&world.ca).key(lists.key.clone());
    world.leaf = own.make();
    assert_refused(&world, &[&lists], &lists, "CRL_SIGNER_IS_SUBJECT");
}

#[test]
fn two_certificates_for_lists_do_not_vouch_for_each_other() {
    let world = World::new();
    let one = of_lists().under(&world.ca).make();
    let mut other = of_lists().under(&world.ca);
    other.serial = 78;
    let other = other.make();
    let lists = vec![list(&one).make(), list(&other).make()];
    let report = world.judge(&[&one, &other], lists);
    assert_eq!(refused(&report).1, "CRL_SIGNER_REVOCATION_UNKNOWN");
}

#[test]
fn a_certificate_of_an_odd_form_signs_no_lists() {
    let world = World::new();
    let odd = of_lists().with("1.2.3.4", "critical,DER:0500");
    let odd = odd.under(&world.root).make();
    assert_refused(&world, &[&odd], &odd, "CRL_SIGNER_REFUSED");
}
